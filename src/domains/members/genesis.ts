// The beginning of a ledger, and the domain as the ledger sees it. The founders agree on the first
// parameters before there is a ledger, so these are checked as a whole and refused as a whole; from
// then on nothing changes but by the commands of this room.
import { assert } from '#base/assert'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import type { PublicJwk } from '#base/crypto'
import type { Fields, Refusal, Schema, Value } from '#ledger/command'
import { checkValue, isRefusal } from '#ledger/command'
import type { BlockContext, Domain, Opening, View, Write } from '#ledger/apply'
import type { KeyRecord, KeyUse, MemberKind, Reading } from '#ledger/validate'
import { membersCodes } from './lifecycle.ts'
import { no } from './authority.ts'
import type { Membership, Pending } from './records.ts'
import { codeKey, Draft, keyWrites, memberOf, memberWrites, officersKey } from './records.ts'
import { officerOf, pendingKey, pendingOf, rollKey, settingsKey, write } from './records.ts'
import { algSchema, custodySchema, freshKey, handleSchema, hashSchema } from './keys.ts'
import { jwkSchema, keysPerMemberMax, keyTypes, memberUses } from './keys.ts'
import type { RelyingParty } from './joining.ts'
import { joiningTypes, ledgerMembersMax, relyingParty, rpSchema } from './joining.ts'
import { officersNewKey, officerTypes, officerWrites } from './officers.ts'
import { governanceTypes } from './governance.ts'
import { standingTypes } from './standing.ts'
import { clockTypes } from './clock.ts'

/** The height of the genesis block: what begins with it counts from here. */
const firstHeight = 1

/** The genesis entry holds the parameters word for word; who finds no room joins later. */
export const genesisBytesMax = 60_000

export type FoundersKey = {
  readonly use: KeyUse
  readonly alg: KeyRecord['alg']
  readonly jwk: PublicJwk
  readonly custody: KeyRecord['custody']
}

export type FoundersOfficer = {
  readonly officer: string
  readonly kid: string
  readonly alg: KeyRecord['alg']
  readonly jwk: PublicJwk
}

export type Founder = {
  readonly code: string
  readonly kind: MemberKind
  readonly keys: readonly FoundersKey[]
  readonly officers: readonly FoundersOfficer[]
  readonly uscc?: string
  readonly rp?: RelyingParty
}

/** What the founders agree on before the first block. */
export type GenesisParams = {
  /** A practice ledger says so for ever, and its clock may be moved. */
  readonly practice: boolean
  /** The member that runs the embedded ledger. */
  readonly operator: string
  readonly members: readonly Founder[]
  /** The code version that runs from the first block on, base64url SHA-256. */
  readonly code?: string
}

const keyFields: Fields = {
  fields: {
    use: { k: 'enum', of: memberUses },
    alg: algSchema,
    jwk: jwkSchema,
    custody: custodySchema,
  },
}
const officerFields: Fields = {
  fields: { officer: handleSchema, kid: handleSchema, alg: algSchema, jwk: jwkSchema },
}
const founder: Fields = {
  fields: {
    code: { k: 'member' },
    kind: { k: 'enum', of: ['replica', 'participant'] },
    keys: { k: 'list', of: { k: 'record', ...keyFields }, min: 1, max: keysPerMemberMax },
    officers: { k: 'list', of: { k: 'record', ...officerFields }, min: 0, max: 64 },
    uscc: { k: 'code', kind: 'uscc' },
    rp: rpSchema,
  },
  optional: ['uscc', 'rp'],
}

/** The shape of the founders' parameters; they stand in the genesis entry word for word. */
export const genesisSchema: Schema = {
  k: 'record',
  fields: {
    practice: { k: 'bool' },
    operator: { k: 'member' },
    members: {
      k: 'list',
      of: { k: 'record', ...founder },
      min: 1,
      max: ledgerMembersMax,
    },
    code: hashSchema,
  },
  optional: ['code'],
}

/** The records with which the ledger begins, or why these parameters cannot begin one. */
export function foundersWrites(params: Value): readonly Write[] | Refusal {
  const misfit = checkValue(genesisSchema, params)
  if (misfit !== null) return misfit
  if (encodeCanonical(params as Json).length > genesisBytesMax) return no('members/members-full')
  const { practice, operator, members, code } = params as unknown as GenesisParams
  const draft = new Draft(nothing)
  draft.put([write(settingsKey, { practice, operator }), write(rollKey, { all: [], replicas: [] })])
  if (code !== undefined) draft.put([write(codeKey, [{ code, from: firstHeight }])])
  for (const [index, founding] of members.entries()) {
    const refusal = addFounder(draft, founding)
    if (refusal !== null) return { code: refusal.code, at: `members[${index}]` }
  }
  const runs = memberOf(draft, operator)
  if (runs === undefined) return no('members/unknown-member', 'operator')
  return runs.kind === 'replica' ? draft.writes() : no('members/not-replica', 'operator')
}

