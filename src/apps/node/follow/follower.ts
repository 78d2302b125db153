// The validating follower: it believes nothing. Every frame is re-admitted, re-applied and compared
// before it is kept, every checkpoint is compared with the follower's own tree before it is
// cosigned, and whatever differs is kept as evidence and ends the cosigning for good.
import { base64urlEncode, compare, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { Defect } from '#base/assert'
import { encodeCanonical } from '#base/canonical'
import { isRefusal } from '#ledger/command'
import type { Machine } from '#ledger/apply'
import type { NoteKey, NoteSignature } from '#ledger/prove'
import { isSignedUnder, parseSignedCheckpoint, rootAt } from '#ledger/prove'
import { verifyNoteSignature } from '#ledger/prove'
import type { Divergence } from '#ledger/read'
import { replayFrame } from '#ledger/read'
import { Failure } from '#adapters/storage'
import type { Stores } from '#adapters/storage'
import type { LedgerHost } from '#apps/node/host'

/** A frame that breaks a claim of the state machine itself: an honest log cannot hold it. */
export type Inapplicable = {
  readonly what: 'inapplicable'
  readonly height: number
  readonly claim: string
}

/**
 * Something that an honest operator does not do. `evidence` is canonical JSON for anyone to check.
 */
export type Alarm = {
  readonly what: Divergence['what'] | Inapplicable['what'] | 'checkpoint-root' | 'rollback'
  readonly height: number
  readonly evidence: string
}

export type FollowerParts = {
  readonly host: LedgerHost
  readonly machine: Machine
  readonly stores: Stores
  /**
   * The log's keys that the follower accepts now: those it was told, or those of its own registry.
   */
  readonly logKeys: () => readonly NoteKey[]
  /** Signs the text of a checkpoint with the time in Unix seconds; null without a key. */
  readonly cosign: ((text: string, seconds: number) => NoteSignature) | null
}

/** The checkpoint is that of the follower's own tree; `line` is its cosignature. */
export type Agreed = { readonly agreed: true; readonly line: NoteSignature | null }

/** A copy that is built by checking. */
export class Follower {
  readonly #parts: FollowerParts
  #alarm: Alarm | null = null

  constructor(parts: FollowerParts) {
    this.#parts = parts
  }

  /** The height up to which everything was reproduced. */
  get height(): number {
    return this.#parts.machine.head().height
  }

  /** What was found; once set, nothing is taken or cosigned any more. */
  get alarm(): Alarm | null {
    return this.#alarm
  }

  /** Untrusted. Takes the next frame; durable on return when it gives null. */
  take(bytes: Bytes): Alarm | null {
    if (this.#alarm !== null) return this.#alarm
    const { machine, stores, host } = this.#parts
    const result = this.#replayed(bytes)
    if ('what' in result)
      return this.#raise(result.what, result.height, { ...result, frame: bytes })
    try {
      stores.journal.append(bytes)
    } catch (failure) {
      // For lack of space nothing is kept; the frame is asked for and checked again.
      if (failure instanceof Failure && !failure.fatal) stores.journal.cutBack()
      throw failure
    }
    // If we crash here, the frame may be torn; it is fetched and checked again.
    stores.journal.syncNow()
    host.applied(result.applied)
    machine.confirm(result.applied)
    host.durable(result.applied)
    return null
  }

  /** Untrusted. Nothing that a log sends may end the follower without a word about it. */
  #replayed(bytes: Bytes): ReturnType<typeof replayFrame> | Inapplicable {
    const { machine } = this.#parts
    try {
      return replayFrame(machine, bytes)
    } catch (failure) {
      if (!(failure instanceof Defect)) throw failure
      return { what: 'inapplicable', height: machine.head().height + 1, claim: failure.message }
    }
  }

  /**
   * Untrusted. Judges a checkpoint of the log against the follower's own tree: agreed, null while
   * the follower has not come so far, or an alarm. `seconds` is the follower's Unix time.
   */
  judge(note: Bytes, seconds: number): Agreed | Alarm | null {
    if (this.#alarm !== null) return this.#alarm
    const signed = parseSignedCheckpoint(note)
    const { host, logKeys, cosign } = this.#parts
    if (signed === null || signed.checkpoint.origin !== host.ledger) return null
    const genuine = logKeys().some((key) => {
      const line = signed.note.signatures.find((one) => isSignedUnder(key, one))
      return line !== undefined && verifyNoteSignature(key, signed.note.text, line.signature)
    })
    // Anyone can send an unsigned note, so it proves nothing against the operator.
    if (!genuine) return null
    const { size, root } = signed.checkpoint
    if (size > host.head().size) return null
    const own = rootAt(host.proofs.nodes(), size)
    if (own !== null && compare(own, root) === 0) {
      // What was cosigned once is never followed by a smaller tree.
      const older = size < (host.proofs.checkpoint()?.size ?? 0)
      const line = cosign === null || older ? null : cosign(signed.note.text, seconds)
      return { agreed: true, line }
    }
    return this.#raise('checkpoint-root', this.height, {
      note,
      ownRoot: own === null ? null : base64urlEncode(own),
      size,
    })
  }

  /** The log serves less than it once signed: evidence is the note that the follower has kept. */
  rolledBack(servedSize: number): Alarm {
    const kept = this.#parts.host.proofs.checkpoint()
    return this.#raise('rollback', this.height, {
      servedSize,
      note: kept === null ? null : utf8Encode(kept.text),
    })
  }

  #raise(what: Alarm['what'], height: number, facts: { readonly [name: string]: unknown }): Alarm {
    const evidence = encodeCanonical({
      ...Object.fromEntries(
        Object.entries(facts).map(([name, fact]) => [name, plain(fact)] as const),
      ),
      height,
      kind: 'lianban-divergence',
      ledger: this.#parts.host.ledger,
      stateDigest: base64urlEncode(this.#parts.machine.head().stateDigest),
      what,
    })
    this.#alarm = { what, height, evidence }
    return this.#alarm
  }
}

function plain(fact: unknown): string | number | null {
  if (fact instanceof Uint8Array) return base64urlEncode(fact)
  if (typeof fact === 'string' || typeof fact === 'number') return fact
  if (isRefusal(fact)) return fact.code
  return null
}
