// What a department knows of a case for one attempt: its own records out of its vault, and what
// other members showed it under a permit that is an entry of the ledger. What was shown lies in the
// vault before it is used, so an attempt that goes on after a crash asks nobody again. Every record
// is held to the commitment that the ledger names.
import type { Json } from '#base/canonical'
import { assert } from '#base/assert'
import type { Known, Needed, Rec } from '#blueprint/judge'
import { itemOf } from '#domains/processes'
import { permitOf } from '#domains/sharing'
import type { CaseNow } from './cases.ts'
import { idOf } from './ids.ts'
import { Later } from './later.ts'
import type { Me } from './me.ts'
import { commitmentOf, moreOf } from './records.ts'
import type { VaultRecord } from './ports.ts'

/** What is read, for which attempt, and what is said on the ledger to be permitted. */
export type Wanted = {
  readonly attempt: string
  readonly needed: Needed
  /** Of a slot with several persons, the one who is asked about. */
  readonly one?: { readonly slot: string; readonly element: number }
  /** Nobody is asked; what others hold stays unknown. */
  readonly ownOnly?: true
  /** The rest of the body of `case.read`: the act with its element, or the item to supply. */
  readonly permit: { readonly [name: string]: Json }
}

/** A commitment that the ledger names, and who can open it. */
type Place = {
  readonly name: string
  readonly c: string
  readonly by: string
  readonly from: string
  readonly element?: number
}

type Held = { readonly place: Place; readonly state: string; readonly fields: Rec['fields'] }

/** Everything that is needed, or `Later` where somebody does not show it now. */
export async function readFor(me: Me, now: CaseNow, wanted: Wanted): Promise<Known> {
  const { items, slots } = wanted.needed
  const places = [
    ...Object.keys(items).flatMap((item) => itemPlaces(me, now, item, wanted)),
    ...Object.keys(slots).flatMap((slot) => slotPlaces(now, slot, wanted.one)),
  ]
  const permits = permitsOf(me, wanted)
  const held = new Map<Place, Held>()
  const missing: Place[] = []
  for (const place of places) {
    const isOwn = place.by === me.port.member
    const found = isOwn ? ownOf(me, now, place) : copyOf(me, now, permits, place)
    if (found === null) missing.push(place)
    else held.set(place, found)
  }
  if (missing.length > 0 && wanted.ownOnly !== true)
    await askAll(me, now, { wanted, missing, held })
  const inOrder = places.flatMap((place) => held.get(place) ?? [])
  return knownOf(now, { wanted, places, held: inOrder })
}

/** The records of this vault in which what was read lies, with the fields that were read. */
export function recordsRead(
  me: Me,
  now: CaseNow,
  wanted: Wanted,
): readonly { readonly record: string; readonly paths: readonly string[] }[] {
  const { items, slots } = wanted.needed
  const places = [
    ...Object.keys(items).flatMap((item) => itemPlaces(me, now, item, wanted)),
    ...Object.keys(slots).flatMap((slot) => slotPlaces(now, slot, wanted.one)),
  ]
  return places.flatMap(({ name, c }) => {
    const record = me.vault.find({ case: now.id, name }).find((each) => {
      return (moreOf(each, 'c') ?? moreOf(each, 'commitment')) === c
    })
    const paths = items[name] ?? slots[name] ?? []
    return record === undefined ? [] : [{ record: record.id, paths }]
  })
}

function itemPlaces(me: Me, now: CaseNow, item: string, wanted: Wanted): readonly Place[] {
  const facts = itemOf(me.port.view(), now.id, item)
  const { act, element: one } = wanted.permit
  const input = now.compiled.acts
    .get(typeof act === 'string' ? act : '')
    ?.inputs.find(({ name }) => name === item)
  // What is given for each element of a list is read for its own alone.
  const isOwn = (element: number | undefined): boolean => input?.each !== true || element === one
  const parts = (facts?.parts ?? []).filter(({ element }) => isOwn(element))
  return parts.map(({ c, by, from, element }) => {
    const place = { name: item, c, by, from }
    return element === undefined ? place : { ...place, element }
  })
}

function slotPlaces(now: CaseNow, slot: string, one: Wanted['one']): readonly Place[] {
  const facts = Object.hasOwn(now.facts.slots, slot) ? now.facts.slots[slot] : undefined
  if (facts === undefined) return []
  const several = facts.commitments.length > 1
  return facts.commitments.flatMap((c, element) => {
    if (several && one?.slot === slot && one.element !== element) return []
    const by = facts.hosts[element] ?? now.facts.host
    return [{ name: slot, c, by, from: 'slot', element }]
  })
}

