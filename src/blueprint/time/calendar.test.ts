// The calendars of the pack and counting by them: over the vectors, and against walking all days.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { calendarText, chinaCalendar, yearCalendar, years } from '#test/china-calendar'
import type { Limit, StoppedDays, TimeFault } from './index.ts'
import { addWorkingDays, calendarSchema, checkCalendar, covers, dayOfText } from './index.ts'
import { decodeCalendar, dueDay, isPractice, isTimeFault, isWorkingDay } from './index.ts'
import { joinCalendars, parseSpan, printSpan, rollToWorkingDay, spanMax } from './index.ts'
import { standing, textOfDay, workingDaysBetween } from './index.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/time-calendar.json', import.meta.url), 'utf8'),
) as {
  readonly months: readonly { readonly month: string; readonly days: string }[]
  readonly dues: readonly {
    readonly from: string
    readonly span: string
    readonly stops?: readonly (readonly [string, string])[]
    readonly rolls?: true
    readonly due: string
  }[]
  readonly invalid: readonly { claim: string; document: Json; code: string; path: string }[]
}

const calendar = chinaCalendar()
const dayOf = (text: string): number => dayOfText(text) as number

function limitOf(span: string, rolls?: true): Limit {
  const parsed = parseSpan(span)
  assert.ok(parsed)
  return rolls === true ? { span: parsed, rolls } : { span: parsed }
}

test('the calendars of the pack are canonical, checked and say where they come from', () => {
  for (const year of years) {
    const checked = yearCalendar(year)
    assert.equal(encodeCanonical(JSON.parse(calendarText(year)) as Json), calendarText(year))
    assert.equal(checked.status, year < 2027 ? 'published' : 'practice', `${year}`)
    assert.ok(checked.sources.every(({ number }) => number !== undefined && number !== ''))
    assert.ok(checked.sources.some(({ title }) => title.includes(year < 2027 ? `${year}` : '办法')))
  }
})

test('every day of 2020 to 2027 is worked or free as the notices say', () => {
  let seen = 0
  for (const { month, days } of vectors.months) {
    for (const [at, letter] of days.split('').entries()) {
      const day = dayOf(`${month}-01`) + at
      assert.equal(isWorkingDay(calendar, day), letter === 'w', textOfDay(day))
      seen += 1
    }
  }
  assert.equal(seen, 2_922)
  assert.equal(isWorkingDay(calendar, dayOf('2019-12-31')), null)
  assert.equal(isWorkingDay(calendar, dayOf('2028-01-01')), null)
})

test('limits end on the days of the vectors', () => {
  for (const { from, span, stops = [], rolls, due } of vectors.dues) {
    const days = stops.map(([first, until]) => ({ from: dayOf(first), until: dayOf(until) }))
    const found = dueDay(limitOf(span, rolls), 0, { calendar, from: dayOf(from), stops: days })
    assert.ok(found !== standing && !isTimeFault(found), `${from} ${span}`)
    assert.equal(textOfDay(found.day), due, `${from} ${span} ${JSON.stringify(stops)}`)
  }
})

test('a document that is not a calendar is refused with the place', () => {
  for (const { claim, document, code, path } of vectors.invalid) {
    const faults = checkCalendar(document) as readonly TimeFault[]
    assert.ok(Array.isArray(faults), claim)
    assert.deepEqual({ code: faults[0]?.code, path: faults[0]?.path }, { code, path }, claim)
  }
  for (const text of ['', '[]', ' {}', `${calendarText(2020)}\n`, '{"a":1,"a":1}', 'null']) {
    const [fault] = decodeCalendar(text) as readonly TimeFault[]
    assert.ok(fault !== undefined, text)
  }
  const long = JSON.stringify('x'.repeat(20_000))
  assert.equal((decodeCalendar(long) as readonly TimeFault[])[0]?.code, 'time/not-canonical')
})

