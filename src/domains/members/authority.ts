// Who may decide. A command of this room is sent by an active member; a member that has enrolled
// officers needs their approval; nobody approves what he asked for or what concerns himself; and
// what changes the ledger's order needs a threshold of distinct members. There is no other way in.
import { assert } from '#base/assert'
import type { Fields, Refusal, Schema, Value } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Context, Decision, View, Write } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import type { Code, Outcome } from './lifecycle.ts'
import { isActive, officersOf, rollOf } from './records.ts'

/** A decoded body; its shape was checked at admission. */
export type Question<Body> = {
  readonly view: View
  readonly body: Body
  readonly context: Context
  /** Officers of the sending member who approved, all different. */
  readonly officers: readonly string[]
}

/** What differs between one command type of this room and another. */
export type CommandPlan<Body> = {
  readonly name: string
  readonly body: Fields
  /** Budget class and commands an hour. */
  readonly budget: keyof typeof hourly
  /** Officers who must approve once the department has enrolled any. */
  readonly officers: number | ((view: View) => number)
  /** Officers who may not be among them: the command concerns them. */
  readonly concerns?: (body: Body, view: View) => readonly string[]
  /** Only members that hold the whole ledger may send it. */
  readonly replicasOnly?: true
  readonly alone?: true
  /** Its body's `time` is the block's. */
  readonly confirmsTime?: true
  readonly outcome?: Fields
  readonly decide: (question: Question<Body>) => readonly Write[] | Refusal | Decided
}

/** Writes with an outcome for the entry. */
export type Decided = { readonly writes: readonly Write[]; readonly outcome: Value }

/** Commands an hour that one member may send, by budget class. */
export const hourly = {
  joining: 60,
  keys: 120,
  officers: 600,
  governance: 240,
  accreditation: 240,
  marks: 3_600,
  clock: 24,
} as const

/** More approvals than this are not admitted. */
export const approvalsMax = 3

/** The command type of a plan: admission rule and decision in one. */
export function commandType<Body>(plan: CommandPlan<Body>): CommandType {
  return {
    name: plan.name,
    body: { k: 'record', ...plan.body },
    use: ['command'],
    kinds: plan.replicasOnly === true ? ['replica'] : ['replica', 'participant'],
    budget: { class: plan.budget, perHour: hourly[plan.budget] },
    approvals: { min: 0, max: approvalsMax },
    ...(plan.alone === true ? { alone: true } : {}),
    ...(plan.confirmsTime === true ? { confirmsTime: true } : {}),
    ...(plan.outcome === undefined ? {} : { outcome: record(plan.outcome) }),
    decide: (view, body, context) => {
      const decoded = body as unknown as Body
      const concerned = plan.concerns?.(decoded, view) ?? []
      const need = typeof plan.officers === 'number' ? plan.officers : plan.officers(view)
      const officers = approvingOfficers(view, context, { need, concerned })
      if (isRefusal(officers)) return officers
      return decision(plan.decide({ view, body: decoded, context, officers }))
    },
  }
}

function record(fields: Fields): Schema {
  return { k: 'record', ...fields }
}

function decision(result: readonly Write[] | Refusal | Decided): Decision {
  if (isRefusal(result)) return result
  if ('outcome' in result) return { code: 'ok', writes: result.writes, outcome: result.outcome }
  return { code: 'ok', writes: result }
}

/** A refusal with one of this room's codes. */
export function no(code: Code, at?: string): Refusal {
  return at === undefined ? { code } : { code, at }
}

/** The refusal of a step that a lifecycle does not have, or null. */
export function refused<Status extends string>(outcome: Outcome<Status>): Refusal | null {
  return 'refuse' in outcome ? no(outcome.refuse) : null
}

/**
 * The officers who approved, or the refusal: sender not active, an officer of another department,
 * one officer twice, one whom the command concerns, or too few of them. A department that has
 * enrolled fewer officers than `need` is asked for as many as it has enrolled.
 */
function approvingOfficers(
  view: View,
  context: Context,
  rule: { readonly need: number; readonly concerned: readonly string[] },
): readonly string[] | Refusal {
  if (!isActive(view, context.member)) return no('members/not-active')
  const officers: string[] = []
  for (const approval of context.approvals) {
    if (approval.member !== context.member) return no('members/foreign-approval')
    if (rule.concerned.includes(approval.officer)) return no('members/own-approval')
    if (officers.includes(approval.officer)) return no('members/same-officer')
    officers.push(approval.officer)
  }
  const { required, enrolled } = officersOf(view, context.member)
  const need = required ? Math.min(rule.need, enrolled) : 0
  return officers.length < need ? no('members/officers-required') : officers
}

/**
 * How many of `count` members decide together: all of one or two, two of three, and from four on
 * more than two thirds. Two deciding groups always share a member.
 */
export function threshold(count: number): number {
  assert(count >= 1, 'somebody must be able to decide')
  if (count <= 2) return count
  return count === 3 ? 2 : Math.floor((2 * count) / 3) + 1
}

/** Who may vote on something, and how many of them must agree. */
export type Electorate = { readonly voters: readonly string[]; readonly needed: number }

/**
 * The active replicas without those whom the matter concerns. The others need their own threshold
 * and, as far as there are so many, a majority of all. Where it concerns everybody, all must agree.
 */
export function electorate(view: Reading, subjects: readonly string[]): Electorate {
  const { replicas } = rollOf(view)
  const others = replicas.filter((code) => !subjects.includes(code))
  if (others.length === 0) return { voters: replicas, needed: replicas.length }
  if (others.length === replicas.length) {
    return { voters: replicas, needed: threshold(replicas.length) }
  }
  const majority = Math.floor(replicas.length / 2) + 1
  const needed = Math.max(majority, threshold(others.length))
  return { voters: others, needed: Math.min(others.length, needed) }
}

/** What one member said, when and by whom. */
export type Vote = {
  readonly choice: 'yes' | 'no'
  readonly officers: readonly string[]
  readonly height: number
}

export type Votes = { readonly [member: string]: Vote }

/** How many of today's voters say yes; votes of others count for nothing. */
export function agreeing(votes: Votes, voters: readonly string[]): number {
  return voters.filter((code) => votes[code]?.choice === 'yes').length
}

/**
 * Records the vote of the sending member on what others (or another officer of it) asked for. The
 * officers who asked may not be those who agree.
 */
export function castVote(
  question: { readonly context: Context; readonly officers: readonly string[] },
  on: {
    readonly votes: Votes
    readonly askedBy: readonly string[]
    readonly subjects: readonly string[]
    readonly choice: 'yes' | 'no'
  },
  electing: Electorate,
): Votes | Refusal {
  const { context, officers } = question
  if (!electing.voters.includes(context.member)) {
    return no(on.subjects.includes(context.member) ? 'members/own-affair' : 'members/not-replica')
  }
  if (officers.some((officer) => on.askedBy.includes(officer))) return no('members/same-officer')
  const vote: Vote = { choice: on.choice, officers, height: context.height }
  return { ...on.votes, [context.member]: vote }
}
