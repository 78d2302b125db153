// Faults planted in a sound load file, one by one: each is refused at its place, by its code, with
// the nearest known word where there is one, and with words in both languages.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'
import type { Json } from '#base/canonical'
import { nearestOf } from '#apps/cli/command'
import { wordsOfFault } from '#apps/node/declared'
import { decodeLoadFile, isLoadFile, loadFaultTexts } from './index.ts'
import type { LoadFault } from './index.ts'

const members = ['market', 'tax', 'police']

const sound = {
  format: 'lianban/load/1',
  name: 'firms',
  zh: '企业',
  en: 'firms',
  steward: 'market',
  file: 'lists/firms.csv',
  source: { name: 'a test', terms: { zh: '无', en: 'none' } },
  note: { zh: '代表为练习生成', en: 'representatives are made' },
  fields: {
    uscc: { column: '代码', as: 'uscc', normal: ['blanks', 'upper'] },
    name: { column: '名称', as: 'text', normal: ['trim'] },
    founded: { column: '成立日期', as: 'day', order: 'year-first', empty: true },
    capital: { column: '注册资本', as: 'wan-yuan' },
  },
  key: ['uscc'],
  make: { rep: 'person' },
  join: { load: 'permits', field: 'uscc', with: 'code', unmatched: 'note', tables: [] },
  tables: [
    {
      member: 'market',
      table: 'firm',
      identify: ['uscc', 'name'],
      integers: ['capital', 'current'],
      firms: { code: 'uscc', name: 'name' },
      columns: {
        uscc: 'uscc',
        name: 'name',
        capital: 'capital',
        rep: 'rep.code',
        current: { constant: 1 },
      },
    },
  ],
}

type Place = readonly (string | number)[]

/** The sound file with one place changed; `undefined` takes the member away. */
function planted(place: Place, value: unknown): Json {
  const copy = structuredClone(sound) as never
  let at = copy as { [name: string | number]: unknown }
  for (const step of place.slice(0, -1)) at = at[step] as typeof at
  const last = place.at(-1) ?? ''
  if (value === undefined) delete at[last]
  else at[last] = value
  return copy
}

function faultsOf(value: Json): readonly LoadFault[] {
  const result = decodeLoadFile(value, members)
  return isLoadFile(result) ? [] : result
}

const firm = ['tables', 0] as const

/** Where it is planted, what, the path and kind of the fault, and the word that was meant. */
const rows: readonly (readonly [Place, unknown, string, string, string?])[] = [
  [['format'], 'lianban/load/2', 'format', 'unknown-word', 'lianban/load/1'],
  [['format'], undefined, 'format', 'missing-member'],
  [['name'], 'Firms', 'name', 'bad-name'],
  [['name'], undefined, 'name', 'missing-member'],
  [['zh'], '', 'zh', 'not-a-text'],
  [['en'], 7, 'en', 'not-a-text'],
  [['steward'], 'markt', 'steward', 'unknown-department', 'market'],
  [['steward'], null, 'steward', 'bad-name'],
  [['file'], '../firms.csv', 'file', 'bad-path'],
  [['file'], '/etc/firms.csv', 'file', 'bad-path'],
  [['file'], 'a/b/c/d/e/f/g/h/i.csv', 'file', 'bad-path'],
  [['source'], 'a test', 'source', 'not-an-object'],
  [['source', 'terms'], undefined, 'source.terms', 'missing-member'],
  [['source', 'terms', 'zh'], undefined, 'source.terms.zh', 'missing-member'],
  [['source', 'nmae'], 'x', 'source.nmae', 'unknown-member', 'name'],
  [['note', 'en'], undefined, 'note.en', 'missing-member'],
  [['colums'], {}, 'colums', 'unknown-member'],
  [['tabels'], [], 'tabels', 'unknown-member', 'tables'],
  [['fields'], {}, 'fields', 'wrong-count'],
  [['fields'], [], 'fields', 'not-an-object'],
  [['fields', 'uscc', 'as'], 'usc', 'fields.uscc.as', 'unknown-word', 'uscc'],
  [['fields', 'uscc', 'as'], 'iban-number', 'fields.uscc.as', 'unknown-word'],
  [['fields', 'uscc', 'column'], undefined, 'fields.uscc.column', 'missing-member'],
  [['fields', 'uscc', 'column'], '', 'fields.uscc.column', 'not-a-text'],
  [['fields', 'uscc', 'normal'], 'trim', 'fields.uscc.normal', 'not-a-list'],
  [['fields', 'uscc', 'normal'], [], 'fields.uscc.normal', 'wrong-count'],
  [['fields', 'uscc', 'normal', 1], 'uper', 'fields.uscc.normal[1]', 'unknown-word', 'upper'],
  [['fields', 'uscc', 'normal', 1], 'blanks', 'fields.uscc.normal[1]', 'twice'],
  [['fields', 'uscc', 'order'], 'day-first', 'fields.uscc.order', 'order-idle'],
  [['fields', 'founded', 'order'], undefined, 'fields.founded.order', 'order-missing'],
  [
    ['fields', 'founded', 'order'],
    'yearfirst',
    'fields.founded.order',
    'unknown-word',
    'year-first',
  ],
  [['fields', 'founded', 'empty'], false, 'fields.founded.empty', 'unknown-word'],
  [['key'], 'uscc', 'key', 'not-a-list'],
  [['key'], [], 'key', 'wrong-count'],
  [['key'], ['usc'], 'key[0]', 'unknown-field', 'uscc'],
  [['key'], ['uscc', 'uscc'], 'key[1]', 'twice'],
  [['make', 'rep'], 'persona', 'make.rep', 'unknown-word', 'person'],
  [['make', 'name'], 'person', 'make.name', 'twice'],
  [['join', 'load'], 'firms', 'join.load', 'joins-itself'],
  [['join', 'field'], 'code', 'join.field', 'unknown-field'],
  [['join', 'unmatched'], 'drop', 'join.unmatched', 'unknown-word'],
  [['tables'], {}, 'tables', 'not-a-list'],
  [[...firm, 'member'], 'polise', 'tables[0].member', 'unknown-department', 'police'],
  [[...firm, 'table'], 'Firm table', 'tables[0].table', 'bad-name'],
  [[...firm, 'columns'], {}, 'tables[0].columns', 'wrong-count'],
  [[...firm, 'columns', 'rep'], 'rep.secret', 'tables[0].columns.rep', 'unknown-field'],
  [[...firm, 'columns', 'rep'], 'rep.coed', 'tables[0].columns.rep', 'unknown-field', 'rep.code'],
  [[...firm, 'columns', 'name'], 5, 'tables[0].columns.name', 'not-an-object'],
  [
    [...firm, 'columns', 'current'],
    { constant: 1.5 },
    'tables[0].columns.current.constant',
    'bad-constant',
  ],
  [[...firm, 'columns', 'current'], {}, 'tables[0].columns.current.constant', 'missing-member'],
  [[...firm, 'identify'], [], 'tables[0].identify', 'wrong-count'],
  [[...firm, 'identify', 1], 'nam', 'tables[0].identify[1]', 'unknown-column', 'name'],
  [[...firm, 'integers', 0], 'captial', 'tables[0].integers[0]', 'unknown-column', 'capital'],
  [[...firm, 'integers', 0], 'name', 'tables[0].integers[0]', 'not-whole'],
  [[...firm, 'columns', 'current'], { constant: '1' }, 'tables[0].integers[1]', 'not-whole'],
  [[...firm, 'firms', 'code'], 'code', 'tables[0].firms.code', 'unknown-column'],
  [[...firm, 'firms'], { code: 'uscc' }, 'tables[0].firms.name', 'missing-member'],
  [['open'], [{ at: 'key', zh: '选一列', en: 'choose' }], 'open[0]', 'open'],
  [['open'], [{ at: 'key', zh: '选一列' }], 'open[0].en', 'missing-member'],
]

