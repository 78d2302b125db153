// The reader's side: asking an owner under a permit, and keeping what it shows. It promises that
// nothing is taken for true that the ledger does not bind: the answer is signed by the owner's key
// in force, opens exactly the commitments that stand under the permit's generations, and shows the
// fields that were asked for. What was received is durable before it is acknowledged.
import { decodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { decodeStrict, isMembers, isRefusal, refuse } from '#ledger/command'
import type { Refusal } from '#ledger/command'
import type { KeyStore } from '#adapters/keys'
import { decryptWith } from '#adapters/keys'
import type {
  Expected,
  Facts,
  HeldName,
  PermitFacts,
  ShownRecord,
  ShownRecords,
} from '#apps/node/disclosure'
import {
  acknowledgementTyp,
  bodyMax,
  hashOf,
  readAnswer,
  readBody,
  signStatement,
  statementMax,
} from '#apps/node/disclosure'
import { receiptsMax } from '#domains/sharing'
import type { LedgerPort } from '#apps/node/ledger-port'
import type { Peers } from './peers.ts'
import {
  acknowledgementId,
  acknowledgementRecord,
  idFrom,
  keptAcknowledgement,
  openHeaders,
  putOnce,
} from './records.ts'
import type { GatewayVault, KeptAcknowledgement, VaultRecord } from './records.ts'
import { Turns } from './turns.ts'

export type ReaderParts = {
  readonly port: LedgerPort
  readonly keys: KeyStore
  readonly vault: GatewayVault
  readonly facts: Facts
  readonly peers: Peers
  /** Our clock and ledger time, whichever is later, in milliseconds. */
  readonly now: () => number
  readonly report: (event: string, code: string) => void
  /** Something was shown under a permit, and is durable. */
  readonly shown: (permit: number) => void
  /** Between two attempts to acknowledge what an owner did not take, milliseconds. */
  readonly everyMs: number
}

/** What is asked of an owner. */
export type Question = {
  readonly permit: number
  readonly owner: string
  readonly names: readonly string[]
}

/** What an owner showed, or why it did not. */
export type Shown = { readonly records: ShownRecords } | { readonly declined: string }

/** Longest answer over the wire, bytes. */
const answerMax = Math.ceil((bodyMax * 4) / 3) + statementMax + 4_096
const acknowledgeWithinMs = 5_000
/** How long a stop waits for acknowledgements on their way, milliseconds. */
const stopMs = 500

/** Asks, verifies, keeps and acknowledges. */
export class Reader {
  readonly #parts: ReaderParts
  /** Acknowledgements that no owner has taken yet. */
  readonly #open: Map<string, KeptAcknowledgement> = new Map()
  readonly #sending: Map<string, Promise<unknown>> = new Map()
  readonly #turns: Turns = new Turns()
  /** Attempts since an owner took one. */
  #failures = 0
  #timer: NodeJS.Timeout | null = null
  #closed = false

  constructor(parts: ReaderParts) {
    this.#parts = parts
  }

  /** Acknowledgements on their way. */
  get open(): number {
    return this.#open.size
  }

  /**
   * Asks an owner; what comes back was verified and is durable. Never rejects for a peer. A desk
   * and its robot that ask under one permit at once are given one answer, which is kept once.
   */
  ask(question: Question): Promise<Shown> {
    return this.#turns.take(keyOf(question), () => this.#ask(question))
  }

  async #ask(question: Question): Promise<Shown> {
    const { port, facts, peers, now } = this.#parts
    const permit = facts.permit(question.permit)
    if (permit === undefined || permit.reader !== port.member) return no('node/no-permit')
    const names = [...new Set([...question.names, ...slotsOf(permit, question.owner)])].toSorted()
    const before = this.#received({ ...question, names }, permit)
    if (before !== null) return { records: before }
    const withinMs = permit.answerBy - now()
    if (withinMs <= 0) return no('node/permit-late')
    const text = encodeCanonical({ permit: question.permit, names })
    const post = { path: '/v1/disclosures', text, withinMs, bytesMax: answerMax }
    const answered = await peers.post(question.owner, post)
    if (isRefusal(answered)) return no(answered.code)
    const taken = this.#verified({ ...question, names }, permit, answered)
    if (isRefusal(taken)) {
      this.#parts.report('answer-refused', taken.code)
      return no(taken.code)
    }
    await this.#keep(taken)
    this.#parts.shown(question.permit)
    this.#acknowledge(taken.acknowledgement)
    return { records: taken.records }
  }

  /** What this owner showed under the permit before, out of our own vault. */
  #received({ permit: entry, owner, names }: Question, permit: PermitFacts): ShownRecords | null {
    const { port, vault } = this.#parts
    if (vault.get(acknowledgementId(port, entry, owner)) === null) return null
    const records: { [name: string]: readonly ShownRecord[] } = {}
    for (const name of names) {
      const copies = vault.find({ case: permit.case, name, kind: 'copy' }).flatMap(copiedOf)
      const own = copies.filter((copy) => copy.permit === entry && copy.owner === owner)
      if (own.length === 0) return null
      records[name] = own.map(({ record }) => record)
    }
    return records
  }

  /** Finds what an earlier life of this process received and no owner has a receipt of. */
  recover(): void {
    const { port, vault, facts } = this.#parts
    for (const header of openHeaders(vault, port, 'acks', port.head().time)) {
      const known = header.element
      if (known !== undefined && isClosedByAll(facts.permit(known))) continue
      const record = vault.get(header.id)
      const kept = record === null ? null : keptAcknowledgement(record)
      if (kept === null) continue
      const permit = facts.permit(kept.permit)
      if (permit === undefined || permit.closed[kept.owner] !== undefined) continue
      this.#open.set(keyOf(kept), kept)
    }
    this.#later()
  }

  /** Sends what was not taken yet; resolves when each was tried once. */
  async flush(): Promise<void> {
    const alone: KeptAcknowledgement[] = []
    for (const kept of this.#open.values()) {
      const how = this.#parts.facts.permit(kept.permit)?.closed[kept.owner]
      if (how === 'one-sided') alone.push(kept)
      else if (how === undefined && this.#parts.facts.permit(kept.permit)) this.#send(kept)
      else this.#open.delete(keyOf(kept))
    }
    await Promise.all(this.#sending.values())
    await this.#acknowledgeAlone(alone)
  }

  /** What an owner has closed without us, we acknowledge on the ledger ourselves. */
  async #acknowledgeAlone(open: readonly KeptAcknowledgement[]): Promise<void> {
    const batch = open.slice(0, receiptsMax)
    if (batch.length === 0) return
    const permits = batch.map(({ permit, owner }) => ({ permit, owner }))
    const said = await this.#parts.port.submit('share.acknowledge', { permits })
    if ('receipt' in said) for (const kept of batch) this.#open.delete(keyOf(kept))
    else this.#parts.report('acknowledgement-refused', said.refused.code)
  }

  /** Ends what is under way; an acknowledgement that was not taken is sent by the next life. */
  async stop(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    const cut = setTimeout(() => this.#parts.peers.close(), stopMs)
    await Promise.all(this.#sending.values())
    clearTimeout(cut)
    this.#parts.peers.close()
  }

  /** Untrusted: the answer of an owner may be anything. */
  #verified(question: Question, permit: PermitFacts, untrusted: string): Taken | Refusal {
    const { port, keys, facts } = this.#parts
    const parts = partsOf(untrusted)
    if (parts === null) return bad
    const said = readAnswer(port, question.owner, parts.answer)
    if (isRefusal(said)) return said
    if (said.permit !== question.permit || said.body !== hashOf(parts.body)) return bad
    // No honest owner signs a time that is over: its own word convicts it, and nothing is used.
    if (said.time >= permit.answerBy) return bad
    const expected: { [name: string]: Expected[string] } = {}
    const held: { [name: string]: HeldName } = {}
    for (const name of question.names) {
      const known = facts.held(permit, name)
      // Given again while the answer was on its way: the act would be refused all the same.
      if (known === undefined || known.gen !== permit.reads[name]) return refuse('node/moved-on')
      const own = known.parts.filter(({ by }) => by === question.owner)
      held[name] = known
      expected[name] = { parts: own, fields: facts.shown(permit, name) }
    }
    const roots = Object.entries(expected).map(([name, { parts: list }]) => [
      name,
      list.map(({ commitment }) => commitment),
    ])
    if (encodeCanonical(said.roots) !== encodeCanonical(Object.fromEntries(roots) as Json)) {
      return bad
    }
    const plain = decryptWith(keys, parts.body, bodyMax)
    const records = plain === null ? null : readBody(plain, expected)
    if (records === null) return bad
    const statement = { ledger: port.ledger, permit: question.permit, answer: hashOf(parts.answer) }
    const acknowledgement = signStatement(keys, port, acknowledgementTyp, statement)
    if (acknowledgement === null) return refuse('node/missing-key')
    const { permit: entry, owner } = question
    return {
      permit,
      held,
      records,
      acknowledgement: { permit: entry, owner, answer: parts.answer, acknowledgement },
    }
  }

  async #keep(taken: Taken): Promise<void> {
    const { port, vault, now } = this.#parts
    const at = now()
    const copies = Object.entries(taken.records).flatMap(([name, records]) =>
      records.map((record) => copyOf(taken, { name, record, at })),
    )
    const of = { case: taken.permit.case, answerBy: taken.permit.answerBy, at }
    // The vault stores in this order: if we crash between, what was acknowledged is there.
    const all = [...copies, acknowledgementRecord(port, taken.acknowledgement, of)]
    await Promise.all(all.map((record) => putOnce(vault, record)))
  }

  #acknowledge(kept: KeptAcknowledgement): void {
    this.#open.set(keyOf(kept), kept)
    this.#send(kept)
  }

  #send(kept: KeptAcknowledgement): void {
    const key = keyOf(kept)
    if (this.#sending.has(key)) return
    this.#sending.set(
      key,
      this.#sendOnce(kept).finally(() => this.#sending.delete(key)),
    )
  }

  async #sendOnce(kept: KeptAcknowledgement): Promise<void> {
    const text = encodeCanonical({ permit: kept.permit, acknowledgement: kept.acknowledgement })
    const post = { path: '/v1/receipts', text, withinMs: acknowledgeWithinMs, bytesMax: 4_096 }
    const answer = await this.#parts.peers.post(kept.owner, post)
    if (isRefusal(answer)) {
      this.#failures += 1
      this.#parts.report('acknowledgement-not-taken', answer.code)
    } else {
      this.#failures = 0
      this.#open.delete(keyOf(kept))
    }
    this.#later()
  }

  /** Tries again after a while, and after a longer one each time that nobody took anything. */
  #later(): void {
    if (this.#closed || this.#open.size === 0) return
    const times = 2 ** Math.min(this.#failures, 6)
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      void this.flush().then(() => this.#later())
    }, this.#parts.everyMs * times).unref()
  }
}

