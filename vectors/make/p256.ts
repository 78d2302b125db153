// P-256 arithmetic for building cases: signatures with a chosen nonce, and keys under which a
// chosen r and s are valid, which no signing library gives.
import assert from 'node:assert/strict'
import { p256 } from '@noble/curves/nist.js'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { base64url, inverse, mod, power, toBytes, toNumber } from './material.ts'

const Point = p256.Point
const curve = Point.CURVE()

/** The prime, the order and the coefficient b of the curve. */
export const p: bigint = curve.p
export const n: bigint = curve.n
export const b: bigint = curve.b

export type Affine = { readonly x: bigint; readonly y: bigint }
export type Jwk = Readonly<Record<string, string>>
export type Signature = { readonly r: bigint; readonly s: bigint }

export function jwkOf({ x, y }: Affine): Jwk {
  return { kty: 'EC', crv: 'P-256', x: base64url(toBytes(x, 32)), y: base64url(toBytes(y, 32)) }
}

export const publicOf = (secret: bigint): Affine => Point.BASE.multiply(secret).toAffine()

/** The number that is signed for a message. */
export const digestOf = (message: Uint8Array): bigint =>
  toNumber(createHash('sha256').update(message).digest())

/** FIPS 186-5 §6.4.1 with the nonce given. */
export function signWith(secret: bigint, nonce: bigint, digest: bigint): Signature {
  const r = mod(Point.BASE.multiply(nonce).toAffine().x, n)
  return { r, s: mod(inverse(nonce, n) * (digest + r * secret), n) }
}

/** The key under which (x(point) mod n, s) signs the digest: (s·R - e·G) / r. */
export function keyFor(point: Affine, s: bigint, digest: bigint): Affine {
  const r = mod(point.x, n)
  const sum = Point.fromAffine(point)
    .multiply(s)
    .subtract(Point.BASE.multiply(mod(digest, n)))
  return sum.multiply(inverse(r, n)).toAffine()
}

/** The point with the least x from `start` on; p is 3 modulo 4. */
export function pointFrom(start: bigint): Affine {
  for (let x = start; x < start + 100n; x += 1n) {
    const square = mod(x * x * x - 3n * x + b, p)
    const y = power(square, (p + 1n) / 4n, p)
    if (mod(y * y, p) === square) return { x, y }
  }
  assert.fail('no point near')
}

export const plain = ({ r, s }: Signature): Buffer =>
  Buffer.concat([toBytes(r, 32), toBytes(s, 32)])

/** ECDSA-Sig-Value in DER (RFC 3279 §2.2.3). */
export function der({ r, s }: Signature): Buffer {
  const body = Buffer.concat([integer(r), integer(s)])
  return Buffer.concat([Buffer.of(0x30, body.length), body])
}

/** An INTEGER in the fewest bytes (X.690 §8.3). */
export function integer(value: bigint): Buffer {
  let text = value.toString(16)
  if (text.length % 2 === 1) text = `0${text}`
  const digits = Buffer.from(text, 'hex')
  const body = (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits
  return Buffer.concat([Buffer.of(0x02, body.length), body])
}
