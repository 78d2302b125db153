// Base64 (RFC 4648 §4, padded) and base64url (§5, unpadded), canonical only: a text that would not
// encode back to itself is refused (§3.5). Otherwise one signature would have sixteen spellings and
// a relay could change stored bytes without breaking it.
import type { Bytes } from './order.ts'
import { latin1Decode, latin1Encode } from './text.ts'

const COMMON = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const STANDARD = `${COMMON}+/`
const URL_SAFE = `${COMMON}-_`
const NONE = 255
const STANDARD_VALUES = valuesOf(STANDARD)
const URL_SAFE_VALUES = valuesOf(URL_SAFE)

/** Unpadded base64url. */
export function base64urlEncode(bytes: Bytes): string {
  return encode(bytes, URL_SAFE)
}

/** The bytes of canonical unpadded base64url, else null. */
export function base64urlDecode(text: string): Bytes | null {
  return isCanonical(text, text.length, URL_SAFE_VALUES)
    ? decode(text, text.length, URL_SAFE_VALUES)
    : null
}

/** What canonical unpadded base64url holds, a character a byte (Latin-1), else null. */
export function base64urlToLatin1(text: string): string | null {
  const bytes = base64urlDecode(text)
  return bytes === null ? null : latin1Decode(bytes)
}

/** Unpadded base64url of a text of one byte a character; a character above U+00FF throws. */
export function latin1ToBase64url(text: string): string {
  return base64urlEncode(latin1Encode(text))
}

/** Whether the text is canonical unpadded base64url: length, alphabet and spare bits. */
export function base64urlIsCanonical(text: string): boolean {
  return isCanonical(text, text.length, URL_SAFE_VALUES)
}

/** Padded base64. */
export function base64Encode(bytes: Bytes): string {
  const text = encode(bytes, STANDARD)
  const rest = text.length % 4
  return rest === 0 ? text : text + '='.repeat(4 - rest)
}

/** The bytes of canonical padded base64, else null. */
export function base64Decode(text: string): Bytes | null {
  if (text.length % 4 !== 0) return null
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const size = text.length - padding
  return isCanonical(text, size, STANDARD_VALUES) ? decode(text, size, STANDARD_VALUES) : null
}

function valuesOf(alphabet: string): Uint8Array {
  const values = new Uint8Array(128).fill(NONE)
  for (let value = 0; value < alphabet.length; value += 1) {
    values[alphabet.charCodeAt(value)] = value
  }
  return values
}

function isCanonical(text: string, size: number, values: Uint8Array): boolean {
  const rest = size % 4
  if (rest === 1) return false
  let last = 0
  for (let at = 0; at < size; at += 1) {
    // Outside the table is undefined, which `?? NONE` makes a refusal.
    last = values[text.charCodeAt(at)] ?? NONE
    if (last === NONE) return false
  }
  // The bits that no byte takes must be zero.
  if (rest === 2) return (last & 15) === 0
  return rest === 0 || (last & 3) === 0
}

function encode(bytes: Bytes, alphabet: string): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at
    const first = bytes[at] as number
    const second = left > 1 ? (bytes[at + 1] as number) : 0
    const third = left > 2 ? (bytes[at + 2] as number) : 0
    text += alphabet.charAt(first >> 2) + alphabet.charAt(((first & 3) << 4) | (second >> 4))
    if (left > 1) text += alphabet.charAt(((second & 15) << 2) | (third >> 6))
    if (left > 2) text += alphabet.charAt(third & 63)
  }
  return text
}

// Only for text that `isCanonical` has accepted.
function decode(text: string, size: number, values: Uint8Array): Bytes {
  const bytes = new Uint8Array(Math.floor((size * 3) / 4))
  let held = 0
  let bits = 0
  let at = 0
  for (let index = 0; index < size; index += 1) {
    held = ((held << 6) | (values[text.charCodeAt(index)] as number)) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = (held >> bits) & 0xff
    }
  }
  return bytes
}
