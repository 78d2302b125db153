// Keys of members. A key has one owner, one use and one interval of heights; a change counts from
// the next block on; and a key that has ended never counts again. Whoever registers a signing key
// shows that it holds the private part.
import type { PublicJwk } from '#base/crypto'
import { importPublicKey, thumbprint, verifySignature } from '#base/crypto'
import { base64urlDecode } from '#base/bytes'
import { assert } from '#base/assert'
import type { Refusal, Schema } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Context, Write } from '#ledger/apply'
import type { KeyRecord, KeyUse, Reading } from '#ledger/validate'
import { readKey } from '#ledger/validate'
import type { KeyStatus } from './lifecycle.ts'
import { keyTable, step } from './lifecycle.ts'
import { commandType, no, refused } from './authority.ts'
import type { OfferedKey } from './records.ts'
import { keysOf, keyWrites, readRecord, thumbprintKey } from './records.ts'

/** Live keys that one member may have, its officers' apart. */
export const keysPerMemberMax = 64
/** How far in the future a key may begin or end, and how long two may overlap, in blocks. */
export const heightsAheadMax = 100_000_000

/** The algorithms of each use in the first suite; `approve` is what passkeys offer. */
export const algorithmsOf: { readonly [use in KeyUse]: readonly KeyRecord['alg'][] } = {
  command: ['ES256'],
  receipt: ['ES256'],
  certificate: ['ES256'],
  status: ['ES256'],
  log: ['Ed25519'],
  cosign: ['Ed25519'],
  approve: ['ES256', 'RS256'],
  transport: ['ES256'],
  encrypt: ['ES256'],
  oversight: ['ES256'],
}

/** Uses of keys that a member registers itself; officers' keys come by enrolment. */
export const memberUses: readonly KeyUse[] = [
  'command',
  'receipt',
  'certificate',
  'status',
  'log',
  'cosign',
  'transport',
  'encrypt',
  'oversight',
]

export const jwkSchema: Schema = {
  k: 'variant',
  on: 'kty',
  of: {
    EC: { fields: { crv: { k: 'enum', of: ['P-256'] }, x: bytes(32), y: bytes(32) } },
    OKP: { fields: { crv: { k: 'enum', of: ['Ed25519'] }, x: bytes(32) } },
    // The modulus has 2048 to 4096 bits; its bytes are a key and no text.
    RSA: { fields: { e: { k: 'enum', of: ['AQAB'] }, n: { k: 'bytesUpTo', max: 512 } } },
  },
}
export const algSchema: Schema = { k: 'enum', of: ['ES256', 'RS256', 'Ed25519'] }
export const custodySchema: Schema = { k: 'enum', of: ['own', 'hosted'] }
export const heightSchema: Schema = { k: 'int', min: 1, max: Number.MAX_SAFE_INTEGER }
/** 16 random bytes: handles, ids of officers and their keys. */
export const handleSchema: Schema = bytes(16)
export const hashSchema: Schema = bytes(32)
/** A raw signature: r ‖ s of P-256, or Ed25519. */
export const proofSchema: Schema = bytes(64)

function bytes(length: number): Schema {
  return { k: 'bytes', length }
}

/** What a new key signs to show that its private part is at hand; `of` binds what it is for. */
export type Possession = {
  readonly ledger: string
  readonly member: string
  readonly use: KeyUse
  readonly kid: string
  /** A base64url hash, or empty. */
  readonly of: string
}

/** The text of a proof of possession: fields joined by NUL, which stands in none of them. */
export function possessionMessage(possession: Possession): string {
  const { ledger, member, use, kid, of } = possession
  return ['lianban/possession/v1', ledger, member, use, kid, of].join('\0')
}

/** Where a key stands in its life at a height. */
export function keyStatusAt(record: KeyRecord | undefined, height: number): KeyStatus {
  if (record === undefined) return 'none'
  if (record.until !== null && record.until <= height) return 'ended'
  if (record.from > height) return 'coming'
  return record.until === null ? 'in-force' : 'ending'
}