/**
 * The slots that an owner hosts and the permit is about: with them comes the subject tag that our
 * own tag is made of. They are the same whenever this owner is asked, so its answer is too.
 */
function slotsOf({ slots, owners }: PermitFacts, owner: string): readonly string[] {
  const bases = new Set(slots.map((name) => name.split('.')[0]))
  return (owners[owner] ?? []).filter((name) => bases.has(name))
}

type Taken = {
  readonly permit: PermitFacts
  readonly held: { readonly [name: string]: HeldName }
  readonly records: ShownRecords
  readonly acknowledgement: KeptAcknowledgement
}

/** Whether every owner's part of a permit is over, or the permit is. */
function isClosedByAll(permit: PermitFacts | undefined): boolean {
  if (permit === undefined) return true
  return Object.keys(permit.owners).every((owner) => permit.closed[owner] !== undefined)
}

const bad = refuse('node/bad-answer')

function no(code: string): Shown {
  return { declined: code }
}

function keyOf({ permit, owner }: Pick<KeptAcknowledgement, 'permit' | 'owner'>): string {
  return `${permit} ${owner}`
}

/** Exactly `answer` and `body`. */
function partsOf(untrusted: string): { readonly answer: string; readonly body: string } | null {
  const value = decodeStrict(untrusted, { bytes: answerMax, depth: 1, members: 2 })
  if (isRefusal(value) || !isMembers(value) || Object.keys(value).join(' ') !== 'answer body') {
    return null
  }
  const { answer, body } = value
  return typeof answer === 'string' && typeof body === 'string' ? { answer, body } : null
}

