// A published blueprint in the form in which a case is stepped: for every act what it needs, for
// every item who answers for it, and the invariants over public quantities ready to be computed.
// It is a pure function of the documents, so it is kept by their identity, at most so many.
import { assert } from '#base/assert'
import type { Bytes } from '#base/bytes'
import { base64urlDecode, utf8Decode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { decodeCanonical } from '#base/canonical'
import type { Reading } from '#ledger/validate'
import type { Calendar, YearCalendar } from '#blueprint/time'
import { decodeCalendar, isTimeFault, joinCalendars } from '#blueprint/time'
import type { Act, Blueprint, EvidenceType, Field, Publication } from '#blueprint/grammar'
import type { Party, Sureness, TypeBook } from '#blueprint/grammar'
import { classOf, decodePublication, decodeType, isDecoded, isSubject } from '#blueprint/grammar'
import { isRead, listOf, parseRead, valueFaults } from '#blueprint/grammar'
import type { Checked, Schema } from '#blueprint/rules'
import { bindInputs, checkExpression, decodeSchema, evaluate } from '#blueprint/rules'
import { isChecked, isInputs, isSchema } from '#blueprint/rules'
import type { Graph, KindJson } from '#blueprint/check'
import { byName, graphOf, itemOfPath, namesOfType } from '#blueprint/check'
import type { BlueprintTexts } from './records.ts'
import { blueprintKey, calendarKey, readRecord, textsKey } from './records.ts'

/** One thing that an act rests on: an item or a slot that somebody files. */
export type Input = {
  readonly name: string
  readonly is: 'item' | 'slot'
  /** The act goes on without it, once whoever gives it has answered. */
  readonly optional: boolean
  readonly least: Sureness | null
  readonly fresh: { readonly count: number; readonly unit: 'd' | 'wd' } | null
  /** A mandate: nobody waits for one, but where there is one its generation counts. */
  readonly ifThere: boolean
  /** Given for each element of the list over which the act goes: only its own one counts. */
  readonly each: boolean
}

export type CompiledAct = {
  readonly name: string
  readonly act: Act
  readonly by: readonly string[]
  readonly gives: readonly string[]
  /** Inputs in the order of their names. */
  readonly inputs: readonly Input[]
  /** Objects whose claim must have been granted. */
  readonly claims: readonly string[]
  /** Slots of persons who act. */
  readonly persons: readonly string[]
  readonly final: 'no' | 'plain' | 'amount'
  readonly tail: boolean
  /** Items from outside that it waits for, with those from which their slots are bound. */
  readonly asks: readonly string[]
  /** Officers who must have signed it; 0 where a robot may do it. */
  readonly posts: number
  /** Officers who sign what is decided by hand, as every no is. */
  readonly handPosts: number
}

export type CompiledItem = {
  readonly name: string
  readonly type: EvidenceType
  readonly about: string
  /** Who supplies it, or undefined if acts give it. */
  readonly from: string | undefined
  readonly givers: readonly string[]
  readonly many: boolean
  /** Supplied for each person of its slot. */
  readonly each: boolean
  /** The list for each of whose elements acts give it. */
  readonly list: string | undefined
  /** Slots that a supply names: whom it is about and by which keys it was looked up. */
  readonly slots: readonly string[]
  /** Items from which these slots and the source are bound. */
  readonly bindings: readonly string[]
  /** Public fields by name, in the order of the type. */
  readonly fields: readonly Field[]
}

/** A blueprint ready for cases. */
export type Compiled = {
  readonly hash: string
  readonly blueprint: Blueprint
  readonly types: TypeBook
  readonly graph: Graph
  /** Acts in an order in which each comes after all that it waits for. */
  readonly order: readonly string[]
  readonly acts: ReadonlyMap<string, CompiledAct>
  readonly items: ReadonlyMap<string, CompiledItem>
  readonly holds: readonly Checked[]
  /** The names over which the invariants speak. */
  readonly open: Schema
}

/** The item from whose field a slot is bound, if it does not file by itself. */
export function bindingOf({ parties, objects = {} }: Blueprint, slot: string): string | undefined {
  const party = parties[objects[slot]?.by ?? slot]
  return party?.of === undefined || party.files === true ? undefined : itemOfPath(party.of)
}

/** Whether a slot is one that somebody files: a person, or an object of one. */
export function isFiled(blueprint: Blueprint, slot: string): boolean {
  const owner = blueprint.objects?.[slot]?.by ?? slot
  return blueprint.parties[owner]?.files === true
}

/** The compiled form of a blueprint that passed the check. */
export function compile(publication: Publication, types: TypeBook, hash: string): Compiled {
  const { blueprint } = publication
  const graph = graphOf(blueprint)
  const items = new Map(
    byName(Object.keys(blueprint.evidence)).map((name) => [
      name,
      compileItem(blueprint, { types, graph }, name),
    ]),
  )
  const order = graph.levels.flat()
  const acts = new Map(order.map((name) => [name, compileAct(blueprint, items, name)]))
  const open = openNames(blueprint.holds === undefined ? new Map() : items)
  const holds = (blueprint.holds ?? []).map((text) => {
    const checked = checkExpression(text, open)
    assert(isChecked(checked), 'a published invariant can be computed')
    return checked
  })
  return { hash, blueprint, types, graph, order, acts, items, holds, open }
}

// Public fields by item: what several give, or is given several times, is a list.
function openNames(items: ReadonlyMap<string, CompiledItem>): Schema {
  const names: { [item: string]: KindJson } = {}
  for (const [name, item] of items) {
    const fields = namesOfType({ ...item.type, fields: item.fields })
    const record: KindJson = { is: 'record', fields }
    names[name] = isList(item) ? { is: 'list', of: record } : { ...record, optional: true }
  }
  const schema = decodeSchema(names, '')
  assert(isSchema(schema), 'public fields have kinds')
  return schema
}

/** Whether everybody but its own element sees an item as a list. */
export function isList(item: CompiledItem): boolean {
  return item.many || item.each || item.list !== undefined
}

/**
 * Whether every invariant holds over the public values of the items, each a list of what its parts
 * say. One that cannot be computed does not hold.
 */
export function holdsAll(
  compiled: Compiled,
  valuesOf: (item: CompiledItem) => readonly Json[],
): boolean {
  const values: { [item: string]: Json } = Object.create(null)
  for (const item of compiled.items.values()) {
    if (item.fields.length === 0) continue
    const list = valuesOf(item)
    values[item.name] = isList(item) ? list : (list[0] ?? null)
  }
  const inputs = bindInputs(compiled.open, values)
  if (!isInputs(inputs)) return false
  return compiled.holds.every((hold) => {
    const result = evaluate(hold, inputs)
    return 'value' in result && result.value === true
  })
}

/**
 * The public values of so many parts out of a document: a canonical list of records, null for a
 * part without content; or null where it is not that. Untrusted.
 */
export function publicValues(
  item: CompiledItem,
  text: string | null,
  count: number,
): readonly (Json | null)[] | null {
  const list = text === null ? null : decodeCanonical(text, { lengthMax: 262_144 })
  if (!Array.isArray(list) || list.length !== count) return null
  const type = { ...item.type, fields: item.fields }
  const values = list as readonly (Json | null)[]
  const fits = values.every((value) => value === null || valueFaults(type, value).length === 0)
  return fits ? values : null
}

function compileItem(
  blueprint: Blueprint,
  { types, graph }: { readonly types: TypeBook; readonly graph: Graph },
  name: string,
): CompiledItem {
  const evidence = blueprint.evidence[name]
  assert(evidence !== undefined, 'an item is declared')
  const { about, from, key = [], many } = evidence
  const type = types.get(evidence.type)
  assert(type !== undefined, 'a published blueprint has its types')
  const givers = graph.givers.get(name) ?? []
  const slots = byName([about, ...key.map(itemOfPath)])
  const bound = [...slots, ...listOf(from)].flatMap((slot) => listOf(bindingOf(blueprint, slot)))
  const party = blueprint.parties[about]
  const ofAll = from !== undefined && party?.all === true
  const list = givers.map((act) => blueprint.acts[act]?.for).find((each) => each !== undefined)
  return {
    name,
    type,
    about,
    from,
    givers,
    // How many there are whom evidence names and who do not file, the ledger does not know.
    many: many === true || (ofAll && party?.files !== true),
    each: ofAll && party?.files === true,
    list,
    slots,
    bindings: from === undefined ? [] : byName(bound),
    fields: type.fields.filter((field) => classOf(field) === 'public'),
  }
}

function compileAct(
  blueprint: Blueprint,
  items: ReadonlyMap<string, CompiledItem>,
  name: string,
): CompiledAct {
  const act = blueprint.acts[name]
  assert(act !== undefined, 'an act is declared')
  const by = listOf(act.by)
  const inputs = inputsOf(blueprint, name, items)
  const persons = by.filter((party) => isSubject(blueprint.parties[party] as Party))
  const { final } = act
  const { claims = {} } = blueprint
  const isDecisive = ['decide', 'issue', 'revoke'].includes(act.does) && act.auto === undefined
  const isOwn = persons.length === 0 && act.through === undefined
  const handPosts = isOwn ? Math.max(1, listOf(act.post).length) : 0
  return {
    name,
    act,
    by,
    gives: byName(listOf(act.gives)),
    inputs,
    claims: byName(Object.keys(claims).filter((object) => claims[object]?.at === name)),
    persons,
    final: final === undefined ? 'no' : final === true ? 'plain' : 'amount',
    tail: blueprint.tail?.includes(name) === true,
    asks: asksOf(inputs, items),
    posts: isDecisive ? handPosts : 0,
    handPosts,
  }
}

function inputsOf(
  blueprint: Blueprint,
  name: string,
  items: ReadonlyMap<string, CompiledItem>,
): readonly Input[] {
  const act = blueprint.acts[name] as Act
  const found = new Map<string, Input>()
  const plain = { optional: false, least: null, fresh: null } as const
  const add = (of: string, more: Pick<Input, 'optional' | 'least' | 'fresh'> = plain): void => {
    const known = found.get(of)
    found.set(of, {
      name: of,
      is: items.has(of) ? 'item' : 'slot',
      optional: more.optional && (known?.optional ?? true),
      least: more.least ?? known?.least ?? null,
      fresh: more.fresh ?? known?.fresh ?? null,
      ifThere: false,
      each: act.for !== undefined && items.get(of)?.list === act.for,
    })
  }
  for (const text of act.reads ?? []) {
    const read = parseRead(text)
    assert(isRead(read), 'a published read is one')
    const binding = items.has(read.item) ? undefined : bindingOf(blueprint, read.item)
    if (items.has(read.item) || isFiled(blueprint, read.item)) add(read.item, read)
    if (binding !== undefined) add(binding)
  }
  // Whoever acts is whom evidence names, also if he filed by himself: when it names another, what
  // he signed does not stand.
  for (const party of listOf(act.by)) {
    const { of } = blueprint.parties[party] ?? {}
    if (of !== undefined) add(itemOfPath(of))
  }
  if (act.for !== undefined) add(act.for)
  for (const party of listOf(act.by)) {
    const { mandate } = blueprint.parties[party] ?? {}
    if (mandate?.acts.includes(name) !== true || found.has(mandate.item)) continue
    const { item } = mandate
    found.set(item, {
      ...plain,
      name: item,
      is: 'item',
      optional: true,
      ifThere: true,
      each: false,
    })
  }
  return byName(found.keys()).map((name) => found.get(name) as Input)
}

// The items from outside that an act waits for, those of their bindings first.
function asksOf(
  inputs: readonly Input[],
  items: ReadonlyMap<string, CompiledItem>,
): readonly string[] {
  const found = new Set<string>()
  const queue = inputs.filter((each) => each.is === 'item' && !each.ifThere).map(({ name }) => name)
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const item = items.get(name)
    if (item?.from === undefined || found.has(name)) continue
    found.add(name)
    queue.push(...item.bindings)
  }
  return byName(found)
}

