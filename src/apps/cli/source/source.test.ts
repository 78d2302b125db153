// `lianban source try` as a person and as a script meet it.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, test } from 'node:test'
import { DelimitedReader, gbEncode, restored, sourceCodes } from '#adapters/sources'
import { registersFailures } from '#adapters/registers'
import { lianban, lianbanJson } from '#test/lianban'
import { bookMembers, makeZip, textRow } from '#test/workbooks'
import { remedyOf } from './remedies.ts'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lianban-source-'))
after(() => {
  fs.rmSync(folder, { recursive: true })
})

const file = path.join(folder, 'list.csv')
const rows = [
  '企业名称,统一社会信用代码,核准日期',
  '甲公司,11110000000021135M,2026-01-02',
  '乙公司,11110000000021135N,2026-02-30',
  '丙公司 ,9111****3240,45000',
]
fs.writeFileSync(file, gbEncode(`${rows.join('\n')}\n`) as Uint8Array)

test('one screen says type, encoding, header, key, columns and each bad cell with its remedy', () => {
  const { exit, out } = lianban(['source', 'try', file, '--lang', 'zh'])
  assert.equal(exit, 0)
  const words = [
    'csv (,)',
    'gb18030',
    '第 1 行',
    '校验位不对',
    '请按证照更正',
    'B3',
    'C3',
    'B4',
    'C4',
  ]
  for (const word of words) assert.ok(out.includes(word), word)
  assert.ok(out.split('\n').length < 40)
})

test('a script gets the same as one object, with reasons and a proposal that nobody has confirmed', () => {
  const { exit, value } = lianbanJson(['source', 'try', file])
  assert.equal(exit, 0)
  const { bad, proposal } = value as {
    bad: { total: number; mendable: number; reasons: { code: string; remedy: { zh: string } }[] }
    proposal: { confirmed: boolean; columns: { as: string }[] }
  }
  assert.deepEqual([bad.total, bad.mendable], [5, 1])
  assert.deepEqual(bad.reasons.map(({ code }) => code).toSorted(), [
    'sources/impossible-date',
    'sources/masked',
    'sources/outer-blank',
    'sources/serial-date',
    'sources/wrong-check',
  ])
  assert.equal(proposal.confirmed, false)
  assert.deepEqual(
    proposal.columns.map((column) => column.as),
    ['organisation-name', 'uscc', 'date'],
  )
  assert.ok(!JSON.stringify(value).includes('3240'), 'no value of a cell leaves')
})

test('every bad cell goes to a file of its own, which is never overwritten', () => {
  const list = path.join(folder, 'bad.jsonl')
  assert.equal(lianban(['source', 'try', file, '--bad', list, '--first', '0']).exit, 0)
  const lines = fs.readFileSync(list, 'utf8').trim().split('\n')
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { at: string }).at),
    ['B3', 'C3', 'A4', 'B4', 'C4'],
  )
  assert.match(lianban(['source', 'try', file, '--bad', list]).err, /cli\/not-written/)
})

test('a proposal says which fields could be filled and why, and its draft waits for a steward', () => {
  const draft = path.join(folder, 'draft.json')
  const { exit, value } = lianbanJson(['source', 'try', file, '--propose', draft])
  assert.equal(exit, 0)
  const { proposal } = value as {
    proposal: { types: { type: string; fills: { column: string; field: string }[] }[] }
  }
  assert.deepEqual(
    proposal.types.map(({ type, fills }) => [type, ...fills.map((each) => each.field)]),
    [['business-licence@2', 'name', 'uscc']],
  )
  const { err } = lianban(['source', 'confirm', draft, '--directory', folder, '--as', 'market'])
  assert.match(err, /node\/load-misfit.*open\[0\].*source/s)
  assert.doesNotMatch(fs.readFileSync(draft, 'utf8'), /3240|甲公司/, 'no value of a cell leaves')
  const told = path.join(folder, 'told.json')
  lianban(['source', 'try', file, '--propose', told, '--encoding', 'gb18030'])
  assert.match(fs.readFileSync(told, 'utf8'), /"at": "file".*--encoding gb18030/)
  const again = lianban(['source', 'try', file, '--propose', draft, '--type', 'busines-licence@2'])
  assert.match(again.err, /cli\/bad-value.*did you mean business-licence@2/s)
  assert.match(lianban(['source', 'try', file, '--propose', draft]).err, /cli\/not-written/)
})

