// A source on trial: what it truly is, where its header stands, what its columns hold, and every
// cell and row that is bad, each with its address and reason. The source is read from its beginning
// twice: once to learn what the columns are, once to judge each cell by it, so memory does not grow
// with the rows but for the fingerprints of keys. Nothing is changed, guessed or left out.
import { randomInt } from 'node:crypto'
import { flawsOf, shapeOf } from './cells.ts'
import type { Row, Rows } from './cells.ts'
import { ColumnCount, findHeader, headRows, keyOf, letterOf, Prints, SeenOnce } from './columns.ts'
import type { Column, Header } from './columns.ts'
import { Failure, wordsOf } from './codes.ts'
import type { CellCode, RowCode } from './codes.ts'
import { DelimitedReader, delimiters } from './delimited.ts'
import type { Delimiter } from './delimited.ts'
import { EncodingProbe, headOf, readChunks, stateOf, unchanged } from './format.ts'
import type { Encoding, EncodingVerdict } from './format.ts'

/** A bad cell or row. `at` is its address as a spreadsheet names it: `C17`, or `17` for a row. */
export type Bad = {
  readonly at: string
  readonly row: number
  /** Name of the column; null for a whole row. */
  readonly column: string | null
  readonly code: CellCode | RowCode
  readonly mendable: boolean
  /** Byte offset in the file, for sequences that are no character. */
  readonly offset?: number
  /** The row that this one repeats. */
  readonly first?: number
}

/** How a source is built, as far as its kind has it. */
export type Form = {
  readonly type: 'csv' | 'http' | 'mysql' | 'postgres' | 'sqlite' | 'text' | 'tsv' | 'xlsx'
  readonly encoding: (EncodingVerdict & { readonly given: boolean }) | null
  readonly delimiter: (DelimiterVerdict & { readonly given: boolean }) | null
  /** Sheets or tables by name, and the one that was read. */
  readonly sheets: readonly string[]
  readonly sheet: string | null
}

export type Trial = {
  readonly form: Form
  readonly header: Header
  /** Rows of data: below the header, blank ones not counted. */
  readonly rows: number
  readonly blank: number
  readonly columns: readonly Column[]
  /** The column that identifies rows, to be confirmed; null when none can. */
  readonly key: { readonly column: string; readonly unique: boolean } | null
  readonly duplicates: { readonly rows: number; readonly keys: number; readonly whole: boolean }
  readonly bad: {
    readonly total: number
    readonly mendable: number
    /** Rows with at least one thing that a person must mend. */
    readonly rows: number
    readonly byCode: { readonly [code: string]: number }
    /** The first of them, as many as were asked for. */
    readonly first: readonly Bad[]
  }
}

export type TrialOptions = {
  readonly encoding?: Encoding
  readonly delimiter?: Delimiter
  readonly sheet?: string
  /** How many bad cells the result holds itself. */
  readonly first?: number
  /** Gets every bad cell and row, in order. */
  readonly onBad?: (bad: Bad) => void
  /** Called now and then with the rows read so far and to be read, both readings together. */
  readonly onRows?: (rows: number, of?: number) => void
}

/** A source that has been opened: its form, and its rows as often as needed. */
export type Source = {
  readonly form: Form
  readonly rows: Rows
  /** The names of the columns, where the source itself has them apart from its rows. */
  readonly header?: Header
}

export type DelimiterVerdict = { readonly character: Delimiter | null; readonly certain: boolean }

/** Opens a text. `Failure` when it fits no encoding. Untrusted. */
export async function openText(path: string, options: TrialOptions): Promise<Source> {
  const state = await stateOf(path)
  const probe = new EncodingProbe()
  await readChunks(path, (chunk) => {
    probe.push(chunk)
  })
  const found = probe.end()
  const encoding = options.encoding ?? found?.encoding
  if (encoding === undefined)
    throw new Failure('sources/unknown-encoding', 'neither of those tried')
  const head = await headOf(path)
  const delimiter = options.delimiter ?? null
  const told =
    delimiter === null ? delimiterOf(head, encoding) : { character: delimiter, certain: true }
  const same = found?.encoding === encoding
  const verdict = same ? found : { encoding, mark: false, certain: false, bad: 0, firstBad: null }
  const names = { ',': 'csv', '\t': 'tsv', ';': 'csv', '|': 'csv' } as const
  const form: Form = {
    type: told.character === null ? 'text' : names[told.character],
    encoding: { ...verdict, given: options.encoding !== undefined },
    delimiter: { ...told, given: delimiter !== null },
    sheets: [],
    sheet: null,
  }
  const scan = async (take: (row: Row) => void): Promise<void> => {
    await unchanged(path, state, async () => {
      const reader = new DelimitedReader({ encoding, delimiter: told.character, take })
      await readChunks(path, (chunk) => {
        reader.push(chunk)
      })
      reader.end()
    })
  }
  return { form, rows: { scan } }
}

