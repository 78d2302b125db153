// What a department says of a source now: by the state that it sees, the one that counted last, and
// what the ledger holds. The ledger computes red, green and announced itself and refuses another
// word; here it is decided when something is said at all, and when a second person looks first.
import type { Drift, DriftState } from '#domains/sharing'
import { changedPercentMax } from '#domains/sharing'
import type { Differences } from './comparing.ts'

/** A source as it was seen, against the last state that counted. */
export type Seen = {
  readonly schema: string
  readonly rows: number
  /** Over all fingerprints; two states that are the same have the same. */
  readonly digest: string
  readonly differences: Differences
  /** `first`: nothing is kept, nothing was said; `lost`: something was said, nothing is kept. */
  readonly before: 'first' | 'kept' | 'lost'
  readonly isSame: boolean
}

/** How things stand at a moment, Unix milliseconds. */
export type Moment = {
  readonly now: number
  /** Schema of the published item. */
  readonly published: string
  readonly drift: Drift | undefined
  /** Until when the last attestation is as new as promised. */
  readonly freshUntil: number
  /** Digest of the state that a second person has seen and confirmed. */
  readonly confirmed?: string
  /** Changes that do not matter much are said at once and not at the next full interval. */
  readonly atOnce: boolean
  /** How long small changes are gathered, milliseconds. */
  readonly gatherMs: number
}

/** What follows. */
export type Ruling = {
  /** What is said on the ledger; null: nothing. */
  readonly say: DriftState | null
  /** The state is the one with which the next is compared. */
  readonly counts: boolean
  /** It answers nothing before a second person has looked. */
  readonly holds: boolean
}

/** A source is said anew so long before its promise of freshness would be broken, milliseconds. */
const renewMs = 86_400_000

const nothing: Ruling = { say: null, counts: false, holds: false }
const green: Ruling = { say: 'green', counts: true, holds: false }

/** What a department says of a source that it has just read. */
export function rule(seen: Seen, moment: Moment): Ruling {
  const { now, published, drift, confirmed } = moment
  const isDue = now > moment.freshUntil - renewMs
  const isSaid = (state: DriftState): boolean =>
    drift?.state === state && drift.schema === seen.schema && !isDue
  if ((drift?.announced ?? 0) > now) {
    const isKnown = isSaid('announced') && seen.isSame
    return isKnown ? nothing : { say: 'announced', counts: true, holds: false }
  }
  const holds = seen.before === 'lost' || isLarge(seen)
  if (seen.schema !== published) {
    return { say: isSaid('red') ? null : 'red', counts: false, holds }
  }
  if (confirmed === seen.digest) return green
  if (holds) return { say: null, counts: false, holds }
  if (drift?.state !== 'green' || isDue) return green
  const isGathered = moment.atOnce || now >= drift.asOf + moment.gatherMs
  return !seen.isSame && isGathered ? green : nothing
}

/** Rows that differ. */
export function changedIn({ differences }: Seen): number {
  const { added, changed, vanished } = differences
  return added + changed + vanished
}

/** Whether more differs than one person may accept; the first state has nothing to differ from. */
export function isLarge(seen: Seen): boolean {
  if (seen.before === 'first') return false
  return changedIn(seen) > Math.floor((seen.rows * changedPercentMax) / 100)
}

/** What is said of a source that is not read: what is known of it goes stale. */
export function ruleUnread(
  drift: Drift,
  { now, published, freshUntil }: Pick<Moment, 'now' | 'published' | 'freshUntil'>,
): DriftState | null {
  if ((drift.announced ?? 0) > now) return null
  const state = drift.schema === published && now <= freshUntil ? 'green' : 'red'
  return state === drift.state ? null : state
}
