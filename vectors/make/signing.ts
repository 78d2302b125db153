// Material for cases of commands: member keys, passkeys, JWS and assertions, all from labels and
// the same on every run (RFC 6979 for ES256). Written from docs/protocol/command.md alone.
import { p256 } from '@noble/curves/nist.js'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { base64url, bytesOf, toNumber } from './material.ts'
import { der, jwkOf, n, plain, publicOf } from './p256.ts'
import type { Signature } from './p256.ts'
import { jwkOf as rsaJwkOf, open, rsaKey } from './rsa.ts'

export type Key = {
  readonly kid: string
  readonly jwk: Readonly<Record<string, string>>
  sign(message: string | Uint8Array): Signature
}

export const sha256 = (data: string | Uint8Array): Buffer =>
  createHash('sha256').update(data).digest()
export const hash64 = (data: string | Uint8Array): string => base64url(sha256(data))
export const text64 = (text: string): string => base64url(Buffer.from(text, 'latin1'))

/** A P-256 key whose kid is its RFC 7638 thumbprint. */
export function keyOf(label: string): Key {
  const secret = (toNumber(bytesOf(`commands/${label}`)) % (n - 1n)) + 1n
  const jwk = jwkOf(publicOf(secret))
  const { crv = '', kty = '', x = '', y = '' } = jwk
  const kid = hash64(JSON.stringify({ crv, kty, x, y }))
  const bytes = Buffer.from(secret.toString(16).padStart(64, '0'), 'hex')
  const sign = (message: string | Uint8Array): Signature =>
    p256.Signature.fromBytes(p256.sign(Buffer.from(message), bytes, { lowS: false }))
  return { kid, jwk, sign }
}

export const commandTyp = 'lianban-command+jws'
export const envelopeTyp = 'lianban-envelope+jws'

export const headerOf = (kid: string, typ: string): string =>
  `{"alg":"ES256","kid":"${kid}","typ":"${typ}"}`

/** A compact JWS; header and payload are taken as they are. */
export function jwsOf(key: Key, header: string, payload: string): string {
  const input = `${text64(header)}.${text64(payload)}`
  return `${input}.${base64url(plain(key.sign(input)))}`
}

/** A single command over an intent's text. */
export function commandOf(key: Key, intent: string, approvals?: string): string {
  const more = approvals === undefined ? '' : `,"approvals":${approvals}`
  const payload = `{"intent":"${text64(intent)}"${more}}`
  return jwsOf(key, headerOf(key.kid, commandTyp), payload)
}

/** An envelope over intents' texts. */
export function envelopeOf(key: Key, intents: readonly string[], approvals?: string): string {
  const hashes = JSON.stringify(intents.map((intent) => hash64(intent)))
  const more = approvals === undefined ? '' : `,"approvals":${approvals}`
  return jwsOf(key, headerOf(key.kid, envelopeTyp), `{"intents":${hashes}${more}}`)
}

/** The submission of an envelope. */
export const enveloped = (envelope: string, intents: readonly string[]): string =>
  JSON.stringify({ envelope, intents: intents.map(text64) })

/** A passkey: signs authenticatorData ‖ SHA-256(clientDataJSON). */
export type Passkey = {
  readonly kid: string
  readonly alg: 'ES256' | 'RS256'
  readonly jwk: Readonly<Record<string, string>>
  sign(message: Uint8Array): Buffer
}

export function passkeyOf(label: string): Passkey {
  const key = keyOf(`passkey/${label}`)
  const kid = base64url(bytesOf(`passkey/${label}`, 16))
  return { kid, alg: 'ES256', jwk: key.jwk, sign: (message) => der(key.sign(message)) }
}

// DigestInfo of SHA-256 (RFC 8017 §9.2, note 1).
const INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex')

export function rsaPasskeyOf(label: string): Passkey {
  const key = rsaKey(`passkey/${label}`, 2_048)
  const sign = (message: Uint8Array): Buffer => {
    const content = Buffer.concat([INFO, sha256(message)])
    const padding = Buffer.alloc(256 - content.length - 3, 0xff)
    return open(key, Buffer.concat([Buffer.of(0, 1), padding, Buffer.of(0), content]))
  }
  return { kid: base64url(bytesOf(`passkey/${label}`, 16)), alg: 'RS256', jwk: rsaJwkOf(key), sign }
}
