// Byte operations by Node's own code, with the results of the pure files: what those refuse is
// refused here, and what comes back is a plain Uint8Array over memory of its own, never a Buffer
// (whose `slice` shares memory) and never a piece of Node's pool (which one held digest would keep
// alive). Node's decoders skip what they do not understand, so each result is encoded back and
// compared.
import { Buffer, isAscii, isUtf8 } from 'node:buffer'
import type { Bytes } from './order.ts'

const utf8 = new TextEncoder()
const PRINTABLE = /^[ -~]*$/

/** See `order.ts`. */
export function equal(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}

/** See `order.ts`. */
export function compare(a: Bytes, b: Bytes): -1 | 0 | 1 {
  return Buffer.compare(a, b)
}

/** See `text.ts`. */
export function utf8Encode(text: string): Bytes {
  if (!text.isWellFormed()) throw new RangeError('a lone surrogate has no UTF-8 form')
  return utf8.encode(text)
}

/** See `text.ts`. */
export function utf8Decode(bytes: Bytes): string | null {
  return isUtf8(bytes) ? view(bytes).toString('utf8') : null
}

/** See `text.ts`. */
export function latin1Encode(text: string): Bytes {
  const bytes = new Uint8Array(text.length)
  const written = view(bytes)
  written.write(text, 'latin1')
  // A character above U+00FF was cut to its low byte.
  if (written.toString('latin1') !== text) {
    throw new RangeError('a character above U+00FF has no Latin-1 form')
  }
  return bytes
}

/** See `text.ts`. */
export function latin1Write(target: Bytes, text: string, at: number): void {
  view(target).write(text, at, 'latin1')
}

/** See `text.ts`. */
export function latin1Decode(bytes: Bytes): string {
  return view(bytes).toString('latin1')
}

/** See `text.ts`. */
export function asciiDecode(bytes: Bytes): string | null {
  if (!isAscii(bytes)) return null
  const text = view(bytes).toString('latin1')
  return PRINTABLE.test(text) ? text : null
}

/** See `hex.ts`. */
export function hexEncode(bytes: Bytes): string {
  return view(bytes).toString('hex')
}

/** See `hex.ts`. */
export function hexDecode(text: string): Bytes | null {
  if (text.length % 2 !== 0) return null
  return checked(text, 'hex', text.length / 2)
}

/** See `base64.ts`. */
export function base64urlEncode(bytes: Bytes): string {
  return view(bytes).toString('base64url')
}

/** See `base64.ts`. */
export function base64urlDecode(text: string): Bytes | null {
  if (text.length % 4 === 1) return null
  return checked(text, 'base64url', Math.floor((text.length * 3) / 4))
}

/** See `base64.ts`. */
export function base64Encode(bytes: Bytes): string {
  return view(bytes).toString('base64')
}

/** See `base64.ts`. */
export function base64Decode(text: string): Bytes | null {
  if (text.length % 4 !== 0) return null
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return checked(text, 'base64', (text.length / 4) * 3 - padding)
}

export { base64urlIsCanonical } from './base64.ts'

// Decodes into `size` bytes and keeps them only when they encode back to the text.
function checked(text: string, form: 'hex' | 'base64' | 'base64url', size: number): Bytes | null {
  const bytes = new Uint8Array(size)
  const written = view(bytes)
  if (written.write(text, form) !== size) return null
  return written.toString(form) === text ? bytes : null
}

function view(bytes: Bytes): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
