// A source on trial: what is told from content, what is found bad, and what is left open.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { flawsOf } from './cells.ts'
import type { ColumnKind, Row } from './cells.ts'
import { kindOfFile } from './format.ts'
import { openText, trySource } from './trial.ts'
import type { Bad, Trial, TrialOptions } from './trial.ts'
import { gbEncode } from './gb18030.ts'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lianban-trials-'))
after(() => {
  fs.rmSync(folder, { recursive: true })
})

function stored(content: string | Uint8Array): string {
  const file = path.join(folder, 'list.csv')
  fs.writeFileSync(file, content)
  return file
}

async function tried(content: string | Uint8Array, options: TrialOptions = {}): Promise<Trial> {
  return trySource(await openText(stored(content), options), options)
}

const places = ({ bad }: Trial): string[] => bad.first.map(({ at, code }) => `${at} ${code}`)

test('kinds are told by content, and those that are not read are refused by name', async () => {
  const kinds: readonly (readonly [string | Uint8Array, string])[] = [
    ['a,b\n', 'text'],
    ['PK\u0003\u0004', 'xlsx'],
    ['SQLite format 3\0', 'sqlite'],
    ['', 'sources/empty'],
    ['<html><table>', 'sources/html-table'],
    ['\ufeff  <!DOCTYPE html>', 'sources/html-table'],
    [
      '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
      'sources/xml-sheet',
    ],
    ['%PDF-1.7', 'sources/document'],
    [Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'sources/old-excel'],
    [
      Buffer.concat([
        Buffer.from('d0cf11e0a1b11ae1', 'hex'),
        Buffer.from('EncryptedPackage', 'utf16le'),
      ]),
      'sources/encrypted',
    ],
  ]
  for (const [content, kind] of kinds) {
    const found = await kindOfFile(stored(content)).catch((error: { code: string }) => error.code)
    assert.equal(found, kind)
  }
  await assert.rejects(kindOfFile(path.join(folder, 'absent')), { code: 'sources/not-read' })
})

test('the encoding is the one that every byte fits', async () => {
  const text = '名称,代码\n北京中关村,1\n䶮,2\n'
  const cases: readonly (readonly [Uint8Array, string, boolean])[] = [
    [Buffer.from('a,b\n1,2\n'), 'ascii', false],
    [Buffer.from(text), 'utf-8', false],
    [Buffer.from(`\ufeff${text}`), 'utf-8', true],
    [gbEncode(text) as Uint8Array, 'gb18030', false],
    [Buffer.from(`\ufeff${text}`, 'utf16le'), 'utf-16le', true],
    [Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), 'utf-16be', true],
    [Buffer.from('name,code\nabc,1\n', 'utf16le'), 'utf-16le', false],
  ]
  for (const [bytes, encoding, mark] of cases) {
    const { form, columns } = await tried(bytes)
    assert.deepEqual([form.encoding?.encoding, form.encoding?.mark], [encoding, mark])
    assert.equal(form.encoding?.certain, true)
    assert.equal(columns.length, 2)
  }
  const neither = Buffer.from([0x61, 0xff, 0x2c, 0xff, 0x0a, 0xff, 0xff])
  await assert.rejects(tried(neither), { code: 'sources/unknown-encoding' })
})

test('a few bad bytes in a long text leave the encoding uncertain and are named by cell', async () => {
  const lines = Array.from({ length: 200 }, (_, at) => `北京第${at}号,${at}\n`)
  const bytes = Buffer.concat([
    Buffer.from(`名称,数\n${lines.join('')}`),
    Buffer.from([0xff, 0x2c, 0x31]),
  ])
  const trial = await tried(bytes)
  assert.deepEqual([trial.form.encoding?.encoding, trial.form.encoding?.certain], ['utf-8', false])
  assert.equal(trial.form.encoding?.firstBad, bytes.length - 3)
  assert.deepEqual(places(trial).slice(0, 1), ['A202 sources/bad-sequence'])
  assert.equal(trial.bad.first[0]?.offset, bytes.length - 3)
})

test('the delimiter is the one that cuts rows of one width', async () => {
  for (const delimiter of [',', '\t', ';', '|'] as const) {
    const cells = ['名称', '地址', '金额'].join(delimiter)
    const { form } = await tried(
      `${cells}\n甲${delimiter}乙${delimiter}1\n丙${delimiter}丁${delimiter}2\n`,
    )
    assert.deepEqual([form.delimiter?.character, form.delimiter?.certain], [delimiter, true])
  }
  const one = await tried('名称\n甲\n乙\n')
  assert.deepEqual([one.form.type, one.form.delimiter?.character], ['text', null])
})

