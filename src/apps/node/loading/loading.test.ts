// Loading files into sectors' databases: what counts, what is refused, and what a next state does.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { Json } from '#base/canonical'
import { firms, loadingCity as city } from '#test/loading-world'
import { decodeLoadFile, isLoadFile, loadCodes, NoColumn, normalised } from './index.ts'
import type { LoadFile, LoadLook, Seen } from './index.ts'

const good = [
  '甲公司 ,11110000000021135M,1',
  '乙公司,11110000000021039c,2',
  '丙公司,11110000000021063W,3',
]
const bad = ['丁公司,11110000000021135N,4', '戊公司,9111****3240,5', ',11110000693225666K,6']

test('sound rows are written as declared, others are named by cell and code', async () => {
  const { load, rows } = city()
  const [result] = await load([[firms, [...good, ...bad]]])
  assert.equal(result?.accepted, 3)
  assert.deepEqual(
    result?.refused.list().map(({ at, code }) => `${at} ${code}`),
    ['B5 sources/wrong-check', 'B6 sources/masked', 'A7 node/load-missing'],
  )
  assert.deepEqual(result?.read.normalised, { uscc: { upper: 1 }, name: { trim: 1 } })
  assert.deepEqual(result?.read.leftOut, ['电话'])
  assert.deepEqual(
    rows().map(({ name }) => name),
    ['乙公司', '丙公司', '甲公司'],
  )
  assert.ok(!JSON.stringify(result).includes('3240'), 'no value of a refused cell leaves')
})

test('a name that nobody has declared to be trimmed is refused with its blank', async () => {
  const { load } = city()
  const name = { column: '名称', as: 'text' }
  const [result] = await load([[{ ...firms, fields: { ...firms.fields, name } }, good]])
  assert.deepEqual(
    result?.refused.list().map(({ at, code }) => `${at} ${code}`),
    ['A2 sources/outer-blank'],
  )
})

test('the same again changes nothing, and the made people stay the same', async () => {
  const { load, rows } = city()
  await load([[firms, good]])
  const before = rows()
  const [again] = await load([[firms, good]])
  assert.equal(again?.state, 'unchanged')
  assert.deepEqual(rows(), before)
})

test('a next state is compared row by row and written where it may be', async () => {
  const { load, rows } = city()
  await load([[firms, good]])
  const before = new Map(rows().map(({ uscc, rep }) => [uscc, rep]))
  const next = [
    '甲新公司,11110000000021135M,1',
    '丙公司,11110000000021063W,3',
    '己,11110000693225666K,',
  ]
  const [result] = await load([[firms, next]], { most: 100 })
  const { added, changed, vanished, same } = result?.difference ?? {}
  assert.deepEqual([added, changed, vanished, same], [1, 1, 1, 1])
  const now = rows()
  assert.deepEqual(new Set(now.map(({ name }) => name)), new Set(['丙公司', '己', '甲新公司']))
  const renamed = now.find(({ name }) => name === '甲新公司')
  assert.equal(renamed?.['rep'], before.get('11110000000021135M'))
})

test('a state that differs in more than its share waits for a second person', async () => {
  const { load, rows } = city()
  await load([[firms, good]])
  const before = rows()
  const next = good.slice(1)
  const [waits] = await load([[firms, next]], { most: 5 })
  assert.equal(waits?.state, 'waits')
  assert.deepEqual(rows(), before)
  const [looked] = await load([[firms, next]], { most: 5, second: 'b' })
  assert.equal(looked?.state, 'loaded')
  assert.equal(rows().length, 2)
})

test('what one officer has signed of a state waits with it, and is gone once a state counts', async () => {
  const { load } = city()
  await load([[firms, good]])
  const kept: (LoadLook | null)[] = []
  const by = (second: string | null) => ({
    most: 5,
    looked: async (_: LoadFile, { vanished }: Seen, before: LoadLook | null) => {
      kept.push(before)
      return { by: 'a', second, signed: { vanished } }
    },
  })
  const [waits] = await load([[firms, good.slice(1)]], by(null))
  assert.deepEqual([waits?.state, waits?.look?.by], ['waits', 'a'])
  const [loaded] = await load([[firms, good.slice(1)]], by('b'))
  assert.deepEqual([loaded?.state, loaded?.look?.second], ['loaded', 'b'])
  await load([[firms, good.slice(2)]], by('b'))
  assert.deepEqual(kept, [null, { by: 'a', second: null, signed: { vanished: 1 } }, null])
})

test('one firm of two sources stands once; one code under two names is a ticket', async () => {
  const { load, rows } = city()
  const other = { ...firms, name: 'others', file: 'others.csv' }
  const lines = ['甲公司,11110000000021135M,1', '乙集团,11110000000021039C,2']
  const [, second] = await load([
    [firms, good],
    [other, lines],
  ])
  const [ticket, ...more] = second?.tickets ?? []
  const { id = '', ...said } = ticket ?? {}
  assert.deepEqual(said, { why: 'names-differ', load: 'others', row: 3, table: 'firm' })
  assert.match(id, /^[0-9a-f]{12}$/)
  assert.deepEqual(more, [])
  assert.deepEqual(
    rows().map(({ name }) => name),
    ['乙公司', '乙集团', '丙公司', '甲公司'],
  )
})

