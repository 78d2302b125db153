// The clocks of limits: stops, one extension, one notice, and what silence means.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chinaCalendar } from '#test/china-calendar'
import type { Clock, Facts, Intake, Limit, Term, TimeFault } from './index.ts'
import { acceptanceOf, acceptIntake, completeIntake, dayOfText, deem, dueOf } from './index.ts'
import { endClock, explainTime, extendClock, giveNotice, isTimeFault, parseSpan } from './index.ts'
import { readClock, receive, resumeClock, standing, startClock, stopClock } from './index.ts'
import { textOfDay, timeTexts, turnAway } from './index.ts'

const calendar = chinaCalendar()

/** An instant in China: `2020-09-21 10:30`. */
const at = (text: string): number => Date.parse(`${text.replace(' ', 'T')}:00+08:00`)

function span(text: string): NonNullable<ReturnType<typeof parseSpan>> {
  const parsed = parseSpan(text)
  assert.ok(parsed)
  return parsed
}

function ok<T>(result: T | TimeFault): T {
  assert.ok(!isTimeFault(result), JSON.stringify(result))
  return result
}

function code(result: unknown): string {
  return isTimeFault(result) ? result.code : 'none'
}

// A licence: 20 working days, 10 more with approval, and the grounds of art. 45.
const licence: Limit = {
  span: span('20wd'),
  extension: span('10wd'),
  grounds: ['hearing', 'inspection'],
}
const term: Term = { limit: licence, calendar }
const stopAt = (clock: Clock, when: string, ground = 'hearing'): Clock | TimeFault =>
  stopClock(term, clock, { atMs: at(when), ground })
const due = (clock: Clock, within: Term = term): string => {
  const found = ok(dueOf(within, clock))
  return found === standing ? standing : textOfDay(found.day)
}

test('a licence accepted before Golden Week is due twenty working days later, at midnight', () => {
  const clock = ok(startClock(at('2020-09-30 16:59')))
  assert.equal(due(clock), '2020-11-04')
  const found = ok(dueOf(term, clock))
  assert.ok(found !== standing)
  assert.equal(found.lastMs, at('2020-11-05 00:00') - 1)
  assert.equal(due(ok(startClock(at('2020-09-30 00:00')))), '2020-11-04')
  assert.equal(due(ok(startClock(at('2020-10-01 00:00')))), '2020-11-04')
})

test('a stop within a day costs nothing, and a stop over nights exactly those days', () => {
  const clock = ok(startClock(at('2020-09-21 09:00')))
  assert.equal(due(clock), '2020-10-23')
  const morning = ok(stopAt(clock, '2020-09-23 09:00'))
  assert.equal(due(morning), standing)
  assert.equal(due(ok(resumeClock(morning, at('2020-09-23 17:00')))), '2020-10-23')
  assert.equal(due(ok(resumeClock(morning, at('2020-09-24 00:00')))), '2020-10-26')
  assert.equal(due(ok(resumeClock(morning, at('2020-09-25 17:00')))), '2020-10-27')
  assert.equal(due(ok(resumeClock(morning, at('2020-10-09 08:00')))), '2020-11-03')
})

test('a clock stops on a ground of the law only, once at a time, and in time', () => {
  const clock = ok(startClock(at('2020-09-21 09:00')))
  assert.equal(code(stopAt(clock, '2020-09-22 09:00', 'holiday')), 'time/no-ground')
  assert.equal(code(stopAt(clock, '2020-09-20 09:00')), 'time/backwards')
  assert.equal(code(stopAt(clock, '2020-10-24 00:00')), 'time/too-late')
  const last = ok(stopAt(clock, '2020-10-23 23:59', 'inspection'))
  assert.equal(code(stopAt(last, '2020-10-23 23:59')), 'time/stopped')
  assert.equal(due(last), standing)
  assert.equal(code(resumeClock(clock, at('2020-09-22 09:00'))), 'time/running')
  const again = ok(resumeClock(last, at('2020-10-24 09:00')))
  assert.equal(due(again), '2020-10-26')
  assert.equal(
    code(
      stopClock({ ...term, limit: { span: span('1wd') } }, clock, {
        atMs: at('2020-09-21 10:00'),
        ground: 'hearing',
      }),
    ),
    'time/no-ground',
  )
})

