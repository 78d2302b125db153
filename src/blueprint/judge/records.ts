// Records as they are committed: the state, then each field of the type in its order. In every
// state that holds no value all fields are absent, so that the shape says nothing. Answers are
// computed here by the owner, from fields that nobody else sees.
import type { Json } from '#base/canonical'
import type { Leaf } from '#base/commitment'
import { leafOf } from '#base/commitment'
import { bindInputs, evaluate, isFault, isInputs, toJson } from '#blueprint/rules'
import { itemsOf } from './act.ts'
import type { Judge, JudgedType } from './compile.ts'
import { givesOf } from './compile.ts'
import type { Rec } from './known.ts'
import { memberOf } from './known.ts'

/** The leaves of one record, for #base/commitment. */
export type Leaves = { readonly leaves: readonly Leaf[] }

/** How an act was completed: its state, and for `done` its value. */
export type Completed = { readonly state: string; readonly value?: Json }

/**
 * The records that an act commits to, by item: one of each, of a list one of each element. A list
 * that was not given is one record that says so; an empty list is none. The value has been judged.
 */
export function recordsOf(
  judge: Judge,
  act: string,
  { state, value }: Completed,
): { readonly [item: string]: readonly Leaves[] } {
  const judged = judge.acts.get(act)
  if (judged === undefined) return {}
  const items = state === 'done' ? itemsOf(judged, value ?? null) : {}
  const all = givesOf(judged.act).map((item): readonly [string, readonly Leaves[]] => {
    const given = items[item]
    if (given === undefined) return [item, [recordOfSupply(judge, item, state)]]
    const parts: readonly Json[] = Array.isArray(given) ? (given as readonly Json[]) : [given]
    return [item, parts.map((each) => recordOfSupply(judge, item, state, each))]
  })
  return Object.fromEntries(all)
}

/** The record of one value of an item, or of the word that there is none. */
export function recordOfSupply(judge: Judge, item: string, state: string, value?: Json): Leaves {
  const fields = fieldsOf(judge, item, { state, ...(value === undefined ? {} : { value }) })
  const leaves = Object.entries(fields).map(([path, each]) => leafOf(path, each))
  return { leaves: [leafOf('$', state), ...leaves] }
}

/** What a record says of an item, with its answers, as whoever owns it knows it. */
export function recOf(
  judge: Judge,
  item: string,
  { state, value, from, element }: Completed & { readonly from: string; readonly element?: number },
): Rec {
  const fields = fieldsOf(judge, item, { state, ...(value === undefined ? {} : { value }) })
  return element === undefined ? { state, fields, from } : { state, fields, from, element }
}

/** Fields in the order of the type; null where there is no value. */
function fieldsOf(
  judge: Judge,
  item: string,
  { state, value }: Completed,
): { readonly [field: string]: Json } {
  const judged = judge.items.get(item)
  if (judged === undefined) return {}
  const has = (state === 'found' || state === 'done') && value !== undefined
  const all = judged.type.fields.map(({ id, answer }): readonly [string, Json] => {
    if (!has) return [id, null]
    return [id, answer === undefined ? (memberOf(value, id) ?? null) : answerOf(judged, id, value)]
  })
  return Object.fromEntries(all)
}

// An answer that the owner cannot compute from what there is, is absent like any other field.
function answerOf({ answers }: JudgedType, id: string, value: Json): Json {
  const answer = answers.get(id)
  const inputs = answer === undefined ? [] : bindInputs(answer.schema, value)
  if (answer === undefined || !isInputs(inputs)) return null
  const result = evaluate(answer.code, inputs)
  return isFault(result) ? null : toJson(result.value)
}
