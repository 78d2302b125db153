// What a member is told of the sources of others: from the ledger alone, in the block after an
// attestation, state, resource, since and entry, never a value. What is red, or older than its
// owner has promised, is shown with every open case and standing watch of the member that uses it.
import { listOf, isRead, parseRead } from '#blueprint/grammar'
import { itemOfPath } from '#blueprint/check'
import {
  cases,
  catalogueItemOf,
  driftOf,
  freshUntil,
  readersOf,
  resourceOf,
} from '#domains/sharing'
import type { Drift } from '#domains/sharing'
import type { CaseNow, RedItem, RedSources, SourceNews } from '#apps/node/casework'
import { idOf } from '#apps/node/casework'
import type { LedgerPort } from '#apps/node/ledger-port'

/** A resource of the catalogue as the ledger knows it. */
export type KnownSource = {
  readonly resource: string
  readonly member: string
  readonly item: string
  readonly types: readonly string[]
  readonly schema: string
  readonly drift: Drift
  /** Until when it is as new as promised, Unix milliseconds. */
  readonly freshUntil: number
}

const prefix = 'sharing/drift/'

/** The sources that the ledger knows of, as one member follows them. */
export class Sources implements RedSources {
  readonly #port: LedgerPort
  readonly #known: Map<string, KnownSource> = new Map()

  constructor(port: LedgerPort) {
    this.#port = port
  }

  /** Takes note of what an entry has written; gives the source of which the state changed. */
  take(keys: readonly string[]): KnownSource | null {
    const key = keys.find((each) => each.startsWith(prefix))
    if (key === undefined) return null
    const resource = key.slice(prefix.length)
    const before = this.#known.get(resource)
    const now = this.#read(resource)
    if (now === null) this.#known.delete(resource)
    else this.#known.set(resource, now)
    const { time } = this.#port.head()
    const wasRed = before !== undefined && isRed(before, time)
    const isSame = wasRed === (now !== null && isRed(now, time))
    return isSame && now?.drift.state === before?.drift.state ? null : (now ?? before ?? null)
  }

  /** Knows a source of which an earlier life has heard, as the ledger has it now. */
  know(resource: string): void {
    const now = this.#read(resource)
    if (now !== null) this.#known.set(resource, now)
  }

  /** The ids of all that it has heard of. */
  resources(): readonly string[] {
    return [...this.#known.keys()]
  }

  /** Those of one member, read anew. */
  of(member: string): readonly KnownSource[] {
    const own = [...this.#known.values()].filter((source) => source.member === member)
    return own.flatMap(({ resource }) => this.#read(resource) ?? [])
  }

  /** Whether any source of another member is red or stale at a time: mostly none is. */
  isAnyRed(timeMs: number): boolean {
    for (const source of this.#known.values()) {
      if (source.member !== this.#port.member && isRed(source, timeMs)) return true
    }
    return false
  }

  /** Items of a case of which the source is red or stale, each with its news. */
  redIn(now: CaseNow): readonly RedItem[] {
    if (!this.isAnyRed(now.time)) return []
    const { evidence, parties } = now.compiled.blueprint
    return Object.entries(evidence).flatMap(([name, { from = '' }]) => {
      const owner = parties[from]?.member ?? now.facts.members[from]
      const type = now.compiled.items.get(name)?.type.type
      if (owner === undefined || owner === this.#port.member || type === undefined) return []
      const found = [...this.#known.values()].find((source) => {
        return source.member === owner && source.types.includes(type) && isRed(source, now.time)
      })
      return found === undefined ? [] : [{ name, news: newsOf(found) }]
    })
  }

  /** Those of them that this member uses: an act of its own reads them, or it watches them. */
  usedIn(now: CaseNow): readonly RedItem[] {
    const red = this.redIn(now)
    if (red.length === 0) return red
    const used = new Set([...readIn(now, this.#port.member), ...this.#watchedIn(now)])
    return red.filter(({ name }) => used.has(name))
  }

  /** Whether this member watches anything of a case that is over. */
  isReader(now: CaseNow): boolean {
    return this.#watchedIn(now).length > 0
  }

  #watchedIn({ id, compiled }: CaseNow): readonly string[] {
    const { view, time } = { view: this.#port.view(), time: this.#port.head().time }
    return Object.entries(compiled.blueprint.watches ?? {}).flatMap(([name, { reads }]) => {
      const readers = readersOf(cases, view, { case: id, name }, time) ?? []
      return readers.includes(this.#port.member) ? [itemOfPath(reads)] : []
    })
  }

  #read(resource: string): KnownSource | null {
    const view = this.#port.view()
    const drift = driftOf(view, resource)
    const place = resourceOf(view, resource)
    const record = place === undefined ? place : catalogueItemOf(view, place.member, place.item)
    if (drift === undefined || place === undefined || record === undefined) return null
    const { types, update, schema } = record
    const until = freshUntil(drift.asOf, update)
    return { resource, ...place, types, schema, drift, freshUntil: until }
  }
}

/** The desk's key of a red source in a case. */
export function redKey(id: string, name: string, { resource, since }: SourceNews): string {
  return idOf('source-red', id, name, resource, since)
}

function isRed({ drift, freshUntil: until }: KnownSource, timeMs: number): boolean {
  if (drift.state === 'announced') return (drift.announced ?? 0) <= timeMs && timeMs > until
  return drift.state === 'red' || timeMs > until
}

function newsOf({ resource, member, item, drift, freshUntil: until }: KnownSource): SourceNews {
  const { state, since, entry } = drift
  // Nobody has said it, and everybody can see it: the promise of freshness is broken since then.
  const isStale = state !== 'red'
  return { resource, member, item, state: 'red', since: isStale ? until : since, entry }
}

/** Items that acts of a member read in a case that is open. */
function readIn({ facts, compiled }: CaseNow, member: string): readonly string[] {
  if (facts.state !== 'open') return []
  const { acts, parties } = compiled.blueprint
  const isMine = (party: string): boolean =>
    (parties[party]?.member ?? facts.members[party]) === member
  const isPerson = (party: string): boolean =>
    parties[party]?.member === undefined && parties[party]?.class === undefined
  return Object.values(acts).flatMap(({ by, through, reads = [] }) => {
    const doers = listOf(by)
    const atCounter = through === undefined && facts.host === member && doers.some(isPerson)
    const counters = through === undefined ? [] : listOf(through)
    if (![...doers, ...counters].some(isMine) && !atCounter) return []
    return reads.flatMap((line) => {
      const read = parseRead(line)
      return isRead(read) ? [read.item] : []
    })
  })
}
