// Bodies of any content that fits the schema: names that every object inherits, elements beyond
// their list, commands of members without a part. The kernel answers with a code of this room.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Schema, Value } from '#ledger/command'
import { checkValue, hasFreeString } from '#ledger/command'
import { codeTexts, processes, processesCodes } from '#domains/processes'
import { CaseWorld, shipped, wordHash } from '#test/case-world'

const applications = [
  'processes/bj.home.transfer',
  'certificates/bj.health.supplies',
  'sharing/bj.firm.account',
].map((path) => shipped(path))

const hostile = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'nobody']

/** Any value of a schema; names are mostly those of a blueprint, and the case is mostly there. */
function valueOf(schema: Schema, names: readonly string[], world: CaseWorld): fc.Arbitrary<Value> {
  const name = fc.constantFrom(...names, ...hostile)
  const inner = (of: Schema): fc.Arbitrary<Value> => valueOf(of, names, world)
  switch (schema.k) {
    case 'int':
      return fc.integer({ min: schema.min, max: Math.min(schema.max, schema.min + 3) })
    case 'bool':
      return fc.boolean()
    case 'enum':
      return fc.constantFrom(...schema.of)
    case 'bytes':
      return schema.length === 16
        ? fc.constantFrom(world.id, world.id, world.id, 'AAAAAAAAAAAAAAAAAAAAAA')
        : fc.constantFrom(world.published.hash, wordHash('a'), wordHash('b'))
    case 'member':
      return fc.constantFrom('planning', 'market', 'icbc', 'nobody')
    case 'name':
      return name
    case 'kid':
      return fc.constant(wordHash('kid'))
    case 'list':
      return fc.array(inner(schema.of), {
        minLength: schema.min,
        maxLength: Math.min(schema.max, schema.min + 2),
      })
    case 'map':
      return fc.dictionary(name, inner(schema.of), { maxKeys: Math.min(schema.max, 3) })
    case 'record': {
      const requiredKeys = Object.keys(schema.fields).filter(
        (key) => schema.optional?.includes(key) !== true,
      )
      const fields = Object.fromEntries(
        Object.entries(schema.fields).map(([key, of]) => [key, inner(of)]),
      )
      return fc.record(fields, { requiredKeys }) as fc.Arbitrary<Value>
    }
    case 'bytesUpTo':
    case 'code':
    case 'origin':
    case 'variant':
      return fc.constant(null)
  }
}

test('whatever fits the schema is decided or refused with a code of this room', () => {
  const seen = new Set<string>()
  for (const published of applications) {
    const world = new CaseWorld(published)
    const { blueprint } = published
    const party = Object.keys(blueprint.parties).find((each) => blueprint.parties[each]?.files)
    assert.equal(world.file(party ?? '', 'market', 'idp').code, 'ok')
    const names = [
      ...Object.keys(blueprint.parties),
      ...Object.keys(blueprint.evidence),
      ...Object.keys(blueprint.acts),
      ...Object.keys(blueprint.objects ?? {}),
    ]
    for (const type of processes.types) {
      fc.assert(
        fc.property(
          valueOf(type.body, names, world),
          fc.constantFrom('market', 'icbc', 'post'),
          (body, member) => {
            if (checkValue(type.body, body) !== null) return
            const answer = world.when(member, type.name, body as { readonly [k: string]: Value })
            seen.add(answer.code)
            const known: readonly string[] = processesCodes
            assert.ok(answer.code === 'ok' || known.includes(answer.code), answer.code)
          },
        ),
        { numRuns: 60, seed: 7 },
      )
    }
  }
  assert.ok(seen.size > 15, [...seen].join(' '))
})

test('no schema of this room can hold a sentence', () => {
  for (const { body, outcome, name } of processes.types) {
    assert.equal(hasFreeString(body), false, name)
    if (outcome !== undefined) assert.equal(hasFreeString(outcome), false, name)
  }
})

test('every code is an address of this room with a text', () => {
  for (const code of processesCodes) {
    assert.match(code, /^processes\/[a-z]+(?:-[a-z]+)*$/)
    assert.ok(codeTexts[code].length > 10)
  }
  assert.deepEqual([...processesCodes], [...processesCodes].toSorted())
})