test('a clock cannot be stopped for ever', () => {
  let clock = ok(startClock(at('2020-09-21 09:00')))
  const atMs = at('2020-09-21 10:00')
  for (let stops = 0; stops < 64; stops += 1) {
    clock = ok(resumeClock(ok(stopClock(term, clock, { atMs, ground: 'hearing' })), atMs))
  }
  assert.equal(code(stopClock(term, clock, { atMs, ground: 'hearing' })), 'time/too-many-stops')
})

test('a limit is extended once, in its unit, by no more than the law states, and in time', () => {
  const clock = ok(startClock(at('2020-09-30 09:00')))
  const extend = (given: Clock, by: string, when = '2020-10-15 09:00'): Clock | TimeFault =>
    extendClock(term, given, { atMs: at(when), by: span(by) })
  const longer = ok(extend(clock, '10wd'))
  assert.equal(due(longer), '2020-11-18')
  assert.equal(due(ok(extend(clock, '3wd'))), '2020-11-09')
  assert.equal(code(extend(longer, '1wd')), 'time/extended')
  assert.equal(code(extend(clock, '11wd')), 'time/bad-extension')
  assert.equal(code(extend(clock, '10d')), 'time/bad-extension')
  assert.equal(code(extend(clock, '10wd', '2020-11-05 00:00')), 'time/too-late')
  const fixed = extendClock({ ...term, limit: { span: span('5wd') } }, clock, {
    atMs: at('2020-10-09 09:00'),
    by: span('1wd'),
  })
  assert.equal(code(fixed), 'time/no-extension')
})

test('an ended clock stays as it ended', () => {
  const clock = ok(startClock(at('2020-09-30 09:00')))
  const ended = ok(endClock(ok(stopAt(clock, '2020-10-09 09:00')), at('2020-10-10 09:00')))
  assert.equal(code(stopAt(ended, '2020-10-11 09:00')), 'time/ended')
  assert.equal(code(resumeClock(ended, at('2020-10-11 09:00'))), 'time/ended')
  assert.equal(code(endClock(ended, at('2020-10-11 09:00'))), 'time/ended')
  const read = ok(readClock(term, ended, at('2021-01-01 00:00')))
  assert.deepEqual([read.state, read.daysLate, read.daysLeft], ['ended', 0, null])
  assert.equal(code(startClock(NaN)), 'time/out-of-range')
  assert.equal(code(endClock(clock, 2 ** 53)), 'time/out-of-range')
})

test('a clock tells days left and days late, and that it stands', () => {
  const gas: Term = { limit: { span: span('1wd'), grounds: ['hearing'] }, calendar }
  const clock = ok(startClock(at('2020-09-30 15:00')))
  const read = (when: string): unknown[] => {
    const { state, daysLeft, daysLate } = ok(readClock(gas, clock, at(when)))
    return [state, daysLeft, daysLate]
  }
  assert.deepEqual(read('2020-09-30 15:00'), ['running', 1, 0])
  assert.deepEqual(read('2020-10-09 23:59'), ['running', 0, 0])
  assert.deepEqual(read('2020-10-10 00:00'), ['late', 0, 1])
  assert.deepEqual(read('2020-10-11 12:00'), ['late', 0, 1])
  assert.deepEqual(read('2020-10-12 00:00'), ['late', 0, 2])
  const stopped = ok(stopClock(gas, clock, { atMs: at('2020-10-09 09:00'), ground: 'hearing' }))
  assert.equal(ok(readClock(gas, stopped, at('2020-12-01 00:00'))).state, 'standing')
  assert.equal(code(readClock(gas, stopped, at('2020-10-08 00:00'))), 'time/backwards')
  const appeal: Term = { limit: { span: span('60d'), rolls: true }, calendar }
  const filed = ok(startClock(at('2020-08-04 10:00')))
  assert.equal(due(filed, appeal), '2020-10-09')
  assert.equal(ok(readClock(appeal, filed, at('2020-10-01 00:00'))).daysLeft, 8)
})

const facts = (now: string, more: Partial<Facts> = {}): Facts => ({
  nowMs: at(now),
  deliveredMs: at('2020-09-30 15:00'),
  outages: [],
  practiceLedger: false,
  ...more,
})

