// The canonical text of a value: RFC 8785, restricted to safe integers. Members stand in the order
// of their UTF-16 code units (§3.2.3), strings are escaped as ECMAScript does (§3.2.2.2), and there
// is no white space. One value has one text.
import { assert } from '#base/assert'
import { compareText } from '#base/bytes'
import { DEPTH_MAX, isPlainObject } from './json.ts'
import type { Json } from './json.ts'

// What is escaped, or may be half of a pair. Most texts hold nothing of it and go as they are.
// oxlint-disable-next-line no-control-regex
const UNUSUAL = /["\\\u0000-\u001f\ud800-\udfff]/
// oxlint-disable-next-line no-control-regex
const ESCAPED = /["\\\u0000-\u001f]/g
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['\b', 'b'],
  ['\f', 'f'],
  ['\n', 'n'],
  ['\r', 'r'],
  ['\t', 't'],
])

/**
 * The canonical text. A value outside `Json` is a defect of the caller: a fraction, an unsafe
 * integer, a lone surrogate, a missing value, `__proto__`, an object of a class, a depth above 32.
 * -0 is written 0 (RFC 8785 §3.2.2.3).
 */
export function encodeCanonical(value: Json): string {
  return encode(value, DEPTH_MAX)
}

function encode(value: Json, depthLeft: number): string {
  if (typeof value === 'string') return encodeText(value)
  if (typeof value === 'number') {
    assert(Number.isSafeInteger(value), 'a canonical number is a safe integer')
    return String(value)
  }
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (value === null) return 'null'
  assert(typeof value === 'object', 'a canonical value is JSON')
  assert(depthLeft > 0, 'a canonical value nests at most 32 deep')
  return isArray(value) ? encodeArray(value, depthLeft) : encodeObject(value, depthLeft)
}

function encodeText(text: string): string {
  if (!UNUSUAL.test(text)) return `"${text}"`
  assert(text.isWellFormed(), 'a canonical text has no lone surrogate')
  return `"${text.replace(ESCAPED, escape)}"`
}

// RFC 8785 §3.2.2.2: the short form where there is one, else four lower-case digits.
function escape(character: string): string {
  const short = SHORT_ESCAPES.get(character)
  if (short !== undefined) return `\\${short}`
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function encodeArray(value: readonly Json[], depthLeft: number): string {
  let text = '['
  for (let at = 0; at < value.length; at += 1) {
    if (at > 0) text += ','
    text += encode(value[at] as Json, depthLeft - 1)
  }
  return `${text}]`
}

function encodeObject(value: { readonly [key: string]: Json }, depthLeft: number): string {
  assert(isPlainObject(value), 'a canonical object is a plain one')
  let text = '{'
  for (const key of sortedKeys(value)) {
    assert(key !== '__proto__', 'a canonical member has a safe name')
    if (text.length > 1) text += ','
    text += `${encodeText(key)}:${encode(value[key] as Json, depthLeft - 1)}`
  }
  return `${text}}`
}

// Objects that we write ourselves mostly have their members in order already.
function sortedKeys(value: object): readonly string[] {
  const keys = Object.keys(value)
  for (let at = 1; at < keys.length; at += 1) {
    if ((keys[at - 1] as string) >= (keys[at] as string)) return keys.sort(compareText)
  }
  return keys
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
