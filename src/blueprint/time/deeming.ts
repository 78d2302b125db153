// Silence that a law gives an effect. Deeming changes rights, so it is computed from facts that a
// ledger proves: the task was delivered, the whole limit has passed since then, nobody declared an
// outage in that time, and a published calendar says so. The effect has the day that the law names;
// its record has the day of the tick. Both are kept.
import { dayOfInstant, isInstant } from './civil.ts'
import type { Clock, Term } from './clock.ts'
import { dueOf } from './clock.ts'
import type { Due } from './limit.ts'
import { standing } from './limit.ts'
import type { TimeFault } from './texts.ts'
import { isTimeFault, timeFault } from './texts.ts'

/** An interval in which the service was declared to be down; `untilMs` null while it lasts. */
export type Outage = { readonly fromMs: number; readonly untilMs: number | null }

/** What is known at the tick. */
export type Facts = {
  readonly nowMs: number
  /** When the node of whoever is silent acknowledged the task, or null. */
  readonly deliveredMs: number | null
  readonly outages: readonly Outage[]
  /** A practice ledger may deem by a calendar without a published notice. */
  readonly practiceLedger: boolean
}

/** What silence means: from which day it has effect, and on which day that is recorded. */
export type Deemed = {
  readonly effectDay: number
  readonly recordedDay: number
  readonly due: Due
}

/** The effect of silence at an instant, or why there is none. */
export function deem(term: Term, clock: Clock, facts: Facts): Deemed | TimeFault {
  const { nowMs, deliveredMs, outages } = facts
  const { deems } = term.limit
  if (deems === undefined) return timeFault('time/never-deemed', 'deems')
  if (!isInstant(nowMs)) return timeFault('time/out-of-range')
  if (clock.endedMs !== null) return timeFault('time/ended')
  if (deliveredMs === null || deliveredMs > nowMs) return timeFault('time/not-delivered')
  const due = dueOf(term, clock)
  if (isTimeFault(due)) return due
  // Whoever was told late has had the whole time only if it is counted from then.
  const late = dueOf(term, { ...clock, startedMs: Math.max(clock.startedMs, deliveredMs) })
  if (isTimeFault(late)) return late
  if (due === standing || late === standing || nowMs <= late.lastMs) {
    return timeFault('time/not-due')
  }
  if (outages.some((outage) => touches(outage, clock.startedMs, late.lastMs))) {
    return timeFault('time/outage')
  }
  if ((due.practice || late.practice) && !facts.practiceLedger) {
    return timeFault('time/practice-calendar')
  }
  const effectDay = deems === 'start' ? dayOfInstant(clock.startedMs) : due.day
  return { effectDay, recordedDay: dayOfInstant(nowMs), due }
}

function touches({ fromMs, untilMs }: Outage, firstMs: number, lastMs: number): boolean {
  return fromMs <= lastMs && (untilMs === null || untilMs > firstMs)
}
