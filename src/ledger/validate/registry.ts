// The records about members and keys that the ledger itself needs.
import { assert } from '#base/assert'
import type { PublicJwk } from '#base/crypto'
import type { Value } from '#ledger/command'

/** Every use that a key may have. One key has exactly one. */
export const keyUses = [
  'command',
  'receipt',
  'certificate',
  'status',
  'log',
  'cosign',
  'approve',
  'transport',
  'encrypt',
  'oversight',
] as const

/** What a key may be used for. */
export type KeyUse = (typeof keyUses)[number]

/** A replica holds entry bundles; a participant gets only the entries that name it. */
export type MemberKind = 'replica' | 'participant'

/** A registered key; heights are block heights, `until` exclusive. */
export type KeyRecord = {
  readonly kid: string
  readonly member: string
  readonly use: KeyUse
  readonly alg: 'ES256' | 'RS256' | 'Ed25519'
  readonly jwk: PublicJwk
  /** `hosted` keys live on somebody else's machine and never raise a trust grade. */
  readonly custody: 'own' | 'hosted'
  readonly from: number
  readonly until: number | null
  /** The officer whose key this is; only keys of use `approve` have one. */
  readonly officer?: string
}

/** A registered member. */
export type MemberRecord = {
  readonly code: string
  readonly kind: MemberKind
  readonly state: 'active' | 'suspended' | 'left'
  /** First height at which it counts. */
  readonly from: number
  /** Relying party of its officers' passkeys: RP ID and the origins of its portals. */
  readonly rp?: { readonly id: string; readonly origins: readonly string[] }
  /** Officers by post. */
  readonly posts?: { readonly [post: string]: readonly string[] }
  /** The members whose duties it took over. */
  readonly succeeds?: readonly string[]
}

/** What validation needs of a view of the state. */
export interface Reading {
  get(key: string): Value | undefined
}

/** State key of a member record. */
export function memberKey(code: string): string {
  return `members/member/${code}`
}

/** State key of a key record. */
export function keyKey(kid: string): string {
  return `members/key/${kid}`
}

/** The member's record, or undefined when there is none. */
export function readMember(view: Reading, code: string): MemberRecord | undefined {
  const value = view.get(memberKey(code))
  if (value === undefined || value === null) return undefined
  const record = value as unknown as MemberRecord
  assert(record.code === code && typeof record.state === 'string', 'a member record has its shape')
  return record
}

/** The key's record, or undefined when there is none. */
export function readKey(view: Reading, kid: string): KeyRecord | undefined {
  const value = view.get(keyKey(kid))
  if (value === undefined || value === null) return undefined
  const record = value as unknown as KeyRecord
  assert(record.kid === kid && typeof record.from === 'number', 'a key record has its shape')
  return record
}

/** Whether a key counts at this height: from the first height, until (exclusive) the last. */
export function keyInForce(record: KeyRecord, height: number): boolean {
  return record.from <= height && (record.until === null || height < record.until)
}
