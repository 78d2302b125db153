// The owner's side: what leaves this department, and when. It promises that nothing is disclosed
// but under a durable permit, to its reader, before its time is over, as the ledger has it at that
// moment; that the record of an answer is durable before a byte of it leaves; and that one permit
// has one answer, however often it is asked for and however often the process dies.
import { randomBytes } from 'node:crypto'
import { base64urlDecode, base64urlEncode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { commitRecord, leafOf, openFields, useSeed, useTag } from '#base/commitment'
import type { Leaf } from '#base/commitment'
import { isRefusal, refuse } from '#ledger/command'
import type { Refusal } from '#ledger/command'
import { keyInForce } from '#ledger/validate'
import type { KeyRecord } from '#ledger/validate'
import { keysOf } from '#domains/members'
import type { DeclineCode } from '#domains/sharing'
import { monthOf } from '#domains/sharing'
import type { KeyStore } from '#adapters/keys'
import { encryptTo } from '#adapters/keys'
import type {
  Facts,
  HeldName,
  HeldPart,
  PermitFacts,
  ShownField,
  ShownRecord,
  ShownRecords,
} from '#apps/node/disclosure'
import {
  answerTyp,
  bodyMax,
  hashOf,
  readAcknowledgement,
  signStatement,
} from '#apps/node/disclosure'
import type { LedgerPort } from '#apps/node/ledger-port'
import { Turns } from './turns.ts'
import { answerId, answerRecord, keptAnswer, monthKey, receivedRecord } from './records.ts'
import { putOnce, receivedAcknowledgement, receivedId } from './records.ts'
import type { GatewayVault, KeptAnswer, VaultHeader, VaultRecord } from './records.ts'

/** What a department's desk gives its gateway. */
export type Holdings = {
  /** The department's records under a name of a case; null when it holds none. */
  records(of: string, name: string): Promise<readonly VaultRecord[] | null>
}

export type OwnerParts = {
  readonly port: LedgerPort
  readonly keys: KeyStore
  readonly vault: GatewayVault
  readonly facts: Facts
  readonly desk: Holdings
  /** Our clock and ledger time, whichever is later, in milliseconds. */
  readonly now: () => number
  /** Told of each answer that is on record now. */
  readonly answered: (kept: KeptAnswer) => void
  readonly acknowledged: (permit: number) => void
}

/** A request for the openings under a permit. */
export type Request = { readonly permit: number; readonly names: readonly string[] }

/** An answer that may leave until a time, milliseconds. */
export type Answered = { readonly kept: KeptAnswer; readonly until: number }

/** How far ahead an entry may be that is awaited, in entries, and how long, milliseconds. */
const aheadMax = 1_000
const aheadMs = 750

/** Gives answers. */
export class Owner {
  readonly #parts: OwnerParts
  readonly #turns = new Turns()
  /** Tags given so far, by month, case and name of the tag. */
  readonly #given: Map<string, number> = new Map()
  /** Answers of earlier lives by case, of which the tags were not counted yet. */
  readonly #before: Map<string, string[]> = new Map()
  /** The key of the newest month. */
  #key: { readonly month: string; readonly key: Uint8Array } | null = null

  constructor(parts: OwnerParts) {
    this.#parts = parts
  }

  /** Knows of an answer of an earlier life; its tags are counted when its case is asked about. */
  remember({ id, name: of }: VaultHeader): void {
    const known = this.#before.get(of)
    if (known === undefined) this.#before.set(of, [id])
    else known.push(id)
  }

  #countBefore(of: string): void {
    const ids = this.#before.get(of) ?? []
    this.#before.delete(of)
    for (const id of ids) {
      const record = this.#parts.vault.get(id)
      const kept = record === null ? null : keptAnswer(record)
      if (kept !== null) this.#count(kept)
    }
  }

  /** Counts the tags of an answer that is on record. */
  #count({ answerBy, case: of, tags }: KeptAnswer): void {
    for (const slot of Object.keys(tags)) {
      const place = `${monthOf(answerBy)} ${of} ${slot}`
      this.#given.set(place, (this.#given.get(place) ?? 0) + 1)
    }
  }

  /** The answer to a member's request, or why there is none. */
  async answer(reader: string, request: Request): Promise<Answered | Refusal> {
    await this.#arrived(request.permit)
    const first = this.#admitted(reader, request)
    if (isRefusal(first)) return first
    // Permits of one case wait for each other, because its use tags are counted.
    return this.#turns.take(first.case, async () => {
      const known = this.#kept(request.permit)
      // The ledger may have gone on while we waited for our turn.
      const permit = this.#admitted(reader, request)
      if (isRefusal(permit)) return permit
      if (known !== null) return sameNames(known, request) ?? this.#inTime(known)
      const made = await this.#make(permit, request)
      if (isRefusal(made)) return this.#decline(request.permit, made)
      await this.#parts.vault.put(answerRecord(this.#parts.port, made, this.#parts.now()))
      this.#count(made)
      this.#parts.answered(made)
      return this.#inTime(made)
    })
  }

  /** Takes a reader's acknowledgement of our answer; durable when it resolves. */
  async acknowledge(reader: string, permit: number, untrusted: string): Promise<Refusal | null> {
    const { port, vault, facts, now } = this.#parts
    const said = readAcknowledgement(port, reader, untrusted)
    if (isRefusal(said)) return said
    const kept = this.#kept(permit)
    if (kept === null || kept.reader !== reader || said.permit !== permit) {
      return refuse('node/no-answer')
    }
    if (said.answer !== hashOf(kept.answer)) return refuse('node/no-answer')
    const closed = facts.permit(permit)?.closed[port.member]
    // Closed alone, it is closed again with both signatures; otherwise nothing is left to say.
    if (closed !== undefined && closed !== 'one-sided') return null
    await putOnce(vault, receivedRecord(port, { permit, acknowledgement: untrusted }, now()))
    this.#parts.acknowledged(permit)
    return null
  }

  /** The acknowledgement that we hold; it was verified when it came. */
  acknowledgement(permit: number): string | null {
    const record = this.#parts.vault.get(receivedId(this.#parts.port, permit))
    return record === null ? null : (receivedAcknowledgement(record)?.acknowledgement ?? null)
  }

  /** The ledger may be a moment ahead of our copy of it: what is about to come is awaited. */
  #arrived(entry: number): Promise<void> {
    const { port } = this.#parts
    const ahead = entry - port.head().size
    if (ahead < 0 || ahead > aheadMax) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        leave()
        resolve()
      }
      const timer = setTimeout(done, aheadMs)
      const leave = port.subscribe(({ size }) => {
        if (entry < size) done()
      })
    })
  }

  /** Whether a request may be answered by the durable ledger as it stands; the permit, if so. */
  #admitted(reader: string, { permit: entry, names }: Request): PermitFacts | Refusal {
    const { port, facts, now } = this.#parts
    if (entry >= port.head().size) return refuse('node/permit-ahead')
    const permit = facts.permit(entry)
    const owned = permit?.owners[port.member]
    if (permit === undefined || permit.reader !== reader || owned === undefined) {
      return refuse('node/no-permit')
    }
    if (!names.every((name) => owned.includes(name) && Object.hasOwn(permit.reads, name))) {
      return refuse('node/no-permit')
    }
    if (now() >= permit.answerBy) return refuse('node/permit-late')
    if (permit.closed[port.member] !== undefined) return refuse('node/permit-closed')
    return permit
  }

  #kept(permit: number): KeptAnswer | null {
    const record = this.#parts.vault.get(answerId(this.#parts.port, permit))
    return record === null ? null : keptAnswer(record)
  }

  #inTime(kept: KeptAnswer): Answered | Refusal {
    if (this.#parts.now() >= kept.answerBy) return refuse('node/permit-late')
    return { kept, until: kept.answerBy }
  }

  async #make(permit: PermitFacts, request: Request): Promise<KeptAnswer | Refusal> {
    const { port, keys, facts } = this.#parts
    const key = encryptKeyOf(port, permit.reader)
    if (key === null) return refuse('node/no-reader-key')
    const records: { [name: string]: readonly ShownRecord[] } = {}
    const about = new Set<string>()
    for (const name of request.names) {
      const held = facts.held(permit, name)
      if (held === undefined || held.void || held.gen !== permit.reads[name]) {
        return refuse('node/moved-on', name)
      }
      const shown = await this.#shown(permit, name, held)
      if (isRefusal(shown)) return shown
      records[name] = shown
      for (const slot of held.about) about.add(slot)
    }
    const plain = utf8Encode(encodeCanonical({ records }))
    if (plain.length > bodyMax) return refuse('node/not-held')
    const tags = await this.#tags(permit, [...about].toSorted())
    const body = encryptTo(key, plain)
    const statement = {
      ledger: port.ledger,
      permit: request.permit,
      body: hashOf(body),
      roots: rootsOf(records),
      tags,
      time: port.head().time,
    }
    const answer = signStatement(keys, port, answerTyp, statement)
    if (answer === null) return refuse('node/missing-key')
    const { reader, answerBy } = permit
    return { ...request, case: permit.case, reader, tags, answer, body, answerBy }
  }

  /** Our records under a name, opened, in the order in which the ledger has their commitments. */
  async #shown(
    permit: PermitFacts,
    name: string,
    { parts }: HeldName,
  ): Promise<readonly ShownRecord[] | Refusal> {
    const { port, facts, desk } = this.#parts
    const records = (await desk.records(permit.case, name)) ?? []
    const byCommitment = new Map(records.flatMap((record) => committed(record)))
    const fields = facts.shown(permit, name)
    const shown: ShownRecord[] = []
    for (const part of parts) {
      if (part.by !== port.member) continue
      const held = byCommitment.get(part.commitment)
      const opened = held === undefined ? null : openedAs(part, held, fields)
      if (opened === null) return refuse('node/not-held', name)
      shown.push(opened)
    }
    // None at all where everything of ours was given by silence: then nothing has content.
    return shown
  }

  /** One tag a slot whose subject tag we were shown: the next of this month (protocol §19). */
  async #tags(permit: PermitFacts, slots: readonly string[]): Promise<KeptAnswer['tags']> {
    const month = monthOf(permit.answerBy)
    const tags: { [slot: string]: string } = {}
    this.#countBefore(permit.case)
    for (const slot of slots) {
      const subject = await this.#subjectTag(permit.case, slot)
      if (subject === null) continue
      const used = this.#given.get(`${month} ${permit.case} ${slot}`) ?? 0
      const seed = useSeed(await this.#monthKey(month), subject)
      tags[slot] = base64urlEncode(useTag(seed, used + 1))
    }
    return tags
  }

  async #monthKey(month: string): Promise<Uint8Array> {
    if (this.#key?.month === month) return this.#key.key
    const { port, vault, now } = this.#parts
    const fresh = (): Bytes => randomBytes(32)
    const key = await monthKey(vault, port, { role: 'owner', month, fresh, at: now() })
    this.#key = { month, key }
    return key
  }

  /** The subject tag of `slot`, or of one person of it (`slot.1`), if we were shown it. */
  async #subjectTag(of: string, tagName: string): Promise<Bytes | null> {
    const [slot = '', at] = tagName.split('.')
    const records = (await this.#parts.desk.records(of, slot)) ?? []
    return subjectTagIn(
      at === undefined ? records : records.filter(({ element }) => element === Number(at)),
    )
  }

  /** Says on the ledger that we do not answer; content is never said (protocol §13). */
  async #decline(permit: number, why: Refusal): Promise<Refusal> {
    const code = declineCodes[why.code]
    // What we may answer later, once our own house is in order, is not declined.
    if (code === undefined) return why
    const { port } = this.#parts
    await port.submit('share.decline', { permit, code })
    return why
  }
}

