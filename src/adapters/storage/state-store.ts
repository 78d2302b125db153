// The state: the records of the last confirmed height, in memory, as a log of records with a
// compact index over it. It promises that a record is what the last write of its key said, that it
// needs little more memory than the texts themselves, and that a snapshot writes only what is new.
import { assert } from '#base/assert'
import type { Json } from '#base/canonical'
import type { Value } from '#ledger/command'
import { decodeStrict, isRefusal } from '#ledger/command'
import type { Chunk, Sealed } from './derived.ts'
import { ChunkLog, memberIn, numberIn } from './derived.ts'
import type { Disk } from './disk.ts'
import { IndexPart, hashParts, homeOf, keyedHash, keyedHashOfWords } from './keyed-hash.ts'
import { partOf } from './keyed-hash.ts'

export type StateOptions = {
  /** Secret of this process, so that nobody can choose keys that collide. */
  readonly seed: number
  /** Bytes of a chunk of the log; 1 MiB when absent. No record is longer. */
  readonly chunkBytes?: number
  /** Most decoded values kept; 4,096 when absent. */
  readonly cached?: number
}

const directory = 'state'
const chunkBytesDefault = 1024 * 1024
const cachedDefault = 4096
/** The first word of a record: length of the key in 8 bits, of the text in 24; 0 is a removal. */
const textBytesMax = 2 ** 24 - 1
const keyBytesMax = 255
/** Bytes of the oldest chunk that are looked through for every byte written while cleaning. */
const cleaningPace = 4
/** A removal is a short record that leaves a long one behind. */
const cleaningLeast = 64
const ownLimits = { bytes: textBytesMax, depth: 32, members: 1_000_000 } as const

/** The records by key (printable ASCII). Values come back frozen: they are shared. */
export class StateStore {
  readonly #log: ChunkLog
  readonly #seed: number
  /** Chunks by the number that references carry; places of dropped chunks are used again. */
  readonly #places: (Chunk | undefined)[] = []
  readonly #placeOf: Map<Chunk, number> = new Map()
  readonly #chunkWords: number
  /** References are the word of the record plus one. */
  readonly #index: readonly IndexPart[]
  #count = 0
  #liveBytes = 0
  #logBytes = 0
  #cleaned = 0
  readonly #cached: number
  #young: Map<string, Value> = new Map()
  #old: Map<string, Value> = new Map()

  constructor(log: ChunkLog, options: StateOptions, expected = 0) {
    this.#log = log
    this.#chunkWords = log.chunkBytes / 4
    this.#seed = options.seed
    this.#cached = options.cached ?? cachedDefault
    this.#index = Array.from({ length: hashParts }, () => new IndexPart(expected / hashParts))
    for (const chunk of log.chunks) this.#replay(chunk)
  }

  /** Records now. */
  get count(): number {
    return this.#count
  }

