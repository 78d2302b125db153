// The checkpoints of a host: signed at the sizes that blocks decided, once the block is durable,
// and kept before anybody sees them. A checkpoint that a crash, a full disk, an unconfirmed restore
// or a cosigner's silence kept from being signed is signed later; none is ever signed below one
// that is kept, or over another history than the one that was signed before.
import { compare, readU64be, utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import { encodeCheckpoint, encodeNote, MAX_SIGNATURES, parseNote } from '#ledger/prove'
import { parseSignedCheckpoint, rootAt } from '#ledger/prove'
import type { NoteSignature } from '#ledger/prove'
import { keyInForce } from '#ledger/validate'
import type { Clock } from '#adapters/consensus'
import { Failure } from '#adapters/storage'
import type { CheckpointStore, KeptCheckpoint } from '#adapters/storage'
import type { Hold } from '#apps/node/restore'
import type { Derived } from './catch-up.ts'
import type { HostNote } from './ledger-host.ts'
import type { Proofs } from './proofs.ts'

/**
 * Signs the text of a checkpoint under the log's key (C2SP note). `inForce` says of a kid whether
 * the registry has it as a log key now; null when no held key is.
 */
export type CheckpointSigner = {
  sign(text: string, inForce: (kid: string) => boolean): NoteSignature | null
}

export type CheckpointParts = {
  readonly ledger: string
  readonly derived: Derived
  readonly proofs: Proofs
  readonly clock: Clock
  /** The last durable height. */
  readonly height: () => number
  /** Absent on a copy that only reads. */
  readonly signer: CheckpointSigner | null
  /** Asked before each signature: why nothing may be signed now (S7, P13), null when it may. */
  readonly held: () => Hold | null
  readonly report: (note: HostNote) => void
}

const retryMs = 10_000

/** How loudly the operator is told why nothing is signed. */
const levelOf: { readonly [hold in Hold]: HostNote['level'] } = {
  'restored-and-unconfirmed': 'warn',
  'asking-cosigners': 'info',
  'cosigners-unheard': 'warn',
  'cosigner-knows-more': 'error',
  'cosigner-knows-other': 'error',
}

/** Signs, keeps and completes the newest checkpoint; made by the host. */
export class Checkpoints {
  readonly #parts: CheckpointParts
  readonly #store: CheckpointStore
  /** The newest size that a durable block decided. */
  #decided = 0
  #saving = false
  #work: Promise<void> = Promise.resolve()
  #cancelRetry: (() => void) | null = null
  #closed = false

  constructor(parts: CheckpointParts) {
    this.#parts = parts
    this.#store = parts.derived.stores.checkpoint
  }

  /** A durable block decided a checkpoint of this size: it is signed now or as soon as it may. */
  decide(size: number): void {
    this.#decided = Math.max(this.#decided, size)
    this.#sign()
  }

  /** Signs what is due, after what held it back has gone: an idle ledger decides nothing new. */
  due(): void {
    this.#sign()
  }

  /** Adds verified cosignatures to the newest checkpoint; false when it is another checkpoint. */
  addCosignatures(note: Bytes, signatures: readonly NoteSignature[]): Promise<boolean> {
    const done = this.#work.then(() => this.#merge(note, signatures))
    this.#work = done.then(ignore, ignore)
    return done
  }

  /** Resolves when nothing is being kept; nothing is begun afterwards. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancelRetry?.()
    await this.#work
  }

  #sign(): void {
    const { signer, held } = this.#parts
    const size = this.#decided
    if (signer === null || this.#closed || this.#saving) return
    if (size <= (this.#store.newest?.size ?? 0)) return
    const hold = held()
    if (hold !== null) {
      this.#parts.report({ level: levelOf[hold], event: hold, size })
      return
    }
    try {
      const text = encodeCheckpoint({ origin: this.#parts.ledger, size, root: this.#rootAt(size) })
      const line = signer.sign(text, (kid) => this.#inForce(kid))
      if (line === null) {
        this.#parts.report({ level: 'warn', event: 'no-log-key-in-force', size })
        return
      }
      this.#keep({ size, text: noteText(text, [line]) })
    } catch (failure) {
      this.#failed('checkpoint-not-signed', failure)
    }
  }

  #keep(checkpoint: KeptCheckpoint): void {
    this.#saving = true
    this.#work = this.#work
      .then(() => this.#store.save(checkpoint))
      .then(
        () => {
          this.#saving = false
          this.#sign()
        },
        (failure: unknown) => {
          this.#saving = false
          this.#failed('checkpoint-not-kept', failure)
        },
      )
  }

  /** Tries again after a while, because an idle ledger decides no other checkpoint. */
  #failed(event: string, failure: unknown): void {
    this.#parts.report({ level: 'error', event, code: codeOf(failure) })
    if (this.#closed) return
    this.#cancelRetry?.()
    this.#cancelRetry = this.#parts.clock.after(retryMs, () => this.#sign())
  }

  #inForce(kid: string): boolean {
    const key = this.#parts.derived.registry.key(kid)
    return key?.use === 'log' && keyInForce(key, this.#parts.height())
  }

  #rootAt(size: number): Bytes {
    const { frontier } = this.#parts.derived
    if (frontier.size === size) return frontier.root()
    const root = rootAt(this.#parts.proofs.nodes(), size)
    if (root === null) throw new Failure('storage/corrupt', false, `tiles of size ${size}`)
    return root
  }

  async #merge(note: Bytes, signatures: readonly NoteSignature[]): Promise<boolean> {
    const kept = this.#store.newest
    const present = kept === null ? null : parseNote(utf8Encode(kept.text))
    const about = parseSignedCheckpoint(note)
    if (kept === null || present === null || about === null) return false
    if (about.note.text !== present.text) return false
    const merged = [...present.signatures]
    for (const one of signatures) {
      const at = merged.findIndex((had) => sameKey(had, one))
      const had = merged[at]
      if (had === undefined) merged.push(one)
      else if (secondsOf(one) > secondsOf(had)) merged[at] = one
    }
    if (merged.length > MAX_SIGNATURES) return false
    const text = noteText(present.text, merged)
    if (text !== kept.text) await this.#store.save({ size: kept.size, text })
    return true
  }
}