/** A sound key that nobody has registered, with its thumbprint; or the refusal. */
export function freshKey(view: Reading, offered: OfferedKey): string | Refusal {
  if (!algorithmsOf[offered.use].includes(offered.alg)) return no('members/wrong-algorithm')
  if (importPublicKey(offered.alg, offered.jwk) === null) return no('members/bad-key')
  const print = thumbprint(offered.jwk)
  const known = readKey(view, print) ?? readRecord(view, thumbprintKey(print))
  return known === undefined ? print : no('members/key-known')
}

/** Whether the proof shows the private part; a key that only decrypts has nothing to sign. */
export function possessed(
  offered: OfferedKey,
  proof: string | undefined,
  possession: Possession,
): boolean {
  if (offered.use === 'encrypt') return true
  const key = importPublicKey(offered.alg, offered.jwk)
  const signature = proof === undefined ? null : base64urlDecode(proof)
  if (key === null || signature === null) return false
  return verifySignature(key, possessionMessage(possession), signature)
}

/** The record of a member's own new key, checked in every respect; or the refusal. */
export function offeredKey(
  view: Reading,
  of: { readonly context: Context; readonly member: string; readonly bound: string },
  offered: OfferedKey & { readonly proof?: string },
): KeyRecord | Refusal {
  const kid = freshKey(view, offered)
  if (isRefusal(kid)) return kid
  const { context, member, bound } = of
  const possession = { ledger: context.ledger, member, use: offered.use, kid, of: bound }
  if (!possessed(offered, offered.proof, possession)) return no('members/no-possession')
  const { use, alg, jwk, custody } = offered
  return { kid, member, use, alg, jwk, custody, from: context.height + 1, until: null }
}

/** The same key ending at `until` at the latest: never later than before, never in the past. */
export function endingKey(record: KeyRecord, height: number, until: number): KeyRecord {
  const end = Math.max(until, height + 1)
  return { ...record, until: record.until === null ? end : Math.min(record.until, end) }
}

/** Ends all live keys of the member of one use, or of every use, with the next block. */
export function endKeys(
  view: Reading,
  member: string,
  height: number,
  use: KeyUse | null,
): readonly KeyRecord[] {
  return keysOf(view, member)
    .filter((record) => use === null || record.use === use)
    .filter((record) => keyStatusAt(record, height) !== 'ended')
    .map((record) => endingKey(record, height, height + 1))
}

type AddBody = {
  readonly use: KeyUse
  readonly alg: KeyRecord['alg']
  readonly jwk: PublicJwk
  readonly custody: KeyRecord['custody']
  readonly from?: number
  readonly until?: number
  readonly proof?: string
}

const addKey = commandType<AddBody>({
  name: 'key.add',
  body: {
    fields: {
      use: { k: 'enum', of: memberUses },
      alg: algSchema,
      jwk: jwkSchema,
      custody: custodySchema,
      from: heightSchema,
      until: heightSchema,
      proof: proofSchema,
    },
    optional: ['from', 'until', 'proof'],
  },
  budget: 'keys',
  officers: 1,
  outcome: { fields: { kid: hashSchema, from: heightSchema } },
  decide: ({ view, body, context }) => {
    const { member, height } = context
    if (isFull(view, member, height)) return no('members/keys-full')
    const record = offeredKey(view, { context, member, bound: '' }, body)
    if (isRefusal(record)) return record
    const from = body.from ?? height + 1
    const until = body.until ?? null
    if (from <= height) return no('members/not-in-the-future', 'body.from')
    if (until !== null && until <= from) return no('members/bad-interval', 'body.until')
    if (from > height + heightsAheadMax) return no('members/too-far', 'body.from')
    const writes = keyWrites(view, member, height, [{ ...record, from, until }])
    return { writes, outcome: { kid: record.kid, from } }
  },
})

