// Workbooks: what a cell says it is stays what it is, and a container that lies is refused.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { bookMembers, makeZip, textRow } from '#test/workbooks'
import type { BookParts, MadeMember } from '#test/workbooks'
import type { Row } from './cells.ts'
import { Failure } from './codes.ts'
import { trySource } from './trial.ts'
import type { Trial } from './trial.ts'
import { openWorkbook } from './xlsx.ts'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lianban-workbooks-'))
after(() => {
  fs.rmSync(folder, { recursive: true })
})

function stored(bytes: Uint8Array): string {
  const file = path.join(folder, 'book.xlsx')
  fs.writeFileSync(file, bytes)
  return file
}

async function rowsOf(parts: BookParts): Promise<Row[]> {
  const rows: Row[] = []
  const source = await openWorkbook(stored(makeZip(bookMembers(parts))), {})
  await source.rows.scan((row) => void rows.push(row))
  return rows
}

async function tried(parts: BookParts): Promise<Trial> {
  return trySource(await openWorkbook(stored(makeZip(bookMembers(parts))), {}))
}

async function codeOf(members: readonly MadeMember[], count?: number): Promise<string> {
  try {
    const source = await openWorkbook(stored(makeZip(members, count)), {})
    await source.rows.scan(() => {})
    return 'ok'
  } catch (error) {
    assert.ok(error instanceof Failure, String(error))
    return error.code
  }
}

const rows = `${textRow(1, ['姓名', '身份证号', '日期'])}${textRow(2, ['甲', '11010519491231002X', '2026-01-02'])}`

test('cells keep their sort: text, number, date, formula, error, boolean', async () => {
  const cells = [
    '<c r="A1" t="s"><v>0</v></c>',
    '<c r="B1"><v>12.5</v></c>',
    '<c r="C1" s="1"><v>45000</v></c>',
    '<c r="D1" t="str"><f>1+1</f><v>2</v></c>',
    '<c r="E1" t="e"><v>#N/A</v></c>',
    '<c r="G1" t="b"><v>1</v></c>',
  ]
  const [row] = await rowsOf({ rows: `<row r="1">${cells.join('')}</row>`, texts: ['甲 &amp; 乙'] })
  assert.deepEqual(
    row?.cells.map(({ text, sort }) => [text, sort]),
    [
      ['甲 & 乙', 'text'],
      ['12.5', 'number'],
      ['45000', 'date'],
      ['2', 'formula'],
      ['#N/A', 'error'],
      ['', 'text'],
      ['1', 'boolean'],
    ],
  )
})

test('identity numbers stored as numbers, serial dates and merged cells are errors by cell', async () => {
  const wrecked =
    '<row r="3"><c r="A3" t="str"><v>乙</v></c><c r="B3"><v>110105194912310000</v></c><c r="C3" s="1"><v>45000</v></c></row>'
  const trial = await tried({
    rows: rows + wrecked,
    after: '<mergeCells count="1"><mergeCell ref="A3:A4"/></mergeCells>',
  })
  assert.deepEqual(
    trial.bad.first.map(({ at, code }) => `${at} ${code}`),
    ['A3 sources/merged-cells', 'B3 sources/numeric-identifier', 'C3 sources/serial-date'],
  )
})

test('a row that its sheet hides is read like the others, and named', async () => {
  const hidden = textRow(3, ['乙', '11010519491231002X', '2026-01-03']).replace(
    '<row',
    '<row hidden="1"',
  )
  const trial = await tried({ rows: rows + hidden })
  assert.equal(trial.rows, 2)
  assert.equal(trial.bad.byCode['sources/hidden-row'], 1)
})

test('any long whole number is an error, also where the column says nothing', async () => {
  const number = '<row r="3"><c r="A3"><v>1.10105194912310E+17</v></c></row>'
  const trial = await tried({ rows: `${textRow(1, ['x'])}${textRow(2, ['y'])}${number}` })
  assert.deepEqual(Object.keys(trial.bad.byCode), ['sources/numeric-identifier'])
})

test('rows and cells that a sheet leaves out are blank, not shifted', async () => {
  const found = await rowsOf({
    rows: `${textRow(1, ['a'])}<row r="4"><c r="C4"><v>7</v></c></row>`,
  })
  assert.deepEqual(
    found.map(({ number, cells }) => [number, cells.length]),
    [
      [1, 1],
      [2, 0],
      [3, 0],
      [4, 3],
    ],
  )
})

