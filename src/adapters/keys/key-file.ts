// One key as a file: a JSON Web Key (RFC 7517) with `kid`, `use` and `alg` and with what an
// operator has to know (member, custody, created), as canonical JSON in one line. It promises that
// a file that opens is as it was written, and holds the key that it names: the private part makes
// the public part, and the public part makes the kid.
import { createECDH, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { base64urlDecode, base64urlEncode, utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeCanonical, encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { importPublicKey, sha256Text, thumbprint } from '#base/crypto'
import type { PublicJwk } from '#base/crypto'
import { isMemberCode } from '#ledger/command'
import { algorithmOf, isHeldUse } from './key-store.ts'
import type { HeldKey, KeyRequest } from './key-store.ts'
import type { Sealed, Sealer } from './sealing.ts'

/** A key with its secret in native memory. */
export type PrivateKey = HeldKey & { readonly secret: KeyObject }

/** Why a file is not a key. */
export type FileFault = 'damaged' | 'sealed' | 'not-sealed' | 'not-opened'

/** Longest key file in bytes. */
export const keyFileBytesMax = 2_048

const secretBytes = 32

/** Makes a key of the algorithm that its use has. */
export function makeKey(request: KeyRequest): PrivateKey {
  const { privateKey } =
    algorithmOf(request.use) === 'Ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return withSecret(request, privateKey)
}

/** The file's name: use and kid, so that a directory reads like a list. */
export function keyFileName({ use, kid }: Pick<HeldKey, 'use' | 'kid'>): string {
  return `${use}-${kid}.jwk`
}

/** The bytes of the file; the secret is sealed when there is a sealer. */
export function encodeKeyFile(key: PrivateKey, sealer: Sealer | null): Bytes {
  const shown = shownMembers(key)
  const secret = secretOf(key.secret)
  const hidden: Json =
    sealer === null
      ? { d: base64urlEncode(secret) }
      : { sealed: sealer.seal(secret, encodeCanonical(shown)) }
  secret.fill(0)
  const members = { ...shown, ...hidden }
  return utf8Encode(`${encodeCanonical({ ...members, check: checkOf(members) })}\n`)
}

/** The key in these bytes, or what is wrong with them. Untrusted: disks and people change files. */
export function decodeKeyFile(
  untrusted: Bytes,
  name: string,
  sealer: Sealer | null,
): PrivateKey | FileFault {
  const text = untrusted.length > keyFileBytesMax ? null : utf8Decode(untrusted)
  const value = text?.endsWith('\n') ? decodeCanonical(text.slice(0, -1), limits) : null
  if (!isRecord(value)) return 'damaged'
  const { check, ...members } = value
  if (check !== checkOf(members)) return 'damaged'
  const { d, sealed, ...shown } = members
  if ((d === undefined) === (sealed === undefined)) return 'damaged'
  if (sealed !== undefined && sealer === null) return 'sealed'
  if (d !== undefined && sealer !== null) return 'not-sealed'
  const secret = d === undefined ? openSealed(sealed, shown, sealer) : secretText(d)
  if (typeof secret === 'string') return secret
  const key = keyOf(shown, secret)
  secret.fill(0)
  return key !== null && keyFileName(key) === name ? key : 'damaged'
}

const limits = { depthMax: 2, membersMax: 32, lengthMax: keyFileBytesMax }

/** Finds damage, also in members that nothing else depends on; it is no protection from people. */
function checkOf(members: Members): string {
  return sha256Text(encodeCanonical(members), 'base64url')
}

type Members = { readonly [name: string]: Json }

function secretText(d: Json | undefined): Bytes | 'damaged' {
  const secret = typeof d === 'string' ? base64urlDecode(d) : null
  return secret?.length === secretBytes ? secret : 'damaged'
}

function openSealed(
  sealed: Json | undefined,
  shown: Members,
  sealer: Sealer | null,
): Bytes | 'damaged' | 'not-opened' {
  if (!isRecord(sealed) || sealer === null) return 'damaged'
  const { cost, salt, nonce, text } = sealed
  if (typeof cost !== 'number' || typeof salt !== 'string') return 'damaged'
  if (typeof nonce !== 'string' || typeof text !== 'string') return 'damaged'
  const secret = sealer.open({ cost, salt, nonce, text } satisfies Sealed, encodeCanonical(shown))
  return secret?.length === secretBytes ? secret : 'not-opened'
}

/** The key of these members and this secret; null unless all of them fit together. */
function keyOf(shown: Members, secret: Bytes): PrivateKey | null {
  const { use, member, custody, created } = shown
  if (typeof use !== 'string' || !isHeldUse(use)) return null
  if (typeof member !== 'string' || !isMemberCode(member)) return null
  if (custody !== 'own' && custody !== 'hosted') return null
  if (typeof created !== 'number' || created < 0) return null
  const native = nativeKey(algorithmOf(use), secret)
  if (native === null) return null
  const key = withSecret({ use, member, custody, created }, native)
  // Every other member of the file follows from these, so one comparison checks all of them.
  return encodeCanonical(shownMembers(key)) === encodeCanonical(shown) ? key : null
}

/** Computes the public part from the secret, so that no file can name another. */
function nativeKey(alg: HeldKey['alg'], secret: Bytes): KeyObject | null {
  const d = base64urlEncode(secret)
  try {
    if (alg === 'Ed25519') {
      // PKCS #8 of RFC 8410 §7: the fixed head and the 32 bytes of the seed.
      const head = Buffer.from('302e020100300506032b657004220420', 'hex')
      const der = Buffer.concat([head, secret])
      return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    }
    const curve = createECDH('prime256v1')
    curve.setPrivateKey(secret)
    const point = curve.getPublicKey()
    const x = base64urlEncode(point.subarray(1, 33))
    const y = base64urlEncode(point.subarray(33))
    return createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x, y, d }, format: 'jwk' })
  } catch {
    return null
  }
}

function withSecret(request: KeyRequest, secret: KeyObject): PrivateKey {
  const { use, member, custody, created } = request
  const alg = algorithmOf(use)
  const jwk = publicJwk(alg, secret)
  const kid = thumbprint(jwk)
  return Object.freeze({ kid, use, alg, member, custody, created, jwk, secret })
}

function publicJwk(alg: HeldKey['alg'], secret: KeyObject): PublicJwk {
  const { kty, crv, x, y } = createPublicKey(secret).export({ format: 'jwk' })
  const jwk = (kty === 'EC' ? { kty, crv, x, y } : { kty, crv, x }) as PublicJwk
  const known = importPublicKey(alg, jwk)
  if (known === null) throw new RangeError('the system made a key that is none')
  return known.jwk
}

function shownMembers({ kid, use, alg, member, custody, created, jwk }: HeldKey): Members {
  return { ...jwk, kid, use, alg, member, custody, created }
}

function secretOf(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')
}

function isRecord(value: Json | undefined | null): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
