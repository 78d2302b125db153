// Proofs out of a host's stores: tiles, entry bundles, inclusion, consistency, records of the maps,
// and what the newest checkpoint is worth. Everything is checked against the node's own root before
// it leaves, so a damaged file is an error here and never a wrong proof elsewhere.
import { base64urlEncode, latin1Decode, latin1Encode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import { isRefusal } from '#ledger/command'
import type { Frame } from '#ledger/apply'
import { decodeEntry, decodeFrame, frameHeaderBytes, frameLength } from '#ledger/apply'
import type { Head } from '#ledger/order'
import type { MapProof, TileId, TileReader, Verdict } from '#ledger/prove'
import { consistencyProof, DURABLE, encodeEntryBundle } from '#ledger/prove'
import { encodeProofFile } from '#ledger/prove'
import { gradeText, inclusionProof, judge, leafHash, openTiles, TILE_WIDTH } from '#ledger/prove'
import type { Receipt } from '#ledger/read'
import { Failure } from '#adapters/storage'
import type { KeptCheckpoint } from '#adapters/storage'
import { redactionOf } from '#domains/members'
import type { Derived } from './catch-up.ts'

/**
 * A receipt and what it is worth now: `durable`, `checkpointed`, `witnessed(k)`, `validated(k)`.
 */
export type GradedReceipt = Receipt & { readonly grade: string }

export type ProofParts = {
  readonly ledger: string
  readonly derived: Derived
  /** The last durable height. */
  readonly head: () => Head
  /** The node's own clock, for the age of cosignatures alone. */
  readonly wallMs: () => number
}

/** A verdict, and what it was given for. */
type Judged = {
  readonly text: string
  readonly changes: number
  readonly slot: number
  readonly verdict: Verdict
}

const verdictMs = 10_000

/**
 * Checked tiles in memory, 16 KiB each: proofs of half a million entries without reading a tile
 * again, which costs as much as twenty proofs.
 */
const tilesKept = 2048

/** Reads proofs; made by the host. */
export class Proofs {
  readonly #ledger: string
  readonly #derived: Derived
  readonly #head: () => Head
  #reader: { readonly size: number; readonly tiles: TileReader } | null = null
  readonly #wallMs: () => number
  #judged: Judged | null = null
  /** The newest checkpoint as the bytes that stand in every proof under it. */
  #note: { readonly text: string; readonly bytes: Bytes } | null = null

  constructor(parts: ProofParts) {
    this.#ledger = parts.ledger
    this.#derived = parts.derived
    this.#head = parts.head
    this.#wallMs = parts.wallMs
  }

  /** The newest signed checkpoint with the cosignatures so far, or null. */
  checkpoint(): KeptCheckpoint | null {
    return this.#derived.stores.checkpoint.newest
  }

  /** The verdict on the newest checkpoint under the registry's own policy. */
  verdict(): Verdict {
    const kept = this.checkpoint()
    if (kept === null) return DURABLE
    const { registry } = this.#derived
    const { text } = kept
    const { changes } = registry
    // Keys come and go, and cosignatures are dated: a verdict is given anew after a while.
    const nowMs = Math.max(this.#head().time, this.#wallMs())
    const slot = Math.floor(nowMs / verdictMs)
    const known = this.#judged
    if (known?.text === text && known.changes === changes && known.slot === slot) {
      return known.verdict
    }
    const policy = registry.policy(this.#ledger, this.#head().height)
    // The node judges its own note to say what it is worth, never to trust it.
    const judged = judge({ policy, note: utf8Encode(text), nowMs })
    const verdict = isRefusal(judged) ? DURABLE : (judged as Verdict)
    this.#judged = { text, changes, slot, verdict }
    return verdict
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
    const entries = this.#derived.stores.entries.entries(from, width)
    return encodeEntryBundle(
      entries.map((bytes, i) => {
        const marker = this.withheld(from + i)
        return marker === null ? bytes : latin1Encode(marker)
      }),
    )
  }

  /**
   * What is shown in the place of an entry whose bytes the members have decided to withhold
   * (protocol §28): its leaf hash, under which every other proof still stands, and the law. Null
   * for all other entries, for those of the ledger itself, and where the decision speaks of other
   * bytes.
   */
  withheld(index: number): string | null {
    const { state, entries } = this.#derived.stores
    const order = redactionOf(state, index)
    if (order === undefined) return null
    const bytes = entries.entry(index)
    const entry = decodeEntry(latin1Decode(bytes))
    if (isRefusal(entry) || entry.kind === 'system') return null
    if (base64urlEncode(leafHash(bytes)) !== order.leaf) return null
    return `{"redacted":{"law":"${order.law}","leaf":"${order.leaf}"}}`
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
    if (this.#note?.text !== kept.text)
      this.#note = { text: kept.text, bytes: utf8Encode(kept.text) }
    return encodeProofFile({ extra: null, index, path, note: this.#note.bytes })
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
    const source = this.#derived.stores.tiles
    const earlier = this.#reader?.tiles ?? null
    const tiles = openTiles({ source, size, root, cached: tilesKept, earlier })
    if (tiles === null) throw new Failure('storage/corrupt', false, 'tiles at the right edge')
    this.#reader = { size, tiles }
    return tiles
  }
}