type RotateBody = {
  readonly kid: string
  readonly alg: KeyRecord['alg']
  readonly jwk: PublicJwk
  readonly custody: KeyRecord['custody']
  /** Blocks during which both keys count. */
  readonly overlap: number
  readonly proof?: string
}

const rotateKey = commandType<RotateBody>({
  name: 'key.rotate',
  body: {
    fields: {
      kid: hashSchema,
      alg: algSchema,
      jwk: jwkSchema,
      custody: custodySchema,
      overlap: { k: 'int', min: 0, max: heightsAheadMax },
      proof: proofSchema,
    },
    optional: ['proof'],
  },
  budget: 'keys',
  officers: 1,
  outcome: { fields: { kid: hashSchema, from: heightSchema, oldUntil: heightSchema } },
  decide: ({ view, body, context }) => {
    const { member, height } = context
    const old = ownKey(view, body.kid, member)
    if (isRefusal(old)) return old
    const stop = refused(step(keyTable, keyStatusAt(old, height), 'rotate'))
    if (stop !== null) return stop
    if (isFull(view, member, height)) return no('members/keys-full')
    const offered = { ...body, use: old.use }
    const record = offeredKey(view, { context, member, bound: '' }, offered)
    if (isRefusal(record)) return record
    const ending = endingKey(old, height, height + 1 + body.overlap)
    const writes = keyWrites(view, member, height, [ending, record])
    const oldUntil = ending.until
    assert(oldUntil !== null, 'an ending key has an end')
    return { writes, outcome: { kid: record.kid, from: record.from, oldUntil } }
  },
})

type RevokeBody = { readonly kid: string; readonly until?: number }

const revokeKey = commandType<RevokeBody>({
  name: 'key.revoke',
  body: { fields: { kid: hashSchema, until: heightSchema }, optional: ['until'] },
  budget: 'keys',
  // A stolen key must be stopped at any hour: no officer is asked, and nothing is gained by it.
  officers: 0,
  outcome: { fields: { until: heightSchema } },
  decide: ({ view, body, context }) => {
    const { member, height } = context
    const old = ownKey(view, body.kid, member)
    if (isRefusal(old)) return old
    const stop = refused(step(keyTable, keyStatusAt(old, height), 'revoke'))
    if (stop !== null) return stop
    const until = body.until ?? height + 1
    if (until <= height) return no('members/not-in-the-future', 'body.until')
    if (until > height + heightsAheadMax) return no('members/too-far', 'body.until')
    const ending = endingKey(old, height, until)
    if (!speaksAfter(view, ending)) return no('members/last-command-key')
    const writes: readonly Write[] = keyWrites(view, member, height, [ending])
    assert(ending.until !== null, 'an ending key has an end')
    return { writes, outcome: { until: ending.until } }
  },
})

/** Whether the member keeps a command key without an end once this key has ended. */
function speaksAfter(view: Reading, ending: KeyRecord): boolean {
  const end = ending.until
  if (ending.use !== 'command' || end === null) return true
  return keysOf(view, ending.member).some(
    ({ use, kid, from, until }) =>
      use === 'command' && kid !== ending.kid && until === null && from <= end,
  )
}

function isFull(view: Reading, member: string, height: number): boolean {
  const live = keysOf(view, member).filter((record) => keyStatusAt(record, height) !== 'ended')
  return live.length >= keysPerMemberMax
}

/** A key of the sending member itself; officers' keys have commands of their own. */
function ownKey(view: Reading, kid: string, member: string): KeyRecord | Refusal {
  const record = readKey(view, kid)
  if (record === undefined) return no('members/key-unknown')
  return record.member === member && record.officer === undefined
    ? record
    : no('members/not-own-key')
}

export const keyTypes: readonly CommandType[] = [addKey, rotateKey, revokeKey]
