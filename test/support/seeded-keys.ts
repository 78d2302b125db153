// A key store whose keys and signatures are a function of a seed (RFC 6979 for ES256, RFC 8032 for
// Ed25519), for simulations and vectors: two runs of one seed give the same bytes. Whoever knows
// the seed knows the keys, so it stands here and not in the product.
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import {
  Failure,
  algorithmOf,
  heldFor,
  isHeldUse,
  isSignable,
  refuseTogether,
} from '#adapters/keys'
import type { HeldKey, HeldUse, KeyRequest, KeyStore } from '#adapters/keys'
import { base64urlDecode, base64urlEncode, concat, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { importPublicKey, sha256, thumbprint } from '#base/crypto'
import type { PublicJwk } from '#base/crypto'

type SeededKey = HeldKey & { readonly secret: Bytes }

/** A key store in memory; the n-th key of a use and member is always the same. */
export function seededKeyStore(seed: string): KeyStore {
  return new SeededKeyStore(seed)
}

class SeededKeyStore implements KeyStore {
  readonly #seed: string
  readonly #keys: Map<string, SeededKey> = new Map()
  #made = 0

  constructor(seed: string) {
    this.#seed = seed
  }

  generate(request: KeyRequest): HeldKey {
    const { use, member, custody, created } = request
    if (!isHeldUse(use)) throw new Failure('keys/not-held', 'officers hold their own keys')
    const label = [this.#seed, use, member, String(this.#made)].join('\0')
    const alg = algorithmOf(use)
    const secret = secretFrom(label, alg)
    const jwk = publicJwk(alg, secret)
    const key = { kid: thumbprint(jwk), use, alg, member, custody, created, jwk, secret }
    refuseTogether([...this.#keys.values(), key])
    this.#keys.set(key.kid, key)
    this.#made += 1
    return shown(key)
  }

  list(): readonly HeldKey[] {
    const name = ({ use, kid }: HeldKey): string => `${use}-${kid}`
    const keys = [...this.#keys.values()].toSorted((a, b) => (name(a) < name(b) ? -1 : 1))
    return keys.map(shown)
  }

  find(kid: string): HeldKey | undefined {
    const key = this.#keys.get(kid)
    return key === undefined ? undefined : shown(key)
  }

  sign(kid: string, use: HeldUse, message: Bytes | string): Bytes {
    const key = heldFor(this.#keys.get(kid), kid, use)
    if (!isSignable(use, message)) {
      throw new Failure('keys/wrong-use', `a key for ${use} does not sign this`)
    }
    const data = typeof message === 'string' ? utf8Encode(message) : message
    if (key.alg === 'Ed25519') return ed25519.sign(data, key.secret)
    return p256.sign(sha256(data), key.secret, { prehash: false, lowS: false })
  }

  agree(kid: string, peer: PublicJwk): Bytes {
    const key = heldFor(this.#keys.get(kid), kid, 'encrypt')
    const known = importPublicKey('ES256', peer)
    if (known === null || known.jwk.kty !== 'EC') {
      throw new Failure('keys/bad-content', 'the other key is not on P-256')
    }
    const { x, y } = known.jwk
    const point = [Uint8Array.of(4), base64urlDecode(x)!, base64urlDecode(y)!]
    return p256.getSharedSecret(key.secret, concat(point)).slice(1)
  }

  transportKey(kid: string): KeyObject {
    const { jwk, secret } = heldFor(this.#keys.get(kid), kid, 'transport')
    return createPrivateKey({ key: { ...jwk, d: base64urlEncode(secret) }, format: 'jwk' })
  }

  remove(kid: string): void {
    if (!this.#keys.delete(kid)) throw new Failure('keys/unknown-key', `no key ${kid} is held`)
  }
}

/** 32 bytes from a label; hashed on until they are a scalar of the curve. */
function secretFrom(label: string, alg: HeldKey['alg']): Bytes {
  let secret = sha256(label)
  while (alg === 'ES256' && !p256.utils.isValidSecretKey(secret)) secret = sha256(secret)
  return secret
}

function publicJwk(alg: HeldKey['alg'], secret: Bytes): PublicJwk {
  if (alg === 'Ed25519') {
    return { kty: 'OKP', crv: 'Ed25519', x: base64urlEncode(ed25519.getPublicKey(secret)) }
  }
  const point = p256.getPublicKey(secret, false)
  const [x, y] = [point.slice(1, 33), point.slice(33)].map((part) => base64urlEncode(part))
  return { kty: 'EC', crv: 'P-256', x: x!, y: y! }
}

function shown({ kid, use, alg, member, custody, created, jwk }: SeededKey): HeldKey {
  return { kid, use, alg, member, custody, created, jwk }
}
