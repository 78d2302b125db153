// What a certificate file is worth to somebody who has nothing but a trust policy and a clock: one
// of five outcomes, with the reason. It promises that `valid` is said only when everything holds at
// once (the credential, its issue on the ledger, the issuer's key and accreditation at that time,
// and the status) and that what cannot be told is never taken for valid.
import { asciiDecode, base64urlDecode, latin1Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeCanonical } from '#base/canonical'
import { importPublicKey, sha256Text, thumbprint } from '#base/crypto'
import type { PublicKey } from '#base/crypto'
import type { Refusal, Schema, Value } from '#ledger/command'
import { checkValue, commandBytesMax, commandTyp, decodeIntent, decodeJws } from '#ledger/command'
import { decodeStrict, isMembers, isRefusal } from '#ledger/command'
import type { Intent } from '#ledger/command'
import type { Entry } from '#ledger/apply'
import { decodeEntry } from '#ledger/apply'
import { encodeEvidence, verifyEvidence } from '#ledger/prove'
import type { Proven, TrustPolicy, Verdict } from '#ledger/prove'
import type { KeyRecord, MemberRecord, Reading } from '#ledger/validate'
import { keyInForce, keyKey, memberKey } from '#ledger/validate'
import { accreditationAt } from '#domains/members'
import type { JsonObject } from './compact.ts'
import { bad, isObject } from './compact.ts'
import { issOf, statusListUri, vctOf } from './credential.ts'
import type { CertificateFile } from './evidence.ts'
import { accreditationKey, parseCertificateFile, recordKeysOf } from './evidence.ts'
import type { CertificateRecord, Spell, StatusThen } from './records.ts'
import { disputedSince, lastStatus, recordSchema, statusesBetween, statusKey } from './records.ts'
import { parseSdJwt, verifyCredential } from './sd-jwt.ts'

/**
 * The five outcomes. `suspended`: on hold or suspended. `not-in-force`: revoked, superseded,
 * expired, or not yet issued on the day that is asked about. `untrusted-issuer`: nobody whom the
 * policy trusts says that the issuer was entitled. `not-genuine`: some part does not hold.
 */
export type CertificateOutcome =
  | 'valid'
  | 'suspended'
  | 'not-in-force'
  | 'untrusted-issuer'
  | 'not-genuine'

export const certificateOutcomes: readonly CertificateOutcome[] = [
  'valid',
  'suspended',
  'not-in-force',
  'untrusted-issuer',
  'not-genuine',
]

export type CertificateQuestion = {
  readonly policy: TrustPolicy
  /** The verifier's own clock, Unix milliseconds. */
  readonly nowMs: number
  /** A span of the past, milliseconds, `until` exclusive; absent to ask about now. */
  readonly during?: { readonly from: number; readonly until: number }
}

/** What is known about a certificate that holds, whatever its status. */
export type CertificateFacts = {
  readonly ledger: string
  readonly record: CertificateRecord
  /** The status that decided: now, or each one of the span that was asked about. */
  readonly spells: readonly Spell[]
  /** All claims that are shown. */
  readonly claims: JsonObject
  /** Since when it is disputed, milliseconds; null when it is not. */
  readonly disputedSince: number | null
  /** The member that took over from the issuer; null when none did. */
  readonly successor: string | null
  readonly verdict: Verdict
  /** As of when the status is known, milliseconds, and whose clock says so. */
  readonly asOf: number
  readonly dated: 'cosigners' | 'ledger'
  /** Milliseconds between then and the verifier's clock, never negative. */
  readonly age: number
  /**
   * Whether the status is older than the policy allows, or than the end of the span that is asked
   * about; null when the policy names no age.
   */
  readonly stale: boolean | null
}

export type CertificateJudgement =
  | { readonly outcome: 'untrusted-issuer' | 'not-genuine'; readonly because: Refusal }
  | ({
      readonly outcome: Exclude<CertificateOutcome, 'untrusted-issuer' | 'not-genuine'>
    } & CertificateFacts)

