// The clock of a statutory limit: it starts, stands while the law lets it, may be extended once,
// and ends. It is a value; every event gives a new one or a fault. Times are the block's,
// milliseconds, and never run backwards; the clock reads no other.
import { dayOfInstant, isInstant } from './civil.ts'
import type { Due, Limit, StoppedDays } from './limit.ts'
import { dueDay, standing, stoppedDays } from './limit.ts'
import type { Span } from './span.ts'
import type { TimeFault } from './texts.ts'
import { isTimeFault, timeFault } from './texts.ts'
import type { Calendar } from './working-days.ts'
import { workingDaysBetween } from './working-days.ts'

/** From an instant on the clock stands, until another one or still, on a ground of the law. */
export type Stop = {
  readonly fromMs: number
  readonly untilMs: number | null
  readonly ground: string
}

/** A clock, as plain data. Only the last stop may be open; `endedMs` is null while it runs. */
export type Clock = {
  readonly startedMs: number
  readonly stops: readonly Stop[]
  /** Units by which the limit was extended, 0 if it was not. */
  readonly extended: number
  readonly endedMs: number | null
}

/** What a clock is read with. */
export type Term = { readonly limit: Limit; readonly calendar: Calendar }

/** More stops than this are not a procedure. */
export const stopsMax = 64

/** A clock that starts at an instant; its day does not count. */
export function startClock(atMs: number): Clock | TimeFault {
  if (!isInstant(atMs)) return timeFault('time/out-of-range')
  return { startedMs: atMs, stops: [], extended: 0, endedMs: null }
}

/** The due day as things stand, or `standing`. */
export function dueOf(term: Term, clock: Clock): Due | typeof standing | TimeFault {
  const { limit, calendar } = term
  const from = dayOfInstant(clock.startedMs)
  return dueDay(limit, clock.extended, { calendar, from, stops: clock.stops.map(daysOf) })
}

function daysOf({ fromMs, untilMs }: Stop): StoppedDays {
  return stoppedDays(fromMs, untilMs)
}

/** Stops the clock on a ground that the limit lists, before the limit has passed. */
export function stopClock(
  term: Term,
  clock: Clock,
  { atMs, ground }: { readonly atMs: number; readonly ground: string },
): Clock | TimeFault {
  const refused = changeRefused(term, clock, atMs)
  if (refused !== null) return refused
  if (openStop(clock) !== undefined) return timeFault('time/stopped')
  if (term.limit.grounds?.includes(ground) !== true) return timeFault('time/no-ground', 'grounds')
  if (clock.stops.length >= stopsMax) return timeFault('time/too-many-stops')
  return { ...clock, stops: [...clock.stops, { fromMs: atMs, untilMs: null, ground }] }
}

/** Lets a standing clock run again; days whose end found it standing do not count. */
export function resumeClock(clock: Clock, atMs: number): Clock | TimeFault {
  const refused = eventRefused(clock, atMs)
  if (refused !== null) return refused
  const open = openStop(clock)
  if (open === undefined) return timeFault('time/running')
  return { ...clock, stops: [...clock.stops.slice(0, -1), { ...open, untilMs: atMs }] }
}

/** Extends the limit, once, by at most what the law states, before it has passed. */
export function extendClock(
  term: Term,
  clock: Clock,
  { atMs, by }: { readonly atMs: number; readonly by: Span },
): Clock | TimeFault {
  const refused = changeRefused(term, clock, atMs)
  if (refused !== null) return refused
  const { extension, span } = term.limit
  if (extension === undefined) return timeFault('time/no-extension', 'extension')
  if (clock.extended > 0) return timeFault('time/extended')
  const fits = by.unit === span.unit && by.unit === extension.unit && by.count <= extension.count
  if (!fits || !Number.isInteger(by.count) || by.count < 1) {
    return timeFault('time/bad-extension', 'by')
  }
  return { ...clock, extended: by.count }
}

/** Ends the clock: what was to be done is done, in time or late. An open stop ends with it. */
export function endClock(clock: Clock, atMs: number): Clock | TimeFault {
  const refused = eventRefused(clock, atMs)
  if (refused !== null) return refused
  const open = openStop(clock)
  const stops =
    open === undefined ? clock.stops : [...clock.stops.slice(0, -1), { ...open, untilMs: atMs }]
  return { ...clock, stops, endedMs: atMs }
}

/** What a clock says at an instant. Days are working days where the limit is counted in them. */
export type Reading = {
  readonly state: 'running' | 'standing' | 'late' | 'ended'
  /** Null while the clock stands before its limit is reached. */
  readonly due: Due | null
  /** Days of the limit's kind that are left after the day of the reading; 0 on the due day. */
  readonly daysLeft: number | null
  /** Days of the limit's kind since the due day; 0 in time. For an ended clock, when it ended. */
  readonly daysLate: number
}

/** Reads a clock at an instant that is not before its last event. */
export function readClock(term: Term, clock: Clock, nowMs: number): Reading | TimeFault {
  if (!isInstant(nowMs)) return timeFault('time/out-of-range')
  if (nowMs < lastEvent(clock)) return timeFault('time/backwards')
  const due = dueOf(term, clock)
  if (isTimeFault(due)) return due
  const hasEnded = clock.endedMs !== null
  if (due === standing) return { state: 'standing', due: null, daysLeft: null, daysLate: 0 }
  const today = dayOfInstant(clock.endedMs ?? nowMs)
  const daysLate = today > due.day ? daysBetween(term, due.day, today) : 0
  if (isTimeFault(daysLate)) return daysLate
  const left = today < due.day ? daysBetween(term, today, due.day) : 0
  if (isTimeFault(left)) return left
  const daysLeft = hasEnded || openStop(clock) !== undefined ? null : left
  const state = hasEnded ? 'ended' : daysLate > 0 || today > due.day ? 'late' : 'running'
  return { state, due, daysLeft, daysLate }
}

function daysBetween({ limit, calendar }: Term, from: number, to: number): number | TimeFault {
  return limit.span.unit === 'wd' ? workingDaysBetween(calendar, from, to) : to - from
}

function openStop(clock: Clock): Stop | undefined {
  const last = clock.stops.at(-1)
  return last?.untilMs === null ? last : undefined
}

function lastEvent(clock: Clock): number {
  const last = clock.stops.at(-1)
  return clock.endedMs ?? last?.untilMs ?? last?.fromMs ?? clock.startedMs
}

function eventRefused(clock: Clock, atMs: number): TimeFault | null {
  if (!isInstant(atMs)) return timeFault('time/out-of-range')
  if (clock.endedMs !== null) return timeFault('time/ended')
  return atMs < lastEvent(clock) ? timeFault('time/backwards') : null
}

// What changes the due day must come before it has passed: after that, rights rest on it.
function changeRefused(term: Term, clock: Clock, atMs: number): TimeFault | null {
  const refused = eventRefused(clock, atMs)
  if (refused !== null) return refused
  const due = dueOf(term, clock)
  if (isTimeFault(due)) return due
  return due !== standing && atMs > due.lastMs ? timeFault('time/too-late') : null
}
