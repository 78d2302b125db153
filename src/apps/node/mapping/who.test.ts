// Who is meant by a code and a name: what the declared forms and the register's own former names
// make one, and that everything else is a ticket and no answer.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import type { Json } from '#base/canonical'
import { MatchBook } from '#apps/node/matching'
import { shippedTypes } from '#test/blueprints'
import { decodeMapping, isMapping, itemMappingOf, lookUp } from './index.ts'
import type { Found, RawRow } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'lianban-who-'))
const stewards = new MatchBook(join(folder, 'tickets.db'), () => 1)
after(() => {
  stewards.close()
  rmSync(folder, { recursive: true })
})

const type = shippedTypes().get('id-check@1')
const code = '110105194806120046'

const named = { name: { key: 'name', as: 'name' } }

function mappingOf(former: Json, agree: Json = named, names: Json = []): Json {
  return {
    format: 'lianban/mapping/1',
    items: {
      'id-check@1': {
        table: 'person',
        where: { id_no: { key: 'code', as: 'citizen' } },
        agree,
        former,
        names,
        fields: { match: { constant: true } },
      },
    },
  }
}

async function ask(
  tables: { readonly [table: string]: readonly RawRow[] },
  called: { readonly name: string; readonly isAlone?: boolean } & {
    readonly former?: Json
    readonly names?: Json
  },
): Promise<Found> {
  const { name, former = { name: { column: 'was' } }, names = [], isAlone = false } = called
  const mapping = decodeMapping(mappingOf(former, named, names))
  assert.ok(isMapping(mapping) && type !== undefined)
  const item = itemMappingOf(mapping, { application: 'a', item: 'i', type: 'id-check@1' })
  assert.ok(item)
  const rows = {
    find: async ({ table, where }: { readonly table: string; readonly where: RawRow }) =>
      (tables[table] ?? []).filter((row) =>
        Object.entries(where).every(([column, value]) => row[column] === value),
      ),
  }
  const keys = { code, name }
  return lookUp(item, type, isAlone ? { rows, keys } : { rows, keys, stewards })
}

const row = (name: string, was: string | null = null): RawRow => ({ id_no: code, name, was })

test('a former name that the register has is hers, in a cell or in a table of them', async () => {
  const person = [row('练新名', '练旧名；练 乳名')]
  for (const name of ['练新名', '练旧名', '练乳名']) {
    assert.equal((await ask({ person }, { name })).state, 'found', name)
  }
  assert.equal((await ask({ person }, { name: '练别名' })).state, 'ambiguous')
  const former = {
    name: {
      table: 'names',
      take: 'all',
      where: { id_no: { column: 'id_no' } },
      cell: { column: 'was' },
    },
  }
  const names = [{ id_no: code, was: '练旧名' }]
  const found = await ask({ person: [row('练新名')], names }, { name: '练旧名', former })
  assert.equal(found.state, 'found')
  const other = await ask({ person: [row('练新名')], names }, { name: '练别名', former })
  assert.equal(other.state, 'ambiguous')
})

test('a rare character is one with another where the mapping declares it, and nowhere else', async () => {
  const names = [{ rule: 'forms' }, { rule: 'character', from: '\ue863', to: '䶮' }]
  const called = { name: '练\ue863' }
  const person = [row('练䶮')]
  assert.equal((await ask({ person }, called)).state, 'ambiguous')
  assert.equal((await ask({ person }, { ...called, names })).state, 'found')
  assert.equal((await ask({ person }, { name: '练龚', names })).state, 'ambiguous')
  const faults = decodeMapping(mappingOf({}, named, [{ rule: 'alike' }]))
  assert.ok(!isMapping(faults))
  assert.deepEqual(
    faults.map(({ path }) => path),
    ['items.id-check@1.names[0]'],
  )
})

test('former names of what is not compared are a misunderstanding', () => {
  const faults = decodeMapping(mappingOf({ alias: { column: 'was' } }))
  assert.ok(!isMapping(faults))
  assert.deepEqual(
    faults.map(({ path, code: why }) => [path, why]),
    [['items.id-check@1.agree.alias', 'node/mapping-missing-member']],
  )
})

test('a row under fifteen digits and one under eighteen are one code: two names are a ticket', async () => {
  const old: RawRow = { id_no: '110105480612004', name: '练旧名', was: null }
  const found = await ask({ person: [row('练新名'), old] }, { name: '练新名' })
  assert.equal(found.state === 'ambiguous' && found.code, 'node/mapping-two-rows')
  assert.ok(found.state === 'ambiguous' && found.ticket !== undefined)
  const [ticket] = stewards.tickets().filter(({ id }) => id === found.ticket)
  assert.deepEqual([ticket?.why, ticket?.rows.length], ['names-differ', 2])
})

test('a row that disagrees in what is no name is a doubt, and no question of who is who', async () => {
  const state = { state: { constant: 'normal' }, name: { key: 'name', as: 'name' } }
  const mapping = decodeMapping(mappingOf({}, state))
  assert.ok(isMapping(mapping) && type !== undefined)
  const item = mapping.items['id-check@1']
  assert.ok(item)
  const before = stewards.tickets().length
  const gone: RawRow = { ...row('练方'), state: 'cancelled' }
  const rows = {
    find: async ({ where }: { readonly where: RawRow }) => (where['id_no'] === code ? [gone] : []),
  }
  const found = await lookUp(item, type, { rows, keys: { code, name: '练方' }, stewards })
  assert.deepEqual(found, { state: 'ambiguous', code: 'node/mapping-other-person', at: 'state' })
  assert.equal(stewards.tickets().length, before)
})

const spelling = fc.string({
  unit: fc.constantFrom('练', '方', '·', '•', ' ', '　', 'Ａ', 'A', '峰', '峯'),
  minLength: 1,
  maxLength: 4,
})

/** What the form of names makes one, said another way. */
function oneForm(name: string): string {
  const plain = name.replaceAll('Ａ', 'A').replaceAll('•', '·')
  return Array.from(plain)
    .filter((each) => each !== ' ' && each !== '　')
    .join('')
}

test('two spellings that no declared form makes one are a ticket, never an answer', async () => {
  const isAnswer = async (a: string, b: string): Promise<boolean> => {
    const alone = await ask({ person: [row(a)] }, { name: b, isAlone: true })
    const found = await ask({ person: [row(a)] }, { name: b })
    assert.equal(found.state, alone.state)
    if (found.state === 'ambiguous') assert.ok(stewards.ticket(found.ticket ?? '') !== null)
    return found.state === 'found'
  }
  await fc.assert(
    fc.asyncProperty(spelling, spelling, async (a, b) => {
      const isOne = oneForm(a) === oneForm(b) && oneForm(a) !== ''
      assert.equal(await isAnswer(a, b), isOne)
      assert.equal(await isAnswer(b, a), isOne)
    }),
    { numRuns: 120 },
  )
})