  /** Bytes held, index included. */
  get bytes(): number {
    const places = this.#index.reduce((sum, part) => sum + part.references.length, 0)
    return this.#log.chunks.length * this.#log.chunkBytes + places * 8
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    const value = old === undefined ? this.#decode(key) : old
    if (value === undefined) return undefined
    if (this.#young.size * 2 >= this.#cached) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
    return value
  }

  /** The canonical text of a record, as written. */
  text(key: string): string | undefined {
    const hash = keyedHash(key, this.#seed)
    const part = this.#partOf(hash)
    const at = this.#find(part, key, hash)
    return at < 0 ? undefined : this.#textAt(part.references[at] as number)
  }

  /** Writes a record's canonical text; null removes it. */
  apply(key: string, text: string | null): void {
    this.#young.delete(key)
    this.#old.delete(key)
    const hash = keyedHash(key, this.#seed)
    const part = this.#partOf(hash)
    const at = this.#find(part, key, hash)
    if (text === null && at < 0) return
    const reference = this.#append(key, text ?? '')
    this.#point(part, { at, hash, reference, removed: text === null })
    this.#clean((cleaningLeast + this.#sizeAt(reference)) * cleaningPace)
  }

  /** All records, in no order that means anything. */
  *records(): Generator<readonly [key: string, text: string], void> {
    for (const part of this.#index) {
      for (const reference of part.references) {
        if (reference !== 0) yield [this.#keyAt(reference), this.#textAt(reference)]
      }
    }
  }

  /**
   * Keys of the records that begin so, in no order that means anything. Goes through the log as it
   * lies in memory and makes no text of any other record.
   */
  keysUnder(prefix: string): ReadonlySet<string> {
    const keys = new Set<string>()
    for (const { bytes, words, used } of this.#log.chunks) {
      for (let at = 0; at < used;) {
        const word = words[at >> 2] as number
        const length = word & 0xff
        if (begins(bytes, { at: at + 4, length }, prefix)) {
          keys.add(bytes.toString('latin1', at + 4, at + 4 + length))
        }
        at += sizeOf(length, word >>> 8)
      }
    }
    for (const key of keys) if (this.text(key) === undefined) keys.delete(key)
    return keys
  }

  seal(): Sealed {
    const count = this.#count
    const sealed = this.#log.seal()
    return { ...sealed, parts: () => ({ count, log: sealed.parts() }) }
  }

  #decode(key: string): Value | undefined {
    const text = this.text(key)
    if (text === undefined) return undefined
    const value = decodeStrict(text, ownLimits)
    assert(!isRefusal(value), 'the state holds canonical texts')
    return frozen(value)
  }

  /** Writes a record behind the last one and gives its reference. */
  #append(key: string, text: string): number {
    assert(key.length > 0 && key.length <= keyBytesMax, 'a state key has 1 to 255 characters')
    assert(text.length <= textBytesMax, 'a record has less than 16 MiB')
    const size = sizeOf(key.length, text.length)
    const chunk = this.#log.roomFor(size)
    const at = chunk.used
    let highest = 0
    for (let i = 0; i < key.length; i += 1) {
      const code = key.charCodeAt(i)
      highest |= code
      chunk.bytes[at + 4 + i] = code
    }
    const wrote = chunk.bytes.write(text, at + 4 + key.length, 'utf8')
    assert(highest < 128 && wrote === text.length, 'state keys and texts are ASCII')
    chunk.words[at >> 2] = key.length + text.length * 256
    chunk.used += size
    this.#logBytes += size
    return this.#placed(chunk) * this.#chunkWords + (at >> 2) + 1
  }

  /** Writes a record once more behind the last one, and gives its new reference. */
  #copy(from: Chunk, word: number): number {
    const head = from.words[word] as number
    const size = sizeOf(head & 0xff, head >>> 8)
    const chunk = this.#log.roomFor(size)
    const at = chunk.used >> 2
    chunk.words.set(from.words.subarray(word, word + (size >> 2)), at)
    chunk.used += size
    this.#logBytes += size
    return this.#placed(chunk) * this.#chunkWords + at + 1
  }

  /** Makes the index say that the record of a key now stands at a reference, or nowhere. */
  #point(
    part: IndexPart,
    to: { at: number; hash: number; reference: number; removed: boolean },
  ): void {
    if (to.at >= 0) this.#liveBytes -= this.#sizeAt(part.references[to.at] as number)
    if (!to.removed) this.#liveBytes += this.#sizeAt(to.reference)
    if (to.at >= 0 && to.removed) {
      part.vacate(to.at)
      this.#count -= 1
    } else if (to.at >= 0) {
      part.references[to.at] = to.reference
    } else if (!to.removed) {
      part.put(to.hash, to.reference)
      this.#count += 1
    }
  }

