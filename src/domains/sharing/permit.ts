// The permit: one ordered command by which a member asks for all that one attempt at one act reads,
// or for the keys by which one supply is looked up. Case, party, consent, law, the act and its
// fields are all judged here, at one place in the order of the ledger, so that a withdrawal of
// consent and the permits stand in one line: after its block there is none.
import type { Refusal } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Context } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import { keyInForce, readKey } from '#ledger/validate'
import { byName } from '#blueprint/check'
import { isSubject, listOf } from '#blueprint/grammar'
import { isOfClass, successorOf } from '#domains/members'
import type { Application, CaseFacts, Cases, Purpose } from './cases.ts'
import { fieldsFor, hostsOf, isActLawful, isReader, isUseLawful, memberOfParty } from './cases.ts'
import { slotsOf, tagNameIn, tagNames } from './cases.ts'
import type { Decided } from './plan.ts'
import { commandType, element, id, index, name, no, tags } from './plan.ts'
import type { Permit } from './records.ts'
import { answerMs, Draft, isUsed, monthOf, Once, openPermit, sweep } from './records.ts'
import { isStopped, useKey } from './records.ts'

type ReadBody = {
  readonly case: string
  readonly act?: string
  readonly element?: number
  readonly supply?: string
  readonly only?: { readonly [name: string]: readonly string[] }
  readonly officer?: string
  readonly tags: { readonly [slot: string]: string }
}

/** The generation of something that is held, and who can open it. */
type Held = { readonly gen: number; readonly by: readonly string[] }

type Names = ReadonlyMap<string, Held>

/** The case with the application that it is pinned to. */
type Place = {
  readonly cases: Cases
  readonly view: Reading
  readonly context: Context
  readonly facts: CaseFacts
  readonly application: Application
}

const readFields = {
  fields: {
    case: id,
    act: name,
    element,
    supply: name,
    only: {
      k: 'map',
      key: 'name',
      of: { k: 'list', of: name, min: 1, max: 64 },
      max: 64,
    },
    officer: { k: 'kid' },
    tags,
  },
  optional: ['act', 'element', 'supply', 'only', 'officer'],
} as const

const generations = { k: 'map', key: 'name', of: index, max: 256 } as const

const outcomeFields = {
  fields: {
    case: id,
    act: name,
    element,
    supply: name,
    reads: generations,
    answerBy: index,
    owners: {
      k: 'map',
      key: 'member',
      of: { k: 'list', of: name, min: 1, max: 256 },
      max: 256,
    },
  },
  optional: ['act', 'element', 'supply'],
} as const

/** The command `case.read` over these cases. */
export function permitType(cases: Cases): CommandType {
  return commandType<ReadBody>({
    name: 'case.read',
    body: readFields,
    budget: 'reads',
    outcome: outcomeFields,
    decide: ({ view: state, body, context }) => {
      const view = new Once(state)
      const facts = cases.caseOf(view, body.case)
      if (facts === undefined) return no('sharing/unknown-case', 'body.case')
      const application = cases.blueprintOf(view, facts.blueprint)
      if (application === undefined) return no('sharing/unknown-case', 'body.case')
      const place = { cases, view, context, facts, application }
      const purpose = purposeOf(place, body)
      if (isRefusal(purpose)) return purpose
      const names =
        'act' in purpose ? readsOfAct(place, body, purpose.act) : readsOfSupply(place, body)
      if (isRefusal(names)) return names
      const reads = narrowed(place, body, names)
      if (isRefusal(reads)) return reads
      return stopped(place, body) ?? grant(place, body, reads)
    },
  })
}

/** The one purpose of a body; both or neither is none. */
function purposeOf({ application }: Place, { act, supply }: ReadBody): Purpose | Refusal {
  const { acts, evidence } = application.blueprint
  if (act !== undefined && supply === undefined) {
    return Object.hasOwn(acts, act) ? { act } : no('sharing/unknown-name', 'body.act')
  }
  if (supply === undefined || act !== undefined) return no('sharing/no-purpose')
  const from = Object.hasOwn(evidence, supply) ? evidence[supply]?.from : undefined
  return from === undefined ? no('sharing/unknown-name', 'body.supply') : { supply }
}

