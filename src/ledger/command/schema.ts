// Schemas of commands: plain data that says which shape a body has. Leaves are enumerations,
// integers, bytes of known length, registered codes and identifiers; a free string cannot be
// expressed, because whatever can hold a sentence will one day hold a person's name (protocol §28).
import { assert } from '#base/assert'
import { base64urlIsCanonical } from '#base/bytes'
import { base64urlLength, isBytes, isId, isKid, isMemberCode } from './leaf.ts'
import { isName, isOrigin, isRegisteredCode } from './leaf.ts'
import type { RegisteredCode } from './leaf.ts'
import { depthMax } from './limits.ts'
import { refuse, within } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import { isMembers } from './tokenizer.ts'
import type { Members, Value } from './tokenizer.ts'

/** Fields of a record or of one variant; those named in `optional` may be absent. */
export type Fields = {
  readonly fields: { readonly [name: string]: Schema }
  readonly optional?: readonly string[]
}

/** What the keys of a map are. */
export type MapKey = 'name' | 'member' | 'kid' | 'id'

/** The shape of a command's body as plain data. Bounds are inclusive. */
export type Schema =
  | { readonly k: 'int'; readonly min: number; readonly max: number }
  | { readonly k: 'bool' }
  | { readonly k: 'enum'; readonly of: readonly string[] }
  /** Canonical base64url of exactly `length` bytes. */
  | { readonly k: 'bytes'; readonly length: number }
  /** Canonical base64url of 1 to `max` bytes; only where the content is a key, never a text. */
  | { readonly k: 'bytesUpTo'; readonly max: number }
  | { readonly k: 'member' }
  | { readonly k: 'name' }
  | { readonly k: 'code'; readonly kind: RegisteredCode }
  | { readonly k: 'origin' }
  | { readonly k: 'kid' }
  | { readonly k: 'list'; readonly of: Schema; readonly min: number; readonly max: number }
  | ({ readonly k: 'record' } & Fields)
  | { readonly k: 'map'; readonly key: MapKey; readonly of: Schema; readonly max: number }
  /** A record whose field `on` says which of the shapes in `of` it has. */
  | { readonly k: 'variant'; readonly on: string; readonly of: { readonly [tag: string]: Fields } }

type Field = { readonly name: string; readonly schema: Schema; readonly optional: boolean }

/**
 * Checks a strictly decoded value. Returns null when it fits, else `command/schema` with the path
 * of the first part that does not. Paths name fields of the schema and positions, never a key or
 * value that the sender chose.
 */
export function checkValue(schema: Schema, value: Value): Refusal | null {
  return check(schema, value, 0)
}

function check(schema: Schema, value: Value, depth: number): Refusal | null {
  if (depth > depthMax) return misfit()
  if (schema.k === 'list') return checkList(schema, value, depth)
  if (schema.k === 'map') return checkMap(schema, value, depth)
  if (schema.k === 'variant') return checkVariant(schema, value, depth)
  if (schema.k !== 'record') return isLeaf(schema, value) ? null : misfit()
  return isMembers(value) ? checkFields(schema, value, 0, depth) : misfit()
}

function misfit(): Refusal {
  return refuse('command/schema')
}

type Leaf = Exclude<Schema, { readonly k: 'record' | 'list' | 'map' | 'variant' }>

function isLeaf(schema: Leaf, value: Value): boolean {
  if (schema.k === 'int') return isWithin(value, schema.min, schema.max)
  if (schema.k === 'bool') return typeof value === 'boolean'
  if (typeof value !== 'string') return false
  switch (schema.k) {
    case 'enum':
      return schema.of.includes(value)
    case 'bytes':
      return isBytes(value, schema.length)
    case 'bytesUpTo':
      return isBytesUpTo(value, schema.max)
    case 'member':
      return isMemberCode(value)
    case 'name':
      return isName(value)
    case 'code':
      return isRegisteredCode(schema.kind, value)
    case 'origin':
      return isOrigin(value)
    case 'kid':
      return isKid(value)
  }
}

function isWithin(value: Value, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
}

function isBytesUpTo(text: string, max: number): boolean {
  return text !== '' && text.length <= base64urlLength(max) && base64urlIsCanonical(text)
}

/** Checks the declared fields; `others` members of the value are accounted for elsewhere. */
function checkFields(
  fields: Fields,
  value: Members,
  others: number,
  depth: number,
): Refusal | null {
  let known = others
  for (const field of fieldsOf(fields)) {
    const member = value[field.name]
    if (member === undefined) {
      if (field.optional) continue
      return refuse('command/schema', field.name)
    }
    known += 1
    const refusal = check(field.schema, member, depth + 1)
    if (refusal !== null) return within(field.name, refusal)
  }
  return Object.keys(value).length === known ? null : misfit()
}