test('silence has effect from the day that the law names, and only when all facts say so', () => {
  const opinion: Term = { limit: { span: span('3wd'), deems: 'due' }, calendar }
  const clock = ok(startClock(at('2020-09-30 14:00')))
  const tick = (when: string, more: Partial<Facts> = {}): string => {
    const found = deem(opinion, clock, facts(when, more))
    if (isTimeFault(found)) return found.code
    return `${textOfDay(found.effectDay)} recorded ${textOfDay(found.recordedDay)}`
  }
  assert.equal(tick('2020-10-12 23:59'), 'time/not-due')
  assert.equal(tick('2020-10-13 00:00'), '2020-10-12 recorded 2020-10-13')
  assert.equal(tick('2021-10-13 00:00'), '2020-10-12 recorded 2021-10-13')
  assert.equal(tick('2020-10-13 00:00', { deliveredMs: null }), 'time/not-delivered')
  const told = { deliveredMs: at('2020-10-10 09:00') }
  assert.equal(tick('2020-10-13 00:00', told), 'time/not-due')
  assert.equal(tick('2020-10-15 00:00', told), '2020-10-12 recorded 2020-10-15')
  const down = (from: string, until: string | null): Partial<Facts> => ({
    outages: [{ fromMs: at(from), untilMs: until === null ? null : at(until) }],
  })
  assert.equal(
    tick('2020-10-13 00:00', down('2020-10-10 08:00', '2020-10-10 08:01')),
    'time/outage',
  )
  assert.equal(tick('2020-10-13 00:00', down('2020-10-12 23:59', null)), 'time/outage')
  assert.notEqual(tick('2020-10-14 00:00', down('2020-10-13 00:00', null)), 'time/outage')
  assert.notEqual(
    tick('2020-10-14 00:00', down('2020-09-01 00:00', '2020-09-30 14:00')),
    'time/outage',
  )
  const never: Term = { limit: { span: span('3wd') }, calendar }
  assert.equal(code(deem(never, clock, facts('2020-12-01 00:00'))), 'time/never-deemed')
  const done = ok(endClock(clock, at('2020-10-09 09:00')))
  assert.equal(code(deem(opinion, done, facts('2020-12-01 00:00'))), 'time/ended')
})

test('nothing is deemed by a year without a notice, unless the ledger is practice too', () => {
  const opinion: Term = { limit: { span: span('3wd'), deems: 'due' }, calendar }
  const clock = ok(startClock(at('2026-12-31 14:00')))
  const given = { deliveredMs: at('2026-12-31 14:00') }
  const tick = (practiceLedger: boolean): string =>
    code(deem(opinion, clock, facts('2027-02-01 00:00', { ...given, practiceLedger })))
  assert.equal(tick(false), 'time/practice-calendar')
  assert.equal(tick(true), 'none')
})

test('a clock that jumps within a limit deems nothing', () => {
  const opinion: Term = { limit: { span: span('3wd'), deems: 'due' }, calendar }
  const started = at('2020-09-30 14:00')
  const last = at('2020-10-13 00:00') - 1
  const clock = ok(startClock(started))
  const now = fc.integer({ min: started, max: last })
  const silent = (nowMs: number): boolean =>
    isTimeFault(deem(opinion, clock, { ...facts('2020-10-13 00:00'), nowMs }))
  assert.ok(silent(last) && !silent(last + 1))
  fc.assert(
    fc.property(now, (nowMs) => {
      const found = deem(opinion, clock, { ...facts('2020-10-13 00:00'), nowMs })
      assert.ok(isTimeFault(found))
    }),
  )
})

// Licensing Law art. 32 (4): five working days, once, else accepted as of receipt.
const notice: Term = { limit: { span: span('5wd'), deems: 'start' }, calendar }
const told = { deliveredMs: at('2020-09-30 09:00') }

test('what is missing is said once; a second notice is refused', () => {
  const intake = ok(receive(at('2020-09-30 09:00')))
  const noticed = ok(giveNotice(notice, intake, at('2020-10-14 23:59')))
  assert.equal(code(giveNotice(notice, noticed, at('2020-10-14 23:59'))), 'time/second-notice')
  const complete = ok(completeIntake(noticed, at('2020-11-02 09:00')))
  assert.equal(code(giveNotice(notice, complete, at('2020-11-02 10:00'))), 'time/second-notice')
  const accepted = ok(acceptIntake(notice, complete, at('2020-11-03 10:00')))
  const found = ok(acceptanceOf(notice, accepted, facts('2020-11-03 11:00', told)))
  assert.deepEqual([textOfDay(found.day), found.deemed], ['2020-11-03', false])
  assert.equal(code(acceptIntake(notice, accepted, at('2020-11-04 10:00'))), 'time/accepted')
  assert.equal(code(completeIntake(intake, at('2020-10-09 09:00'))), 'time/no-notice')
})

