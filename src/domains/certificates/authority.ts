// Who may decide about certificates at all: an active member, with the approval of one of its own
// officers from the day on which it has enrolled any. What each command asks for besides stands
// with the command.
import type { Fields, Refusal } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Context, Decision, View, Write } from '#ledger/apply'
import { isActive, officersRequired } from '#domains/members'
import type { Code } from './lifecycle.ts'

/** Commands an hour that one member may send. */
export const perHour = 400_000

/** A refusal with one of this room's codes. */
export function no(code: Code, at?: string): Refusal {
  return at === undefined ? { code } : { code, at }
}

/** What differs between one command type of this room and another. */
export type Plan<Body> = {
  readonly name: string
  readonly body: Fields
  decide(view: View, body: Body, context: Context): readonly Write[] | Refusal
}

/** The command type of a plan: admission rule, approval and decision in one. */
export function commandType<Body>(plan: Plan<Body>): CommandType {
  return {
    name: plan.name,
    body: { k: 'record', ...plan.body },
    use: ['command'],
    kinds: ['replica', 'participant'],
    budget: { class: 'certificates', perHour },
    approvals: { min: 0, max: 3 },
    decide: (view, body, context): Decision => {
      const stop = unapproved(view, context)
      if (stop !== null) return stop
      const writes = plan.decide(view, body as unknown as Body, context)
      return isRefusal(writes) ? writes : { code: 'ok', writes }
    },
  }
}

/** The sender is active, and its own officers have approved where it has any. */
function unapproved(view: View, context: Context): Refusal | null {
  if (!isActive(view, context.member)) return no('certificates/not-active')
  const officers = new Set<string>()
  for (const approval of context.approvals) {
    if (approval.member !== context.member) return no('certificates/foreign-approval')
    if (officers.has(approval.officer)) return no('certificates/same-officer')
    officers.add(approval.officer)
  }
  const needed = officersRequired(view, context.member) ? 1 : 0
  return officers.size < needed ? no('certificates/officers-required') : null
}
