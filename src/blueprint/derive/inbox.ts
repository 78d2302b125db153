// The inbox of a party: its open acts that it has not signed, each with its due day, the earliest
// first. What is open is the ledger's knowledge; who must act is the blueprint's.
import type { Act, Blueprint } from '#blueprint/grammar'
import { listOf } from '#blueprint/grammar'
import { byName } from '#blueprint/check'

/** An act of a case as a read model holds it. Days are numbers of #blueprint/time. */
export type OpenAct = {
  readonly act: string
  /** The position in the list for which it is done, or null. */
  readonly element: number | null
  readonly dueDay: number | null
  /** Parties that have signed. */
  readonly signed: readonly string[]
}

/** One line of an inbox. */
export type InboxLine = {
  readonly act: string
  readonly element: number | null
  readonly dueDay: number | null
  /** Days since the due day, 0 while there is time. */
  readonly daysLate: number
  /** Parties of the act that have not signed either. */
  readonly waitingFor: readonly string[]
}

/** The lines of a party on a day, in the order of their due days and then of their names. */
export function inboxOf(
  blueprint: Blueprint,
  party: string,
  open: readonly OpenAct[],
  today: number,
): readonly InboxLine[] {
  const lines = open.flatMap((each): readonly InboxLine[] => {
    const act = blueprint.acts[each.act]
    if (act === undefined || each.signed.includes(party) || !actsFor(act, party)) return []
    const late = each.dueDay === null ? 0 : Math.max(0, today - each.dueDay)
    const others = byName(listOf(act.by)).filter(
      (name) => name !== party && !each.signed.includes(name),
    )
    const { dueDay, element } = each
    return [{ act: each.act, element, dueDay, daysLate: late, waitingFor: others }]
  })
  return [...lines].sort(earlier)
}

// Whoever records the act of another has it before him as well.
function actsFor({ by, through }: Act, party: string): boolean {
  return listOf(by).includes(party) || through === party
}

function earlier(a: InboxLine, b: InboxLine): number {
  const day = (line: InboxLine): number => line.dueDay ?? Number.MAX_SAFE_INTEGER
  if (day(a) !== day(b)) return day(a) - day(b)
  if (a.act !== b.act) return a.act < b.act ? -1 : 1
  return (a.element ?? 0) - (b.element ?? 0)
}
