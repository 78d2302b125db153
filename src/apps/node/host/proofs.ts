// Proofs out of a host's stores: tiles, entry bundles, inclusion, consistency, records of the maps,
// and what the newest checkpoint is worth. Everything is checked against the node's own root before
// it leaves, so a damaged file is an error here and never a wrong proof elsewhere.
import { utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import { isRefusal } from '#ledger/command'
import type { Frame } from '#ledger/apply'
import { decodeFrame, frameHeaderBytes, frameLength } from '#ledger/apply'
import type { Head } from '#ledger/order'
import type { MapProof, TileId, TileReader, Verdict } from '#ledger/prove'
import { consistencyProof, DURABLE, encodeEntryBundle } from '#ledger/prove'
import { encodeProofFile } from '#ledger/prove'
import { gradeText, inclusionProof, judge, openTiles, TILE_WIDTH } from '#ledger/prove'
import type { Receipt } from '#ledger/read'
import { Failure } from '#adapters/storage'
import type { KeptCheckpoint } from '#adapters/storage'
import type { Derived } from './catch-up.ts'

/**
 * A receipt and what it is worth now: `durable`, `checkpointed`, `witnessed(k)`, `validated(k)`.
 */
export type GradedReceipt = Receipt & { readonly grade: string }

/** Reads proofs; made by the host. */
export class Proofs {
  readonly #ledger: string
  readonly #derived: Derived
  readonly #head: () => Head
  #reader: { readonly size: number; readonly tiles: TileReader } | null = null
  #judged: { readonly text: string; readonly verdict: Verdict } | null = null

  constructor(ledger: string, derived: Derived, head: () => Head) {
    this.#ledger = ledger
    this.#derived = derived
    this.#head = head
  }

  /** The newest signed checkpoint with the cosignatures so far, or null. */
  checkpoint(): KeptCheckpoint | null {
    return this.#derived.stores.checkpoint.newest
  }

  /** The verdict on the newest checkpoint under the registry's own policy. */
  verdict(): Verdict {
    const kept = this.checkpoint()
    if (kept === null) return DURABLE
    if (this.#judged?.text === kept.text) return this.#judged.verdict
    const policy = this.#derived.registry.policy(this.#ledger, this.#head().height)
    // The node judges its own note to say what it is worth, never to trust it: ledger time does.
    const verdict = judge({ policy, note: utf8Encode(kept.text), nowMs: this.#head().time })
    const judged = isRefusal(verdict) ? DURABLE : (verdict as Verdict)
    this.#judged = { text: kept.text, verdict: judged }
    return judged
  }

  /** What an entry is worth now, in one word. */
  gradeOf(entry: number): string {
    const kept = this.checkpoint()
    if (kept === null || entry >= kept.size) return gradeText(DURABLE)
    return gradeText(this.verdict())
  }

  /** Bytes of a hash tile or entry bundle of the durable tree; null when there is none. */
  tile(id: TileId): Bytes | null {
    const size = this.#head().size
    const { level, index, width } = id
    if (level !== 'entries') return this.#derived.stores.tiles.tile({ ...id, level })
    const from = index * TILE_WIDTH
    if (from + width > size) return null
    return encodeEntryBundle(this.#derived.stores.entries.entries(from, width))
  }

  /** Inclusion path of an entry in the tree of `size` leaves. */
  inclusion(index: number, size: number): readonly Bytes[] {
    const path = inclusionProof(this.nodes(), index, size)
    if (path === null) throw new Failure('storage/corrupt', false, `tiles of size ${size}`)
    return path
  }

  /** Consistency path between two sizes. */
  consistency(from: number, to: number): readonly Bytes[] {
    const path = consistencyProof(this.nodes(), from, to)
    if (path === null) throw new Failure('storage/corrupt', false, `tiles of size ${to}`)
    return path
  }

  /** The `.tlog-proof` file of an entry under the newest checkpoint; null while it has none. */
  proofFile(index: number): Bytes | null {
    const kept = this.checkpoint()
    if (kept === null || index >= kept.size) return null
    const path = this.inclusion(index, kept.size)
    return encodeProofFile({ extra: null, index, path, note: utf8Encode(kept.text) })
  }

  /** The proof of a record in a map as of the last map-root entry; null without such a map. */
  record(map: string, key: string): MapProof | null {
    return this.#derived.maps.prove(map, key)
  }

  /** A durable frame, read back and checked against its own hash and the frame before it. */
  frame(height: number): Frame {
    return this.#checked(height).frame
  }

  /** The bytes of a durable frame, checked. */
  frameBytes(height: number): Bytes {
    return this.#checked(height).bytes
  }

  #checked(height: number): { readonly frame: Frame; readonly bytes: Bytes } {
    const { entries, journal } = this.#derived.stores
    const { position } = entries.frameOf(height)
    const length = frameLength(journal.bytes(position, frameHeaderBytes))
    const bytes = length === null ? null : journal.bytes(position, length)
    const previous = height === 1 ? new Uint8Array(32) : this.#frameHash(height - 1)
    const frame = bytes === null ? null : decodeFrame(bytes, previous)
    if (bytes === null || frame === null || isRefusal(frame)) {
      throw new Failure('storage/corrupt', false, `frame ${height}`)
    }
    return { frame, bytes }
  }

  #frameHash(height: number): Bytes {
    const { entries, journal } = this.#derived.stores
    return journal.bytes(entries.frameOf(height).position, frameHeaderBytes).slice(8)
  }

  /** The nodes of the durable tree, checked against the node's own root. */
  nodes(): TileReader {
    const { size } = this.#head()
    if (this.#reader?.size === size) return this.#reader.tiles
    assert(this.#derived.frontier.size === size, 'the frontier stands at the head')
    const root = this.#derived.frontier.root()
    const tiles = openTiles({ source: this.#derived.stores.tiles, size, root })
    if (tiles === null) throw new Failure('storage/corrupt', false, 'tiles at the right edge')
    this.#reader = { size, tiles }
    return tiles
  }
}
