// Deciding together: a proposal names one action of the closed list; members vote on its hash, one
// vote a member; what has its threshold is carried out by anybody's command, counted once more on
// that day. Who proposed for a member does not vote for it, and whom it concerns does not vote.
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import type { Refusal, Schema } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Write } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import type { ProposalStatus, ProposalStep } from './lifecycle.ts'
import { proposalTable, step } from './lifecycle.ts'
import type { Votes } from './authority.ts'
import { agreeing, castVote, commandType, electorate, no, refused } from './authority.ts'
import { proposalKey, readRecord, write } from './records.ts'
import { handleSchema, hashSchema, heightSchema } from './keys.ts'
import { ledgerMembersMax, patienceMs } from './joining.ts'
import type { Action } from './actions.ts'
import { actionSchema, carryOut, delayOf, subjectsOf } from './actions.ts'

/** A proposal and its votes. Times are block times in milliseconds. */
export type ProposalRecord = {
  readonly proposal: string
  readonly action: Action
  /** SHA-256 of the canonical action, base64url: what a vote is for. */
  readonly digest: string
  readonly status: Exclude<ProposalStatus, 'none' | 'lapsed'>
  readonly by: string
  readonly officers: readonly string[]
  readonly until: number
  /** When the threshold was last reached, or 0. */
  readonly passedAt: number
  readonly votes: Votes
}

const count: Schema = { k: 'int', min: 0, max: ledgerMembersMax }

/** The hash by which members vote for an action. */
export function actionDigest(action: Action): string {
  return sha256Text(encodeCanonical(action as unknown as Json), 'base64url')
}

/** A proposal's record, or undefined. */
export function proposalOf(view: Reading, proposal: string): ProposalRecord | undefined {
  return readRecord<ProposalRecord>(view, proposalKey(proposal))
}

/** Where a proposal stands at a time: what nobody completes lapses. */
export function proposalStatusAt(record: ProposalRecord | undefined, time: number): ProposalStatus {
  if (record === undefined) return 'none'
  const open = record.status === 'open' || record.status === 'passed'
  return open && time > record.until ? 'lapsed' : record.status
}

function proposalFor(
  view: Reading,
  of: { readonly proposal: string; readonly time: number },
  kind: ProposalStep,
): ProposalRecord | Refusal {
  const record = proposalOf(view, of.proposal)
  const stop = refused(step(proposalTable, proposalStatusAt(record, of.time), kind))
  return stop ?? record ?? no('members/proposal-unknown')
}

type ProposeBody = { readonly proposal: string; readonly action: Action }

const propose = commandType<ProposeBody>({
  name: 'governance.propose',
  body: { fields: { proposal: handleSchema, action: actionSchema } },
  budget: 'governance',
  officers: 1,
  replicasOnly: true,
  outcome: { fields: { action: hashSchema } },
  decide: ({ view, body, context, officers }) => {
    const { proposal, action } = body
    const known = proposalOf(view, proposal)
    const stop = refused(step(proposalTable, proposalStatusAt(known, context.time), 'propose'))
    if (stop !== null) return stop
    const trial = carryOut(view, action, context)
    if (isRefusal(trial)) return trial
    const digest = actionDigest(action)
    const record: ProposalRecord = {
      proposal,
      action,
      digest,
      status: 'open',
      by: context.member,
      officers,
      until: context.time + patienceMs,
      passedAt: 0,
      votes: {},
    }
    return { writes: [write(proposalKey(proposal), record)], outcome: { action: digest } }
  },
})

type VoteBody = {
  readonly proposal: string
  readonly action: string
  readonly choice: 'yes' | 'no'
}

const vote = commandType<VoteBody>({
  name: 'governance.vote',
  body: {
    fields: {
      proposal: handleSchema,
      action: hashSchema,
      choice: { k: 'enum', of: ['yes', 'no'] },
    },
  },
  budget: 'governance',
  officers: 1,
  replicasOnly: true,
  outcome: { fields: { agreeing: count, needed: count, passed: { k: 'bool' } } },
  decide: ({ view, body, context, officers }) => {
    const record = proposalFor(view, { proposal: body.proposal, time: context.time }, 'vote')
    if (isRefusal(record)) return record
    if (record.digest !== body.action) return no('members/proposal-changed')
    const subjects = subjectsOf(record.action)
    const electing = electorate(view, subjects)
    const on = { votes: record.votes, askedBy: record.officers, subjects, choice: body.choice }
    const votes = castVote({ context, officers }, on, electing)
    if (isRefusal(votes)) return votes
    const yes = agreeing(votes, electing.voters)
    const passed = yes >= electing.needed
    const outcome = step(proposalTable, record.status, passed ? 'pass' : 'vote')
    if ('refuse' in outcome) return no(outcome.refuse)
    const since = record.status === 'passed' ? record.passedAt : context.time
    const next = { ...record, votes, status: outcome.to, passedAt: passed ? since : 0 }
    return {
      writes: [write(proposalKey(body.proposal), next)],
      outcome: { agreeing: yes, needed: electing.needed, passed },
    }
  },
})

type ProposalBody = { readonly proposal: string }

const execute = commandType<ProposalBody>({
  name: 'governance.execute',
  body: { fields: { proposal: handleSchema } },
  budget: 'governance',
  // The members have decided; this command only says that it is time.
  officers: 0,
  replicasOnly: true,
  outcome: { fields: { action: hashSchema, from: heightSchema } },
  decide: ({ view, body, context }) => {
    const record = proposalFor(view, { proposal: body.proposal, time: context.time }, 'execute')
    if (isRefusal(record)) return record
    // Voters may have been suspended, and members may have joined, since the vote.
    const electing = electorate(view, subjectsOf(record.action))
    if (agreeing(record.votes, electing.voters) < electing.needed) {
      return no('members/threshold-not-met')
    }
    if (context.time < record.passedAt + delayOf(record.action)) return no('members/too-early')
    const effects = carryOut(view, record.action, context)
    if (isRefusal(effects)) return effects
    const done = write(proposalKey(body.proposal), { ...record, status: 'executed' })
    const writes: readonly Write[] = [...effects, done]
    return { writes, outcome: { action: record.digest, from: context.height + 1 } }
  },
})

const withdraw = commandType<ProposalBody>({
  name: 'governance.withdraw',
  body: { fields: { proposal: handleSchema } },
  budget: 'governance',
  officers: 1,
  replicasOnly: true,
  decide: ({ view, body, context }) => {
    const record = proposalFor(view, { proposal: body.proposal, time: context.time }, 'withdraw')
    if (isRefusal(record)) return record
    if (record.by !== context.member) return no('members/not-proposer')
    return [write(proposalKey(body.proposal), { ...record, status: 'withdrawn' })]
  },
})

const veto = commandType<ProposalBody>({
  name: 'member.veto',
  body: { fields: { proposal: handleSchema } },
  budget: 'governance',
  // Whoever still holds the key says that it is not lost; an officer may not be at hand at night.
  officers: 0,
  decide: ({ view, body, context }) => {
    const record = proposalFor(view, { proposal: body.proposal, time: context.time }, 'veto')
    if (isRefusal(record)) return record
    if (record.action.kind !== 'rekey') return no('members/no-veto')
    if (record.action.member !== context.member) return no('members/not-subject')
    return [write(proposalKey(body.proposal), { ...record, status: 'vetoed' })]
  },
})

export const governanceTypes: readonly CommandType[] = [propose, vote, execute, withdraw, veto]
