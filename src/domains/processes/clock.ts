// Time that has an effect.
import { assert } from '#base/assert'
import { base64urlDecode, utf8Decode } from '#base/bytes'
import type { CommandType } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import type { Calendar, YearCalendar } from '#blueprint/time'
import { dayOfInstant, decodeCalendar, dueDay, isTimeFault, joinCalendars } from '#blueprint/time'
import { parseSpan, stoppedDays } from '#blueprint/time'
import type { CompiledAct } from './compile.ts'
import { calendarKey, readRecord } from './records.ts'
import type { Standing } from './standing.ts'

/** The calendar of the ledger: canonical texts of its years as base64url, by year. */
export type CalendarRecord = {
  readonly years: readonly string[]
  readonly texts: readonly string[]
}

// A pure function's result by the identity of its arguments.
const joined: Map<string, Calendar> = new Map()
const joinedMax = 8

/** The working-day calendar that the ledger has published, or undefined. */
export function calendarOf(view: Reading): Calendar | undefined {
  const record = readRecord<CalendarRecord>(view, calendarKey)
  if (record === undefined) return undefined
  const key = record.years.join(' ')
  const known = joined.get(key)
  if (known !== undefined) return known
  const years = record.texts.map((text) => {
    const year = decodeCalendar(utf8Decode(base64urlDecode(text) ?? new Uint8Array()) ?? '')
    assert(!Array.isArray(year), 'a published calendar reads back')
    return year as YearCalendar
  })
  const calendar = joinCalendars(years)
  assert(!isTimeFault(calendar), 'published years follow one another')
  if (joined.size >= joinedMax) joined.clear()
  joined.set(key, calendar)
  return calendar
}

// Where no calendar is published spans in calendar time can still be counted.
const noCalendar: Calendar = {
  name: 'none',
  firstDay: 0,
  lastDay: -1,
  before: new Uint32Array(1),
  practice: new Set(),
}

type Counted = {
  readonly span: string
  readonly from: number
  readonly extended?: number
  readonly stops?: readonly (readonly [number, number])[]
}

/**
 * The last millisecond of a span that began at an instant (milliseconds); undefined while the clock
 * stands, or where no published calendar says.
 */
export function dueAfter(
  view: Reading,
  { span, from, extended = 0, stops = [] }: Counted,
): number | undefined {
  const parsed = parseSpan(span)
  assert(parsed !== null, 'a published span is one')
  const days = stops.map(([start, until]) => stoppedDays(start, until === 0 ? null : until))
  const due = dueDay({ span: parsed }, extended, {
    calendar: calendarOf(view) ?? noCalendar,
    from: dayOfInstant(from),
    stops: days,
  })
  return typeof due === 'string' || isTimeFault(due) ? undefined : due.lastMs
}

/** The last millisecond in which an open act is in time, or undefined. */
export function dueOfAct(
  standing: Standing,
  act: CompiledAct,
  element: number | undefined,
): number | undefined {
  const { o, z, x } = standing.stateOf(act.name, element) ?? {}
  const { within } = act.act
  if (within === undefined || o === undefined) return undefined
  return dueAfter(standing.view, {
    span: within,
    from: o,
    ...(z === undefined ? {} : { stops: z }),
    ...(x === undefined ? {} : { extended: x }),
  })
}

export const clockTypes: readonly CommandType[] = []
