// The host of one ledger on one machine: engine, state machine, stores and maps wired together. It
// is what servers, followers and commands of the terminal hold; everything that it lets out was
// durable before (invariant L4).
import { base64urlEncode, latin1Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import type { Command, Intent, Refusal, Value } from '#ledger/command'
import type { Applied, CommandType, Frame } from '#ledger/apply'
import { checkpointKey, Machine, readCheckpoint } from '#ledger/apply'
import type { Head } from '#ledger/order'
import { leafHash } from '#ledger/prove'
import type { NoteSignature } from '#ledger/prove'
import type { LedgerEvent, Receipt } from '#ledger/read'
import { envelopeOf, eventOf, idReused, receiptOf, sameCommand } from '#ledger/read'
import type { Answer, Clock, EmbeddedEngine } from '#adapters/consensus'
import { Failure } from '#adapters/storage'
import type { Hold } from '#apps/node/restore'
import type { Derived } from './catch-up.ts'
import { Checkpoints, codeOf } from './checkpoints.ts'
import type { CheckpointSigner } from './checkpoints.ts'
import { headJson } from './snapshot-head.ts'
import { Proofs } from './proofs.ts'
import type { GradedReceipt } from './proofs.ts'
import { entryViews } from './views.ts'

/** The answer to one intent of a submission. */
export type Outcome = { readonly receipt: GradedReceipt } | { readonly refused: Refusal }

export type HostParts = {
  readonly ledger: string
  readonly machine: Machine
  readonly derived: Derived
  readonly clock: Clock
  /** Absent on a copy that only reads. */
  readonly signer: CheckpointSigner | null
  /** Asked before each signature: why nothing may be signed now (S7, P13), null when it may. */
  readonly held?: () => Hold | null
  /** Commands between snapshots. */
  readonly snapshotEvery: number
  readonly report: (note: HostNote) => void
  /** Gives the directory back when everything is closed. */
  readonly unlock?: () => void
}

/** What an operator should know: one line of the log, with nothing personal in it. */
export type HostNote = {
  readonly level: 'info' | 'warn' | 'error'
  readonly event: string
  readonly [detail: string]: string | number | boolean
}

/** A running ledger. Made by `openHost`. */
export class LedgerHost {
  readonly ledger: string
  readonly proofs: Proofs
  readonly #parts: HostParts
  readonly #checkpoints: Checkpoints
  readonly #listeners: Set<(head: Head) => void> = new Set()
  #engine: EmbeddedEngine | null = null
  /** Leaf hashes of the block whose frame is being synced, and of the newest durable one. */
  #leaves: readonly Bytes[] = []
  #durableLeaves: readonly Bytes[] = []
  #views: Frame | null = null
  #snapshotAt: number
  #saving: Promise<void> | null = null
  #failure: unknown = null

  constructor(parts: HostParts) {
    this.ledger = parts.ledger
    this.#parts = parts
    const { ledger, derived, machine, clock } = parts
    this.proofs = new Proofs({
      ledger,
      derived,
      head: () => machine.head(),
      wallMs: () => clock.wallMs(),
    })
    const held = (): Hold | null => this.held()
    const height = (): number => machine.head().height
    this.#checkpoints = new Checkpoints({ ...parts, proofs: this.proofs, held, height })
    this.#snapshotAt = parts.machine.head().size + parts.snapshotEvery
  }

  /** Joins the engine; until then the host only reads. */
  attach(engine: EmbeddedEngine): void {
    assert(this.#engine === null, 'a host has one engine')
    this.#engine = engine
    // A process may have died between a durable block and the checkpoint that it decided.
    this.#checkpoints.decide(readCheckpoint(this.record(checkpointKey)).size)
  }

  /** Command types by name. */
  get types(): ReadonlyMap<string, CommandType> {
    return this.#parts.machine.types
  }

  get registry(): Derived['registry'] {
    return this.#parts.derived.registry
  }

  /** The last durable height. */
  head(): Head {
    return this.#parts.machine.head()
  }

  /** `open`, `no-space`, `failed`, `closed`, or `reading` without an engine. */
  state(): 'open' | 'no-space' | 'failed' | 'closed' | 'reading' {
    return this.#engine === null ? 'reading' : this.#engine.state
  }

  /** Commands accepted and not yet answered. */
  waiting(): number {
    return this.#engine?.waiting ?? 0
  }

  /** Why no checkpoint may be signed now; null when it may. */
  held(): Hold | null {
    return this.#parts.held?.() ?? null
  }

  /** Signs the checkpoint that is due, once nothing holds it back any more. */
  signDue(): void {
    this.#checkpoints.due()
  }

  /** Why the engine stopped, if it has. */
  failure(): unknown {
    return this.#failure
  }

  /** One outcome a position, once everything is durable. Never rejects. */
  submit(command: Command): Promise<readonly Outcome[]> {
    const engine = this.#engine
    if (engine === null) {
      return Promise.resolve(command.intents.map(() => ({ refused: { code: 'order/closing' } })))
    }
    return new Promise((resolve) => {
      engine.submit(command, (answers) => {
        resolve(answers.map((answer, position) => this.#outcome(command, position, answer)))
      })
    })
  }

  /** The receipt under (member, id), for ever; null when there is none. */
  receipt(member: string, id: string): GradedReceipt | null {
    const entry = this.#parts.derived.stores.receipts.find(member, id)
    if (entry === undefined || entry >= this.head().size) return null
    const receipt = this.receiptAt(entry)
    return receipt !== null && receipt.member === member && receipt.id === id ? receipt : null
  }

  /** The receipt that an entry answers with; null for envelopes and system entries. */
  receiptAt(index: number): GradedReceipt | null {
    const text = this.entry(index)
    const link = envelopeOf(text)
    const receipt = receiptOf({
      text,
      index,
      ...(link === null ? {} : { envelope: this.entry(link.entry) }),
      memberOf: (kid) => this.registry.memberOf(kid),
    })
    return receipt === null ? null : this.#graded(receipt)
  }

  /** Text of a durable entry, checked against its leaf hash. */
  entry(index: number): string {
    assert(index >= 0 && index < this.head().size, 'only durable entries are read')
    return latin1Decode(this.#parts.derived.stores.entries.entry(index))
  }

  /** The event of a durable entry. */
  event(index: number): LedgerEvent {
    const text = this.entry(index)
    const link = envelopeOf(text)
    const { height, firstEntry } = this.#frameAt(index)
    const frame = this.proofs.frame(height)
    const writes = frame.writes[index - firstEntry]
    assert(writes !== undefined, 'every entry has its writes')
    return eventOf({
      text,
      index,
      writes,
      ...(link === null ? {} : { envelope: this.entry(link.entry) }),
      memberOf: (kid) => this.registry.memberOf(kid),
      types: this.types,
    })
  }

  /** Entries that name a member, rising, from `from` on. */
  entriesNaming(member: string, from: number, limit: number): readonly number[] {
    return this.#parts.derived.stores.members
      .entries(member, from, limit)
      .filter((index) => index < this.head().size)
  }

  /** A record of the durable state. */
  record(key: string): Value | undefined {
    return this.#parts.derived.stores.state.get(key)
  }

  /** The canonical text of a record. */
  recordText(key: string): string | undefined {
    return this.#parts.derived.stores.state.text(key)
  }

  /** The bytes of a published document. */
  document(hash: string): Bytes | undefined {
    return this.#parts.derived.stores.documents.get(hash)
  }

  /** Adds verified cosignatures to the newest checkpoint; false when it is another checkpoint. */
  addCosignatures(note: Bytes, signatures: readonly NoteSignature[]): Promise<boolean> {
    return this.#checkpoints.addCosignatures(note, signatures)
  }

  /** Calls after every durable block; the result ends it. */
  subscribe(listener: (head: Head) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Writes a snapshot of the durable state. */
  async snapshot(): Promise<void> {
    if (this.#saving !== null) return this.#saving
    this.#saving = this.#save().finally(() => {
      this.#saving = null
    })
    return this.#saving
  }

  /** Answers what waits, writes a snapshot, closes files. */
  async close(): Promise<void> {
    try {
      await this.#engine?.close()
      await this.#checkpoints.close()
      if (this.#engine?.state === 'closed') await this.snapshot()
    } finally {
      this.#parts.derived.stores.close()
      this.#parts.unlock?.()
    }
  }

  /** Called by the engine while a frame is being synced. */
  applied(applied: Applied): void {
    this.#views = entryViews(applied)
    this.#leaves = this.#views.entries.map((entry) => leafHash(entry))
  }

  /** Called by the engine when a block is durable, before any answer leaves. */
  durable(applied: Applied): void {
    const { derived } = this.#parts
    const { stores } = derived
    assert(this.#views?.firstEntry === applied.firstEntry, 'a block is applied, then durable')
    stores.entries.add(stores.journal.durable, this.#views, this.#leaves)
    for (const leaf of this.#leaves) derived.frontier.append(leaf, stores.tiles.node)
    this.#durableLeaves = this.#leaves
    for (const [hash, bytes] of applied.documents) stores.documents.put(hash, bytes)
    for (const intent of applied.intents) {
      stores.receipts.add(intent.member, intent.id, intent.entry)
      stores.members.add(intent.member, intent.entry)
      for (const named of intent.named) stores.members.add(named, intent.entry)
    }
    if (applied.checkpoint !== null) this.#checkpoints.decide(applied.checkpoint)
    for (const listener of this.#listeners) listener(applied.head)
    if (applied.head.size >= this.#snapshotAt) {
      this.#snapshotAt = applied.head.size + this.#parts.snapshotEvery
      this.snapshot().catch((error: unknown) => this.#note('warn', 'snapshot-failed', error))
    }
  }

  /** Called by the engine when it has stopped for good. */
  failed(failure: unknown): void {
    this.#failure = failure
    this.#note('error', 'engine-stopped', failure)
  }

  #outcome(command: Command, position: number, answer: Answer): Outcome {
    const intent = command.intents[position]
    assert(intent !== undefined && intent !== null, 'a submitted command carries its intents')
    if ('refused' in answer) {
      const { refused } = answer
      return refused.code === 'validate/duplicate' || refused.code === 'validate/expired'
        ? this.#repeated(command, intent, refused)
        : answer
    }
    const { applied, height, time } = answer
    const receipt: Receipt = {
      ledger: this.ledger,
      member: applied.member,
      id: applied.id,
      type: intent.type,
      intent: intent.hash,
      entry: applied.entry,
      height,
      time,
      code: applied.code,
      ...(applied.at === undefined ? {} : { at: applied.at }),
      ...(applied.outcome === undefined ? {} : { outcome: applied.outcome }),
      leaf: this.#leafOf(applied.entry),
      ...(applied.envelope === undefined
        ? {}
        : { envelope: { entry: applied.envelope, position } }),
    }
    return { receipt: { ...receipt, grade: 'durable' } }
  }

  /** Leaf hash of an entry of the newest block. */
  #leafOf(entry: number): string {
    const leaves = this.#durableLeaves
    const leaf = leaves[entry - (this.head().size - leaves.length)]
    assert(leaf !== undefined, 'an answer leaves with its own block')
    return base64urlEncode(leaf)
  }

  /** The same command again answers the first receipt; another one under its id is refused. */
  #repeated(command: Command, intent: Intent, refused: Refusal): Outcome {
    const member = this.registry.memberOf(command.jws.kid)
    const first = member === undefined ? null : this.#firstReceipt(member, intent.id)
    if (first === 'unreadable') return { refused: { code: 'order/outcome-unknown' } }
    if (first === null) return { refused }
    return sameCommand(first, intent) ? { receipt: first } : { refused: idReused }
  }

  /** The first receipt, where it can be read; damage of an index is no answer to anybody else. */
  #firstReceipt(member: string, id: string): GradedReceipt | null | 'unreadable' {
    try {
      return this.receipt(member, id)
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure
      this.#note('error', 'receipt-unreadable', failure)
      return 'unreadable'
    }
  }

  #graded(receipt: Receipt): GradedReceipt {
    return { ...receipt, grade: this.proofs.gradeOf(receipt.entry) }
  }

  #frameAt(index: number): { height: number; firstEntry: number } {
    const { entries } = this.#parts.derived.stores
    const height = entries.heightOf(index)
    return { height, firstEntry: entries.frameOf(height).firstEntry }
  }

  async #save(): Promise<void> {
    const { derived, machine } = this.#parts
    const head = machine.head()
    const { stores } = derived
    assert(stores.journal.durable.height === head.height, 'a snapshot is taken between blocks')
    await stores.save({ mark: stores.journal.durable, head: headJson(head, derived) })
  }

  #note(level: HostNote['level'], event: string, failure: unknown): void {
    this.#parts.report({ level, event, code: codeOf(failure) })
  }
}
