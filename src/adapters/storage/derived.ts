// What derived stores keep on disk, and how. A chunk log is a sequence of records in memory, cut
// into chunks that only grow; a snapshot writes what has grown and names, for every chunk, how much
// of its file counts and the hash of just that. A record file holds records of one width; it stays
// on disk, and only what no snapshot has made durable stays in memory. Behind what a snapshot
// names, neither is ever read.
import type { Bytes } from '#base/bytes'
import type { Json } from '#base/canonical'
import { assert } from '#base/assert'
import { sha256Text } from '#base/crypto'
import type { Disk } from './disk.ts'
import { Failure } from './disk.ts'

/** Bytes for a place in a file; a piece is at most some MiB, so that no step takes long. */
export type SealedPiece = {
  readonly path: string
  readonly at: number
  /** None, when what stands there only has to be made durable. */
  readonly bytes: Bytes
  /** The file proves itself and is learned again when it is lost, so it needs no sync. */
  readonly loose?: true
}

/** A derived store as of one moment, on its way into a snapshot. */
export type Sealed = {
  /** What has to be written, made while it is taken; the store may go on meanwhile. */
  readonly pieces: Iterable<SealedPiece>
  /** For the manifest, once all pieces are taken: what opens the store again. */
  readonly parts: () => Json
  /** Paths that the parts name in directories that belong to snapshots alone. */
  readonly files: () => readonly string[]
  /** Called when the manifest is durable: what is on disk now need not stay in memory. */
  readonly saved: () => void
}

/** A member of an object from a manifest; anything else than the kind asked for is damage. */
export function numberIn(parts: Json | undefined, name: string): number {
  const value = memberIn(parts, name)
  if (typeof value !== 'number') throw new Failure('storage/corrupt', false, `manifest ${name}`)
  return value
}

/** The same for texts. */
export function textIn(parts: Json | undefined, name: string): string {
  const value = memberIn(parts, name)
  if (typeof value !== 'string') throw new Failure('storage/corrupt', false, `manifest ${name}`)
  return value
}

/** The same for lists. */
export function listIn(parts: Json | undefined, name: string): readonly Json[] {
  const value = memberIn(parts, name)
  if (!Array.isArray(value)) throw new Failure('storage/corrupt', false, `manifest ${name}`)
  return value as readonly Json[]
}

export function memberIn(parts: Json | undefined, name: string): Json | undefined {
  if (typeof parts !== 'object' || parts === null || Array.isArray(parts)) return undefined
  return (parts as { readonly [key: string]: Json })[name]
}

/** Reads exactly so many bytes of a file from a position, or says that it is damaged. */
export function readPart(disk: Disk, path: string, part: { at: number; into: Bytes }): void {
  const file = disk.open(path, 'read')
  try {
    if (disk.read(file, part.into, part.at) === part.into.length) return
  } finally {
    disk.close(file)
  }
  throw new Failure('storage/corrupt', false, path)
}

export type Chunk = {
  /** Place in the log; chunks are in rising order without gaps. */
  readonly number: number
  bytes: Buffer
  /** The same memory in 32-bit words; records begin at whole words. */
  words: Uint32Array
  /** Bytes in use. */
  used: number
  /** Bytes of them that a durable manifest counts. */
  saved: number
  /** What the owner wants to know of the chunk later; travels in the manifest. */
  mark: number
}

/** The hash over a chunk's first bytes, kept for chunks that no longer grow. */
type Sum = { readonly length: number; readonly sum: string }

export class ChunkLog {
  readonly chunkBytes: number
  readonly #directory: string
  readonly #chunks: Chunk[] = []
  readonly #sums: WeakMap<Chunk, Sum> = new WeakMap()
  #next = 0

  constructor(directory: string, chunkBytes: number) {
    assert(chunkBytes % 4 === 0, 'a chunk is cut into whole words')
    this.#directory = directory
    this.chunkBytes = chunkBytes
  }

  /** From the oldest to the growing one. */
  get chunks(): readonly Chunk[] {
    return this.#chunks
  }

  /** The chunk in which so many bytes fit behind `used`. */
  roomFor(bytes: number): Chunk {
    const last = this.#chunks.at(-1)
    if (last !== undefined && last.used + bytes <= this.chunkBytes) return last
    assert(bytes <= this.chunkBytes, 'a record fits into a chunk')
    return this.#begin(this.#next)
  }

  /** Lets the oldest chunk go; its file stays as long as a manifest names it. */
  dropOldest(): void {
    this.#chunks.shift()
  }

  /** Lets the memory of chunks go that are full and saved, in a log that is not read again. */
  forget(): void {
    for (const chunk of this.#chunks.slice(0, -1)) {
      if (chunk.bytes.length === 0 || chunk.saved < chunk.used) continue
      this.#sum(chunk, chunk.used)
      chunk.bytes = Buffer.alloc(0)
      chunk.words = new Uint32Array(0)
    }
  }

