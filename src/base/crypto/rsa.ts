// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.2), exponent 65537. The expected block is built and
// compared whole, so there is nothing to parse and nothing to forge in the padding.
import { compare, hexEncode } from '#base/bytes'
import type { Bytes } from '#base/bytes'

// RFC 8017 §9.2 note 1: the DER of DigestInfo for SHA-256, up to the hash.
const DIGEST_INFO = Uint8Array.from([
  0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
  0x00, 0x04, 0x20,
])
const HASH_SIZE = 32
const SQUARINGS = 16

/** Whether it is as long as the modulus and below it. */
export function isRsaSignature(modulus: Bytes, signature: Bytes): boolean {
  return signature.length === modulus.length && compare(signature, modulus) < 0
}

/** Whether the signature opens to exactly the block of this SHA-256 hash. */
export function opensToHash(modulus: Bytes, signature: Bytes, hash: Bytes): boolean {
  const n = toNumber(modulus)
  const base = toNumber(signature)
  let power = base
  for (let step = 0; step < SQUARINGS; step += 1) power = (power * power) % n
  return (power * base) % n === toNumber(blockOf(hash, modulus.length))
}

// EMSA-PKCS1-v1_5: 00 01 FF … FF 00 DigestInfo.
function blockOf(hash: Bytes, size: number): Bytes {
  const block = new Uint8Array(size).fill(0xff)
  const infoAt = size - HASH_SIZE - DIGEST_INFO.length
  block[0] = 0
  block[1] = 1
  block[infoAt - 1] = 0
  block.set(DIGEST_INFO, infoAt)
  block.set(hash, size - HASH_SIZE)
  return block
}

function toNumber(bytes: Bytes): bigint {
  return BigInt(`0x${hexEncode(bytes)}`)
}
