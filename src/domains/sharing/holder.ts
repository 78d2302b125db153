// The holder's list: who looked at her data, proven complete. From every department she gets the
// seeds of her tags for a month and walks them: tag 1, 2, … stand in the map, the last one in none;
// one between may be that of a receipt to come. Every read has two sides, and each is held to the
// other: what the owner's tags find must be found by the reader's, and the other way round. What is
// proven: nothing that was recorded under her tags is hidden, and a use that was left out or put
// under another tag needs owner and reader to collude. That both do is outside the promise, and so
// are sealed uses until they are opened.
import type { Bytes } from '#base/bytes'
import { base64urlEncode } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { useTag } from '#base/commitment'
import type { MapProof } from '#ledger/prove'
import { mapKeyOf, mapValueHash, verifyAbsence, verifyPresence } from '#ledger/prove'
import { byName } from '#blueprint/check'
import type { Closing } from './records.ts'
import { monthsAround, useKey } from './records.ts'

/** One tag looked up in the map of one month: where it stands, the entry and its permit. */
export type Look = {
  readonly month: string
  readonly proof: MapProof
  readonly value: readonly [entry: number, permit: number] | null
}

/** The walk through one seed: for tag 1, 2, … a look into every map in which it can stand. */
export type Walk = {
  readonly member: string
  readonly month: string
  /** 32 bytes, given to the holder by the member: one as a reader, one as an owner. */
  readonly seed: Bytes
  readonly steps: readonly (readonly Look[])[]
}

export type Found = { readonly entry: number; readonly permit: number; readonly tag: string }

/** Tags in a row that stand nowhere, after which whoever walks for a holder may end. */
export const gapsMax = 16

/** What a walk proves. */
export type Walked = {
  readonly member: string
  readonly month: string
  readonly found: readonly Found[]
  /** Tags between others that stand nowhere: of receipts to come, or of refused requests. */
  readonly gaps: number
  /** It ends with a tag that is proven absent, and nothing before it is without proof. */
  readonly complete: boolean
}

/** The months of the maps that there are and in which a tag of a month's seed can stand. */
function mapsOf(month: string, roots: ReadonlyMap<string, Bytes>): readonly string[] {
  return monthsAround(month).filter((each) => roots.has(each))
}

/**
 * What a walk proves under the roots of the maps by month, which the caller has from a verified
 * map root. A proof that does not hold ends it incomplete: nothing after it is believed. Untrusted.
 */
export function verifyWalk(untrusted: Walk, roots: ReadonlyMap<string, Bytes>): Walked {
  const { member, month, seed, steps } = untrusted
  const maps = mapsOf(month, roots)
  const found: Found[] = []
  // Tags up to the last that stands somewhere.
  let reach = 0
  const end = (complete: boolean): Walked => ({
    member,
    month,
    found,
    gaps: reach - found.length,
    complete,
  })
  // Before the first map there is nothing in which a tag could stand.
  if (maps.length === 0) return end(true)
  for (const [at, looks] of steps.entries()) {
    const tag = base64urlEncode(useTag(seed, at + 1))
    const values = maps.map((map) => lookedUp(tag, map, { looks, roots }))
    if (values.includes('unproven')) return end(false)
    const present = values.filter((value) => value !== 'absent' && value !== 'unproven')
    const [first] = present
    if (present.length > 1) return end(false)
    if (first !== undefined) {
      found.push({ entry: first[0], permit: first[1], tag })
      reach = at + 1
    } else if (at === steps.length - 1) return end(true)
  }
  return end(false)
}

type Looked = readonly [entry: number, permit: number] | 'absent' | 'unproven'

function lookedUp(
  tag: string,
  map: string,
  given: { readonly looks: readonly Look[]; readonly roots: ReadonlyMap<string, Bytes> },
): Looked {
  const look = given.looks.find(({ month }) => month === map)
  const root = given.roots.get(map)
  if (look === undefined || root === undefined) return 'unproven'
  const key = mapKeyOf(useKey(map, tag))
  const { proof, value } = look
  if (value === null) return verifyAbsence({ root, key, proof }) ? 'absent' : 'unproven'
  const isUse = value.length === 2 && value.every((each) => Number.isSafeInteger(each) && each >= 0)
  if (!isUse) return 'unproven'
  const valueHash = mapValueHash(encodeCanonical(value))
  return verifyPresence({ root, key, valueHash, proof }) ? value : 'unproven'
}

