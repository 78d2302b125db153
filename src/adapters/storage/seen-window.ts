// The window of ids: every (member, id) that may not be used again because its command could still
// be in time. It promises an exact answer that depends on the ids and the ledger's time alone.
import { assert } from '#base/assert'
import type { Json } from '#base/canonical'
import type { Sealed } from './derived.ts'
import { ChunkLog, memberIn, numberIn } from './derived.ts'
import type { Disk } from './disk.ts'
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
const placesLeast = 64
/** The table is made anew when more than this part of its places is taken. */
const fullest = 0.8
const growth = 1.5

/** Implements the machine's port `IdWindow`. */
export class SeenWindow {
  readonly #log: ChunkLog
  readonly #seed: number
  /** Places of four words; a place whose last word is 0 is empty. */
  #table: Uint32Array = new Uint32Array(placesLeast * placeWords)
  #taken = 0
  #now: number
  /** The moment, in milliseconds, that the table counts from; it lies not after now. */
  #from: number
  readonly #probe: Uint32Array = new Uint32Array(3)

  constructor(log: ChunkLog, options: SeenOptions, now: number) {
    this.#log = log
    this.#seed = options.seed
    this.#now = now
    this.#from = now
    for (const chunk of log.chunks) {
      for (let at = 0; at < chunk.used; at += recordBytes) {
        const word = at >> 2
        this.#load(chunk.words, word)
        this.#put((chunk.words[word + 3] as number) * 2 ** 32 + (chunk.words[word + 4] as number))
      }
    }
    log.forget()
  }

  /** Ids held, those included that are past but not yet swept. */
  get count(): number {
    return this.#taken
  }

  has(member: string, id: string): boolean {
    this.#take(member, id)
    const last = this.#table[this.#find() + 3] as number
    return last !== 0 && last > this.#now - this.#from
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
    const sealed = this.#log.seal()
    return {
      ...sealed,
      parts: () => ({ now, log: sealed.parts() }),
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

  /** Word of the place that holds the probe's digest, or of the empty place where it belongs. */
  #find(): number {
    const table = this.#table
    const size = table.length
    const a = this.#probe[0]
    const b = this.#probe[1]
    const c = this.#probe[2]
    const hash = keyedHashOfWords(this.#probe, 0, 12, this.#seed)
    let at = Math.floor((hash / 2 ** 32) * (size / placeWords)) * placeWords
    while (table[at + 3] !== 0) {
      if (table[at] === a && table[at + 1] === b && table[at + 2] === c) return at
      at = at + placeWords === size ? 0 : at + placeWords
    }
    return at
  }

  /** Puts the probe into the table; an id that came back counts as long as its later use. */
  #put(notAfter: number): void {
    if (notAfter < this.#now) return
    const crowded = (this.#taken + 1) * placeWords > this.#table.length * fullest
    if (crowded || notAfter - this.#from > reachMs) this.#sweep()
    const last = notAfter - this.#from + 1
    const at = this.#find()
    const held = this.#table[at + 3] as number
    if (held === 0) this.#taken += 1
    if (held >= last) return
    this.#store(at, last)
  }

  /** Takes the probe's digest from three words of another table. */
  #load(from: Uint32Array, at: number): void {
    this.#probe[0] = from[at] as number
    this.#probe[1] = from[at + 1] as number
    this.#probe[2] = from[at + 2] as number
  }

  #store(at: number, last: number): void {
    this.#table[at] = this.#probe[0] as number
    this.#table[at + 1] = this.#probe[1] as number
    this.#table[at + 2] = this.#probe[2] as number
    this.#table[at + 3] = last
  }

  /** Makes the table anew without what is past, counting from now, with room to grow. */
  #sweep(): void {
    const old = this.#table
    const waiting = Uint32Array.from(this.#probe)
    const passed = this.#now - this.#from
    let live = 0
    for (let at = 3; at < old.length; at += placeWords) {
      if ((old[at] as number) > passed) live += 1
    }
    const places = Math.max(placesLeast, Math.ceil((live * growth) / fullest))
    this.#table = new Uint32Array(places * placeWords)
    this.#taken = live
    this.#from = this.#now
    for (let at = 0; at < old.length; at += placeWords) {
      const last = old[at + 3] as number
      if (last <= passed) continue
      this.#load(old, at)
      this.#store(this.#find(), last - passed)
    }
    this.#probe.set(waiting)
  }
}

/** Opens the window as it was sealed, or an empty one. */
export function openSeenWindow(disk: Disk, options: SeenOptions, sealed: Json = null): SeenWindow {
  if (sealed === null) {
    const log = new ChunkLog(directory, options.chunkBytes ?? chunkBytesDefault)
    return new SeenWindow(log, options, 0)
  }
  const log = ChunkLog.open(disk, directory, memberIn(sealed, 'log') ?? null)
  return new SeenWindow(log, options, numberIn(sealed, 'now'))
}
