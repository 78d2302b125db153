// Between receipt and acceptance. Within its limit the department accepts, or says once, in one
// notice, everything that is missing (Licensing Law art. 32 (4)). A second notice is refused. If
// neither comes in time, the application is accepted as of the day on which it was received.
import { dayOfInstant, isInstant } from './civil.ts'
import type { Clock, Term } from './clock.ts'
import { dueOf } from './clock.ts'
import type { Facts } from './deeming.ts'
import { deem } from './deeming.ts'
import { standing } from './limit.ts'
import type { TimeFault } from './texts.ts'
import { isTimeFault, timeFault } from './texts.ts'

/** An application on its way in, as plain data; what has not happened is null. */
export type Intake = {
  readonly receivedMs: number
  readonly noticeMs: number | null
  /** The applicant has supplied what the notice asked for. */
  readonly completedMs: number | null
  readonly acceptedMs: number | null
  readonly turnedAwayMs: number | null
}

/** Accepted: from which day, and whether by silence. */
export type Acceptance = { readonly day: number; readonly deemed: boolean }

/** An application that was received at an instant. */
export function receive(atMs: number): Intake | TimeFault {
  if (!isInstant(atMs)) return timeFault('time/out-of-range')
  const open = { noticeMs: null, completedMs: null, acceptedMs: null, turnedAwayMs: null }
  return { receivedMs: atMs, ...open }
}

/** Says what is missing: once, and before the limit has passed. */
export function giveNotice(term: Term, intake: Intake, atMs: number): Intake | TimeFault {
  if (intake.noticeMs !== null) return timeFault('time/second-notice')
  const refused = eventRefused(intake, atMs) ?? lateRefused(term, intake, atMs)
  return refused ?? { ...intake, noticeMs: atMs }
}

/** The applicant supplies what was missing. */
export function completeIntake(intake: Intake, atMs: number): Intake | TimeFault {
  const refused = eventRefused(intake, atMs)
  if (refused !== null) return refused
  if (intake.noticeMs === null) return timeFault('time/no-notice')
  return { ...intake, completedMs: atMs }
}

/** Accepts by declaration; after a limit that passed in silence the law has done so already. */
export function acceptIntake(term: Term, intake: Intake, atMs: number): Intake | TimeFault {
  const refused = eventRefused(intake, atMs) ?? lateRefused(term, intake, atMs)
  return refused ?? { ...intake, acceptedMs: atMs }
}

/** Turns the application away: the matter is not the department's, or needs no decision. */
export function turnAway(term: Term, intake: Intake, atMs: number): Intake | TimeFault {
  const refused = eventRefused(intake, atMs) ?? lateRefused(term, intake, atMs)
  return refused ?? { ...intake, turnedAwayMs: atMs }
}

/**
 * Since when the application counts as accepted, or why it does not (`time/not-due`: nobody has
 * said anything yet and may still). The term's limit is that of the notice, and its `deems` is
 * `start`.
 */
export function acceptanceOf(term: Term, intake: Intake, facts: Facts): Acceptance | TimeFault {
  if (intake.turnedAwayMs !== null) return timeFault('time/closed')
  if (intake.acceptedMs !== null) return { day: dayOfInstant(intake.acceptedMs), deemed: false }
  if (intake.noticeMs !== null) return timeFault('time/not-due')
  const silence = deem(term, clockOf(intake), facts)
  return isTimeFault(silence) ? silence : { day: silence.effectDay, deemed: true }
}

// The department's silence is measured from receipt; nothing stops it.
function clockOf(intake: Intake): Clock {
  return { startedMs: intake.receivedMs, stops: [], extended: 0, endedMs: null }
}

function eventRefused(intake: Intake, atMs: number): TimeFault | null {
  const { receivedMs, noticeMs, completedMs, acceptedMs, turnedAwayMs } = intake
  if (!isInstant(atMs)) return timeFault('time/out-of-range')
  if (turnedAwayMs !== null) return timeFault('time/closed')
  if (acceptedMs !== null) return timeFault('time/accepted')
  return atMs < (completedMs ?? noticeMs ?? receivedMs) ? timeFault('time/backwards') : null
}

// Once a notice was given the law names no further day, so nothing is too late by it.
function lateRefused(term: Term, intake: Intake, atMs: number): TimeFault | null {
  if (intake.noticeMs !== null) return null
  const due = dueOf(term, clockOf(intake))
  if (isTimeFault(due)) return due
  return due !== standing && atMs > due.lastMs ? timeFault('time/too-late') : null
}
