// The working days of China 2020 to 2027 from the pack, for tests that need a calendar.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Calendar, YearCalendar } from '#blueprint/time'
import { decodeCalendar, isTimeFault, joinCalendars } from '#blueprint/time'

export const years: readonly number[] = [2020, 2021, 2022, 2023, 2024, 2025, 2026, 2027]

/** The text of a year's document as it stands in the pack. */
export function calendarText(year: number): string {
  const url = new URL(`../../packs/china/calendars/cn-${year}.json`, import.meta.url)
  return readFileSync(url, 'utf8')
}

/** The checked document of a year. */
export function yearCalendar(year: number): YearCalendar {
  const decoded = decodeCalendar(calendarText(year))
  assert.ok(!('length' in decoded), JSON.stringify(decoded))
  return decoded
}

/** All years of the pack as one calendar. */
export function chinaCalendar(): Calendar {
  const joined = joinCalendars(years.map(yearCalendar))
  assert.ok(!isTimeFault(joined), JSON.stringify(joined))
  return joined
}
