// Workbooks (.xlsx, ISO/IEC 29500-1 §18) as rows, streamed sheet by sheet. Only the texts that
// cells share are held in memory, up to a stated size. A cell keeps what it says it is: numbers
// that have been rounded, dates that are serial numbers, formulas, errors and merged cells are
// handed on as such, never turned into something else. Rows that the sheet leaves out are rows
// without cells.
import { cellBytesMax, checkedCell } from './cells.ts'
import type { Cell, Row, Sort } from './cells.ts'
import { Failure, listed } from './codes.ts'
import { containerWithout, stateOf, unchanged } from './format.ts'
import type { Source, TrialOptions } from './trial.ts'
import { XmlReader } from './xml.ts'
import type { XmlHandler } from './xml.ts'
import { Zip } from './zip.ts'

const limits = {
  partBytes: 32 * 1024 * 1024,
  textBytes: 384 * 1024 * 1024,
  texts: 4_000_000,
  textChars: 64 * 1024 * 1024,
  sheetBytes: 2 * 1024 * 1024 * 1024,
  rows: 1_048_576,
  columns: 16_384,
  formatChars: 1024,
  merges: 100_000,
  /** Cells that a sheet leaves out and that stand before others of their row. */
  gaps: 20_000_000,
} as const

type Sheet = { readonly name: string; readonly member: string; readonly hidden: boolean }

type Book = {
  readonly sheets: readonly Sheet[]
  /** Texts that cells share; null for one that is longer than any cell may be. */
  readonly texts: readonly (string | null)[]
  /** Whether the cell style of this index shows a number as a date. */
  readonly dated: readonly boolean[]
}

/** Opens a workbook. `Failure` when it is damaged, protected or beyond the limits. Untrusted. */
export async function openWorkbook(path: string, options: TrialOptions): Promise<Source> {
  const state = await stateOf(path)
  const book = await withZip(path, bookOf)
  const shown = book.sheets.find(({ hidden }) => !hidden) ?? book.sheets[0]
  const sheet =
    options.sheet === undefined ? shown : book.sheets.find(({ name }) => name === options.sheet)
  if (sheet === undefined) {
    throw new Failure('sources/no-such-sheet', listed(book.sheets.map(({ name }) => name)))
  }
  const merges = await withZip(path, (zip) => mergesOf(zip, sheet))
  return {
    form: {
      type: 'xlsx',
      encoding: null,
      delimiter: null,
      sheets: book.sheets.map(({ name }) => name),
      sheet: sheet.name,
    },
    rows: {
      scan: async (take) =>
        unchanged(path, state, async () =>
          withZip(path, async (zip) => {
            const reader = new SheetReader({ book, merges, take })
            await readPart(zip, { name: sheet.member, most: limits.sheetBytes }, reader)
            reader.end()
          }),
        ),
    },
  }
}

async function withZip<T>(path: string, use: (zip: Zip) => Promise<T>): Promise<T> {
  const zip = await Zip.open(path)
  try {
    return await use(zip)
  } finally {
    await zip.close()
  }
}

type Part = { readonly name: string; readonly most: number; readonly optional?: boolean }

async function readPart(
  zip: Zip,
  { name, most, optional }: Part,
  handler: XmlHandler,
): Promise<void> {
  const member = zip.members.get(name)
  if (member === undefined && optional === true) return
  if (member === undefined) throw malformed(`there is no ${name}`)
  const xml = new XmlReader(handler)
  await zip.unpack(member, most, (chunk) => {
    xml.push(chunk)
  })
  xml.end()
}

const quiet: XmlHandler = { open: () => {}, text: () => {}, close: () => {} }

async function bookOf(zip: Zip): Promise<Book> {
  const listed: { name: string; id: string; hidden: boolean }[] = []
  const targets = new Map<string, string>()
  const most = limits.partBytes
  if (!zip.members.has('xl/workbook.xml')) throw containerWithout(zip.members.keys())
  await readPart(
    zip,
    { name: 'xl/workbook.xml', most },
    {
      ...quiet,
      open: (name, { name: title = '', id = '', state }) => {
        if (name === 'sheet')
          listed.push({ name: title, id, hidden: state !== undefined && state !== 'visible' })
      },
    },
  )
  await readPart(
    zip,
    { name: 'xl/_rels/workbook.xml.rels', most },
    {
      ...quiet,
      open: (name, { Id = '', Target = '' }) => {
        if (name === 'Relationship')
          targets.set(Id, Target.startsWith('/') ? Target.slice(1) : `xl/${Target}`)
      },
    },
  )
  const sheets = listed.flatMap(({ name, id, hidden }) => {
    const member = targets.get(id)
    return member !== undefined && zip.members.has(member) ? [{ name, member, hidden }] : []
  })
  if (sheets.length === 0) throw malformed('it has no sheet')
  return { sheets, texts: await textsOf(zip), dated: await datedOf(zip) }
}

