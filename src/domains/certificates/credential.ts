// Making a certificate (SD-JWT VC): what the issuer signs, and what its holder keeps beside it. All
// fields of the record are hidden one by one, lists element by element, so that the holder shows
// what a matter asks for and nothing else. Chance comes in as one secret, of which everything is
// derived: the same secret gives the same text to sign.
import { base64urlEncode, concat, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import { encodeCanonical } from '#base/canonical'
import { commitValue } from '#base/commitment'
import type { Json } from '#base/canonical'
import { hmacSha256, sha256Text } from '#base/crypto'
import type { PublicJwk } from '#base/crypto'
import type { Refusal } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { JsonObject } from './compact.ts'
import { asciiText, jsonOf } from './compact.ts'
import { credentialTyp, disclosureDigest, parseSdJwt } from './sd-jwt.ts'

/**
 * The type under which an evidence type's items are accredited and issued: its name without the
 * version, because a new version of a form is no new right to issue it.
 */
export function certificateType(evidenceType: string): string {
  const at = evidenceType.indexOf('@')
  return at < 0 ? evidenceType : evidenceType.slice(0, at)
}

/** What a certificate of this ledger is called where it is shown: `vct`. */
export function vctOf(ledger: string, type: string): string {
  return `urn:lianban:${ledger}:type:${type}`
}

/** What its issuer is called: `iss`. */
export function issOf(ledger: string, member: string): string {
  return `urn:lianban:${ledger}:member:${member}`
}

/** The address that a credential gives for its status list. */
export function statusListUri(ledger: string, issuer: string, list: number): string {
  return `https://${ledger}/statuslists/${issuer}/${list}`
}

export type CredentialContent = {
  /** The ledger's origin. */
  readonly ledger: string
  readonly issuer: string
  readonly type: string
  /** Unix milliseconds; the credential says whole seconds. */
  readonly issuedAt: number
  readonly until?: number
  readonly list: number
  readonly index: number
  /** The record: each field is hidden under its name, and shown only with its disclosure. */
  readonly fields: JsonObject
  /** 32 random bytes that nobody else has. */
  readonly secret: Bytes
  /** The holder's P-256 key; absent for a certificate that whoever has it may show. */
  readonly holder?: PublicJwk
  /** Digests of nothing, so that the number of fields is not seen. */
  readonly decoys?: number
}

/** The case behind a certificate: which item of it, and in which generation. */
export type CaseOfCertificate = {
  readonly case: string
  readonly item: string
  readonly gen: number
}

/**
 * The commitment to the case that stands in `certificate.issue`, base64url: of 32 random bytes and
 * the canonical JSON of case, generation and item. It tells nobody which case it was, and whoever
 * is shown salt and case can check it.
 */
export function caseCommitment(salt: Bytes, of: CaseOfCertificate): string {
  assert(salt.length === 32, 'a commitment has 32 bytes of chance')
  const { case: id, item, gen } = of
  return base64urlEncode(commitValue(salt, utf8Encode(encodeCanonical({ case: id, gen, item }))))
}

/** What a `certificate` key signs, and what travels with it. */
export type Unsigned = {
  readonly typ: typeof credentialTyp
  /** Printable ASCII. */
  readonly payload: string
  readonly disclosures: readonly string[]
}

/** The text to sign under `typ`, and the disclosures. A record without fields is a defect. */
export function issueCredential(content: CredentialContent): Unsigned {
  const { ledger, issuer, type, issuedAt, until, list, index, fields, holder } = content
  assert(content.secret.length === 32, 'a credential has 32 bytes of chance')
  const hidden = hide(content, fields)
  const payload: { [name: string]: Json } = {
    _sd_alg: 'sha-256',
    iat: Math.floor(issuedAt / 1000),
    iss: issOf(ledger, issuer),
    item: { _sd: hidden.digests },
    status: { status_list: { idx: index, uri: statusListUri(ledger, issuer, list) } },
    vct: vctOf(ledger, type),
  }
  if (until !== undefined) payload['exp'] = Math.floor(until / 1000)
  if (holder !== undefined) payload['cnf'] = { jwk: holder as unknown as Json }
  return {
    typ: credentialTyp,
    payload: asciiText(encodeCanonical(payload)),
    disclosures: hidden.disclosures,
  }
}

function hide(
  { secret, decoys = 0 }: CredentialContent,
  fields: JsonObject,
): { readonly digests: readonly string[]; readonly disclosures: readonly string[] } {
  const names = Object.keys(fields)
  assert(names.length > 0, 'a certificate says something')
  const disclosures: string[] = []
  const digests: string[] = []
  const add = (path: string, content: readonly Json[]): string => {
    const salt = base64urlEncode(derived(secret, 'salt', path).subarray(0, 16))
    const disclosure = base64urlEncode(utf8Encode(encodeCanonical([salt, ...content])))
    disclosures.push(disclosure)
    return disclosureDigest(disclosure)
  }
  for (const name of names) {
    const value = fields[name] as Json
    const shown = Array.isArray(value)
      ? value.map((each: Json, at) => ({ '...': add(`${name}/${at}`, [each]) }))
      : value
    digests.push(add(name, [name, shown]))
  }
  for (let at = 0; at < decoys; at += 1) {
    digests.push(sha256Text(derived(secret, 'decoy', String(at)), 'base64url'))
  }
  // Their order says nothing about which is which.
  return { digests: digests.toSorted((a, b) => (a < b ? -1 : 1)), disclosures }
}

function derived(secret: Bytes, use: string, path: string): Bytes {
  return hmacSha256(secret, concat([utf8Encode(`lianban/${use}/v1\0`), utf8Encode(path)]))
}

/** A certificate as its holder keeps it, and the digest under which the ledger knows it. */
export type Issued = { readonly text: string; readonly digest: string }

/** The certificate with all disclosures, from the signed JWT. */
export function assembleCredential(jwt: string, disclosures: readonly string[]): Issued {
  return { text: [jwt, ...disclosures, ''].join('~'), digest: sha256Text(jwt, 'base64url') }
}

/**
 * Untrusted. The same certificate with only these fields of the record shown, whole lists included,
 * and without a holder's signature. A name that it does not have is left out.
 */
export function showFields(text: string, names: readonly string[]): string | Refusal {
  const sdJwt = parseSdJwt(text)
  if (isRefusal(sdJwt)) return sdJwt
  const wanted = new Set<string>()
  for (const disclosure of sdJwt.disclosures) {
    const content = jsonOf(disclosure)
    const [, name, value] = Array.isArray(content) ? (content as readonly Json[]) : []
    if (typeof name !== 'string' || value === undefined || !names.includes(name)) continue
    wanted.add(disclosureDigest(disclosure))
    if (Array.isArray(value)) for (const each of value) wanted.add(elementDigest(each as Json))
  }
  const shown = sdJwt.disclosures.filter((each) => wanted.has(disclosureDigest(each)))
  return [sdJwt.jwt, ...shown, ''].join('~')
}

function elementDigest(element: Json): string {
  const digest = (element as JsonObject | null)?.['...']
  return typeof digest === 'string' ? digest : ''
}
