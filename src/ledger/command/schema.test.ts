// Schemas of commands (invariants L8 and L9): a value fits or is refused at its place; no schema
// holds a free string, and the walk that says so finds one where the types were passed by.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { hasFreeString } from './json-schema.ts'
import { isRefusal } from './refusal.ts'
import { checkValue, membersNamed } from './schema.ts'
import type { Schema } from './schema.ts'
import { decodeStrict } from './tokenizer.ts'
import type { Value } from './tokenizer.ts'

const digest = 'A'.repeat(43)
const id = 'A'.repeat(22)

/** Every kind of schema once. */
const act: Schema = {
  k: 'record',
  fields: {
    case: { k: 'bytes', length: 16 },
    act: { k: 'name' },
    by: { k: 'member' },
    owner: { k: 'code', kind: 'uscc' },
    home: { k: 'origin' },
    kid: { k: 'kid' },
    key: { k: 'bytesUpTo', max: 256 },
    final: { k: 'bool' },
    gen: { k: 'int', min: 0, max: 9 },
    grade: { k: 'enum', of: ['register', 'copy'] },
    reads: { k: 'map', key: 'name', of: { k: 'int', min: 1, max: 99 }, max: 2 },
    parties: { k: 'map', key: 'member', of: { k: 'bool' }, max: 3 },
    heirs: { k: 'list', of: { k: 'member' }, min: 1, max: 2 },
    gives: {
      k: 'variant',
      on: 'form',
      of: {
        commitment: { fields: { value: { k: 'bytes', length: 32 } } },
        members: { fields: { list: { k: 'list', of: { k: 'member' }, min: 0, max: 3 } } },
      },
    },
  },
  optional: ['grade', 'gen'],
}

const good: { readonly [key: string]: Value } = {
  case: id,
  act: 'approve.loan',
  by: 'bank',
  owner: '11110000000021135M',
  home: 'ledger.city.example/2026',
  kid: digest,
  key: 'AQAB',
  final: false,
  gen: 9,
  grade: 'copy',
  reads: { 'title.v1': 3, 'tax.paid': 1 },
  parties: { tax: true },
  heirs: ['tax', 'housing'],
  gives: { form: 'commitment', value: digest },
}

test('a value that has the shape fits', () => {
  assert.equal(checkValue(act, good), null)
  const { grade: _grade, gen: _gen, ...less } = good
  assert.equal(checkValue(act, less), null)
})

const misfits: readonly (readonly [what: string, more: object, at: string | undefined])[] = [
  ['a missing field', { act: undefined }, 'act'],
  ['an unknown field', { name: 'Zhang' }, undefined],
  ['bytes of another length', { case: digest }, 'case'],
  ['bytes that are not canonical', { case: `${'A'.repeat(21)}B` }, 'case'],
  ['a sentence for a name', { act: 'Please approve' }, 'act'],
  ['a capital member', { by: 'Bank' }, 'by'],
  ['a code with a wrong check character', { owner: '11110000000021135N' }, 'owner'],
  ['a home with a space', { home: 'a b' }, 'home'],
  ['a kid of another length', { kid: 'AAAA' }, 'kid'],
  ['no key', { key: '' }, 'key'],
  ['too long a key', { key: 'A'.repeat(344) }, 'key'],
  ['a number for a bool', { final: 0 }, 'final'],
  ['an integer above', { gen: 10 }, 'gen'],
  ['an integer below', { gen: -1 }, 'gen'],
  ['a text for an integer', { gen: '1' }, 'gen'],
  ['a word that is not listed', { grade: 'original' }, 'grade'],
  ['null for a word', { grade: null }, 'grade'],
  ['too large a map', { reads: { a: 1, b: 1, c: 1 } }, 'reads'],
  ['a wrong value in a map, by position', { reads: { a: 1, b: 0 } }, 'reads[1]'],
  ['a wrong key in a map, by position', { reads: { a: 1, 'Zhang San': 1 } }, 'reads[1]'],
  ['a list for a map', { reads: [] }, 'reads'],
  ['too short a list', { heirs: [] }, 'heirs'],
  ['too long a list', { heirs: ['aa', 'bb', 'cc'] }, 'heirs'],
  ['a wrong item of a list', { heirs: ['aa', 'B'] }, 'heirs[1]'],
  ['a map for a list', { heirs: {} }, 'heirs'],
  ['an unknown variant', { gives: { form: 'text', value: digest } }, 'gives.form'],
  ['a variant named like an inherited name', { gives: { form: 'toString' } }, 'gives.form'],
  ['a field of another variant', { gives: { form: 'members', value: digest } }, 'gives.list'],
  ['a field too many in a variant', { gives: { form: 'members', list: [], x: 1 } }, 'gives'],
  ['a wrong item deep inside', { gives: { form: 'members', list: ['aa', 1] } }, 'gives.list[1]'],
]