/** The shared texts in order; phonetic runs are not part of them. */
async function textsOf(zip: Zip): Promise<readonly (string | null)[]> {
  const texts: (string | null)[] = []
  let chars = 0
  let now = ''
  let [inText, phonetic] = [false, false]
  await readPart(
    zip,
    { name: 'xl/sharedStrings.xml', most: limits.textBytes, optional: true },
    {
      open: (name) => {
        if (name === 'si') now = ''
        if (name === 't') inText = true
        if (name === 'rPh') phonetic = true
      },
      text: (text) => {
        if (inText && !phonetic && now.length <= cellBytesMax) now += text
      },
      close: (name) => {
        if (name === 't') inText = false
        if (name === 'rPh') phonetic = false
        if (name !== 'si') return
        chars += now.length
        if (
          texts.push(now.length > cellBytesMax ? null : own(unescaped(now))) > limits.texts ||
          chars > limits.textChars
        ) {
          throw new Failure('sources/too-large', 'more shared texts than are held in memory')
        }
      },
    },
  )
  return texts
}

/**
 * A text that shares no memory with the piece of XML from which it was cut: else a few texts would
 * keep the whole part.
 */
function own(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}

/** `_x000D_` stands for a character that XML cannot hold (§22.4.2.4). */
function unescaped(text: string): string {
  if (!text.includes('_x')) return text
  return text.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

async function datedOf(zip: Zip): Promise<readonly boolean[]> {
  const formats = new Map<number, boolean>()
  const dated: boolean[] = []
  let inCells = false
  await readPart(
    zip,
    { name: 'xl/styles.xml', most: limits.partBytes, optional: true },
    {
      ...quiet,
      open: (name, { numFmtId = '', formatCode = '' }) => {
        if (name === 'numFmt') formats.set(Number(numFmtId), isDateFormat(formatCode))
        if (name === 'cellXfs') inCells = true
        if (name === 'xf' && inCells)
          dated.push(formats.get(Number(numFmtId)) ?? isBuiltInDate(Number(numFmtId)))
      },
      close: (name) => {
        if (name === 'cellXfs') inCells = false
      },
    },
  )
  return dated
}

/** Formats 14 to 22, 27 to 36, 45 to 47 and 50 to 58 are dates and times (§18.8.30). */
function isBuiltInDate(id: number): boolean {
  return (
    (id >= 14 && id <= 22) ||
    (id >= 27 && id <= 36) ||
    (id >= 45 && id <= 47) ||
    (id >= 50 && id <= 58)
  )
}

function isDateFormat(code: string): boolean {
  if (code.length > limits.formatChars) throw malformed('a number format is too long')
  return /[ymdhs]/i.test(
    code.replaceAll(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/g, '').replaceAll(/general/gi, ''),
  )
}

type Merge = {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** The merged ranges, which stand in a sheet after its cells. */
async function mergesOf(zip: Zip, sheet: Sheet): Promise<readonly Merge[]> {
  const merges: Merge[] = []
  await readPart(
    zip,
    { name: sheet.member, most: limits.sheetBytes },
    {
      ...quiet,
      heeds: 'mergeCell',
      open: (name, { ref = '' }) => {
        if (name !== 'mergeCell') return
        const [from = '', to = from] = ref.split(':')
        const [one, two] = [placeOf(from), placeOf(to)]
        if (merges.length >= limits.merges)
          throw new Failure('sources/too-large', 'too many merged cells')
        merges.push({ left: one.column, top: one.row, right: two.column, bottom: two.row })
      },
    },
  )
  return merges
}

function placeOf(address: string): { readonly column: number; readonly row: number } {
  const match = /^\$?([A-Z]{1,3})\$?([1-9]\d{0,6})$/.exec(address)
  if (match === null) throw malformed(`${address.slice(0, 20)} is no address`)
  const [, letters = '', digits = ''] = match
  const column =
    Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
  const row = Number(digits)
  if (column >= limits.columns || row > limits.rows)
    throw malformed(`${address} lies outside any sheet`)
  return { column, row }
}

type SheetParts = {
  readonly book: Book
  readonly merges: readonly Merge[]
  readonly take: (row: Row) => void
}

const empty: Cell = { text: '', sort: 'text' }
const tooLong: Cell = { text: '', sort: 'bad', flaw: 'sources/long-cell' }

/** Gives the rows of a sheet as its elements pass. */
class SheetReader implements XmlHandler {
  readonly #parts: SheetParts
  readonly #merges: ReadonlyMap<number, readonly Merge[]>
  #row = 0
  #cells: Cell[] = []
  #column = -1
  #kind = ''
  #style = 0
  #value: string | null = null
  #formula = false
  #in = ''
  #inRows = false
  #gaps = 0
  #hidden = false

  constructor(parts: SheetParts) {
    this.#parts = parts
    this.#merges = Map.groupBy(parts.merges, ({ top }) => top)
  }

  readonly open = (name: string, attributes: { readonly [name: string]: string }): void => {
    if (name === 'sheetData') this.#inRows = true
    if (!this.#inRows) return
    if (name === 'row') this.#beginRow(attributes)
    else if (name === 'c') this.#beginCell(attributes)
    else if (name === 'f') this.#formula = true
    if (name === 'v' || name === 't' || name === 'rPh') this.#in = name
  }

  readonly text = (text: string): void => {
    if (this.#in !== 'v' && this.#in !== 't') return
    if ((this.#value?.length ?? 0) <= cellBytesMax) this.#value = (this.#value ?? '') + text
  }

  readonly close = (name: string): void => {
    if (name === 'v' || name === 't' || name === 'rPh') this.#in = ''
    if (!this.#inRows) return
    if (name === 'c') this.#endCell()
    else if (name === 'row') this.#endRow()
    else if (name === 'sheetData') this.#inRows = false
  }

  #beginRow({ r: given, hidden }: { readonly [name: string]: string }): void {
    const row = given === undefined ? this.#row + 1 : Number(given)
    if (!Number.isInteger(row) || row <= this.#row || row > limits.rows)
      throw malformed('rows out of order')
    // A sheet may name its last row only; those between are blank and are not gone through singly
    // beyond a screenful.
    const from = Math.max(this.#row + 1, row - 100)
    for (let blank = from; blank < row; blank += 1) this.#parts.take({ number: blank, cells: [] })
    this.#row = row
    this.#hidden = hidden === '1' || hidden === 'true'
    this.#cells = []
    this.#column = -1
  }

  #beginCell({ r, t = 'n', s = '0' }: { readonly [name: string]: string }): void {
    const column = r === undefined ? this.#column + 1 : placeOf(r).column
    if (column <= this.#column || column >= limits.columns) throw malformed('cells out of order')
    if (r !== undefined && placeOf(r).row !== this.#row) throw malformed('a cell in another row')
    this.#column = column
    this.#kind = t
    this.#style = Number(s)
    this.#value = null
    this.#formula = false
  }

  #endCell(): void {
    this.#gaps += this.#column - this.#cells.length
    if (this.#gaps > limits.gaps) throw new Failure('sources/too-large', 'a sheet of gaps')
    while (this.#cells.length < this.#column) this.#cells.push(empty)
    this.#cells.push(this.#value === null && !this.#formula ? empty : this.#cell(this.#value ?? ''))
  }

  #cell(value: string): Cell {
    const sort = this.#sort()
    if (this.#kind === 's') {
      const text = /^\d{1,7}$/.test(value) ? this.#parts.book.texts[Number(value)] : undefined
      if (text === undefined) throw malformed('a cell names a text that is not there')
      return text === null ? tooLong : checkedCell(text, sort)
    }
    return checkedCell(this.#kind === 'n' ? value : unescaped(value), sort)
  }

  #sort(): Sort {
    if (this.#kind === 'e') return 'error'
    if (this.#formula) return 'formula'
    if (this.#kind === 'b') return 'boolean'
    if (this.#kind === 'd') return 'text'
    if (this.#kind !== 'n') return 'text'
    return this.#parts.book.dated[this.#style] === true ? 'date' : 'number'
  }

  #endRow(): void {
    for (const { left, right, top } of this.#merges.get(this.#row) ?? []) {
      if (top !== this.#row) continue
      while (this.#cells.length <= left) this.#cells.push(empty)
      const { text, sort } = this.#cells[left] ?? empty
      this.#cells[left] = { text, sort, flaw: 'sources/merged-cells' }
      if (right < left) throw malformed('a merged range runs backwards')
    }
    const row: Row = { number: this.#row, cells: this.#cells }
    this.#parts.take(this.#hidden ? { ...row, flaw: 'sources/hidden-row' } : row)
  }

  end(): void {
    if (this.#inRows) throw malformed('the sheet is cut off')
  }
}

function malformed(detail: string): Failure {
  return new Failure('sources/workbook-malformed', detail)
}
