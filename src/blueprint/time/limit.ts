// A statutory limit and the day on which it ends. Days on which the clock stands at their end do
// not count: so a stop of some hours within a day costs nobody a day, a stop never makes a limit
// shorter, and where it is stopped does not change how much is left.
import { addCivilMonths, addDays, addWorkingDays } from './working-days.ts'
import { isPractice, workingDaysBetween } from './working-days.ts'
import type { Calendar } from './working-days.ts'
import { dayMax, dayOfInstant, endOfDay } from './civil.ts'
import type { Span } from './span.ts'
import { isSpan } from './span.ts'
import type { TimeFault } from './texts.ts'
import { isTimeFault, timeFault } from './texts.ts'

/** What a law says about a time: all of it is data of the blueprint. */
export type Limit = {
  readonly span: Span
  /** A limit in calendar time that would end on a day of rest ends on the next working day. */
  readonly rolls?: true
  /** The longest extension that may be granted, once, in the unit of the span. */
  readonly extension?: Span
  /** Grounds on which the clock stops (Licensing Law art. 45: hearing, inspection, …). */
  readonly grounds?: readonly string[]
  /** Silence has an effect, which dates from the start or from the due day. */
  readonly deems?: 'start' | 'due'
}

/** The clock stands from `from` until before `until`; days by their numbers. */
export type StoppedDays = { readonly from: number; readonly until: number }

/** The day on which a limit ends, its last millisecond, and whether it rests on practice years. */
export type Due = { readonly day: number; readonly lastMs: number; readonly practice: boolean }

type Question = {
  readonly calendar: Calendar
  readonly from: number
  readonly stops: readonly StoppedDays[]
}

/** Marks a clock that stands before its limit is reached. */
export const standing = 'standing'

/** The days whose end finds the clock standing, of a stop between two instants (or still open). */
export function stoppedDays(fromMs: number, untilMs: number | null): StoppedDays {
  const until = untilMs === null ? Infinity : dayOfInstant(untilMs)
  return { from: dayOfInstant(fromMs), until }
}

/**
 * The due day of a span that begins at a day, with an extension of so many units (0 for none).
 * `standing` if the clock is stopped for good before that day.
 */
export function dueDay(
  limit: Limit,
  extended: number,
  question: Question,
): Due | typeof standing | TimeFault {
  const { span } = limit
  if (!isSpan(span)) return timeFault('time/bad-span')
  const { calendar, from } = question
  if (span.unit === 'wd') {
    return finish(workedDay(question, span.count + extended), { calendar, since: from })
  }
  const nominal = nominalDay(from, { unit: span.unit, count: span.count + extended })
  if (isTimeFault(nominal)) return nominal
  const counted = countedDay(question, nominal - from)
  // Plain calendar time asks no calendar, so no practice year has a say in it.
  if (counted === standing || isTimeFault(counted) || limit.rolls !== true) return finish(counted)
  const since = counted - 1
  return finish(workedDay({ ...question, from: since }, 1), { calendar, since })
}

type Asked = { readonly calendar: Calendar; readonly since: number }

function finish(
  day: number | typeof standing | TimeFault,
  asked?: Asked,
): Due | typeof standing | TimeFault {
  if (day === standing || isTimeFault(day)) return day
  const practice = asked !== undefined && isPractice(asked.calendar, asked.since + 1, day)
  return { day, lastMs: endOfDay(day), practice }
}

// The day on which a limit in calendar time would end if the clock never stood.
function nominalDay(from: number, { unit, count }: Span): number | TimeFault {
  if (unit === 'd') return addDays(from, count)
  return addCivilMonths(from, unit === 'm' ? count : count * 12)
}

// Stops in order, joined where they meet: the days between them count.
function gaps(stops: readonly StoppedDays[]): readonly StoppedDays[] {
  const sorted = stops.filter((stop) => stop.until > stop.from)
  sorted.sort((a, b) => a.from - b.from || a.until - b.until)
  const joined: { from: number; until: number }[] = []
  for (const { from, until } of sorted) {
    const last = joined.at(-1)
    if (last !== undefined && from <= last.until) last.until = Math.max(last.until, until)
    else joined.push({ from, until })
  }
  return joined
}

/** The n-th calendar day after the first that does not find the clock standing. */
function countedDay(question: Question, count: number): number | typeof standing | TimeFault {
  let day = question.from + count
  for (const { from, until } of gaps(question.stops)) {
    const begins = Math.max(from, question.from + 1)
    if (begins > day) break
    if (until === Infinity) return standing
    if (until > begins) day += until - begins
  }
  return day > dayMax ? timeFault('time/out-of-range') : day
}

/** The n-th working day after the first that does not find the clock standing. */
function workedDay(question: Question, count: number): number | typeof standing | TimeFault {
  const { calendar, stops } = question
  let left = count
  let from = question.from
  for (const stop of gaps(stops)) {
    if (stop.until <= from + 1) continue
    // The last day before the stop: if the count ends by then, the stop does not matter.
    const before = Math.max(stop.from - 1, from)
    const worked = workingDaysBetween(calendar, from, before)
    if (isTimeFault(worked)) return worked
    if (worked >= left) break
    if (stop.until === Infinity) return standing
    left -= worked
    from = stop.until - 1
  }
  const due = addWorkingDays(calendar, from, left)
  return isTimeFault(due) ? due : due.day
}
