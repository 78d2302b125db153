// What a party knows of a case: the records and keys that it was shown, and nothing else. A field
// that was shown and is absent is null; a field that was not shown is missing. From this, inputs of
// rules are made, or the word that something is not known.
import type { Json } from '#base/canonical'
import type { Kind, Schema } from '#blueprint/rules'
import type { Judge, JudgedAct } from './compile.ts'

/**
 * One committed record of an item, opened. `state` is what leaf `$` says: found, absent or
 * ambiguous of what is supplied; done, na or `no/<code>` of what acts give. `from` is `supply` or
 * the act. `element` is the position for which it was given.
 */
export type Rec = {
  readonly state: string
  readonly fields: { readonly [field: string]: Json }
  readonly from: string
  readonly element?: number
}

/** Keys of a slot's subject or of an object, as far as they were shown. */
export type Keys = { readonly [key: string]: Json }

/** Everything that one party knows of a case on a civil day. */
export type Known = {
  /** The civil day of judgement, YYYY-MM-DD. */
  readonly day: string
  /** One for each subject of a slot; of a party with `all` several. */
  readonly slots: { readonly [slot: string]: readonly Keys[] }
  /**
   * The records of an item in their order; an empty list says that the source recorded a failure.
   */
  readonly items: { readonly [item: string]: readonly Rec[] }
}

/** What an item is to an act: not known, not given, or these records. */
export type Item =
  | { readonly is: 'unknown' }
  | { readonly is: 'not-given' }
  /** Its source answered that it has none, or recorded a failure. */
  | { readonly is: 'empty' }
  | { readonly is: 'one'; readonly rec: Rec }
  | { readonly is: 'list'; readonly recs: readonly Rec[] }

/** Whether a record holds a value. */
export function holdsValue({ state }: Rec): boolean {
  return state === 'found' || state === 'done'
}

type At = { readonly judged?: JudgedAct; readonly element?: number | undefined }

/** What is known of an item, read by an act for an element, or by nobody in particular. */
export function itemOf(judge: Judge, known: Known, item: string, at: At = {}): Item {
  const recs = Object.hasOwn(known.items, item) ? known.items[item] : undefined
  if (recs === undefined) return { is: 'unknown' }
  const { judged, element } = at
  const isSupplied = judge.blueprint.evidence[item]?.from !== undefined
  if (judged === undefined ? isMany(judge, item) : judged.lists.has(item)) {
    const some = recs.filter(holdsValue)
    const isWhole = givenForEach(judge, item) === undefined
    // A list of which every giver said no or not applicable was not given; an empty one was.
    const none = !isSupplied && isWhole && recs.length > 0 && some.length === 0
    return none ? { is: 'not-given' } : { is: 'list', recs: some }
  }
  const own = element === undefined ? recs : ofElement(judge, recs, { item, element, judged })
  const rec = own.find(holdsValue)
  if (rec !== undefined) return { is: 'one', rec }
  if (isSupplied) return { is: 'empty' }
  const givers = judge.graph.givers.get(item)?.length ?? 0
  return { is: own.length < givers ? 'unknown' : 'not-given' }
}

/** Whether an item has several records of value. */
function isMany(judge: Judge, item: string): boolean {
  const { evidence, parties } = judge.blueprint
  const { many, from, about = '' } = evidence[item] ?? {}
  if (many === true || (from !== undefined && parties[about]?.all === true)) return true
  return givenForEach(judge, item) !== undefined
}

/** The record of an item for one element of a list: by what it says, else by its position. */
export function recordAt(
  judge: Judge,
  known: Known,
  item: string,
  element: number,
): Rec | undefined {
  const recs = Object.hasOwn(known.items, item) ? (known.items[item] ?? []) : []
  if (givenForEach(judge, item) === undefined) return recs[element]
  return recs.find((rec) => rec.element === element && holdsValue(rec))
}

/** The list for each element of which an item is given, if it is. */
function givenForEach({ blueprint, graph }: Judge, item: string): string | undefined {
  for (const name of graph.givers.get(item) ?? []) {
    const each = blueprint.acts[name]?.for
    if (each !== undefined) return each
  }
  return undefined
}

type Place = {
  readonly item: string
  readonly element: number
  readonly judged: JudgedAct | undefined
}

function ofElement(judge: Judge, recs: readonly Rec[], place: Place): readonly Rec[] {
  const { item, element, judged } = place
  const list = judged?.act.for
  if (list === undefined) return recs
  const given = givenForEach(judge, item)
  // What another act gives for each element of the same list says for which; a list has positions.
  if (given !== undefined) return recs.filter((rec) => rec.element === element)
  if (item !== list) return recs
  const rec = recs[element]
  return rec === undefined ? [] : [rec]
}

/** Inputs of an expression: JSON for the rule room, or why there are none. */
export type Given =
  | { readonly is: 'inputs'; readonly json: { readonly [name: string]: Json } }
  | { readonly is: 'unknown'; readonly name: string }

/** The inputs that a schema wants of what an act reads, as far as they are known. */
export function inputsOf(judge: Judge, known: Known, schema: Schema, at: At): Given {
  const json: { [name: string]: Json } = {}
  for (const [name, kind] of schema.names) {
    const found = Object.hasOwn(judge.blueprint.evidence, name)
      ? itemInput(itemOf(judge, known, name, at), kind)
      : slotInput(Object.hasOwn(known.slots, name) ? known.slots[name] : undefined, kind)
    if (found === undefined) return { is: 'unknown', name }
    if (found !== null) json[name] = found
  }
  return { is: 'inputs', json }
}

// The JSON of an item; null if it has no value, undefined if that is not known.
function itemInput(item: Item, kind: Kind): Json | undefined {
  if (item.is === 'unknown') return undefined
  if (item.is === 'not-given' || item.is === 'empty') return null
  if (item.is === 'one') return fieldsInput(item.rec.fields, kind)
  return listInput(
    item.recs.map(({ fields }) => fields),
    kind,
  )
}

function slotInput(slot: readonly Keys[] | undefined, kind: Kind): Json | undefined {
  if (slot === undefined) return undefined
  if (kind.is === 'list') return listInput(slot, kind)
  const [only] = slot
  return only === undefined ? undefined : fieldsInput(only, kind)
}

function listInput(
  all: readonly { readonly [field: string]: Json }[],
  kind: Kind,
): Json | undefined {
  const of = kind.is === 'list' ? kind.of : kind
  const list: Json[] = []
  for (const fields of all) {
    const found = fieldsInput(fields, of)
    if (found === undefined) return undefined
    list.push(found)
  }
  return list
}

function fieldsInput(fields: { readonly [field: string]: Json }, kind: Kind): Json | undefined {
  if (kind.is !== 'record') return undefined
  const json: { [field: string]: Json } = {}
  for (const id of kind.fields.keys()) {
    const value = Object.hasOwn(fields, id) ? fields[id] : undefined
    if (value === undefined) return undefined
    if (value !== null) json[id] = value
  }
  return json
}

/** An own member of an object of JSON, so that no inherited name has a meaning; else undefined. */
export function memberOf(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const members = value as { readonly [name: string]: Json }
  return Object.hasOwn(members, name) ? members[name] : undefined
}
