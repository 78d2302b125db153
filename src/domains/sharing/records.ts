// The records of the sharing domain: where each stands in the state and how it is read. A permit
// stands in the state only while something can still be decided about it; what remains for ever is
// its entry in the log and the use tags in the map of their month. Two queues, of permits that are
// running and of permits that somebody has left open, are worked off a few at a time by the
// commands that come after, so the state is bounded by what is open and never by what has been.
import { assert } from '#base/assert'
import type { Value } from '#ledger/command'
import type { Write } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import { civilOf, dayOfInstant } from '#blueprint/time'

/** An owner answers before this many milliseconds after the permit's block. */
export const answerMs = 60_000
/** From this long after `answerBy` on an owner may close its receipt alone, in milliseconds. */
export const acknowledgeMs = 86_400_000
/** A permit that an owner has left open is given up this long after `answerBy`. */
export const giveUpMs: number = 8 * 86_400_000
/** A member with more unacknowledged permits than this gets no further one. */
export const unacknowledgedMax = 100

/** How an owner closed its part of a permit. */
export type Closing = 'receipt' | 'one-sided' | DeclineCode

/** Why an owner does not answer. None says anything of content. */
export const declineCodes = [
  'subject',
  'not-held',
  'moved-on',
  'no-reader-key',
  'not-asked',
  'too-late',
  'not-durable',
  'unavailable',
] as const

export type DeclineCode = (typeof declineCodes)[number]

/** A permit: for one attempt at one act, or for the keys by which one supply is looked up. */
export type Permit = {
  readonly case: string
  readonly reader: string
  readonly act?: string
  readonly supply?: string
  readonly element?: number
  readonly officer?: string
  /** Generations of what it allows to be read, items and slots. */
  readonly reads: { readonly [name: string]: number }
  /** Fields, where the reader asked for fewer than the act reads. */
  readonly only?: { readonly [name: string]: readonly string[] }
  /** Until this block time, exclusive, in milliseconds. */
  readonly answerBy: number
  /** What each owner holds of it. The reader's own is not among them. */
  readonly owners: { readonly [member: string]: readonly string[] }
  readonly closed: { readonly [member: string]: Closing }
  /** Slots that it is about, as tags name them. */
  readonly slots: readonly string[]
  /** Those for which the reader has not given its tag yet. */
  readonly untagged: readonly string[]
  /** Its missing tags count against the reader. */
  readonly overdue?: true
}

/** What counts for or against a member. */
export type Standing = {
  /** Its reads that an owner closed alone and that it has not acknowledged since. */
  readonly oneSided: number
  /** Its reads whose tags it has not given in time. */
  readonly untagged: number
  /** Permits that it left open as an owner, ever. */
  readonly unanswered: number
  /** Permits that it declined as an owner, ever. */
  readonly declined: number
}

// Two slashes in every key: an address with one slash is a refusal code.
export const permitKey = (entry: number): string => `sharing/permit/${entry}`
/** Reads of a member that one owner has closed alone. */
export const aloneKey = (reader: string, owner: string): string =>
  `sharing/alone/${reader}/${owner}`
export const standingKey = (member: string): string => `sharing/standing/${member}`
/** Key of a tag; `month` is `YYYY-MM`, and part of the map's name. */
export const useKey = (month: string, tag: string): string => `sharing/uses/${month}/${tag}`
export const usesPrefix = 'sharing/uses/'
const queueKey = (queue: Queue): string => `sharing/queue/${queue}`
const placeKey = (queue: Queue, at: number): string => `sharing/${queue}/${at}`

/** A record of this room, or undefined. */
export function readRecord<T>(view: Reading, key: string): T | undefined {
  const value = view.get(key)
  return value === undefined || value === null ? undefined : (value as unknown as T)
}

/** A write of a record of this room. */
export function write(key: string, record: object | number | null): Write {
  return [key, record as unknown as Value]
}

/** The permit of an entry while something can still be decided about it, or undefined. */
export function permitOf(view: Reading, entry: number): Permit | undefined {
  return readRecord<Permit>(view, permitKey(entry))
}

const blank: Standing = { oneSided: 0, untagged: 0, unanswered: 0, declined: 0 }

