// What is derived from the schemas of commands: JSON Schema (draft 2020-12) for OpenAPI and for
// other languages, and the walk that finds a free string in a schema that came past the types.
import { assert } from '#base/assert'
import { base64urlLength, base64urlPattern, registeredCodes } from './leaf.ts'
import { assertionSignatureBytesMax, depthMax } from './limits.ts'
import type { Fields, MapKey, Schema } from './schema.ts'
import type { Value } from './tokenizer.ts'

const character = '[A-Za-z0-9_-]'

const patterns: { readonly [kind in MapKey | 'origin']: string } = {
  member: '^[a-z][a-z0-9-]{1,31}$',
  name: '^[a-z][A-Za-z0-9.-]{0,63}$',
  origin: '^[a-z0-9.-]+(?:/[a-z0-9.-]+)*$',
  kid: `^(?:${base64urlPattern(32)}|${base64urlPattern(16)})$`,
  id: `^${base64urlPattern(16)}$`,
}

/** The JSON Schema 2020-12 of a schema; what it accepts, `checkValue` accepts, but for checks. */
export function jsonSchemaOf(schema: Schema): Value {
  return derive(schema, 0)
}

function derive(schema: Schema, depth: number): Value {
  assert(depth <= depthMax, 'a schema is no deeper than the values that it describes')
  switch (schema.k) {
    case 'int':
      return { type: 'integer', minimum: schema.min, maximum: schema.max }
    case 'bool':
      return { type: 'boolean' }
    case 'enum':
      return { type: 'string', enum: schema.of }
    case 'bytes':
      return { type: 'string', pattern: `^${base64urlPattern(schema.length)}$` }
    case 'bytesUpTo':
      return { type: 'string', minLength: 2, maxLength: base64urlLength(schema.max), pattern: any }
    case 'code':
      return { type: 'string', format: `lianban-${schema.kind}`, pattern: '^[0-9A-Z]{13,33}$' }
    case 'origin':
      return { type: 'string', maxLength: 128, pattern: patterns.origin }
    case 'member':
    case 'name':
    case 'kid':
      return { type: 'string', pattern: patterns[schema.k] }
    case 'list':
      return deriveList(schema, depth)
    case 'map':
      return deriveMap(schema, depth)
    case 'record':
      return deriveFields(schema, {}, depth)
    case 'variant':
      return {
        oneOf: Object.entries(schema.of).map(([tag, fields]) =>
          deriveFields(fields, { [schema.on]: { const: tag } }, depth),
        ),
      }
  }
}

const any = `^(?:${character}{4})*(?:${character}[AQgw]|${character}{2}[AEIMQUYcgkosw048])?$`

function deriveList(schema: Extract<Schema, { readonly k: 'list' }>, depth: number): Value {
  return {
    type: 'array',
    items: derive(schema.of, depth + 1),
    minItems: schema.min,
    maxItems: schema.max,
  }
}

function deriveMap(schema: Extract<Schema, { readonly k: 'map' }>, depth: number): Value {
  return {
    type: 'object',
    propertyNames: { pattern: patterns[schema.key] },
    additionalProperties: derive(schema.of, depth + 1),
    maxProperties: schema.max,
  }
}

function deriveFields(
  fields: Fields,
  before: { readonly [name: string]: Value },
  depth: number,
): Value {
  const properties: { [name: string]: Value } = { ...before }
  const required: string[] = Object.keys(before)
  for (const [name, schema] of Object.entries(fields.fields)) {
    properties[name] = derive(schema, depth + 1)
    if (!(fields.optional ?? []).includes(name)) required.push(name)
  }
  return { type: 'object', properties, required, additionalProperties: false }
}

const enumForm = /^[A-Za-z0-9][A-Za-z0-9.+:/_-]{0,63}$/
const fixedBytesMax = 64
const mapKeys: readonly string[] = ['name', 'member', 'kid', 'id']

/**
 * Whether a text that the sender chooses freely fits somewhere in the schema. The types already
 * rule that out; this walk is for schemas that came past them (casts, generated data): an unknown
 * kind of leaf, a code of persons or things, bytes of more than any key, an enumeration of
 * sentences.
 */
export function hasFreeString(schema: Schema): boolean {
  return isFree(schema, 0)
}

function isFree(schema: Schema, depth: number): boolean {
  assert(depth <= depthMax, 'a schema is no deeper than the values that it describes')
  switch (schema.k) {
    case 'int':
    case 'bool':
    case 'member':
    case 'name':
    case 'origin':
    case 'kid':
      return false
    case 'enum':
      return !schema.of.every((text) => enumForm.test(text))
    case 'bytes':
      return !(schema.length >= 1 && schema.length <= fixedBytesMax)
    case 'bytesUpTo':
      return !(schema.max >= 1 && schema.max <= assertionSignatureBytesMax)
    case 'code':
      return !registeredCodes.includes(schema.kind)
    case 'list':
      return isFree(schema.of, depth + 1)
    case 'map':
      return !mapKeys.includes(schema.key) || isFree(schema.of, depth + 1)
    case 'record':
      return someFree(schema, depth)
    case 'variant':
      return Object.values(schema.of).some((fields) => someFree(fields, depth))
    default:
      return true
  }
}

function someFree(fields: Fields, depth: number): boolean {
  return Object.values(fields.fields).some((schema) => isFree(schema, depth + 1))
}