test('a load file or mapping is checked by itself: every fault with what is meant, or nothing', () => {
  const mapping = path.join(folder, 'mapping.json')
  const items = { 'hukou@1': { fields: { bejing: { constant: true } } }, 'hukuo@1': { fields: {} } }
  fs.writeFileSync(mapping, JSON.stringify({ format: 'lianban/mapping/1', items }))
  const { exit, value } = lianbanJson(['source', 'check', mapping])
  assert.equal(exit, 2)
  const { faults } = value as { faults: { path: string; code: string; near?: string }[] }
  assert.deepEqual(
    faults.map(({ path: at, code, near }) => [at, code, near]),
    [
      ['items.hukou@1.fields.bejing', 'node/mapping-unknown-field', 'beijing'],
      ['items.hukou@1.fields', 'node/mapping-missing-field', undefined],
      ['items.hukuo@1', 'node/mapping-unknown-type', 'hukou@1'],
    ],
  )
  const pack = new URL('../../../../packs/beijing/load/agencies.json', import.meta.url)
  assert.equal(lianban(['source', 'check', fileURLToPath(pack)]).exit, 0)
})

test('a file that is not read ends with its code, the reason and what to do', () => {
  const old = path.join(folder, 'old.xls')
  fs.writeFileSync(old, Buffer.from('d0cf11e0a1b11ae1', 'hex'))
  const { exit, err } = lianban(['source', 'try', old])
  assert.equal(exit, 1)
  assert.match(err, /sources\/old-excel/)
  assert.match(err, /save it as \.xlsx/)
})

test('an encoding or delimiter that is not known is a mistake of usage', () => {
  assert.equal(lianban(['source', 'try', file, '--encoding', 'big5']).exit, 2)
  assert.equal(lianban(['source', 'try', file, '--delimiter', '#']).exit, 2)
})

test('every code of sources and systems has a remedy of its own in both languages', () => {
  const spare = remedyOf('')
  for (const code of [...sourceCodes, ...registersFailures.map(([each]) => each)]) {
    const { zh, en } = remedyOf(code)
    assert.ok(zh !== spare.zh && en !== spare.en && /\p{Script=Han}/u.test(zh), code)
  }
})

function cellsOf(path: string, encoding: 'utf-8' | 'gb18030'): string[][] {
  const rows: string[][] = []
  const reader = new DelimitedReader({
    encoding,
    delimiter: ',',
    take: ({ cells }) => void rows.push(cells.map((cell) => restored(cell.text))),
  })
  reader.push(fs.readFileSync(path))
  reader.end()
  return rows
}

test('a list comes back from an export cell by cell, in either encoding and from a workbook', () => {
  const cells = [
    ['企业名称', '备注'],
    ['龴氏䶮记', '=1+1'],
    ['𠂇公司', 'a "b", c'],
  ]
  const book = path.join(folder, 'book.csv')
  const rowsOf = cells.map((row, at) =>
    textRow(
      at + 1,
      row.map((cell) => cell.replaceAll('"', '&quot;')),
    ),
  )
  fs.writeFileSync(book, makeZip(bookMembers({ rows: rowsOf.join('') })))
  const [gb, utf8] = [path.join(folder, 'gb.csv'), path.join(folder, 'utf8.csv')]
  assert.equal(lianban(['source', 'export', book, gb, '--to', 'gb18030']).exit, 0)
  assert.equal(lianban(['source', 'export', gb, utf8, '--to', 'utf-8']).exit, 0)
  assert.deepEqual(cellsOf(gb, 'gb18030'), cells)
  assert.match(fs.readFileSync(utf8, 'utf8'), /,'+=1\+1\r\n/)
})

test('an export ends at the first cell that cannot be carried over, and leaves nothing behind', () => {
  const replaced = path.join(folder, 'replaced.csv')
  fs.writeFileSync(replaced, '名称,数\n甲\ufffd,1\n乙,2\n')
  const out = path.join(folder, 'out.csv')
  const { exit, err } = lianban(['source', 'export', replaced, out, '--to', 'gb18030'])
  assert.equal(exit, 1)
  assert.match(err, /sources\/no-form \[A2\]/)
  assert.ok(!fs.existsSync(out))
  assert.match(lianban(['source', 'export', file, file, '--to', 'utf-8']).err, /cli\/not-written/)
  assert.ok(fs.statSync(file).size > 0)
  assert.equal(lianban(['source', 'export', file, out]).exit, 2)
})

test('an address whose server is not there, or that holds a password, is told as what it is', () => {
  const gone = lianban(['source', 'try', 'postgres://clerk@127.0.0.1:1/town'])
  assert.equal(gone.exit, 1)
  assert.match(gone.err, /registers\/unavailable/)
  const secret = lianban(['source', 'try', 'mysql://clerk:word@127.0.0.1/town'])
  assert.match(secret.err, /registers\/bad-address/)
  assert.match(secret.err, /LIANBAN_SOURCE_SECRET_FILE/)
})