test('titles and blank rows above the header are passed over and counted', async () => {
  const trial = await tried(
    '某局登记表,,\n,,\n名称,日期,金额\n甲,2026-01-01,5\n乙,2026-01-02,6\n丙,2026-01-03,7\n',
  )
  assert.deepEqual(trial.header, {
    row: 3,
    names: ['名称', '日期', '金额'],
    certain: true,
    above: 2,
  })
  assert.equal(trial.rows, 3)
})

test('a table without a header is said to have none, and its columns go by letter', async () => {
  const trial = await tried('91110108MA009HJB3M,5\n91110108MA018GJ067,6\n')
  assert.deepEqual([trial.header.row, trial.header.names], [0, ['A', 'B']])
  assert.equal(trial.rows, 2)
})

test('a first row of words above words is taken as header but not as certain', async () => {
  const trial = await tried('甲甲,乙乙\n丙丙,丁丁\n戊戊,己己\n')
  assert.deepEqual([trial.header.row, trial.header.certain], [1, false])
})

test('the order of day and month is what the column shows, or is left open', async () => {
  const dates = async (...values: readonly string[]): Promise<Trial> =>
    tried(`编号,日期\n${values.map((value, at) => `k${at},${value}\n`).join('')}`)
  assert.equal(
    (await dates('2026-01-02', '20260103', '2026年1月4日')).columns[1]?.order,
    'year-first',
  )
  assert.equal((await dates('3/4/2026', '19/7/2023 10:31:50')).columns[1]?.order, 'day-first')
  assert.equal((await dates('3/4/2026', '7/19/2023')).columns[1]?.order, 'month-first')
  const open = await dates('3/4/2026', '5/6/2026')
  assert.equal(open.columns[1]?.order, 'undecided')
  assert.deepEqual(places(open), ['B2 sources/ambiguous-date', 'B3 sources/ambiguous-date'])
  const both = await dates('19/7/2023', '7/19/2023', '3/4/2026')
  assert.deepEqual(places(both), ['B4 sources/ambiguous-date'])
})

test('repeated rows and keys name the row that they repeat', async () => {
  const lines = Array.from({ length: 60 }, (_, at) => `k${at},甲\n`)
  const trial = await tried(`编号,名称\n${lines.join('')}k7,乙\nk8,甲\n,丙\n`)
  assert.deepEqual(trial.key, { column: 'A', unique: false })
  assert.deepEqual(
    trial.bad.first.map(({ at, code, first }) => [at, code, first]),
    [
      ['A62', 'sources/duplicate-key', 9],
      ['A63', 'sources/duplicate-key', 10],
      ['63', 'sources/duplicate-row', 10],
      ['A64', 'sources/empty-key', undefined],
    ],
  )
  assert.deepEqual(trial.duplicates, { rows: 1, keys: 2, whole: true })
})

test('rows of another width are named, and blanks at the end are not', async () => {
  const trial = await tried('名称,数\n甲,1\n乙\n丙,3,4\n丁,5,,\n\n')
  assert.deepEqual(places(trial), ['3 sources/short-row', '4 sources/long-row'])
  assert.deepEqual([trial.rows, trial.blank], [4, 1])
})

test('a row of totals is no row of data, and is named', async () => {
  const trial = await tried('名称,数\n甲,1\n乙,2\n合计：,3\n')
  assert.deepEqual(places(trial), ['4 sources/total-row'])
})

test('every bad cell is handed on, however few the answer holds itself', async () => {
  const all: Bad[] = []
  const lines = Array.from({ length: 50 }, (_, at) => `${at},NULL\n`)
  const trial = await tried(`编号,名称\n${lines.join('')}`, {
    first: 3,
    onBad: (bad) => void all.push(bad),
  })
  assert.equal(all.length, 50)
  assert.equal(trial.bad.first.length, 3)
  assert.equal(trial.bad.byCode['sources/placeholder'], 50)
})

