// The columns of a table: where the header stands, what each column holds, which column is the key.
// All of it is counted, and what the counts do not decide is left open and said to be.
import { halfWidth, shapeOf } from './cells.ts'
import type { Cell, ColumnKind, ColumnType, DateOrder, Row, Shape } from './cells.ts'

/** Rows at the beginning among which a header is looked for. */
export const headRows = 50

export type Header = {
  /** Number of the header's row; 0 where the table has none. */
  readonly row: number
  readonly names: readonly string[]
  /** Whether the rows below differ from it in kind, so that it can be nothing else. */
  readonly certain: boolean
  /** Rows of titles or nothing above it. */
  readonly above: number
}

const nameWords = new RegExp(
  [
    '名称|姓名|代码|编号|号码|日期|时间|序号|地址|单位|类型|金额|主键|证号|面积|状态|备注|领域|园区',
    '企业|部门|^(?:id|name|code|date|time|type|url|price|uscc)$|_(?:id|name|code|date|type)$',
  ].join('|'),
  'i',
)

/** Finds the header among the first rows of a table. */
export function findHeader(rows: readonly Row[]): Header {
  const filled = rows.map(
    ({ cells }) => cells.filter((cell) => cell.sort === 'bad' || cell.text.trim() !== '').length,
  )
  const usual = median(filled.filter((count) => count > 0))
  const at = filled.findIndex((count) => count > 0 && count >= usual * 0.6)
  const row = rows[at]
  const width = rows.reduce((most, { cells }) => Math.max(most, cells.length), 0)
  if (row === undefined) return { row: 0, names: [], certain: false, above: 0 }
  if (!isHeader(row.cells)) return { row: 0, names: letters(width), certain: false, above: at }
  const certain =
    differs(row.cells, rows.slice(at + 1)) ||
    row.cells.some(({ text }) => nameWords.test(text.trim()))
  const names = row.cells.map(({ text }, index) =>
    text.trim() === '' ? letterOf(index) : text.trim(),
  )
  return { row: row.number, names, certain, above: at }
}

function median(counts: readonly number[]): number {
  const sorted = counts.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** Words only, no two alike. */
function isHeader(cells: readonly Cell[]): boolean {
  const texts = cells.map(({ text }) => text.trim()).filter((text) => text !== '')
  const worded = cells.every(
    ({ text, sort }) =>
      ['text', 'empty'].includes(shapeOf(text)) && sort !== 'number' && sort !== 'bad',
  )
  return worded && new Set(texts).size === texts.length && texts.every((text) => text.length <= 100)
}

/** Whether some column holds below what no header is: numbers, dates, codes. */
function differs(head: readonly Cell[], below: readonly Row[]): boolean {
  return head.some((_, at) => {
    const shapes = below.flatMap(({ cells }) => cells[at] ?? []).map(({ text }) => shapeOf(text))
    const values = shapes.filter((shape) => !['empty', 'placeholder'].includes(shape))
    return values.length > 0 && values.every((shape) => shape !== 'text')
  })
}

function letters(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => letterOf(at))
}

/** The letters that a spreadsheet gives a column: 0 is A, 26 is AA. */
export function letterOf(at: number): string {
  let name = ''
  for (let rest = at + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name
  }
  return name
}

/** Fingerprints of texts in 53 bits, with a seed of this process. */
export class Prints {
  readonly #seed: number

  constructor(seed: number) {
    this.#seed = seed
  }

  of(text: string, from = 0): number {
    let low = 0xdeadbeef ^ this.#seed ^ from
    let high = 0x41c6ce57 ^ this.#seed ^ Math.floor(from / 0x1_0000_0000)
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at)
      low = Math.imul(low ^ unit, 2_654_435_761)
      high = Math.imul(high ^ unit, 1_597_334_677)
    }
    low =
      Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
    high =
      Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
    return 4_294_967_296 * (2_097_151 & high) + (low >>> 0) + 1
  }
}

/** The most values that a `SeenOnce` keeps; beyond them it says so and finds nothing more. */
export const seenMax = 4_000_000