/** Generations of what an act reads, or why this member may not read for it now. */
function readsOfAct(place: Place, body: ReadBody, act: string): Names | Refusal {
  const { cases, view, context, facts, application } = place
  const { blueprint } = application
  const line = cases.openAct(view, body.case, act, body.element)
  const { member } = context
  const mayRead =
    line?.recorders.includes(member) === true || isReader({ ...place, blueprint, act }, member)
  if (!mayRead || !isLicensed(place, act)) return no('sharing/not-party')
  // A refused case in which sums are still to be paid back has acts that are open.
  if (line === undefined && isOver(facts)) return no('sharing/case-closed')
  const consent = blueprint.acts[act]?.consent
  if (consent !== undefined && !cases.consentLives(view, body.case, consent)) {
    return no('sharing/no-consent')
  }
  if (!isActLawful(blueprint, act, context.time)) return no('sharing/law-not-in-force')
  if (line === undefined) return no('sharing/act-not-open', 'body.act')
  return heldOf(place, body.case, fieldsFor(application, { act }).keys())
}

/** Whether whoever does an act of members by itself is still of the class that it is asked for. */
function isLicensed({ view, context, application }: Place, act: string): boolean {
  const { acts, parties } = application.blueprint
  const { by, through } = acts[act] ?? {}
  const all = listOf(by).map((name) => parties[name])
  if (through !== undefined || all.some((party) => party !== undefined && isSubject(party))) {
    return true
  }
  const { member, time } = context
  return all.every((party) => isOfClass(view, member, party?.class, time))
}

function isOver({ state }: CaseFacts): boolean {
  return state !== 'open' && state !== 'delivered'
}

/** Those of the names under which something stands: an item that is there, a slot that is filed. */
function heldOf({ cases, view, facts }: Place, id: string, names: Iterable<string>): Names {
  const found = new Map<string, Held>()
  for (const each of byName(names)) {
    const slot = facts.slots[each]
    if (slot?.filed === true)
      found.set(each, {
        gen: slot.gen,
        by: hostsOf(facts, each).map((by) => successorOf(view, by)),
      })
    if (slot !== undefined) continue
    const item = cases.itemOf(view, id, each)
    if (item === undefined || item.gen === 0 || (item.void && !item.available)) continue
    found.set(each, { gen: item.gen, by: item.parts.map(({ by }) => successorOf(view, by)) })
  }
  return found
}

/** Generations of the slots by whose keys an item is looked up. */
function readsOfSupply(place: Place, body: ReadBody): Names | Refusal {
  const { cases, view, context, facts, application } = place
  const { blueprint } = application
  const item = body.supply ?? ''
  const line = cases
    .owed(view, body.case, context.time)
    .find((e) => e.item === item && e.element === body.element && e.by === context.member)
  if (line === undefined && !isMandateOf(place, body, item)) {
    const source = blueprint.evidence[item]?.from ?? ''
    const isSource =
      memberOfParty(blueprint, facts, source) === context.member ||
      hostsOf(facts, source).includes(context.member)
    if (!isSource) return no('sharing/not-party')
    return no(isOver(facts) ? 'sharing/case-closed' : 'sharing/not-owed')
  }
  if (!isUseLawful(application, item, context.time)) return no('sharing/law-not-in-force')
  return heldOf(place, body.case, fieldsFor(application, { supply: item }).keys())
}

/**
 * Whether the reader is the source of a mandate. Nobody waits for one, so nobody asks for it:
 * whoever keeps it looks it up when an agent comes, about one person who has filed.
 */
function isMandateOf(
  { facts, application, context }: Place,
  body: ReadBody,
  item: string,
): boolean {
  const { parties, evidence } = application.blueprint
  const { about = '', from = '' } = evidence[item] ?? {}
  if (!Object.values(parties).some(({ mandate }) => mandate?.item === item)) return false
  if (memberOfParty(application.blueprint, facts, from) !== context.member) return false
  const slot = facts.slots[about]
  const isOne = parties[about]?.all === true ? body.element !== undefined : true
  return facts.state === 'open' && slot?.filed === true && isOne
}

/** What is left of the reads where fewer were asked for; a field that is not read is refused. */
function narrowed({ application }: Place, body: ReadBody, names: Names): Names | Refusal {
  const { only, act, supply } = body
  if (only === undefined) return names
  const purpose = act === undefined ? { supply: supply ?? '' } : { act }
  const fields = fieldsFor(application, purpose)
  const left = new Map<string, Held>()
  for (const [each, wanted] of Object.entries(only)) {
    const allowed = fields.get(each)
    if (allowed === undefined || wanted.some((field) => !allowed.includes(field))) {
      return no('sharing/field-not-read', 'body.only')
    }
    const held = names.get(each)
    if (held !== undefined) left.set(each, held)
  }
  return left
}

