// The texts in which certificates travel, as far as all of them are alike: compact JWS with foreign
// JSON inside, read strictly and within bounds. Here a header may have more members than in the
// ledger's own profile, because wallets and issuers outside write them; what could change whose
// signature is meant is refused.
import { base64urlDecode, utf8Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { Json } from '#base/canonical'
import { verifySignature } from '#base/crypto'
import type { PublicKey } from '#base/crypto'
import type { Refusal } from '#ledger/command'
import { readJsonText } from '#blueprint/grammar'

/** What refuses a credential, a status list or a certificate file; none of it is in an entry. */
export const fileCodes = [
  ['certificates/malformed-credential', 'the text has not the form of an SD-JWT'],
  ['certificates/wrong-typ', 'the header has another typ'],
  ['certificates/wrong-algorithm', 'the algorithm is not ES256'],
  ['certificates/critical-header', 'the header demands what is not understood'],
  ['certificates/bad-signature', 'the signature does not hold'],
  ['certificates/unknown-hash', 'digests are made by another hash than SHA-256'],
  ['certificates/duplicate-digest', 'one digest or one disclosure stands twice'],
  ['certificates/unreferenced-disclosure', 'a disclosure belongs to no digest'],
  ['certificates/malformed-disclosure', 'a disclosure has not its form'],
  ['certificates/name-collision', 'a disclosure names a claim that is there already'],
  ['certificates/forbidden-name', 'a claim is called _sd or …, or may not be hidden'],
  ['certificates/malformed-claims', 'a claim that every certificate has is absent or malformed'],
  ['certificates/not-yet-valid', 'the credential is not valid yet'],
  ['certificates/credential-expired', 'the credential has expired'],
  ['certificates/no-key-binding', 'the holder’s signature is asked for and absent'],
  ['certificates/unexpected-key-binding', 'a holder’s signature that nobody asked for'],
  ['certificates/bad-key-binding', 'the holder’s signature is not for this presentation'],
  ['certificates/malformed-status-list', 'the text is not a status list'],
  ['certificates/other-status-list', 'the status list is not the one that is referred to'],
  ['certificates/status-list-expired', 'the status list has expired'],
  ['certificates/index-out-of-range', 'the status list has no such index'],
  ['certificates/malformed-file', 'the file is not a certificate file'],
  ['certificates/damaged-file', 'the file is damaged: its sum does not fit'],
  ['certificates/other-credential', 'the credential is not the one that was issued'],
  ['certificates/other-entry', 'an entry in the file is not the issue of this certificate'],
  ['certificates/other-record', 'a record in the file is not about this certificate'],
  ['certificates/no-issuer-key', 'the key is not one of the issuer for certificates at that time'],
  ['certificates/no-accreditation', 'the issuer was not accredited for the type at that time'],
] as const

export type FileCode = (typeof fileCodes)[number][0]

/** A refusal with one of the codes of files. */
export function bad(code: FileCode, at?: string): Refusal {
  return at === undefined ? { code } : { code, at }
}

/** Longest text of a credential or token, in characters. */
export const textMax = 262_144

export type JsonObject = { readonly [name: string]: Json }

/** A compact JWS whose signature is not checked yet. */
export type Compact = {
  readonly typ: string
  /** Key id as the signer wrote it; in certificates an RFC 7638 thumbprint. */
  readonly kid: string | null
  /** Chain of X.509 certificates in base64, the signer's first; null when there is none. */
  readonly x5c: readonly string[] | null
  readonly payload: JsonObject
  readonly input: string
  readonly signature: Bytes
}

/** Untrusted. A compact JWS (RFC 7515 §7.1) of one typ under ES256, with a JSON object inside. */
export function readCompact(text: string, typ: string): Compact | Refusal {
  const parts = text.length > textMax ? [] : text.split('.')
  const [head = '', body = '', sign = ''] = parts
  const header = objectOf(head)
  const payload = objectOf(body)
  const signature = base64urlDecode(sign)
  if (parts.length !== 3 || header === null || payload === null || signature === null) {
    return bad('certificates/malformed-credential')
  }
  if (header['alg'] !== 'ES256') return bad('certificates/wrong-algorithm', 'header.alg')
  if (header['typ'] !== typ) return bad('certificates/wrong-typ', 'header.typ')
  if (header['crit'] !== undefined) return bad('certificates/critical-header', 'header.crit')
  const { kid = null, x5c = null } = header
  if (kid !== null && typeof kid !== 'string') return bad('certificates/malformed-credential')
  if (x5c !== null && !isChain(x5c)) return bad('certificates/malformed-credential', 'header.x5c')
  return { typ, kid, x5c, payload, input: `${head}.${body}`, signature }
}

const chainMax = 8

function isChain(value: Json): value is readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > chainMax) return false
  return value.every((each) => typeof each === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(each))
}

/** Whether the signature under the text is one by this key. */
export function isSignedBy(compact: Compact, key: PublicKey): boolean {
  return key.alg === 'ES256' && verifySignature(key, compact.input, compact.signature)
}

function objectOf(encoded: string): JsonObject | null {
  const value = jsonOf(encoded)
  return isObject(value) ? value : null
}

/** Untrusted. The JSON in a base64url text; undefined when it is none, or holds a fraction. */
export function jsonOf(encoded: string): Json | undefined {
  const bytes = base64urlDecode(encoded)
  const text = bytes === null ? null : utf8Decode(bytes)
  const read = text === null ? null : readJsonText(text)
  return read !== null && 'value' in read ? read.value : undefined
}

/** Whether a JSON value is an object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Canonical text with everything above U+007E escaped: a payload that is printable ASCII. */
export function asciiText(canonical: string): string {
  return canonical.replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
