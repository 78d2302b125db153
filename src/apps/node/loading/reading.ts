// Reading a source by its load file: each row is accepted whole or refused whole, with the address
// and code of every cell that is to blame and without its value. Declared normalisations are
// applied and counted; what they do not mend is refused, and nothing is guessed.
import { createHash } from 'node:crypto'
import { citizenIdCheck } from '#base/codes'
import { Failure, flawsOf, halfWidth, letterOf, trySource } from '#adapters/sources'
import type { Cell, ColumnKind, Row, Source } from '#adapters/sources'
import type { LoadColumn, LoadFile, Normalisation } from './load-file.ts'
import { Refusals } from './refusals.ts'
import type { Refused } from './refusals.ts'

/** The fields of a row, normalised and in the form that tables hold. */
export type Fields = { readonly [field: string]: string | number | null }

/** A row that counts. `print` tells its content from another one under the same key. */
export type Accepted = {
  readonly row: number
  readonly key: string
  readonly print: string
  readonly fields: Fields
}

/** What became of a row under its key: taken, or an earlier one says the same or something else. */
export type Taken = 'again' | 'repeated' | 'taken'

/** Where sound rows go while a source is read; memory does not grow with them. */
export type Taker = {
  /** Fields of every row, also of those that are refused; a flawed one is null there. */
  readonly all?: (fields: Fields) => void
  /** A further reason against a row, before it is taken. */
  readonly against?: (row: Accepted) => Refused | null
  readonly take: (row: Accepted) => Taken
  /** Rows of all readings so far, and of how many; a source is read three times. */
  readonly onRows?: (rows: number, of?: number) => void
}

export type ReadSource = {
  readonly type: string
  readonly encoding: string | null
  readonly rows: number
  /** Rows that were taken. */
  readonly accepted: number
  readonly refused: Refusals
  /** Rows with at least one reason. */
  readonly refusedRows: number
  /** How many cells each declared normalisation changed. */
  readonly normalised: { readonly [field: string]: { readonly [normalisation: string]: number } }
  /** Columns of the source that are never read. */
  readonly leftOut: readonly string[]
  /** How many cells of a column that is never read are masked. */
  readonly masked: { readonly [column: string]: number }
  /** SHA-256 over the names of all columns in their order, base64url. */
  readonly schema: string
  /** SHA-256 over the rows that were taken, in their order, base64url. */
  readonly content: string
}

/** The columns that a source lacks, or has twice. */
export class NoColumn extends Error {
  override readonly name = 'NoColumn'
  readonly code = 'node/load-no-column'
  readonly column: string
  /** The columns that there are. */
  readonly known: readonly string[]

  constructor(column: string, known: readonly string[]) {
    super(`node/load-no-column: ${column}`)
    this.column = column
    this.known = known
  }
}

/** Reads a source to its end. Throws `NoColumn`, and the failure of the adapter. Untrusted. */
export async function readSource(
  file: LoadFile,
  source: Source,
  taker: Taker,
): Promise<ReadSource> {
  const masked: { [column: string]: number } = {}
  const read = Object.values(file.fields).map(({ column }) => column)
  const trial = await trySource(source, {
    first: 0,
    // Two of the three readings are those of the trial.
    onRows: (rows, of) => taker.onRows?.(rows, of === undefined ? undefined : (of * 3) / 2),
    onBad: ({ code, column }) => {
      if (code !== 'sources/masked' || column === null || read.includes(column)) return
      masked[column] = (masked[column] ?? 0) + 1
    },
  })
  const names = trial.columns.map(({ name }) => name)
  const reader = new Reader(file, names, taker)
  await source.rows.scan((row) => {
    if (row.number > trial.header.row) reader.take(row)
    if (reader.rows % 4096 === 0) taker.onRows?.(2 * trial.rows + reader.rows, 3 * trial.rows)
  })
  // What was tried is what is taken: a system may have gone on between the readings.
  if (reader.rows !== trial.rows) throw new Failure('sources/changed', `${reader.rows} rows now`)
  return {
    type: trial.form.type,
    encoding: trial.form.encoding?.encoding ?? null,
    rows: reader.rows,
    accepted: reader.accepted,
    refused: reader.refused,
    refusedRows: reader.refusedRows,
    normalised: reader.normalised,
    leftOut: names.filter((name) => !read.includes(name)),
    masked,
    schema: digestOf(names),
    content: reader.content(),
  }
}

class Reader {
  readonly #file: LoadFile
  readonly #places: ReadonlyMap<string, number>
  readonly #taker: Taker
  /** What the load file makes of a row: when that changes, every row counts as changed. */
  readonly #means: string
  accepted = 0
  readonly refused: Refusals = new Refusals()
  readonly normalised: { [field: string]: { [normalisation: string]: number } } = {}
  readonly #content = createHash('sha256')
  rows = 0
  refusedRows = 0

