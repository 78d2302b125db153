// A passkey in software: makes WebAuthn assertions as a browser and an authenticator together do
// (WebAuthn Level 3 §5.8.1, §6.1, §6.3.3), honest by default, hostile on request. Nothing here is
// part of the product.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { randomBytes, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'
import type { Bytes } from '#base/bytes'
import { base64urlEncode } from '#base/bytes'
import type { PublicJwk } from '#base/crypto'
import { challengeOf } from '#ledger/command'
import type { ApprovalText } from '#ledger/command'
import { makeKey } from './commands.ts'

/** What an assertion is made for, and in which ways it lies. */
export type AssertionWish = {
  /** base64url, as the page hands it over. */
  readonly challenge: string
  readonly origin?: string
  readonly rpId?: string
  readonly type?: string
  /** Flags byte; UP and UV when absent. */
  readonly flags?: number
  readonly crossOrigin?: boolean
  /** Text behind the known members, such as `,"more":1`. */
  readonly more?: string
  /** The whole clientDataJSON instead of an honest one. */
  readonly clientData?: string
  /** Bytes behind the 37 of the head. */
  readonly extensions?: Bytes
  readonly counter?: number
}

/** An assertion: authenticatorData, clientDataJSON, signature. */
export type Assertion = { readonly ad: Bytes; readonly cd: Bytes; readonly sig: Bytes }

/** A passkey of one officer. */
export type Authenticator = {
  /** Random registry id, 22 characters. */
  readonly kid: string
  readonly alg: 'ES256' | 'RS256'
  readonly jwk: PublicJwk
  readonly privateKey: KeyObject
  assertion(wish: AssertionWish): Assertion
  /** An approval of an intent (by its base64url hash) and of what was shown. */
  approve(intentHash: string, shown: string, lies?: Partial<AssertionWish>): ApprovalText
}

export type AuthenticatorWish = {
  readonly rpId: string
  readonly origin: string
  /** Makes an ES256 key and its signatures the same each time. */
  readonly seed?: string
  /** An RSA key at hand, as a private JWK; makes the passkey RS256. */
  readonly rsa?: { readonly [member: string]: unknown }
}

const userPresentAndVerified = 0x05

/** An ES256 passkey, or an RS256 one over a given or new RSA key. */
export function makeAuthenticator(
  wish: AuthenticatorWish,
  alg: 'ES256' | 'RS256' = 'ES256',
): Authenticator {
  const kid = wish.seed === undefined ? randomBytes(16) : digest(wish.seed).subarray(0, 16)
  const signer = alg === 'ES256' ? ecSigner(wish.seed) : rsaSigner(wish.rsa)
  const assertion = (lies: AssertionWish): Assertion => {
    const ad = authenticatorData({ ...lies, rpId: lies.rpId ?? wish.rpId })
    const cd = Buffer.from(clientData({ ...lies, origin: lies.origin ?? wish.origin }))
    return { ad, cd, sig: signer.sign(Buffer.concat([ad, digest(cd)])) }
  }
  return {
    kid: base64urlEncode(kid),
    alg,
    jwk: signer.jwk,
    privateKey: signer.privateKey,
    assertion,
    approve: (intentHash, shown, lies = {}) => {
      const { ad, cd, sig } = assertion({ challenge: challengeOf(intentHash, shown), ...lies })
      return {
        kid: base64urlEncode(kid),
        ad: base64urlEncode(ad),
        cd: base64urlEncode(cd),
        sig: base64urlEncode(sig),
        shown,
      }
    },
  }
}

type AssertionSigner = {
  readonly jwk: PublicJwk
  readonly privateKey: KeyObject
  sign(message: Bytes): Bytes
}

function ecSigner(seed: string | undefined): AssertionSigner {
  const key = makeKey(seed === undefined ? undefined : `authenticator/${seed}`)
  const fresh = (message: Bytes): Bytes => sign('sha256', message, key.privateKey)
  const alike = (message: Bytes): Bytes =>
    p256.sign(message, key.secret, { lowS: false, format: 'der' })
  return {
    jwk: key.jwk,
    privateKey: key.privateKey,
    sign: seed === undefined ? fresh : alike,
  }
}

function rsaSigner(jwk: AuthenticatorWish['rsa']): AssertionSigner {
  const privateKey =
    jwk === undefined
      ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
      : createPrivateKey({ key: jwk, format: 'jwk' })
  const { n, e } = createPublicKey(privateKey).export({ format: 'jwk' })
  if (n === undefined || e === undefined) throw new Error('not an RSA key')
  return {
    jwk: { kty: 'RSA', n, e },
    privateKey,
    sign: (message) => sign('sha256', message, privateKey),
  }
}

function authenticatorData(wish: AssertionWish & { readonly rpId: string }): Bytes {
  const head = Buffer.alloc(5)
  head.writeUInt8(wish.flags ?? userPresentAndVerified, 0)
  head.writeUInt32BE(wish.counter ?? 0, 1)
  return Buffer.concat([digest(wish.rpId), head, wish.extensions ?? Buffer.alloc(0)])
}

function clientData(wish: AssertionWish & { readonly origin: string }): string {
  if (wish.clientData !== undefined) return wish.clientData
  const known = {
    type: wish.type ?? 'webauthn.get',
    challenge: wish.challenge,
    origin: wish.origin,
    crossOrigin: wish.crossOrigin ?? false,
  }
  return `${JSON.stringify(known).slice(0, -1)}${wish.more ?? ''}}`
}

function digest(data: string | Bytes): Buffer {
  return createHash('sha256').update(data).digest()
}
