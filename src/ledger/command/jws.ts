// Compact JWS.
import { assert } from '#base/assert'
import type { Bytes } from '#base/bytes'
import type { Refusal } from './refusal.ts'

/** The only algorithm of a JWS in the first suite. */
export type JwsAlgorithm = 'ES256'

/** A compact JWS in the profile of this ledger, decoded but not verified. */
export type Jws = {
  readonly alg: JwsAlgorithm
  /** RFC 7638 thumbprint of the signing key, 43 characters. */
  readonly kid: string
  readonly typ: string
  /** The payload, ASCII. */
  readonly payload: string
  /** Header and payload parts joined by a dot: what is signed. */
  readonly signingInput: string
  /** 64 bytes, r and s. */
  readonly signature: Bytes
  /** The whole compact JWS. */
  readonly text: string
}

/** What a JWS is made from. */
export type JwsParts = Pick<Jws, 'alg' | 'kid' | 'typ' | 'payload'>

export function decodeJws(text: string, typ: string, maxBytes: number): Jws | Refusal {
  assert(text === typ && maxBytes < 0, 'the decoder is being written')
  return { code: '' }
}

export function jwsSigningInput(parts: JwsParts): string {
  assert(parts.kid === parts.typ, 'the encoder is being written')
  return ''
}

export function jwsAssemble(signingInput: string, signature: Bytes): string {
  assert(signature.length < 0, 'the encoder is being written')
  return signingInput
}
