// The JSON Schema of a schema accepts what `checkValue` accepts, judged by a small reader of JSON
// Schema that knows nothing of ours.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonSchemaOf } from './json-schema.ts'
import { checkValue } from './schema.ts'
import type { Schema } from './schema.ts'
import type { Value } from './tokenizer.ts'

type Members = { readonly [key: string]: Value }

/** Whether a value is valid under the keywords of draft 2020-12 that we write. */
function isValid(schema: Members, value: Value): boolean {
  return Object.entries(schema).every(([word, rule]) => holds(schema, word, rule, value))
}

function holds(schema: Members, word: string, rule: Value, value: Value): boolean {
  const text = typeof value === 'string' ? value : null
  const number = typeof value === 'number' ? value : null
  const list = Array.isArray(value) ? (value as readonly Value[]) : null
  const members = isMembers(value) ? value : null
  const words: { readonly [word: string]: () => boolean } = {
    type: () => isOfType(rule as string, value),
    enum: () => (rule as readonly Value[]).includes(value),
    const: () => rule === value,
    pattern: () => text === null || new RegExp(rule as string, 'u').test(text),
    minLength: () => text === null || text.length >= (rule as number),
    maxLength: () => text === null || text.length <= (rule as number),
    minimum: () => number === null || number >= (rule as number),
    maximum: () => number === null || number <= (rule as number),
    minItems: () => list === null || list.length >= (rule as number),
    maxItems: () => list === null || list.length <= (rule as number),
    items: () => list === null || list.every((item) => isValid(rule as Members, item)),
    maxProperties: () => members === null || Object.keys(members).length <= (rule as number),
    required: () => members === null || (rule as string[]).every((key) => key in members),
    propertyNames: () =>
      members === null || Object.keys(members).every((key) => isValid(rule as Members, key)),
    properties: () =>
      members === null ||
      Object.entries(rule as Members).every(
        ([key, inner]) => !(key in members) || isValid(inner as Members, members[key] as Value),
      ),
    additionalProperties: () => members === null || rest(schema, rule, members),
    oneOf: () => (rule as Members[]).filter((each) => isValid(each, value)).length === 1,
  }
  const judge = words[word]
  assert.ok(judge !== undefined, `a keyword that the reader does not know: ${word}`)
  return judge()
}

function rest(schema: Members, rule: Value, members: Members): boolean {
  const known = Object.keys((schema['properties'] ?? {}) as Members)
  const others = Object.keys(members).filter((key) => !known.includes(key))
  if (rule === false) return others.length === 0
  return others.every((key) => isValid(rule as Members, members[key] as Value))
}

function isMembers(value: Value): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isOfType(type: string, value: Value): boolean {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isMembers(value)
  return typeof value === type
}

const leaf = fc.constantFrom<Schema>(
  { k: 'int', min: -2, max: 3 },
  { k: 'bool' },
  { k: 'enum', of: ['aa', 'b.1'] },
  { k: 'bytes', length: 1 },
  { k: 'bytes', length: 2 },
  { k: 'bytes', length: 3 },
  { k: 'bytesUpTo', max: 2 },
  { k: 'member' },
  { k: 'name' },
  { k: 'origin' },
  { k: 'kid' },
)

const fields = (inner: fc.Arbitrary<Schema>): fc.Arbitrary<Extract<Schema, { k: 'record' }>> =>
  fc
    .tuple(fc.dictionary(fc.constantFrom('a', 'b', 'c'), inner, { maxKeys: 3 }), fc.boolean())
    .map(([given, loose]) => ({
      k: 'record',
      fields: { ...given },
      optional: loose ? Object.keys(given).slice(0, 1) : [],
    }))

const schemas = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    leaf,
    fc.record({
      k: fc.constant('list' as const),
      of: tie('schema'),
      min: fc.nat(1),
      max: fc.constantFrom(1, 2),
    }),
    fc.record({
      k: fc.constant('map' as const),
      key: fc.constantFrom('name' as const, 'member' as const, 'kid' as const, 'id' as const),
      of: tie('schema'),
      max: fc.nat(2),
    }),
    fields(tie('schema')),
    fc.tuple(fields(tie('schema')), fields(tie('schema'))).map(([aa, bb]): Schema => ({
      k: 'variant',
      on: 'on',
      of: { aa: { fields: aa.fields }, bb: { fields: bb.fields } },
    })),
  ),
})).schema

const words = [
  'aa',
  'b.1',
  'A',
  'AQ',
  'AA',
  'AAA',
  'AAE',
  'AAAA',
  '',
  'a b',
  'x',
  'a/b',
  'on',
  'bb',
]
const longer = ['A'.repeat(22), 'A'.repeat(43), `${'A'.repeat(21)}B`, 'toString', '\u5f20']
const text = fc.constantFrom(...words, ...longer)

const values = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    text,
    fc.integer({ min: -4, max: 5 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom('a', 'b', 'c')), tie('value'), { maxKeys: 3 }),
  ),
})).value

/** A value that has good chances to fit: drawn along the schema, with a stray one now and then. */
function near(schema: Schema): fc.Arbitrary<Value> {
  const stray = { weight: 1, arbitrary: values }
  return fc.oneof(stray, { weight: 8, arbitrary: fitting(schema) })
}

function fitting(schema: Schema): fc.Arbitrary<Value> {
  if (schema.k === 'list') return fc.array(near(schema.of), { maxLength: 2 })
  if (schema.k === 'map') return fc.dictionary(text, near(schema.of), { maxKeys: 2 })
  if (schema.k === 'record') return recordOf(schema.fields)
  if (schema.k === 'int') return fc.integer({ min: -3, max: 4 })
  if (schema.k === 'bool') return fc.boolean()
  if (schema.k !== 'variant') return text
  const shapes = Object.entries(schema.of).map(([tag, of]) =>
    recordOf(of.fields).map((members) => ({ ...members, [schema.on]: tag })),
  )
  return fc.oneof(...shapes)
}

function recordOf(given: { readonly [name: string]: Schema }): fc.Arbitrary<Members> {
  const each = Object.entries(given).map(([name, schema]) => [name, near(schema)] as const)
  return fc.record(Object.fromEntries(each), { requiredKeys: Object.keys(given).slice(1) })
}

test('the JSON Schema of a schema and the schema give the same verdict', () => {
  let fits = 0
  const cases = schemas.chain((schema) => fc.tuple(fc.constant(schema), near(schema)))
  fc.assert(
    fc.property(cases, ([schema, value]) => {
      const verdict = checkValue(schema, value) === null
      if (verdict) fits += 1
      assert.equal(isValid(jsonSchemaOf(schema) as Members, value), verdict)
    }),
    { numRuns: 3_000 },
  )
  assert.ok(fits > 300, `only ${fits} values fitted`)
})

test('codes are described by a format, because JSON Schema knows no check characters', () => {
  const schema = jsonSchemaOf({ k: 'code', kind: 'uscc' }) as Members
  assert.equal(schema['format'], 'lianban-uscc')
  assert.ok(new RegExp(schema['pattern'] as string).test('11110000000021135M'))
})