// Results of a pure function by the identity of its arguments, at most so many.
const keptMax = 256
const kept: Map<string, Compiled> = new Map()

/** The blueprint of an identity in a state, ready for cases; undefined if none is published. */
export function blueprintOf(view: Reading, hash: string): Compiled | undefined {
  if (view.get(blueprintKey(hash)) === undefined) return undefined
  const known = kept.get(hash)
  if (known !== undefined) return known
  const texts = readRecord<BlueprintTexts>(view, textsKey(hash))
  assert(texts !== undefined, 'a published blueprint has its texts')
  const publication = publicationOf(textOf(texts.publication))
  const types = typesOf(texts.types.map(textOf))
  assert(publication !== null && types !== null, 'published documents read back')
  return keep(compile(publication, types, hash))
}

function keep(compiled: Compiled): Compiled {
  if (kept.size >= keptMax) {
    const [oldest] = kept.keys()
    if (oldest !== undefined) kept.delete(oldest)
  }
  kept.set(compiled.hash, compiled)
  return compiled
}

function textOf(base64url: string): string {
  const bytes = base64urlDecode(base64url)
  const text = bytes === null ? null : utf8Decode(bytes)
  assert(text !== null, 'a stored document is a text')
  return text
}

/** The text of a document's bytes, or null. Untrusted. */
export function documentText(bytes: Bytes | undefined): string | null {
  return bytes === undefined ? null : utf8Decode(bytes)
}

