// Applying one block. Commands are decided one after another over an overlay of the state; each
// gives one entry whatever is decided, and its writes only when the answer is `ok`. Budgets,
// checkpoints and map roots are the block's own housekeeping and stand after the last command.
import type { Bytes } from '#base/bytes'
import { base64urlEncode, latin1ToBase64url } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { assert } from '#base/assert'
import type { Command, Refusal, Value } from '#ledger/command'
import { checkValue, entryBytesMax, isRefusal, membersNamed } from '#ledger/command'
import type { AdmittedCommand, Block, Head } from '#ledger/order'
import type { Admitted, Reading, VerifyAssertion } from '#ledger/validate'
import { Budgets } from './budget.ts'
import type { CommandType, Context, Decision, Domain, View, Write } from './domain.ts'
import { boundaryAfter, checkpointKey, checkpointWrite, readCheckpoint } from './checkpoint.ts'
import type { Result } from './entry.ts'
import { envelopeEntry, intentEntry, singleEntry, systemEntry } from './entry.ts'
import { encodeFrame } from './frame.ts'
import { approvalsOf } from './approvals.ts'
import type { WriteText } from './writes.ts'
import { canonicalWrites, decodeRecord, fitsStores, nextDigest, noWrites } from './writes.ts'
import { sha256Text } from '#base/crypto'

/** What the machine lends to the application of a block. */
export type Tools = {
  readonly ledger: string
  readonly code: Bytes
  readonly records: Reading
  readonly documents: (hash: string) => Bytes | undefined
  readonly assertion: VerifyAssertion
  readonly roots: () => { readonly [map: string]: string }
  readonly checkpointMs: number
  readonly domains: readonly Domain[]
  readonly types: ReadonlyMap<string, CommandType>
  readonly owners: ReadonlyMap<string, Domain>
}

/** What became of one admitted intent. */
export type AppliedIntent = {
  readonly member: string
  readonly id: string
  readonly notAfter: number
  readonly entry: number
  readonly code: string
  readonly at: string | undefined
  readonly outcome: Value | undefined
  /** Members whom the command or its outcome names. */
  readonly named: readonly string[]
  /** Entry of the envelope in which it travelled. */
  readonly envelope: number | undefined
}

/** The result of a block: nothing of it is visible before the frame is durable. */
export type Applied = {
  readonly head: Head
  /** The frame's bytes, to be appended to the journal. */
  readonly frame: Bytes
  readonly entries: readonly string[]
  /** Canonical writes of each entry, and last the block's housekeeping. */
  readonly writes: readonly string[]
  readonly firstEntry: number
  readonly intents: readonly AppliedIntent[]
  readonly overlay: ReadonlyMap<string, WriteText>
  readonly documents: ReadonlyMap<string, Bytes>
  /** The size at which a checkpoint is to be signed, or null. */
  readonly checkpoint: number | null
}

class Workspace implements View {
  readonly tools: Tools
  readonly overlay: Map<string, WriteText> = new Map()
  readonly entries: string[] = []
  readonly writes: string[] = []
  readonly intents: AppliedIntent[] = []
  readonly documents: Map<string, Bytes> = new Map()
  readonly place: { readonly height: number; readonly time: number }
  readonly firstEntry: number
  readonly #read: Map<string, { readonly text: string; readonly value: Value }> = new Map()

  constructor(tools: Tools, head: Head, time: number) {
    this.tools = tools
    this.place = { height: head.height + 1, time }
    this.firstEntry = head.size
  }

  get(key: string): Value | undefined {
    const written = this.overlay.get(key)
    if (written === undefined) return this.tools.records.get(key)
    if (written.text === null) return undefined
    // A later block reads the record out of its text; this one must not see any other value.
    const read = this.#read.get(key)
    if (read !== undefined && read.text === written.text) return read.value
    const value = decodeRecord(written.text)
    this.#read.set(key, { text: written.text, value })
    return value
  }

  document(hash: string): Bytes | undefined {
    return this.documents.get(hash) ?? this.tools.documents(hash)
  }

  next(): number {
    return this.firstEntry + this.entries.length
  }

  push(entry: string, writes: string): void {
    this.entries.push(entry)
    this.writes.push(writes)
  }

  keep(parts: readonly WriteText[]): void {
    for (const part of parts) this.overlay.set(part.key, part)
  }