test('not telling in time is acceptance as of the day of receipt', () => {
  const intake = ok(receive(at('2020-09-30 09:00')))
  const status = (when: string): string => {
    const found = acceptanceOf(notice, intake, facts(when, told))
    return isTimeFault(found) ? found.code : `${textOfDay(found.day)} ${String(found.deemed)}`
  }
  assert.equal(status('2020-10-14 23:59'), 'time/not-due')
  assert.equal(status('2020-10-15 00:00'), '2020-09-30 true')
  assert.equal(code(giveNotice(notice, intake, at('2020-10-15 00:00'))), 'time/too-late')
  assert.equal(code(turnAway(notice, intake, at('2020-10-15 00:00'))), 'time/too-late')
})

test('an application is turned away in time or not at all', () => {
  const intake = ok(receive(at('2020-09-30 09:00')))
  const away: Intake = ok(turnAway(notice, intake, at('2020-09-30 10:00')))
  assert.equal(code(acceptanceOf(notice, away, facts('2021-01-01 00:00', told))), 'time/closed')
  assert.equal(code(giveNotice(notice, away, at('2020-10-09 00:00'))), 'time/closed')
  assert.equal(code(turnAway(notice, intake, at('2020-09-30 08:59'))), 'time/backwards')
  const noticed = ok(giveNotice(notice, intake, at('2020-10-09 09:00')))
  assert.equal(code(acceptanceOf(notice, noticed, facts('2021-01-01 00:00', told))), 'time/not-due')
})

type Event = { readonly is: 'stop' | 'resume' | 'extend'; readonly afterMs: number }
const event: fc.Arbitrary<Event> = fc.record({
  is: fc.constantFrom('stop', 'resume', 'extend'),
  afterMs: fc.integer({ min: 0, max: 6 * 86_400_000 }),
})
const instant = fc.integer({ min: at('2020-01-01 00:00'), max: at('2025-06-30 00:00') })

test('no event brings a due day nearer, and none that has passed moves again', () => {
  fc.assert(
    fc.property(instant, fc.array(event, { maxLength: 12 }), (startedMs, events) => {
      let clock = ok(startClock(startedMs))
      let nowMs = startedMs
      let lastMs = lastOf(clock)
      for (const { is, afterMs } of events) {
        nowMs += afterMs
        const next = apply(clock, is, nowMs)
        if (isTimeFault(next)) continue
        if (is !== 'resume') assert.ok(nowMs <= lastMs)
        assert.ok(is === 'resume' || lastOf(next) >= lastMs)
        clock = next
        lastMs = lastOf(next)
      }
      const plain = lastOf(ok(startClock(startedMs)))
      assert.ok(lastMs >= plain)
    }),
    { numRuns: 1_000 },
  )
})

function apply(clock: Clock, is: Event['is'], atMs: number): Clock | TimeFault {
  if (is === 'stop') return stopClock(term, clock, { atMs, ground: 'hearing' })
  if (is === 'resume') return resumeClock(clock, atMs)
  return extendClock(term, clock, { atMs, by: span('10wd') })
}

function lastOf(clock: Clock): number {
  const found = ok(dueOf(term, clock))
  return found === standing ? Infinity : found.lastMs
}

test('every fault is explained in both languages', () => {
  const chinese = /[\u4e00-\u9fff]/
  const codes = new Set(timeTexts.map(([each]) => each))
  assert.equal(codes.size, timeTexts.length)
  for (const row of timeTexts) {
    const [, meaning, remedy, reasonZh, remedyZh] = row
    assert.ok(row.every((text) => text !== '' && text === text.trim()))
    assert.ok(chinese.test(reasonZh) && chinese.test(remedyZh), reasonZh)
    assert.ok(!chinese.test(meaning) && !chinese.test(remedy), meaning)
  }
  const fault = stopAt(ok(startClock(at('2020-09-21 09:00'))), '2020-09-22 09:00', 'holiday')
  assert.ok(isTimeFault(fault))
  assert.deepEqual(explainTime(fault, 'en'), {
    path: 'grounds',
    code: 'time/no-ground',
    reason: 'the law does not stop this clock on that ground',
    remedy: 'name a ground that the limit lists',
  })
  assert.equal(explainTime(fault, 'zh').reason, '该事由不能停止计时')
  assert.equal(dayOfText('2020-02-30'), null)
})