for (const [what, more, at] of misfits) {
  test(`${what} is refused at its place`, () => {
    const kept = Object.entries({ ...good, ...more }).filter(([, value]) => value !== undefined)
    const refusal = checkValue(act, Object.fromEntries(kept) as Value)
    assert.deepEqual(
      refusal,
      at === undefined ? { code: 'command/schema' } : { code: 'command/schema', at },
    )
  })
}

test('a place never repeats what a sender wrote', () => {
  for (const text of ['{"Zhang":1}', '{"reads":{"Zhang":1}}']) {
    const value = decodeStrict(text)
    assert.ok(!isRefusal(value))
    const refusal = checkValue(act, { ...good, ...(value as object) })
    assert.ok(refusal !== null && !JSON.stringify(refusal).includes('Zhang'))
  }
})

test('whatever is not a record does not fit one', () => {
  for (const value of [null, true, 0, '', [], [good]])
    assert.deepEqual(checkValue(act, value as Value), { code: 'command/schema' })
})

test('members that a value names are found once each, keys of maps included', () => {
  assert.deepEqual(membersNamed(act, good), ['bank', 'tax', 'housing'])
  const more = { ...good, gives: { form: 'members', list: ['notary', 'bank'] } }
  assert.deepEqual(membersNamed(act, more), ['bank', 'tax', 'housing', 'notary'])
})

test('no leaf of the language holds a free string (L8)', () => {
  assert.equal(hasFreeString(act), false)
})

const free: readonly (readonly [what: string, schema: object])[] = [
  ['an unknown leaf', { k: 'string' }],
  ['a pattern', { k: 'pattern', of: '.*' }],
  ['a code of a person', { k: 'code', kind: 'citizenId' }],
  ['a code of a thing', { k: 'code', kind: 'realEstateUnit' }],
  ['an enumeration of sentences', { k: 'enum', of: ['Zhang San, born 1949'] }],
  ['an enumeration beyond ASCII', { k: 'enum', of: ['\u5f20\u4e09'] }],
  ['bytes longer than any key', { k: 'bytesUpTo', max: 513 }],
  ['fixed bytes longer than a hash', { k: 'bytes', length: 65 }],
  ['keys of a map that are any text', { k: 'map', key: 'text', of: { k: 'bool' }, max: 1 }],
]

for (const [what, schema] of free) {
  test(`${what} is found as a free string wherever it stands (L8)`, () => {
    const leaf = schema as Schema
    assert.equal(hasFreeString(leaf), true)
    assert.equal(hasFreeString({ k: 'list', of: leaf, min: 0, max: 1 }), true)
    assert.equal(hasFreeString({ k: 'map', key: 'id', of: leaf, max: 1 }), true)
    assert.equal(hasFreeString({ k: 'record', fields: { a: { k: 'bool' }, b: leaf } }), true)
    assert.equal(
      hasFreeString({
        k: 'variant',
        on: 'k',
        of: { a: { fields: {} }, b: { fields: { c: leaf } } },
      }),
      true,
    )
  })
}

/** Every schema that a door of a domain exports within its command types. */
async function typesOfDomains(): Promise<readonly { name: string; schemas: readonly Schema[] }[]> {
  const folder = new URL('../../domains/', import.meta.url)
  const found: { name: string; schemas: readonly Schema[] }[] = []
  for (const room of readdirSync(folder, { withFileTypes: true })) {
    if (!room.isDirectory()) continue
    const doors = readdirSync(new URL(`${room.name}/`, folder)).filter(
      (file) => file === 'index.ts',
    )
    if (doors.length === 0) continue
    const door = (await import(new URL(`${room.name}/index.ts`, folder).href)) as object
    for (const value of Object.values(door)) collectTypes(value, found)
  }
  return found
}

type MaybeDomain = {
  readonly types?: readonly {
    readonly name: string
    readonly body: Schema
    readonly outcome?: Schema
  }[]
} | null

function collectTypes(value: unknown, found: { name: string; schemas: readonly Schema[] }[]): void {
  const types = typeof value === 'object' ? (value as MaybeDomain)?.types : undefined
  if (!Array.isArray(types)) return
  for (const { name, body, outcome } of types as NonNullable<NonNullable<MaybeDomain>['types']>) {
    found.push({ name, schemas: outcome === undefined ? [body] : [body, outcome] })
  }
}

test('no command or outcome of any domain holds a free string (L8)', async () => {
  const types = await typesOfDomains()
  assert.ok(types.length > 0, 'the walk found command types')
  for (const { name, schemas } of types) {
    for (const schema of schemas) assert.equal(hasFreeString(schema), false, name)
  }
})
