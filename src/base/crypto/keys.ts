// Public keys as JSON Web Keys (RFC 7517, 7518 §6, 8037 §2), read strictly and alike by both doors:
// exactly the members that the key needs, canonical base64url, exact lengths, a point that is on
// its curve. Two spellings of one key would be two identities.
import { base64urlDecode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { isOnP256 } from './p256.ts'
import { isSoundEd25519Key } from './ed25519.ts'

/** Signature algorithms by their JOSE names (RFC 7518 §3.1; `Ed25519` from RFC 9864). */
export type Algorithm = 'ES256' | 'RS256' | 'Ed25519'

/** The public part of a key and nothing else. */
export type PublicJwk =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }

/** Where a door keeps what it made of the key. */
export const handle: unique symbol = Symbol('handle')

/** An imported key, frozen. Only `importPublicKey` makes one, and only its own door reads it. */
export type PublicKey = {
  readonly alg: Algorithm
  readonly jwk: PublicJwk
  readonly [handle]: unknown
}

/** A key's numbers as bytes: x and y, the modulus, or the encoded point. */
export type KeyParts =
  | { readonly alg: 'ES256'; readonly jwk: PublicJwk; readonly x: Bytes; readonly y: Bytes }
  | { readonly alg: 'RS256'; readonly jwk: PublicJwk; readonly modulus: Bytes }
  | { readonly alg: 'Ed25519'; readonly jwk: PublicJwk; readonly point: Bytes }

const COORDINATE_SIZE = 32
const MODULUS_SIZE_MIN = 256
const MODULUS_SIZE_MAX = 512
const EXPONENT_65537 = 'AQAB'

/**
 * The parts of an untrusted key, or null: unknown or missing members, another algorithm's key,
 * non-canonical base64url, wrong lengths, a point that is not on its curve or not in its
 * prime-order group, RSA below 2048 or above 4096 bits or with an exponent other than 65537.
 */
export function readKey(alg: Algorithm, jwk: PublicJwk): KeyParts | null {
  switch (alg) {
    case 'ES256':
      return readP256(jwk)
    case 'RS256':
      return readRsa(jwk)
    case 'Ed25519':
      return readEd25519(jwk)
    default:
      return null
  }
}

/**
 * The text whose SHA-256 is the key's thumbprint: the required members in the order of their names,
 * without white space (RFC 7638 §3; RFC 8037 §2 for OKP). A member with a lone surrogate is a
 * defect, so only keys that were imported or otherwise checked come here.
 */
export function thumbprintInput(jwk: PublicJwk): string {
  switch (jwk.kty) {
    case 'EC':
      return encodeCanonical({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y })
    case 'RSA':
      return encodeCanonical({ e: jwk.e, kty: jwk.kty, n: jwk.n })
    case 'OKP':
      return encodeCanonical({ crv: jwk.crv, kty: jwk.kty, x: jwk.x })
  }
}

function readP256(jwk: PublicJwk): KeyParts | null {
  if (!hasExactly(jwk, ['crv', 'kty', 'x', 'y'])) return null
  if (jwk.kty !== 'EC' || jwk.crv !== 'P-256') return null
  const x = readBytes(jwk.x, COORDINATE_SIZE, COORDINATE_SIZE)
  const y = readBytes(jwk.y, COORDINATE_SIZE, COORDINATE_SIZE)
  if (x === null || y === null || !isOnP256(x, y)) return null
  const own = Object.freeze({ kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y } as const)
  return { alg: 'ES256', jwk: own, x, y }
}

function readRsa(jwk: PublicJwk): KeyParts | null {
  if (!hasExactly(jwk, ['e', 'kty', 'n'])) return null
  if (jwk.kty !== 'RSA' || jwk.e !== EXPONENT_65537) return null
  const modulus = readBytes(jwk.n, MODULUS_SIZE_MIN, MODULUS_SIZE_MAX)
  if (modulus === null) return null
  // RFC 7518 §6.3.1.1: no leading zero byte. The shortest size must use its top bit to hold 2048
  // bits. An even modulus is no product of odd primes, and OpenSSL does not compute with it.
  const first = modulus[0] as number
  const last = modulus[modulus.length - 1] as number
  if (first === 0 || (modulus.length === MODULUS_SIZE_MIN && first < 0x80)) return null
  if (last % 2 === 0) return null
  return {
    alg: 'RS256',
    jwk: Object.freeze({ kty: 'RSA', n: jwk.n, e: jwk.e } as const),
    modulus,
  }
}

function readEd25519(jwk: PublicJwk): KeyParts | null {
  if (!hasExactly(jwk, ['crv', 'kty', 'x'])) return null
  if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519') return null
  const point = readBytes(jwk.x, COORDINATE_SIZE, COORDINATE_SIZE)
  if (point === null || !isSoundEd25519Key(point)) return null
  return {
    alg: 'Ed25519',
    jwk: Object.freeze({ kty: 'OKP', crv: 'Ed25519', x: jwk.x } as const),
    point,
  }
}

// Untrusted: the type says what a key should be, the caller may have it from outside.
function readBytes(value: unknown, sizeMin: number, sizeMax: number): Bytes | null {
  if (typeof value !== 'string' || value.length > 2 * sizeMax) return null
  const bytes = base64urlDecode(value)
  return bytes !== null && bytes.length >= sizeMin && bytes.length <= sizeMax ? bytes : null
}

function hasExactly(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  const found = Object.keys(value)
  return found.length === names.length && names.every((name) => found.includes(name))
}
