// Files that are read and written whole: hash tiles, documents by their hash, and the newest signed
// checkpoint. Tiles and documents prove themselves when they are read; the checkpoint is replaced
// at once or not at all, and never by an older one.
import { base64urlEncode, concat, equal, latin1Decode, latin1Encode } from '#base/bytes'
import { base64urlDecode, utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import type { Json } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import type { HashTileId } from '#ledger/prove'
import { HASH_BYTES, Tile, TILE_HEIGHT, TILE_WIDTH, tilePath } from '#ledger/prove'
import type { Sealed, SealedPiece } from './derived.ts'
import { listIn, numberIn, textIn } from './derived.ts'
import type { Disk } from './disk.ts'
import { Failure } from './disk.ts'

const tileBytes = TILE_WIDTH * HASH_BYTES
/** Full tiles whose check is remembered: 8 MiB. */
const tilesKnown = 1024

/** The growing tile of a level: `count` hashes of the level so far, the last ones in `bytes`. */
type Edge = { readonly bytes: Uint8Array; count: number }

/**
 * The tree's hash tiles (C2SP tlog-tiles): full ones as files, the growing ones in memory.
 * Implements prove's `TileSource`; `node` is a `NodeSink` for the frontier. A tile that it gives
 * stands under the tree's right edge, which travels in snapshots; a file that is missing or damaged
 * is learned again from the entries.
 */
export class TileStore {
  readonly #disk: Disk
  readonly #leaf: (index: number) => Bytes
  readonly #edge: Edge[] = []
  /** Full tiles that no snapshot has written yet, by path. */
  readonly #waiting: Map<string, Bytes> = new Map()
  readonly #known: Map<string, Bytes> = new Map()
  #directory = ''

  constructor(disk: Disk, leaf: (index: number) => Bytes, sealed: Json) {
    this.#disk = disk
    this.#leaf = leaf
    for (const each of sealed === null ? [] : listIn(sealed, 'edge')) {
      const held = base64urlDecode(textIn(each, 'hashes'))
      const count = numberIn(each, 'count')
      if (held === null || held.length !== (count % TILE_WIDTH) * HASH_BYTES) {
        throw new Failure('storage/corrupt', false, 'edge of the tree')
      }
      const bytes = new Uint8Array(tileBytes)
      bytes.set(held)
      this.#edge.push({ bytes, count })
    }
  }

  /** Leaves taken in. */
  get size(): number {
    return this.#edge[0]?.count ?? 0
  }

  /** Told of every complete node by `Frontier.append`. */
  readonly node = (level: number, index: number, hash: Bytes): void => {
    if (level % TILE_HEIGHT !== 0) return
    const tileLevel = level / TILE_HEIGHT
    const edge = (this.#edge[tileLevel] ??= { bytes: new Uint8Array(tileBytes), count: 0 })
    assert(index === edge.count, 'nodes are taken in order')
    edge.bytes.set(hash, (index % TILE_WIDTH) * HASH_BYTES)
    edge.count += 1
    if (edge.count % TILE_WIDTH !== 0) return
    const id = { level: tileLevel, index: edge.count / TILE_WIDTH - 1, width: TILE_WIDTH }
    this.#waiting.set(filePath(id), edge.bytes.slice())
  }

  /** Bytes of a tile of the present size or a smaller one; null when the tree has no such tile. */
  tile(id: HashTileId): Bytes | null {
    const end = id.index * TILE_WIDTH + id.width
    if (id.width < 1 || id.width > TILE_WIDTH) return null
    const edge = this.#edge[id.level]
    if (edge === undefined || end > edge.count) return null
    const before = edge.count - (edge.count % TILE_WIDTH)
    const whole =
      id.index * TILE_WIDTH === before ? edge.bytes : this.#full({ ...id, width: TILE_WIDTH })
    return whole.slice(0, id.width * HASH_BYTES)
  }

  /** Whether a full tile is still on its way to its file. */
  waits(path: string): boolean {
    return this.#waiting.has(path)
  }

  /** Takes a full tile as the entries give it, for a file that the next snapshot writes again. */
  mend(path: string, bytes: Bytes): void {
    this.#waiting.set(path, bytes)
  }

  seal(): Sealed {
    const edge = this.#edge.map(({ bytes, count }) => {
      const held = bytes.subarray(0, (count % TILE_WIDTH) * HASH_BYTES)
      return { count, hashes: base64urlEncode(held) }
    })
    const waiting = [...this.#waiting]
    return {
      pieces: this.#pieces(waiting),
      parts: () => ({ edge }),
      files: () => [],
      saved: () => {
        for (const [path] of waiting) this.#waiting.delete(path)
      },
    }
  }

  /** A full tile, compared with its hash in the tile above it. */
  #full(id: HashTileId): Bytes {
    const path = filePath(id)
    const held = this.#waiting.get(path) ?? this.#known.get(path)
    if (held !== undefined) return held
    const root = this.#rootOf(id)
    const read = this.#read(path)
    const bytes = [
      () => read,
      () => this.#learn(id, true),
      () => this.#learn(id, false),
    ].reduce<Bytes | null>((found, next) => found ?? standing(next(), root), null)
    if (bytes === null) throw new Failure('storage/corrupt', false, path)
    if (bytes !== read) this.mend(path, bytes)
    if (this.#known.size >= tilesKnown) this.#known.delete(this.#known.keys().next().value ?? '')
    this.#known.set(path, bytes)
    return bytes
  }

  #rootOf({ level, index }: HashTileId): Bytes {
    const at = (index % TILE_WIDTH) * HASH_BYTES
    const above = { level: level + 1, index: (index - (index % TILE_WIDTH)) / TILE_WIDTH }
    const count = this.#edge[level + 1]?.count ?? 0
    assert(index < count, 'a full tile has its root in the tile above')
    const edgeIndex = (count - (count % TILE_WIDTH)) / TILE_WIDTH
    const tile =
      above.index === edgeIndex
        ? (this.#edge[level + 1] as Edge).bytes
        : this.#full({ ...above, width: TILE_WIDTH })
    return tile.subarray(at, at + HASH_BYTES)
  }

  #read(path: string): Bytes | null {
    try {
      const file = this.#disk.open(path, 'read')
      try {
        const bytes = new Uint8Array(tileBytes)
        return this.#disk.read(file, bytes, 0) === tileBytes ? bytes : null
      } finally {
        this.#disk.close(file)
      }
    } catch (error) {
      if (error instanceof Failure && !error.fatal) return null
      throw error
    }
  }

  /** The tile from those below it, as their files stand or as they are learned themselves. */
  #learn({ level, index }: HashTileId, files: boolean): Bytes {
    const hashes = Array.from({ length: TILE_WIDTH }, (_, i) => {
      const at = index * TILE_WIDTH + i
      if (level === 0) return this.#leaf(at)
      const below = { level: level - 1, index: at, width: TILE_WIDTH }
      const path = filePath(below)
      const held = this.#waiting.get(path) ?? (files ? this.#read(path) : null)
      return Tile.from(held ?? this.#learn(below, files))?.root() ?? new Uint8Array(HASH_BYTES)
    })
    return concat(hashes)
  }

  *#pieces(waiting: readonly (readonly [string, Bytes])[]): Generator<SealedPiece, void> {
    for (const [path, bytes] of waiting) {
      const directory = path.slice(0, path.lastIndexOf('/'))
      if (directory !== this.#directory) this.#disk.change({ kind: 'mkdir', path: directory })
      this.#directory = directory
      yield { path, at: 0, bytes, loose: true }
    }
  }
}

