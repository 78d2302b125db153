// Hashes and signature checks by Node's own cryptography, synchronous, with the verdicts of
// `portable.ts`: whatever libraries might judge differently is refused in pure code before OpenSSL
// sees it. Keys are parsed once, at import.
import { Buffer } from 'node:buffer'
import { createHmac, createPublicKey, hash, timingSafeEqual, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { latin1Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { isEd25519Signature } from './ed25519.ts'
import { handle, readKey, thumbprintInput } from './keys.ts'
import type { Algorithm, KeyParts, PublicJwk, PublicKey } from './keys.ts'
import { isP256Signature, p256SignatureFromDer } from './p256.ts'
import { isRsaSignature } from './rsa.ts'

const HEAP_SIZE_MAX = 64
const scratch = Buffer.from(new ArrayBuffer(HEAP_SIZE_MAX))

type Handle = {
  readonly parts: KeyParts
  /** Also the options of `verify`, so that no call builds them. */
  readonly options: { readonly key: KeyObject; readonly dsaEncoding: 'ieee-p1363' }
}

/** See `portable.ts`. */
export function sha256(data: Bytes | string): Bytes {
  // By way of text: the engine makes 32 bytes on its heap in a third of the time of a Buffer.
  return latin1Encode(sha256Text(data, 'latin1'))
}

/** See `portable.ts`. */
export function sha256Text(data: Bytes | string, form: 'hex' | 'base64url' | 'latin1'): string {
  if (typeof data !== 'string') return hash('sha256', outside(data), form)
  // Node writes U+FFFD for a lone surrogate; two different texts would have one hash.
  if (!data.isWellFormed()) throw new RangeError('a lone surrogate has no UTF-8 form')
  return hash('sha256', data, form)
}

/** See `portable.ts`. */
export function hmacSha256(key: Bytes, data: Bytes): Bytes {
  return latin1Encode(createHmac('sha256', key).update(data).digest('latin1'))
}

/** See `portable.ts`. */
export function constantTimeEqual(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** See `portable.ts`. */
export function importPublicKey(alg: Algorithm, jwk: PublicJwk): PublicKey | null {
  const parts = readKey(alg, jwk)
  if (parts === null) return null
  const key = createPublicKey({ key: { ...parts.jwk }, format: 'jwk' })
  const options = Object.freeze({ key, dsaEncoding: 'ieee-p1363' } as const)
  const own: Handle = Object.freeze({ parts, options })
  return Object.freeze({ alg: parts.alg, jwk: parts.jwk, [handle]: own })
}

/** See `portable.ts`. */
export function verifySignature(
  key: PublicKey,
  message: Bytes | string,
  signature: Bytes,
): boolean {
  const { parts, options } = key[handle] as Handle
  const data = typeof message === 'string' ? textBytes(message) : message
  switch (parts.alg) {
    case 'ES256':
      return isP256Signature(signature) && verify('sha256', data, options, signature)
    case 'RS256':
      return (
        isRsaSignature(parts.modulus, signature) && verify('sha256', data, options.key, signature)
      )
    case 'Ed25519':
      return isEd25519Signature(signature) && verify(null, data, options.key, signature)
  }
}

/** See `portable.ts`. */
export function verifyDer(key: PublicKey, message: Bytes | string, derSignature: Bytes): boolean {
  if (key.alg !== 'ES256') return false
  const signature = p256SignatureFromDer(derSignature)
  return signature !== null && verifySignature(key, message, signature)
}

/** See `portable.ts`. */
export function thumbprint(jwk: PublicJwk): string {
  return sha256Text(thumbprintInput(jwk), 'base64url')
}

// Read once and dropped, so it may come from Node's pool.
function textBytes(text: string): Bytes {
  if (!text.isWellFormed()) throw new RangeError('a lone surrogate has no UTF-8 form')
  return Buffer.from(text, 'utf8')
}

// The same bytes where native code reads them without further cost (see base/bytes).
function outside(bytes: Bytes): Bytes {
  if (bytes.length > HEAP_SIZE_MAX) return bytes
  scratch.set(bytes)
  return scratch.subarray(0, bytes.length)
}
