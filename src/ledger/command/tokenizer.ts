// The strict tokenizer: the only reader of JSON that a sender of commands can reach. It accepts
// printable ASCII without white space and without backslash, integers only, bounded depth and
// size, and no key twice, so that two nodes (or two languages) can never read one text in two
// ways. Each rule has its own code; `at` is `@` and the offset of the byte that broke it. Decoded
// objects inherit nothing: no key can reach a prototype, and none is taken for a refusal.
import { commandBytesMax, depthMax, membersMax } from './limits.ts'
import { refuse } from './refusal.ts'
import type { Refusal } from './refusal.ts'

/** What a strictly decoded text may hold: integers only, objects that inherit nothing. */
export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [key: string]: Value }

/** A strictly decoded object. */
export type Members = { readonly [key: string]: Value }

/** Bounds that a caller sets otherwise; absent ones are those of a command. */
export type DecodeLimits = {
  /** Longest text, in characters (which are bytes: the text is ASCII). */
  readonly bytes?: number
  readonly depth?: number
  readonly members?: number
}

/**
 * Decodes one text (protocol §3.4). Untrusted: any string may come in. Returns the value, or the
 * first refusal from the left. The text's characters are bytes; a caller that holds bytes decodes
 * them as Latin-1, so that whatever is not ASCII is still seen and refused here.
 */
export function decodeStrict(text: string, limits?: DecodeLimits): Value | Refusal {
  if (text.length > (limits?.bytes ?? commandBytesMax)) return refuse('command/oversized')
  const reader = new Reader(text, limits?.depth ?? depthMax, limits?.members ?? membersMax)
  const value = reader.value(0)
  if (value === undefined) return reader.refusal()
  if (reader.at < text.length) {
    reader.unexpected(reader.at, 'command/trailing-bytes')
    return reader.refusal()
  }
  return value
}

/** Whether a decoded value is an object. */
export function isMembers(value: Value | undefined): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a decoded value is a list. */
export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value)
}

/** Whether an object has exactly these members in this order, so that one thing has one text. */
export function hasMembers(value: Members, order: readonly string[]): boolean {
  let at = 0
  for (const key of Object.keys(value)) {
    if (key !== order[at]) return false
    at += 1
  }
  return at === order.length
}

// Character codes, named where they decide something.
const quote = 0x22
const comma = 0x2c
const minus = 0x2d
const zero = 0x30
const nine = 0x39
const colon = 0x3a
const openList = 0x5b
const backslash = 0x5c
const closeList = 0x5d
const openRecord = 0x7b
const closeRecord = 0x7d

// One pass by the engine's own matcher, three times as fast as a loop over the characters.
const allClean = /^[\x21-\x5b\x5d-\x7e]*$/
const unclean = /[^\x21-\x5b\x5d-\x7e]/

const integerMax = 9_007_199_254_740_991
const digitsMax = 16

/** Reads from left to right; the first broken rule is kept and `undefined` is returned upwards. */
class Reader {
  at = 0
  #code = ''
  #place = 0
  #members = 0
  readonly #text: string
  /** Where the first character stands that no text may contain; the length when there is none. */
  readonly #clean: number
  readonly #depthMax: number
  readonly #membersMax: number

  constructor(text: string, depth: number, members: number) {
    this.#text = text
    this.#clean = allClean.test(text) ? text.length : text.search(unclean)
    this.#depthMax = depth
    this.#membersMax = members
  }

  refusal(): Refusal {
    return refuse(this.#code, `@${this.#place}`)
  }

  /** Keeps the rule that was broken; the recursion then ends, because all pass undefined on. */
  #fail(code: string, place: number): undefined {
    this.#code = code
    this.#place = place
    return undefined
  }