test('the file without a planted fault is a load file', () => {
  assert.deepEqual(faultsOf(sound as unknown as Json), [])
})

test(`each of ${rows.length} planted faults is refused at its place, with what is meant`, () => {
  for (const [place, value, path, kind, near] of rows) {
    const faults = faultsOf(planted(place, value))
    const fault = faults.find((each) => each.path === path)
    const at = `${place.join('.')} ${JSON.stringify(value)}`
    assert.equal(fault?.code, `node/load-${kind}`, `${at}: ${JSON.stringify(faults)}`)
    if (
      value !== undefined &&
      !['open', 'order-missing'].includes(kind) &&
      kind !== 'missing-member'
    )
      assert.ok(fault.found !== undefined || fault.bound !== undefined, at)
    for (const language of ['zh', 'en'] as const) {
      const of = { texts: loadFaultTexts, nearest: nearestOf }
      const words = wordsOfFault(fault, language, of)
      if (near !== undefined) assert.equal(words.near, near, at)
      assert.notEqual(words.reason, fault.code)
      assert.notEqual(words.remedy, '')
      assert.equal(/\p{Script=Han}/u.test(words.remedy), language === 'zh', at)
    }
  }
})

test('many faults come back together, each at its own place', () => {
  const places = rows.filter(([, , path]) => /^(?:zh|file|key|make\.rep)$/.test(path))
  const value = places.slice(0, 1).map(([place, bad]) => planted(place, bad))[0]
  const all = { ...(value as object), file: '../x', key: 'uscc', make: { rep: 'robot' } }
  assert.deepEqual(new Set(faultsOf(all as Json).map(({ path }) => path)).size, 4)
})

test('a value of any kind is no load file, and nothing of it is executed or thrown', () => {
  for (const value of [null, true, 7, 'x', [], {}, [[]], { fields: { __proto__: null } }]) {
    assert.ok(faultsOf(value as Json).length > 0)
  }
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`m${at}`, at]))
  assert.ok(faultsOf({ ...many, fields: many } as Json).length <= 200)
})

test('every code of a fault stands in the page of codes with its meaning', () => {
  const page = new URL('../../../../docs/protocol/codes.md', import.meta.url)
  const text = fs.readFileSync(page, 'utf8')
  for (const [code, meaning] of loadFaultTexts) {
    assert.ok(text.includes(`| \`${code}\` | ${meaning} |`), code)
  }
})