const nothing: Reading = { get: () => undefined }

function addFounder(draft: Draft, founding: Founder): Refusal | null {
  const { code, kind, uscc, rp, keys, officers } = founding
  if (memberOf(draft, code) !== undefined) return no('members/member-known')
  const member: Membership = {
    code,
    kind,
    state: 'active',
    from: firstHeight,
    since: firstHeight,
    ...(uscc === undefined ? {} : { uscc }),
    ...(rp === undefined ? {} : { rp: relyingParty(rp) }),
  }
  draft.put(memberWrites(draft, member))
  for (const key of keys) {
    const kid = freshKey(draft, key)
    if (isRefusal(kid)) return kid
    const { use, alg, jwk, custody } = key
    const record = { kid, member: code, use, alg, jwk, custody, from: firstHeight, until: null }
    draft.put(keyWrites(draft, code, 0, [record]))
  }
  if (!keys.some(({ use }) => use === 'command')) return no('members/last-command-key')
  if (officers.length === 0) return null
  return rp === undefined ? no('members/no-relying-party') : addOfficers(draft, code, officers)
}

function addOfficers(
  draft: Draft,
  member: string,
  officers: readonly FoundersOfficer[],
): Refusal | null {
  for (const body of officers) {
    const { officer } = body
    if (officerOf(draft, officer) !== undefined) return no('members/officer-known')
    const fresh = officersNewKey(draft, body, { member, height: 0 })
    if (isRefusal(fresh)) return fresh
    const since = firstHeight
    const record = { officer, member, state: 'active', kids: [body.kid], since } as const
    draft.put(officerWrites(record, fresh))
  }
  draft.put([write(officersKey(member), { required: true, enrolled: officers.length })])
  return null
}

/** A member of a practice ledger, as the program that makes its keys knows it. */
export type PracticeMember = {
  readonly code: string
  readonly kind?: MemberKind
  /** Public keys by use; the algorithm follows from the use. */
  readonly keys: { readonly [use in KeyUse]?: PublicJwk }
  readonly officers?: readonly FoundersOfficer[]
  readonly uscc?: string
  readonly rp?: RelyingParty
}

/**
 * Parameters of a practice ledger of these members, the first of which runs it. All keys lie in one
 * process, so all are `hosted` and never raise a trust grade.
 */
export function practiceGenesis(members: readonly PracticeMember[], code?: string): Value {
  const [first] = members
  assert(first !== undefined, 'a practice ledger has a member')
  const params: GenesisParams = {
    practice: true,
    operator: first.code,
    members: members.map(practiceFounder),
    ...(code === undefined ? {} : { code }),
  }
  return params as unknown as Value
}

function practiceFounder(member: PracticeMember): Founder {
  const keys: FoundersKey[] = []
  for (const use of memberUses) {
    const jwk = member.keys[use]
    if (jwk === undefined) continue
    const alg = jwk.kty === 'OKP' ? 'Ed25519' : jwk.kty === 'EC' ? 'ES256' : 'RS256'
    keys.push({ use, alg, jwk, custody: 'hosted' })
  }
  return {
    code: member.code,
    kind: member.kind ?? 'replica',
    keys,
    officers: member.officers ?? [],
    ...(member.uscc === undefined ? {} : { uscc: member.uscc }),
    ...(member.rp === undefined ? {} : { rp: member.rp }),
  }
}

/** What members decided for this height stands at the head of its block, as entries of its own. */
function opening(view: View, context: BlockContext): readonly Opening[] {
  const pending = pendingOf(view)
  const { upgrades, handover } = pending
  const due = upgrades.filter(({ from }) => from <= context.height)
  const leaving = handover !== undefined && handover.initialHeight <= context.height + 1
  if (due.length === 0 && !leaving) return []
  const later: Pending = {
    upgrades: upgrades.filter(({ from }) => from > context.height),
    ...(handover === undefined || leaving ? {} : { handover }),
  }
  const systems: Value[] = due.map(({ code, from }) => ({ kind: 'upgrade', code, from }))
  if (leaving) systems.push({ kind: 'handover', ...handover } as unknown as Value)
  return systems.map((system, index) => ({
    system,
    writes: index === 0 ? [write(pendingKey, later)] : [],
  }))
}

/** The lowest domain: members, keys, officers, what they decide together, marks, clock. */
export const members: Domain = {
  name: 'members',
  types: [
    ...joiningTypes,
    ...keyTypes,
    ...officerTypes,
    ...governanceTypes,
    ...standingTypes,
    ...clockTypes,
  ],
  codes: membersCodes,
  // What must be provable as current. Prefixes end in a slash, so no other record is meant.
  maps: [
    { prefix: 'members/member/', map: 'now' },
    { prefix: 'members/key/', map: 'now' },
    { prefix: 'members/accreditation/', map: 'now' },
  ],
  genesis: foundersWrites,
  opening,
}