test('a join notes rows without a partner, and makes what stands beside a value once', async () => {
  const { load } = city()
  const home = {
    member: 'market',
    table: 'home',
    identify: ['unit'],
    columns: { unit: 'home.unit', uscc: 'uscc' },
  }
  const seals = {
    ...firms,
    name: 'seals',
    file: 'seals.csv',
    key: ['name'],
    make: { home: 'home' },
    tables: [{ ...home, table: 'seal', identify: ['name'], columns: { name: 'name' } }],
    join: { load: 'firms', field: 'uscc', with: 'uscc', unmatched: 'note', tables: [home] },
  }
  const lines = ['一,11110000000021135M,', '二,11110000000021135M,', '三,11110000693225666K,']
  const [, joined] = await load([
    [seals, lines],
    [firms, good],
  ])
  assert.equal(joined?.joined, 2)
  assert.deepEqual(
    joined?.unmatched.list().map(({ row, code }) => `${row} ${code}`),
    ['4 node/load-unmatched'],
  )
  assert.deepEqual(joined?.written, { 'market.seal': 3, 'market.home': 1 })
})

test('a load that fails leaves nothing behind', async () => {
  const { load } = city()
  const nowhere = { ...firms.tables[0], member: 'nobody', table: 'x' }
  const file = { ...firms, tables: [...firms.tables, nowhere] }
  await assert.rejects(load([[file, good]]), { code: 'node/load-no-system' })
  const [result] = await load([[firms, good]])
  assert.equal(result?.difference.first, true)
  assert.deepEqual(result?.written, { 'market.firm': 3 })
})

test('a load that was cut off before it counted is done again as if it had not been', async () => {
  const { load, rows, directory } = city()
  await load([])
  const book = new DatabaseSync(join(directory, 'loaded.db'))
  book.exec("CREATE TRIGGER cut BEFORE INSERT ON loads BEGIN SELECT RAISE(ABORT, 'cut off'); END")
  await assert.rejects(load([[firms, good]]), /cut off/)
  assert.equal(rows().length, 3)
  book.exec('DROP TRIGGER cut')
  book.close()
  const [first = '', ...rest] = good
  const [result] = await load([[firms, [first.replace('甲公司', '甲新公司'), ...rest]]])
  assert.deepEqual(result?.tickets, [])
  assert.deepEqual(
    new Set(rows().map(({ name }) => name)),
    new Set(['乙公司', '丙公司', '甲新公司']),
  )
})

test('a column that the table does not have ends the load, and nothing is written', async () => {
  const { load, rows } = city()
  await load([[firms, good]])
  const [table] = firms.tables
  const columns = { uscc: 'uscc', name: 'name', short: 'name' }
  const { make: _rep, ...plain } = firms
  const other = { ...plain, name: 'other', tables: [{ ...table, columns }] }
  const known = ['uscc', 'name', 'rep']
  const at = 'market.firm.short'
  await assert.rejects(load([[other, good]]), { code: 'node/load-other-table', at, known })
  assert.equal(rows().length, 3)
})

test('a column that is not there ends the load', async () => {
  const { load } = city()
  const name = { column: '称', as: 'text' }
  const file = { ...firms, fields: { ...firms.fields, name } }
  await assert.rejects(load([[file, good]]), NoColumn)
})

test('a load file that says what it cannot mean is refused with the path', () => {
  const path = (change: object): string | undefined => {
    const result = decodeLoadFile({ ...firms, ...change } as unknown as Json)
    return isLoadFile(result) ? undefined : result[0]?.path
  }
  const [table] = firms.tables
  assert.equal(path({}), undefined)
  assert.equal(path({ colour: 1 }), 'colour')
  assert.equal(path({ file: '../x.csv' }), 'file')
  assert.equal(path({ key: ['code'] }), 'key[0]')
  assert.equal(path({ fields: { uscc: { column: 'a', as: 'iban' } } }), 'fields.uscc.as')
  assert.equal(path({ fields: { uscc: { column: 'a', as: 'day' } } }), 'fields.uscc.order')
  assert.equal(path({ make: { rep: 'robot' } }), 'make.rep')
  assert.equal(
    path({ tables: [{ ...table, columns: { uscc: 'rep.secret' }, identify: ['uscc'] }] }),
    'tables[0].columns.uscc',
  )
  assert.equal(path({ tables: [{ ...table, identify: ['x'] }] }), 'tables[0].identify[0]')
  const alike = { ...table, columns: { uscc: 'uscc', name: 'name', USCC: 'uscc' } }
  assert.equal(path({ tables: [alike] }), 'tables[0].columns.USCC')
  for (const reserved of ['sqlite_schema', 'lianban_decisions']) {
    assert.equal(path({ tables: [{ ...table, table: reserved }] }), 'tables[0].table')
  }
})