function ownOf({ vault }: Me, now: CaseNow, place: Place): Held {
  const records = vault.find({ case: now.id, name: place.name })
  const isOwn = ({ kind }: VaultRecord): boolean => kind === 'own' || kind === 'slot'
  const record = records.find((each) => isOwn(each) && commitmentOf(each) === place.c)
  // The vault is written before the ledger, so what the ledger names is there.
  if (record === undefined) throw new Later('node/record-lost')
  return heldOf(place, record)
}

function copyOf(
  { vault }: Me,
  now: CaseNow,
  permits: readonly number[],
  place: Place,
): Held | null {
  const record = vault.find({ case: now.id, name: place.name, kind: 'copy' }).find((each) => {
    const permit = moreOf(each, 'permit')
    const isOurs = typeof permit === 'number' && permits.includes(permit)
    return isOurs && moreOf(each, 'commitment') === place.c
  })
  return record === undefined ? null : heldOf(place, record)
}

function heldOf(place: Place, { leaves }: VaultRecord): Held {
  const [first, ...rest] = leaves
  assert(first?.path === '$' && typeof first.value === 'string', 'the first leaf is the state')
  const fields = Object.fromEntries(rest.map(({ path, value }) => [path, value]))
  return { place, state: first.value, fields }
}

type Asking = {
  readonly wanted: Wanted
  readonly missing: readonly Place[]
  readonly held: Map<Place, Held>
}

async function askAll(me: Me, now: CaseNow, { wanted, missing, held }: Asking): Promise<void> {
  const permit = await permitFor(me, now, { wanted, owners: missing.map(({ by }) => by) })
  const owners = ownersOf(me, permit)
  for (const owner of new Set(missing.map(({ by }) => by))) {
    const allowed = owners[owner] ?? []
    // What the purpose does not read stays unknown, whatever a judgement would like to know.
    const places = missing.filter(({ by, name }) => by === owner && allowed.includes(name))
    if (places.length === 0) continue
    const names = [...new Set(places.map(({ name }) => name))]
    const answer = await me.ways.ask({ permit, owner, names })
    if ('declined' in answer) throw new Later(answer.declined)
    for (const place of places) {
      const found = copyOf(me, now, [permit], place)
      if (found === null) throw new Later('node/not-shown')
      held.set(place, found)
    }
  }
  const asked = new Set(missing.map(({ by }) => by))
  await askTags(me, now, { permit, owners, asked })
}

/**
 * Hosts that show nothing but a slot's subject tag, of which our own tag of this read is made. The
 * attempt does not rest on it: who does not answer now is asked under the next permit.
 */
async function askTags(
  me: Me,
  now: CaseNow,
  of: {
    readonly permit: number
    readonly owners: { readonly [owner: string]: readonly string[] }
    readonly asked: ReadonlySet<string>
  },
): Promise<void> {
  const { permit, owners, asked } = of
  for (const [owner, held] of Object.entries(owners)) {
    const names = held.filter((name) => Object.hasOwn(now.facts.slots, name))
    if (names.length > 0 && !asked.has(owner)) await me.ways.ask({ permit, owner, names })
  }
}

/** Permits of one attempt: one dies after a minute, and then another is asked for. */
const permitsMax = 64

/** The entries of the permits that this attempt was given. */
function permitsOf(me: Me, wanted: Wanted): readonly number[] {
  const entries: number[] = []
  for (let n = 0; n < permitsMax; n += 1) {
    const receipt = me.port.receipt(permitId(me, wanted, n))
    if (receipt === null) break
    if (receipt.code === 'ok') entries.push(receipt.entry)
  }
  return entries
}

function permitId({ port }: Me, { attempt }: Wanted, n: number): string {
  return idOf('permit', port.ledger, port.member, attempt, n)
}

/** The entry of a permit that still counts for a while. */
async function permitFor(
  me: Me,
  now: CaseNow,
  { wanted, owners }: { readonly wanted: Wanted; readonly owners: readonly string[] },
): Promise<number> {
  // The gateway gives this use its tags once it was shown whose they are.
  const body = { case: now.id, ...wanted.permit, tags: {} }
  for (let n = 0; n < permitsMax; n += 1) {
    const id = permitId(me, wanted, n)
    const before = me.port.receipt(id)
    if (
      before !== null &&
      (before.code !== 'ok' || isOver(me, now, { entry: before.entry, owners }))
    )
      continue
    if (before !== null) return before.entry
    const said = await me.port.submit('case.read', body, { id })
    if ('refused' in said) throw new Later(said.refused.code)
    return said.receipt.entry
  }
  throw new Later('node/too-many-permits')
}

