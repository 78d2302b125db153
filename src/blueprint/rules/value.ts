// The values that rules compute with: null, yes and no, integers, texts, dates, durations, lists,
// records. They are copied out of JSON by the schema, name by name, so that nothing else comes
// along; and they go back into JSON in one form.
import type { Json } from '#base/canonical'
import { dayOfText, textOfDay } from '#blueprint/time'
import type { Fields, Kind, Schema } from './schema.ts'
import { isOptional, valueTextMax } from './schema.ts'
import { durationText } from './syntax.ts'
import type { Fault, RuleCode } from './texts.ts'
import { ruleFault } from './texts.ts'

/** A day, or a length of time in days or in months; months and days are not converted. */
export type Timed = { readonly unit: 'date' | 'days' | 'months'; readonly count: number }

/** A value. Records are maps, so that no name of a field has a meaning of its own. */
export type Value =
  | null
  | boolean
  | number
  | string
  | Timed
  | readonly Value[]
  | ReadonlyMap<string, Value>

declare const bound: unique symbol
/** Values that fit a schema. */
export type Inputs = {
  readonly schema: Schema
  readonly values: ReadonlyMap<string, Value>
  readonly [bound]: true
}

/** Elements of one list. */
export const listMax = 1_000
/** Values of all inputs together. */
export const inputValuesMax = 20_000

type Binding = { readonly faults: Fault[]; left: number }

/**
 * The inputs of a rule out of JSON. What is not declared is not seen. A missing optional value is
 * null, a missing list is empty; any other difference is a fault, whose place is one of the schema
 * and never content.
 */
export function bindInputs(schema: Schema, json: Json): Inputs | readonly Fault[] {
  const binding: Binding = { faults: [], left: inputValuesMax }
  const values = fieldsOf(binding, json, schema.names, '')
  if (binding.faults.length > 0) return binding.faults
  return { schema, values } as unknown as Inputs
}

/** Tells inputs from faults. */
export function isInputs(result: Inputs | readonly Fault[]): result is Inputs {
  return !Array.isArray(result)
}

type Members = { readonly [name: string]: Json }

function fieldsOf(
  binding: Binding,
  json: Json,
  fields: Fields,
  path: string,
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>()
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    say(binding, 'rules/bad-input', path)
    return values
  }
  for (const [name, kind] of fields) {
    const place = path === '' ? name : `${path}.${name}`
    const given = Object.hasOwn(json, name) ? (json as Members)[name] : undefined
    values.set(name, valueOf(binding, given, kind, place))
  }
  return values
}

function say(binding: Binding, code: RuleCode, path: string): null {
  // One fault for too much is enough, and a thousand bad elements say no more than one.
  if (binding.faults.length < 32) binding.faults.push(ruleFault(code, path))
  return null
}

// Recursion is bounded by the schema's depth.
function valueOf(binding: Binding, json: Json | undefined, kind: Kind, path: string): Value {
  binding.left -= 1
  if (binding.left < 0) {
    return binding.left === -1 ? say(binding, 'rules/input-too-large', path) : null
  }
  if (json === undefined || json === null) {
    if (kind.is === 'list' && json === undefined) return []
    return isOptional(kind) ? null : say(binding, 'rules/missing-input', path)
  }
  if (kind.is === 'record') return fieldsOf(binding, json, kind.fields, path)
  if (kind.is === 'list') return listOf(binding, json, kind.of, path)
  return scalarOf(json, kind) ?? say(binding, 'rules/bad-input', path)
}

function listOf(binding: Binding, json: Json, of: Kind, path: string): readonly Value[] {
  if (!Array.isArray(json)) {
    say(binding, 'rules/bad-input', path)
    return []
  }
  if (json.length > listMax) {
    say(binding, 'rules/input-too-large', path)
    return []
  }
  return json.map((each: Json, at) => valueOf(binding, each, of, `${path}.${at}`))
}

function scalarOf(json: Json, kind: Kind): Value {
  if (kind.is === 'boolean') return typeof json === 'boolean' ? json : null
  if (kind.is === 'integer') {
    const fits = typeof json === 'number' && Number.isSafeInteger(json)
    // -0 is written 0, so it is 0.
    return fits && json >= kind.min && json <= kind.max ? json + 0 : null
  }
  if (typeof json !== 'string' || json.length > valueTextMax || !json.isWellFormed()) return null
  if (kind.is === 'text') return kind.values === null || kind.values.has(json) ? json : null
  const day = kind.is === 'date' ? dayOfText(json) : null
  return day === null ? null : { unit: 'date', count: day }
}

/** The JSON of a value: dates and durations as their texts, records as objects. */
export function toJson(value: Value): Json {
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) return value.map(toJson)
  if (isRecord(value)) {
    const members: { [name: string]: Json } = Object.create(null)
    for (const [name, each] of value) members[name] = toJson(each)
    return members
  }
  const { unit, count } = value
  return unit === 'date' ? textOfDay(count) : durationText({ unit, count })
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

export function isRecord(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map
}

/** Whether two single values are the same; values of different kinds are not. */
export function isSame(a: Value, b: Value): boolean {
  if (isTimed(a) && isTimed(b)) return a.unit === b.unit && a.count === b.count
  return a === b
}

/** Less than 0, 0 or more than 0 for two values that can be ordered, else null. */
export function order(a: Value, b: Value): number | null {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (isTimed(a) && isTimed(b) && a.unit === b.unit) return a.count - b.count
  return null
}

export function isTimed(value: Value): value is Timed {
  return typeof value === 'object' && value !== null && !isList(value) && !isRecord(value)
}
