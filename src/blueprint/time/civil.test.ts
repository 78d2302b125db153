// Civil days and instants, over the vectors and against the engine's own calendar.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { addMonths, civilOf, dayMax, dayMin, dayNumber, dayOfInstant, dayOfText } from './index.ts'
import { endOfDay, isDay, isInstant, startOfDay, textOfDay, weekdayOf } from './index.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/time-calendar.json', import.meta.url), 'utf8'),
) as {
  readonly days: readonly {
    readonly text: string
    readonly day: number
    readonly weekday: number
    readonly firstMs: number
    readonly lastMs: number
  }[]
  readonly notDays: readonly string[]
}

test('days have the numbers, weekdays and instants of the vectors', () => {
  for (const { text, day, weekday, firstMs, lastMs } of vectors.days) {
    assert.equal(dayOfText(text), day, text)
    assert.equal(textOfDay(day), text)
    assert.equal(weekdayOf(day), weekday, text)
    assert.equal(startOfDay(day), firstMs, text)
    assert.equal(endOfDay(day), lastMs, text)
    assert.equal(dayOfInstant(firstMs), day)
    assert.equal(dayOfInstant(lastMs), day)
    assert.equal(dayOfInstant(firstMs - 1), day - 1)
  }
})

test('what is not a day has no number', () => {
  for (const text of vectors.notDays) assert.equal(dayOfText(text), null, text)
  assert.equal(dayNumber(2020, 1.5, 1), null)
  assert.equal(dayNumber(NaN, 1, 1), null)
  assert.equal(dayNumber(10_000, 1, 1), null)
  assert.ok(!isDay(dayMin - 1) && !isDay(dayMax + 1) && !isDay(0.5))
  assert.ok(!isInstant(Number.MAX_SAFE_INTEGER) && !isInstant(0.5) && isInstant(0))
})

const anyDay = fc.integer({ min: dayMin, max: dayMax })

test('a day is what the Gregorian calendar of the engine says', () => {
  fc.assert(
    fc.property(anyDay, (day) => {
      const engine = new Date(day * 86_400_000)
      const { year, month, day: dayOfMonth } = civilOf(day)
      assert.equal(year, engine.getUTCFullYear())
      assert.equal(month, engine.getUTCMonth() + 1)
      assert.equal(dayOfMonth, engine.getUTCDate())
      assert.equal(weekdayOf(day) % 7, engine.getUTCDay())
      assert.equal(dayNumber(year, month, dayOfMonth), day)
      assert.equal(dayOfText(textOfDay(day)), day)
    }),
    { numRuns: 5_000 },
  )
})

test('days follow one another without a gap over four centuries', () => {
  const first = dayNumber(1800, 1, 1) as number
  let { year, month, day } = civilOf(first)
  for (let number = first + 1; number < first + 146_097; number += 1) {
    const next = civilOf(number)
    const follows =
      (next.year === year && next.month === month && next.day === day + 1) ||
      (next.year === year && next.month === month + 1 && next.day === 1) ||
      (next.year === year + 1 && next.month === 1 && month === 12 && next.day === 1)
    if (!follows) assert.fail(`${textOfDay(number)} after ${year}-${month}-${day}`)
    ;({ year, month, day } = next)
  }
})

test('months later is the same day of the month or the last one, and never beyond', () => {
  fc.assert(
    fc.property(anyDay, fc.integer({ min: -2_000, max: 2_000 }), (day, months) => {
      const later = addMonths(day, months)
      const from = civilOf(day)
      const index = from.year * 12 + from.month - 1 + months
      if (later === null) {
        assert.ok(index < 1583 * 12 || index >= 10_000 * 12)
        return
      }
      const to = civilOf(later)
      assert.equal(to.year * 12 + to.month - 1, index)
      const isLast = later === dayMax || civilOf(later + 1).day === 1
      assert.ok(to.day === from.day || (to.day < from.day && isLast))
    }),
    { numRuns: 2_000 },
  )
})

test('an instant belongs to the day that eight hours east of UTC shows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_000_000_000_000 }), (ms) => {
      const shown = new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10)
      assert.equal(textOfDay(dayOfInstant(ms)), shown)
    }),
    { numRuns: 2_000 },
  )
})