  system(content: { readonly [key: string]: Value }, writes: readonly Write[]): void {
    const { text, parts } = canonicalWrites(writes)
    const full = writes.length === 0 ? content : { ...content, w: sha256Text(text, 'base64url') }
    this.push(systemEntry(this.place, full), text)
    this.keep(parts)
  }
}

/**
 * Applies the founders' parameters as block 1: one system entry `genesis`; or refuses what a domain
 * refuses, for a ledger of others that does not begin as one may.
 */
export function applyGenesis(tools: Tools, params: Value, time: number): Applied | Refusal {
  const empty = new Uint8Array(32)
  const head: Head = { height: 0, time: 0, size: 0, stateDigest: empty, frameHash: empty }
  const work = new Workspace(tools, head, time)
  const writes: Write[] = []
  for (const domain of tools.domains) {
    const own = domain.genesis?.(params) ?? []
    if (isRefusal(own)) return own
    writes.push(...owned(domain, own))
  }
  work.system({ kind: 'genesis', ledger: tools.ledger, params }, writes)
  return finish(work, head, new Budgets(work, time))
}

/** Applies a block on top of `head`. Pure but for what `tools` reads. */
export function applyBlock(tools: Tools, head: Head, block: Block): Applied {
  const work = new Workspace(tools, head, block.time)
  const place = { ledger: tools.ledger, height: block.height, time: block.time }
  for (const domain of tools.domains) {
    for (const opening of domain.opening?.(work, place) ?? []) {
      work.system(
        opening.system as { readonly [key: string]: Value },
        owned(domain, opening.writes),
      )
    }
  }
  const budgets = new Budgets(work, block.time)
  for (const admitted of block.commands) applyCommand(work, budgets, admitted)
  return finish(work, head, budgets)
}

function applyCommand(work: Workspace, budgets: Budgets, admitted: AdmittedCommand): void {
  const { command } = admitted
  if (command.form === 'single') {
    const intent = admitted.intents[0]
    assert(intent !== undefined, 'an admitted command has an admitted intent')
    const { result, writes } = applyIntent(work, budgets, intent)
    work.push(singleEntry(work.place, command.jws.text, result), writes)
    return
  }
  const envelope = work.next()
  work.push(envelopeEntry(work.place, command.jws.text), noWrites)
  for (const intent of admitted.intents) {
    const { result, writes } = applyIntent(work, budgets, intent, envelope)
    const bytes = command.encoded?.[intent.position] ?? latin1ToBase64url(intent.intent.text)
    const of = { intent: bytes, envelope, position: intent.position }
    work.push(intentEntry(work.place, of, result), writes)
  }
}

function applyIntent(
  work: Workspace,
  budgets: Budgets,
  admitted: Admitted,
  envelope?: number,
): { readonly result: Result; readonly writes: string } {
  const { intent, member, rule } = admitted
  const type = work.tools.types.get(intent.type)
  const domain = work.tools.owners.get(intent.type)
  assert(type !== undefined && domain !== undefined, 'an admitted command has a known type')
  for (const hash of rule.documents?.(intent.body) ?? []) {
    const bytes = admitted.command.documents.get(hash)
    if (bytes !== undefined) work.documents.set(hash, bytes)
  }
  const decision = writtenBy(domain, decide(work, type, admitted))
  const done = 'parts' in decision
  budgets.count(member, rule.budget.class, !done)
  const outcome = done ? decision.outcome : undefined
  const at = done ? undefined : (decision as Refusal).at
  work.intents.push({
    member,
    id: intent.id,
    notAfter: intent.notAfter,
    entry: work.next(),
    code: decision.code,
    named: namedBy(type, intent.body, outcome),
    at,
    outcome,
    envelope,
  })
  if (!done) return { result: { code: decision.code, w: emptyHash, at }, writes: noWrites }
  const { text, parts } = decision
  work.keep(parts)
  const w = parts.length === 0 ? emptyHash : sha256Text(text, 'base64url')
  return { result: { code: 'ok', w, o: outcome }, writes: text }
}

/** Members whom a command or its outcome names. */
function namedBy(
  type: CommandType,
  body: { readonly [key: string]: Value },
  outcome: Value | undefined,
): readonly string[] {
  const named = membersNamed(type.body, body)
  if (outcome === undefined || type.outcome === undefined) return named
  const also = membersNamed(type.outcome, outcome)
  return also.length === 0 ? named : [...named, ...also]
}

const emptyHash = sha256Text(noWrites, 'base64url')

