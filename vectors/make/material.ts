// Material for cases that is the same on every run: bytes and numbers from a label, and the small
// conversions that all files need.
import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'

/** `size` bytes that depend on the label and nothing else. */
export function bytesOf(label: string, size = 32): Buffer {
  const blocks: Buffer[] = []
  for (let count = 0; count * 32 < size; count += 1) {
    blocks.push(createHash('sha256').update(`lianban/vectors/${label}/${count}`).digest())
  }
  return Buffer.concat(blocks).subarray(0, size)
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const fromHex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
export const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
export const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8')

/** Big-endian number of bytes. */
export const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${hex(bytes)}`)

/** A number as `size` big-endian bytes. */
export function toBytes(value: bigint, size: number): Buffer {
  const text = value.toString(16).padStart(2 * size, '0')
  assert.equal(text.length, 2 * size, 'the number fits')
  return fromHex(text)
}

/** UTF-16 code units, four hex digits each: JSON readers differ on lone surrogates. */
export function units(text: string): string {
  return [...Array(text.length).keys()]
    .map((at) => text.charCodeAt(at).toString(16).padStart(4, '0'))
    .join('')
}

/** The remainder in 0..modulus-1. */
export function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus
  return rest < 0n ? rest + modulus : rest
}

export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = mod(base, modulus)
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** The inverse modulo a prime. */
export const inverse = (value: bigint, prime: bigint): bigint => power(value, prime - 2n, prime)

/** The same bytes with one bit changed. */
export function flipped(bytes: Uint8Array, at: number, bit = 1): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ bit
  return copy
}
