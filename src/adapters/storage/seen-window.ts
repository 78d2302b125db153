// The window of ids: every (member, id) that may not be used again because its command could still
// be in time. It promises an exact answer that depends on the ids and the ledger's time alone.
import { assert } from '#base/assert'
import type { Json } from '#base/canonical'
import type { Sealed } from './derived.ts'
import { ChunkLog, memberIn, numberIn } from './derived.ts'
import type { Disk } from './disk.ts'
import { fullest, growth, hashParts, homeOf, partOf } from './keyed-hash.ts'
import { idDigest, keyedHashOfWords, wordAt } from './keyed-hash.ts'

export type SeenOptions = {
  /** Secret of this process, so that nobody can choose ids that collide. */
  readonly seed: number
  /** Bytes of a chunk of the log on disk; 1 MiB when absent. */
  readonly chunkBytes?: number
}

const directory = 'seen'
const chunkBytesDefault = 1024 * 1024
/** On disk: three words of the digest of (member, id), and two of its last millisecond. */
const recordBytes = 20
/** In memory: the same three words, and the last millisecond as counted from the table's own. */
const placeWords = 4
/** What a word can count: 49 days. A command is in time for 7. */
const reachMs = 2 ** 32 - 2
const placesLeast = 8

/** A part of the window: places of four words; a place whose last word is 0 is empty. */
class SeenPart {
  table: Uint32Array
  taken = 0
  /** The moment, in milliseconds, that the places count from; it lies not after now. */
  from: number

  constructor(now: number, expected: number) {
    this.from = now
    this.table = tableFor(expected)
  }

  /** Word of the place that holds a digest, or of the empty place where it belongs. */
  find(digest: Uint32Array, hash: number): number {
    const { table } = this
    const a = digest[0]
    const b = digest[1]
    const c = digest[2]
    let at = homeOf(hash, table.length / placeWords) * placeWords
    while (table[at + 3] !== 0) {
      if (table[at] === a && table[at + 1] === b && table[at + 2] === c) return at
      at = at + placeWords === table.length ? 0 : at + placeWords
    }
    return at
  }

  store(at: number, digest: Uint32Array, last: number): void {
    this.table[at] = digest[0] as number
    this.table[at + 1] = digest[1] as number
    this.table[at + 2] = digest[2] as number
    this.table[at + 3] = last
  }

  /** Makes the table anew without what is past, counting from now, with room to grow. */
  sweep(now: number, hashOf: (digest: Uint32Array) => number): void {
    const old = this.table
    const passed = now - this.from
    let live = 0
    for (let at = 3; at < old.length; at += placeWords) {
      if ((old[at] as number) > passed) live += 1
    }
    this.table = tableFor(live * growth)
    this.taken = live
    this.from = now
    const digest = new Uint32Array(3)
    for (let at = 0; at < old.length; at += placeWords) {
      const last = old[at + 3] as number
      if (last <= passed) continue
      for (let i = 0; i < 3; i += 1) digest[i] = old[at + i] as number
      this.store(this.find(digest, hashOf(digest)), digest, last - passed)
    }
  }
}

function tableFor(live: number): Uint32Array {
  return new Uint32Array(Math.max(placesLeast, Math.ceil(live / fullest)) * placeWords)
}

/** Implements the machine's port `IdWindow`. */
export class SeenWindow {
  readonly #log: ChunkLog
  readonly #hashOf: (digest: Uint32Array) => number
  readonly #parts: readonly SeenPart[]
  #now: number
  readonly #probe: Uint32Array = new Uint32Array(3)

