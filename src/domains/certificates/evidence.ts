// The certificate file (`lianban-certificate/1`): a certificate and everything that a stranger
// needs to judge it without a connection. One signed checkpoint stands under all of it: the entry
// of the issuance, and the map's word on status, issuer, key and accreditation. This is its form
// only; what it is worth is said by `judgeCertificate`.
import { base64Decode, base64Encode, base64urlDecode, base64urlEncode } from '#base/bytes'
import { utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeCanonical, encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import { encodeMapProof, MAX_PROOF_HASHES, parseMapProof } from '#ledger/prove'
import type { MapProof, ProvenEntry } from '#ledger/prove'
import type { Refusal } from '#ledger/command'
import { keyKey, memberKey } from '#ledger/validate'
import type { JsonObject } from './compact.ts'
import { bad, isObject } from './compact.ts'
import { statusKey } from './records.ts'

/** `format` of every certificate file. */
export const certificateFormat = 'lianban-certificate/1'

/** Longest certificate file, in bytes. */
export const certificateBytesMax = 2_097_152

/** Where a record of accreditation stands in the state. */
export const accreditationKey = (member: string, type: string): string =>
  `members/accreditation/${member}/${type}`

/** What the map says of one record; null that there is none. */
export type FiledRecord = {
  readonly key: string
  readonly value: string | null
  readonly proof: MapProof
}

/** The content of a certificate file. All entries stand under the one note. */
export type CertificateFile = {
  /** SD-JWT with the disclosures that its holder shows. */
  readonly credential: string
  /** The entry of `certificate.issue`, and its envelope when it travelled in one. */
  readonly issue: ProvenEntry
  readonly envelope: ProvenEntry | null
  /** The map root, which is the last entry under the note. */
  readonly root: ProvenEntry
  readonly records: readonly FiledRecord[]
}

/** The keys of the records that a file brings, in their order. */
export function recordKeysOf(of: {
  readonly handle: string
  readonly issuer: string
  readonly type: string
  readonly kid: string
}): readonly string[] {
  return [
    statusKey(of.handle),
    keyKey(of.kid),
    accreditationKey(of.issuer, of.type),
    memberKey(of.issuer),
  ]
}

/** The bytes of a certificate file: canonical JSON with a sum that shows damage. */
export function encodeCertificateFile(file: CertificateFile): Bytes {
  const { credential, issue, envelope, root, records } = file
  const content: { [name: string]: Json } = {
    checkpoint: utf8Decode(root.proof.note) ?? '',
    credential,
    format: certificateFormat,
    issue: encodeEntry(issue),
    records: records.map(({ key, value, proof }) => ({ key, proof: encodeMapProof(proof), value })),
    root: encodeEntry(root),
  }
  if (envelope !== null) content['envelope'] = encodeEntry(envelope)
  return utf8Encode(encodeCanonical({ ...content, sum: sumOf(content) }))
}

/**
 * The sum is no signature: whoever changes a file on purpose can compute it again. It tells damage
 * from doubt, also where a line of the note is by a cosigner whom the reader does not know.
 */
function sumOf(content: JsonObject): string {
  return sha256Text(encodeCanonical(content), 'base64url')
}

function encodeEntry({ entry, proof }: ProvenEntry): Json {
  return {
    bytes: base64urlEncode(entry),
    index: proof.index,
    path: proof.path.map((hash) => base64Encode(hash)),
  }
}

/** Untrusted. The content of a certificate file; nothing in it is verified here. */
export function parseCertificateFile(bytes: Bytes): CertificateFile | Refusal {
  const text = bytes.length > certificateBytesMax ? null : utf8Decode(bytes)
  const value = text === null ? null : decodeCanonical(text.trimEnd(), fileLimits)
  if (!isObject(value ?? undefined)) return bad('certificates/malformed-file')
  const { sum, ...content } = value as JsonObject
  if (content['format'] !== certificateFormat) return bad('certificates/malformed-file', 'format')
  if (sum !== sumOf(content)) return bad('certificates/damaged-file')
  return contentOf(content) ?? bad('certificates/malformed-file')
}

const fileLimits = { depthMax: 12, membersMax: 8_192, lengthMax: certificateBytesMax } as const
const recordsMax = 8
const members = ['checkpoint', 'credential', 'format', 'issue', 'records', 'root']

function contentOf(content: JsonObject): CertificateFile | null {
  const names = Object.keys(content).filter((name) => name !== 'envelope')
  if (names.length !== members.length || !members.every((name) => names.includes(name))) return null
  const { credential, checkpoint } = content
  if (typeof credential !== 'string' || typeof checkpoint !== 'string') return null
  const note = utf8Encode(checkpoint)
  const issue = entryOf(content['issue'], note)
  const root = entryOf(content['root'], note)
  const envelope = content['envelope'] === undefined ? null : entryOf(content['envelope'], note)
  const records = recordsOf(content['records'])
  const wanting = content['envelope'] !== undefined && envelope === null
  if (issue === null || root === null || wanting || records === null) return null
  return { credential, issue, envelope, root, records }
}

function entryOf(value: Json | undefined, note: Bytes): ProvenEntry | null {
  if (!isObject(value) || Object.keys(value).length !== 3) return null
  const { bytes, index, path } = value
  const entry = typeof bytes === 'string' ? base64urlDecode(bytes) : null
  if (entry === null || typeof index !== 'number' || index < 0 || !Array.isArray(path)) return null
  if (path.length > MAX_PROOF_HASHES) return null
  const hashes = (path as readonly Json[]).map((each) =>
    typeof each === 'string' ? base64Decode(each) : null,
  )
  if (!hashes.every((hash) => hash !== null)) return null
  return { entry, proof: { extra: null, index, path: hashes, note } }
}

function recordsOf(value: Json | undefined): readonly FiledRecord[] | null {
  if (!Array.isArray(value) || value.length > recordsMax) return null
  const records: FiledRecord[] = []
  for (const each of value as readonly Json[]) {
    if (!isObject(each) || Object.keys(each).length !== 3) return null
    const { key, value: text, proof } = each
    const parsed = proof === undefined ? null : parseMapProof(proof)
    if (typeof key !== 'string' || parsed === null) return null
    if (text !== null && typeof text !== 'string') return null
    records.push({ key, value: text, proof: parsed })
  }
  return records
}