/** Untrusted. Judges a certificate file. Never throws for what the file holds. */
export function judgeCertificate(
  bytes: Bytes,
  question: CertificateQuestion,
): CertificateJudgement {
  const file = parseCertificateFile(bytes)
  if (isRefusal(file)) return { outcome: 'not-genuine', because: file }
  const proven = provenParts(file, question)
  if (isRefusal(proven)) return refusedBy(proven)
  const doubted = doubt(proven.verdict)
  if (doubted !== null) return { outcome: 'untrusted-issuer', because: doubted }
  const record = recordOf(proven)
  if (isRefusal(record)) return { outcome: 'not-genuine', because: record }
  const issued = issueRefusal(proven, record)
  if (issued !== null) return { outcome: 'not-genuine', because: issued }
  const key = issuerKey(proven, record)
  if (isRefusal(key)) return { outcome: 'untrusted-issuer', because: key }
  const claims = claimsOf(file, { key, record, ledger: proven.ledger })
  if (isRefusal(claims)) return { outcome: 'not-genuine', because: claims }
  const entitled = entitlement(proven, record)
  if (entitled !== null) return { outcome: 'untrusted-issuer', because: entitled }
  return decided(proven, { record, claims, question })
}

/** Codes that say that nobody whom the policy trusts has spoken. */
const untrusted: readonly string[] = ['prove/unknown-log', 'prove/not-signed']

function refusedBy(because: Refusal): CertificateJudgement {
  const outcome = untrusted.includes(because.code) ? 'untrusted-issuer' : 'not-genuine'
  return { outcome, because }
}

/** Why the policy's own demands on the checkpoint are not met; null when they are. */
function doubt({ grade, underRetiredKey }: Verdict): Refusal | null {
  if (underRetiredKey) return { code: 'prove/under-retired-key' }
  return grade === 'checkpointed' ? { code: 'prove/quorum-not-met' } : null
}

/** Everything in the file that stands under the judged checkpoint. */
type Parts = {
  readonly ledger: string
  readonly verdict: Verdict
  readonly issue: { readonly index: number; readonly content: Entry }
  /** Records by key; undefined for what is proven absent. */
  readonly records: Reading
  readonly keys: readonly string[]
  readonly kid: string
  /** Ledger time of the map root, milliseconds. */
  readonly rootTime: number
}

function provenParts(file: CertificateFile, question: CertificateQuestion): Parts | Refusal {
  const sdJwt = parseSdJwt(file.credential)
  if (isRefusal(sdJwt)) return sdJwt
  const { kid } = sdJwt.compact
  if (kid === null) return bad('certificates/malformed-credential', 'header.kid')
  const records = new Map<string, Value>()
  let first: Proven | null = null
  for (const { key, value, proof } of file.records) {
    const record = { map: 'now', key, value, proof, root: file.root }
    // The first one brings the entry as well, so that both are shown to stand in one log.
    const issue = first === null ? { entry: file.issue, envelope: file.envelope } : nothing
    const { policy, nowMs } = question
    const proven = verifyEvidence(encodeEvidence({ ...issue, record }), policy, nowMs)
    if (isRefusal(proven)) return proven
    first ??= proven
    const content = value === null ? null : decodeCanonical(value, recordLimits)
    if (value !== null && content === null) return bad('certificates/other-record', key)
    if (content !== null) records.set(key, content as Value)
  }
  const root = decodeEntry(asciiDecode(file.root.entry) ?? '')
  if (first?.entry == null || isRefusal(root)) return bad('certificates/malformed-file', 'records')
  return {
    ledger: first.verdict.checkpoint?.origin ?? '',
    verdict: first.verdict,
    issue: first.entry,
    records: { get: (key) => records.get(key) },
    keys: file.records.map(({ key }) => key),
    kid,
    rootTime: root.t,
  }
}

const nothing = { entry: null, envelope: null }
const recordLimits = { depthMax: 8, membersMax: 4_096, lengthMax: 262_144 } as const

