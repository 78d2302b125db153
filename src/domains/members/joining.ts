// Coming and going of members. A member joins in recorded steps: one proposes it with the
// commitment to its agreement and its first key, the threshold of members approves exactly that,
// and the key that was approved signs the last step. A name that was used once is never used again.
import type { PublicJwk } from '#base/crypto'
import { sha256Text } from '#base/crypto'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import type { Fields, Refusal, Schema } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Context, Write } from '#ledger/apply'
import type { KeyRecord, MemberKind, Reading } from '#ledger/validate'
import type { JoiningStatus, JoiningStep, MemberStatus } from './lifecycle.ts'
import { joiningTable, memberTable, step } from './lifecycle.ts'
import type { Votes } from './authority.ts'
import { agreeing, castVote, commandType, electorate, no, refused } from './authority.ts'
import type { Membership, OfferedKey } from './records.ts'
import { Draft, joiningKey, keyWrites, memberOf, memberWrites } from './records.ts'
import { readRecord, rollOf, settingsOf, write } from './records.ts'
import { algSchema, custodySchema, endKeys, freshKey, hashSchema } from './keys.ts'
import { jwkSchema, offeredKey, proofSchema } from './keys.ts'

/** Members of one ledger, those that have left included. */
export const ledgerMembersMax = 256
/** A joining or a proposal that nobody completes lapses after 90 days. */
export const patienceMs = 7_776_000_000

/** What is proposed, and what everybody approves: word for word the same. */
type Offer = {
  readonly code: string
  readonly kind: MemberKind
  readonly document: string
  readonly key: {
    readonly alg: KeyRecord['alg']
    readonly jwk: PublicJwk
    readonly custody: KeyRecord['custody']
  }
  readonly uscc?: string
  readonly rp?: RelyingParty
}

/** Where a department's officers sign: RP ID of their passkeys, and its portals. */
export type RelyingParty = {
  readonly id: string
  readonly origins: readonly { readonly host: string; readonly port?: number }[]
}

/** A joining on its way. */
export type JoiningRecord = {
  readonly offer: Offer
  /** Hash of the offer, base64url: what approvals and the new key refer to. */
  readonly digest: string
  readonly status: Exclude<JoiningStatus, 'none' | 'lapsed'>
  readonly sponsor: string
  readonly officers: readonly string[]
  /** Block time in milliseconds after which nothing more can happen. */
  readonly until: number
  readonly votes: Votes
}

const kindSchema: Schema = { k: 'enum', of: ['replica', 'participant'] }
/** RP ID of officers' passkeys and the hosts of the portals where they are used. */
export const rpSchema: Schema = {
  k: 'record',
  fields: {
    id: { k: 'origin' },
    origins: {
      k: 'list',
      of: {
        k: 'record',
        fields: { host: { k: 'origin' }, port: { k: 'int', min: 1, max: 65_535 } },
        optional: ['port'],
      },
      min: 1,
      max: 8,
    },
  },
}
const keyFields: Fields = { fields: { alg: algSchema, jwk: jwkSchema, custody: custodySchema } }
const code: Schema = { k: 'member' }
const count: Schema = { k: 'int', min: 0, max: ledgerMembersMax }

/** The joining of a code as it stands at a time, and its record. */
function joiningOf(
  view: Reading,
  of: string,
  time: number,
): { readonly status: JoiningStatus; readonly record: JoiningRecord | undefined } {
  const record = readRecord<JoiningRecord>(view, joiningKey(of))
  if (record === undefined) return { status: 'none', record }
  const running = record.status === 'proposed' || record.status === 'approved'
  return { status: running && time > record.until ? 'lapsed' : record.status, record }
}

/** The running joining, or the refusal of this step. */
function running(
  view: Reading,
  of: { readonly code: string; readonly time: number },
  kind: JoiningStep,
): JoiningRecord | Refusal {
  const { status, record } = joiningOf(view, of.code, of.time)
  const stop = refused(step(joiningTable, status, kind))
  return stop ?? record ?? no('members/not-joining')
}