test('normalisations do what they are called and nothing else', () => {
  assert.equal(normalised('trim', ' a b\u3000'), 'a b')
  const wide = `a${' '.repeat(250_000)}b`
  const began = performance.now()
  assert.equal(normalised('trim', wide), wide)
  assert.ok(performance.now() - began < 1_000, 'a long cell costs no more than its length')
  assert.equal(normalised('blanks', '京房( 2017 ) 7 号'), '京房(2017)7号')
  assert.equal(normalised('brackets', '（a）【b】'), '(a)(b)')
  assert.equal(normalised('width', '１Ａ（'), '1A(')
  assert.equal(normalised('15-18', '119901600101001'), normalised('15-18', '119901600101001'))
  assert.equal(normalised('15-18', '119901600101001').length, 18)
  assert.equal(normalised('15-18', '11990160010100'), '11990160010100')
  assert.equal(normalised('upper', 'x'), 'X')
})

test('every code of the room has its line, and each line is in the page of codes', () => {
  const page = fs.readFileSync(
    new URL('../../../../docs/protocol/codes.md', import.meta.url),
    'utf8',
  )
  for (const [code, meaning] of loadCodes) assert.ok(page.includes(`| \`${code}\` | ${meaning} |`))
})

const { make: _made, ...unmade } = firms

test('numbers are kept to their last decimal or refused, and days in the declared order', async () => {
  const { load, rows } = city()
  const sheet = {
    ...unmade,
    name: 'sheet',
    fields: {
      id: { column: '名称', as: 'text' },
      what: { column: '代码', as: 'yuan', empty: true },
      day: { column: '电话', as: 'day', order: 'day-first', empty: true },
    },
    key: ['id'],
    tables: [
      {
        member: 'market',
        table: 'sheet',
        identify: ['id'],
        integers: ['what'],
        columns: { id: 'id', what: 'what', day: 'day' },
      },
    ],
  }
  const endless = `k,0.${'0'.repeat(250_000)}1,`
  const lines = ['a,0.29,', 'b,90071992547409.91,', 'c,90071992547409.92,', 'd,1.005,']
  lines.push(
    'e,-.50,',
    'f,8.500,',
    'g,,31-12-2026',
    'h,,12-31-2026',
    'i,,2026-12-31',
    'j,,01-02-2026',
    endless,
  )
  const began = performance.now()
  const [read] = await load([[sheet, lines]])
  assert.ok(performance.now() - began < 3_000, 'a long number costs no more than its length')
  assert.deepEqual(
    read?.refused.list().map(({ at, code }) => `${at} ${code}`),
    [
      'B4 node/load-inexact',
      'B5 node/load-inexact',
      'C9 sources/impossible-date',
      'B12 node/load-inexact',
    ],
  )
  assert.deepEqual(
    rows('sheet').map(({ id, what, day }) => [id, what, day]),
    [
      ['a', 29, null],
      ['b', Number.MAX_SAFE_INTEGER, null],
      ['e', -50, null],
      ['f', 850, null],
      ['g', null, '20261231'],
      ['i', null, '20261231'],
      ['j', null, '20260201'],
    ],
  )
  const yearFirst = { ...sheet.fields, day: { ...sheet.fields.day, order: 'year-first' } }
  const [other] = await city().load([
    [{ ...sheet, fields: yearFirst }, ['a,,31-12-2026', 'b,,01-02-2026']],
  ])
  const codes = other?.refused.list().map(({ at, code }) => `${at} ${code}`)
  assert.deepEqual(codes, ['C2 sources/ambiguous-date', 'C3 sources/ambiguous-date'])
  const clear = city()
  await clear.load([[{ ...sheet, fields: yearFirst }, ['a,,03/03/2021', 'b,,2021/3/3']]])
  const days = clear.rows('sheet').map(({ day }) => day)
  assert.deepEqual(days, ['20210303', '20210303'], 'a day that reads alike in every order')
})

test('an identity number of fifteen digits is completed where that is declared, and else refused', async () => {
  const { load } = city()
  const persons = {
    ...unmade,
    name: 'persons',
    fields: {
      code: { column: '代码', as: 'citizen-id', normal: ['blanks', '15-18'] },
      name: { column: '名称', as: 'text' },
    },
    key: ['code'],
    tables: [
      { member: 'market', table: 'p', identify: ['code'], columns: { code: 'code', name: 'name' } },
    ],
  }
  const lines = ['甲,110105491231002,', '乙,110105194912310000,', '丙,1.10105E+17,']
  const [read] = await load([[persons, lines]])
  assert.equal(read?.accepted, 1)
  const found = read?.refused.list().map(({ at, code }) => `${at} ${code}`)
  assert.deepEqual(found, ['B3 sources/trailing-zeros', 'B4 sources/scientific'])
  const plain = {
    ...persons,
    fields: { ...persons.fields, code: { column: '代码', as: 'citizen-id' } },
  }
  const [again] = await city().load([[plain, lines.slice(0, 1)]])
  assert.deepEqual(
    again?.refused.list().map(({ code }) => code),
    ['sources/fifteen-digits'],
  )
})