/** What counts for or against a member. */
export function standingOf(view: Reading, member: string): Standing {
  return readRecord<Standing>(view, standingKey(member)) ?? blank
}

/** Reads of a member that it has not acknowledged, or not tagged, in time. */
export function unacknowledged(view: Reading, member: string): number {
  const { oneSided, untagged } = standingOf(view, member)
  return oneSided + untagged
}

/**
 * Whether a member has left so much unacknowledged that it gets no permit which these owners would
 * answer. What an owner closes alone counts before that owner only: one that was never asked, or
 * never answered, cannot keep a reader from all others.
 */
export function isStopped(view: Reading, reader: string, owners: readonly string[]): boolean {
  if (standingOf(view, reader).untagged > unacknowledgedMax) return true
  return owners.some((owner) => {
    return (readRecord<number>(view, aloneKey(reader, owner)) ?? 0) > unacknowledgedMax
  })
}

/** Owners of a permit that have let its time pass without a receipt or a refusal. */
export function unanswered(view: Reading, entry: number, timeMs: number): readonly string[] {
  const permit = permitOf(view, entry)
  if (permit === undefined || timeMs < permit.answerBy) return []
  return openOwners(permit)
}

/** Owners that have not closed their part. */
export function openOwners({ owners, closed }: Permit): readonly string[] {
  return Object.keys(owners).filter((member) => closed[member] === undefined)
}

/** The month in China of an instant, `YYYY-MM`: the map in which its tags stand. */
export function monthOf(timeMs: number): string {
  const { year, month } = civilOf(dayOfInstant(timeMs))
  return `${year}-${twoDigits(month)}`
}

function monthBefore(month: string): string {
  const [year, at] = [Number(month.slice(0, 4)), Number(month.slice(5))]
  return at === 1 ? `${year - 1}-12` : `${year}-${twoDigits(at - 1)}`
}

function monthAfter(month: string): string {
  const [year, at] = [Number(month.slice(0, 4)), Number(month.slice(5))]
  return at === 12 ? `${year + 1}-01` : `${year}-${twoDigits(at + 1)}`
}

function twoDigits(count: number): string {
  return count < 10 ? `0${count}` : `${count}`
}

/**
 * The months in whose maps a tag of this month's seed can stand: whoever makes a tag at the turn of
 * a month does not know in which its block will be.
 */
export function monthsAround(month: string): readonly string[] {
  return [monthBefore(month), month, monthAfter(month)]
}

/**
 * Whether a tag stands in the map of this month or of the last one: a command that was made before
 * the turn of a month is ordered after it.
 */
export function isUsed(view: Reading, timeMs: number, tag: string): boolean {
  const month = monthOf(timeMs)
  return [month, monthBefore(month)].some((each) => view.get(useKey(each, tag)) !== undefined)
}

/** A state that is read for one command: each record is taken out of its text once. */
export class Once implements Reading {
  readonly #view: Reading
  readonly #read: Map<string, Value | undefined> = new Map()

  constructor(view: Reading) {
    this.#view = view
  }

  get(key: string): Value | undefined {
    if (this.#read.has(key)) return this.#read.get(key)
    const value = this.#view.get(key)
    this.#read.set(key, value)
    return value
  }
}

/**
 * Several changes on top of one another: reads see what was put before. One key is written once,
 * whatever was put under it on the way.
 */
export class Draft implements Reading {
  readonly #view: Reading
  readonly #writes: Map<string, Value> = new Map()

  constructor(view: Reading) {
    this.#view = view
  }

  get(key: string): Value | undefined {
    const value = this.#writes.get(key)
    if (value === undefined) return this.#view.get(key)
    return value === null ? undefined : value
  }

  put(key: string, record: object | number | null): void {
    this.#writes.set(key, record as unknown as Value)
  }

  /** Changes what counts for or against a member. */
  count(member: string, by: Partial<Standing>): void {
    const old = standingOf(this, member)
    const next = { ...old }
    for (const key of Object.keys(by) as (keyof Standing)[]) next[key] = old[key] + (by[key] ?? 0)
    assert(next.oneSided >= 0 && next.untagged >= 0, 'nobody acknowledges more than was counted')
    this.put(standingKey(member), next)
  }