/** `leaf` gives the leaf hash of an entry, computed from its checked bytes. */
export function openTileStore(
  disk: Disk,
  leaf: (index: number) => Bytes,
  sealed: Json = null,
): TileStore {
  return new TileStore(disk, leaf, sealed)
}

/** `tiles/<L>/<N>`: the path of C2SP below a directory of our own. */
function filePath(id: HashTileId): string {
  return `tiles/${tilePath(id).slice('tile/'.length)}`
}

/** The tile's bytes when they hash to this root. */
function standing(bytes: Bytes | null, root: Bytes): Bytes | null {
  const computed = bytes === null ? null : (Tile.from(bytes)?.root() ?? null)
  return computed !== null && equal(computed, root) ? bytes : null
}

export type KeptCheckpoint = {
  /** Tree size that the note speaks of. */
  readonly size: number
  /** The signed note as published. */
  readonly text: string
}

const checkpointPath = 'checkpoint'
const checkpointForm = /^lianban-checkpoint ([0-9]{1,16}) ([A-Za-z0-9_-]{43})\n/

/** The newest signed checkpoint: what must never go back, even when everything else is lost. */
export class CheckpointStore {
  readonly #disk: Disk
  #newest: KeptCheckpoint | null
  #saving = false

  constructor(disk: Disk, newest: KeptCheckpoint | null) {
    this.#disk = disk
    this.#newest = newest
  }

  get newest(): KeptCheckpoint | null {
    return this.#newest
  }

