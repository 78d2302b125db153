// Text as bytes without the platform: UTF-8 (RFC 3629), Latin-1 and printable ASCII. Encoding and
// decoding are each other's inverse: nothing is replaced, nothing is stripped, a byte order mark is
// a character like any other.
import type { Bytes } from './order.ts'

// Below the number of arguments that any engine accepts in one call.
const CHUNK = 4096

/** The text in UTF-8. RangeError for a lone surrogate, which has no UTF-8 form. */
export function utf8Encode(text: string): Bytes {
  const bytes = new Uint8Array(utf8Length(text))
  let at = 0
  for (let index = 0; index < text.length; index += 1) {
    const point = text.codePointAt(index) as number
    if (point < 0x80) {
      bytes[at++] = point
    } else if (point < 0x800) {
      bytes[at++] = 0xc0 | (point >> 6)
      bytes[at++] = 0x80 | (point & 0x3f)
    } else if (point < 0x10000) {
      bytes[at++] = 0xe0 | (point >> 12)
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f)
      bytes[at++] = 0x80 | (point & 0x3f)
    } else {
      bytes[at++] = 0xf0 | (point >> 18)
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f)
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f)
      bytes[at++] = 0x80 | (point & 0x3f)
      index += 1
    }
  }
  return bytes
}

function utf8Length(text: string): number {
  if (!text.isWellFormed()) throw new RangeError('a lone surrogate has no UTF-8 form')
  let size = 0
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    // Each half of a pair counts two of the pair's four bytes.
    if (unit < 0x80) size += 1
    else if (unit < 0x800 || isSurrogate(unit)) size += 2
    else size += 3
  }
  return size
}

/** The text of well-formed UTF-8, else null. A byte order mark is kept. */
export function utf8Decode(bytes: Bytes): string | null {
  const units: number[] = []
  let text = ''
  let at = 0
  while (at < bytes.length) {
    const size = sequenceSize(bytes, at)
    if (size === 0) return null
    pushPoint(units, codePoint(bytes, at, size))
    at += size
    if (units.length >= CHUNK - 1) {
      text += String.fromCharCode(...units)
      units.length = 0
    }
  }
  return text + String.fromCharCode(...units)
}

// RFC 3629 §4, UTF8-octets: the bounds on the second byte exclude overlong forms, surrogates and
// whatever lies above U+10FFFF.
function sequenceSize(bytes: Bytes, at: number): number {
  const lead = bytes[at] as number
  if (lead < 0x80) return 1
  if (lead < 0xc2) return 0
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (size === 0 || at + size > bytes.length) return 0
  const second = bytes[at + 1] as number
  const min = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const max = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  if (second < min || second > max) return 0
  for (let next = at + 2; next < at + size; next += 1) {
    if (((bytes[next] as number) & 0xc0) !== 0x80) return 0
  }
  return size
}

function codePoint(bytes: Bytes, at: number, size: number): number {
  const lead = bytes[at] as number
  if (size === 1) return lead
  let point = lead & (0x7f >> size)
  for (let next = at + 1; next < at + size; next += 1) {
    point = (point << 6) | ((bytes[next] as number) & 0x3f)
  }
  return point
}

function pushPoint(units: number[], point: number): void {
  if (point < 0x10000) {
    units.push(point)
    return
  }
  const above = point - 0x10000
  units.push(0xd800 | (above >> 10), 0xdc00 | (above & 0x3ff))
}

/** One byte a character. RangeError for a character above U+00FF. */
export function latin1Encode(text: string): Bytes {
  const bytes = new Uint8Array(text.length)
  latin1Write(bytes, text, 0)
  return bytes
}

/**
 * Writes the text into the bytes from `at`, one byte a character. RangeError, and nothing written,
 * for a character above U+00FF or a text that does not fit.
 */
export function latin1Write(bytes: Bytes, text: string, at: number): void {
  const inside = Number.isSafeInteger(at) && at >= 0 && at + text.length <= bytes.length
  if (!inside) throw new RangeError('the text does not fit into the bytes')
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 0xff) {
      throw new RangeError('a character above U+00FF has no Latin-1 form')
    }
  }
  for (let index = 0; index < text.length; index += 1) bytes[at + index] = text.charCodeAt(index)
}

/** One character a byte, U+0000 to U+00FF. */
export function latin1Decode(bytes: Bytes): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  }
  return text
}

/** The text when every byte is printable ASCII (0x20 to 0x7e), else null. */
export function asciiDecode(bytes: Bytes): string | null {
  for (const byte of bytes) if (byte < 0x20 || byte > 0x7e) return null
  return latin1Decode(bytes)
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}