test('the checker refuses without throwing whatever JSON it is given', () => {
  const base = JSON.parse(calendarText(2021)) as Record<string, Json>
  const names = fc.constantFrom(...Object.keys(base), 'extra', 'constructor')
  fc.assert(
    fc.property(names, fc.jsonValue({ maxDepth: 2 }), (name, value) => {
      const changed = { ...base, [name]: value as Json }
      const found = checkCalendar(changed)
      if (Array.isArray(found)) assert.ok(found.length > 0)
      else assert.ok(name in base)
    }),
    { numRuns: 1_000 },
  )
})

test('the schema for editors knows exactly the members that the checker knows', () => {
  const { required, properties } = calendarSchema as {
    readonly required: readonly string[]
    readonly properties: object
  }
  assert.deepEqual([...required].sort(), Object.keys(properties).sort())
  assert.deepEqual(
    Object.keys(JSON.parse(calendarText(2020)) as object).sort(),
    [...required].sort(),
  )
  const file = new URL('../../../packs/china/calendars/schema.json', import.meta.url)
  assert.equal(readFileSync(file, 'utf8'), encodeCanonical(calendarSchema))
})

test('only consecutive years of one place make a calendar', () => {
  const [a, b, c] = [2020, 2021, 2022].map(yearCalendar)
  assert.ok(a && b && c)
  const code = (...given: Parameters<typeof joinCalendars>): string => {
    const joined = joinCalendars(...given)
    return isTimeFault(joined) ? `${joined.code} ${joined.path}` : 'joined'
  }
  assert.equal(code([a, b, c]), 'joined')
  assert.equal(code([]), 'time/no-calendar ')
  assert.equal(code([a, c]), 'time/year-missing 1')
  assert.equal(code([a, b, b]), 'time/year-missing 2')
  assert.equal(code([b, a]), 'time/year-missing 1')
  assert.equal(code([a, { ...b, calendar: 'hk' }]), 'time/other-calendar 1')
})

test('spans are written in one way and have a bound', () => {
  for (const text of ['1wd', '3wd', '60d', '6m', '2y', '999wd', '36500d']) {
    const span = parseSpan(text)
    assert.ok(span)
    assert.equal(printSpan(span), text)
  }
  const wrong = ['0wd', '03wd', '1000wd', '36501d', '1201m', '101y', '-1d', '1.5d', '5', 'wd']
  for (const text of [...wrong, '1WD', '1 d', '１d', '', '99999d'])
    assert.equal(parseSpan(text), null)
  assert.ok(Object.values(spanMax).every((most) => most > 0))
})

const firstDay = dayOf('2020-01-01')
const lastDay = dayOf('2027-12-31')

test('the n-th working day and the count between agree with walking, from every day', () => {
  const worked = Array.from({ length: lastDay - firstDay + 1 }, (_, at) => firstDay + at).filter(
    (day) => isWorkingDay(calendar, day) === true,
  )
  for (let from = firstDay - 1; from < lastDay - 60; from += 1) {
    const later = worked.filter((day) => day > from).slice(0, 20)
    for (const count of [1, 2, 5, 20]) {
      const due = addWorkingDays(calendar, from, count)
      if (isTimeFault(due) || due.day !== later[count - 1]) assert.fail(textOfDay(from))
    }
    const to = from + 40
    const between = workingDaysBetween(calendar, from, to)
    const walked = later.concat(worked.filter((day) => day > from).slice(20, 60))
    assert.equal(between, walked.filter((day) => day <= to).length)
  }
})

const anyDay = fc.integer({ min: firstDay, max: dayOf('2025-12-31') })
const count = fc.integer({ min: 1, max: 200 })

test('counting is additive, monotone and undone by counting between', () => {
  fc.assert(
    fc.property(anyDay, count, count, (from, a, b) => {
      const one = addWorkingDays(calendar, from, a)
      assert.ok(!isTimeFault(one))
      const both = addWorkingDays(calendar, one.day, b)
      const sum = addWorkingDays(calendar, from, a + b)
      assert.ok(!isTimeFault(both) && !isTimeFault(sum))
      assert.equal(both.day, sum.day)
      assert.ok(sum.day > one.day)
      assert.equal(workingDaysBetween(calendar, from, sum.day), a + b)
      const next = addWorkingDays(calendar, from + 1, a)
      assert.ok(!isTimeFault(next) && next.day >= one.day)
    }),
    { numRuns: 2_000 },
  )
})