/** The delimiter under which the first rows have the most equal number of cells. */
export function delimiterOf(head: Uint8Array, encoding: Encoding): DelimiterVerdict {
  const found = delimiters.map((character) => {
    const widths: number[] = []
    const take = ({ cells }: Row): void => void (cells.length > 0 && widths.push(cells.length))
    const reader = new DelimitedReader({ encoding, delimiter: character, take })
    // Without `end`, so that a row cut by the end of the sample does not count; but one row counts.
    reader.push(head)
    if (widths.length === 0) reader.end()
    const usual = widths.toSorted((a, b) => a - b)[Math.floor(widths.length / 2)] ?? 0
    const share = widths.filter((width) => width === usual).length / Math.max(1, widths.length)
    return { character, usual, share }
  })
  const wide = found
    .filter(({ usual }) => usual > 1)
    .toSorted((a, b) => b.share - a.share || b.usual - a.usual)
  const [best, next] = wide
  if (best === undefined) return { character: null, certain: true }
  return { character: best.character, certain: best.share >= 0.8 && (next?.share ?? 0) < 0.8 }
}

/** Tries a source. `Failure` when it cannot be read to its end. */
export async function trySource(source: Source, options: TrialOptions = {}): Promise<Trial> {
  const { form, rows } = source
  const prints = new Prints(randomInt(2 ** 32))
  const learnt = await learn(source, prints, options)
  const judge = new Judge({ ...learnt, prints, options, ragged: form.type === 'xlsx' })
  let seen = learnt.rows
  await rows.scan((row) => {
    seen += 1
    if (seen % 4096 === 0) options.onRows?.(seen, learnt.rows * 2)
    judge.take(row)
  })
  if (judge.rows !== learnt.rows) throw new Failure('sources/changed', `${judge.rows} rows now`)
  if (judge.content !== learnt.content) throw new Failure('sources/changed', 'other rows now')
  const key = learnt.key
  return {
    form,
    header: learnt.header,
    rows: learnt.rows,
    blank: learnt.blank,
    columns: learnt.columns,
    key:
      key === null ? null : { column: key.letter, unique: key.repeated === 0 && key.empty === 0 },
    ...judge.end(),
  }
}

type Learnt = {
  readonly header: Header
  readonly rows: number
  readonly blank: number
  readonly columns: readonly Column[]
  readonly key: Column | null
  /** A fingerprint of all rows, in whatever order. */
  readonly content: number
}

/** A row as part of the fingerprint of all of them, which is their sum. */
function wholeOf({ cells }: Row, prints: Prints): number {
  return cells.reduce((print, { text }) => prints.of(text, print), 0)
}

function added(content: number, whole: number): number {
  return (content + (whole % 2 ** 52)) % 2 ** 52
}

/** The most columns whose repeated values are counted: at first, and after the first rows. */
const trackedFirst = 64
const trackedMax = 8

async function learn(source: Source, prints: Prints, options: TrialOptions): Promise<Learnt> {
  const head: Row[] = []
  const state = { header: null as Header | null, counts: [] as ColumnCount[], rows: 0, blank: 0 }
  let content = 0
  const count = (row: Row): void => {
    const header = state.header as Header
    if (row.number <= header.row || isBlank(row)) {
      if (row.number > header.row) state.blank += 1
      return
    }
    state.rows += 1
    content = added(content, wholeOf(row, prints))
    if (state.rows % 4096 === 0) options.onRows?.(state.rows)
    for (const [at, cell] of row.cells.entries()) {
      if (at >= header.names.length) break
      state.counts[at]?.add(cell, prints, row.number)
    }
    if (state.rows === 1024) limitTracked(state.counts)
  }
  const begin = (): void => {
    const header = source.header ?? findHeader(head)
    state.header = header
    state.counts = header.names.map((name, at) => new ColumnCount(name, at, at < trackedFirst))
    for (const row of head) count(row)
  }
  await source.rows.scan((row) => {
    if (state.header !== null) count(row)
    else if (head.push(row) === headRows) begin()
  })
  if (state.header === null) begin()
  const { header, counts, rows, blank } = state
  const nothing = source.header === undefined && header?.row === 0 && rows === 0
  if (header === null || nothing) throw new Failure('sources/empty', 'no row')
  const columns = counts.map((each) => each.end(rows))
  return { header, rows, blank, columns, key: keyOf(columns, rows), content }
}

function limitTracked(counts: readonly ColumnCount[]): void {
  for (const count of counts.filter(({ tracked }) => tracked).slice(trackedMax)) count.untrack()
}

function isBlank({ cells }: Row): boolean {
  return cells.every(({ text, sort }) => sort !== 'bad' && text.trim() === '')
}

