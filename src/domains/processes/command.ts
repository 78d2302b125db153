// What the commands of this room have in common: their refusal codes, the leaves of their schemas,
// and who must have approved. A refusal speaks of authority, order, inputs and time; what content
// allows is judged by whoever sees content, and is never said here.
import type { Fields, Refusal, Schema, Value } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Context, Decision, View, Write } from '#ledger/apply'
import { isActive, officersRequired } from '#domains/members'

/** Every code of this room, with what it says. */
export const codeTexts = {
  'processes/act-not-open': 'the act waits for something, is settled, or does not exist',
  'processes/already-agreed': 'this member has agreed to the blueprint',
  'processes/already-filed': 'the case, slot or handle is taken',
  'processes/already-published': 'a blueprint or calendar of this identity is published',
  'processes/answered': 'the source has answered, so nothing takes the place of its answer',
  'processes/bad-blueprint': 'the publication does not pass the check',
  'processes/bad-calendar': 'the document is no calendar, or not the next year of the one in use',
  'processes/bad-document': 'the named document is not what the command needs',
  'processes/bad-element': 'an element is missing, not asked for, or beyond the list',
  'processes/bad-public': 'the public values do not fit the type',
  'processes/bad-time': 'the answer is dated in the future',
  'processes/case-closed': 'the case has ended',
  'processes/claimed': 'the register has denied the claim, or the handle is another claim’s',
  'processes/hold-broken': 'an invariant over public quantities would not hold',
  'processes/identification-too-low': 'the person was identified less surely than is asked',
  'processes/is-final': 'an act that moved money or the world is not undone',
  'processes/no-consent': 'the consent under which the act reads was withdrawn',
  'processes/no-such-name': 'the blueprint does not declare this name',
  'processes/not-a-consent': 'no act reads under this item',
  'processes/not-active': 'the blueprint or the member is not in force',
  'processes/not-asked': 'nobody asks for this, or not now',
  'processes/not-claimed': 'the claim on the object has not been granted',
  'processes/not-concluded': 'the case has no outcome that this could follow',
  'processes/not-delivered': 'the result is not there yet',
  'processes/not-disputed': 'nobody disputes this',
  'processes/not-due': 'no time has passed that has an effect',
  'processes/not-party': 'the sender has no part in this',
  'processes/not-taken': 'the task was not delivered to whoever is silent',
  'processes/not-the-source': 'somebody else answers for this item, or not in this way',
  'processes/notice-given': 'what is missing has been said once',
  'processes/officers-required': 'the department’s officers have not approved',
  'processes/outage': 'silence during a declared outage means nothing',
  'processes/scenario-failed': 'a scenario does not end as it says',
  'processes/stale-evidence': 'an input is older than the act allows',
  'processes/stale-read': 'an input has another generation than the command names',
  'processes/too-late': 'the time for this has passed',
  'processes/too-many': 'the case has as much of this as it may have',
  'processes/unknown-blueprint': 'no blueprint of this identity is published',
  'processes/unknown-case': 'there is no such case',
  'processes/wrong-clock': 'the clock is not in a state that allows this',
  'processes/wrong-parts': 'the number of commitments is not that of the item',
  'processes/wrong-slot': 'a slot is missing, unknown, or of another generation',
} as const

export type ProcessesCode = keyof typeof codeTexts

/** The codes of this room, in order. */
export const processesCodes: readonly ProcessesCode[] = Object.freeze(
  Object.keys(codeTexts) as ProcessesCode[],
)

/** A refusal with one of this room's codes. */
export function no(code: ProcessesCode, at?: string): Refusal {
  return at === undefined ? { code } : { code, at }
}

export const id16: Schema = { k: 'bytes', length: 16 }
export const b32: Schema = { k: 'bytes', length: 32 }
export const name: Schema = { k: 'name' }
export const member: Schema = { k: 'member' }
export const time: Schema = { k: 'int', min: 0, max: Number.MAX_SAFE_INTEGER }
/** Elements of a list of persons or things, from 0. */
export const element: Schema = { k: 'int', min: 0, max: 1_023 }
export const generation: Schema = { k: 'int', min: 0, max: 1_000_000 }
/** Commitments of one command. */
export const partsMax = 256
export const parts: Schema = { k: 'list', of: b32, min: 0, max: partsMax }
export const gensByName: Schema = { k: 'map', key: 'name', of: generation, max: 64 }
export const partsByName: Schema = { k: 'map', key: 'name', of: parts, max: 8 }

/** Commands an hour that one member may send, by budget class. */
const hourly = { cases: 2_000_000, clocks: 500_000, publishing: 240 } as const

/** More approvals of officers than this are not admitted. */
export const officersMax = 4

/** A decoded body; its shape was checked at admission. */
export type Question<Body> = {
  readonly view: View
  readonly body: Body
  readonly context: Context
}

/** What differs between one command of this room and another. */
export type Plan<Body> = {
  readonly name: string
  readonly body: Fields
  readonly budget: keyof typeof hourly
  readonly documents?: (body: Body) => readonly string[]
  readonly outcome?: Fields
  readonly decide: (question: Question<Body>) => readonly Write[] | Refusal | Decided
}

/** Writes with an outcome for the entry. */
export type Decided = { readonly writes: readonly Write[]; readonly outcome: Value }

/** The command type of a plan: admission rule and decision in one. */
export function commandType<Body>(plan: Plan<Body>): CommandType {
  const { documents } = plan
  return {
    name: plan.name,
    body: { k: 'record', ...plan.body },
    use: ['command'],
    kinds: ['replica', 'participant'],
    budget: { class: plan.budget, perHour: hourly[plan.budget] },
    approvals: { min: 0, max: officersMax },
    ...(documents === undefined ? {} : { documents: (body) => documents(body as unknown as Body) }),
    ...(plan.outcome === undefined ? {} : { outcome: { k: 'record', ...plan.outcome } }),
    decide: (view, body, context) => {
      if (!isActive(view, context.member)) return no('processes/not-active')
      return decision(plan.decide({ view, body: body as unknown as Body, context }))
    },
  }
}

function decision(result: readonly Write[] | Refusal | Decided): Decision {
  if (isRefusal(result)) return result
  if ('outcome' in result) return { code: 'ok', writes: result.writes, outcome: result.outcome }
  return { code: 'ok', writes: result }
}

/**
 * Why the approvals do not carry a decisive act, or null: once a department has enrolled officers,
 * as many different ones of them as posts sign must have approved (DESIGN §9).
 */
export function officersRefused(view: View, context: Context, posts: number): Refusal | null {
  if (posts === 0 || !officersRequired(view, context.member)) return null
  const own = context.approvals.filter((approval) => approval.member === context.member)
  const officers = new Set(own.map((approval) => approval.officer))
  return officers.size < posts ? no('processes/officers-required') : null
}
