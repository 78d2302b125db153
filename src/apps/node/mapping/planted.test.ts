// Faults planted in a sound mapping, one by one: each is refused at its place, by its code, with
// the nearest known word where there is one, and with words in both languages.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'
import type { Json } from '#base/canonical'
import { nearestOf } from '#apps/cli/command'
import { wordsOfFault } from '#apps/node/declared'
import { decodeMapping, isMapping, mappingFaultTexts } from '#apps/node/mapping'

const sound = {
  format: 'lianban/mapping/1',
  items: {
    'title@2': {
      table: 'title',
      where: { unit_no: { key: 'unit', as: 'code' } },
      fields: {
        kind: { column: 'kind', words: { '1': 'person' } },
        owners: { table: 'owner', where: {}, take: 'all', cell: { column: 'name' } },
        sealed: { constant: false },
      },
    },
  },
  acts: { 'a/b': { table: 'decided', values: { unit: { key: 'unit' }, day: { about: 'day' } } } },
}

type Place = readonly string[]

function planted(place: Place, value: unknown): Json {
  const copy = structuredClone(sound) as never
  let at = copy as { [name: string]: unknown }
  for (const step of place.slice(0, -1)) at = at[step] as typeof at
  const last = place.at(-1) ?? ''
  if (value === undefined) delete at[last]
  else at[last] = value
  return copy
}

const item = ['items', 'title@2'] as const
const owners = [...item, 'fields', 'owners'] as const
const values = ['acts', 'a/b', 'values'] as const

const rows: readonly (readonly [Place, unknown, string, string, string?])[] = [
  [['format'], 'lianban/maping/1', 'format', 'unknown-word', 'lianban/mapping/1'],
  [['items'], undefined, 'items', 'missing-member'],
  [['items'], [], 'items', 'not-an-object'],
  [['act'], {}, 'act', 'unknown-member', 'acts'],
  [[...item, 'tabel'], 'x', 'items.title@2.tabel', 'unknown-member', 'table'],
  [[...item, 'table'], '', 'items.title@2.table', 'not-a-text'],
  [[...item, 'where'], undefined, 'items.title@2.where', 'missing-member'],
  [[...item, 'table'], undefined, 'items.title@2.table', 'missing-member'],
  [[...item, 'where', 'unit_no'], {}, 'items.title@2.where.unit_no', 'not-one'],
  [
    [...item, 'where', 'unit_no'],
    { key: 'a', column: 'b' },
    'items.title@2.where.unit_no',
    'not-one',
  ],
  [
    [...item, 'where', 'unit_no', 'as'],
    'cod',
    'items.title@2.where.unit_no.as',
    'unknown-word',
    'code',
  ],
  [[...item, 'fields', 'kind'], 'kind', 'items.title@2.fields.kind', 'not-an-object'],
  [
    [...item, 'fields', 'kind', 'word'],
    {},
    'items.title@2.fields.kind.word',
    'unknown-member',
    'words',
  ],
  [[...item, 'fields', 'kind', 'words'], [], 'items.title@2.fields.kind.words', 'not-an-object'],
  [[...owners, 'take'], 'al', 'items.title@2.fields.owners.take', 'unknown-word', 'all'],
  [[...owners, 'take'], 'count', 'items.title@2.fields.owners', 'not-one'],
  [[...owners, 'cell'], undefined, 'items.title@2.fields.owners', 'not-one'],
  [[...owners, 'order'], 3, 'items.title@2.fields.owners.order', 'not-a-text'],
  [[...values, 'day', 'about'], 'today', 'acts.a/b.values.day.about', 'unknown-word'],
  [[...values, 'unit'], { constant: 0.5 }, 'acts.a/b.values.unit.constant', 'bad-constant'],
  [['acts', 'a/b', 'table'], undefined, 'acts.a/b.table', 'missing-member'],
]

test('the mapping without a planted fault is one', () => {
  assert.ok(isMapping(decodeMapping(sound as unknown as Json)))
})

test(`each of ${rows.length} planted faults is refused at its place, with what is meant`, () => {
  for (const [place, value, path, kind, near] of rows) {
    const faults = decodeMapping(planted(place, value))
    assert.ok(!isMapping(faults), place.join('.'))
    const fault = faults.find((each) => each.path === path)
    assert.equal(
      fault?.code,
      `node/mapping-${kind}`,
      `${place.join('.')} ${JSON.stringify(faults)}`,
    )
    for (const language of ['zh', 'en'] as const) {
      const of = { texts: mappingFaultTexts, nearest: nearestOf }
      const words = wordsOfFault(fault, language, of)
      if (near !== undefined) assert.equal(words.near, near, path)
      assert.equal(/\p{Script=Han}/u.test(words.remedy), language === 'zh', path)
    }
  }
})

test('every code of a fault stands in the page of codes with its meaning', () => {
  const page = new URL('../../../../docs/protocol/codes.md', import.meta.url)
  const text = fs.readFileSync(page, 'utf8')
  for (const [code, meaning] of mappingFaultTexts) {
    assert.ok(text.includes(`| \`${code}\` | ${meaning} |`), code)
  }
})
