// One cell: what its text looks like, and what is wrong with it as a member of its column. Nothing
// is changed here; what a declared normalisation would mend is told apart from what a person must.
import { isCertificateId, isCitizenId, isRealEstateUnit, isServiceItem, isUscc } from '#base/codes'
import type { CellCode, RowCode } from './codes.ts'

/** What kind of thing a source says that a cell is; text files know only text. */
export type Sort = 'text' | 'number' | 'date' | 'boolean' | 'formula' | 'error' | 'bad'

export type Cell = {
  readonly text: string
  readonly sort: Sort
  readonly flaw?: CellCode
  /** Byte offset in the file of a sequence that is no character. */
  readonly offset?: number
}

/** The longest cell, in bytes of UTF-8 or of the encoding in which it stands. */
export const cellBytesMax: number = 256 * 1024

/** A cell of a source that has texts of any length; one that is too long is bad, not kept. */
export function checkedCell(text: string, sort: Sort): Cell {
  const isLong = text.length > cellBytesMax / 4 && Buffer.byteLength(text) > cellBytesMax
  return isLong ? { text: '', sort: 'bad', flaw: 'sources/long-cell' } : { text, sort }
}

/** A row as it stands in its source, counted from 1 with blank rows. No cells: a blank row. */
export type Row = {
  readonly number: number
  readonly cells: readonly Cell[]
  readonly flaw?: RowCode
}

/** Port: a table that can be read from its beginning as often as needed. */
export type Rows = {
  /** Gives every row in order. `Failure` when the source cannot be read to its end. */
  scan(take: (row: Row) => void): Promise<void>
}

/** The shapes that values have, as far as one value can show it. */
export type Shape =
  | 'empty'
  | 'placeholder'
  | 'masked'
  | 'scientific'
  | 'uscc'
  | 'citizen-id'
  | 'eighteen'
  | 'real-estate-unit'
  | 'certificate-id'
  | 'service-item'
  | 'integer'
  | 'digits'
  | 'decimal'
  | 'grouped'
  | 'year-first'
  | 'day-first'
  | 'month-first'
  | 'either-first'
  | 'short-year'
  | 'day-number'
  | 'serial-like'
  | 'no-day'
  | 'text'

const certainPlaceholder =
  /^(?:-+|—+|\/+|\\+|_+|#?N\/A|null|none|undefined|nan|#REF!|#VALUE!|<null>)$/i
const likelyPlaceholder = /^(?:无|暂无|没有|不详|未知|待补充|待定|空|其他|0+|9{6,}|x+)$/i
const maskedLike =
  /\*{2,}|[＊●×]{2,}|^\p{Script=Han}{1,2}\*\p{Script=Han}{0,2}$|^\d{3,}[xX]{3,}\d+$/u
const time = String.raw`(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?`
const yearFirst = new RegExp(String.raw`^(\d{4})([-/.]|年)(\d{1,2})(?:\2|月)(\d{1,2})日?${time}$`)
const yearLast = new RegExp(String.raw`^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})${time}$`)
const shortYear = /^(?:\d{1,2}([-/])\d{1,2}\1\d{2}|\d{2}([-/.])\d{1,2}\2\d{1,2})$/

/** Full-width forms as half-width ones, and the ideographic space as a space. */
export function halfWidth(text: string): string {
  return text.replaceAll(/[\uff01-\uff5e\u3000]/g, (wide) =>
    wide === '\u3000' ? ' ' : String.fromCharCode(wide.charCodeAt(0) - 0xfee0),
  )
}

/** The shape of a value, blanks around it and full-width forms aside. */
export function shapeOf(raw: string): Shape {
  const text = (/[\uff01-\uff5e\u3000]/.test(raw) ? halfWidth(raw) : raw).trim()
  if (text === '') return 'empty'
  if (text.length <= 12 && certainPlaceholder.test(text)) return 'placeholder'
  if (text.length <= 60 && maskedLike.test(raw)) return 'masked'
  const first = text.charCodeAt(0)
  const digital =
    (first >= 0x30 && first <= 0x39) || first === 0x2d || first === 0x2b || first === 0x2e
  const coded = text.length === 18 && /^[0-9A-Za-z]{18}$/.test(text)
  if (coded) return codeShape(text)
  if (digital) return numberShape(text) ?? dateShape(text) ?? longShape(text)
  return text.length >= 28 ? longShape(text) : 'text'
}

function codeShape(text: string): Shape {
  const upper = text.toUpperCase()
  if (isCitizenId(upper)) return 'citizen-id'
  return isUscc(upper) ? 'uscc' : 'eighteen'
}

function longShape(text: string): Shape {
  if (isRealEstateUnit(text.replaceAll(' ', ''))) return 'real-estate-unit'
  if (isCertificateId(text)) return 'certificate-id'
  return isServiceItem(text) ? 'service-item' : 'text'
}

function numberShape(text: string): Shape | null {
  if (/^[+-]?\d+$/.test(text)) {
    if (/^(?:19|20)\d{6}$/.test(text))
      return isDay(text.slice(0, 4), text.slice(4, 6), text.slice(6)) ? 'day-number' : 'integer'
    if (/^[2-5]\d{4}$/.test(text)) return 'serial-like'
    return /^[+-]?0\d/.test(text) ? 'digits' : 'integer'
  }
  if (/^[+-]?(?:\d+\.\d*|\.\d+)$/.test(text)) return 'decimal'
  if (/^[+-]?\d(?:\.\d+)?[Ee]\+?\d{2}$/.test(text)) return 'scientific'
  return /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text) ? 'grouped' : null
}

