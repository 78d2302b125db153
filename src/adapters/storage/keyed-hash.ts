// The hash of the tables in memory, and the table of ids that wait for their place on disk. The
// hash is keyed, so that whoever chooses keys or ids without the seed of this process cannot make
// them fall on one place.
import { sha256Text } from '#base/crypto'

/** The state of HalfSipHash-1-3, kept between the words of one text. */
const state = { v0: 0, v1: 0, v2: 0, v3: 0 }

/** HalfSipHash-1-3 of an ASCII text under a 32-bit seed: 32 bits. */
export function keyedHash(text: string, seed: number): number {
  begin(seed)
  const { length } = text
  const whole = length - (length % 4)
  for (let i = 0; i < whole; i += 4) {
    absorb(
      text.charCodeAt(i) |
        (text.charCodeAt(i + 1) << 8) |
        (text.charCodeAt(i + 2) << 16) |
        (text.charCodeAt(i + 3) << 24),
    )
  }
  let word = length << 24
  for (let j = 0; whole + j < length; j += 1) word |= text.charCodeAt(whole + j) << (8 * j)
  absorb(word)
  return finish()
}

/** The same over a text that stands in memory from a whole word on, low byte first. */
export function keyedHashOfWords(
  words: Uint32Array,
  at: number,
  length: number,
  seed: number,
): number {
  begin(seed)
  const whole = length >> 2
  for (let i = 0; i < whole; i += 1) absorb(words[at + i] as number)
  const rest = length & 3
  const mask = 2 ** (8 * rest) - 1
  absorb((length << 24) | (rest === 0 ? 0 : (words[at + whole] as number) & mask))
  return finish()
}

function begin(seed: number): void {
  state.v0 = seed | 0
  state.v1 = Math.imul(seed, 0x9e3779b1)
  state.v2 = 0x6c796765 ^ state.v0
  state.v3 = 0x74656462 ^ state.v1
}

function absorb(word: number): void {
  state.v3 ^= word
  round()
  state.v0 ^= word
}

function finish(): number {
  state.v2 ^= 0xff
  round()
  round()
  round()
  return (state.v1 ^ state.v3) >>> 0
}

function round(): void {
  let { v0, v1, v2, v3 } = state
  v0 = (v0 + v1) | 0
  v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
  v0 = (v0 << 16) | (v0 >>> 16)
  v2 = (v2 + v3) | 0
  v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
  v0 = (v0 + v3) | 0
  v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
  v2 = (v2 + v1) | 0
  v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
  v2 = (v2 << 16) | (v2 >>> 16)
  state.v0 = v0
  state.v1 = v1
  state.v2 = v2
  state.v3 = v3
}

/** Digests by a few characters of the id: a command is looked for, added and indexed in a row. */
const recent: { readonly members: string[]; readonly ids: string[]; readonly digests: string[] } = {
  members: Array.from({ length: 4096 }, () => ''),
  ids: Array.from({ length: 4096 }, () => ''),
  digests: Array.from({ length: 4096 }, () => ''),
}

/**
 * What stands for one command in tables and files: SHA-256 of member, a zero byte and the id (its
 * 22 characters), as Latin-1 text of 32 characters. Tables keep a prefix of it.
 */
export function idDigest(member: string, id: string): string {
  const last = id.length - 1
  const slot =
    (id.charCodeAt(0) ^
      (id.charCodeAt(last) << 3) ^
      (id.charCodeAt(last - 1) << 6) ^
      (id.charCodeAt(last - 2) << 4)) &
    4095
  if (recent.ids[slot] === id && recent.members[slot] === member && member !== '') {
    return recent.digests[slot] as string
  }
  const digest = sha256Text(`${member}\0${id}`, 'latin1')
  recent.members[slot] = member
  recent.ids[slot] = id
  recent.digests[slot] = digest
  return digest
}

/** Four characters of a Latin-1 text as one number, the first highest. */
export function wordAt(text: string, at: number): number {
  return (
    ((text.charCodeAt(at) << 24) |
      (text.charCodeAt(at + 1) << 16) |
      (text.charCodeAt(at + 2) << 8) |
      text.charCodeAt(at + 3)) >>>
    0
  )
}

/** An index is made of so many parts, so that no part takes long to grow. */
export const hashParts = 256

/** The part of an index to which a hash belongs. */
export function partOf(hash: number): number {
  return hash >>> 24
}

const placesLeast = 8
/** A table is grown when more than this part of its places is taken. */
export const fullest = 0.8
export const growth = 1.5

/** Where a hash belongs among the places of its part. Rising hashes have rising homes. */
export function homeOf(hash: number, places: number): number {
  return Math.floor(((hash & 0xffffff) / 2 ** 24) * places)
}

/** One part of an index from hashes to references, which are never 0. */
export class IndexPart {
  hashes: Uint32Array
  /** 0 is an empty place. */
  references: Uint32Array
  count = 0

  constructor(expected: number) {
    const places = Math.max(placesLeast, Math.ceil((expected * 1.2) / fullest))
    this.hashes = new Uint32Array(places)
    this.references = new Uint32Array(places)
  }

  /** The place after one, around the end. */
  after(place: number): number {
    return place + 1 === this.references.length ? 0 : place + 1
  }

