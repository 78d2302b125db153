// Text with delimiters: rows are cut the same however the bytes come, damage stays in its cell, and
// what is written for people reads back as it was.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Row } from './cells.ts'
import { DelimitedReader, restored, writeRow } from './delimited.ts'
import type { DelimitedOptions } from './delimited.ts'
import { gbEncode } from './gb18030.ts'

type Asked = Partial<Pick<DelimitedOptions, 'encoding' | 'delimiter'>> & {
  readonly pieces?: number
}

function rowsOf(bytes: Uint8Array | string, asked: Asked = {}): Row[] {
  const { encoding = 'utf-8', delimiter = ',', pieces = 1 << 20 } = asked
  const rows: Row[] = []
  const reader = new DelimitedReader({ encoding, delimiter, take: (row) => void rows.push(row) })
  const whole = Buffer.from(bytes)
  for (let at = 0; at < whole.length; at += pieces) reader.push(whole.subarray(at, at + pieces))
  reader.end()
  return rows
}

const texts = (rows: readonly Row[]): string[][] =>
  rows.map(({ cells }) => cells.map(({ text }) => text))
const flaws = (rows: readonly Row[]): (string | undefined)[] =>
  rows.flatMap(({ cells }) => cells.map(({ flaw }) => flaw))

test('cells in quotation marks hold delimiters, line ends and doubled marks', () => {
  const rows = rowsOf('a,"b,""c""\r\nd",\r\n"",e\n')
  assert.deepEqual(texts(rows), [
    ['a', 'b,"c"\r\nd', ''],
    ['', 'e'],
  ])
  assert.ok(flaws(rows).every((flaw) => flaw === undefined))
})

test('line ends may be CR LF, LF or CR, the last may be absent, and blank rows are counted', () => {
  const rows = rowsOf('a\r\n\r\nb\rc\n\nd')
  assert.deepEqual(
    rows.map(({ number, cells }) => [number, cells[0]?.text]),
    [
      [1, 'a'],
      [2, undefined],
      [3, 'b'],
      [4, 'c'],
      [5, undefined],
      [6, 'd'],
    ],
  )
})

test('a mark at the beginning of UTF-8 is no part of the first name', () => {
  assert.deepEqual(texts(rowsOf('\ufeffa,b\n')), [['a', 'b']])
  assert.deepEqual(
    texts(rowsOf(Buffer.from('\ufeff甲,乙\n', 'utf16le'), { encoding: 'utf-16le' })),
    [['甲', '乙']],
  )
})

test('quotation marks out of place are named, and nothing of the text is lost', () => {
  const rows = rowsOf('6" pipe,"a"b,"c\nx,y\n')
  assert.deepEqual(flaws(rows), [
    'sources/stray-quote',
    'sources/text-after-quote',
    'sources/unclosed-quote',
    undefined,
    undefined,
  ])
  assert.deepEqual(texts(rows), [
    ['6" pipe', 'a"b', '"c'],
    ['x', 'y'],
  ])
})

test('bytes that are no character spoil their own cell and are found by offset', () => {
  const utf8 = rowsOf(Buffer.from('61622cff632c640a', 'hex'))
  assert.deepEqual(utf8[0]?.cells[1], {
    text: '',
    sort: 'bad',
    flaw: 'sources/bad-sequence',
    offset: 3,
  })
  assert.deepEqual(texts(utf8), [['ab', '', 'd']])
  const gb = rowsOf(Buffer.from('d6d00ad62cb9fa', 'hex'), { encoding: 'gb18030' })
  assert.deepEqual(texts(gb), [['中'], ['', '国']])
  assert.equal(gb[1]?.cells[0]?.offset, 3)
  const lone = rowsOf(Buffer.from('a,\ud800,c', 'utf16le'), { encoding: 'utf-16le' })
  assert.deepEqual(flaws(lone), [undefined, 'sources/bad-sequence', undefined])
})