/** Where a member stands. */
export function memberStatusOf(view: Reading, of: string): MemberStatus {
  return memberOf(view, of)?.state ?? 'none'
}

const propose = commandType<Offer>({
  name: 'member.propose',
  body: {
    fields: {
      code,
      kind: kindSchema,
      document: hashSchema,
      key: { k: 'record', ...keyFields },
      uscc: { k: 'code', kind: 'uscc' },
      rp: rpSchema,
    },
    optional: ['uscc', 'rp'],
  },
  budget: 'joining',
  officers: 1,
  replicasOnly: true,
  outcome: { fields: { joining: hashSchema } },
  decide: ({ view, body, context, officers }) => {
    const { status } = joiningOf(view, body.code, context.time)
    const stop =
      refused(step(memberTable, memberStatusOf(view, body.code), 'activate')) ??
      refused(step(joiningTable, status, 'propose'))
    if (stop !== null) return stop
    if (rollOf(view).all.length >= ledgerMembersMax) return no('members/members-full')
    const kid = freshKey(view, firstKey(body))
    if (isRefusal(kid)) return kid
    const digest = sha256Text(encodeCanonical(body as unknown as Json), 'base64url')
    const record: JoiningRecord = {
      offer: body,
      digest,
      status: 'proposed',
      sponsor: context.member,
      officers,
      until: context.time + patienceMs,
      votes: {},
    }
    return { writes: [write(joiningKey(body.code), record)], outcome: { joining: digest } }
  },
})

function firstKey(offer: Offer): OfferedKey {
  return { use: 'command', ...offer.key }
}

type ApproveBody = { readonly code: string; readonly joining: string }

const approve = commandType<ApproveBody>({
  name: 'member.approve',
  body: { fields: { code, joining: hashSchema } },
  budget: 'governance',
  officers: 1,
  replicasOnly: true,
  outcome: { fields: { agreeing: count, needed: count, approved: { k: 'bool' } } },
  decide: ({ view, body, context, officers }) => {
    const record = running(view, { code: body.code, time: context.time }, 'approve')
    if (isRefusal(record)) return record
    if (record.digest !== body.joining) return no('members/joining-changed')
    const electing = electorate(view, [])
    const on = {
      votes: record.votes,
      askedBy: record.officers,
      subjects: [],
      choice: 'yes',
    } as const
    const votes = castVote({ context, officers }, on, electing)
    if (isRefusal(votes)) return votes
    const yes = agreeing(votes, electing.voters)
    const approved = yes >= electing.needed
    const status = approved ? 'approved' : record.status
    const next: JoiningRecord = { ...record, votes, status }
    return {
      writes: [write(joiningKey(body.code), next)],
      outcome: { agreeing: yes, needed: electing.needed, approved },
    }
  },
})

type WithdrawBody = { readonly code: string }

const withdraw = commandType<WithdrawBody>({
  name: 'member.withdraw',
  body: { fields: { code } },
  budget: 'joining',
  officers: 1,
  replicasOnly: true,
  decide: ({ view, body, context }) => {
    const record = running(view, { code: body.code, time: context.time }, 'withdraw')
    if (isRefusal(record)) return record
    if (record.sponsor !== context.member) return no('members/not-sponsor')
    return [write(joiningKey(body.code), { ...record, status: 'withdrawn' })]
  },
})

type ActivateBody = { readonly code: string; readonly proof: string }

const activate = commandType<ActivateBody>({
  name: 'member.activate',
  body: { fields: { code, proof: proofSchema } },
  budget: 'joining',
  // The new member's own key decides; whoever carries the command adds nothing.
  officers: 0,
  outcome: { fields: { from: { k: 'int', min: 1, max: Number.MAX_SAFE_INTEGER } } },
  decide: ({ view, body, context }) => {
    const record = running(view, { code: body.code, time: context.time }, 'activate')
    if (isRefusal(record)) return record
    const stop = refused(step(memberTable, memberStatusOf(view, body.code), 'activate'))
    if (stop !== null) return stop
    // Members may have been suspended, or have joined, since the last approval.
    const electing = electorate(view, [])
    if (agreeing(record.votes, electing.voters) < electing.needed) {
      return no('members/threshold-not-met')
    }
    if (rollOf(view).all.length >= ledgerMembersMax) return no('members/members-full')
    return admitMember(view, context, record, body.proof)
  },
})

