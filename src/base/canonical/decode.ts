// Reading canonical text. A text is accepted exactly when encoding its value gives the same text
// back; every rule (order of members, spelling of numbers, choice of escapes, no white space) is
// checked where it is read, so nothing has to be encoded a second time. Objects come back without a
// prototype.
import { compareText } from '#base/bytes'
import { DEPTH_MAX, JSON_LIMITS, isSafeKey } from './json.ts'
import type { Json, JsonLimits } from './json.ts'

type Reader = { readonly text: string; at: number; membersLeft: number }

// Marks what cannot be read; null is a value of its own.
const REFUSED = Symbol('refused')
type Read = Json | typeof REFUSED

const ZERO = 0x30
const MINUS = 0x2d
// The largest safe integer has 16 digits; of 16 digits, no sum below is inexact and looks safe.
const DIGITS_MAX = 16
// oxlint-disable-next-line no-control-regex
const UNUSUAL = /[\\\u0000-\u001f]/
// What ECMAScript leaves unescaped; lone surrogates are looked for once the text is whole.
// oxlint-disable-next-line no-control-regex
const PLAIN = /[^"\\\u0000-\u001f]*/y
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])
const LONG_ESCAPE = /00[01][0-9a-f]/y

/**
 * The value of a canonical text, else null (a text `null` has the value null as well). Untrusted
 * text may be given; limits not stated are `JSON_LIMITS`.
 */
export function decodeCanonical(text: string, limits: Partial<JsonLimits> = {}): Json | null {
  const { depthMax, membersMax, lengthMax } = { ...JSON_LIMITS, ...limits }
  if (text.length > lengthMax || !text.isWellFormed()) return null
  const reader: Reader = { text, at: 0, membersLeft: membersMax }
  const value = readValue(reader, depthMax < DEPTH_MAX ? depthMax : DEPTH_MAX)
  return value === REFUSED || reader.at !== text.length ? null : value
}

function readValue(reader: Reader, depthLeft: number): Read {
  switch (reader.text.charAt(reader.at)) {
    case '{':
      return depthLeft > 0 ? readObject(reader, depthLeft - 1) : REFUSED
    case '[':
      return depthLeft > 0 ? readArray(reader, depthLeft - 1) : REFUSED
    case '"':
      return readText(reader)
    case 't':
      return readWord(reader, 'true', true)
    case 'f':
      return readWord(reader, 'false', false)
    case 'n':
      return readWord(reader, 'null', null)
    default:
      return readNumber(reader)
  }
}

function readWord(reader: Reader, word: string, value: Json): Read {
  if (!reader.text.startsWith(word, reader.at)) return REFUSED
  reader.at += word.length
  return value
}

// 0, or a digit from 1 on with at most 15 more and perhaps a minus: what a safe integer looks like.
function readNumber(reader: Reader): Read {
  const { text } = reader
  const start = reader.at
  const isNegative = text.charCodeAt(start) === MINUS
  const first = isNegative ? start + 1 : start
  let value = 0
  let at = first
  for (; at < first + DIGITS_MAX; at += 1) {
    const digit = text.charCodeAt(at) - ZERO
    // Behind the end of the text stands NaN, which is not a digit either.
    if (!(digit >= 0 && digit <= 9)) break
    value = value * 10 + digit
  }
  const isPlainZero = value === 0 && at === start + 1 && !isNegative
  const isWhole = text.charCodeAt(first) !== ZERO && at > first && Number.isSafeInteger(value)
  if (!isPlainZero && !isWhole) return REFUSED
  reader.at = at
  return isNegative ? -value : value
}

function readArray(reader: Reader, depthLeft: number): Read {
  const values: Json[] = []
  reader.at += 1
  if (take(reader, ']')) return values
  for (;;) {
    reader.membersLeft -= 1
    const value = reader.membersLeft < 0 ? REFUSED : readValue(reader, depthLeft)
    if (value === REFUSED) return REFUSED
    values.push(value)
    if (take(reader, ']')) return values
    if (!take(reader, ',')) return REFUSED
  }
}

function readObject(reader: Reader, depthLeft: number): Read {
  const members: { [key: string]: Json } = Object.create(null)
  let previous: string | null = null
  reader.at += 1
  if (take(reader, '}')) return members
  for (;;) {
    reader.membersLeft -= 1
    const key = reader.membersLeft < 0 ? REFUSED : readText(reader)
    if (key === REFUSED || !isSafeKey(key)) return REFUSED
    // Strictly rising, so no name comes twice.
    if (previous !== null && compareText(previous, key) >= 0) return REFUSED
    previous = key
    const value = take(reader, ':') ? readValue(reader, depthLeft) : REFUSED
    if (value === REFUSED) return REFUSED
    members[key] = value
    if (take(reader, '}')) return members
    if (!take(reader, ',')) return REFUSED
  }
}

function readText(reader: Reader): string | typeof REFUSED {
  if (!take(reader, '"')) return REFUSED
  const end = reader.text.indexOf('"', reader.at)
  if (end < 0) return REFUSED
  const text = reader.text.slice(reader.at, end)
  if (UNUSUAL.test(text)) return readEscapedText(reader)
  reader.at = end + 1
  return text
}

// From behind the opening quote, piece by piece.
function readEscapedText(reader: Reader): string | typeof REFUSED {
  let text = ''
  for (;;) {
    text += match(reader, PLAIN) ?? ''
    if (take(reader, '"')) return text
    const escaped = take(reader, '\\') ? readEscape(reader) : REFUSED
    if (escaped === REFUSED) return REFUSED
    text += escaped
  }
}

function readEscape(reader: Reader): string | typeof REFUSED {
  const letter = reader.text.charAt(reader.at)
  reader.at += 1
  const short = SHORT_ESCAPES.get(letter)
  if (short !== undefined) return short
  const digits = letter === 'u' ? match(reader, LONG_ESCAPE) : null
  if (digits === null) return REFUSED
  const escaped = String.fromCharCode(Number.parseInt(digits, 16))
  // RFC 8785 §3.2.2.2: the long form only where there is no short one.
  return '\b\f\n\r\t'.includes(escaped) ? REFUSED : escaped
}

function take(reader: Reader, character: string): boolean {
  if (reader.text.charAt(reader.at) !== character) return false
  reader.at += 1
  return true
}

function match(reader: Reader, pattern: RegExp): string | null {
  pattern.lastIndex = reader.at
  const found = pattern.exec(reader.text)
  if (found === null) return null
  reader.at += found[0].length
  return found[0]
}
