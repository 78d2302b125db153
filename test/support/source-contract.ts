// What every connector to what a department has must do, whatever it is: a file in any encoding, a
// workbook, a database, a service that pages. One awkward table goes through each of them and must
// come out the same, with the same verdicts. Where a kind can only do otherwise, it says so in its
// `Kind`, and the contract holds it to that.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Cell, Row, Source, Trial } from '#adapters/sources'
import { cellBytesMax, trySource } from '#adapters/sources'
import { openSource } from '#apps/cli/source'
import { usccCheck } from '#base/codes'

/** A table that is made for the contract: columns by name, cells as text. */
export type Table = {
  readonly names: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A table where it stands. */
export type Place = {
  /** A path, or the address of a system. */
  readonly address: string
  /** Adds a row, as another program does in the middle of a reading; done when it returns. */
  add(): void
  /** All that is stored: equal before and after a reading. */
  stored(): Promise<string> | string
  /** Files, sockets or sessions that are open on our side. */
  open(): Promise<number> | number
}

/** A kind of connector. */
export type Kind = {
  readonly name: string
  /** A reading during which rows are added gives those of its beginning, or is refused so. */
  readonly moment: 'held' | 'sources/changed' | 'registers/changed'
  /** Columns typed as numbers or dates by whoever wrote them, and what a trial must say of each. */
  readonly typed?: { readonly [column: string]: string | null }
  /** Whether a table comes in pieces, so that the contract takes one of several. */
  readonly inPieces?: true
  make(table: Table): Promise<Place>
  end(): Promise<void> | void
}

/** A unified social credit code with its right check. */
export function codeOf(serial: number): string {
  const body = `91110108MA${String(serial).padStart(7, '0')}`
  return body + (usccCheck(body) ?? '')
}

export const names: readonly string[] = [
  '编号',
  '统一社会信用代码',
  '企业名称',
  '流水',
  '金额',
  '核准日期',
  '备注',
]

/** The types of a database that hold the columns without loss, in their order. */
export const types = ['text', 'text', 'text', 'integer', 'decimal', 'day', 'text'] as const

const awkward: readonly (readonly string[])[] = [
  ['000001', codeOf(1), '𠂇䶮龴科技', '9007199254740993', '0.10', '2026-02-28', '=1+A1'],
  ['000002', codeOf(2), 'a "b", c;d|e\tf', '-9223372036854775808', '-12.50', '1998-12-31', ''],
  ['000003', codeOf(3), '第一行\n第二行', '0', '100.00', '2024-02-29', '+SUM(A1)'],
  ['000004', `${codeOf(4).slice(0, 17)}O`, '丁公司', '7', '0.00', '2026-01-04', "O'Neil; --"],
  ['000005', '911101****0005', ' 戊公司', '12345678901234567', '5.55', '2026-01-05', '@import'],
  ['000006', codeOf(6).toLowerCase(), 'Ａ６公司', '1', '6.00', '', '\\N \\t %s <&>'],
  ['', codeOf(7), '"引号"', '', '', '2026-01-07', "'=1"],
]

/** The awkward rows, and so many plain ones after them. */
function tableOf(plainRows: number): Table {
  const plain = Array.from({ length: plainRows }, (_, at) => [
    String(at + 8).padStart(6, '0'),
    codeOf(at + 8),
    `第${at + 8}号公司`,
    `${at}`,
    `${at}.25`,
    `2026-03-${String((at % 28) + 1).padStart(2, '0')}`,
    '',
  ])
  return { names, rows: [...awkward, ...plain] }
}

const short = tableOf(493)
/** More rows than a system gives at once. */
const long = tableOf(2093)

/** What a trial says of the awkward rows: row of data, column, reason. */
const verdicts: readonly string[] = [
  '1 备注 sources/formula-text',
  '3 企业名称 sources/line-break',
  '3 备注 sources/formula-text',
  '4 统一社会信用代码 sources/wrong-character',
  '5 统一社会信用代码 sources/masked',
  '5 企业名称 sources/outer-blank',
  '5 备注 sources/formula-text',
  '6 统一社会信用代码 sources/lower-case',
  '6 企业名称 sources/full-width',
]

async function rowsOf({ rows }: Source): Promise<readonly Row[]> {
  const all: Row[] = []
  await rows.scan((row) => void all.push(row))
  return all
}

function textOf({ text }: Cell): string {
  return text
}

/** Rows of data as text, each as wide as the table. */
function textsOf(source: Source, rows: readonly Row[]): readonly (readonly string[])[] {
  const data = source.header === undefined ? rows.slice(1) : rows
  return data.map(({ cells }) => names.map((_, at) => cells[at]?.text ?? ''))
}

async function triedAt(source: Source): Promise<{ trial: Trial; places: readonly string[] }> {
  const places: { row: number; text: string }[] = []
  const onBad = ({ row, column, code }: { row: number; column: string | null; code: string }) => {
    places.push({ row, text: `${column ?? ''} ${code}` })
  }
  const trial = await trySource(source, { onBad })
  const from = trial.header.row
  return { trial, places: places.map(({ row, text }) => `${row - from} ${text}`) }
}

async function fails(act: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(act, (error: unknown) => {
    assert.equal((error as { readonly code?: unknown }).code, code, String(error))
    return true
  })
}

/** Holds a connector to the contract. */
export function sourceContract(kind: Kind): void {
  const { name } = kind
  const table = kind.inPieces === true ? long : short
  after(async () => kind.end())
  sameRows(kind, table)
  bounds(kind)

  test(`${name}: reading changes nothing and leaves nothing open, also when it is broken off`, async () => {
    const place = await kind.make(table)
    const [stored, open] = [await place.stored(), await place.open()]
    const source = await openSource(place.address)
    const own = new Error('enough')
    let seen = 0
    const broken = source.rows.scan(() => {
      seen += 1
      if (seen === 3) throw own
    })
    await assert.rejects(broken, (error) => error === own)
    assert.equal(seen, 3, 'no row comes after that')
    await trySource(source)
    assert.equal(await place.stored(), stored)
    await settled(place, open)
  })

  test(`${name}: rows that are added while it is read: ${kind.moment}`, async () => {
    const place = await kind.make(table)
    const source = await openSource(place.address)
    let rows = 0
    const scan = source.rows.scan(() => {
      rows += 1
      if (rows === 2) place.add()
    })
    if (kind.moment === 'held') {
      await scan
      assert.equal(rows, table.rows.length)
    } else await fails(scan, kind.moment)
    const other = await kind.make(table)
    const between = await openSource(other.address)
    const once: Source = {
      ...between,
      rows: {
        scan: async (take) => {
          await between.rows.scan(take)
          other.add()
        },
      },
    }
    await fails(trySource(once), 'sources/changed')
  })
}

function sameRows(kind: Kind, table: Table): void {
  const { name, typed = {} } = kind
  test(`${name}: the awkward table comes out as it went in, with the same verdicts`, async () => {
    const { address } = await kind.make(table)
    const source = await openSource(address)
    const rows = await rowsOf(source)
    const header = source.header?.names ?? rows[0]?.cells.map(textOf) ?? []
    assert.deepEqual(header, names)
    const texts = textsOf(source, rows)
    const plain = names.map((column) => !(column in typed))
    const untyped = (row: readonly string[]): readonly string[] =>
      row.filter((_, at) => plain[at] === true)
    assert.deepEqual(texts.slice(0, 20).map(untyped), table.rows.slice(0, 20).map(untyped))
    assert.deepEqual(texts.map(untyped), table.rows.map(untyped))
    const { trial, places } = await triedAt(source)
    assert.equal(trial.rows, table.rows.length)
    assert.equal(trial.key?.column, 'B')
    const kinds = trial.columns.map(({ type }) => type)
    assert.deepEqual(kinds.slice(1), ['uscc', 'text', 'integer', 'decimal', 'date', 'text'])
    const own = (place: string): boolean => (place.split(' ')[1] ?? '') in typed
    assert.deepEqual(
      places.filter((place) => !own(place)),
      verdicts.filter((place) => !own(place)),
    )
    for (const [column, code] of Object.entries(typed)) {
      if (code === null) continue
      assert.ok(
        places.some((place) => place.endsWith(` ${column} ${code}`)),
        `${column} ${code}`,
      )
    }
  })
}

function bounds(kind: Kind): void {
  const { name } = kind
  test(`${name}: a cell beyond the bound is bad and costs no other its value`, async () => {
    const long = '长'.repeat(cellBytesMax / 2 + 1)
    const rows = [
      ['1', codeOf(1), '甲', '1', '1.00', '2026-01-01', ''],
      ['2', codeOf(2), long, '2', '2.00', '2026-01-02', ''],
      ['3', codeOf(3), '丙', '3', '3.00', '2026-01-03', ''],
    ]
    const { address } = await kind.make({ names, rows })
    const source = await openSource(address)
    const { trial, places } = await triedAt(source)
    assert.equal(trial.rows, 3)
    assert.ok(places.includes('2 企业名称 sources/long-cell'), places.join('; '))
    const texts = textsOf(source, await rowsOf(source))
    assert.deepEqual(
      texts.map((row) => row[2]),
      ['甲', '', '丙'],
    )
  })
}

/** Waits until no more is open than before; servers note the end of a session a little later. */
async function settled(place: Place, most: number): Promise<void> {
  for (let left = 100; (await place.open()) > most; left -= 1) {
    assert.ok(left > 0, `${await place.open()} are still open`)
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
  }
}