/** What stops a reader that may read: an officer that it has not. */
function stopped({ view, context }: Place, { officer }: ReadBody): Refusal | null {
  if (officer === undefined) return null
  const key = readKey(view, officer)
  const known =
    key !== undefined &&
    key.use === 'approve' &&
    key.member === context.member &&
    keyInForce(key, context.height)
  return known ? null : no('sharing/unknown-officer', 'body.officer')
}

function grant(place: Place, body: ReadBody, names: Names): Decided | Refusal {
  const { view, context } = place
  const { entry, member: reader, time } = context
  const answerBy = time + answerMs
  const slots = namesOfTags(place, body, [...names.keys()])
  const draft = new Draft(view)
  sweep(draft, time)
  const given = useTags(draft, { tags: body.tags, slots, entry, permit: entry }, time)
  if (isRefusal(given)) return given
  const untagged = slots.filter((slot) => !given.includes(slot))
  const shown = withSlots(place, body.case, { names, untagged })
  const reads = Object.fromEntries([...shown].map(([each, { gen }]) => [each, gen]))
  const owners = ownersOf(shown, reader)
  if (isStopped(view, reader, Object.keys(owners))) return no('sharing/too-many-unacknowledged')
  const purpose = {
    case: body.case,
    ...(body.act === undefined ? {} : { act: body.act }),
    ...(body.supply === undefined ? {} : { supply: body.supply }),
    ...(body.element === undefined ? {} : { element: body.element }),
  }
  const permit: Permit = {
    ...purpose,
    reader,
    ...(body.officer === undefined ? {} : { officer: body.officer }),
    reads,
    ...(body.only === undefined ? {} : { only: body.only }),
    answerBy,
    owners,
    closed: {},
    slots,
    untagged,
  }
  openPermit(draft, entry, permit)
  return { writes: draft.writes(), outcome: { ...purpose, reads, answerBy, owners } }
}

/** Names of the tags of everybody and everything that the permit is about. */
function namesOfTags(
  { facts, application }: Place,
  body: ReadBody,
  names: readonly string[],
): readonly string[] {
  const { supply, element: at } = body
  const about = supply === undefined ? undefined : application.blueprint.evidence[supply]?.about
  const slots = slotsOf(application, facts, supply === undefined ? names : [...names, supply])
  if (about === undefined || at === undefined) return tagNames(facts, slots)
  return tagNames(facts, slots, { slot: about, element: at })
}

/**
 * With the slots for which the reader has given no tag: their hosts may show it the subject tag,
 * from which it makes its own, and nothing else of them that it does not read.
 */
function withSlots(
  place: Place,
  id: string,
  of: { readonly names: Names; readonly untagged: readonly string[] },
): Names {
  const slots = of.untagged.map((each) => each.split('.')[0] ?? each)
  return new Map([...of.names, ...heldOf(place, id, slots)])
}

/** Who holds what of it; the reader need not ask itself. */
function ownersOf(names: Names, reader: string): { readonly [member: string]: readonly string[] } {
  const owners: { [member: string]: string[] } = {}
  for (const [each, { by }] of names) {
    for (const member of new Set(by)) if (member !== reader) (owners[member] ??= []).push(each)
  }
  return owners
}

/** A use of somebody's data that is put under its tags. */
export type Use = {
  readonly tags: { readonly [slot: string]: string }
  /** The tag names of the permit. */
  readonly slots: readonly string[]
  /** The entry that carries the tags, and the permit that they belong to. */
  readonly entry: number
  readonly permit: number
}

/**
 * Puts tags into the map of the month, each once: the record `[entry, permit]`. Gives the names of
 * the slots for which they stand.
 */
export function useTags(draft: Draft, use: Use, timeMs: number): readonly string[] | Refusal {
  const found: string[] = []
  for (const [given, tag] of Object.entries(use.tags)) {
    const slot = tagNameIn(use.slots, given)
    if (slot === undefined || found.includes(slot)) return no('sharing/wrong-slot', 'body.tags')
    if (isUsed(draft, timeMs, tag)) return no('sharing/used-tag', 'body.tags')
    found.push(slot)
    draft.put(useKey(monthOf(timeMs), tag), [use.entry, use.permit])
  }
  return found
}
