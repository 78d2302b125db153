// What sharing asks of cases: a port of reads that domains/processes has, and what follows from a
// blueprint about one purpose: which names and fields may be read for an act or for a supply, about
// whom they are, who may read, and whether the law of it is in force.
import type { Reading } from '#ledger/validate'
import { isSubject, listOf } from '#blueprint/grammar'
import type { Act, Blueprint, TypeBook } from '#blueprint/grammar'
import type { Graph } from '#blueprint/check'
import { byName, fieldOfPath, itemOfPath } from '#blueprint/check'
import type { Judge } from '#blueprint/judge'
import { judgeOf, neededFor } from '#blueprint/judge'
import { dayOfInstant, dayOfText } from '#blueprint/time'

export type SlotFacts = {
  readonly gen: number
  readonly host: string
  /** Hosts by position, where several persons stand in the slot. */
  readonly hosts?: readonly string[]
  readonly commitments: readonly string[]
  readonly filed: boolean
}

export type CaseFacts = {
  readonly blueprint: string
  readonly host: string
  readonly filedAt: number
  readonly state: 'open' | 'delivered' | 'ended' | 'withdrawn' | 'lapsed'
  /** Its result is there, also after the case has ended. */
  readonly delivered?: boolean
  readonly slots: { readonly [slot: string]: SlotFacts }
  readonly members: { readonly [party: string]: string }
}

export type ItemFacts = {
  readonly gen: number
  readonly available: boolean
  readonly void: boolean
  readonly asOf: number
  readonly parts: readonly { readonly by: string; readonly element?: number }[]
}

export type OpenLine = { readonly recorders: readonly string[] }

export type OwedLine = {
  readonly item: string
  readonly element?: number
  readonly by: string
  readonly key: readonly string[]
}

/** A published application. */
export type Application = {
  readonly blueprint: Blueprint
  readonly types: TypeBook
  readonly graph: Graph
}

/** The reads of domains/processes that sharing rests on. */
export interface Cases {
  caseOf(view: Reading, id: string): CaseFacts | undefined
  itemOf(view: Reading, id: string, item: string): ItemFacts | undefined
  /** The act of a case, or one element of it, if it is open. */
  openAct(view: Reading, id: string, act: string, element?: number): OpenLine | undefined
  owed(view: Reading, id: string, timeMs: number): readonly OwedLine[]
  blueprintOf(view: Reading, identity: string): Application | undefined
  consentLives(view: Reading, id: string, item: string): boolean
}

/** What a permit is for. */
export type Purpose = { readonly act: string } | { readonly supply: string }

/** Fields by item or slot. */
export type Fields = ReadonlyMap<string, readonly string[]>

/**
 * The fields that a purpose shows, by item or slot: what the act needs by the one function that
 * judges of contents use as well, or the keys by which a supply is looked up.
 */
export function fieldsFor(application: Application, purpose: Purpose): Fields {
  const of = memo.get(application) ?? new Map<string, Fields>()
  memo.set(application, of)
  const key = 'act' in purpose ? `act ${purpose.act}` : `supply ${purpose.supply}`
  const known = of.get(key)
  if (known !== undefined) return known
  const fields =
    'act' in purpose
      ? fieldsOfAct(application, purpose.act)
      : fieldsOfKeys(application, application.blueprint.evidence[purpose.supply]?.key ?? [])
  of.set(key, fields)
  return fields
}

// Grows with the acts and items of an application that is in memory anyway.
const memo = new WeakMap<Application, Map<string, Fields>>()
const judges = new WeakMap<Application, Judge>()

function fieldsOfAct(application: Application, act: string): Fields {
  const judge = judges.get(application) ?? judgeOf(application.blueprint, application.types)
  judges.set(application, judge)
  const { items, slots } = neededFor(judge, act)
  return new Map([...Object.entries(items), ...Object.entries(slots)])
}

