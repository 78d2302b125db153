// The tree and the entries as C2SP tlog-tiles: names of tiles, which tiles a size needs, entry
// bundles, and reading nodes back out of tiles. It promises that a node read through `openTiles`
// stands under the root that was asked for: every tile is hashed again and compared with its
// parent before one byte of it is used.
import { readU16be, equal } from '#base/bytes'
import type { Bytes } from '#base/bytes'

import type { NodeReader } from './tree-proof.ts'
import { Folds, rootAt } from './tree-proof.ts'
import { HASH_BYTES, PairHasher } from './tree.ts'

/** Height of a tile: every tile level covers this many levels of the tree. */
export const TILE_HEIGHT = 8

/** Hashes in a full tile, and entries in a full bundle. */
export const TILE_WIDTH = 256

/** Longest entry that a bundle can carry, in bytes (its length is a u16). */
export const MAX_ENTRY_BYTES = 65_535

/** Tile levels that a tree of fewer than 2^53 leaves can have. */
const MAX_TILE_LEVEL = 6

/** A hash tile by level, or the bundle of entries under the level-0 tile of the same index. */
export type TileId = {
  readonly level: number | 'entries'
  readonly index: number
  /** 256 for a full tile, 1 to 255 for a partial one. */
  readonly width: number
}

/** A hash tile: like TileId, never a bundle. */
export type HashTileId = TileId & { readonly level: number }

