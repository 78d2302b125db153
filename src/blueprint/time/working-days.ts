// Counting over a run of years. A day is worked if a notice says so, or if it is a Monday to Friday
// that no notice frees. The day from which a span runs does not count; the last counted day is the
// due day. A day beyond the calendar has no answer: it is a fault, never a guess.
import { assert } from '#base/assert'
import { addMonths, civilOf, dayNumber, isDay, isWeekend } from './civil.ts'
import type { YearCalendar } from './calendar.ts'
import type { TimeFault } from './texts.ts'
import { timeFault } from './texts.ts'

/** The working days of consecutive years. */
export type Calendar = {
  readonly name: string
  readonly firstDay: number
  readonly lastDay: number
  /** How many working days there are from `firstDay` on before the day at each position. */
  readonly before: Uint32Array
  /** Years without a published notice. */
  readonly practice: ReadonlySet<number>
}

/** A day that was counted, and whether a year without a published notice had a say in it. */
export type Counted = { readonly day: number; readonly practice: boolean }

const yearsMax = 100

/** Joins the calendars of consecutive years, in order; one place only. */
export function joinCalendars(years: readonly YearCalendar[]): Calendar | TimeFault {
  const [first] = years
  const last = years.at(-1)
  if (first === undefined || last === undefined || years.length > yearsMax) {
    return timeFault('time/no-calendar')
  }
  for (const [at, { calendar, year }] of years.entries()) {
    if (calendar !== first.calendar) return timeFault('time/other-calendar', `${at}`)
    if (year !== first.year + at) return timeFault('time/year-missing', `${at}`)
  }
  const firstDay = dayOf(first.year, 1, 1)
  const lastDay = dayOf(last.year, 12, 31)
  const off = new Set(years.flatMap((year) => year.off))
  const work = new Set(years.flatMap((year) => year.work))
  const before = new Uint32Array(lastDay - firstDay + 2)
  for (let day = firstDay; day <= lastDay; day += 1) {
    const worked = work.has(day) || (!isWeekend(day) && !off.has(day))
    const at = day - firstDay
    before[at + 1] = (before[at] as number) + (worked ? 1 : 0)
  }
  const unpublished = years.filter(({ status }) => status === 'practice')
  const practice = new Set(unpublished.map(({ year }) => year))
  return { name: first.calendar, firstDay, lastDay, before, practice }
}

function dayOf(year: number, month: number, day: number): number {
  const found = dayNumber(year, month, day)
  assert(found !== null, 'a checked calendar has a year with days')
  return found
}

/** Whether the calendar answers for a day. */
export function covers(calendar: Calendar, day: number): boolean {
  return day >= calendar.firstDay && day <= calendar.lastDay
}

/** Whether a day is worked, or null beyond the calendar. */
export function isWorkingDay(calendar: Calendar, day: number): boolean | null {
  return covers(calendar, day)
    ? workingDaysUpTo(calendar, day) > workingDaysUpTo(calendar, day - 1)
    : null
}

// Working days from the calendar's first day to this one, both included.
function workingDaysUpTo(calendar: Calendar, day: number): number {
  return calendar.before[day - calendar.firstDay + 1] as number
}

/** Whether a year without a published notice lies between two days, both included. */
export function isPractice(calendar: Calendar, from: number, to: number): boolean {
  const last = civilOf(to).year
  for (let year = civilOf(from).year; year <= last; year += 1) {
    if (calendar.practice.has(year)) return true
  }
  return false
}

/** How many days after `from`, up to and including `to`, are worked; 0 if `to` is not later. */
export function workingDaysBetween(
  calendar: Calendar,
  from: number,
  to: number,
): number | TimeFault {
  if (!isDay(from) || !isDay(to)) return timeFault('time/out-of-range')
  if (to <= from) return 0
  if (!covers(calendar, from + 1) || !covers(calendar, to)) return timeFault('time/uncovered')
  return workingDaysUpTo(calendar, to) - workingDaysUpTo(calendar, from)
}

/** The n-th working day after a day; n is at least 1. */
export function addWorkingDays(
  calendar: Calendar,
  from: number,
  count: number,
): Counted | TimeFault {
  if (!isDay(from)) return timeFault('time/out-of-range')
  if (!Number.isSafeInteger(count) || count < 1) return timeFault('time/bad-span')
  if (!covers(calendar, from + 1)) return timeFault('time/uncovered')
  const wanted = workingDaysUpTo(calendar, from) + count
  if (workingDaysUpTo(calendar, calendar.lastDay) < wanted) return timeFault('time/uncovered')
  // The first day by which so many have been worked; counts never fall, so halving finds it.
  let low = from + 1
  let high = calendar.lastDay
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (workingDaysUpTo(calendar, middle) >= wanted) high = middle
    else low = middle + 1
  }
  return { day: low, practice: isPractice(calendar, from + 1, low) }
}

/** The day itself if it is worked, else the next one that is (Civil Code art. 203). */
export function rollToWorkingDay(calendar: Calendar, day: number): Counted | TimeFault {
  if (!isDay(day)) return timeFault('time/out-of-range')
  return addWorkingDays(calendar, day - 1, 1)
}

/** So many calendar days after a day. */
export function addDays(from: number, count: number): number | TimeFault {
  const day = from + count
  return isDay(from) && isDay(day) ? day : timeFault('time/out-of-range')
}

/** The corresponding day so many months later (Civil Code art. 202). */
export function addCivilMonths(from: number, count: number): number | TimeFault {
  if (!isDay(from) || !Number.isSafeInteger(count)) return timeFault('time/out-of-range')
  return addMonths(from, count) ?? timeFault('time/out-of-range')
}
