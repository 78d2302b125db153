// Compact JWS (RFC 7515 §7.1) in the profile of this ledger: three canonical base64url parts, a
// header of exactly `alg`, `kid` and `typ`, one algorithm, one `typ` for each kind of artefact.
// Whatever could be written in a second way is refused, so that a relay cannot change stored bytes.
// Form only: the signature is checked by whoever knows the key.
import { base64urlDecode, base64urlEncode, base64urlToLatin1, latin1Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { isDigest } from './leaf.ts'
import { headerBytesMax } from './limits.ts'
import { isRefusal, refuse, within } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import { decodeStrict, hasMembers, isMembers } from './tokenizer.ts'
import type { Members } from './tokenizer.ts'

/** The only algorithm of a JWS in the first suite (RFC 7518 §3.4). */
export type JwsAlgorithm = 'ES256'

/** A compact JWS in the profile of this ledger, decoded but not verified. */
export type Jws = {
  readonly alg: JwsAlgorithm
  /** RFC 7638 thumbprint of the signing key, 43 characters. */
  readonly kid: string
  readonly typ: string
  /** The payload, a character a byte; `decodeStrict` refuses whatever is not ASCII in it. */
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

type Header = Pick<Jws, 'alg' | 'kid' | 'typ'>

const signatureBytes = 64
const typForm = /^[a-z][a-z0-9-]{0,63}(?:\+jws|\+jwt)$/

/**
 * Decodes a compact JWS of one `typ` and at most `maxBytes` characters. Untrusted: any string may
 * come in. Codes tell apart size, parts, base64url, header, `alg`, `kid`, `typ`, signature length.
 */
export function decodeJws(text: string, typ: string, maxBytes: number): Jws | Refusal {
  if (text.length > maxBytes) return refuse('command/oversized', 'jws')
  const first = text.indexOf('.')
  const second = first < 0 ? -1 : text.indexOf('.', first + 1)
  if (second < 0 || text.indexOf('.', second + 1) >= 0) return refuse('command/jws-parts', 'jws')
  const header = headerOf(text, first)
  if (isRefusal(header)) return header
  if (header.typ !== typ) return refuse('command/bad-typ', 'header.typ')
  const signature = base64urlDecode(text.slice(second + 1))
  if (signature === null) return refuse('command/bad-base64url', 'signature')
  if (signature.length !== signatureBytes) return refuse('command/bad-signature', 'signature')
  const payload = base64urlToLatin1(text.slice(first + 1, second))
  if (payload === null) return refuse('command/bad-base64url', 'payload')
  const signingInput = text.slice(0, second)
  return { ...header, payload, signingInput, signature, text }
}

// Members sign thousands of commands under one header. The cache is bounded, its keys are short
// and made here, so that no text from outside is kept alive by it; emptying it costs one decoding.
const headers = new Map<string, Header>()
const headersMax = 1_024

function headerOf(text: string, end: number): Header | Refusal {
  if (end > headerBytesMax) return refuse('command/oversized', 'header')
  const encoded = text.slice(0, end)
  const cached = headers.get(encoded)
  if (cached !== undefined) return cached
  const header = decodeHeader(encoded)
  if (isRefusal(header)) return header
  if (headers.size >= headersMax) headers.clear()
  headers.set(encodeHeader(header), header)
  return header
}

const headerOrder: readonly string[] = ['alg', 'kid', 'typ']

/** Decodes a protected header: exactly `{"alg","kid","typ"}` (protocol §3.3). */
function decodeHeader(encoded: string): Header | Refusal {
  const text = base64urlToLatin1(encoded)
  if (text === null) return refuse('command/bad-base64url', 'header')
  const value = decodeStrict(text)
  if (isRefusal(value)) return within('header', value)
  if (!isMembers(value)) return refuse('command/header-members', 'header')
  if (!hasMembers(value, headerOrder)) return refuse(headerCode(value), 'header')
  const { alg, kid, typ } = value
  if (alg !== 'ES256') return refuse('command/bad-alg', 'header.alg')
  if (typeof kid !== 'string' || !isDigest(kid)) {
    return refuse('command/bad-kid', 'header.kid')
  }
  if (typeof typ !== 'string' || !typForm.test(typ)) return refuse('command/bad-typ', 'header.typ')
  return { alg, kid, typ }
}

/** Why a header has not the three members in order: another order, or other members. */
function headerCode(header: Members): string {
  const keys = Object.keys(header)
  const same = keys.length === headerOrder.length && headerOrder.every((key) => keys.includes(key))
  return same ? 'command/header-order' : 'command/header-members'
}

function encodeHeader(header: Header): string {
  const { alg, kid, typ } = header
  return base64urlEncode(latin1Encode(`{"alg":"${alg}","kid":"${kid}","typ":"${typ}"}`))
}

/** Header and payload parts joined by a dot: the ASCII bytes that the key signs. */
export function jwsSigningInput(parts: JwsParts): string {
  return `${encodeHeader(parts)}.${base64urlEncode(latin1Encode(parts.payload))}`
}

/** The compact JWS from its signing input and the 64 bytes of its signature. */
export function jwsAssemble(signingInput: string, signature: Bytes): string {
  return `${signingInput}.${base64urlEncode(signature)}`
}