/** Keys by slot; those of whom evidence binds stand in the field that names him. */
function fieldsOfKeys({ blueprint }: Application, paths: readonly string[]): Fields {
  const found = new Map<string, readonly string[]>()
  for (const path of paths) {
    const party = blueprint.parties[itemOfPath(path)]
    const bound = party?.files === true ? undefined : party?.of
    const from = bound ?? path
    const slot = itemOfPath(from)
    found.set(slot, byName([...(found.get(slot) ?? []), fieldOfPath(from)]))
  }
  return found
}

/** The slots of a case that some names are about, and the one that a supply is about. */
export function slotsOf(
  { blueprint }: Application,
  facts: CaseFacts,
  names: readonly string[],
): readonly string[] {
  const slots = names.map((item) => blueprint.evidence[item]?.about ?? item)
  return byName(slots).filter((slot) => facts.slots[slot] !== undefined)
}

/**
 * The names of tags for some slots: the slot itself, or `slot.0`, `slot.1` … where several persons
 * stand in it; of a supply about one of them that one alone.
 */
export function tagNames(
  facts: CaseFacts,
  slots: readonly string[],
  one?: { readonly slot: string; readonly element: number },
): readonly string[] {
  return slots.flatMap((slot) => {
    const count = facts.slots[slot]?.commitments.length ?? 0
    if (count <= 1) return [slot]
    if (one?.slot === slot) return [`${slot}.${one.element}`]
    return Array.from({ length: count }, (_, at) => `${slot}.${at}`)
  })
}

/** The name of a tag as the permit has it: a bare slot stands for its first person. */
export function tagNameIn(names: readonly string[], given: string): string | undefined {
  if (names.includes(given)) return given
  return names.find((each) => each.startsWith(`${given}.`))
}

/** Members that may read for an act: who records it, and hosts of the persons who act. */
export function isReader(
  of: { readonly blueprint: Blueprint; readonly facts: CaseFacts; readonly act: string },
  member: string,
): boolean {
  const { blueprint, facts } = of
  const { by, through } = blueprint.acts[of.act] as Act
  if (through !== undefined && memberOfParty(blueprint, facts, through) === member) return true
  return listOf(by).some((name) => {
    const party = blueprint.parties[name]
    if (party === undefined) return false
    if (isSubject(party)) return isHost(facts, name, member) || facts.host === member
    // Whoever is bound from evidence and acts through another would show by asking that he is.
    return through === undefined && memberOfParty(blueprint, facts, name) === member
  })
}

function isHost(facts: CaseFacts, slot: string, member: string): boolean {
  return hostsOf(facts, slot).includes(member)
}

/** The members that hold the openings of a slot. */
export function hostsOf({ slots }: CaseFacts, slot: string): readonly string[] {
  const facts = slots[slot]
  if (facts === undefined) return []
  return facts.hosts ?? [facts.host]
}

/** The member that a party is, fixed or bound; undefined for persons and whom nothing binds yet. */
export function memberOfParty(
  { parties }: Blueprint,
  { members }: CaseFacts,
  name: string,
): string | undefined {
  return parties[name]?.member ?? members[name]
}

/** Whether an article is in force on the civil day of an instant. */
export function isLawInForce({ law }: Blueprint, article: string, timeMs: number): boolean {
  const { from, until } = law[article] ?? {}
  const day = dayOfInstant(timeMs)
  const begins = from === undefined ? null : dayOfText(from)
  const ends = until === undefined ? null : dayOfText(until)
  if (begins === null || begins > day) return false
  return ends === null || day <= ends
}

/** Whether every article of an act is in force. */
export function isActLawful(blueprint: Blueprint, act: string, timeMs: number): boolean {
  const articles = listOf(blueprint.acts[act]?.law)
  return articles.every((article) => isLawInForce(blueprint, article, timeMs))
}

/** Whether some act that may use an item is lawful: else nobody may look it up. */
export function isUseLawful(application: Application, item: string, timeMs: number): boolean {
  const { blueprint, graph } = application
  const uses = graph.acts.filter((act) => fieldsFor(application, { act }).has(item))
  return uses.length === 0 || uses.some((act) => isActLawful(blueprint, act, timeMs))
}
