// Shapes: what a document of the language looks like, as plain data. One description serves the
// strict reader, which collects every fault with its path, and the JSON Schema for editors, so that
// an editor cannot allow what publication refuses.
import type { Json } from '#base/canonical'
import type { Fault, GrammarCode } from './faults.ts'
import { grammarFault } from './faults.ts'
import { join } from './json-text.ts'
import type { LeafName } from './leaf.ts'
import { leafFault, leafForm } from './leaf.ts'

/** A shape. Bounds are inclusive. */
export type Shape =
  | { readonly k: 'leaf'; readonly leaf: LeafName }
  | { readonly k: 'enum'; readonly of: readonly string[] }
  | { readonly k: 'int'; readonly min: number; readonly max: number }
  | { readonly k: 'true' }
  /** Any value; what it must be is said elsewhere. */
  | { readonly k: 'any' }
  /** No element stands twice; with `sorted` they rise by UTF-16 code unit. */
  | {
      readonly k: 'list'
      readonly of: Shape
      readonly min: number
      readonly max: number
      readonly free?: true
      readonly sorted?: true
    }
  | { readonly k: 'map'; readonly key: LeafName; readonly of: Shape; readonly max: number }
  | { readonly k: 'record'; readonly fields: Fields; readonly optional?: Fields }
  /** A record with exactly one of these members. */
  | { readonly k: 'one'; readonly of: Fields }
  /** The first of these that is of the value's JSON kind. */
  | { readonly k: 'either'; readonly of: readonly Shape[] }

export type Fields = { readonly [name: string]: Shape }

/** At most so many faults are reported of one document. */
export const faultsMax = 100

type Found = Fault<GrammarCode>[]
type Members = { readonly [key: string]: Json }

/** Every fault of a value, in the order of the shape and of the document. Untrusted. */
export function shapeFaults(shape: Shape, value: Json, path = ''): readonly Fault<GrammarCode>[] {
  const found: Found = []
  look(shape, value, { path, found })
  return found.slice(0, faultsMax)
}

type Place = { readonly path: string; readonly found: Found }

// Recursion follows the shape, whose depth is that of the language.
function look(shape: Shape, value: Json, place: Place): void {
  const { path, found } = place
  if (found.length >= faultsMax) return
  if (shape.k === 'either') {
    const fits = shape.of.find((each) => kindOf(each) === kindOfValue(value))
    if (fits === undefined) wrongKind(shape, place)
    else look(fits, value, place)
    return
  }
  if (shape.k === 'any') return
  if (kindOf(shape) !== kindOfValue(value)) {
    wrongKind(shape, place)
    return
  }
  switch (shape.k) {
    case 'true':
      if (value !== true) found.push(grammarFault('grammar/not-in-list', path, 'true'))
      return
    case 'int':
      if ((value as number) < shape.min || (value as number) > shape.max) {
        found.push(grammarFault('grammar/not-in-list', path, `${shape.min} … ${shape.max}`))
      }
      return
    case 'enum':
      if (!shape.of.includes(value as string)) {
        found.push(grammarFault('grammar/not-in-list', path, shape.of.join(' | ')))
      }
      return
    case 'leaf':
      lookLeaf(shape.leaf, value as string, place)
      return
    case 'list':
      lookList(shape, value as readonly Json[], place)
      return
    case 'map':
      lookMap(shape, value as Members, place)
      return
    case 'record':
      lookRecord(shape, value as Members, place)
      return
    case 'one':
      lookOne(shape.of, value as Members, place)
  }
}

function lookLeaf(leaf: LeafName, text: string, { path, found }: Place): void {
  const code = leafFault(leaf, text)
  if (code !== null) found.push(grammarFault(code, path, text))
}

function lookList(
  shape: Extract<Shape, { readonly k: 'list' }>,
  list: readonly Json[],
  { path, found }: Place,
): void {
  if (list.length < shape.min) found.push(grammarFault('grammar/too-few', path, `${shape.min}`))
  if (list.length > shape.max) {
    found.push(grammarFault('grammar/too-many', path, `${shape.max}`))
    return
  }
  list.forEach((each, at) => look(shape.of, each, { path: join(path, `${at}`), found }))
  if (shape.free === true) return
  list.forEach((each, at) => {
    if (typeof each !== 'string') return
    const place = join(path, `${at}`)
    const before = list[at - 1]
    if (shape.sorted === true && typeof before === 'string' && before >= each) {
      found.push(grammarFault('grammar/unsorted', place, each))
    } else if (list.indexOf(each) < at) found.push(grammarFault('grammar/duplicate', place, each))
  })
}