const int: Schema = { k: 'int', min: 0, max: Number.MAX_SAFE_INTEGER }
const member: Schema = { k: 'member' }

const accreditationSchema: Schema = {
  k: 'record',
  fields: {
    member,
    type: { k: 'name' },
    intervals: {
      k: 'list',
      of: { k: 'record', fields: { from: int, until: int, by: member, height: int } },
      min: 0,
      max: 64,
    },
  },
}

/** The record of the certificate, when the file brings exactly the records that belong to it. */
function recordOf(proven: Parts): CertificateRecord | Refusal {
  const [first = ''] = proven.keys
  const value = proven.records.get(first)
  if (value === undefined || checkValue(recordSchema, value) !== null) {
    return bad('certificates/other-record', 'status')
  }
  const record = value as unknown as CertificateRecord
  if (first !== statusKey(record.handle)) return bad('certificates/other-record', 'status')
  const wanted = recordKeysOf({ ...record, kid: proven.kid })
  const same =
    wanted.length === proven.keys.length && wanted.every((key, i) => key === proven.keys[i])
  return same ? record : bad('certificates/other-record')
}

/** That the entry is the issue of this very certificate, and that the ledger said ok to it. */
function issueRefusal(proven: Parts, record: CertificateRecord): Refusal | null {
  const { content, index } = proven.issue
  const intent = intentOf(content)
  if (intent === null || !('result' in content) || content.result.code !== 'ok') {
    return bad('certificates/other-entry')
  }
  const { handle, type, digest, case: of, list, index: place, until } = record
  const body = { handle, type, digest, case: of, list, index: place }
  const asked = until === undefined ? body : { ...body, until }
  const same =
    intent.type === 'certificate.issue' &&
    intent.ledger === proven.ledger &&
    Object.keys(intent.body).length === Object.keys(asked).length &&
    Object.entries(asked).every(([field, value]) => intent.body[field] === value)
  const placed =
    content.h === record.height && content.t === record.issuedAt && index === record.entry
  return same && placed ? null : bad('certificates/other-entry')
}

function intentOf(content: Entry): Intent | null {
  let text: Value | undefined
  if (content.kind === 'intent') text = content.intent
  if (content.kind === 'single') {
    const jws = decodeJws(content.jws, commandTyp, commandBytesMax)
    const payload = isRefusal(jws) ? null : decodeStrict(jws.payload)
    if (payload === null || isRefusal(payload) || !isMembers(payload)) return null
    text = payload['intent']
  }
  const bytes = typeof text === 'string' ? base64urlDecode(text) : null
  const intent = bytes === null ? null : decodeIntent(latin1Decode(bytes))
  return intent === null || isRefusal(intent) ? null : intent
}

/** The key that signed, when it was the issuer's for certificates at the height of the issue. */
function issuerKey(proven: Parts, record: CertificateRecord): PublicKey | Refusal {
  const no = bad('certificates/no-issuer-key')
  const value = proven.records.get(keyKey(proven.kid))
  if (!isMembers(value ?? null)) return no
  const key = value as unknown as KeyRecord
  if (key.kid !== proven.kid || key.use !== 'certificate' || key.alg !== 'ES256') return no
  if (key.member !== record.issuer) return no
  if (typeof key.from !== 'number' || !keyInForce(key, record.height)) return no
  const known = isObject(key.jwk as never) ? importPublicKey('ES256', key.jwk) : null
  return known === null || thumbprint(known.jwk) !== proven.kid ? no : known
}

