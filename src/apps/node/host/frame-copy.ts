// A ledger that is kept elsewhere, as a process keeps it that only reads: frames are taken one
// after another and their recorded writes applied, no domain code runs (invariant L5), and what
// does not follow from the frame before, or gives another digest, is not taken. Whoever wants to
// believe nothing runs a validating follower; this copy believes its ledger's node as long as
// frames, digests and signed checkpoints agree.
import { compare, equal, latin1Decode, utf8Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import type { Value } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Domain, Frame } from '#ledger/apply'
import { decodeEntry, decodeFrame, nextDigest } from '#ledger/apply'
import type { Head } from '#ledger/order'
import { isSignedUnder, parseSignedCheckpoint, rootAt, verifyNoteSignature } from '#ledger/prove'
import { envelopeOf, receiptOf } from '#ledger/read'
import type { Disk, Stores } from '#adapters/storage'
import { Failure, openStores } from '#adapters/storage'
import type { Derived } from './catch-up.ts'
import { catchUp } from './catch-up.ts'
import { checkKept } from './checkpoints.ts'
import { derive } from './open.ts'
import { Proofs } from './proofs.ts'
import type { GradedReceipt } from './proofs.ts'
import { headJson } from './snapshot-head.ts'

export type FrameCopyOptions = {
  /** What is on it can be fetched again, so its `syncNow` may do nothing. */
  readonly disk: Disk
  readonly ledger: string
  /** For the types of commands and the names of maps; nothing of them is run. */
  readonly domains: readonly Domain[]
  /** 32 random bits for the hash tables of this process. */
  readonly seed: number
  /** Entries between snapshots. */
  readonly snapshotEvery: number
  readonly wallMs: () => number
  /** Gives the directory back when everything is closed. */
  readonly unlock: () => void
}

/** Opens the copy where it stopped. Throws `Failure` of storage, or a fatal `node/other-…`. */
export function openFrameCopy(options: FrameCopyOptions): FrameCopy {
  const stores = openStores(options.disk, { seed: options.seed })
  try {
    return new FrameCopy(options, stores)
  } catch (failure) {
    stores.close()
    throw failure
  }
}

/** A copy that follows the frames of its ledger. Made by `openFrameCopy`. */
export class FrameCopy {
  readonly ledger: string
  readonly proofs: Proofs
  readonly #options: FrameCopyOptions
  readonly #derived: Derived
  readonly #listeners: Set<(head: Head) => void> = new Set()
  #head: Head
  #snapshotAt: number