function lookMap(
  shape: Extract<Shape, { readonly k: 'map' }>,
  map: Members,
  { path, found }: Place,
): void {
  const keys = Object.keys(map)
  if (keys.length > shape.max) {
    found.push(grammarFault('grammar/too-many', path, `${shape.max}`))
    return
  }
  for (const key of keys) {
    const code = leafFault(shape.key, key)
    if (code !== null) found.push(grammarFault(code, join(path, key), key))
    look(shape.of, map[key] as Json, { path: join(path, key), found })
  }
}

function lookRecord(
  shape: Extract<Shape, { readonly k: 'record' }>,
  record: Members,
  { path, found }: Place,
): void {
  const optional = shape.optional ?? {}
  for (const key of Object.keys(record)) {
    if (Object.hasOwn(shape.fields, key) || Object.hasOwn(optional, key)) continue
    found.push(grammarFault('grammar/unknown-member', join(path, key), key))
  }
  for (const [key, of] of Object.entries(shape.fields)) {
    const value = record[key]
    if (value === undefined)
      found.push(grammarFault('grammar/missing-member', join(path, key), key))
    else look(of, value, { path: join(path, key), found })
  }
  for (const [key, of] of Object.entries(optional)) {
    const value = record[key]
    if (value !== undefined) look(of, value, { path: join(path, key), found })
  }
}

function lookOne(of: Fields, record: Members, { path, found }: Place): void {
  const keys = Object.keys(record)
  for (const key of keys) {
    if (!Object.hasOwn(of, key)) {
      found.push(grammarFault('grammar/unknown-member', join(path, key), key))
    }
  }
  const known = Object.entries(of).filter(([key]) => record[key] !== undefined)
  if (known.length === 0) {
    found.push(grammarFault('grammar/missing-member', path, Object.keys(of).join(' | ')))
  }
  if (known.length > 1) {
    found.push(grammarFault('grammar/not-together', path, known.map(([key]) => key).join(', ')))
  }
  for (const [key, shape] of known)
    look(shape, record[key] as Json, { path: join(path, key), found })
}

function wrongKind(shape: Shape, { path, found }: Place): void {
  const kinds = shape.k === 'either' ? shape.of.map(kindOf) : [kindOf(shape)]
  found.push(grammarFault('grammar/wrong-kind', path, kinds.join(' | ')))
}

type Kind = 'text' | 'number' | 'true' | 'list' | 'object' | 'other'

function kindOf(shape: Shape): Kind {
  switch (shape.k) {
    case 'leaf':
    case 'enum':
      return 'text'
    case 'int':
      return 'number'
    case 'true':
      return 'true'
    case 'list':
      return 'list'
    case 'map':
    case 'record':
    case 'one':
      return 'object'
    case 'either':
    case 'any':
      return 'other'
  }
}

function kindOfValue(value: Json): Kind {
  if (typeof value === 'string') return 'text'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'true'
  if (Array.isArray(value)) return 'list'
  return value === null ? 'other' : 'object'
}

/** The JSON Schema (2020-12) of a shape, for editors. The publication check says more. */
export function jsonSchemaOf(shape: Shape): { readonly [key: string]: Json } {
  switch (shape.k) {
    case 'leaf':
      return { type: 'string', ...leafForm(shape.leaf) }
    case 'enum':
      return { enum: shape.of }
    case 'int':
      return { type: 'integer', minimum: shape.min, maximum: shape.max }
    case 'any':
      return {}
    case 'true':
      return { const: true }
    case 'list':
      return {
        type: 'array',
        items: jsonSchemaOf(shape.of),
        minItems: shape.min,
        maxItems: shape.max,
        ...(shape.free === true ? {} : { uniqueItems: true }),
      }
    case 'map':
      return {
        type: 'object',
        propertyNames: { type: 'string', ...leafForm(shape.key) },
        additionalProperties: jsonSchemaOf(shape.of),
        maxProperties: shape.max,
      }
    case 'record':
      return {
        type: 'object',
        properties: schemasOf({ ...shape.fields, ...shape.optional }),
        required: Object.keys(shape.fields),
        additionalProperties: false,
      }
    case 'one':
      return {
        type: 'object',
        properties: schemasOf(shape.of),
        additionalProperties: false,
        minProperties: 1,
        maxProperties: 1,
      }
    case 'either':
      return { anyOf: shape.of.map((each) => jsonSchemaOf(each)) }
  }
}

function schemasOf(fields: Fields): { readonly [key: string]: Json } {
  return Object.fromEntries(Object.entries(fields).map(([key, of]) => [key, jsonSchemaOf(of)]))
}