/** How an owner's part of a permit ended, as far as the ledger says. */
export type PartOfOwner = {
  readonly member: string
  /** `running` before its time is over, `silent` after. */
  readonly how: Closing | 'running' | 'silent'
}

/** A read as its entries tell it: of owners those whose part is about the holder. */
export type Story = {
  /** The entry of the permit. */
  readonly permit: number
  /** Block time, in milliseconds. */
  readonly time: number
  readonly reader: string
  readonly case: string
  /** The act that read, or the item that was looked up. */
  readonly for: string
  readonly owners: readonly PartOfOwner[]
}

/** One line of the list. */
export type Line = Story & {
  /** The reader's tag was found by the holder's walks. */
  readonly byReader: boolean
  /** Owners whose tag was found. */
  readonly byOwners: readonly string[]
}

/** What does not agree. Each names the member whose word is missing. */
export type Mismatch =
  /** An owner has shown something, and the reader's tags do not find it. */
  | { readonly kind: 'reader-left-out'; readonly permit: number; readonly member: string }
  /** An owner says that it has shown something, and its own tags do not find it. */
  | { readonly kind: 'owner-left-out'; readonly permit: number; readonly member: string }
  /** A tag leads to a permit in which the member has no part. */
  | { readonly kind: 'not-its-own'; readonly permit: number; readonly member: string }
  /** A tag leads to a permit that is not in the list that she was given. */
  | { readonly kind: 'not-listed'; readonly permit: number; readonly member: string }
  /** A walk without an end, or no walk at all of a member that was asked for one. */
  | { readonly kind: 'not-proven'; readonly month: string; readonly member: string }

export type HoldersList = {
  /** In the order of the ledger. */
  readonly lines: readonly Line[]
  readonly mismatches: readonly Mismatch[]
  /** Every walk ends, and every side agrees with every other. */
  readonly complete: boolean
}

/**
 * The list and what does not agree in it. `walked` are the verified walks of the months that are
 * asked about, and `stories` the reads that her cases or these walks lead to.
 */
export function holdersList(walked: readonly Walked[], stories: readonly Story[]): HoldersList {
  const found = new Map<string, Set<number>>()
  for (const walk of walked) {
    const permits = found.get(walk.member) ?? new Set()
    for (const { permit } of walk.found) permits.add(permit)
    found.set(walk.member, permits)
  }
  const hasFound = (member: string, permit: number): boolean =>
    found.get(member)?.has(permit) === true
  const told = new Map(stories.map((story) => [story.permit, story]))
  const inOrder = [...told.values()].sort((a, b) => a.permit - b.permit)
  const lines = inOrder.map((story) => ({
    ...story,
    byReader: hasFound(story.reader, story.permit),
    byOwners: story.owners
      .map(({ member }) => member)
      .filter((member) => hasFound(member, story.permit)),
  }))
  const mismatches = [
    ...walked.flatMap(({ complete, month, member }) =>
      complete ? [] : [{ kind: 'not-proven' as const, month, member }],
    ),
    ...lines.flatMap(leftOut),
    ...strays(found, told),
  ]
  return { lines, mismatches, complete: mismatches.length === 0 }
}

function isShown({ how }: PartOfOwner): boolean {
  return how === 'receipt' || how === 'one-sided'
}

/** Whoever says that something was shown, or was shown it, must have put it under her tags. */
function leftOut({ permit, reader, owners, byReader, byOwners }: Line): readonly Mismatch[] {
  const shown = owners.filter(isShown).map(({ member }) => member)
  const missing = shown.filter((member) => !byOwners.includes(member))
  return [
    ...(shown.length > 0 && !byReader
      ? [{ kind: 'reader-left-out' as const, permit, member: reader }]
      : []),
    ...missing.map((member) => ({ kind: 'owner-left-out' as const, permit, member })),
  ]
}

/** Tags that lead to nothing that she was told, or to a permit of others. */
function strays(
  found: ReadonlyMap<string, ReadonlySet<number>>,
  told: ReadonlyMap<number, Story>,
): readonly Mismatch[] {
  return byName(found.keys()).flatMap((member) =>
    [...(found.get(member) ?? [])].flatMap((permit): readonly Mismatch[] => {
      const story = told.get(permit)
      if (story === undefined) return [{ kind: 'not-listed', permit, member }]
      const own = story.reader === member || story.owners.some((each) => each.member === member)
      return own ? [] : [{ kind: 'not-its-own', permit, member }]
    }),
  )
}