  constructor(log: ChunkLog, { seed }: SeenOptions, held: { now: number; count: number }) {
    const { now, count } = held
    this.#log = log
    this.#hashOf = (digest) => keyedHashOfWords(digest, 0, 12, seed)
    this.#now = now
    this.#parts = Array.from(
      { length: hashParts },
      () => new SeenPart(now, (count * 1.2) / hashParts),
    )
    for (const { words, used } of log.chunks) {
      for (let word = 0; word < used / 4; word += recordBytes / 4) {
        for (let i = 0; i < 3; i += 1) this.#probe[i] = words[word + i] as number
        this.#put((words[word + 3] as number) * 2 ** 32 + (words[word + 4] as number))
      }
    }
    log.forget()
  }

  /** Ids held, those included that are past but not yet swept. */
  get count(): number {
    return this.#parts.reduce((sum, { taken }) => sum + taken, 0)
  }

  has(member: string, id: string): boolean {
    this.#take(member, id)
    const hash = this.#hashOf(this.#probe)
    const part = this.#parts[partOf(hash)] as SeenPart
    const last = part.table[part.find(this.#probe, hash) + 3] as number
    return last !== 0 && last > this.#now - part.from
  }

  /** `notAfter` in milliseconds; the id is seen until the ledger's time is past it. */
  add(member: string, id: string, notAfter: number): void {
    assert(Number.isSafeInteger(notAfter), 'a time limit is in whole milliseconds')
    // A command is in time for less than the reach, so the ledger's time is no further behind.
    if (notAfter - this.#now > reachMs) this.expire(notAfter - reachMs)
    this.#take(member, id)
    this.#put(notAfter)
    const chunk = this.#log.roomFor(recordBytes)
    const at = chunk.used >> 2
    for (let i = 0; i < 3; i += 1) chunk.words[at + i] = this.#probe[i] as number
    chunk.words[at + 3] = Math.floor(notAfter / 2 ** 32)
    chunk.words[at + 4] = notAfter % 2 ** 32
    chunk.used += recordBytes
    if (notAfter > chunk.mark) chunk.mark = notAfter
  }

  /** Moves the window to the ledger's time in milliseconds, which never goes back. */
  expire(time: number): void {
    assert(time >= this.#now, 'ledger time does not go back')
    this.#now = time
    for (
      let oldest = this.#log.chunks[0];
      oldest !== undefined && oldest.mark < time && this.#log.chunks.length > 1;
      oldest = this.#log.chunks[0]
    ) {
      this.#log.dropOldest()
    }
  }

  seal(): Sealed {
    const now = this.#now
    const { count } = this
    const sealed = this.#log.seal()
    return {
      ...sealed,
      parts: () => ({ now, count, log: sealed.parts() }),
      saved: () => {
        sealed.saved()
        this.#log.forget()
      },
    }
  }

  #take(member: string, id: string): void {
    const digest = idDigest(member, id)
    this.#probe[0] = wordAt(digest, 0)
    this.#probe[1] = wordAt(digest, 4)
    this.#probe[2] = wordAt(digest, 8)
  }

  /** Puts the probe into its part; an id that came back counts as long as its later use. */
  #put(notAfter: number): void {
    if (notAfter < this.#now) return
    const hash = this.#hashOf(this.#probe)
    const part = this.#parts[partOf(hash)] as SeenPart
    const crowded = (part.taken + 1) * placeWords > part.table.length * fullest
    if (crowded || notAfter - part.from > reachMs) part.sweep(this.#now, this.#hashOf)
    const last = notAfter - part.from + 1
    const at = part.find(this.#probe, hash)
    const held = part.table[at + 3] as number
    if (held === 0) part.taken += 1
    if (held < last) part.store(at, this.#probe, last)
  }
}

/** Opens the window as it was sealed, or an empty one. */
export function openSeenWindow(disk: Disk, options: SeenOptions, sealed: Json = null): SeenWindow {
  if (sealed === null) {
    const log = new ChunkLog(directory, options.chunkBytes ?? chunkBytesDefault)
    return new SeenWindow(log, options, { now: 0, count: 0 })
  }
  const log = ChunkLog.open(disk, directory, memberIn(sealed, 'log') ?? null)
  const held = { now: numberIn(sealed, 'now'), count: numberIn(sealed, 'count') }
  return new SeenWindow(log, options, held)
}