  /** Replaces the checkpoint; durable when the promise is kept. Calls do not overlap. */
  async save(checkpoint: KeptCheckpoint): Promise<void> {
    assert(!this.#saving, 'one checkpoint is saved at a time')
    assert(checkpoint.size >= (this.#newest?.size ?? 0), 'checkpoints do not go back')
    this.#saving = true
    try {
      const note = utf8Encode(checkpoint.text)
      const head = `lianban-checkpoint ${checkpoint.size} ${sumOf(checkpoint.size, note)}\n`
      await replaceFile(this.#disk, checkpointPath, concat([latin1Encode(head), note]))
      this.#newest = checkpoint
    } finally {
      this.#saving = false
    }
  }
}

/** Opens the kept checkpoint; throws `storage/corrupt` (fatal: its size may not be forgotten). */
export function openCheckpointStore(disk: Disk): CheckpointStore {
  const bytes = readWhole(disk, checkpointPath)
  if (bytes === null) return new CheckpointStore(disk, null)
  const [head = '', size = '', sum = ''] =
    checkpointForm.exec(latin1Decode(bytes.subarray(0, 128))) ?? []
  const note = bytes.subarray(head.length)
  const text = utf8Decode(note)
  if (head === '' || text === null || sumOf(Number(size), note) !== sum) {
    throw new Failure('storage/corrupt', true, checkpointPath)
  }
  return new CheckpointStore(disk, { size: Number(size), text })
}

function sumOf(size: number, note: Bytes): string {
  return sha256Text(concat([latin1Encode(`${size}\n`), note]), 'base64url')
}

/** Writes a file beside, makes it durable, and puts it in the place of the old one at once. */
export async function replaceFile(disk: Disk, path: string, bytes: Bytes): Promise<void> {
  const beside = `${path}.new`
  const file = disk.open(beside, 'create')
  try {
    disk.write(file, bytes, 0)
    await disk.sync(file)
  } finally {
    disk.close(file)
  }
  disk.change({ kind: 'rename', from: beside, to: path })
  disk.change({ kind: 'syncDir', path: path.slice(0, Math.max(0, path.lastIndexOf('/'))) })
}

/** All bytes of a file, or null when there is none. */
export function readWhole(disk: Disk, path: string): Bytes | null {
  let file: number
  try {
    file = disk.open(path, 'read')
  } catch (error) {
    if (error instanceof Failure && error.code === 'storage/absent') return null
    throw error
  }
  try {
    const bytes = new Uint8Array(disk.size(file))
    const count = disk.read(file, bytes, 0)
    return count === bytes.length ? bytes : bytes.subarray(0, count)
  } finally {
    disk.close(file)
  }
}

const hashForm = /^[A-Za-z0-9_-]{43}$/

/** Documents by the base64url SHA-256 of their bytes, in directories by its first characters. */
export class DocumentStore {
  readonly #disk: Disk
  /** Kept since the last snapshot; bytes stay in memory when the disk had no room for them. */
  readonly #fresh: Map<string, Bytes | null> = new Map()

  constructor(disk: Disk) {
    this.#disk = disk
  }

  /** Keeps a document under the base64url SHA-256 of its bytes. */
  put(hash: string, bytes: Bytes): void {
    assert(hashForm.test(hash), 'a document is named by its hash')
    if (this.#fresh.get(hash) === null) return
    this.#fresh.set(hash, this.#written(hash, bytes) ? null : bytes)
  }

  /** The document, hashed again; undefined when it is not kept. */
  get(hash: string): Bytes | undefined {
    if (!hashForm.test(hash)) return undefined
    const held = this.#fresh.get(hash)
    if (held) return held
    const bytes = readWhole(this.#disk, documentPath(hash))
    if (bytes === null) return undefined
    if (sha256Text(bytes, 'base64url') === hash) return bytes
    throw new Failure('storage/corrupt', false, documentPath(hash))
  }

  seal(): Sealed {
    const fresh = [...this.#fresh]
    return {
      pieces: fresh.map(([hash, bytes]) => {
        return { path: documentPath(hash), at: 0, bytes: bytes ?? new Uint8Array(0) }
      }),
      parts: () => null,
      files: () => [],
      saved: () => {
        for (const [hash] of fresh) this.#fresh.delete(hash)
      },
    }
  }

  #written(hash: string, bytes: Bytes): boolean {
    try {
      const path = documentPath(hash)
      this.#disk.change({ kind: 'mkdir', path: path.slice(0, path.lastIndexOf('/')) })
      const file = this.#disk.open(path, 'create')
      try {
        this.#disk.write(file, bytes, 0)
      } finally {
        this.#disk.close(file)
      }
      return true
    } catch (error) {
      if (error instanceof Failure && error.code === 'storage/no-space') return false
      throw error
    }
  }
}

export function openDocumentStore(disk: Disk): DocumentStore {
  return new DocumentStore(disk)
}

function documentPath(hash: string): string {
  return `documents/${hash.slice(0, 2)}/${hash}`
}