  seal(): Sealed {
    const taken = this.#chunks.map((chunk) => ({ chunk, used: chunk.used, mark: chunk.mark }))
    const next = this.#next
    return {
      pieces: this.#pieces(taken),
      parts: () => ({
        next,
        chunkBytes: this.chunkBytes,
        chunks: taken.map(({ chunk, used, mark }) => {
          return { number: chunk.number, used, mark, sum: this.#sum(chunk, used) }
        }),
      }),
      files: () => taken.map(({ chunk }) => this.#path(chunk.number)),
      saved: () => {
        for (const { chunk, used } of taken) chunk.saved = used
      },
    }
  }

  /** Reads the log that was sealed; throws `storage/corrupt` when a chunk is not as it was. */
  static open(disk: Disk, directory: string, parts: Json): ChunkLog {
    const log = new ChunkLog(directory, numberIn(parts, 'chunkBytes'))
    for (const each of listIn(parts, 'chunks')) {
      const chunk = log.#begin(numberIn(each, 'number'))
      chunk.used = Math.min(numberIn(each, 'used'), log.chunkBytes)
      chunk.mark = numberIn(each, 'mark')
      chunk.saved = chunk.used
      const path = log.#path(chunk.number)
      readPart(disk, path, { at: 0, into: chunk.bytes.subarray(0, chunk.used) })
      if (log.#sum(chunk, chunk.used) !== textIn(each, 'sum')) {
        throw new Failure('storage/corrupt', false, path)
      }
    }
    log.#next = numberIn(parts, 'next')
    return log
  }

  /** Reads what `open` would, a chunk at a time, and keeps nothing. */
  static *check(disk: Disk, directory: string, parts: Json): Generator<void, void> {
    const log = new ChunkLog(directory, numberIn(parts, 'chunkBytes'))
    for (const each of listIn(parts, 'chunks')) {
      const into = new Uint8Array(Math.min(numberIn(each, 'used'), log.chunkBytes))
      const path = log.#path(numberIn(each, 'number'))
      readPart(disk, path, { at: 0, into })
      if (sha256Text(into, 'base64url') !== textIn(each, 'sum')) {
        throw new Failure('storage/corrupt', false, path)
      }
      yield
    }
  }

  *#pieces(taken: readonly { chunk: Chunk; used: number }[]): Generator<SealedPiece, void> {
    for (const { chunk, used } of taken) {
      if (chunk.saved >= used) continue
      const path = this.#path(chunk.number)
      yield { path, at: chunk.saved, bytes: chunk.bytes.subarray(chunk.saved, used) }
      // Here, so that it is not the manifest that has to hash all chunks at once.
      this.#sum(chunk, used)
    }
  }

  #sum(chunk: Chunk, used: number): string {
    const known = this.#sums.get(chunk)
    if (known !== undefined && known.length === used) return known.sum
    const sum = sha256Text(chunk.bytes.subarray(0, used), 'base64url')
    this.#sums.set(chunk, { length: used, sum })
    return sum
  }

  #begin(number: number): Chunk {
    const bytes = Buffer.alloc(this.chunkBytes)
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, this.chunkBytes / 4)
    const chunk = { number, bytes, words, used: 0, saved: 0, mark: 0 }
    this.#chunks.push(chunk)
    this.#next = number + 1
    return chunk
  }

  #path(number: number): string {
    return `${this.#directory}/${String(number).padStart(10, '0')}.chunk`
  }
}

const pieceBytes = 1024 * 1024

/** Records by number from 0 on. */
export class RecordFile {
  readonly #disk: Disk
  readonly #path: string
  readonly #width: number
  #count: number
  /** Records before this one are read from the file, the rest stand in the tail. */
  #saved: number
  #tail: Bytes = new Uint8Array(0)
  #file: number | null = null

  /** `count` records are known to be durable; a shorter file is damage. */
  constructor(disk: Disk, options: { path: string; width: number; count: number }) {
    this.#disk = disk
    this.#path = options.path
    this.#width = options.width
    this.#count = options.count
    this.#saved = options.count
    if (options.count > 0 && disk.size(this.#opened()) < options.count * options.width) {
      throw new Failure('storage/corrupt', false, options.path)
    }
  }

  get count(): number {
    return this.#count
  }

  /** Room for one more record: the memory to write it to, and where in it. */
  push(): { readonly into: Bytes; readonly at: number } {
    const at = (this.#count - this.#saved) * this.#width
    if (at + this.#width > this.#tail.length) {
      const wider = new Uint8Array(Math.max(64 * this.#width, this.#tail.length * 2))
      wider.set(this.#tail)
      this.#tail = wider
    }
    this.#count += 1
    return { into: this.#tail, at }
  }

  /** The bytes of `count` records from `from` on; they are not checked here. */
  read(from: number, count: number): Bytes {
    const width = this.#width
    const stored = Math.max(0, Math.min(count, this.#saved - from))
    if (stored === 0) {
      const at = (from - this.#saved) * width
      return this.#tail.subarray(at, at + count * width)
    }
    const into = new Uint8Array(count * width)
    const wanted = into.subarray(0, stored * width)
    if (this.#disk.read(this.#opened(), wanted, from * width) !== wanted.length) {
      throw new Failure('storage/corrupt', false, this.#path)
    }
    into.set(this.#tail.subarray(0, (count - stored) * width), stored * width)
    return into
  }

  /** Parts are left to the owner: the count at the time of the call. */
  seal(): Omit<Sealed, 'parts' | 'files'> & { readonly count: number } {
    const count = this.#count
    const from = this.#saved
    const bytes = this.#tail.subarray(0, (count - from) * this.#width)
    return {
      count,
      pieces: piecesOf({ path: this.#path, at: from * this.#width, bytes }),
      saved: () => {
        // A copy lets the memory of the saved records go.
        this.#tail = this.#tail.slice((count - this.#saved) * this.#width)
        this.#saved = count
      },
    }
  }

  close(): void {
    if (this.#file !== null) this.#disk.close(this.#file)
    this.#file = null
  }

  #opened(): number {
    this.#file ??= this.#disk.open(this.#path, 'read')
    return this.#file
  }
}

/** Cuts a long piece, so that no step of a snapshot takes long. */
export function* piecesOf({ path, at, bytes }: SealedPiece): Generator<SealedPiece, void> {
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    yield { path, at: at + from, bytes: bytes.subarray(from, from + pieceBytes) }
  }
}