/** What stands on the ledger when an owner does not answer, by the code that its reader is told. */
const declineCodes: { readonly [code: string]: DeclineCode } = {
  'node/not-held': 'not-held',
  'node/moved-on': 'moved-on',
  'node/no-reader-key': 'no-reader-key',
}

function sameNames(kept: KeptAnswer, { names }: Request): Refusal | null {
  return kept.names.join(' ') === names.join(' ') ? null : refuse('node/answered-otherwise')
}

function rootsOf(records: ShownRecords): { [name: string]: readonly string[] } {
  return Object.fromEntries(
    Object.entries(records).map(([name, list]) => [name, list.map((one) => one.commitment)]),
  )
}

/** The key of use `encrypt` of a member that is in force; the newest, while one is rotated. */
function encryptKeyOf(port: LedgerPort, member: string): KeyRecord | null {
  const { height } = port.head()
  const inForce = keysOf(port.view(), member).filter(
    (key) => key.use === 'encrypt' && keyInForce(key, height),
  )
  return inForce.toSorted((a, b) => b.from - a.from)[0] ?? null
}

type Held = { readonly record: VaultRecord; readonly salt: Bytes; readonly leaves: readonly Leaf[] }

/** A record of our own under its commitment; copies of what others hold have no salt. */
function committed(record: VaultRecord): readonly (readonly [string, Held])[] {
  const salt = record.salt === undefined ? null : base64urlDecode(record.salt)
  if (salt === null || salt.length !== 32) return []
  const leaves = record.leaves.map(({ path, value }) => leafOf(path, value))
  return [[base64urlEncode(commitRecord(salt, leaves)), { record, salt, leaves }]]
}

function openedAs(
  { commitment, from, element }: HeldPart,
  { salt, leaves }: Held,
  fields: readonly ShownField[] | null,
): ShownRecord | null {
  const paths = (fields ?? leaves).map(({ path }) => path)
  if (!paths.every((path) => leaves.some((leaf) => leaf.path === path))) return null
  const openings = openFields(salt, leaves, paths)
  const always = { commitment, from, openings }
  return element === undefined ? always : { ...always, element }
}

/** The tag of a slot's subject in this case, from the slot itself or from what was shown of it. */
function subjectTagIn(records: readonly VaultRecord[]): Bytes | null {
  for (const { leaves } of records) {
    const value = leaves.find(({ path }) => path === 'tag')?.value
    const tag = typeof value === 'string' ? base64urlDecode(value) : null
    if (tag?.length === 32) return tag
  }
  return null
}