/** Which values have been seen, and in which row first: 12 bytes and some air for each. */
export class SeenOnce {
  #keys = new Float64Array(64)
  #rows = new Uint32Array(64)
  #count = 0

  get full(): boolean {
    return this.#count >= seenMax
  }

  /** The row in which the fingerprint was first seen, or 0 when that is now. */
  see(print: number, row: number): number {
    const at = this.#slot(print)
    if (this.#keys[at] === print) return this.#rows[at] as number
    if (this.full) return 0
    this.#keys[at] = print
    this.#rows[at] = row
    this.#count += 1
    if (this.#count * 5 > this.#keys.length * 3) this.#grow()
    return 0
  }

  /** The row in which the fingerprint was first seen, or 0. */
  rowOf(print: number): number {
    const at = this.#slot(print)
    return this.#keys[at] === print ? (this.#rows[at] as number) : 0
  }

  #slot(print: number): number {
    const mask = this.#keys.length - 1
    let at = (print ^ Math.floor(print / 0x10_0000)) & mask
    while (this.#keys[at] !== 0 && this.#keys[at] !== print) at = (at + 1) & mask
    return at
  }

  #grow(): void {
    const [keys, rows] = [this.#keys, this.#rows]
    this.#keys = new Float64Array(keys.length * 2)
    this.#rows = new Uint32Array(keys.length * 2)
    for (const [from, key] of keys.entries()) {
      if (key === 0) continue
      const at = this.#slot(key)
      this.#keys[at] = key
      this.#rows[at] = rows[from] as number
    }
  }
}

/** What a column has been found to hold. */
export type Column = ColumnKind & {
  readonly letter: string
  readonly name: string
  readonly filled: number
  readonly empty: number
  /** How many values have each shape. */
  readonly shapes: { readonly [shape in Shape]?: number }
  /** Values that stood before; null when they were too many to go on counting. */
  readonly repeated: number | null
}

/** Counts one column over all rows. */
export class ColumnCount {
  readonly #name: string
  readonly #at: number
  readonly #shapes = new Map<Shape, number>()
  #seen: SeenOnce | null
  #filled = 0
  #empty = 0
  #repeated = 0

  /** `tracked`: whether repeated values are counted. */
  constructor(name: string, at: number, tracked: boolean) {
    this.#name = name
    this.#at = at
    this.#seen = tracked ? new SeenOnce() : null
  }

  get tracked(): boolean {
    return this.#seen !== null
  }

  /** Gives up counting repeated values. */
  untrack(): void {
    this.#seen = null
  }

  add({ text, sort }: Cell, prints: Prints, row: number): void {
    if (text === '' && sort === 'text') {
      this.#empty += 1
      return
    }
    const shape = sort === 'date' ? 'year-first' : sort === 'bad' ? 'text' : shapeOf(text)
    this.#shapes.set(shape, (this.#shapes.get(shape) ?? 0) + 1)
    if (shape === 'empty') return
    this.#filled += 1
    if (this.#seen === null || sort === 'bad') return
    if (this.#seen.see(prints.of(text.trim()), row + 1) > 0) this.#repeated += 1
    // A column with this many repeated values identifies nothing.
    if (this.#repeated > 20 + this.#filled * 0.1 || this.#seen.full) this.#seen = null
  }

  end(rows: number): Column {
    const empty = (this.#shapes.get('empty') ?? 0) + this.#empty
    if (empty > 0) this.#shapes.set('empty', empty)
    return {
      letter: letterOf(this.#at),
      name: this.#name,
      ...typeOf(this.#name, this.#shapes),
      filled: this.#filled,
      empty: rows - this.#filled,
      shapes: Object.fromEntries(this.#shapes),
      repeated: this.#seen === null ? null : this.#repeated,
    }
  }
}

const usccWords = /统一社会信用代码|社会信用代码|^uscc$|credit_?code/i
const citizenWords = /身份证|居民身份|公民身份|id_?card/i
const codeWords = /编号|号码|代码|证号|主键|文号|序列号|许可证|^id$|_id$|_?code$|^cid$/i

function typeOf(name: string, shapes: ReadonlyMap<Shape, number>): ColumnKind {
  const count = (...names: readonly Shape[]): number =>
    names.reduce((sum, shape) => sum + (shapes.get(shape) ?? 0), 0)
  const all = [...shapes.values()].reduce((sum, each) => sum + each, 0)
  const values = all - count('empty', 'placeholder', 'masked')
  const masked = count('masked')
  if (values + masked === 0) return { type: usccWords.test(halfWidth(name)) ? 'uscc' : 'empty' }
  const hinted = codeHint(name)
  if (hinted !== null && (values < masked || count(hinted) * 5 >= values)) return { type: hinted }
  if (masked > values) return { type: 'masked' }
  const codes = [
    'uscc',
    'citizen-id',
    'real-estate-unit',
    'certificate-id',
    'service-item',
  ] as const
  const code = codes.find((each) => count(each) * 10 >= values * 6)
  if (code !== undefined) return { type: code }
  return plainType({ name, count, values })
}

function codeHint(name: string): 'uscc' | 'citizen-id' | null {
  const plain = halfWidth(name)
  if (usccWords.test(plain)) return 'uscc'
  return citizenWords.test(plain) ? 'citizen-id' : null
}

type Counts = {
  readonly name: string
  readonly count: (...names: readonly Shape[]) => number
  readonly values: number
}

function plainType({ name, count, values }: Counts): ColumnKind {
  const most = values * 0.8
  const dates = count(
    'year-first',
    'day-first',
    'month-first',
    'either-first',
    'short-year',
    'no-day',
  )
  const dayNumbers = count('day-number')
  const dated = /日期|时间|date|time|年月/i.test(name)
  const clear = dates + dayNumbers >= most && (dates > 0 || dated || dayNumbers === values)
  // A column that is named for dates is one with more doubtful values among its dates.
  const named = dated && (dates + dayNumbers + count('serial-like')) * 10 >= values * 6
  if (clear || named) return { type: 'date', order: orderOf(count) }
  const whole = count('integer', 'day-number', 'serial-like')
  const digits = count('digits')
  const numbers = whole + digits + count('decimal', 'grouped', 'scientific')
  if (numbers >= most) {
    if (codeWords.test(name)) return { type: 'code' }
    if (digits > 0 && count('decimal') === 0) return { type: 'digits' }
    return { type: count('decimal', 'grouped') > 0 ? 'decimal' : 'integer' }
  }
  return { type: codeWords.test(name) ? 'code' : 'text' }
}

/** Which comes first where the year comes last, when the column shows it without contradiction. */
function orderOf(count: Counts['count']): DateOrder {
  const [days, months, either] = [count('day-first'), count('month-first'), count('either-first')]
  if (days > 0 && months === 0) return 'day-first'
  if (months > 0 && days === 0) return 'month-first'
  return days + months + either === 0 ? 'year-first' : 'undecided'
}

/** The column that can serve as the key, if any: codes before names, unique before nearly so. */
export function keyOf(columns: readonly Column[], rows: number): Column | null {
  const ranked = columns
    .filter(
      ({ repeated, filled, type }) =>
        repeated !== null && filled * 10 >= rows * 9 && keyTypes.has(type),
    )
    .toSorted((a, b) => rankOf(a, rows) - rankOf(b, rows))
  return rows === 0 ? null : (ranked[0] ?? null)
}

const keyTypes: ReadonlySet<ColumnType> = new Set([
  'uscc',
  'citizen-id',
  'real-estate-unit',
  'certificate-id',
  'service-item',
  'code',
  'digits',
  'integer',
  'text',
])

function rankOf({ repeated, filled, type, name }: Column, rows: number): number {
  const whole = repeated === 0 && filled === rows
  const serial = /序号|^no\.?$|^#$/i.test(name)
  const kind =
    type === 'uscc' || type === 'citizen-id' ? 0 : isNamed(type) ? 1 : type === 'text' ? 3 : 2
  return (whole ? 0 : 100) + (serial ? 50 : 0) + kind * 10
}

function isNamed(type: ColumnType): boolean {
  return !['uscc', 'citizen-id', 'digits', 'integer', 'text'].includes(type)
}
