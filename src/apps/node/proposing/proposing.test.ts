// What a list is proposed to become: by its headers' words and the kinds of its codes, never by a
// guess; what nothing decides is a point of the draft, and a draft with points does not load.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Column } from '#adapters/sources'
import type { Json } from '#base/canonical'
import { fieldOf } from '#blueprint/grammar'
import { decodeLoadFile, isLoadFile } from '#apps/node/loading'
import { loadNames, readPack, readTypes } from '#apps/node/pack'
import { draftOf, fittingOf, normalOf, readHeaderWords, wantedOf } from './index.ts'
import type { Draft, DraftParts, Fitting } from './index.ts'

const types = readTypes()
const pack = readPack('beijing')
const headers = readHeaderWords('beijing')
const wanted = wantedOf(pack.mappings, types)

type Short = readonly [name: string, type: Column['type'], more?: Partial<Column>]

function columnsOf(short: readonly Short[]): readonly Column[] {
  return short.map(([name, type, more], at) => {
    const letter = String.fromCharCode(65 + at)
    return { letter, name, type, empty: 0, repeated: 0, ...more } as Column
  })
}

function fit(...short: readonly Short[]): Fitting {
  return fittingOf(columnsOf(short), wanted, headers)
}

function typesOf({ types: fitted }: Fitting): readonly string[] {
  return fitted.map(({ wanted: { type } }) => type.type).toSorted((a, b) => (a < b ? -1 : 1))
}

function placesOf({ types: [first] }: Fitting): readonly string[] {
  return first?.fits.map(({ column, target }) => `${column} ${target.field ?? target.column}`) ?? []
}

const uscc: Short = ['统一社会信用代码', 'uscc']
const firm: Short = ['企业名称', 'text']

test('a list of firms fills a licence; what it lacks is named, and what nobody asks for is not read', () => {
  const found = fit(firm, uscc, ['成立日期', 'date', { order: 'year-first' }])
  assert.deepEqual(typesOf(found), ['business-licence@2'])
  assert.deepEqual(placesOf(found), ['A name', 'B uscc'])
  assert.deepEqual(found.types[0]?.missing, ['status', 'days', 'legalRep'])
  assert.deepEqual(found.types[0]?.keysMissing, [])
  const [, code] = found.types[0]?.fits ?? []
  assert.deepEqual(code?.because, ['header-words', 'code-kind'])
})

test('the kind of its codes speaks for a column without a header, and its being a text does not', () => {
  assert.deepEqual(placesOf(fit(['甲', 'text'], ['乙', 'uscc'], ['丙', 'integer'])), ['B uscc'])
  assert.deepEqual(fit(['甲', 'text'], ['乙', 'integer'], ['丙', 'date']).types, [])
})

test('headers are compared whole, but for blanks, width and what stands in brackets', () => {
  const named = (name: string): readonly string[] => placesOf(fit([name, 'text'], uscc))
  for (const name of ['企业 名称', '企业名称（全称）', ' 企业名称', '单位名称']) {
    assert.ok(named(name).includes('A name'), name)
  }
  for (const name of ['企业名称备注', '上级企业名称', '名称']) {
    assert.ok(!named(name).includes('A name'), name)
  }
})

test('a longer type wins over one that fills a part of its columns, and equals are all named', () => {
  assert.deepEqual(typesOf(fit(uscc, ['税务登记号', 'code'])), ['tax-registration@1'])
  const person: Short = ['身份证号', 'citizen-id']
  assert.deepEqual(typesOf(fit(person, ['婚姻状况', 'text'])), ['marriage@1'])
  const both = fit(person, ['婚姻状况', 'text'], ['连续纳税年限', 'integer'])
  assert.deepEqual(typesOf(both), ['marriage@1', 'tax-years@1'])
})

test('a header that says one thing over values of another fills nothing and is named', () => {
  const found = fit(['推送月份', 'text'], ['纳税人识别号', 'masked'])
  assert.deepEqual(placesOf(found), ['A month'])
  assert.deepEqual(found.types[0]?.keysMissing, ['uscc'])
  assert.deepEqual(found.otherwise, [{ column: 'B', names: 'organisation.code' }])
})

function draft(short: readonly Short[], more: Partial<DraftParts> = {}): Draft {
  const columns = columnsOf(short)
  return draftOf({
    file: '名单.csv',
    columns,
    key: { column: 'B', unique: true },
    types: fittingOf(columns, wanted, headers).types,
    titleOf: () => ({ zh: '执照', en: 'licence' }),
    found: new Map(),
    taken: loadNames('beijing'),
    ...more,
  })
}

const pointsOf = ({ open }: Draft): readonly string[] => open.map(({ at }) => at)