// A permit that has only seconds left is no good for an answer that is on its way.
const spareMs = 5_000

function isOver(
  me: Me,
  now: CaseNow,
  of: { readonly entry: number; readonly owners: readonly string[] },
): boolean {
  const { port, clock } = me
  const permit = permitOf(port.view(), of.entry)
  // An owner answers a permit once; what it showed then lies in the vault.
  if (permit === undefined || of.owners.some((owner) => permit.closed[owner] !== undefined)) {
    return true
  }
  // Nobody shows any more what has another generation since.
  const moved = Object.entries(permit.reads).some(([name, gen]) => {
    return gen !== (now.facts.slots[name]?.gen ?? itemOf(port.view(), now.id, name)?.gen)
  })
  return moved || permit.answerBy - spareMs <= Math.max(clock.wallMs(), port.head().time)
}

function ownersOf({ port }: Me, permit: number): { readonly [owner: string]: readonly string[] } {
  const { outcome } = port.entry(permit)
  return (outcome as { readonly owners?: { [owner: string]: string[] } } | undefined)?.owners ?? {}
}

type Seen = {
  readonly wanted: Wanted
  readonly places: readonly Place[]
  readonly held: readonly Held[]
}

function knownOf(now: CaseNow, { wanted, places, held }: Seen): Known {
  const items: { [item: string]: Rec[] } = {}
  const slots: { [slot: string]: Rec['fields'][] } = {}
  for (const { name } of places) {
    if (!held.some(({ place }) => place.name === name)) continue
    if (Object.hasOwn(wanted.needed.slots, name)) slots[name] = []
    else items[name] = []
  }
  for (const item of Object.keys(wanted.needed.items)) {
    if (!places.some(({ name }) => name === item)) items[item] = []
  }
  for (const { place, state, fields: all } of held) {
    const { name, from, element } = place
    // Its own records a member has whole; an act is shown what it reads and no more.
    const needed = wanted.needed.items[name] ?? wanted.needed.slots[name] ?? []
    const fields = Object.fromEntries(Object.entries(all).filter(([id]) => needed.includes(id)))
    if (state === 'slot') {
      slots[name]?.push(fields)
    } else {
      items[name]?.push(
        element === undefined ? { state, fields, from } : { state, fields, from, element },
      )
    }
  }
  return { day: now.day, slots, items }
}

/** The keys of a slot's persons that lie in this vault, by position; null if one does not. */
export function slotKeysIn(
  { vault }: Me,
  now: CaseNow,
  slot: string,
  element?: number,
): Known['slots'][string] | null {
  const facts = Object.hasOwn(now.facts.slots, slot) ? now.facts.slots[slot] : undefined
  const all = facts?.commitments ?? []
  const wanted = element === undefined ? all : all.slice(element, element + 1)
  if (wanted.length === 0) return null
  const records = vault.find({ case: now.id, name: slot })
  const found = wanted.flatMap(
    (c) => records.find((each) => (moreOf(each, 'c') ?? moreOf(each, 'commitment')) === c) ?? [],
  )
  if (found.length < wanted.length) return null
  return found.map(({ leaves }) =>
    Object.fromEntries(
      leaves
        .filter(({ path }) => path !== '$' && path !== 'tag')
        .map(({ path, value }) => [path, value]),
    ),
  )
}

/** The record of a person's slot that this member hosts, or null. */
export function slotRecordOf(
  { vault, port }: Me,
  now: CaseNow,
  { party, code }: { readonly party: string; readonly code: string },
): VaultRecord | null {
  const facts = Object.hasOwn(now.facts.slots, party) ? now.facts.slots[party] : undefined
  const own = (facts?.commitments ?? []).filter((_, at) => facts?.hosts[at] === port.member)
  const records = vault.find({ case: now.id, name: party, kind: 'slot' })
  const isHers = ({ leaves }: VaultRecord): boolean =>
    leaves.some(({ path, value }) => path === 'code' && value === code)
  return records.find((each) => isHers(each) && own.includes(commitmentOf(each))) ?? null
}

/** The subject tag of a slot's record that this member holds, its own or one that it was shown. */
export function subjectTagOf(record: VaultRecord): string | null {
  const tag = record.leaves.find(({ path }) => path === 'tag')?.value
  return typeof tag === 'string' ? tag : null
}
