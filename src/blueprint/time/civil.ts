// Days of the civil calendar, and which of them an instant of the ledger belongs to. A day is a
// number, counted from 1970-01-01, so that counting is adding; years, months and texts are derived
// from it. Everything here is integer arithmetic over the Gregorian rules: no table of a host has a
// say, and China has one offset, eight hours before UTC, without summer time.
import { assert } from '#base/assert'

/** A day of the civil calendar: month from 1 to 12, day from 1 to 31. */
export type Civil = { readonly year: number; readonly month: number; readonly day: number }

/** Milliseconds of a day; none is longer or shorter, because the offset is fixed. */
export const dayMs = 86_400_000
/** Asia/Shanghai is this many milliseconds before UTC. */
export const shanghaiMs = 28_800_000
/** Years outside these have no days here: the Gregorian calendar begins in 1582. */
export const yearMin = 1583
export const yearMax = 9999

const yearsInCycle = 400
const daysInCycle = 146_097
const daysInCentury = 36_524
const daysInFourYears = 1_461
const daysInYear = 365
/** Days before each month of a common year. */
const daysBefore: readonly number[] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365]
const epoch = daysBeforeYear(1970)

/** The first and the last day that has a number here: 1583-01-01 and 9999-12-31. */
export const dayMin: number = daysBeforeYear(yearMin) - epoch
export const dayMax: number = daysBeforeYear(yearMax + 1) - epoch - 1
/** The first and the last instant that belongs to such a day, in milliseconds. */
export const instantMin: number = startOfDay(dayMin)
export const instantMax: number = endOfDay(dayMax)

/** Days from 0001-01-01 to the first day of a year. */
function daysBeforeYear(year: number): number {
  const past = year - 1
  const leaps = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400)
  return past * daysInYear + leaps
}

/** Whether the year has a 29 February. */
export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/** Days of a month, 28 to 31. */
export function daysInMonth(year: number, month: number): number {
  const common = (daysBefore[month] as number) - (daysBefore[month - 1] as number)
  return month === 2 && isLeapYear(year) ? common + 1 : common
}

/** The number of a day, or null when there is no such day within the years that have days. */
export function dayNumber(year: number, month: number, day: number): number | null {
  if (!Number.isInteger(year) || year < yearMin || year > yearMax) return null
  if (!Number.isInteger(month) || month < 1 || month > 12) return null
  if (!Number.isInteger(day) || day < 1 || day > daysInMonth(year, month)) return null
  const leap = month > 2 && isLeapYear(year) ? 1 : 0
  return daysBeforeYear(year) - epoch + (daysBefore[month - 1] as number) + leap + day - 1
}

/** Whether a number is that of a day. */
export function isDay(day: number): boolean {
  return Number.isInteger(day) && day >= dayMin && day <= dayMax
}

/** Year, month and day of a day's number. */
export function civilOf(day: number): Civil {
  assert(isDay(day), 'a day has a number within the years')
  let rest = day + epoch
  const cycles = Math.floor(rest / daysInCycle)
  rest -= cycles * daysInCycle
  // The last century of a cycle and the last year of four have a day more than their sisters.
  const centuries = Math.min(3, Math.floor(rest / daysInCentury))
  rest -= centuries * daysInCentury
  const fours = Math.floor(rest / daysInFourYears)
  rest -= fours * daysInFourYears
  const years = Math.min(3, Math.floor(rest / daysInYear))
  rest -= years * daysInYear
  const year = cycles * yearsInCycle + centuries * 100 + fours * 4 + years + 1
  let month = 1
  while (rest >= daysInMonth(year, month)) {
    rest -= daysInMonth(year, month)
    month += 1
  }
  return { year, month, day: rest + 1 }
}

/** The day of the week: 1 is Monday, 7 is Sunday (ISO 8601 §3.1.1.16). */
export function weekdayOf(day: number): number {
  // 1970-01-01 is a Thursday.
  return ((((day + 3) % 7) + 7) % 7) + 1
}

/** Whether a day is a Saturday or a Sunday. */
export function isWeekend(day: number): boolean {
  return weekdayOf(day) >= 6
}

const textForm = /^\d{4}-\d{2}-\d{2}$/

/** The day of a text `YYYY-MM-DD` (ISO 8601 §5.2.1.1), or null. Untrusted text may be given. */
export function dayOfText(text: string): number | null {
  if (!textForm.test(text)) return null
  return dayNumber(Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8)))
}

/** The text `YYYY-MM-DD` of a day. */
export function textOfDay(day: number): string {
  const { year, month, day: dayOfMonth } = civilOf(day)
  return `${year}-${twoDigits(month)}-${twoDigits(dayOfMonth)}`
}

function twoDigits(count: number): string {
  return count < 10 ? `0${count}` : `${count}`
}

/**
 * The same day of the month so many months later (before, if negative), or null outside the years.
 * Where that month has no such day it is the last of the month (Civil Code art. 202).
 */
export function addMonths(day: number, months: number): number | null {
  const civil = civilOf(day)
  const sum = civil.year * 12 + (civil.month - 1) + months
  const year = Math.floor(sum / 12)
  const month = sum - year * 12 + 1
  if (year < yearMin || year > yearMax) return null
  return dayNumber(year, month, Math.min(civil.day, daysInMonth(year, month)))
}

/** Whether a number is an instant that belongs to a day, in milliseconds since 1970 in UTC. */
export function isInstant(ms: number): boolean {
  return Number.isSafeInteger(ms) && ms >= instantMin && ms <= instantMax
}

/** The day in China to which an instant belongs. */
export function dayOfInstant(ms: number): number {
  return Math.floor((ms + shanghaiMs) / dayMs)
}

/** The first millisecond of a day in China. */
export function startOfDay(day: number): number {
  return day * dayMs - shanghaiMs
}

/** The last millisecond of a day in China: a limit that ends that day has not passed before. */
export function endOfDay(day: number): number {
  return startOfDay(day + 1) - 1
}