test('a draft says what is decided, and loads once its points are decided and taken out', () => {
  const found = new Map([
    ['A', { 'sources/outer-blank': 3 }],
    ['B', { 'sources/lower-case': 1, 'sources/inner-blank': 1, 'sources/outer-blank': 1 }],
  ])
  const made = draft([firm, uscc], { found })
  assert.deepEqual(pointsOf(made), [
    'source',
    'tables[0].columns.state',
    'tables[0].columns.days_open',
    'tables',
  ])
  const faults = decodeLoadFile(made as Json)
  assert.ok(!isLoadFile(faults))
  const open = faults.filter(({ code }) => code === 'node/load-open')
  assert.deepEqual(
    open.map(({ path }) => path),
    ['open[0]', 'open[1]', 'open[2]', 'open[3]'],
  )
  const { open: _, ...rest } = made
  const source = { name: '练习', terms: { zh: '虚构', en: 'made up' } }
  const file = decodeLoadFile({ ...rest, source } as Json, ['market'])
  assert.ok(isLoadFile(file), JSON.stringify(file))
  assert.deepEqual(file.fields, {
    name: { column: '企业名称', as: 'text', normal: ['trim'] },
    uscc: { column: '统一社会信用代码', as: 'uscc', normal: ['blanks', 'upper'] },
  })
  assert.deepEqual(file.key, ['uscc'])
  assert.deepEqual(file.tables[0]?.firms, { code: 'uscc', name: 'name' })
  assert.equal(file.steward, 'market')
})

test('a part that stands in a table of its own is tied to the main one as it is looked up', () => {
  const made = draft([
    firm,
    uscc,
    ['法定代表人', 'text'],
    ['法定代表人身份证号', 'citizen-id'],
    ['成立天数', 'integer'],
  ])
  const tables = made['tables'] as unknown as readonly { readonly table: string }[]
  assert.deepEqual(tables[1], {
    member: 'market',
    table: 'gs_representative',
    identify: ['uscc'],
    integers: ['current'],
    columns: {
      uscc: 'uscc',
      current: { constant: 1 },
      rep_name: 'legal-rep-name',
      rep_code: 'legal-rep-code',
    },
  })
  assert.ok(!pointsOf(made).includes('tables'))
})

test('what nothing decides is a point: type, key, unit, order of days, empty cells', () => {
  const nothing = draft([['甲', 'text']], { key: null })
  assert.deepEqual(pointsOf(nothing), ['source', 'fields', 'key'])
  const person: Short = ['身份证号', 'citizen-id', { empty: 2 }]
  assert.ok(
    pointsOf(draft([['婚姻状况', 'text'], person, ['纳税年限', 'integer']])).includes('fields'),
  )
  const title = draft([
    ['不动产权证号', 'text'],
    ['不动产单元号', 'real-estate-unit', { empty: 1 }],
    ['建筑面积', 'decimal'],
    ['登簿日期', 'date', { order: 'undecided' }],
  ])
  for (const at of ['fields.area.as', 'fields.issued.order', 'fields.unit.empty']) {
    assert.ok(pointsOf(title).includes(at), at)
  }
  const unitPoint = (header: string): boolean => {
    const area: Short = [`建筑面积${header}`, 'decimal']
    const made = draft([['不动产权证号', 'text'], ['不动产单元号', 'real-estate-unit'], area])
    assert.ok('area' in (made['fields'] as object), header)
    return pointsOf(made).includes('fields.area.as')
  }
  for (const known of ['(㎡)', '（单位：平方米）', '（M２）', '（平方米）'])
    assert.ok(!unitPoint(known), known)
  const others = [
    '（万平方米）',
    '（千元）',
    '（美元）',
    '（亿元）',
    '(km2)',
    '（百万元）',
    '（元/平方米·月）',
  ]
  for (const other of others) assert.ok(unitPoint(other), `${other} is no unit that there is`)
  const rivals = draft([firm, uscc, ['单位名称', 'text']])
  assert.ok(pointsOf(rivals).includes('fields.name'))
  const repeated = draft([firm, uscc], { key: { column: 'B', unique: false } })
  assert.ok(pointsOf(repeated).includes('key'))
})

test('each point is a sentence in both languages', () => {
  for (const { zh, en } of draft([firm, uscc]).open) {
    assert.match(zh, /\p{Script=Han}/u)
    assert.doesNotMatch(en, /\p{Script=Han}/u)
  }
})

test('whoever takes all blanks away need not trim as well', () => {
  assert.deepEqual(normalOf({ 'sources/outer-blank': 1, 'sources/inner-blank': 1 }), ['blanks'])
  assert.deepEqual(normalOf({ 'sources/wrong-check': 9 }), [])
})

test('every header word of the pack stands for a field that a type has and somebody looks up', () => {
  const known = new Set(wanted.flatMap(({ targets }) => targets.flatMap(({ names }) => names)))
  for (const name of headers.keys()) {
    assert.ok(known.has(name), name)
    const [, type, field] = /^([a-z-]+@\d+)\.([A-Za-z0-9]+)/.exec(name) ?? []
    const found = type === undefined ? undefined : types.get(type)
    if (type !== undefined) assert.ok(found && fieldOf(found, field ?? ''), name)
  }
})
