// The names that a rule may use, and the kind of each. Names come from the blueprint alone: what
// data carries beside them is not seen, so no field of anybody's record can give a rule another
// meaning. Kinds carry bounds, from which tables are checked to be complete.
import type { Json } from '#base/canonical'
import type { Fault, RuleCode } from './texts.ts'
import { ruleFault } from './texts.ts'
import { isName, reservedWords } from './token.ts'

/** The kind of a value. `optional` says that it may be null; a list is empty instead. */
export type Kind =
  | { readonly is: 'boolean' | 'date' | 'days' | 'months'; readonly optional: boolean }
  | {
      readonly is: 'integer'
      readonly min: number
      readonly max: number
      readonly optional: boolean
    }
  | {
      readonly is: 'text'
      /** All values that there are, or null where any text will do. */
      readonly values: ReadonlySet<string> | null
      readonly optional: boolean
    }
  | { readonly is: 'record'; readonly fields: Fields; readonly optional: boolean }
  /** `filled`: it has at least one element. */
  | { readonly is: 'list'; readonly of: Kind; readonly filled: boolean }
  | { readonly is: 'null' }

/** Names and their kinds. A map, because names of objects have meanings of their own. */
export type Fields = ReadonlyMap<string, Kind>

declare const checkedSchema: unique symbol
/** The names of a rule, checked. */
export type Schema = { readonly names: Fields; readonly [checkedSchema]: true }

/** Records and lists inside one another. */
export const schemaDepthMax = 8
/** Names in a whole schema. */
export const schemaNamesMax = 512
const valuesMax = 256
/** Longest text that a value may have, in UTF-16 code units. */
export const valueTextMax = 4_096

export const integerMin: number = Number.MIN_SAFE_INTEGER
export const integerMax: number = Number.MAX_SAFE_INTEGER

type Reading = { readonly faults: Fault[]; names: number }
type Members = { readonly [name: string]: Json }

/**
 * The schema of a declaration `{name: kind, …}`, where a kind is `{is: 'integer', min?, max?,
 * optional?: true}`, `{is: 'text', values?, optional?}`, `{is: 'boolean' | 'date', optional?}`,
 * `{is: 'record', fields, optional?}` or `{is: 'list', of}`; or everything that is wrong with it.
 */
export function decodeSchema(json: Json, path = ''): Schema | readonly Fault[] {
  const reading: Reading = { faults: [], names: 0 }
  const names = fieldsOf(reading, json, { path, depth: 0, top: true })
  if (reading.faults.length > 0) return reading.faults
  return { names } as unknown as Schema
}

/** Tells a schema from its faults. */
export function isSchema(result: Schema | readonly Fault[]): result is Schema {
  return !Array.isArray(result)
}

type Place = { readonly path: string; readonly depth: number; readonly top?: true }

function say(reading: Reading, code: RuleCode, path: string): void {
  reading.faults.push(ruleFault(code, path))
}

function isMembers(json: Json | undefined): json is Members {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function fieldsOf(reading: Reading, json: Json | undefined, place: Place): Fields {
  const fields = new Map<string, Kind>()
  if (!isMembers(json)) {
    say(reading, 'rules/bad-schema', place.path)
    return fields
  }
  const names = Object.keys(json)
  reading.names += names.length
  if (reading.names > schemaNamesMax || place.depth > schemaDepthMax) {
    say(reading, 'rules/schema-too-large', place.path)
    return fields
  }
  for (const name of names) {
    const path = join(place.path, name)
    if (!isName(name)) say(reading, 'rules/bad-name', path)
    // Behind a dot a word can only be a field, so only names that stand alone are kept free.
    else if (place.top === true && reservedWords.has(name)) {
      say(reading, 'rules/reserved-name', path)
    }
    const kind = kindOf(reading, json[name] as Json, { path, depth: place.depth + 1 })
    if (kind !== null) fields.set(name, kind)
  }
  return fields
}

const membersOf: { readonly [kind: string]: readonly string[] } = {
  boolean: ['optional'],
  date: ['optional'],
  integer: ['min', 'max', 'optional'],
  text: ['values', 'optional'],
  record: ['fields', 'optional'],
  list: ['of'],
}

function kindOf(reading: Reading, json: Json, place: Place): Kind | null {
  const wrong = (path = place.path): null => {
    say(reading, 'rules/bad-schema', path)
    return null
  }
  if (!isMembers(json)) return wrong()
  const { is } = json
  if (typeof is !== 'string' || !Object.hasOwn(membersOf, is)) return wrong(join(place.path, 'is'))
  const known = membersOf[is] as readonly string[]
  if (Object.keys(json).some((name) => name !== 'is' && !known.includes(name))) return wrong()
  if (json['optional'] !== undefined && json['optional'] !== true) return wrong()
  const optional = json['optional'] === true
  if (is === 'boolean' || is === 'date') return { is, optional }
  if (is === 'integer') return integerOf(json, optional) ?? wrong()
  if (is === 'text') return textOf(json, optional) ?? wrong()
  if (is === 'record') {
    const inner = { ...place, path: join(place.path, 'fields') }
    return { is, fields: fieldsOf(reading, json['fields'], inner), optional }
  }
  if (place.depth > schemaDepthMax) {
    say(reading, 'rules/schema-too-large', place.path)
    return null
  }
  const inner = { path: join(place.path, 'of'), depth: place.depth + 1 }
  const of = kindOf(reading, json['of'] ?? null, inner)
  return of === null ? null : { is: 'list', of, filled: false }
}

function integerOf(json: Members, optional: boolean): Kind | null {
  const { min = integerMin, max = integerMax } = json
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max)) return null
  const bounds = { min: min as number, max: max as number }
  return bounds.min <= bounds.max ? { is: 'integer', ...bounds, optional } : null
}