/**
 * Holds the kept checkpoint against the tree of this directory: whoever signed it once may not go
 * on with another history. Throws a fatal `node/other-history`.
 */
export function checkKept(ledger: string, derived: Derived, proofs: Proofs): void {
  const kept = derived.stores.checkpoint.newest
  if (kept === null) return
  const signed = parseSignedCheckpoint(utf8Encode(kept.text))
  const same = signed?.checkpoint.origin === ledger && signed.checkpoint.size === kept.size
  const root = same && kept.size <= derived.frontier.size ? rootAt(proofs.nodes(), kept.size) : null
  if (signed !== null && root !== null && compare(root, signed.checkpoint.root) === 0) return
  throw new Failure('node/other-history', true, `the kept checkpoint of size ${kept.size}`)
}

/** What an operator may read of a failure: its code, or what kind of error it is. */
export function codeOf(failure: unknown): string {
  if (!(failure instanceof Error)) return 'unknown'
  if ('code' in failure && typeof failure.code === 'string') return failure.code
  // The text of a defect is a claim of the sources; that of another error may quote anything.
  return failure.name === 'Defect' ? failure.message : failure.name
}

function noteText(text: string, signatures: readonly NoteSignature[]): string {
  const note = utf8Decode(encodeNote({ text, signatures }))
  assert(note !== null, 'a note is UTF-8')
  return note
}

function sameKey(a: NoteSignature, b: NoteSignature): boolean {
  return a.name === b.name && a.keyHash === b.keyHash
}

/** When a cosignature was made, in Unix seconds; a signature without a time was made before all. */
function secondsOf({ signature }: NoteSignature): number {
  const timed = signature.length === 72 && signature[0] === 0 && (signature[1] ?? 0) < 0x20
  return timed ? readU64be(signature, 0) : -1
}

function ignore(): void {
  return undefined
}
