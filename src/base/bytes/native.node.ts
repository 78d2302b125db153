// Byte operations by Node's own code, with the results of the pure files: what those refuse is
// refused here, and what comes back is a plain Uint8Array over memory of its own, never a Buffer
// (whose `slice` shares memory) and never a piece of Node's pool (which one held digest would keep
// alive). Node's decoders skip what they do not understand, so each result is encoded back and
// compared.
//
// Up to 64 bytes live inside the engine's heap and cost some 0.6 µs to hand to native code, because
// memory outside the heap is made for them first. Short byte strings therefore pass through one
// scratch area; no function leaves anything there for another.
import { Buffer, isAscii, isUtf8 } from 'node:buffer'
import { compare as compareLoop, equal as equalLoop } from './order.ts'
import type { Bytes } from './order.ts'

const HEAP_SIZE_MAX = 64
const SCRATCH_SIZE = 65_536
const scratch = new Uint8Array(SCRATCH_SIZE)
const scratchView = Buffer.from(scratch.buffer)
const PRINTABLE = /^[ -~]*$/
// An engine that stores the text one byte a character answers without looking at it.
const BEYOND_LATIN1 = /[^\u0000-\u00ff]/ // oxlint-disable-line no-control-regex

type Form = 'latin1' | 'utf8' | 'hex' | 'base64' | 'base64url'

/** See `order.ts`. */
export function equal(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false
  return a.length <= HEAP_SIZE_MAX ? equalLoop(a, b) : Buffer.compare(a, b) === 0
}

/** See `order.ts`. */
export function compare(a: Bytes, b: Bytes): -1 | 0 | 1 {
  const isShort = a.length <= HEAP_SIZE_MAX || b.length <= HEAP_SIZE_MAX
  return isShort ? compareLoop(a, b) : Buffer.compare(a, b)
}

/** See `text.ts`. */
export function utf8Encode(text: string): Bytes {
  if (!text.isWellFormed()) throw new RangeError('a lone surrogate has no UTF-8 form')
  // A code unit takes at most three bytes, so nothing is cut.
  if (text.length * 3 > SCRATCH_SIZE) return plain(Buffer.from(text, 'utf8'))
  return scratch.slice(0, scratchView.write(text, 0, 'utf8'))
}

/** See `text.ts`. */
export function utf8Decode(bytes: Bytes): string | null {
  return isUtf8(outside(bytes)) ? toText(bytes, 'utf8') : null
}

/** See `text.ts`. */
export function latin1Encode(text: string): Bytes {
  if (text.length > SCRATCH_SIZE) {
    const bytes = new Uint8Array(text.length)
    latin1Write(bytes, text, 0)
    return bytes
  }
  demandLatin1(text)
  return scratch.slice(0, scratchView.write(text, 0, 'latin1'))
}

/** See `text.ts`. */
export function latin1Write(bytes: Bytes, text: string, at: number): void {
  demandLatin1(text)
  const inside = Number.isSafeInteger(at) && at >= 0 && at + text.length <= bytes.length
  if (!inside) throw new RangeError('the text does not fit into the bytes')
  if (text.length > 0) view(bytes).write(text, at, 'latin1')
}

/** See `text.ts`. */
export function latin1Decode(bytes: Bytes): string {
  return toText(bytes, 'latin1')
}

/** See `text.ts`. */
export function asciiDecode(bytes: Bytes): string | null {
  if (!isAscii(outside(bytes))) return null
  const text = toText(bytes, 'latin1')
  return PRINTABLE.test(text) ? text : null
}

/** See `hex.ts`. */
export function hexEncode(bytes: Bytes): string {
  return toText(bytes, 'hex')
}

/** See `hex.ts`. */
export function hexDecode(text: string): Bytes | null {
  return text.length % 2 === 0 ? fromText(text, 'hex', text.length / 2) : null
}

/** See `base64.ts`. */
export function base64urlEncode(bytes: Bytes): string {
  return toText(bytes, 'base64url')
}

/** See `base64.ts`. */
export function base64urlDecode(text: string): Bytes | null {
  if (text.length % 4 === 1) return null
  return fromText(text, 'base64url', Math.floor((text.length * 3) / 4))
}

/** See `base64.ts`. */
export function base64urlToLatin1(text: string): string | null {
  if (text.length % 4 === 1) return null
  const size = Math.floor((text.length * 3) / 4)
  if (size > SCRATCH_SIZE) {
    const bytes = fromText(text, 'base64url', size)
    return bytes === null ? null : toText(bytes, 'latin1')
  }
  return holdsInScratch(text, 'base64url', size) ? scratchView.toString('latin1', 0, size) : null
}

/** See `base64.ts`. */
export function latin1ToBase64url(text: string): string {
  if (text.length > SCRATCH_SIZE) return base64urlEncode(latin1Encode(text))
  demandLatin1(text)
  return scratchView.toString('base64url', 0, scratchView.write(text, 0, 'latin1'))
}

/** See `base64.ts`. */
export function base64urlIsCanonical(text: string): boolean {
  if (text.length % 4 === 1) return false
  const size = Math.floor((text.length * 3) / 4)
  if (size > SCRATCH_SIZE) return fromText(text, 'base64url', size) !== null
  return holdsInScratch(text, 'base64url', size)
}

/** See `base64.ts`. */
export function base64Encode(bytes: Bytes): string {
  return toText(bytes, 'base64')
}

/** See `base64.ts`. */
export function base64Decode(text: string): Bytes | null {
  if (text.length % 4 !== 0) return null
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return fromText(text, 'base64', (text.length / 4) * 3 - padding)
}

function toText(bytes: Bytes, form: Form): string {
  if (bytes.length > HEAP_SIZE_MAX) return view(bytes).toString(form)
  scratch.set(bytes)
  return scratchView.toString(form, 0, bytes.length)
}

// Decodes to `size` bytes and keeps them only when they encode back to the text.
function fromText(text: string, form: Form, size: number): Bytes | null {
  if (size > SCRATCH_SIZE) {
    const bytes = Buffer.from(text, form)
    return bytes.length === size && bytes.toString(form) === text ? plain(bytes) : null
  }
  return holdsInScratch(text, form, size) ? scratch.slice(0, size) : null
}

function holdsInScratch(text: string, form: Form, size: number): boolean {
  if (scratchView.write(text, 0, form) !== size) return false
  return scratchView.toString(form, 0, size) === text
}

function demandLatin1(text: string): void {
  if (BEYOND_LATIN1.test(text)) {
    throw new RangeError('a character above U+00FF has no Latin-1 form')
  }
}

// The same bytes where native code reads them without further cost.
function outside(bytes: Bytes): Bytes {
  if (bytes.length > HEAP_SIZE_MAX) return bytes
  scratch.set(bytes)
  return scratch.subarray(0, bytes.length)
}

function view(bytes: Bytes): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

// Only for what is longer than the scratch area, which never comes from the pool.
function plain(bytes: Buffer): Bytes {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
