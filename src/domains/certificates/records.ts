// The records of certificates: where each stands in the state and what follows from it. A record
// holds the whole life of one certificate and nothing about whom or what it is; what happened is
// only added to, so that its status at any past time follows from the record of today.
import { base64urlDecode, base64urlEncode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { assert } from '#base/assert'
import type { Schema, Value } from '#ledger/command'
import type { Write } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import { successorOf } from '#domains/members'
import type { Status } from './lifecycle.ts'

/** One step after issuance. `at` is the block's time in milliseconds. */
export type Change = {
  readonly to: Exclude<Status, 'none'>
  readonly at: number
  readonly height: number
  readonly entry: number
  /** One of the closed grounds of the step. */
  readonly ground: string
  /** The certificate that took the place of this one. */
  readonly by?: string
}

/** An objection by a member; times in milliseconds, `until` once it is over. */
export type Dispute = {
  readonly by: string
  readonly from: number
  /** Salted commitment to what the objection says, base64url. */
  readonly matter: string
  readonly until?: number
  readonly result?: string
}

/** A certificate on the ledger. */
export type CertificateRecord = {
  /** Random id of 16 bytes, by which everything else speaks of this certificate. */
  readonly handle: string
  readonly issuer: string
  readonly type: string
  /** SHA-256 of the issuer-signed JWT, base64url. */
  readonly digest: string
  /** Salted commitment to case, item and generation, base64url. */
  readonly case: string
  readonly list: number
  readonly index: number
  /** Block time of the issuance in milliseconds, its height, and the index of its entry. */
  readonly issuedAt: number
  readonly height: number
  readonly entry: number
  /** First millisecond at which it has expired; absent when it does not expire. */
  readonly until?: number
  /** What happened since, oldest first. */
  readonly changes: readonly Change[]
  /** Objections, oldest first; they change no status. */
  readonly disputes: readonly Dispute[]
}

const int: Schema = { k: 'int', min: 0, max: Number.MAX_SAFE_INTEGER }
const b16: Schema = { k: 'bytes', length: 16 }
const b32: Schema = { k: 'bytes', length: 32 }
const name: Schema = { k: 'name' }
const member: Schema = { k: 'member' }

/** The form of a certificate's record: what comes from a foreign ledger may be anything. */
export const recordSchema: Schema = {
  k: 'record',
  fields: {
    handle: b16,
    issuer: member,
    type: name,
    digest: b32,
    case: b32,
    list: int,
    index: int,
    issuedAt: int,
    height: int,
    entry: int,
    until: int,
    changes: {
      k: 'list',
      of: {
        k: 'record',
        fields: {
          to: { k: 'enum', of: ['valid', 'held', 'suspended', 'revoked', 'superseded'] },
          at: int,
          height: int,
          entry: int,
          ground: name,
          by: b16,
        },
        optional: ['by'],
      },
      min: 0,
      max: 64,
    },
    disputes: {
      k: 'list',
      of: {
        k: 'record',
        fields: { by: member, from: int, matter: b32, until: int, result: name },
        optional: ['until', 'result'],
      },
      min: 0,
      max: 32,
    },
  },
  optional: ['until'],
}

/** What a certificate was at a time. `expired` ranks below an end and above a halt. */
export type StatusThen = Status | 'expired'

/** Indexes of one status list. */
export const indexesMax: number = 1_048_576
/** Status lists of one issuer. */
export const listsMax = 65_536
/** Changes that one record holds; the last two are kept for an end. */
export const changesMax = 64
/** Disputes that one record holds; those that are over make room. */
export const disputesMax = 32
/** Indexes on one page: small records, of which an issuance writes one. */
export const pageIndexes = 256

// Two slashes in every key: an address with one slash is a refusal code.
export const statusPrefix = 'certificates/status/'
export const statusKey = (handle: string): string => `${statusPrefix}${handle}`
export const digestKey = (digest: string): string => `certificates/digest/${digest}`
export const pageKey = (place: { issuer: string; list: number; index: number }): string =>
  `certificates/page/${place.issuer}/${place.list}/${pageOf(place.index)}`

function pageOf(index: number): number {
  return (index - (index % pageIndexes)) / pageIndexes
}

/** The certificate under a handle, or undefined. */
export function certificateOf(view: Reading, handle: string): CertificateRecord | undefined {
  const value = view.get(statusKey(handle))
  if (value === undefined || value === null) return undefined
  return value as unknown as CertificateRecord
}

/** The handle of the certificate whose issuer-signed JWT has this SHA-256, or undefined. */
export function handleOfDigest(view: Reading, digest: string): string | undefined {
  const value = view.get(digestKey(digest))
  return typeof value === 'string' ? value : undefined
}

/** A write of the whole record. */
export function recordWrite(record: CertificateRecord): Write {
  return [statusKey(record.handle), record as unknown as Value]
}

/** Since when the oldest open dispute has stood, in milliseconds; undefined without one. */
export function disputedSince(record: CertificateRecord): number | undefined {
  const open = record.disputes.filter(({ until }) => until === undefined)
  return open.length === 0 ? undefined : Math.min(...open.map(({ from }) => from))
}

/** The status after everything that happened, expiry left aside. */
export function lastStatus(record: CertificateRecord | undefined): Status {
  if (record === undefined) return 'none'
  return record.changes.at(-1)?.to ?? 'valid'
}

/** The status at a time in milliseconds: today's, or that of any past time. */
export function statusAt(record: CertificateRecord | undefined, timeMs: number): StatusThen {
  if (record === undefined || timeMs < record.issuedAt) return 'none'
  let status: Status = 'valid'
  for (const change of record.changes) if (change.at <= timeMs) status = change.to
  if (status === 'revoked' || status === 'superseded') return status
  return record.until !== undefined && timeMs >= record.until ? 'expired' : status
}

/** A status and the time in milliseconds from which it held. */
export type Spell = { readonly status: StatusThen; readonly from: number }

/**
 * Every status that held at any moment from `fromMs` to `untilMs` (exclusive), in their order: one
 * for a day on which nothing happened. Of several steps at one moment the last counts.
 */
export function statusesBetween(
  record: CertificateRecord | undefined,
  fromMs: number,
  untilMs: number,
): readonly Spell[] {
  const spells: Spell[] = [{ status: statusAt(record, fromMs), from: fromMs }]
  if (record === undefined) return spells
  const moments = [record.issuedAt, ...record.changes.map(({ at }) => at)]
  if (record.until !== undefined) moments.push(record.until)
  for (const from of moments.toSorted((a, b) => a - b)) {
    if (from <= fromMs || from >= untilMs) continue
    const status = statusAt(record, from)
    if (spells.at(-1)?.status !== status) spells.push({ status, from })
  }
  return spells
}

/** Whether the member answers for the certificate today: its issuer, or who took over from it. */
export function answersFor(view: Reading, record: CertificateRecord, member: string): boolean {
  return successorOf(view, record.issuer) === member
}

/** The two bits of a status list (draft-ietf-oauth-status-list §7.1): 0 valid, 1 not, 2 halted. */
export function statusBits(status: Status): 0 | 1 | 2 {
  if (status === 'valid' || status === 'none') return 0
  return status === 'held' || status === 'suspended' ? 2 : 1
}

/** One page of a list: which indexes are given out, one bit each, and their statuses, two each. */
type Page = { readonly used: string; readonly bits: string }

type PageBytes = { readonly used: Bytes; readonly bits: Bytes }

function pageBytes(value: Value | undefined): PageBytes {
  if (value === undefined || value === null) {
    return { used: new Uint8Array(pageIndexes / 8), bits: new Uint8Array(pageIndexes / 4) }
  }
  const page = value as unknown as Page
  const used = base64urlDecode(page.used)
  const bits = base64urlDecode(page.bits)
  assert(used?.length === pageIndexes / 8 && bits?.length === pageIndexes / 4, 'a page is whole')
  return { used: used.slice(), bits: bits.slice() }
}

/** Whether an index of an issuer's list has been given out. */
export function isIndexUsed(
  view: Reading,
  place: { readonly issuer: string; readonly list: number; readonly index: number },
): boolean {
  const { used } = pageBytes(view.get(pageKey(place)))
  const at = place.index % pageIndexes
  return (((used[at >> 3] ?? 0) >> (at & 7)) & 1) === 1
}

/** The page with this index given out and its bits set. */
export function pageWrite(
  view: Reading,
  place: { readonly issuer: string; readonly list: number; readonly index: number },
  status: Status,
): Write {
  const { used, bits } = pageBytes(view.get(pageKey(place)))
  const at = place.index % pageIndexes
  used[at >> 3] = (used[at >> 3] ?? 0) | (1 << (at & 7))
  const shift = 2 * (at & 3)
  bits[at >> 2] = ((bits[at >> 2] ?? 0) & ~(3 << shift)) | (statusBits(status) << shift)
  const page: Page = { used: base64urlEncode(used), bits: base64urlEncode(bits) }
  return [pageKey(place), page]
}

/**
 * The statuses of an issuer's list as the bytes of a two-bit status list, least significant bits
 * first, `size` indexes rounded up to whole pages. Indexes that nobody has read as valid: whoever
 * looks at the list does not learn how many certificates there are.
 */
export function statusBytes(
  view: Reading,
  of: { readonly issuer: string; readonly list: number; readonly size: number },
): Bytes {
  assert(of.size > 0 && of.size <= indexesMax, 'a list has its bounds')
  const pages = Math.ceil(of.size / pageIndexes)
  const bytes = new Uint8Array((pages * pageIndexes) / 4)
  for (let page = 0; page < pages; page += 1) {
    const index = page * pageIndexes
    const value = view.get(pageKey({ ...of, index }))
    if (value === undefined || value === null) continue
    bytes.set(pageBytes(value).bits, index / 4)
  }
  return bytes
}

/**
 * A free index for a new certificate: the first of the candidates, each four random bytes taken
 * modulo `size`, that nobody has. Undefined when all are taken: the caller brings more chance, or
 * opens the next list. Chance comes in as bytes, so that the same bytes give the same index.
 */
export function freeIndex(
  view: Reading,
  of: { readonly issuer: string; readonly list: number; readonly size: number },
  chance: Bytes,
): number | undefined {
  for (let at = 0; at + 4 <= chance.length; at += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = chance.subarray(at, at + 4)
    const index = (((a * 256 + b) * 256 + c) * 256 + d) % of.size
    if (!isIndexUsed(view, { issuer: of.issuer, list: of.list, index })) return index
  }
  return undefined
}