function admitMember(
  view: Reading,
  context: Context,
  joining: JoiningRecord,
  proof: string,
): { readonly writes: readonly Write[]; readonly outcome: { readonly from: number } } | Refusal {
  const { offer } = joining
  const of = { context, member: offer.code, bound: joining.digest }
  const key = offeredKey(view, of, { ...firstKey(offer), proof })
  if (isRefusal(key)) return key
  const from = context.height + 1
  const member: Membership = {
    code: offer.code,
    kind: offer.kind,
    state: 'active',
    from,
    since: from,
    document: offer.document,
    ...(offer.uscc === undefined ? {} : { uscc: offer.uscc }),
    ...(offer.rp === undefined ? {} : { rp: relyingParty(offer.rp) }),
  }
  const draft = new Draft(view)
  draft.put(memberWrites(draft, member))
  draft.put(keyWrites(draft, offer.code, context.height, [key]))
  draft.put([write(joiningKey(offer.code), { ...joining, status: 'activated' })])
  return { writes: draft.writes(), outcome: { from } }
}

/**
 * The relying party as admission compares it: serialised origins (RFC 6454 §6.2), HTTPS but on the
 * machine itself, the scheme's own port left out.
 */
export function relyingParty(rp: RelyingParty): NonNullable<Membership['rp']> {
  const origins = rp.origins.map(({ host, port }) => {
    const scheme = host === 'localhost' ? 'http' : 'https'
    const own = scheme === 'http' ? 80 : 443
    return `${scheme}://${host}${port === undefined || port === own ? '' : `:${port}`}`
  })
  return { id: rp.id, origins }
}

/** Whether this is the only active replica: without it nobody could decide anything. */
export function isLastReplica(view: Reading, of: string): boolean {
  const { replicas } = rollOf(view)
  return replicas.length === 1 && replicas[0] === of
}

/** Ends a membership with the next block: its state, its keys, and who answers for it. */
export function endMember(
  view: Reading,
  of: { readonly code: string; readonly context: Context; readonly to?: string },
): readonly Write[] {
  const { code: leaving, context, to } = of
  const member = memberOf(view, leaving)
  if (member === undefined) return []
  const { height, time } = context
  const record: Membership = {
    ...member,
    state: 'left',
    since: height + 1,
    endedAt: time,
    ...(to === undefined ? {} : { succeededBy: to }),
  }
  const draft = new Draft(view)
  draft.put(memberWrites(draft, record))
  draft.put(keyWrites(draft, leaving, height, endKeys(draft, leaving, height, null)))
  return draft.writes()
}

type NoBody = { readonly [name: string]: never }

const leave = commandType<NoBody>({
  name: 'member.leave',
  body: { fields: {} },
  budget: 'joining',
  officers: 2,
  decide: ({ view, context }) => {
    const { member } = context
    const stop = refused(step(memberTable, memberStatusOf(view, member), 'leave'))
    if (stop !== null) return stop
    if (isLastReplica(view, member)) return no('members/last-replica')
    if (settingsOf(view).operator === member) return no('members/is-operator')
    return endMember(view, { code: member, context })
  },
})

type OriginsBody = { readonly rp: RelyingParty }

const origins = commandType<OriginsBody>({
  name: 'member.origins',
  body: { fields: { rp: rpSchema } },
  budget: 'joining',
  // Where officers sign is as much as who signs.
  officers: 2,
  decide: ({ view, body, context }) => {
    const member = memberOf(view, context.member)
    if (member === undefined) return no('members/unknown-member')
    return memberWrites(view, { ...member, rp: relyingParty(body.rp) })
  },
})

export const joiningTypes: readonly CommandType[] = [
  propose,
  approve,
  withdraw,
  activate,
  leave,
  origins,
]