  /** Says why the character at a place cannot stand there; `otherwise` when it is plain ASCII. */
  unexpected(place: number, otherwise: string): undefined {
    if (place >= this.#text.length) return this.#fail('command/truncated', place)
    return this.#fail(characterCode(this.#text.charCodeAt(place)) ?? otherwise, place)
  }

  /** One value; `depth` containers are open around it. */
  value(depth: number): Value | undefined {
    const c = this.#text.charCodeAt(this.at)
    if (c === quote) return this.#string()
    if (c === openRecord) return this.#record(depth + 1)
    if (c === openList) return this.#list(depth + 1)
    if (c === minus || (c >= zero && c <= nine)) return this.#integer(c)
    if (this.#text.startsWith('true', this.at)) return this.#literal(4, true)
    if (this.#text.startsWith('false', this.at)) return this.#literal(5, false)
    if (this.#text.startsWith('null', this.at)) return this.#literal(4, null)
    return this.unexpected(this.at, 'command/bad-json')
  }

  #literal(length: number, value: boolean | null): boolean | null {
    this.at += length
    return value
  }

  /** A string, from its opening quote; nothing in it is escaped, so it is a slice. */
  #string(): string | undefined {
    const start = this.at + 1
    const end = this.#text.indexOf('"', start)
    if (end < 0 || end > this.#clean) return this.unexpected(this.#clean, 'command/bad-json')
    this.at = end + 1
    return this.#text.slice(start, end)
  }

  /** An integer: `0|-?[1-9][0-9]{0,15}`, within ±(2^53 - 1). */
  #integer(first: number): number | undefined {
    const text = this.#text
    const start = this.at
    let at = first === minus ? start + 1 : start
    let c = text.charCodeAt(at)
    const leading = c
    const digits = at
    let value = 0
    while (c >= zero && c <= nine && at - digits < digitsMax) {
      value = value * 10 + (c - zero)
      at += 1
      c = text.charCodeAt(at)
    }
    // What may follow a number in other JSON is a number refused here, not a stray character.
    const longer = (c >= zero && c <= nine) || c === 0x2e || c === 0x65 || c === 0x45
    const none = at === digits
    const zeroLed = leading === zero && (at - digits > 1 || first === minus)
    if (longer || none || zeroLed || value > integerMax) {
      return this.#fail('command/bad-number', start)
    }
    this.at = at
    return first === minus ? -value : value
  }

  #list(depth: number): Value[] | undefined {
    if (depth > this.#depthMax) return this.#fail('command/too-deep', this.at)
    const list: Value[] = []
    this.at += 1
    if (this.#text.charCodeAt(this.at) === closeList) {
      this.at += 1
      return list
    }
    for (;;) {
      const value = this.value(depth)
      if (value === undefined) return undefined
      list.push(value)
      const c = this.#text.charCodeAt(this.at)
      if (c !== comma && c !== closeList) return this.unexpected(this.at, 'command/bad-json')
      this.at += 1
      if (c === closeList) return list
    }
  }

  #record(depth: number): { readonly [key: string]: Value } | undefined {
    if (depth > this.#depthMax) return this.#fail('command/too-deep', this.at)
    const record = new Bare() as { [key: string]: Value }
    this.at += 1
    if (this.#text.charCodeAt(this.at) === closeRecord) {
      this.at += 1
      return record
    }
    for (;;) {
      const key = this.#key(record)
      if (key === undefined) return undefined
      const value = this.value(depth)
      if (value === undefined) return undefined
      record[key] = value
      const c = this.#text.charCodeAt(this.at)
      if (c !== comma && c !== closeRecord) return this.unexpected(this.at, 'command/bad-json')
      this.at += 1
      if (c === closeRecord) return record
    }
  }

  /** A key from its opening quote, if it is one that was read before. */
  #knownKey(): string | undefined {
    const start = this.at + 1
    const end = this.#text.indexOf('"', start)
    if (end < 0 || end > this.#clean) return undefined
    const slot = slotOf(this.#text, start, end)
    const key = this.#isAt(knownKeys[slot], start, end)
      ? knownKeys[slot]
      : this.#isAt(knownKeys[slot + 1], start, end)
        ? knownKeys[slot + 1]
        : undefined
    if (key !== undefined) this.at = end + 1
    return key
  }

  #isAt(key: string | undefined, start: number, end: number): boolean {
    return key !== undefined && key.length === end - start && this.#text.startsWith(key, start)
  }

  /** A key from its opening quote, held to every rule. */
  #newKey(start: number): string | undefined {
    const key = this.#string()
    if (key === undefined) return undefined
    if (key === '') return this.#fail('command/empty-key', start)
    if (key === '__proto__') return this.#fail('command/forbidden-key', start)
    // Engines move integer-like keys to the front; then the order of members would not be theirs.
    if (isDigits(key)) return this.#fail('command/integer-key', start)
    if (key.length <= knownKeyMax) {
      const slot = slotOf(this.#text, start + 1, this.at - 1)
      knownKeys[slot + 1] = knownKeys[slot]
      knownKeys[slot] = Object.keys({ [key]: null })[0]
    }
    return key
  }

  /** A key that the record does not have yet, with its colon. */
  #key(record: { readonly [key: string]: Value }): string | undefined {
    const start = this.at
    if (this.#text.charCodeAt(start) !== quote) return this.unexpected(start, 'command/bad-json')
    this.#members += 1
    if (this.#members > this.#membersMax) return this.#fail('command/too-many-members', start)
    const key = this.#knownKey() ?? this.#newKey(start)
    if (key === undefined) return undefined
    if (record[key] !== undefined) return this.#fail('command/duplicate-key', start)
    if (this.#text.charCodeAt(this.at) !== colon) {
      return this.unexpected(this.at, 'command/bad-json')
    }
    this.at += 1
    return key
  }
}

/**
 * A record that inherits nothing: its prototype is empty, frozen and without a prototype itself.
 * Unlike an object without any prototype, the engine keeps its members in a fixed layout, which
 * makes it half the size and ten times as fast to read.
 */
const Bare = function () {} as unknown as new () => object
Bare.prototype = Object.freeze(Object.create(null)) as object

// Commands of one type have the same keys. A key that was read before is compared in place and
// taken as the engine knows it, which looks a new text up among all its names. The table is bounded
// and holds short texts of its own alone, two that may stand for one another in each slot.
const knownKeys: (string | undefined)[] = Array.from({ length: 1024 })
const knownKeyMax = 32

/** The first of the two places of a key, by its length, both ends and its middle. */
function slotOf(text: string, start: number, end: number): number {
  const inside = text.charCodeAt(start) + text.charCodeAt((start + end) >> 1) * 37
  const mixed = inside + text.charCodeAt(end - 1) * 1009 + (end - start) * 12_289
  return (Math.imul(mixed, 0x9e3779b1) >>> 23) * 2
}

/** The code of the rule that a character breaks wherever it stands, or null when it breaks none. */
function characterCode(c: number): string | null {
  if (c > 0x7f) return 'command/not-ascii'
  if (c === backslash) return 'command/backslash'
  if (c === 0x20 || c === 0x09 || c === 0x0a || c === 0x0d) return 'command/whitespace'
  if (c < 0x20 || c === 0x7f) return 'command/control-character'
  return null
}

/** Whether a key is made of digits alone. */
function isDigits(key: string): boolean {
  const first = key.charCodeAt(0)
  if (first < zero || first > nine) return false
  for (let at = 1; at < key.length; at += 1) {
    const c = key.charCodeAt(at)
    if (c < zero || c > nine) return false
  }
  return true
}