  constructor(options: FrameCopyOptions, stores: Stores) {
    const { ledger, wallMs, domains, snapshotEvery } = options
    this.ledger = ledger
    this.#options = options
    const { derived, head } = derive({ domains }, stores)
    this.#derived = derived
    this.#head = head
    this.#snapshotAt = head.size + snapshotEvery
    this.proofs = new Proofs({ ledger, derived, head: () => this.#head, wallMs })
    if (head.height > 0 && !begins(this.entry(0), ledger)) {
      throw new Failure('node/other-ledger', true, ledger)
    }
    checkKept(ledger, derived, this.proofs)
  }

  get types(): ReadonlyMap<string, CommandType> {
    return this.#derived.types
  }

  get registry(): Derived['registry'] {
    return this.#derived.registry
  }

  /** The last height that was taken. */
  head(): Head {
    return this.#head
  }

  record(key: string): Value | undefined {
    return this.#derived.stores.state.get(key)
  }

  document(hash: string): Bytes | undefined {
    return this.#derived.stores.documents.get(hash)
  }

  /** Text of an entry, checked against its leaf hash. */
  entry(index: number): string {
    assert(index >= 0 && index < this.#head.size, 'only entries that were taken are read')
    return latin1Decode(this.#derived.stores.entries.entry(index))
  }

  /** The receipt under (member, id); null when there is none here. */
  receipt(member: string, id: string): GradedReceipt | null {
    const index = this.#derived.stores.receipts.find(member, id)
    if (index === undefined) return null
    const text = this.entry(index)
    const link = envelopeOf(text)
    const receipt = receiptOf({
      text,
      index,
      ...(link === null ? {} : { envelope: this.entry(link.entry) }),
      memberOf: (kid) => this.registry.memberOf(kid),
    })
    if (receipt === null || receipt.member !== member || receipt.id !== id) return null
    return { ...receipt, grade: this.proofs.gradeOf(index) }
  }

  /** Calls after every frame that was taken; the result ends it. */
  subscribe(listener: (head: Head) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Untrusted. Takes the next frame. Throws a fatal `node/other-history` for one that does not
   * follow, whose writes give another digest, or whose genesis is another ledger's.
   */
  take(bytes: Bytes): void {
    const { height, size, frameHash, stateDigest } = this.#head
    const frame = decodeFrame(bytes, frameHash)
    const follows = !isRefusal(frame) && frame.height === height + 1 && frame.firstEntry === size
    const sound = follows && equal(nextDigest(stateDigest, frame.writes), frame.stateDigest)
    if (!sound || (height === 0 && !beginsWith(frame, this.ledger))) {
      throw new Failure('node/other-history', true, `frame after height ${height}`)
    }
    const { journal } = this.#derived.stores
    try {
      journal.append(bytes)
    } catch (failure) {
      if (failure instanceof Failure && !failure.fatal) journal.cutBack()
      throw failure
    }
    journal.syncNow()
    this.#head = catchUp(this.#derived, this.#head, { mark: journal.end, bytes })
    for (const listener of this.#listeners) listener(this.#head)
  }

  /**
   * Untrusted. Keeps a signed checkpoint of the ledger when it is newer and this copy has come so
   * far; false when it is not kept. Throws a fatal `node/other-history` when a log key of the
   * registry signed another root than the one that these entries have.
   */
  async keep(note: Bytes): Promise<boolean> {
    const signed = parseSignedCheckpoint(note)
    const text = utf8Decode(note)
    if (signed === null || text === null || signed.checkpoint.origin !== this.ledger) return false
    const { size, root } = signed.checkpoint
    const { checkpoint } = this.#derived.stores
    const newest = checkpoint.newest
    if (size > this.#head.size || size < (newest?.size ?? 0) || text === newest?.text) return false
    const { logs } = this.registry.policy(this.ledger, this.#head.height)
    const genuine = logs.some(({ key }) => {
      const line = signed.note.signatures.find((one) => isSignedUnder(key, one))
      return line !== undefined && verifyNoteSignature(key, signed.note.text, line.signature)
    })
    if (!genuine) return false
    const own = rootAt(this.proofs.nodes(), size)
    if (own === null || compare(own, root) !== 0) {
      throw new Failure('node/other-history', true, `checkpoint of size ${size}`)
    }
    await checkpoint.save({ size, text })
    return true
  }

  /** Whether a snapshot is due, so that a later opening need not read all frames again. */
  get isSnapshotDue(): boolean {
    return this.#head.size >= this.#snapshotAt
  }

  /** Writes a snapshot. No frame is taken before it resolves. */
  async snapshot(): Promise<void> {
    const { stores } = this.#derived
    const head = this.#head
    this.#snapshotAt = head.size + this.#options.snapshotEvery
    if (head.height === 0) return
    await stores.journal.sync()
    await stores.save({ mark: stores.journal.durable, head: headJson(head, this.#derived) })
  }

  /** Closes files; what a snapshot does not hold is read from the frames next time. */
  close(): void {
    this.#listeners.clear()
    this.#derived.stores.close()
    this.#options.unlock()
  }
}

function beginsWith(frame: Frame, ledger: string): boolean {
  const [first] = frame.entries
  return first !== undefined && begins(latin1Decode(first), ledger)
}

function begins(text: string, ledger: string): boolean {
  const entry = decodeEntry(text)
  if (isRefusal(entry) || entry.kind !== 'system') return false
  return entry.system['kind'] === 'genesis' && entry.system['ledger'] === ledger
}
