// The clocks of limits over the golden cases.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { chinaCalendar } from '#test/china-calendar'
import type { Clock, Limit, Span, Term, TimeFault } from './index.ts'
import { deem, dueOf, endClock, extendClock, isTimeFault, parseSpan, readClock } from './index.ts'
import { resumeClock, standing, startClock, stopClock, textOfDay } from './index.ts'

type Event = readonly [at: string, is: string, given?: string]
type Case = {
  readonly claim: string
  readonly limit: { readonly span: string; readonly extension?: string } & Omit<
    Limit,
    'span' | 'extension'
  >
  readonly start: string
  readonly events?: readonly Event[]
  readonly refused?: string
  readonly due?: string
  readonly read?: readonly [at: string, state: string, left: number | null, late: number]
  readonly deem?: {
    readonly now: string
    readonly delivered: string | null
    readonly outage?: readonly [string, string | null]
    readonly practice?: boolean
    readonly code?: string
    readonly effect?: string
    readonly recorded?: string
  }
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../../vectors/time-clock.json', import.meta.url), 'utf8'),
) as { readonly cases: readonly Case[] }

const calendar = chinaCalendar()
const at = (text: string): number => Date.parse(`${text}+08:00`)

function spanOf(text: string): Span {
  const span = parseSpan(text)
  assert.ok(span)
  return span
}

function termOf({ limit }: Case): Term {
  const { span, extension, ...rest } = limit
  const longest = extension === undefined ? {} : { extension: spanOf(extension) }
  return { limit: { ...rest, ...longest, span: spanOf(span) }, calendar }
}

function happen(term: Term, clock: Clock, [when, is, given = '']: Event): Clock | TimeFault {
  const atMs = at(when)
  if (is === 'stop') return stopClock(term, clock, { atMs, ground: given })
  if (is === 'extend') return extendClock(term, clock, { atMs, by: spanOf(given) })
  return is === 'resume' ? resumeClock(clock, atMs) : endClock(clock, atMs)
}

function started(text: string): Clock {
  const clock = startClock(at(text))
  assert.ok(!isTimeFault(clock))
  return clock
}

/** The clock after the events of a case; the last one is refused if the case says so. */
function clockOf(each: Case): Clock | null {
  let clock = started(each.start)
  for (const [position, event] of (each.events ?? []).entries()) {
    const next = happen(termOf(each), clock, event)
    const isLast = position === (each.events?.length ?? 0) - 1
    if (isLast && each.refused !== undefined) {
      assert.ok(isTimeFault(next), each.claim)
      assert.equal(next.code, each.refused, each.claim)
      return null
    }
    assert.ok(!isTimeFault(next), `${each.claim}: ${JSON.stringify(next)}`)
    clock = next
  }
  assert.equal(each.refused, undefined, each.claim)
  return clock
}

test('clocks of limits stop, go on, end and fall silent as the vectors say', () => {
  for (const each of cases) {
    const clock = clockOf(each)
    if (clock === null) continue
    const term = termOf(each)
    if (each.due !== undefined) {
      const due = dueOf(term, clock)
      assert.ok(!isTimeFault(due), each.claim)
      assert.equal(due === standing ? standing : textOfDay(due.day), each.due, each.claim)
    }
    if (each.read !== undefined) {
      const [when, ...wanted] = each.read
      const found = readClock(term, clock, at(when))
      assert.ok(!isTimeFault(found), each.claim)
      assert.deepEqual([found.state, found.daysLeft, found.daysLate], wanted, each.claim)
    }
    if (each.deem !== undefined) checkSilence(each.claim, { term, clock, asked: each.deem })
  }
})

type Silence = {
  readonly term: Term
  readonly clock: Clock
  readonly asked: NonNullable<Case['deem']>
}

function checkSilence(claim: string, { term, clock, asked }: Silence): void {
  const { now, delivered, outage, practice = false, code, effect, recorded } = asked
  const [fromMs, untilMs] = outage ?? []
  const found = deem(term, clock, {
    nowMs: at(now),
    deliveredMs: delivered === null ? null : at(delivered),
    outages:
      fromMs === undefined
        ? []
        : [{ fromMs: at(fromMs), untilMs: typeof untilMs === 'string' ? at(untilMs) : null }],
    practiceLedger: practice,
  })
  const said = isTimeFault(found)
    ? { code: found.code }
    : { effect: textOfDay(found.effectDay), recorded: textOfDay(found.recordedDay) }
  assert.deepEqual(said, code === undefined ? { effect, recorded } : { code }, claim)
}
