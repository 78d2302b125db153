// The calendar of one year as a document: which weekdays are free, which weekend days are worked,
// and by whose notice. Its bytes are canonical JSON, so that its hash names it. The checker takes
// nothing that could be read in two ways, and knows a year whose notice has been published from one
// that is only practised with.
import { decodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { civilOf, dayOfText, isWeekend } from './civil.ts'
import type { TimeCode, TimeFault } from './texts.ts'
import { timeFault } from './texts.ts'

/** Who ordered the days: title, number where there is one, and day of issue. */
export type Source = { readonly title: string; readonly number?: string; readonly date: string }

/**
 * `published`: the days are those of the sources. `practice`: no notice for the year is known; the
 * days follow from the general regulation alone, and nothing may be deemed by them on a ledger that
 * counts.
 */
export type CalendarStatus = 'published' | 'practice'

/** The calendar of a year, checked. Days are numbers. */
export type YearCalendar = {
  readonly calendar: string
  readonly year: number
  readonly status: CalendarStatus
  readonly off: readonly number[]
  readonly work: readonly number[]
  readonly sources: readonly Source[]
}

const members = ['calendar', 'off', 'sources', 'status', 'work', 'year']
const daysMax = 366
const sourcesMax = 16
const textMax = 200
const nameForm = /^[a-z][a-z0-9-]{0,31}$/

/** What a calendar looks like, for editors: JSON Schema 2020-12. The checker says more. */
export const calendarSchema: Json = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Working days of a year',
  type: 'object',
  additionalProperties: false,
  required: members,
  properties: {
    calendar: { type: 'string', pattern: nameForm.source },
    year: { type: 'integer', minimum: 1583, maximum: 9999 },
    status: { enum: ['published', 'practice'] },
    off: { type: 'array', maxItems: daysMax, items: { type: 'string', format: 'date' } },
    work: { type: 'array', maxItems: daysMax, items: { type: 'string', format: 'date' } },
    sources: {
      type: 'array',
      minItems: 1,
      maxItems: sourcesMax,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['date', 'title'],
        properties: {
          date: { type: 'string', format: 'date' },
          number: { type: 'string', minLength: 1, maxLength: textMax },
          title: { type: 'string', minLength: 1, maxLength: textMax },
        },
      },
    },
  },
}

/** Longest text of a calendar, in UTF-16 code units. */
export const calendarTextMax = 16_384

type Fields = { readonly [key: string]: Json }
type Faults = TimeFault[]

/** The calendar of a canonical text. Untrusted: whatever is wrong is a fault with its place. */
export function decodeCalendar(text: string): YearCalendar | readonly TimeFault[] {
  const value = decodeCanonical(text, { lengthMax: calendarTextMax })
  if (value === null) return [timeFault('time/not-canonical')]
  return checkCalendar(value)
}

/** The calendar of a decoded document, or everything that is wrong with it, in its order. */
export function checkCalendar(value: Json): YearCalendar | readonly TimeFault[] {
  if (!isObject(value)) return [timeFault('time/bad-members')]
  const faults = wrongMembers(value, members, [], '')
  if (faults.length > 0) return faults
  const calendar = value['calendar'] as Json
  const year = value['year'] as Json
  const status = value['status'] as Json
  if (typeof calendar !== 'string' || !nameForm.test(calendar)) add(faults, 'calendar')
  if (typeof year !== 'number' || dayOfText(`${year}-01-01`) === null) add(faults, 'year')
  if (status !== 'published' && status !== 'practice') add(faults, 'status')
  if (faults.length > 0) return faults
  const off = daysOf(value, 'off', faults)
  const work = daysOf(value, 'work', faults)
  const sources = sourcesOf(value['sources'] as Json, faults)
  if (status === 'practice' && work.length > 0) add(faults, 'work', 'time/invented-swap')
  if (faults.length > 0) return faults
  const named = calendar as string
  return {
    calendar: named,
    year: year as number,
    status: status as CalendarStatus,
    off,
    work,
    sources,
  }
}

function add(faults: Faults, path: string, code: TimeCode = 'time/bad-member'): void {
  faults.push(timeFault(code, path))
}

function isObject(value: Json): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A fault for each member that is missing or that the form does not know. */
function wrongMembers(
  value: Fields,
  required: readonly string[],
  optional: readonly string[],
  path: string,
): Faults {
  const missing = required.filter((name) => !Object.hasOwn(value, name))
  const known = new Set([...required, ...optional])
  const extra = Object.keys(value).filter((name) => !known.has(name))
  // An unknown name is content; its place is the object that has it.
  const places = [...missing.map((name) => below(path, name)), ...extra.slice(0, 1).map(() => path)]
  return places.map((place) => timeFault('time/bad-members', place))
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** The days of one list: real, of the year, rising, and each one that needs saying. */
function daysOf(value: Fields, name: 'off' | 'work', faults: Faults): number[] {
  const list = value[name] as Json
  if (!Array.isArray(list) || list.length > daysMax) {
    add(faults, name)
    return []
  }
  const days: number[] = []
  let last = -Infinity
  for (const [at, text] of list.entries()) {
    const path = `${name}.${at}`
    const day = typeof text === 'string' ? dayOfText(text) : null
    if (day === null) {
      add(faults, path, 'time/bad-day')
      continue
    }
    if (civilOf(day).year !== value['year']) add(faults, path, 'time/other-year')
    if (day <= last) add(faults, path, 'time/unordered')
    if (name === 'off' && isWeekend(day)) add(faults, path, 'time/off-at-weekend')
    if (name === 'work' && !isWeekend(day)) add(faults, path, 'time/work-on-weekday')
    last = day
    days.push(day)
  }
  return days
}

function sourcesOf(value: Json, faults: Faults): Source[] {
  if (!Array.isArray(value) || value.length > sourcesMax) {
    add(faults, 'sources')
    return []
  }
  if (value.length === 0) add(faults, 'sources', 'time/no-source')
  return value.flatMap((each: Json, at) => sourceOf(each, `sources.${at}`, faults))
}

function sourceOf(value: Json, path: string, faults: Faults): Source[] {
  if (!isObject(value)) {
    add(faults, path)
    return []
  }
  const wrong = wrongMembers(value, ['date', 'title'], ['number'], path)
  faults.push(...wrong)
  if (wrong.length > 0) return []
  const { date, title, number } = value
  if (typeof date !== 'string' || dayOfText(date) === null)
    add(faults, `${path}.date`, 'time/bad-day')
  if (!isText(title)) add(faults, `${path}.title`)
  if (number !== undefined && !isText(number)) add(faults, `${path}.number`)
  const source = { title: title as string, date: date as string }
  return [number === undefined ? source : { ...source, number: number as string }]
}

function isText(value: Json | undefined): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= textMax
}