  put(hash: number, reference: number): void {
    if (this.count + 1 > this.references.length * fullest) this.#grow()
    this.#place(hash, reference)
    this.count += 1
  }

  /** Empties a place and moves up the ones behind it that would no longer be found. */
  vacate(place: number): void {
    const places = this.references.length
    let hole = place
    for (let at = this.after(hole); this.references[at] !== 0; at = this.after(at)) {
      const home = homeOf(this.hashes[at] as number, places)
      if ((at - home + places) % places < (at - hole + places) % places) continue
      this.hashes[hole] = this.hashes[at] as number
      this.references[hole] = this.references[at] as number
      hole = at
    }
    this.references[hole] = 0
    this.count -= 1
  }

  #place(hash: number, reference: number): void {
    let at = homeOf(hash, this.references.length)
    while (this.references[at] !== 0) at = this.after(at)
    this.hashes[at] = hash
    this.references[at] = reference
  }

  #grow(): void {
    const { hashes, references } = this
    const places = Math.ceil(hashes.length * growth)
    this.hashes = new Uint32Array(places)
    this.references = new Uint32Array(places)
    for (let at = 0; at < references.length; at += 1) {
      const reference = references[at] as number
      if (reference !== 0) this.#place(hashes[at] as number, reference)
    }
  }
}

/** Bytes of a key in files: the first half of the digest. */
export const keyBytes = 16
/** A key, and u64 index of the entry. */
export const recordBytes: number = keyBytes + 8

/** What no snapshot holds yet: records in the order of their coming, under a keyed table. */
export class Gathering {
  readonly #seed: number
  #words: Uint32Array = new Uint32Array(4 * 64)
  #entries: Float64Array = new Float64Array(64)
  /** Numbers of records from 1 on; 0 is an empty place. */
  #table: Uint32Array = new Uint32Array(128)
  #count = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  get count(): number {
    return this.#count
  }

  find(key: Uint32Array): number | undefined {
    const number = this.#table[this.#placeOf(key, 0)] as number
    return number === 0 ? undefined : this.#entries[number - 1]
  }

  add(key: Uint32Array, entry: number): void {
    if (this.#count === this.#entries.length) this.#grow()
    const place = this.#placeOf(key, 0)
    const held = this.#table[place] as number
    if (held === 0) {
      this.#words.set(key, this.#count * 4)
      this.#count += 1
      this.#table[place] = this.#count
    }
    this.#entries[(held === 0 ? this.#count : held) - 1] = entry
  }

  /** The records in rising order of their keys, some hundred at a time. */
  *sorted(): Generator<Buffer, void> {
    const parts: number[][] = Array.from({ length: hashParts }, () => [])
    for (let i = 0; i < this.#count; i += 1) {
      ;(parts[partOf(this.#words[i * 4] as number)] as number[]).push(i)
    }
    for (const part of parts) {
      const records = Buffer.alloc(part.length * recordBytes)
      for (const [i, number] of this.#order(part).entries()) {
        const at = i * recordBytes
        for (let word = 0; word < 4; word += 1) {
          records.writeUInt32BE(this.#words[number * 4 + word] as number, at + word * 4)
        }
        records.writeUIntBE(this.#entries[number] as number, at + keyBytes + 2, 6)
      }
      yield records
    }
  }

  /** Sorted as numbers that begin with the first word; what that leaves open is put in order. */
  #order(part: readonly number[]): Uint32Array {
    const numbers = 2 ** 21
    const ranks = Float64Array.from(part, (number, i) => {
      return (this.#words[number * 4] as number) * numbers + (i % numbers)
    }).sort()
    const order = Uint32Array.from(ranks, (rank) => part[rank % numbers] as number)
    for (let i = 1; i < order.length; i += 1) {
      const number = order[i] as number
      let to = i
      while (to > 0 && this.#isBefore(number, order[to - 1] as number)) {
        order[to] = order[to - 1] as number
        to -= 1
      }
      order[to] = number
    }
    return order
  }

  #isBefore(a: number, b: number): boolean {
    for (let word = 0; word < 4; word += 1) {
      const difference =
        (this.#words[a * 4 + word] as number) - (this.#words[b * 4 + word] as number)
      if (difference !== 0) return difference < 0
    }
    return false
  }

  /** The place of a key that stands at a word of `keys`, or the empty one where it belongs. */
  #placeOf(keys: Uint32Array, at: number): number {
    const mask = this.#table.length - 1
    let place = keyedHashOfWords(keys, at, keyBytes, this.#seed) & mask
    for (;;) {
      const number = this.#table[place] as number
      if (number === 0) return place
      const held = (number - 1) * 4
      let same = 0
      while (same < 4 && this.#words[held + same] === keys[at + same]) same += 1
      if (same === 4) return place
      place = (place + 1) & mask
    }
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 2)
    const entries = new Float64Array(this.#entries.length * 2)
    words.set(this.#words)
    entries.set(this.#entries)
    this.#words = words
    this.#entries = entries
    this.#table = new Uint32Array(entries.length * 2)
    for (let i = 0; i < this.#count; i += 1) this.#table[this.#placeOf(words, i * 4)] = i + 1
  }
}
