// Hashes and signature checks by @noble: synchronous and the same wherever the language runs. For
// verifiers and browsers; a node uses `native.node.ts`, some thirty times faster on ES256.
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { base64urlEncode, concat, hexEncode, latin1Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { isEd25519Signature, isTorsionFree } from './ed25519.ts'
import { handle, readKey, thumbprintInput } from './keys.ts'
import type { Algorithm, KeyParts, PublicJwk, PublicKey } from './keys.ts'
import { isP256Signature, p256SignatureFromDer } from './p256.ts'
import { isRsaSignature, opensToHash } from './rsa.ts'

const UNCOMPRESSED = Uint8Array.of(4)

/** SHA-256 (FIPS 180-4), 32 bytes; a text is taken in UTF-8 (RangeError for a lone surrogate). */
export function sha256(data: Bytes | string): Bytes {
  return nobleSha256(toBytes(data))
}

/** SHA-256 as text: 64 hex digits, 43 base64url characters or 32 Latin-1 characters. */
export function sha256Text(data: Bytes | string, form: 'hex' | 'base64url' | 'latin1'): string {
  const hash = sha256(data)
  if (form === 'hex') return hexEncode(hash)
  return form === 'latin1' ? latin1Decode(hash) : base64urlEncode(hash)
}

/** HMAC-SHA-256 (RFC 2104), 32 bytes. */
export function hmacSha256(key: Bytes, data: Bytes): Bytes {
  return hmac(nobleSha256, key, data)
}

/** Whether both hold the same bytes, in a time that depends on the lengths only. */
export function constantTimeEqual(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let at = 0; at < a.length; at += 1) {
    difference |= (a[at] as number) ^ (b[at] as number)
  }
  return difference === 0
}

/** A key ready to verify with, or null for a key that `readKey` refuses. Untrusted input. */
export function importPublicKey(alg: Algorithm, jwk: PublicJwk): PublicKey | null {
  const parts = readKey(alg, jwk)
  if (parts === null) return null
  return Object.freeze({ alg: parts.alg, jwk: parts.jwk, [handle]: parts })
}

/**
 * Whether the signature over the message is valid. ES256: r ‖ s, 64 bytes (RFC 7518 §3.4).
 * RS256: as long as the modulus (RFC 8017 §8.2.2). Ed25519: 64 bytes (RFC 8032 §5.1.7). A text is
 * taken in UTF-8 (RangeError for a lone surrogate). Untrusted signature.
 */
export function verifySignature(
  key: PublicKey,
  message: Bytes | string,
  signature: Bytes,
): boolean {
  const parts = key[handle] as KeyParts
  const data = toBytes(message)
  switch (parts.alg) {
    case 'ES256': {
      if (!isP256Signature(signature)) return false
      const point = concat([UNCOMPRESSED, parts.x, parts.y])
      const options = { prehash: true, lowS: false, format: 'compact' } as const
      return p256.verify(signature, data, point, options)
    }
    case 'RS256':
      if (!isRsaSignature(parts.modulus, signature)) return false
      return opensToHash(parts.modulus, signature, nobleSha256(data))
    case 'Ed25519': {
      if (!isEd25519Signature(signature)) return false
      // The library multiplies by the cofactor; with R in the prime-order group, as the key is,
      // that changes nothing and the verdict is the strict one.
      if (!isTorsionFree(signature.subarray(0, 32))) return false
      return ed25519.verify(signature, data, parts.point, { zip215: false })
    }
  }
}

/** Whether an ES256 signature in strict DER is valid, as WebAuthn assertions carry it. */
export function verifyDer(key: PublicKey, message: Bytes | string, derSignature: Bytes): boolean {
  if (key.alg !== 'ES256') return false
  const signature = p256SignatureFromDer(derSignature)
  return signature !== null && verifySignature(key, message, signature)
}

/** The key's thumbprint: SHA-256 in base64url (RFC 7638 §3). */
export function thumbprint(jwk: PublicJwk): string {
  return sha256Text(thumbprintInput(jwk), 'base64url')
}

function toBytes(data: Bytes | string): Bytes {
  return typeof data === 'string' ? utf8Encode(data) : data
}
