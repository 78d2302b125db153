// Signed commands for tests, simulations and the bench: keys of members, intents, single commands
// and envelopes, made with Node's own cryptography (and, where a vector must come out the same
// each time, with deterministic signatures by RFC 6979). Nothing here is part of the product.
import { createECDH, createHash, createPrivateKey, randomBytes, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'
import type { Bytes } from '#base/bytes'
import { base64urlDecode, base64urlEncode, latin1Encode } from '#base/bytes'
import type { PublicJwk } from '#base/crypto'
import { thumbprint } from '#base/crypto'
import { commandPayload, commandTyp, encodeIntent, envelopePayload } from '#ledger/command'
import { envelopeTyp, jwsAssemble, jwsSigningInput } from '#ledger/command'
import type { ApprovalText, IntentMembers } from '#ledger/command'
import type { KeyRecord, KeyUse, MemberRecord } from '#ledger/validate'

/** A P-256 key pair that signs as the ledger's JWS profile asks. */
export type TestKey = {
  readonly kid: string
  readonly alg: 'ES256'
  readonly jwk: PublicJwk
  /** The secret scalar, 32 bytes. */
  readonly secret: Bytes
  readonly privateKey: KeyObject
  /** 64 bytes, r and s; a fresh nonce each time. */
  sign(message: string): Bytes
  /** 64 bytes, r and s; the same each time (RFC 6979), some hundred times slower. */
  signAgain(message: string): Bytes
}

/** A key pair: the same for the same seed, a random one without a seed. */
export function makeKey(seed?: string): TestKey {
  const secret = seed === undefined ? randomBytes(32) : createHash('sha256').update(seed).digest()
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(secret)
  const point = curve.getPublicKey()
  const x = base64urlEncode(point.subarray(1, 33))
  const y = base64urlEncode(point.subarray(33, 65))
  const jwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y }
  const privateKey = createPrivateKey({
    key: { ...jwk, d: base64urlEncode(secret) },
    format: 'jwk',
  })
  return {
    kid: thumbprint(jwk),
    alg: 'ES256',
    jwk,
    secret: new Uint8Array(secret),
    privateKey,
    sign: (message) =>
      sign('sha256', latin1Encode(message), { key: privateKey, dsaEncoding: 'ieee-p1363' }),
    signAgain: (message) => p256.sign(latin1Encode(message), secret, { lowS: false }),
  }
}

/** The registry record of a key; in force from height 1 on when nothing else is said. */
export function keyRecord(
  key: Pick<TestKey, 'kid' | 'jwk'> & { readonly alg: KeyRecord['alg'] },
  member: string,
  use: KeyUse = 'command',
  more: Partial<KeyRecord> = {},
): KeyRecord {
  const { kid, alg, jwk } = key
  return { kid, member, use, alg, jwk, custody: 'own', from: 1, until: null, ...more }
}

/** The registry record of an active member that holds a replica. */
export function memberRecord(code: string, more: Partial<MemberRecord> = {}): MemberRecord {
  return { code, kind: 'replica', state: 'active', from: 1, ...more }
}

/** An intent's id: 16 random bytes, or those of a number, base64url. */
export function makeId(number?: number): string {
  const bytes = number === undefined ? randomBytes(16) : Buffer.alloc(16)
  if (number !== undefined) bytes.writeDoubleBE(number, 8)
  return base64urlEncode(bytes)
}

/** An intent's bytes; `id` is random when it is not given. */
export function makeIntent(members: Omit<IntentMembers, 'id'> & { readonly id?: string }): string {
  return encodeIntent({ ...members, id: members.id ?? makeId() })
}

/** A way of signing: `signNow` is fast, `signAlike` gives the same bytes each time. */
export type Sign = (key: TestKey, message: string) => Bytes

export const signNow: Sign = (key, message) => key.sign(message)
export const signAlike: Sign = (key, message) => key.signAgain(message)

/** A compact JWS by a key over a payload. */
export function signJws(key: TestKey, typ: string, payload: string, by: Sign = signNow): string {
  const input = jwsSigningInput({ alg: key.alg, kid: key.kid, typ, payload })
  return jwsAssemble(input, by(key, input))
}

/** A signed single command over an intent's bytes: a compact JWS. */
export function signCommand(
  key: TestKey,
  intent: string,
  approvals?: readonly ApprovalText[],
  by: Sign = signNow,
): string {
  return signJws(key, commandTyp, commandPayload(intent, approvals), by)
}

/** A signed envelope over several intents' bytes, and the intents beside it. */
export function signEnvelope(
  key: TestKey,
  intents: readonly string[],
  approvals?: ReadonlyMap<number, readonly ApprovalText[]>,
  by: Sign = signNow,
): { readonly envelope: string; readonly intents: readonly string[] } {
  return { envelope: signJws(key, envelopeTyp, envelopePayload(intents, approvals), by), intents }
}

/** Bytes of base64url that a test knows to be canonical. */
export function bytesOf(text: string): Bytes {
  const bytes = base64urlDecode(text)
  if (bytes === null) throw new Error('not canonical base64url')
  return bytes
}

/** Bytes of a given length, the same for the same seed. */
export function filler(seed: string, length: number): Bytes {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += 32) {
    const block = createHash('sha256').update(`${seed}/${at}`).digest()
    bytes.set(block.subarray(0, Math.min(32, length - at)), at)
  }
  return bytes
}