type Copied = { readonly permit: number; readonly owner: string; readonly record: ShownRecord }

/** What a copy says of what was shown; nothing for copies that came another way. */
function copiedOf({ element, more }: VaultRecord): readonly Copied[] {
  const { permit, owner, commitment, from, openings } = (more ?? {}) as Partial<
    Copied & ShownRecord
  >
  if (permit === undefined || owner === undefined || openings === undefined) return []
  if (commitment === undefined || from === undefined) return []
  const record = { commitment, from, openings }
  return [{ permit, owner, record: element === undefined ? record : { ...record, element } }]
}

/** What was shown, as a record of our own vault: fields with their openings, without the salt. */
function copyOf(
  { permit, held, acknowledgement }: Taken,
  of: { readonly name: string; readonly record: ShownRecord; readonly at: number },
): VaultRecord {
  const { name, record, at } = of
  const { commitment, from, element, openings } = record
  const gen = permit.reads[name] ?? 0
  const always: VaultRecord = {
    id: idFrom('lianban/copy/v1', acknowledgement.permit, acknowledgement.owner, name, commitment),
    kind: 'copy',
    type: held[name]?.type ?? name,
    case: permit.case,
    name,
    gen,
    leaves: openings.map(({ path, value }) => ({
      path,
      value: value === null ? null : decodeCanonical(value),
    })),
    more: {
      commitment,
      from,
      owner: acknowledgement.owner,
      permit: acknowledgement.permit,
      openings: openings as unknown as Json,
    },
    at,
  }
  return element === undefined ? always : { ...always, element }
}