const table: readonly (readonly [ColumnKind['type'], string, readonly string[]])[] = [
  ['uscc', '11110000000021135M', []],
  ['uscc', '11110000000021135N', ['sources/wrong-check']],
  ['uscc', '11110000000021135m', ['sources/lower-case']],
  ['uscc', ' 11110000000021135M', ['sources/outer-blank']],
  ['uscc', '11110000 000021135M', ['sources/inner-blank']],
  ['uscc', '１1110000000021135M', ['sources/full-width']],
  ['uscc', '1111000000002113', ['sources/wrong-length']],
  ['uscc', '1111000000002I135M', ['sources/wrong-character']],
  ['uscc', '9112****3240', ['sources/masked']],
  ['uscc', '9.11101E+17', ['sources/scientific']],
  ['uscc', '911101080123456000', ['sources/trailing-zeros']],
  ['uscc', '无', ['sources/placeholder']],
  ['uscc', '000000000000000000', ['sources/placeholder']],
  ['uscc', '', []],
  ['citizen-id', '11010519491231002X', []],
  ['citizen-id', '110105491231002', ['sources/fifteen-digits']],
  ['citizen-id', '110105194912310021', ['sources/wrong-check']],
  ['date', '2026-02-30', ['sources/impossible-date']],
  ['date', '45000', ['sources/serial-date']],
  ['date', '26-1-2', ['sources/two-digit-year']],
  ['date', '昨天', ['sources/not-a-date']],
  ['decimal', '1,234.50', ['sources/grouped-number']],
  ['decimal', '约5', ['sources/not-a-number']],
  ['text', '=HYPERLINK("x")', ['sources/formula-text']],
  ['text', '张\ufffd', ['sources/replaced-character']],
  ['text', '\ue5e5', ['sources/private-character']],
  ['text', 'a\u0000b', ['sources/control-character']],
  ['text', 'a\nb', ['sources/line-break']],
  ['text', '#N/A', ['sources/placeholder']],
  ['text', '抵押：无', []],
  ['text', '张**', ['sources/masked']],
]

for (const [type, text, codes] of table) {
  test(`${JSON.stringify(text)} in a column of ${type}: ${codes.join(' ') || 'nothing'}`, () => {
    assert.deepEqual(flawsOf({ text, sort: 'text' }, { type }), codes)
  })
}

test('an identity number that a spreadsheet has rounded is found even where its check holds', () => {
  // 110105194912310000 and its like: the last three digits are gone, and some still pass.
  for (let day = 10; day < 29; day += 1) {
    const found = flawsOf({ text: `110105194912${day}0000`, sort: 'text' }, { type: 'citizen-id' })
    assert.deepEqual(found, ['sources/trailing-zeros'])
  }
})

test('long cells of blanks and line ends are judged in a moment', () => {
  const began = performance.now()
  for (const text of [
    `a${'\n'.repeat(200_000)}`,
    `a${' '.repeat(200_000)}b`,
    '9'.repeat(200_000),
    '*'.repeat(200_000),
  ]) {
    flawsOf({ text, sort: 'text' }, { type: 'code' })
  }
  assert.ok(performance.now() - began < 2000)
})

test('a source that has other rows at its second reading is refused', async () => {
  const source = await openText(stored('编号,数\na,1\n'), {})
  let readings = 0
  const rows = {
    scan: async (take: (row: Row) => void): Promise<void> => {
      readings += 1
      await source.rows.scan(take)
      if (readings > 1) take({ number: 9, cells: [{ text: 'b', sort: 'text' }] })
    },
  }
  await assert.rejects(trySource({ ...source, rows }), { code: 'sources/changed' })
})

test('as many rows as before are not enough: each must be one of them, in whatever order', async () => {
  const readings = (second: readonly string[]): Promise<Trial> => {
    let reading = 0
    const scan = async (take: (row: Row) => void): Promise<void> => {
      const texts = reading === 0 ? ['a', 'b', 'c'] : second
      reading += 1
      for (const [at, text] of texts.entries()) {
        take({ number: at + 1, cells: [{ text, sort: 'text' }] })
      }
    }
    const header = { row: 0, names: ['code'], certain: true, above: 0 }
    const form = { type: 'postgres', encoding: null, delimiter: null, sheets: [], sheet: null }
    return trySource({ form: { ...form, type: 'postgres' }, header, rows: { scan } })
  }
  assert.equal((await readings(['c', 'a', 'b'])).rows, 3)
  for (const second of [
    ['a', 'b', 'd'],
    ['a', 'b', 'b'],
    ['a', 'b', ''],
  ]) {
    await assert.rejects(readings(second), { code: 'sources/changed' })
  }
})

test('a first row that cannot be read is a row of data, not a header', async () => {
  const trial = await tried(`${'x'.repeat(300_000)}\n`)
  assert.deepEqual([trial.header.row, trial.rows, trial.columns.length], [0, 1, 1])
  assert.deepEqual(places(trial), ['A1 sources/long-cell'])
})
