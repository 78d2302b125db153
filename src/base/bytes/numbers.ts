// Whole numbers as big-endian bytes of fixed width, as logs, frames and tiles store them.
import { assert } from '#base/assert'
import type { Bytes } from './order.ts'

const U16_MAX = 0xffff
const U32_MAX = 0xffffffff
const U32_COUNT = 0x100000000
// The high half of 2^53 - 1: above it a number is no longer exact.
const HIGH_HALF_MAX = 0x1fffff

/** Two bytes; a number outside 0..65,535 is a defect. */
export function u16be(n: number): Bytes {
  assert(isWhole(n, U16_MAX), 'a u16 holds a whole number up to 65535')
  const bytes = new Uint8Array(2)
  bytes[0] = n >>> 8
  bytes[1] = n & 0xff
  return bytes
}

/** Four bytes; a number outside 0..2^32-1 is a defect. */
export function u32be(n: number): Bytes {
  assert(isWhole(n, U32_MAX), 'a u32 holds a whole number up to 4294967295')
  const bytes = new Uint8Array(4)
  writeU32(bytes, 0, n)
  return bytes
}

/** Eight bytes; a number outside 0..2^53-1 is a defect. */
export function u64be(n: number): Bytes {
  assert(isWhole(n, Number.MAX_SAFE_INTEGER), 'a u64 is written from a safe whole number')
  const bytes = new Uint8Array(8)
  writeU32(bytes, 0, Math.floor(n / U32_COUNT))
  writeU32(bytes, 4, n >>> 0)
  return bytes
}

/** The two bytes at `at`; RangeError when they are not all there. */
export function readU16be(bytes: Bytes, at: number): number {
  demand(bytes, at, 2)
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

/** The four bytes at `at`; RangeError when they are not all there. */
export function readU32be(bytes: Bytes, at: number): number {
  demand(bytes, at, 4)
  return readU32(bytes, at)
}

/** The eight bytes at `at`; RangeError when they are not all there or exceed 2^53-1. */
export function readU64be(bytes: Bytes, at: number): number {
  demand(bytes, at, 8)
  const high = readU32(bytes, at)
  if (high > HIGH_HALF_MAX) throw new RangeError('the number is not a safe integer')
  return high * U32_COUNT + readU32(bytes, at + 4)
}

function isWhole(n: number, max: number): boolean {
  return Number.isSafeInteger(n) && n >= 0 && n <= max
}

function demand(bytes: Bytes, at: number, size: number): void {
  const inside = Number.isSafeInteger(at) && at >= 0 && at + size <= bytes.length
  if (!inside) throw new RangeError('the number is not inside the bytes')
}

function writeU32(bytes: Bytes, at: number, n: number): void {
  bytes[at] = n >>> 24
  bytes[at + 1] = n >>> 16
  bytes[at + 2] = n >>> 8
  bytes[at + 3] = n
}

function readU32(bytes: Bytes, at: number): number {
  const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
  const low = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
  return high * 0x10000 + low
}