  /** Puts the records of a chunk that was read back into the index, oldest first. */
  #replay(chunk: Chunk): void {
    const base = this.#placed(chunk) * this.#chunkWords + 1
    for (let at = 0; at < chunk.used;) {
      const reference = base + (at >> 2)
      const hash = this.#hashAt(reference)
      const word = chunk.words[at >> 2] as number
      const part = this.#partOf(hash)
      const found = this.#findAt(part, reference, hash)
      this.#point(part, { at: found, hash, reference, removed: word < 256 })
      const size = sizeOf(word & 0xff, word >>> 8)
      this.#logBytes += size
      at += size
    }
  }

  /**
   * While more than a third of the log is past, moves what is not from the oldest chunk to the end,
   * a bounded piece at a time. Removals are dropped there: nothing older is left to be removed.
   */
  #clean(budget: number): void {
    const wasted = this.#logBytes - this.#liveBytes
    if (wasted < this.#liveBytes / 2 + 2 * this.#log.chunkBytes && this.#cleaned === 0) return
    const oldest = this.#log.chunks[0]
    if (oldest === undefined || this.#log.chunks.length < 2) return
    const place = this.#placed(oldest)
    const base = place * this.#chunkWords + 1
    const stop = Math.min(oldest.used, this.#cleaned + budget)
    while (this.#cleaned < stop) {
      const word = oldest.words[this.#cleaned >> 2] as number
      const reference = base + (this.#cleaned >> 2)
      const part = this.#partOf(this.#hashAt(reference))
      const at = this.#placeOfReference(part, reference)
      if (at >= 0) part.references[at] = this.#copy(oldest, this.#cleaned >> 2)
      this.#cleaned += sizeOf(word & 0xff, word >>> 8)
    }
    if (this.#cleaned < oldest.used) return
    this.#logBytes -= oldest.used
    this.#log.dropOldest()
    this.#places[place] = undefined
    this.#placeOf.delete(oldest)
    this.#cleaned = 0
  }

  #placed(chunk: Chunk): number {
    const known = this.#placeOf.get(chunk)
    if (known !== undefined) return known
    const free = this.#places.indexOf(undefined)
    const place = free < 0 ? this.#places.length : free
    assert((place + 1) * this.#chunkWords < 2 ** 32, 'the state has less than 16 GiB')
    this.#places[place] = chunk
    this.#placeOf.set(chunk, place)
    return place
  }

  #chunkAt(reference: number): Chunk {
    const chunk = this.#places[Math.floor((reference - 1) / this.#chunkWords)]
    assert(chunk !== undefined, 'a reference points into a held chunk')
    return chunk
  }

  #wordAt(reference: number): number {
    return this.#chunkAt(reference).words[(reference - 1) % this.#chunkWords] as number
  }

  #sizeAt(reference: number): number {
    const word = this.#wordAt(reference)
    return sizeOf(word & 0xff, word >>> 8)
  }

  #keyAt(reference: number): string {
    const chunk = this.#chunkAt(reference)
    const at = ((reference - 1) % this.#chunkWords) * 4
    return chunk.bytes.toString('latin1', at + 4, at + 4 + (chunk.bytes[at] as number))
  }

  #textAt(reference: number): string {
    const chunk = this.#chunkAt(reference)
    const at = (reference - 1) % this.#chunkWords
    const word = chunk.words[at] as number
    const from = at * 4 + 4 + (word & 0xff)
    return chunk.bytes.toString('latin1', from, from + (word >>> 8))
  }

  #partOf(hash: number): IndexPart {
    return this.#index[partOf(hash)] as IndexPart
  }

  /** The place of a key in its part of the index, or -1. */
  #find(part: IndexPart, key: string, hash: number): number {
    const { hashes, references } = part
    let at = homeOf(hash, references.length)
    for (; references[at] !== 0; at = part.after(at)) {
      if (hashes[at] === hash && this.#holds(references[at] as number, key)) return at
    }
    return -1
  }

  #holds(reference: number, key: string): boolean {
    const chunk = this.#chunkAt(reference)
    const at = ((reference - 1) % this.#chunkWords) * 4
    if (chunk.bytes[at] !== key.length) return false
    for (let i = 0; i < key.length; i += 1) {
      if (chunk.bytes[at + 4 + i] !== key.charCodeAt(i)) return false
    }
    return true
  }

  /** The place of the key that stands in a record, or -1. */
  #findAt(part: IndexPart, reference: number, hash: number): number {
    const { hashes, references } = part
    let at = homeOf(hash, references.length)
    for (; references[at] !== 0; at = part.after(at)) {
      if (hashes[at] !== hash) continue
      if (this.#holds(references[at] as number, this.#keyAt(reference))) return at
    }
    return -1
  }

  /** The place that points to this very record, or -1 when it is past. */
  #placeOfReference(part: IndexPart, reference: number): number {
    const { references } = part
    let at = homeOf(this.#hashAt(reference), references.length)
    while (references[at] !== 0 && references[at] !== reference) at = part.after(at)
    return references[at] === 0 ? -1 : at
  }

  #hashAt(reference: number): number {
    const { words } = this.#chunkAt(reference)
    const at = (reference - 1) % this.#chunkWords
    return keyedHashOfWords(words, at + 1, (words[at] as number) & 0xff, this.#seed)
  }
}

/** Opens the state as it was sealed, or an empty one. */
export function openStateStore(disk: Disk, options: StateOptions, sealed: Json = null): StateStore {
  if (sealed === null) {
    return new StateStore(new ChunkLog(directory, options.chunkBytes ?? chunkBytesDefault), options)
  }
  const log = ChunkLog.open(disk, directory, memberIn(sealed, 'log') ?? null)
  return new StateStore(log, options, numberIn(sealed, 'count'))
}

function begins(bytes: Buffer, key: { at: number; length: number }, prefix: string): boolean {
  if (key.length < prefix.length) return false
  for (let i = 0; i < prefix.length; i += 1) {
    if (bytes[key.at + i] !== prefix.charCodeAt(i)) return false
  }
  return true
}

function sizeOf(keyBytes: number, textBytes: number): number {
  return (4 + keyBytes + textBytes + 3) & ~3
}

function frozen(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) frozen(each)
    Object.freeze(value)
  }
  return value
}