  /** Counts what an owner has closed alone, or what the reader has acknowledged since. */
  countAlone(reader: string, owner: string, by: number): void {
    this.count(reader, { oneSided: by })
    const key = aloneKey(reader, owner)
    const next = (readRecord<number>(this, key) ?? 0) + by
    assert(next >= 0, 'nobody acknowledges more than was counted')
    this.put(key, next === 0 ? null : next)
  }

  writes(): readonly Write[] {
    return [...this.#writes]
  }
}

/** Permits that are running, and permits that somebody has left open after their time. */
type Queue = 'running' | 'late'

type Ends = { readonly first: number; readonly next: number }

function endsOf(draft: Draft, queue: Queue): Ends {
  return readRecord<Ends>(draft, queueKey(queue)) ?? { first: 0, next: 0 }
}

function append(draft: Draft, queue: Queue, entry: number): void {
  const { first, next } = endsOf(draft, queue)
  draft.put(placeKey(queue, next), entry)
  draft.put(queueKey(queue), { first, next: next + 1 })
}

/** A new permit, at the end of the queue of those that are running. */
export function openPermit(draft: Draft, entry: number, permit: Permit): void {
  draft.put(permitKey(entry), permit)
  append(draft, 'running', entry)
}

/** A permit with something new in it, or nothing of it once nothing remains to be decided. */
export function keepPermit(draft: Draft, at: number, permit: Permit, timeMs: number): void {
  draft.put(permitKey(at), timeMs >= permit.answerBy && isSettled(permit) ? null : permit)
}

/** Every owner has closed its part, nothing is one-sided, and every tag is there that can be. */
function isSettled(permit: Permit): boolean {
  const closings = Object.values(permit.closed)
  if (openOwners(permit).length > 0 || closings.includes('one-sided')) return false
  return taggable(permit).length === 0
}

/**
 * The missing tags that the reader can give: it learns a subject tag from the hosts of the slot
 * alone, and has it by its own word when it has signed that they showed it. Where it asks nobody it
 * is the host itself.
 */
function taggable({ untagged, owners, closed }: Permit): readonly string[] {
  return untagged.filter((name) => {
    const [slot = name] = name.split('.')
    const hosts = Object.keys(owners).filter((member) => owners[member]?.includes(slot))
    return hosts.every((member) => closed[member] === 'receipt')
  })
}

/** Entries that are worked off with one command: more than one comes in with it. */
const stepsMax = 4

/** Works off the queues: settled permits go, open ones are given up at their time. */
export function sweep(draft: Draft, timeMs: number): void {
  for (const [queue, waitMs] of [
    ['running', 0],
    ['late', giveUpMs],
  ] as const) {
    const { first, next } = endsOf(draft, queue)
    let at = first
    while (at < next && at < first + stepsMax) {
      const entry = readRecord<number>(draft, placeKey(queue, at))
      assert(entry !== undefined, 'a queue has no gap')
      const permit = permitOf(draft, entry)
      if (permit !== undefined && timeMs < permit.answerBy + waitMs) break
      draft.put(placeKey(queue, at), null)
      at += 1
      if (permit === undefined) continue
      if (isSettled(permit)) draft.put(permitKey(entry), null)
      else if (queue === 'running') append(draft, 'late', entry)
      else giveUp(draft, entry, permit)
    }
    if (at > first) draft.put(queueKey(queue), { ...endsOf(draft, queue), first: at })
  }
}

/**
 * The end of a permit that was left open: it counts against owners that were silent and against a
 * reader that gave no tags. It stays only while the reader can still clear what counts against it.
 */
function giveUp(draft: Draft, entry: number, permit: Permit): void {
  const silent = openOwners(permit)
  for (const member of silent) draft.count(member, { unanswered: 1 })
  const untagged = taggable(permit)
  const overdue = untagged.length > 0
  if (overdue) draft.count(permit.reader, { untagged: 1 })
  const owners = Object.fromEntries(
    Object.entries(permit.owners).filter(([member]) => !silent.includes(member)),
  )
  const rest: Permit = { ...permit, owners, untagged, ...(overdue ? { overdue } : {}) }
  draft.put(permitKey(entry), overdue || oneSidedIn(permit) > 0 ? rest : null)
}

function oneSidedIn({ closed }: Permit): number {
  return Object.values(closed).filter((how) => how === 'one-sided').length
}
