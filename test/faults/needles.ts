// Many byte strings looked for at once in much larger ones: a window of the last six bytes leads to
// the few needles that end so, and only those are compared.
import assert from 'node:assert/strict'

/** What was looked for, and how it was written. */
export type Needle = { readonly what: string; readonly how: string }

/** Shorter ones are found by chance. */
export const shortest = 6

const filterBits = 24

/** A set of needles; the same bytes are looked for once. */
export class Needles {
  readonly #filter: Uint8Array = new Uint8Array(1 << (filterBits - 3))
  readonly #heads: Map<number, number[]> = new Map()
  readonly #bytes: Uint8Array[] = []
  readonly #named: Needle[] = []
  readonly #numeric: boolean[] = []

  get size(): number {
    return this.#bytes.length
  }

  /** Whether it is long enough to be looked for. */
  add(bytes: Uint8Array, needle: Needle, isNumber = false): boolean {
    if (bytes.length < shortest) return false
    const end = bytes.length
    const tail = hash(word(bytes, end - 4), (byte(bytes, end - 6) << 8) | byte(bytes, end - 5))
    const known = this.#heads.get(tail)
    if (known?.some((at) => Buffer.compare(this.#bytes[at] ?? bytes, bytes) === 0)) return true
    const at = this.#bytes.length
    this.#bytes.push(bytes)
    this.#named.push(needle)
    this.#numeric.push(isNumber)
    if (known === undefined) this.#heads.set(tail, [at])
    else known.push(at)
    const bit = tail >>> (32 - filterBits)
    this.#filter[bit >>> 3] = (this.#filter[bit >>> 3] ?? 0) | (1 << (bit & 7))
    return true
  }

  /** Calls `found` for each place at which a needle ends. */
  search(bytes: Uint8Array, found: (needle: Needle, end: number) => void): void {
    const filter = this.#filter
    let last = 0
    let before = 0
    for (let at = 0; at < bytes.length; at += 1) {
      before = ((before << 8) | (last >>> 24)) & 0xffff
      last = (last << 8) | (bytes[at] as number)
      const tail = hash(last, before)
      const bit = tail >>> (32 - filterBits)
      if (((filter[bit >>> 3] as number) & (1 << (bit & 7))) !== 0)
        this.#compare(bytes, at + 1, { tail, found })
    }
  }

  #compare(
    bytes: Uint8Array,
    end: number,
    { tail, found }: { readonly tail: number; readonly found: (n: Needle, end: number) => void },
  ): void {
    for (const at of this.#heads.get(tail) ?? []) {
      const needle = this.#bytes[at]
      const named = this.#named[at]
      assert.ok(needle !== undefined && named !== undefined)
      const from = end - needle.length
      if (from < 0) continue
      if (Buffer.compare(bytes.subarray(from, end), needle) !== 0) continue
      // A number within a longer one is another number.
      const isPart = isDigit(bytes[from - 1]) || isDigit(bytes[end])
      if (this.#numeric[at] !== true || !isPart) found(named, end)
    }
  }
}

function isDigit(value: number | undefined): boolean {
  return value !== undefined && value >= 0x30 && value <= 0x39
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (byte(bytes, at) << 24) |
    (byte(bytes, at + 1) << 16) |
    (byte(bytes, at + 2) << 8) |
    byte(bytes, at + 3)
  )
}

function hash(last: number, before: number): number {
  const mixed = Math.imul(last ^ Math.imul(before, 0x9e3779b1), 0x85ebca6b)
  return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) >>> 0
}

/** A set of byte strings, known by their first eight bytes. */
export class Prefixes {
  #keys: Uint32Array
  #size = 0

  constructor(room: number = 1 << 16) {
    this.#keys = new Uint32Array(2 * room)
  }

  get size(): number {
    return this.#size
  }

  /** Adds eight bytes as two words. */
  add(high: number, low: number): void {
    if (this.#size * 4 > this.#keys.length) this.#grow()
    const at = this.#place(high, low)
    if (this.#keys[at] !== 0 || this.#keys[at + 1] !== 0) return
    this.#keys[at] = high
    this.#keys[at + 1] = low
    this.#size += 1
  }

  has(high: number, low: number): boolean {
    const at = this.#place(high, low)
    return this.#keys[at] !== 0 || this.#keys[at + 1] !== 0
  }

  /** Where the words stand, or the free place where they would. */
  #place(high: number, low: number): number {
    const mask = this.#keys.length / 2 - 1
    for (let slot = hash(high, low) & mask; ; slot = (slot + 1) & mask) {
      const a = this.#keys[2 * slot] as number
      const b = this.#keys[2 * slot + 1] as number
      if ((a === high >>> 0 && b === low >>> 0) || (a === 0 && b === 0)) return 2 * slot
    }
  }

  #grow(): void {
    const old = this.#keys
    this.#keys = new Uint32Array(2 * old.length)
    this.#size = 0
    for (let at = 0; at < old.length; at += 2) {
      const high = old[at] as number
      const low = old[at + 1] as number
      if (high !== 0 || low !== 0) this.add(high, low)
    }
  }
}