type Written = {
  readonly code: 'ok'
  readonly text: string
  readonly parts: readonly WriteText[]
  readonly outcome: Value | undefined
}

/** The decision with its writes as text, or a refusal where no store could hold them. */
function writtenBy(domain: Domain, decision: Decision): Written | Refusal {
  if (decision.code !== 'ok' || !('writes' in decision)) return decision
  const { text, parts } = canonicalWrites(owned(domain, decision.writes))
  if (!fitsStores(text, parts)) return { code: 'apply/writes-too-large' }
  return { code: 'ok', text, parts, outcome: decision.outcome }
}

function decide(work: Workspace, type: CommandType, admitted: Admitted): Decision {
  const { intent, member, key, position, command } = admitted
  const approvals = approvalsOf(work, work.tools.assertion, admitted, work.place.height)
  if (isRefusal(approvals)) return approvals
  const context: Context = {
    ledger: work.tools.ledger,
    height: work.place.height,
    time: work.place.time,
    entry: work.next(),
    member,
    kid: key.kid,
    approvals,
    intent,
  }
  const decision = type.decide(work, intent.body, context)
  if (decision.code !== 'ok' || !('writes' in decision)) return decision
  const { outcome } = decision
  assert((outcome === undefined) === (type.outcome === undefined), 'an outcome is declared')
  if (outcome === undefined || type.outcome === undefined) return decision
  assert(checkValue(type.outcome, outcome) === null, 'an outcome fits its schema')
  return fits(command, position, outcome) ? decision : { code: 'apply/outcome-too-large' }
}

function fits(command: Command, position: number, outcome: Value): boolean {
  const intent = command.intents[position]
  assert(intent !== undefined && intent !== null, 'an admitted position exists')
  const carried =
    command.form === 'single' ? command.jws.text.length : 2 + (intent.text.length * 4) / 3
  return carried + encodeCanonical(outcome).length + 512 <= entryBytesMax
}

/** Asserts that a domain writes only its own records. */
function owned(domain: Domain, writes: readonly Write[]): readonly Write[] {
  for (const [key] of writes) {
    assert(ownsKey(domain, key), 'a domain writes only its own records or through effects')
  }
  return writes
}

function ownsKey(domain: Domain, key: string): boolean {
  return (
    key.startsWith(`${domain.name}/`) || (domain.effectsOn ?? []).some((p) => key.startsWith(p))
  )
}

function finish(work: Workspace, head: Head, budgets: Budgets): Applied {
  const { tools, place } = work
  const housekeeping: Write[] = [...budgets.writes()]
  const checkpoint = mapRoot(work, head, housekeeping)
  const block = canonicalWrites(housekeeping)
  work.keep(block.parts)
  work.writes.push(block.text)
  const stateDigest = nextDigest(head.stateDigest, work.writes)
  const content = {
    height: place.height,
    time: place.time,
    code: tools.code,
    stateDigest,
    firstEntry: work.firstEntry,
    entries: work.entries,
    writes: work.writes,
    documents: [...work.documents.values()],
  }
  const frame = encodeFrame(content, head.frameHash)
  return {
    head: {
      height: place.height,
      time: place.time,
      size: work.next(),
      stateDigest,
      frameHash: frame.slice(8, 40),
    },
    frame,
    entries: work.entries,
    writes: work.writes,
    firstEntry: work.firstEntry,
    intents: work.intents,
    overlay: work.overlay,
    documents: work.documents,
    checkpoint,
  }
}

/** Writes the roots that a boundary block asked for, or notes that this block is a boundary. */
function mapRoot(work: Workspace, head: Head, housekeeping: Write[]): number | null {
  const { height, time } = work.place
  const state = readCheckpoint(work.get(checkpointKey))
  if (state.boundary !== 0) {
    assert(state.boundary === head.height, 'the root follows its boundary')
    const roots = work.tools.roots()
    const digest = base64urlEncode(head.stateDigest)
    work.system({ kind: 'map-root', height: head.height, stateDigest: digest, roots }, [])
    const size = work.next()
    // What this block itself changed is in no root yet, however quiet the ledger is after it.
    const covered = work.entries.length === 1 ? size : size - work.entries.length
    housekeeping.push(checkpointWrite({ slot: state.slot, size, height, covered, boundary: 0 }))
    return size
  }
  const next = boundaryAfter(state, { height, time, size: work.next() }, work.tools.checkpointMs)
  if (next !== null) housekeeping.push(checkpointWrite(next))
  return null
}