  constructor(file: LoadFile, names: readonly string[], taker: Taker) {
    this.#file = file
    this.#taker = taker
    const { fields, key, make, join, tables } = file
    this.#means = digestOf([fields, key, make, join, tables])
    this.#places = new Map(
      Object.entries(file.fields).map(([field, { column }]) => {
        const at = names.indexOf(column)
        if (at < 0 || names.lastIndexOf(column) !== at) throw new NoColumn(column, names)
        return [field, at]
      }),
    )
  }

  /** The digest of what was taken; asked for once, at the end. */
  content(): string {
    return this.#content.digest('base64url')
  }

  take(row: Row): void {
    if (row.cells.every(({ text, sort }) => sort !== 'bad' && text.trim() === '')) return
    this.rows += 1
    const before = this.refused.count
    const fields: { [field: string]: string | number | null } = {}
    if (row.flaw !== undefined) this.#refuse(row, null, row.flaw)
    for (const [field, column] of Object.entries(this.#file.fields)) {
      fields[field] = this.#field(row, field, column)
    }
    this.#taker.all?.(fields)
    const key = this.#file.key.map((field) => String(fields[field] ?? '')).join('\u001f')
    const print = digestOf([this.#means, fields])
    if (this.refused.count === before) this.#offer(row, { row: row.number, key, print, fields })
    if (this.refused.count > before) this.refusedRows += 1
  }

  #offer(row: Row, sound: Accepted): void {
    const against = this.#taker.against?.(sound) ?? null
    const taken = against === null ? this.#taker.take(sound) : null
    if (against !== null) this.refused.add(against)
    else if (taken === 'taken') {
      this.accepted += 1
      this.#content.update(sound.print)
    } else this.#refuse(row, null, taken === 'again' ? 'node/load-again' : 'node/load-repeated')
  }

  #field(row: Row, field: string, column: LoadColumn): string | number | null {
    const at = this.#places.get(field) ?? -1
    const cell: Cell = row.cells[at] ?? { text: '', sort: 'text' }
    let text = cell.text
    for (const each of column.normal ?? []) {
      const next = normalised(each, text)
      if (next !== text) this.#count(field, each)
      text = next
    }
    const flaws = flawsOf({ ...cell, text }, kindOf(column))
    for (const code of flaws) this.#refuse(row, at, code)
    if (text === '' && flaws.length === 0) {
      if (column.empty !== true) this.#refuse(row, at, 'node/load-missing')
      return null
    }
    if (flaws.length > 0) return null
    const value = valueOf(column, text)
    if (value === null) this.#refuse(row, at, 'node/load-inexact')
    return value
  }

  #count(field: string, normalisation: Normalisation): void {
    const counts = (this.normalised[field] ??= {})
    counts[normalisation] = (counts[normalisation] ?? 0) + 1
  }

  #refuse({ number: row }: Row, at: number | null, code: string): void {
    const column = at === null ? null : this.#columnOf(at)
    this.refused.add({ row, at: at === null ? `${row}` : `${letterOf(at)}${row}`, column, code })
  }

  #columnOf(at: number): string | null {
    for (const [field, place] of this.#places) {
      if (place === at) return this.#file.fields[field]?.column ?? null
    }
    return null
  }
}

/** What the cell of a field is judged as. */
function kindOf({ as, order }: LoadColumn): ColumnKind {
  switch (as) {
    case 'uscc':
    case 'citizen-id':
    case 'text':
    case 'code':
      return { type: as }
    case 'int':
      return { type: 'integer' }
    case 'yuan':
    case 'wan-yuan':
    case 'square-metre':
    case 'cubic-metre':
      return { type: 'decimal' }
    case 'day':
      return { type: 'date', order: order ?? 'year-first' }
  }
}

/** Decimals that a unit keeps: fen of a yuan and of 10,000 yuan, decimetres of a metre. */
const decimals = { int: 0, yuan: 2, 'wan-yuan': 6, 'square-metre': 2, 'cubic-metre': 3 } as const

/** What a table holds of a cell without a flaw; null where a number would have to be rounded. */
function valueOf({ as }: LoadColumn, text: string): string | number | null {
  if (as === 'day') return dayOf(text)
  return as in decimals ? scaled(text, decimals[as as keyof typeof decimals]) : text
}

/** A number in the unit of its last decimal, exactly; null where it has more of them. */
function scaled(text: string, places: number): number | null {
  const parts = /^([+-]?)(\d+)(?:\.(\d*))?$|^([+-]?)\.(\d+)$/.exec(text)
  if (parts === null) return null
  const [, sign = parts[4] ?? '', whole = '0', fraction = parts[5] ?? ''] = parts
  let end = fraction.length
  while (fraction[end - 1] === '0') end -= 1
  const rest = fraction.slice(0, end)
  if (rest.length > places) return null
  const size = Number(whole + rest.padEnd(places, '0'))
  if (!Number.isSafeInteger(size)) return null
  return sign === '-' && size !== 0 ? -size : size
}

/** A day that was judged sound, as `YYYYMMDD`. Where the year comes last, the day came first. */
function dayOf(text: string): string {
  if (/^\d{8}$/.test(text)) return text
  const [a = '', b = '', c = ''] = text.split(/[-/.年月日 T]/)
  const [year, month, day] = a.length < 4 ? [c, b, a] : [a, b, c]
  return `${year}${month.padStart(2, '0')}${day.padStart(2, '0')}`
}

/** A cell after one declared normalisation. */
export function normalised(normalisation: Normalisation, text: string): string {
  switch (normalisation) {
    case 'trim':
      return text.trim()
    case 'blanks':
      return text.replaceAll(/[\s\u3000\u200b\ufeff]+/g, '')
    case 'width':
      return halfWidth(text)
    case 'brackets':
      return text.replaceAll(/[（〔【［[﹙]/g, '(').replaceAll(/[）〕】］\]﹚]/g, ')')
    case 'upper':
      return text.toUpperCase()
    case '15-18':
      return eighteen(text)
  }
}

/** Numbers of fifteen digits were given to people born before 2000. */
function eighteen(text: string): string {
  if (!/^\d{15}$/.test(text)) return text
  const body = `${text.slice(0, 6)}19${text.slice(6)}`
  const check = citizenIdCheck(body)
  return check === null ? text : body + check
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url')
}