test('a day beyond the calendar is a fault, never a guess', () => {
  const code = (result: unknown): string => (isTimeFault(result) ? result.code : 'answered')
  assert.equal(code(addWorkingDays(calendar, firstDay - 2, 1)), 'time/uncovered')
  assert.equal(code(addWorkingDays(calendar, lastDay, 1)), 'time/uncovered')
  assert.equal(code(addWorkingDays(calendar, lastDay - 3, 20)), 'time/uncovered')
  assert.equal(code(workingDaysBetween(calendar, firstDay - 2, firstDay)), 'time/uncovered')
  assert.equal(code(workingDaysBetween(calendar, firstDay, lastDay + 1)), 'time/uncovered')
  assert.equal(code(rollToWorkingDay(calendar, lastDay + 1)), 'time/uncovered')
  assert.equal(code(addWorkingDays(calendar, 1e9, 1)), 'time/out-of-range')
  assert.equal(code(addWorkingDays(calendar, firstDay, 0)), 'time/bad-span')
  assert.equal(code(addWorkingDays(calendar, firstDay, 1.5)), 'time/bad-span')
  assert.equal(code(workingDaysBetween(calendar, firstDay, 1e9)), 'time/out-of-range')
  assert.ok(covers(calendar, firstDay) && !covers(calendar, firstDay - 1))
})

test('what a year without a notice had a say in is marked', () => {
  const due = (from: string, n: number): boolean => {
    const found = addWorkingDays(calendar, dayOf(from), n)
    return isTimeFault(found) || found.practice
  }
  assert.equal(due('2026-12-30', 1), false)
  assert.equal(due('2026-12-31', 1), true)
  assert.equal(due('2026-12-30', 2), true)
  assert.equal(isPractice(calendar, dayOf('2020-01-01'), dayOf('2026-12-31')), false)
})

const stop = fc
  .tuple(fc.integer({ min: -5, max: 60 }), fc.integer({ min: 0, max: 40 }))
  .map(([after, length]) => ({ after, length }))
const span = fc.constantFrom('1wd', '3wd', '20wd', '1d', '15d', '1m')

test('limits with stops end where walking day by day ends, and stops never shorten', () => {
  fc.assert(
    fc.property(
      anyDay,
      span,
      fc.array(stop, { maxLength: 4 }),
      fc.boolean(),
      (from, text, raw, rolls) => {
        const stops = raw.map(({ after, length }) => ({
          from: from + after,
          until: from + after + length,
        }))
        const limit = limitOf(text, rolls ? true : undefined)
        const due = dueDay(limit, 0, { calendar, from, stops })
        const free = dueDay(limit, 0, { calendar, from, stops: [] })
        assert.ok(due !== standing && !isTimeFault(due) && free !== standing && !isTimeFault(free))
        assert.equal(textOfDay(due.day), textOfDay(walk(limit, from, stops)))
        assert.ok(due.day >= free.day)
      },
    ),
    { numRuns: 1_500 },
  )
})

function walk(limit: Limit, from: number, stops: readonly StoppedDays[]): number {
  const stands = (day: number): boolean =>
    stops.some((each) => each.from <= day && day < each.until)
  const { unit } = limit.span
  const { count: n } = limit.span
  let left = n
  if (unit === 'm') {
    const plain = dueDay({ span: limit.span }, 0, { calendar, from, stops: [] })
    assert.ok(plain !== standing && !isTimeFault(plain))
    left = plain.day - from
  }
  let day = from
  while (left > 0) {
    day += 1
    if (!stands(day) && (unit !== 'wd' || isWorkingDay(calendar, day) === true)) left -= 1
  }
  while (limit.rolls === true && unit !== 'wd' && (stands(day) || !isWorkingDay(calendar, day)))
    day += 1
  return day
}