// Schemas are constants of the program, so that this grows with the program and not with input.
const fieldLists = new WeakMap<Fields, readonly Field[]>()

function fieldsOf(fields: Fields): readonly Field[] {
  let list = fieldLists.get(fields)
  if (list === undefined) {
    const optional = fields.optional ?? []
    for (const name of optional) assert(name in fields.fields, 'an optional field is declared')
    list = Object.entries(fields.fields).map(([name, schema]) => ({
      name,
      schema,
      optional: optional.includes(name),
    }))
    fieldLists.set(fields, list)
  }
  return list
}

function checkList(
  schema: Extract<Schema, { readonly k: 'list' }>,
  value: Value,
  depth: number,
): Refusal | null {
  if (!Array.isArray(value)) return misfit()
  const list = value as readonly Value[]
  if (list.length < schema.min || list.length > schema.max) return misfit()
  for (let at = 0; at < list.length; at += 1) {
    const refusal = check(schema.of, list[at] as Value, depth + 1)
    if (refusal !== null) return within(`[${at}]`, refusal)
  }
  return null
}

function checkMap(
  schema: Extract<Schema, { readonly k: 'map' }>,
  value: Value,
  depth: number,
): Refusal | null {
  if (!isMembers(value)) return misfit()
  let at = 0
  for (const key of Object.keys(value)) {
    if (at >= schema.max) return misfit()
    if (!isMapKey(schema.key, key)) return refuse('command/schema', `[${at}]`)
    const refusal = check(schema.of, value[key] as Value, depth + 1)
    if (refusal !== null) return within(`[${at}]`, refusal)
    at += 1
  }
  return null
}

function isMapKey(kind: MapKey, key: string): boolean {
  switch (kind) {
    case 'name':
      return isName(key)
    case 'member':
      return isMemberCode(key)
    case 'kid':
      return isKid(key)
    case 'id':
      return isId(key)
  }
}

function checkVariant(
  schema: Extract<Schema, { readonly k: 'variant' }>,
  value: Value,
  depth: number,
): Refusal | null {
  if (!isMembers(value)) return misfit()
  const fields = variantOf(schema, value)
  return fields === null
    ? refuse('command/schema', schema.on)
    : checkFields(fields, value, 1, depth)
}

function variantOf(
  schema: Extract<Schema, { readonly k: 'variant' }>,
  value: Members,
): Fields | null {
  const tag = value[schema.on]
  if (typeof tag !== 'string' || !Object.hasOwn(schema.of, tag)) return null
  return schema.of[tag] as Fields
}

/** The members that a value names, each once, in order of appearance; the value must fit. */
export function membersNamed(schema: Schema, value: Value): string[] {
  if (!mayName(schema, 0)) return []
  const found = new Set<string>()
  collect(schema, value, found, 0)
  return [...found]
}

// Schemas are constants of the program, as above.
const naming = new WeakMap<Schema, boolean>()

/** Whether a value of this schema can name a member at all: most cannot, and are not searched. */
function mayName(schema: Schema, depth: number): boolean {
  assert(depth <= depthMax, 'a schema is not too deep')
  if (schema.k === 'member') return true
  const known = naming.get(schema)
  if (known !== undefined) return known
  const below = (fields: Fields): boolean =>
    Object.values(fields.fields).some((field) => mayName(field, depth + 1))
  let may = false
  if (schema.k === 'list') may = mayName(schema.of, depth + 1)
  else if (schema.k === 'map') may = schema.key === 'member' || mayName(schema.of, depth + 1)
  else if (schema.k === 'record') may = below(schema)
  else if (schema.k === 'variant') may = Object.values(schema.of).some(below)
  naming.set(schema, may)
  return may
}

function collect(schema: Schema, value: Value, found: Set<string>, depth: number): void {
  assert(depth <= depthMax, 'a value that fits its schema is not too deep')
  if (schema.k === 'member') {
    if (typeof value === 'string') found.add(value)
  } else if (schema.k === 'list') {
    for (const item of value as readonly Value[]) collect(schema.of, item, found, depth + 1)
  } else if (schema.k === 'map') {
    for (const [key, item] of Object.entries(value as Members)) {
      if (schema.key === 'member') found.add(key)
      collect(schema.of, item, found, depth + 1)
    }
  } else if (schema.k === 'record') {
    collectFields(schema, value as Members, found, depth)
  } else if (schema.k === 'variant') {
    const fields = variantOf(schema, value as Members)
    assert(fields !== null, 'a value that fits its schema has a known variant')
    collectFields(fields, value as Members, found, depth)
  }
}

function collectFields(fields: Fields, value: Members, found: Set<string>, depth: number): void {
  for (const field of fieldsOf(fields)) {
    const member = value[field.name]
    if (member !== undefined) collect(field.schema, member, found, depth + 1)
  }
}