/** The publication of a text, or null. Untrusted. */
export function publicationOf(text: string | null): Publication | null {
  if (text === null) return null
  const decoded = decodePublication(text)
  return isDecoded(decoded) ? decoded : null
}

/** Types by their names out of their canonical texts, or null. Untrusted. */
export function typesOf(texts: readonly (string | null)[]): TypeBook | null {
  const types = new Map<string, EvidenceType>()
  for (const text of texts) {
    const value: Json | null = text === null ? null : decodeCanonical(text, { lengthMax: 65_536 })
    if (value === null) return null
    const type = decodeType(value)
    if (!isDecoded(type)) return null
    types.set(type.type, type)
  }
  return types
}

/** The working-day calendar of the ledger, by consecutive years from the first. */
export type CalendarRecord = {
  readonly name: string
  readonly first: number
  /** Base64url SHA-256 of each year's document, and their canonical texts as base64url. */
  readonly years: readonly string[]
  readonly texts: readonly string[]
}

const joined: Map<string, Calendar> = new Map()
const joinedMax = 8

/** The working-day calendar that the ledger has published, or undefined. */
export function calendarOf(view: Reading): Calendar | undefined {
  const record = readRecord<CalendarRecord>(view, calendarKey)
  if (record === undefined) return undefined
  const key = record.years.join(' ')
  const known = joined.get(key)
  if (known !== undefined) return known
  const years = record.texts.map((text) => {
    const year = decodeCalendar(textOf(text))
    assert(!Array.isArray(year), 'a published calendar reads back')
    return year as YearCalendar
  })
  const calendar = joinCalendars(years)
  assert(!isTimeFault(calendar), 'published years follow one another')
  if (joined.size >= joinedMax) joined.clear()
  joined.set(key, calendar)
  return calendar
}