test('a second byte that looks like a delimiter does not cut a character', () => {
  // 0x81 0x7c is one character of GB 18030.
  const rows = rowsOf(Buffer.from('817c7c61', 'hex'), { encoding: 'gb18030', delimiter: '|' })
  assert.equal(rows[0]?.cells.length, 2)
})

test('rows and cells beyond all bounds are named and the rows after them are read', () => {
  const cells = `${','.repeat(20_000)}\nnext,row\n`
  const wide = rowsOf(cells, { pieces: 65_536 })
  assert.equal(wide[0]?.flaw, 'sources/wide-row')
  assert.deepEqual(texts(wide).at(-1), ['next', 'row'])
  const long = rowsOf(`${'x'.repeat(900_000)},y\nnext,row\n`, { pieces: 65_536 })
  assert.equal(long[0]?.cells[0]?.flaw, 'sources/long-cell')
  assert.deepEqual(texts(long).at(-1), ['next', 'row'])
  const open = rowsOf(`"${'x\n'.repeat(400_000)}`, { pieces: 65_536 })
  assert.equal(open[0]?.cells[0]?.flaw, 'sources/unclosed-quote')
  assert.equal(open.length, 400_000)
})

const messy = fc
  .array(fc.constantFrom('a', ',', '"', '\n', '\r', '中', '\u{20087}', ' ', '|', '\t', ';'), {
    maxLength: 60,
  })
  .map((parts) => parts.join(''))

test('rows do not depend on how the bytes are cut into chunks', () => {
  fc.assert(
    fc.property(messy, fc.integer({ min: 1, max: 9 }), fc.boolean(), (text, pieces, gb) => {
      const bytes = gb ? (gbEncode(text) as Uint8Array) : Buffer.from(text)
      const asked = { encoding: gb ? 'gb18030' : 'utf-8' } as const
      assert.deepEqual(rowsOf(bytes, { ...asked, pieces }), rowsOf(bytes, asked))
      const wide = Buffer.from(text, 'utf16le')
      const plain = rowsOf(Buffer.from(text))
      assert.deepEqual(texts(rowsOf(wide, { encoding: 'utf-16le', pieces })), texts(plain))
    }),
    { numRuns: 300 },
  )
})

test('any bytes give rows without an exception, whatever the encoding', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom('utf-8', 'gb18030', 'utf-16le', 'utf-16be'),
      (bytes, encoding) => {
        const rows = rowsOf(bytes, { encoding, pieces: 7 })
        for (const [at, { number }] of rows.entries()) assert.equal(number, at + 1)
      },
    ),
    { numRuns: 500 },
  )
})

test('a row written for people reads back, in both encodings', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom('utf-8', 'gb18030'),
      (cells, encoding) => {
        const bytes = writeRow(cells, { encoding, delimiter: ',' })
        if (bytes === null) return
        const [row] = texts(rowsOf(bytes, { encoding }))
        assert.deepEqual(row?.map(restored), cells)
      },
    ),
    { numRuns: 400 },
  )
})

test('no cell that is written begins as a formula, and numbers stay numbers', () => {
  const wide = ['＝1+1', '＋A1', '－A1', '＠SUM(A1)', "'＝1"]
  for (const cell of ['=1+1', '+A1', '-A1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', "'=1", ...wide]) {
    const bytes = writeRow([cell, 'x'], { encoding: 'utf-8', delimiter: ',' })
    const first = texts(rowsOf(bytes ?? ''))[0]?.[0] ?? ''
    assert.ok(first.startsWith("'"), cell)
    assert.equal(restored(first), cell)
  }
  const numbers = writeRow(['-5', '+3.25'], { encoding: 'utf-8', delimiter: ',' })
  assert.equal(Buffer.from(numbers ?? []).toString(), '-5,+3.25\r\n')
})

test('a character without a form in the encoding is refused, not replaced', () => {
  assert.equal(writeRow(['\ud800'], { encoding: 'gb18030', delimiter: ',' }), null)
  assert.equal(writeRow(['\ud800'], { encoding: 'utf-8', delimiter: ',' }), null)
})
