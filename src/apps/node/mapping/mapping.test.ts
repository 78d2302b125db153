// A department's mapping is read strictly and never guessed.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { readJsonText } from '#blueprint/grammar'
import { shippedTypes } from '#test/blueprints'
import type { Mapping, RawRow, Rows } from '#apps/node/mapping'
import { decodeMapping, forms, isMapping, itemMappingOf, lookUp } from '#apps/node/mapping'
import { mappingFaults } from '#apps/node/mapping'
import { rowOf } from '#apps/node/mapping'

const types = shippedTypes()
const unit = '110105001001GB00001F00010101'

const mapping = {
  format: 'lianban/mapping/1',
  items: {
    'real-estate-title@2': {
      table: 'title',
      where: { unit_no: { key: 'unit', as: 'code' } },
      fields: {
        certNo: { column: 'cert' },
        unit: { column: 'unit_no' },
        address: { column: 'place' },
        area: { column: 'dm2' },
        ownerKind: { column: 'kind', words: { '1': 'person', '2': 'firm' } },
        owners: {
          table: 'owner',
          where: { cert: { column: 'cert' } },
          take: 'all',
          order: 'seq',
          fields: { code: { column: 'id_no', as: 'citizen' }, name: { column: 'name' } },
        },
        issued: { column: 'issued' },
        sealed: { column: 'seal_no', as: 'present' },
        disputed: { constant: false },
        noticed: { constant: false },
      },
    },
    'home-holdings@1': {
      fields: {
        count: { table: 'owner', where: { id_no: { key: 'code', as: 'citizen' } }, take: 'count' },
      },
    },
    'marriage@1': {
      table: 'married',
      where: { id_no: { key: 'code', as: 'citizen' } },
      agree: { name: { key: 'name', as: 'name' } },
      fields: { married: { constant: true } },
    },
  },
  acts: {
    'bj.home.transfer/register': {
      table: 'decided',
      values: {
        cert: { field: 'certNo' },
        unit: { key: 'unit' },
        case_no: { about: 'case' },
        n: { constant: 1 },
      },
    },
  },
} as const

type Tables = { readonly [table: string]: readonly RawRow[] }

function rowsOf(tables: Tables): Rows {
  return {
    find: async ({ table, where, columns, limit }) => {
      const rows = tables[table] ?? []
      const found = rows.filter((row) =>
        Object.entries(where).every(([column, value]) => row[column] === value),
      )
      return found
        .slice(0, limit)
        .map((row) => Object.fromEntries(columns.map((name) => [name, row[name] ?? null])))
    },
  }
}

const home = {
  cert: 'C1',
  unit_no: unit,
  place: '练习区练习街1号101',
  dm2: 8800,
  kind: 1,
  issued: '2010/5/6',
  seal_no: null,
}
const owners = [
  { cert: 'C1', seq: 2, id_no: '110105195001010063', name: '练共有' },
  { cert: 'C1', seq: 1, id_no: '110105480612004', name: '练卖方' },
]

function sound(value: unknown): Mapping {
  const decoded = decodeMapping(value as never)
  assert.ok(isMapping(decoded), JSON.stringify(decoded))
  return decoded
}

async function ask(type: string, tables: Tables, keys: { readonly [key: string]: string }) {
  const item = itemMappingOf(sound(mapping), { application: 'a', item: 'i', type })
  const known = types.get(type)
  assert.ok(item && known)
  return lookUp(item, known, { rows: rowsOf(tables), keys })
}