type JudgeParts = Learnt & {
  readonly prints: Prints
  readonly options: TrialOptions
  /** Whether the kind leaves out empty cells at the end of a row, as workbooks do. */
  readonly ragged: boolean
}

/** How a row of totals begins: a short cell, trimmed. */
const totals = /^(?:合计|总计|小计|共计|汇总|合\s+计|(?:grand )?total)\s*[:：]?$/i
const totalsMax = 40

/** Judges every row by what its columns are. */
class Judge {
  readonly #parts: JudgeParts
  readonly #byCode = new Map<string, number>()
  readonly #first: Bad[] = []
  readonly #keys = new SeenOnce()
  readonly #rows = new SeenOnce()
  readonly #keyAt: number
  #total = 0
  #mendable = 0
  #badRows = 0
  /** Rows of data that have been judged, and the fingerprint of all of them. */
  rows = 0
  content = 0

  constructor(parts: JudgeParts) {
    this.#parts = parts
    this.#keyAt = parts.key === null ? -1 : parts.columns.indexOf(parts.key)
  }

  take(row: Row): void {
    const { header, columns } = this.#parts
    if (row.number <= header.row || isBlank(row)) return
    this.rows += 1
    const before = this.#total - this.#mendable
    this.#shape(row)
    for (const [at, cell] of row.cells.entries()) {
      const column = columns[at]
      for (const code of flawsOf(cell, column ?? { type: 'text' })) {
        const offset = cell.offset === undefined ? {} : { offset: cell.offset }
        this.#bad({ row, at, code, more: offset })
      }
    }
    this.#repeats(row)
    if (this.#total - this.#mendable > before) this.#badRows += 1
  }

  #shape(row: Row): void {
    const { header, ragged } = this.#parts
    const wanted = header.names.length
    if (row.flaw !== undefined) this.#bad({ row, at: null, code: row.flaw })
    const lead = (row.cells.find(({ text }) => text !== '')?.text ?? '').trim()
    if (lead.length <= totalsMax && totals.test(lead))
      this.#bad({ row, at: null, code: 'sources/total-row' })
    if (row.cells.length < wanted && header.row > 0 && !ragged) {
      this.#bad({ row, at: null, code: 'sources/short-row' })
    }
    const spilt = row.cells.slice(wanted).some(({ text, sort }) => text !== '' || sort === 'bad')
    if (spilt) this.#bad({ row, at: null, code: 'sources/long-row' })
  }

  #repeats(row: Row): void {
    const { prints } = this.#parts
    const cell = row.cells[this.#keyAt]
    const unread = this.#keyAt < 0 || cell?.sort === 'bad'
    const key = unread ? undefined : (cell?.text.trim() ?? '')
    if (key === '') this.#bad({ row, at: this.#keyAt, code: 'sources/empty-key' })
    else if (key !== undefined) {
      const first = this.#keys.see(prints.of(key), row.number)
      const hidden = first > 0 && ['masked', 'placeholder'].includes(shapeOf(key))
      // Two masked keys that look alike may be two keys.
      if (first > 0 && !hidden) {
        this.#bad({ row, at: this.#keyAt, code: 'sources/duplicate-key', more: { first } })
      }
    }
    const whole = wholeOf(row, prints)
    this.content = added(this.content, whole)
    const first = this.#rows.see(whole, row.number)
    if (first > 0) this.#bad({ row, at: null, code: 'sources/duplicate-row', more: { first } })
  }

  #bad({ row, at, code, more }: Verdict): void {
    const { columns, options } = this.#parts
    const mendable = wordsOf(code)?.mendable === true
    this.#total += 1
    if (mendable) this.#mendable += 1
    this.#byCode.set(code, (this.#byCode.get(code) ?? 0) + 1)
    const listed = this.#first.length < (options.first ?? 20) && !mendable
    if (!listed && options.onBad === undefined) return
    const address = at === null ? `${row.number}` : `${letterOf(at)}${row.number}`
    const column = at === null ? null : (columns[at]?.name ?? letterOf(at))
    const bad: Bad = { at: address, row: row.number, column, code, mendable, ...more }
    if (listed) this.#first.push(bad)
    options.onBad?.(bad)
  }

  end(): Pick<Trial, 'duplicates' | 'bad'> {
    const sorted = [...this.#byCode].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    return {
      duplicates: {
        rows: this.#byCode.get('sources/duplicate-row') ?? 0,
        keys: this.#byCode.get('sources/duplicate-key') ?? 0,
        whole: !this.#keys.full && !this.#rows.full,
      },
      bad: {
        total: this.#total,
        mendable: this.#mendable,
        rows: this.#badRows,
        byCode: Object.fromEntries(sorted),
        first: this.#first,
      },
    }
  }
}

type Verdict = {
  readonly row: Row
  readonly at: number | null
  readonly code: CellCode | RowCode
  readonly more?: { readonly offset?: number; readonly first?: number }
}