function textOf(json: Members, optional: boolean): Kind | null {
  const { values } = json
  if (values === undefined) return { is: 'text', values: null, optional }
  if (!Array.isArray(values) || values.length === 0 || values.length > valuesMax) return null
  if (!values.every((each) => isValueText(each))) return null
  const set = new Set(values as readonly string[])
  return set.size === values.length ? { is: 'text', values: set, optional } : null
}

// A value that is declared can be written in an expression, so it holds nothing that ends a text.
function isValueText(value: Json): boolean {
  // oxlint-disable-next-line no-control-regex
  return typeof value === 'string' && value.length <= 128 && !/["\\\u0000-\u001f]/.test(value)
}

/** Whether a value of this kind may be null. */
export function isOptional(kind: Kind): boolean {
  return kind.is === 'null' || (kind.is !== 'list' && kind.optional)
}

/** The kind with or without the possibility of null. */
export function withOptional(kind: Kind, optional: boolean): Kind {
  return kind.is === 'null' || kind.is === 'list' ? kind : { ...kind, optional }
}

/** The narrowest kind that holds the values of both, or null when there is none. */
export function unify(a: Kind, b: Kind): Kind | null {
  if (a.is === 'null') return b.is === 'list' ? null : withOptional(b, true)
  if (b.is === 'null') return a.is === 'list' ? null : withOptional(a, true)
  if (a.is === 'list' || b.is === 'list') return unifyLists(a, b)
  if (a.is !== b.is) return null
  const optional = a.optional || b.optional
  if (a.is === 'integer' && b.is === 'integer') {
    return { is: 'integer', min: Math.min(a.min, b.min), max: Math.max(a.max, b.max), optional }
  }
  if (a.is === 'text' && b.is === 'text') {
    const values =
      a.values === null || b.values === null ? null : new Set([...a.values, ...b.values])
    return { is: 'text', values, optional }
  }
  if (a.is === 'record' && b.is === 'record') return unifyRecords(a.fields, b.fields, optional)
  return { ...a, optional }
}

// The empty list has elements of every kind; its own kind says null.
function unifyLists(a: Kind, b: Kind): Kind | null {
  if (a.is !== 'list' || b.is !== 'list') return null
  const filled = a.filled && b.filled
  if (a.of.is === 'null' && !a.filled) return { ...b, filled }
  if (b.of.is === 'null' && !b.filled) return { ...a, filled }
  const of = unify(a.of, b.of)
  return of === null ? null : { is: 'list', of, filled }
}

function unifyRecords(a: Fields, b: Fields, optional: boolean): Kind | null {
  if (a.size !== b.size) return null
  const fields = new Map<string, Kind>()
  for (const [name, kind] of a) {
    const other = b.get(name)
    const both = other === undefined ? null : unify(kind, other)
    if (both === null) return null
    fields.set(name, both)
  }
  return { is: 'record', fields, optional }
}

/** Whether values of this kind are single ones, which can be the same or differ. */
export function isScalar(kind: Kind): boolean {
  return kind.is !== 'list' && kind.is !== 'record'
}

/** Whether values of this kind can be more or less than one another. */
export function isOrdered(kind: Kind): boolean {
  return kind.is === 'integer' || kind.is === 'date' || kind.is === 'days' || kind.is === 'months'
}

/** Why values of two kinds are not compared, or null. Any kind is compared with null by itself. */
export function compareRefused(a: Kind, b: Kind): RuleCode | null {
  if (!isScalar(a) || !isScalar(b)) return 'rules/not-comparable'
  if (a.is === 'null' || b.is === 'null') return null
  if (a.is !== b.is) return 'rules/not-comparable'
  if (a.is !== 'text' || b.is !== 'text' || a.values === null || b.values === null) return null
  // Two lists of values without a common one: most often a slip of the pen.
  const { values } = b
  return [...a.values].some((each) => values.has(each)) ? null : 'rules/impossible-value'
}
