// Texts that only one key of use `encrypt` opens: compact JWE (RFC 7516 §7.1) by ECDH-ES in direct
// key agreement (RFC 7518 §4.6) with A256GCM. It promises that a private key never leaves its
// store: to open a text, the store agrees on a secret and everything else happens here.
import { createCipheriv, createDecipheriv, createPublicKey, diffieHellman } from 'node:crypto'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { base64urlDecode, base64urlEncode, base64urlToLatin1, concat } from '#base/bytes'
import { latin1Encode, u32be } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { importPublicKey, sha256 } from '#base/crypto'
import type { PublicJwk } from '#base/crypto'
import { decodeStrict, isMembers, isRefusal } from '#ledger/command'
import type { Value } from '#ledger/command'
import { Failure } from './failure.ts'
import type { KeyStore } from './key-store.ts'

/** Longest protected header that is read, base64url characters. */
const headerMax = 512
const ivBytes = 12
const tagBytes = 16

/** Encrypts bytes to a registered key of use `encrypt`: a compact JWE that names its kid. */
export function encryptTo(
  key: { readonly kid: string; readonly jwk: PublicJwk },
  plain: Bytes,
): string {
  const publicKey = imported(key.jwk)
  const ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y } = ephemeral.publicKey.export({ format: 'jwk' })
  const epk = `{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`
  const text = `{"alg":"ECDH-ES","enc":"A256GCM","epk":${epk},"kid":"${key.kid}"}`
  const header = base64urlEncode(latin1Encode(text))
  const secret = diffieHellman({ privateKey: ephemeral.privateKey, publicKey })
  const nonce = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', contentKey(secret), nonce)
  cipher.setAAD(latin1Encode(header))
  const sealed = concat([cipher.update(plain), cipher.final()])
  const parts = [nonce, sealed, cipher.getAuthTag()].map((part) => base64urlEncode(part))
  return `${header}..${parts.join('.')}`
}

// A registered key is written to many times; emptying the cache costs one import each.
const keys = new Map<string, KeyObject>()
const keysMax = 1_024

function imported(jwk: PublicJwk): KeyObject {
  const name = JSON.stringify(jwk)
  const before = keys.get(name)
  if (before !== undefined) return before
  const known = importPublicKey('ES256', jwk)
  if (known === null) throw new Failure('keys/bad-content', 'the key is not on P-256')
  const key = createPublicKey({ key: { ...known.jwk }, format: 'jwk' })
  if (keys.size >= keysMax) keys.clear()
  keys.set(name, key)
  return key
}

/**
 * The bytes that were encrypted to a held key; null for every text that is not in this form, names
 * another key, or was changed: a sender learns nothing from which of them it was. Untrusted.
 */
export function decryptWith(store: KeyStore, text: string, bytesMax: number): Bytes | null {
  if (text.length > Math.ceil((bytesMax * 4) / 3) + headerMax + 64) return null
  const parts = text.split('.')
  const [header = '', wrapped, iv = '', cipher = '', tag = ''] = parts
  if (parts.length !== 5 || wrapped !== '' || header.length > headerMax) return null
  const read = headerOf(header)
  const nonce = base64urlDecode(iv)
  const sealed = base64urlDecode(cipher)
  const mac = base64urlDecode(tag)
  if (read === null || nonce?.length !== ivBytes || mac?.length !== tagBytes) return null
  if (sealed === null || sealed.length > bytesMax) return null
  if (store.find(read.kid)?.use !== 'encrypt') return null
  const secret = agreed(store, read)
  if (secret === null) return null
  const decipher = createDecipheriv('aes-256-gcm', contentKey(secret), nonce)
  decipher.setAAD(latin1Encode(header))
  decipher.setAuthTag(mac)
  try {
    return concat([decipher.update(sealed), decipher.final()])
  } catch {
    return null
  }
}

type Header = { readonly kid: string; readonly epk: PublicJwk }

/** Exactly `alg`, `enc`, `kid` and `epk`, in any order; nothing critical, nothing compressed. */
function headerOf(encoded: string): Header | null {
  const text = base64urlToLatin1(encoded)
  const header = text === null ? null : decodeStrict(text, { bytes: headerMax, depth: 2 })
  if (header === null || isRefusal(header) || !isMembers(header)) return null
  const { alg, enc, kid, epk } = header
  if (Object.keys(header).length !== 4 || alg !== 'ECDH-ES' || enc !== 'A256GCM') return null
  if (typeof kid !== 'string' || !isPoint(epk)) return null
  return { kid, epk }
}

function isPoint(value: Value | undefined): value is PublicJwk & Value {
  if (!isMembers(value) || Object.keys(value).length !== 4) return false
  const { kty, crv, x, y } = value
  return kty === 'EC' && crv === 'P-256' && typeof x === 'string' && typeof y === 'string'
}

/** The shared secret; null when the ephemeral key is none. */
function agreed(store: KeyStore, { kid, epk }: Header): Bytes | null {
  try {
    return store.agree(kid, epk)
  } catch (failure) {
    if (failure instanceof Failure && failure.code === 'keys/bad-content') return null
    throw failure
  }
}

/** Concat KDF (NIST SP 800-56A §5.8.1) as RFC 7518 §4.6.2 fills it: one round of SHA-256. */
function contentKey(secret: Bytes): Bytes {
  const enc = latin1Encode('A256GCM')
  const none = u32be(0)
  return sha256(concat([u32be(1), secret, u32be(enc.length), enc, none, none, u32be(256)]))
}