test('characters that XML cannot hold, phonetic readings and rich text are read as a person sees them', async () => {
  const members = bookMembers({ rows: '<row r="1"><c r="A1" t="s"><v>0</v></c></row>' })
  const shared =
    '<sst><si><r><t>甲_x000D_</t></r><r><t>乙</t></r><rPh><t>ㄐㄧㄚ</t></rPh></si></sst>'
  const all: Row[] = []
  const book = makeZip([...members, { name: 'xl/sharedStrings.xml', text: shared }])
  const source = await openWorkbook(stored(book), {})
  await source.rows.scan((row) => void all.push(row))
  assert.equal(all[0]?.cells[0]?.text, '甲\r乙')
})

test('a container that lies about sizes, checksums, counts or places is refused', async () => {
  const members = bookMembers({ rows })
  const last = members.at(-1) as MadeMember
  const rest = members.slice(0, -1)
  assert.equal(await codeOf(members), 'ok')
  assert.equal(await codeOf([...rest, { ...last, size: 10 }]), 'sources/zip-damaged')
  assert.equal(await codeOf([...rest, { ...last, size: 10_000 }]), 'sources/zip-damaged')
  assert.equal(await codeOf([...rest, { ...last, crc: 1 }]), 'sources/zip-damaged')
  assert.equal(await codeOf([...rest, { ...last, offset: 0 }]), 'sources/zip-damaged')
  assert.equal(await codeOf([...rest, { ...last, offset: 0xffff_ff00 }]), 'sources/zip-damaged')
  assert.equal(await codeOf([...rest, { ...last, flags: 1 }]), 'sources/encrypted')
  assert.equal(await codeOf([...members, last]), 'sources/zip-damaged')
  assert.equal(await codeOf(members, members.length + 1), 'sources/zip-damaged')
  assert.equal(await codeOf(rest), 'sources/workbook-malformed')
  assert.equal(await codeOf([{ name: 'a', text: 'b' }]), 'sources/archive')
})

test('what unpacks to far more than it was packed from is refused while it unpacks', async () => {
  const members = bookMembers({ rows: `${rows}<!--${' '.repeat(20_000_000)}-->` })
  assert.match(await codeOf(members), /^sources\/(?:zip-bomb|xml-malformed)$/)
  const sheet = `<worksheet>${'<a/>'.repeat(5_000_000)}</worksheet>`
  const bomb = [
    ...bookMembers({ rows }).slice(0, -1),
    { name: 'xl/worksheets/sheet1.xml', text: sheet },
  ]
  assert.equal(await codeOf(bomb), 'sources/zip-bomb')
})

test('a document type, an entity of its own, and a part that is cut off are refused', async () => {
  const made = (text: string): MadeMember[] => [
    ...bookMembers({ rows }).slice(0, -1),
    { name: 'xl/worksheets/sheet1.xml', text },
  ]
  const sheets = [
    '<!DOCTYPE a [<!ENTITY x "y">]><worksheet><sheetData/></worksheet>',
    '<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>&x;</v></c></row></sheetData></worksheet>',
    '<worksheet><sheetData><row r="1">',
    '<worksheet></sheetData></worksheet>',
    '<worksheet/><worksheet/>',
    `${'<a>'.repeat(100)}${'</a>'.repeat(100)}`,
    `<worksheet a="${'x'.repeat(2_000_000)}"/>`,
  ]
  for (const [at, text] of sheets.entries()) {
    assert.equal(await codeOf(made(text)), 'sources/xml-malformed', String(at))
  }
})

test('places outside any sheet, out of order, or naming texts that are not there are refused', async () => {
  const cases = [
    '<row r="0"/>',
    '<row r="1048577"/>',
    '<row r="2"/><row r="1"/>',
    '<row r="1"><c r="B1"/><c r="A1"/></row>',
    '<row r="1"><c r="ZZZZ1"/></row>',
    '<row r="1"><c r="XFE1"/></row>',
    '<row r="1"><c r="A2"/></row>',
    '<row r="1"><c r="A1" t="s"><v>5</v></c></row>',
    '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>',
  ]
  for (const each of cases) {
    assert.equal(await codeOf(bookMembers({ rows: each })), 'sources/workbook-malformed', each)
  }
})

test('a sheet of gaps is refused before they fill the memory', async () => {
  const gaps = Array.from(
    { length: 2000 },
    (_, at) => `<row r="${at + 1}"><c r="XFD${at + 1}"><v>1</v></c></row>`,
  )
  assert.equal(await codeOf(bookMembers({ rows: gaps.join('') })), 'sources/too-large')
})

test('a sheet that is not there is named with those that are', async () => {
  const file = stored(makeZip(bookMembers({ rows })))
  await assert.rejects(openWorkbook(file, { sheet: '表二' }), { code: 'sources/no-such-sheet' })
})
