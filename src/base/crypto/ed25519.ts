// What must hold before a library sees an Ed25519 key or signature (RFC 8032 §5.1). Libraries
// differ on small-order points, on non-canonical encodings and on the cofactor; this file refuses
// in pure code whatever they differ on, so that one signature has one verdict on every engine and
// version.
import { ed25519 } from '@noble/curves/ed25519.js'
import type { Bytes } from '#base/bytes'

const POINT_SIZE = 32
const SIGNATURE_SIZE = 64

// Little-endian, the sign of x left out. The prime is 2^255 - 19; L is the group's order.
const P = littleEndian(2n ** 255n - 19n)
const L = littleEndian(2n ** 252n + 27742317777372353535851937790883648493n)

// The y of the eight points of order 1, 2, 4 and 8; each y stands for both signs of x.
const SMALL_ORDER_Y: readonly Bytes[] = [
  littleEndian(0n),
  littleEndian(1n),
  littleEndian(2n ** 255n - 20n),
  littleEndian(0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n),
  littleEndian(0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n),
]

/** Whether the bytes may stand for a point: y below the prime, and not one of small order. */
export function isPlainEd25519Point(bytes: Bytes): boolean {
  if (bytes.length !== POINT_SIZE) return false
  const y = bytes.slice()
  y[POINT_SIZE - 1] = (y[POINT_SIZE - 1] as number) & 0x7f
  if (!isBelow(y, P)) return false
  return !SMALL_ORDER_Y.some((small) => small.every((byte, at) => byte === y[at]))
}

/**
 * Whether the bytes are a public key: a plain point that is on the curve and in the group of prime
 * order. A key with a small-order part verifies under one cofactor rule and not under the other.
 */
export function isSoundEd25519Key(bytes: Bytes): boolean {
  return isPlainEd25519Point(bytes) && isTorsionFree(bytes)
}

/** Whether R is a plain point and s is below L (RFC 8032 §5.1.7). */
export function isEd25519Signature(signature: Bytes): boolean {
  if (signature.length !== SIGNATURE_SIZE) return false
  if (!isPlainEd25519Point(signature.subarray(0, POINT_SIZE))) return false
  return isBelow(signature.subarray(POINT_SIZE), L)
}

/** Whether the bytes decode to a point of the prime-order group. */
export function isTorsionFree(bytes: Bytes): boolean {
  try {
    return ed25519.Point.fromBytes(bytes, false).isTorsionFree()
  } catch {
    // The library throws for bytes that are no point.
    return false
  }
}

function littleEndian(value: bigint): Bytes {
  const bytes = new Uint8Array(POINT_SIZE)
  let rest = value
  for (let at = 0; at < POINT_SIZE; at += 1) {
    bytes[at] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return bytes
}

function isBelow(a: Bytes, b: Bytes): boolean {
  for (let at = POINT_SIZE - 1; at >= 0; at -= 1) {
    const left = a[at] as number
    const right = b[at] as number
    if (left !== right) return left < right
  }
  return false
}