/** `tile/<L>/<N>[.p/<W>]` without a leading slash (C2SP tlog-tiles, "Merkle Tree"). */
export function tilePath({ level, index, width }: TileId): string {
  const digits = String(index)
  const padded = digits.padStart(digits.length + ((3 - (digits.length % 3)) % 3), '0')
  const groups = padded.match(/[0-9]{3}/g) ?? []
  const named = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group))
  return `tile/${level}/${named.join('/')}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

const TILE_PATH =
  /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/

/** The tile that a path names; null for every path that `tilePath` would not have written. */
export function parseTilePath(untrusted: string): TileId | null {
  const match = untrusted.length > 64 ? null : TILE_PATH.exec(untrusted)
  if (!match) return null
  const [, named, groups, partial] = match
  const level = named === 'entries' ? 'entries' : Number(named)
  if (level !== 'entries' && level > 63) return null
  const index = Number(groups!.replaceAll(/[x/]/g, ''))
  const width = partial === undefined ? TILE_WIDTH : Number(partial)
  if (!Number.isSafeInteger(index)) return null
  if (partial !== undefined && width >= TILE_WIDTH) return null
  const tile: TileId = { level, index, width }
  return tilePath(tile) === untrusted ? tile : null
}

/** Hashes at a tile level in a tree of this size: floor(size / 256^level). */
export function hashesAtLevel(level: number, size: number): number {
  let rest = size
  for (let i = 0; i < level && rest > 0; i++) rest = (rest - (rest % TILE_WIDTH)) / TILE_WIDTH
  return rest
}

/** Width of a tile in a tree of this size: 0 (does not exist) to 256 (full). */
export function tileWidth(level: number, index: number, size: number): number {
  const before = index * TILE_WIDTH
  return Math.max(0, Math.min(TILE_WIDTH, hashesAtLevel(level, size) - before))
}

/** The partial tiles of a tree of this size, lowest level first; at most one a level. */
export function partialTiles(size: number): readonly HashTileId[] {
  const tiles: HashTileId[] = []
  for (let level = 0; level <= MAX_TILE_LEVEL; level++) {
    const count = hashesAtLevel(level, size)
    const width = count % TILE_WIDTH
    if (width > 0) tiles.push({ level, index: (count - width) / TILE_WIDTH, width })
  }
  return tiles
}

/** The tiles that become full while the tree grows from `from` to `to` leaves, by level. */
export function completedTiles(from: number, to: number): readonly HashTileId[] {
  const tiles: HashTileId[] = []
  for (let level = 0; level <= MAX_TILE_LEVEL; level++) {
    const end = hashesAtLevel(level + 1, to)
    for (let index = hashesAtLevel(level + 1, from); index < end; index++) {
      tiles.push({ level, index, width: TILE_WIDTH })
    }
  }
  return tiles
}

/** Entries as a bundle: u16 big-endian length before each (C2SP tlog-tiles, "Log entries"). */
export function encodeEntryBundle(entries: readonly Bytes[]): Bytes {
  let length = 0
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) throw new RangeError('an entry has at most 65,535 bytes')
    length += 2 + entry.length
  }
  const out = new Uint8Array(length)
  let at = 0
  for (const entry of entries) {
    out[at] = entry.length >> 8
    out[at + 1] = entry.length & 0xff
    out.set(entry, at + 2)
    at += 2 + entry.length
  }
  return out
}

/** The `count` entries (1 to 256) of a bundle; null unless the bytes hold exactly those. */
export function decodeEntryBundle(untrusted: Bytes, count: number): readonly Bytes[] | null {
  if (!Number.isSafeInteger(count) || count < 1 || count > TILE_WIDTH) return null
  const entries: Bytes[] = []
  let at = 0
  for (let i = 0; i < count; i++) {
    if (at + 2 > untrusted.length) return null
    const length = readU16be(untrusted, at)
    at += 2
    if (at + length > untrusted.length) return null
    entries.push(untrusted.slice(at, at + length))
    at += length
  }
  return at === untrusted.length ? entries : null
}

/**
 * A hash tile with the nodes between its hashes computed once, so that a proof reads them instead
 * of hashing them again: 16 KiB for a full tile.
 */
export class Tile {
  /** Number of hashes: 1 to 256. */
  readonly width: number
  readonly #levels: readonly Uint8Array[]

  private constructor(width: number, levels: readonly Uint8Array[]) {
    this.width = width
    this.#levels = levels
  }

  /** The tile of these bytes; null unless they are 1 to 256 whole hashes. */
  static from(untrusted: Bytes): Tile | null {
    const width = (untrusted.length - (untrusted.length % HASH_BYTES)) / HASH_BYTES
    if (width < 1 || width > TILE_WIDTH || width * HASH_BYTES !== untrusted.length) return null
    const hasher = new PairHasher()
    const levels: Uint8Array[] = [untrusted.slice()]
    for (let below = levels[0]!; below.length >= 2 * HASH_BYTES;) {
      const pairs = (below.length - (below.length % (2 * HASH_BYTES))) / (2 * HASH_BYTES)
      const level = new Uint8Array(pairs * HASH_BYTES)
      for (let i = 0; i < pairs; i++) {
        hasher.left(below, 2 * i * HASH_BYTES)
        hasher.right(below, (2 * i + 1) * HASH_BYTES)
        hasher.into(level, i * HASH_BYTES)
      }
      levels.push(level)
      below = level
    }
    return new Tile(width, levels)
  }

  /** Hash of the complete subtree of `height` (0 to 8) at `index` in the tile, or null. */
  hash(height: number, index: number): Bytes | null {
    const level = this.#levels[height]
    const at = index * HASH_BYTES
    return level && at + HASH_BYTES <= level.length ? level.slice(at, at + HASH_BYTES) : null
  }

  /** Root of a full tile, which stands in its parent; null while the tile is partial. */
  root(): Bytes | null {
    return this.hash(TILE_HEIGHT, 0)
  }
}

/**
 * Where the bytes of hash tiles come from (a directory, a cache, a fetched bundle). What it gives
 * is not trusted. It may answer a wider tile than was asked for; null means that it has none.
 */
export type TileSource = {
  tile(id: HashTileId): Bytes | null
}

export type TileTree = {
  readonly source: TileSource
  readonly size: number
  /** Root of the tree of `size` leaves, known from a checkpoint or from the node's own frontier. */
  readonly root: Bytes
  /** Most tiles kept in memory (16 KiB each); 256 when absent. */
  readonly cached?: number
  /** A reader of an earlier size, whose tiles are taken over as far as they stand in this tree. */
  readonly earlier?: TileReader | null
}

/** A tile in memory, and the reader under whose root its place was checked. */
type KeptTile = { readonly tile: Tile; readonly by: TileReader }

/**
 * A reader of the nodes under this root. Null when the tiles on the tree's right edge are missing
 * or do not give the root. A tile elsewhere that does not hash to its place in its parent reads
 * as missing.
 */
export function openTiles(tree: TileTree): TileReader | null {
  const { source, size, root } = tree
  if (!Number.isSafeInteger(size) || size < 0) return null
  const edge = new Map<number, Tile>()
  for (const id of partialTiles(size)) {
    const bytes = source.tile(id)
    if (bytes === null || bytes.length < id.width * HASH_BYTES) return null
    const tile = Tile.from(bytes.slice(0, id.width * HASH_BYTES))
    if (tile === null) return null
    edge.set(id.level, tile)
  }
  const reader = new TileReader(tree, edge)
  const computed = rootAt(reader, size)
  return computed !== null && equal(computed, root) ? reader : null
}

/** Reads complete nodes out of tiles that were checked against a root. Made by `openTiles`. */
export class TileReader implements NodeReader {
  readonly size: number
  readonly folds: Folds = new Folds()
  readonly #source: TileSource
  readonly #edge: ReadonlyMap<number, Tile>
  readonly #kept: Map<number, KeptTile>
  readonly #cached: number

  constructor({ source, size, cached = 256, earlier }: TileTree, edge: ReadonlyMap<number, Tile>) {
    this.#source = source
    this.size = size
    this.#edge = edge
    this.#cached = cached
    this.#kept = earlier ? new Map(earlier.#kept) : new Map()
  }

  /** Hash of the complete subtree at (level, index) of the tree, or null. */
  hashes(level: number, index: number): Bytes | null {
    const height = level % TILE_HEIGHT
    const tileLevel = (level - height) / TILE_HEIGHT
    const perTile = TILE_WIDTH / 2 ** height
    const inTile = index % perTile
    const tile = this.tile(tileLevel, (index - inTile) / perTile)
    return tile === null ? null : tile.hash(height, inTile)
  }

  /** The tile at this place in the tree, checked; null when missing, beyond the size or damaged. */
  tile(level: number, index: number): Tile | null {
    const width = tileWidth(level, index, this.size)
    if (width === 0) return null
    if (width < TILE_WIDTH) return this.#edge.get(level) ?? null
    // Indices stay below 2^45 and levels below 7, so that one number names a tile.
    const name = level * 2 ** 46 + index
    const kept = this.#kept.get(name)
    if (kept?.by === this) return kept.tile
    const tile = this.#check(level, index, kept?.tile ?? null)
    if (tile === null) return null
    // The oldest tile makes room; proofs of one block touch few tiles, so age is a fair measure.
    if (this.#kept.size >= this.#cached) this.#kept.delete(this.#kept.keys().next().value!)
    this.#kept.set(name, { tile, by: this })
    return tile
  }

  /** The full tile at this place, from memory or read, if its parent says so. */
  #check(level: number, index: number, known: Tile | null): Tile | null {
    const offset = index % TILE_WIDTH
    const parent = this.tile(level + 1, (index - offset) / TILE_WIDTH)
    const expected = parent?.hash(0, offset)
    if (!expected) return null
    if (known !== null && equal(known.root()!, expected)) return known
    const bytes = this.#source.tile({ level, index, width: TILE_WIDTH })
    if (bytes === null || bytes.length !== TILE_WIDTH * HASH_BYTES) return null
    const tile = Tile.from(bytes)
    return tile !== null && equal(tile.root()!, expected) ? tile : null
  }
}
