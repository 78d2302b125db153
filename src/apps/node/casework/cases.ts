// A case as a department sees it now: what the ledger says of it, the application to which it is
// pinned, and the judge of that application. Nothing is kept between two looks but compiled
// applications, which all departments of a process share.
import type { Json } from '#base/canonical'
import { addMonths, dayOfInstant, endOfDay, parseSpan, textOfDay } from '#blueprint/time'
import { judgeOf } from '#blueprint/judge'
import type { Judge } from '#blueprint/judge'
import { blueprintOf, caseOf } from '#domains/processes'
import type { CaseFacts, Compiled } from '#domains/processes'
import type { LedgerPort } from '#apps/node/ledger-port'

/** One case at a durable height. */
export type CaseNow = {
  readonly id: string
  readonly facts: CaseFacts
  readonly compiled: Compiled
  readonly judge: Judge
  /** Ledger time, Unix milliseconds. */
  readonly time: number
  /** The civil day of ledger time, `YYYY-MM-DD`. */
  readonly day: string
}

const judges: WeakMap<Compiled, Judge> = new WeakMap()

/** The judge of a compiled application, made once. */
export function judgeFor(compiled: Compiled): Judge {
  let judge = judges.get(compiled)
  if (judge === undefined) {
    judge = judgeOf(compiled.blueprint, compiled.types)
    judges.set(compiled, judge)
  }
  return judge
}

/** A case as it stands durably, or null if there is none. */
export function caseNow(port: Pick<LedgerPort, 'view' | 'head'>, id: string): CaseNow | null {
  const view = port.view()
  const facts = caseOf(view, id)
  if (facts === undefined) return null
  const compiled = blueprintOf(view, facts.blueprint)
  if (compiled === undefined) return null
  const { time } = port.head()
  return { id, facts, compiled, judge: judgeFor(compiled), time, day: dayOf(time) }
}

/** The civil day of an instant in China, `YYYY-MM-DD`. */
export function dayOf(ms: number): string {
  return textOfDay(dayOfInstant(ms))
}

/** The end of the day on which a span that began at an instant is over, Unix milliseconds. */
export function spanEnd(text: string | undefined, from: number): number | undefined {
  const span = text === undefined ? null : parseSpan(text)
  if (span === null) return undefined
  const { count, unit } = span
  const day = dayOfInstant(from)
  const months = unit === 'y' ? count * 12 : count
  const end = unit === 'y' || unit === 'm' ? addMonths(day, months) : day + count
  return end === null ? undefined : endOfDay(end)
}

/** A member of an object, if it is an object and has it. */
export function memberOf(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const members = value as { readonly [name: string]: Json }
  return Object.hasOwn(members, name) ? members[name] : undefined
}