describe('a look-up', () => {
  test('reads a row and the rows that belong to it, each cell in its form', async () => {
    const found = await ask('real-estate-title@2', { title: [home], owner: owners }, { unit })
    assert.deepEqual(found, {
      state: 'found',
      value: {
        certNo: 'C1',
        unit,
        address: '练习区练习街1号101',
        area: 8800,
        ownerKind: 'person',
        owners: [
          { code: '110105194806120046', name: '练卖方' },
          { code: '110105195001010063', name: '练共有' },
        ],
        issued: '2010-05-06',
        sealed: false,
        disputed: false,
        noticed: false,
      },
    })
  })

  test('sees a seal in the cell that has its number', async () => {
    const sealed = { ...home, seal_no: '(2026)京01执1号' }
    const found = await ask('real-estate-title@2', { title: [sealed], owner: owners }, { unit })
    assert.equal(found.state === 'found' && found.value['sealed'], true)
  })

  test('says absent when no row has the keys', async () => {
    assert.deepEqual(await ask('real-estate-title@2', {}, { unit }), { state: 'absent' })
  })

  test('gives two rows with one key to a person', async () => {
    const found = await ask('real-estate-title@2', { title: [home, home] }, { unit })
    assert.deepEqual(found, { state: 'ambiguous', code: 'node/mapping-two-rows', at: 'title' })
  })

  test('gives more rows than a register gives at once to a person, and counts no part of them', async () => {
    const code = '110105195001010063'
    const held = (count: number): Tables => ({
      owner: Array.from({ length: count }, (_, seq) => ({ cert: `C${seq}`, seq, id_no: code })),
    })
    const found = await ask('home-holdings@1', held(1_200), { code })
    const at = 'owner'
    assert.deepEqual(found, { state: 'ambiguous', code: 'node/mapping-too-many-rows', at })
    const few = await ask('home-holdings@1', held(12), { code })
    assert.deepEqual(few, { state: 'found', value: { count: 12 } })
  })

  test('gives a cell that cannot be read to a person', async () => {
    const odd = { ...home, issued: '2010年5月' }
    const found = await ask('real-estate-title@2', { title: [odd], owner: owners }, { unit })
    assert.deepEqual(found, { state: 'ambiguous', code: 'node/mapping-bad-cell', at: 'issued' })
  })

  test('finds somebody whose number has fifteen digits in the register', async () => {
    const keys = { code: '110105194806120046', name: '练卖方' }
    assert.deepEqual(await ask('home-holdings@1', { owner: owners }, keys), {
      state: 'found',
      value: { count: 1 },
    })
  })

  test('gives a row of another name to a person, but not for a space in it', async () => {
    const keys = { code: '110105194806120046', name: '练 卖方' }
    const row = { id_no: keys.code, name: '练卖方' }
    assert.equal((await ask('marriage@1', { married: [row] }, keys)).state, 'found')
    const other = { ...row, name: '练别人' }
    assert.deepEqual(await ask('marriage@1', { married: [other] }, keys), {
      state: 'ambiguous',
      code: 'node/mapping-other-person',
      at: 'name',
    })
  })
})

describe('a mapping', () => {
  test('is refused with the path of each misunderstanding', () => {
    const faults = decodeMapping({
      format: 'lianban/mapping/1',
      items: {
        'hukou@1': { table: 'h', where: { a: { key: 'code', as: 'number' } }, fields: { b: {} } },
        'marriage@1': { table: 'm', fields: {} },
      },
      sinks: {},
    })
    assert.ok(!isMapping(faults))
    assert.deepEqual(
      faults.map(({ path, code }) => [path, code]),
      [
        ['items.hukou@1.where.a.as', 'node/mapping-unknown-word'],
        ['items.hukou@1.fields.b', 'node/mapping-not-one'],
        ['items.marriage@1.where', 'node/mapping-missing-member'],
        ['sinks', 'node/mapping-unknown-member'],
      ],
    )
  })

  test('is held to the types and registers that there are', () => {
    const wrong = sound({
      format: 'lianban/mapping/1',
      items: {
        'hukou@1': { register: 'police', fields: { married: { constant: true } } },
        'nothing@1': { fields: {} },
      },
    })
    assert.deepEqual(
      mappingFaults(wrong, types, ['main']).map(({ code }) => code),
      [
        'node/mapping-unknown-register',
        'node/mapping-unknown-field',
        'node/mapping-missing-field',
        'node/mapping-unknown-type',
      ],
    )
    assert.deepEqual(mappingFaults(sound(mapping), types, ['main']), [])
  })

  test('puts together the row that the department’s own system is asked to take', () => {
    const sink = sound(mapping).acts?.['bj.home.transfer/register']
    assert.ok(sink)
    const decided = { case: 'c', act: 'register', day: '2026-03-02', keys: { unit } }
    assert.deepEqual(rowOf(sink, { ...decided, value: { certNo: 'C2' } }), {
      cert: 'C2',
      unit,
      case_no: 'c',
      n: 1,
    })
  })
})

describe('the page for operators', () => {
  const page = readFileSync(
    new URL('../../../../docs/operations/department.md', import.meta.url),
    'utf8',
  )

  test('shows a mapping that can be used as it stands', async () => {
    const [, text = ''] = /^```json mapping\n([\s\S]*?)^```$/m.exec(page) ?? []
    const read = readJsonText(text)
    assert.ok('value' in read)
    const shown = sound(read.value)
    assert.deepEqual(mappingFaults(shown, types, ['main']), [])
    const type = types.get('home-holdings@1')
    const item = shown.items['home-holdings@1']
    assert.ok(type && item)
    const keys = { code: '110105194806120046' }
    const found = await lookUp(item, type, { rows: rowsOf({ owner: owners }), keys })
    assert.deepEqual(found, { state: 'found', value: { count: 1 } })
  })

  test('names every form in which a cell can be read', () => {
    for (const form of forms) assert.ok(page.includes(`\`${form}\``), form)
  })
})
