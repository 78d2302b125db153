// A registry snapshot: the keys and members of a ledger at a height, as `query registry` writes
// them, or one key's record in an evidence file. With evidence the key itself is proven under the
// trust policy; a snapshot is only as good as whoever handed it over, and the answer says so.
import { utf8Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { isRefusal } from '#ledger/command'
import type { Refusal, Value } from '#ledger/command'
import { verifyEvidence } from '#ledger/prove'
import type { TrustPolicy, Verdict } from '#ledger/prove'
import { keyKey, memberKey } from '#ledger/validate'
import type { KeyRecord, Reading } from '#ledger/validate'

export const registryFormat = 'lianban-registry/1'

/** Longest snapshot that is read, in bytes. */
export const registryBytesMax = 67_108_864

/** Keys and members to judge signatures by. */
export type RegistryView = {
  readonly reading: Reading
  readonly height: number
  /** The verdict on the key's record, when evidence proves it. */
  readonly proven: Verdict | null
}

const limits = { depthMax: 12, membersMax: 5_000_000, lengthMax: registryBytesMax } as const

/** Untrusted. The registry in a file: a snapshot of this ledger, or evidence of records. */
export function readRegistry(
  bytes: Bytes,
  policy: TrustPolicy,
  nowMs: number,
): RegistryView | Refusal {
  const text = utf8Decode(bytes)
  const value = text === null ? null : decodeCanonical(text.trimEnd(), limits)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return unreadable
  const members = value as { readonly [name: string]: Json }
  if (members['format'] === registryFormat) return snapshotOf(members)
  const proven = verifyEvidence(bytes, policy, nowMs)
  if (isRefusal(proven)) return proven
  const { record } = proven
  if (record === null || record.value === null) return unreadable
  const content = decodeCanonical(record.value, limits) as Value
  const reading: Reading = { get: (key) => (key === record.key ? content : undefined) }
  return { reading, height: record.height, proven: record.verdict }
}

const unreadable: Refusal = { code: 'cli/bad-value', at: '--registry' }

function snapshotOf(members: { readonly [name: string]: Json }): RegistryView | Refusal {
  const { height, records } = members
  const whole = typeof height === 'number' && typeof records === 'object' && records !== null
  if (!whole || Array.isArray(records)) return unreadable
  const held = new Map(Object.entries(records as { readonly [key: string]: Json }))
  const known = [...held.keys()].every(
    (key) => key.startsWith(keyKey('')) || key.startsWith(memberKey('')),
  )
  if (!known) return unreadable
  return { reading: { get: (key) => held.get(key) as Value | undefined }, height, proven: null }
}

/** A key's record with the shape that is needed to check a signature; undefined otherwise. */
export function keyIn(view: RegistryView, kid: string): KeyRecord | undefined {
  const value = view.reading.get(keyKey(kid))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const record = value as unknown as KeyRecord
  const shaped =
    record.kid === kid &&
    typeof record.member === 'string' &&
    typeof record.use === 'string' &&
    typeof record.alg === 'string' &&
    typeof record.jwk === 'object'
  return shaped ? record : undefined
}