function dateShape(text: string): Shape | null {
  const fore = yearFirst.exec(text)
  if (fore !== null) {
    const [, year = '', , month = '', day = '', hour, minute, second] = fore
    return isDay(year, month, day) && isTime(hour, minute, second) ? 'year-first' : 'no-day'
  }
  const aft = yearLast.exec(text)
  if (aft === null) return shortYear.test(text) ? 'short-year' : null
  const [, one = '', , two = '', year = '', hour, minute, second] = aft
  if (!isTime(hour, minute, second)) return 'no-day'
  const dayFirst = isDay(year, two, one)
  const monthFirst = isDay(year, one, two)
  if (dayFirst && monthFirst) return Number(one) === Number(two) ? 'year-first' : 'either-first'
  return dayFirst ? 'day-first' : monthFirst ? 'month-first' : 'no-day'
}

function isDay(year: string, month: string, day: string): boolean {
  const [y, m, d] = [Number(year), Number(month), Number(day)]
  if (m < 1 || m > 12 || d < 1) return false
  const leap = y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0)
  return d <= (m === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(m) ? 30 : 31)
}

function isTime(hour = '0', minute = '0', second = '0'): boolean {
  return Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
}

/** What the values of a column are. `code`: a number or name that only identifies. */
export type ColumnType =
  | 'empty'
  | 'masked'
  | 'uscc'
  | 'citizen-id'
  | 'real-estate-unit'
  | 'certificate-id'
  | 'service-item'
  | 'integer'
  | 'decimal'
  | 'digits'
  | 'date'
  | 'code'
  | 'text'

export type DateOrder = 'year-first' | 'day-first' | 'month-first' | 'undecided'

export type ColumnKind = { readonly type: ColumnType; readonly order?: DateOrder }

const typed: ReadonlySet<ColumnType> = new Set([
  'uscc',
  'citizen-id',
  'real-estate-unit',
  'certificate-id',
  'service-item',
  'integer',
  'decimal',
  'digits',
  'date',
  'code',
])

/** Everything that is wrong with a cell of such a column; each code at most once. */
export function flawsOf(cell: Cell, column: ColumnKind): readonly CellCode[] {
  const found: CellCode[] = []
  if (cell.flaw !== undefined) found.push(cell.flaw)
  if (cell.sort === 'bad') return found
  if (cell.sort === 'error') return [...found, 'sources/error-cell']
  if (cell.sort === 'formula') found.push('sources/formula-cell')
  if (cell.sort === 'date') return [...found, 'sources/serial-date']
  if (cell.text === '') return found
  characterFlaws(cell.text, column, found)
  const shape = shapeOf(cell.text)
  const text = halfWidth(cell.text).trim()
  if (shape === 'placeholder') found.push('sources/placeholder')
  else if (shape === 'masked') found.push('sources/masked')
  else if (cell.sort === 'number' && isRounded(text)) found.push('sources/numeric-identifier')
  else if (shape === 'scientific' && cell.sort !== 'number') found.push('sources/scientific')
  else if (shape !== 'empty') typeFlaws({ text, shape, cell, column }, found)
  return found
}

/** A double keeps 15 decimal digits; whole numbers beyond them have lost some. */
function isRounded(text: string): boolean {
  return Math.abs(Number(text)) >= 1e15
}

