// What must hold before a library sees a P-256 key or signature: the point is on the curve, r and s
// are between 1 and n-1. Both doors ask here first, so their verdicts cannot part.
import { compare, concat, hexEncode } from '#base/bytes'
import type { Bytes } from '#base/bytes'

// SEC 2 §2.4.2, secp256r1: the prime, the coefficient b, and the group's order n as bytes.
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn
const N = Uint8Array.from([
  0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
  0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
])
const SCALAR_SIZE = 32
const SIGNATURE_SIZE = 64
// SEQUENCE of two INTEGERs of at most 33 bytes each, every length in its short form.
const DER_SIZE_MAX = 72
const SEQUENCE = 0x30
const INTEGER = 0x02

/** Whether the coordinates are below p and satisfy y² = x³ - 3x + b. The cofactor is 1. */
export function isOnP256(xBytes: Bytes, yBytes: Bytes): boolean {
  const x = BigInt(`0x${hexEncode(xBytes)}`)
  const y = BigInt(`0x${hexEncode(yBytes)}`)
  if (x >= P || y >= P) return false
  return (y * y - (x * x * x - 3n * x + B)) % P === 0n
}

/** Whether it is 64 bytes with r and s in 1..n-1 (FIPS 186-5 §6.4.2, RFC 7518 §3.4). */
export function isP256Signature(signature: Bytes): boolean {
  if (signature.length !== SIGNATURE_SIZE) return false
  return isScalar(signature.subarray(0, SCALAR_SIZE)) && isScalar(signature.subarray(SCALAR_SIZE))
}

/**
 * r ‖ s from `ECDSA-Sig-Value` (RFC 3279 §2.2.3) in strict DER (X.690 §8.3, §10.1): short lengths,
 * the fewest bytes for each number, nothing behind. Null for anything else.
 */
export function p256SignatureFromDer(der: Bytes): Bytes | null {
  if (der.length > DER_SIZE_MAX || der[0] !== SEQUENCE || der[1] !== der.length - 2) return null
  const r = readInteger(der, 2)
  if (r === null) return null
  const s = readInteger(der, r.end)
  if (s === null || s.end !== der.length) return null
  return concat([r.scalar, s.scalar])
}

function isScalar(bytes: Bytes): boolean {
  return bytes.some((byte) => byte !== 0) && compare(bytes, N) < 0
}

function readInteger(der: Bytes, at: number): { scalar: Bytes; end: number } | null {
  const size = der[at + 1]
  if (der[at] !== INTEGER || size === undefined || size < 1) return null
  const end = at + 2 + size
  if (end > der.length) return null
  const digits = der.subarray(at + 2, end)
  const first = digits[0] as number
  if (first >= 0x80) return null
  // A leading zero stands only where the next bit would otherwise read as a sign.
  if (first === 0 && size > 1 && (digits[1] as number) < 0x80) return null
  const significant = first === 0 ? digits.subarray(1) : digits
  if (significant.length > SCALAR_SIZE) return null
  const scalar = new Uint8Array(SCALAR_SIZE)
  scalar.set(significant, SCALAR_SIZE - significant.length)
  return { scalar, end }
}
