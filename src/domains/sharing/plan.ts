// How a command of this room is asked and refused: who may send it and how often, by whose
// approval, and the codes of its refusals, each of which speaks of authority and never of content.
import type { Fields, Refusal, Schema, Value } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Context, Decision, View, Write } from '#ledger/apply'
import { isActive } from '#domains/members'

/** Every refusal of this room. The page docs/protocol/codes.md says what to do about each. */
export const sharingCodes = [
  'sharing/not-active',
  'sharing/unknown-case',
  'sharing/unknown-name',
  'sharing/no-purpose',
  'sharing/case-closed',
  'sharing/not-party',
  'sharing/act-not-open',
  'sharing/not-owed',
  'sharing/no-consent',
  'sharing/law-not-in-force',
  'sharing/field-not-read',
  'sharing/too-many-unacknowledged',
  'sharing/unknown-officer',
  'sharing/wrong-slot',
  'sharing/used-tag',
  'sharing/unknown-permit',
  'sharing/not-owner',
  'sharing/not-reader',
  'sharing/already-closed',
  'sharing/not-one-sided',
  'sharing/already-tagged',
  'sharing/too-early',
  'sharing/views-shrank',
  'sharing/bad-document',
  'sharing/no-duty',
  'sharing/no-class',
  'sharing/no-law',
  'sharing/no-update',
  'sharing/no-steward',
  'sharing/no-resource',
  'sharing/steward-unknown',
  'sharing/steward-not-signed',
  'sharing/foreign-approval',
  'sharing/changed-meanwhile',
  'sharing/resource-known',
  'sharing/unknown-item',
  'sharing/unknown-resource',
  'sharing/own-counter-signature',
  'sharing/state-differs',
  'sharing/second-person',
  'sharing/bad-time',
] as const

export type Code = (typeof sharingCodes)[number]

/** A refusal with one of this room's codes. */
export function no(code: Code, at?: string): Refusal {
  return at === undefined ? { code } : { code, at }
}

/** A decoded body, whose shape was checked at admission, and what it is decided over. */
export type Question<Body> = {
  readonly view: View
  readonly body: Body
  readonly context: Context
}

/** Writes with an outcome for the entry. */
export type Decided = { readonly writes: readonly Write[]; readonly outcome: Value }

/** Commands an hour that one member may send, and how many of them may be refused in `apply`. */
const hourly = {
  reads: { perHour: 720_000, refusedPerHour: 3_600 },
  receipts: { perHour: 72_000, refusedPerHour: 3_600 },
  views: { perHour: 48 },
  watches: { perHour: 36_000 },
  catalogue: { perHour: 600 },
  drift: { perHour: 7_200 },
} as const

/** Most officers who approve one command of this room. */
export const approvalsMax = 3

/** What differs between one command type of this room and another. */
export type Plan<Body> = {
  readonly name: string
  readonly body: Fields
  readonly budget: keyof typeof hourly
  /** Officers may approve it. */
  readonly approved?: true
  readonly documents?: (body: Body) => readonly string[]
  readonly outcome?: Fields
  readonly decide: (question: Question<Body>) => readonly Write[] | Refusal | Decided
}

/** The command type of a plan. */
export function commandType<Body>(plan: Plan<Body>): CommandType {
  const { documents } = plan
  return {
    name: plan.name,
    body: { k: 'record', ...plan.body },
    use: ['command'],
    kinds: ['replica', 'participant'],
    budget: { class: `sharing-${plan.budget}`, ...hourly[plan.budget] },
    approvals: { min: 0, max: plan.approved === true ? approvalsMax : 0 },
    ...(documents === undefined ? {} : { documents: (body) => documents(body as unknown as Body) }),
    ...(plan.outcome === undefined ? {} : { outcome: { k: 'record', ...plan.outcome } }),
    decide: (view, body, context) => {
      if (!isActive(view, context.member)) return no('sharing/not-active')
      const foreign = context.approvals.some(({ member }) => member !== context.member)
      if (foreign) return no('sharing/foreign-approval')
      return decision(plan.decide({ view, body: body as unknown as Body, context }))
    },
  }
}

function decision(result: readonly Write[] | Refusal | Decided): Decision {
  if (isRefusal(result)) return result
  if ('outcome' in result) return { code: 'ok', writes: result.writes, outcome: result.outcome }
  return { code: 'ok', writes: result }
}

export const id: Schema = { k: 'bytes', length: 16 }
export const digest: Schema = { k: 'bytes', length: 32 }
export const name: Schema = { k: 'name' }
export const index: Schema = { k: 'int', min: 0, max: Number.MAX_SAFE_INTEGER }
export const element: Schema = { k: 'int', min: 0, max: 1_000 }
/** Tags by slot; the persons of a slot with several are `slot.0`, `slot.1`, and so on. */
export const tags: Schema = { k: 'map', key: 'name', of: digest, max: 64 }