function characterFlaws(text: string, { type }: ColumnKind, found: CellCode[]): void {
  if (/^\s|\s$/.test(text)) found.push('sources/outer-blank')
  if (!text.isWellFormed()) found.push('sources/bad-sequence')
  if (text.includes('\ufffd')) found.push('sources/replaced-character')
  if (/[\ue000-\uf8ff]/.test(text)) found.push('sources/private-character')
  if (/[\0-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/.test(text))
    found.push('sources/control-character')
  if (/[\r\n]/.test(text.trim())) found.push('sources/line-break')
  const wide = typed.has(type) ? /[\uff01-\uff5e]/ : /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]/
  if (wide.test(text)) found.push('sources/full-width')
  if (typed.has(type) && type !== 'date' && /\S[ \t\u00a0\u3000]+\S/.test(text))
    found.push('sources/inner-blank')
  if (/^\s*[=@][^\s=]|^\s*[+-][A-Za-z(@]/.test(text)) found.push('sources/formula-text')
}

type Judged = {
  readonly text: string
  readonly shape: Shape
  readonly cell: Cell
  readonly column: ColumnKind
}

function typeFlaws({ text, shape, cell, column }: Judged, found: CellCode[]): void {
  const { type } = column
  if (typed.has(type) && type !== 'code' && !isNumeric(type) && likelyPlaceholder.test(text)) {
    found.push('sources/placeholder')
  } else if (type === 'uscc' || type === 'citizen-id') eighteenFlaws(text, type, found)
  else if (type === 'date') dateFlaws({ text, shape, cell, column }, found)
  else if (isNumeric(type)) numberFlaws(text, shape, found)
  else if (isLongCode(type) && shape !== type) found.push('sources/wrong-character')
}

function isNumeric(type: ColumnType): boolean {
  return type === 'integer' || type === 'decimal'
}

function isLongCode(type: ColumnType): boolean {
  return type === 'real-estate-unit' || type === 'certificate-id' || type === 'service-item'
}

function eighteenFlaws(text: string, type: 'uscc' | 'citizen-id', found: CellCode[]): void {
  const bare = text.replaceAll(/\s/g, '')
  const upper = bare.toUpperCase()
  const valid = type === 'uscc' ? isUscc(upper) : isCitizenId(upper)
  // Every eleventh identity number that a spreadsheet has rounded passes its check by chance (one
  // in thirty-one of the others), so a right check excuses the zeros of organisations alone.
  const zeros = /^\d{15}0{3}$/.test(bare)
  if (zeros && (type === 'citizen-id' || !valid)) found.push('sources/trailing-zeros')
  else if (valid && upper !== bare) found.push('sources/lower-case')
  else if (valid) return
  else if (type === 'citizen-id' && /^\d{15}$/.test(bare)) found.push('sources/fifteen-digits')
  else if (bare.length !== 18) found.push('sources/wrong-length')
  else if (!alphabetOf(type).test(upper)) found.push('sources/wrong-character')
  else found.push('sources/wrong-check')
}

function alphabetOf(type: 'uscc' | 'citizen-id'): RegExp {
  return type === 'uscc' ? /^[0-9A-HJ-NP-RTUWXY]{2}\d{6}[0-9A-HJ-NP-RTUWXY]{10}$/ : /^\d{17}[\dX]$/
}

function dateFlaws({ text, shape, cell, column }: Judged, found: CellCode[]): void {
  if (shape === 'year-first' || shape === 'day-number') return
  if (shape === 'no-day') found.push('sources/impossible-date')
  else if (shape === 'short-year') found.push('sources/two-digit-year')
  else if (shape === 'either-first') {
    if (!isLast(column.order)) found.push('sources/ambiguous-date')
  } else if (shape === 'day-first' || shape === 'month-first') {
    // One that is clear by itself contradicts a column that is known to be written otherwise.
    if (column.order === 'year-first') found.push('sources/ambiguous-date')
    else if (isLast(column.order) && column.order !== shape) found.push('sources/impossible-date')
  } else if ((cell.sort === 'number' || /^\d{5}(?:\.\d+)?$/.test(text)) && Number(text) < 100_000) {
    found.push('sources/serial-date')
  } else if (/^\d{8}$/.test(text)) found.push('sources/impossible-date')
  else found.push('sources/not-a-date')
}

function isLast(order: DateOrder | undefined): boolean {
  return order === 'day-first' || order === 'month-first'
}

const numberShapes: ReadonlySet<Shape> = new Set([
  'integer',
  'decimal',
  'digits',
  'day-number',
  'serial-like',
])

function numberFlaws(text: string, shape: Shape, found: CellCode[]): void {
  if (shape === 'grouped') found.push('sources/grouped-number')
  else if (shape === 'scientific' || numberShapes.has(shape)) return
  else if (!/^\d+$/.test(text)) found.push('sources/not-a-number')
}