/** The claims, when the credential is the one that was issued and says what the ledger says. */
function claimsOf(
  file: CertificateFile,
  of: { readonly key: PublicKey; readonly record: CertificateRecord; readonly ledger: string },
): JsonObject | Refusal {
  const { key, record, ledger } = of
  const read = verifyCredential(file.credential, { key, nowMs: null, holder: null })
  if (isRefusal(read)) return read
  const { claims, sdJwt } = read
  if (sha256Text(sdJwt.jwt, 'base64url') !== record.digest) {
    return bad('certificates/other-credential')
  }
  const status = isObject(claims['status']) ? claims['status']['status_list'] : undefined
  const list = isObject(status) ? status : {}
  const { issuer, type, until } = record
  const agrees =
    claims['vct'] === vctOf(ledger, type) &&
    claims['iss'] === issOf(ledger, issuer) &&
    claims['exp'] === (until === undefined ? undefined : Math.floor(until / 1000)) &&
    list['idx'] === record.index &&
    list['uri'] === statusListUri(ledger, issuer, record.list)
  return agrees ? claims : bad('certificates/malformed-claims')
}

/** Why the issuer was not entitled at the time of the issue; null when it was. */
function entitlement(proven: Parts, record: CertificateRecord): Refusal | null {
  const { issuer, type, issuedAt } = record
  const no = bad('certificates/no-accreditation')
  const accreditation = proven.records.get(accreditationKey(issuer, type))
  if (accreditation === undefined || checkValue(accreditationSchema, accreditation) !== null) {
    return no
  }
  if (memberIn(proven, issuer) === null) return no
  const held = accreditationAt(proven.records, { member: issuer, type }, issuedAt)
  return held === undefined ? no : null
}

type IssuerRecord = MemberRecord & { readonly succeededBy?: string }

function memberIn(proven: Parts, code: string): IssuerRecord | null {
  const value = proven.records.get(memberKey(code))
  if (!isMembers(value ?? null)) return null
  const record = value as unknown as IssuerRecord
  return record.code === code && typeof record.state === 'string' ? record : null
}

function decided(
  proven: Parts,
  of: {
    readonly record: CertificateRecord
    readonly claims: JsonObject
    readonly question: CertificateQuestion
  },
): CertificateJudgement {
  const { record, claims, question } = of
  const { nowMs, during } = question
  const { verdict, rootTime } = proven
  const asOf = verdict.asOf === null ? rootTime : verdict.asOf * 1000
  const spells =
    during === undefined
      ? [{ status: statusNow(record, nowMs), from: newest(record, asOf) }]
      : statusesBetween(record, during.from, during.until)
  const { succeededBy = null } = memberIn(proven, record.issuer) ?? {}
  return {
    outcome: outcomeOf(spells),
    ledger: proven.ledger,
    record,
    spells,
    claims,
    disputedSince: disputedSince(record) ?? null,
    successor: typeof succeededBy === 'string' ? succeededBy : null,
    verdict,
    asOf,
    dated: verdict.asOf === null ? 'ledger' : 'cosigners',
    age: Math.max(0, nowMs - asOf),
    // A past day is told for good once the status is known beyond its end.
    stale: during === undefined ? staleNow(verdict) : during.until > asOf,
  }
}

/** When the status of now was last known: never before the change that made it. */
function newest({ changes }: CertificateRecord, asOf: number): number {
  return Math.max(asOf, ...changes.map(({ at }) => at))
}

function staleNow({ fresh }: Verdict): boolean | null {
  return fresh === null ? null : !fresh
}

/** What the record says last; a slow clock hides no change, and expiry goes by the clock. */
function statusNow(record: CertificateRecord, nowMs: number): StatusThen {
  const status = lastStatus(record)
  if (status === 'revoked' || status === 'superseded') return status
  return record.until !== undefined && nowMs >= record.until ? 'expired' : status
}

/** The outcome of a span: valid when it was valid all through, else that of the worst part. */
function outcomeOf(spells: readonly Spell[]): 'valid' | 'suspended' | 'not-in-force' {
  const statuses = spells.map(({ status }) => status)
  if (statuses.every((status) => status === 'valid')) return 'valid'
  const halted = (status: StatusThen): boolean =>
    status === 'valid' || status === 'held' || status === 'suspended'
  return statuses.every(halted) ? 'suspended' : 'not-in-force'
}
