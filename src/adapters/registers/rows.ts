// What every connector does alike: judging a question before it is asked, quoting names, and
// turning what a driver gives into cells.
import { Failure } from './failure.ts'
import type { Cell, Question, Row, Take } from './register.ts'
import { rowsMax } from './register.ts'

const nameMax = 128
const columnsMax = 256

/** Throws `registers/bad-question` unless the question is one that can be asked. */
export function checkQuestion(question: Question): void {
  const { limit, columns, where } = question
  if (!Number.isInteger(limit) || limit < 1 || limit > rowsMax) {
    throw new Failure('registers/bad-question', `a limit is 1 to ${rowsMax}`)
  }
  if (columns.length === 0 || columns.length > columnsMax) {
    throw new Failure('registers/bad-question', `1 to ${columnsMax} columns are asked for`)
  }
  if (Object.keys(where).length === 0) {
    throw new Failure('registers/bad-question', 'a look-up has a key')
  }
}

/** Throws unless the table exists and has all the columns; names those that it has. */
export function checkColumns(
  table: string,
  known: readonly string[],
  wanted: readonly string[],
): void {
  if (known.length === 0) throw new Failure('registers/unknown-table', table)
  const missing = wanted.filter((name) => !known.includes(name))
  if (missing.length > 0) {
    throw new Failure('registers/unknown-column', `${missing.join(', ')}; ${known.join(', ')}`)
  }
}

/** A name as an identifier of SQL between quotes, which are doubled inside. */
export function quoted(name: string, quote: '"' | '`'): string {
  if (name === '' || name.length > nameMax || name.includes('\u0000')) {
    throw new Failure('registers/bad-question', 'a name of 1 to 128 characters')
  }
  return `${quote}${name.replaceAll(quote, quote + quote)}${quote}`
}

/** A cell from what a driver gives. Bytes and structures are refused, never rendered. */
export function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value.toString()
  }
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : String(value)
  throw new Failure('registers/bad-answer', 'a cell that is neither text nor number')
}

/** A row with just the columns that were asked for. */
export function rowOf(
  columns: readonly string[],
  values: { readonly [name: string]: unknown },
): Row {
  return Object.fromEntries(columns.map((name) => [name, cellOf(values[name])]))
}

const none: readonly number[] = []

/** Gives a row of a scan from what a driver gives, in the table's order. */
export function giveRow(values: readonly unknown[], take: Take): void {
  let unread: number[] | undefined
  const cells = values.map((value, at) => {
    if (!(value instanceof Uint8Array)) return cellOf(value)
    unread ??= []
    unread.push(at)
    return null
  })
  try {
    take(cells, unread ?? none)
  } catch (error) {
    throw new TakerError(error)
  }
}

/** What whoever takes the rows threw: it passes through a connector as it is. */
export class TakerError extends Error {
  override readonly name = 'TakerError'
  readonly error: Error

  constructor(error: unknown) {
    super('the taker of a row threw')
    this.error = error instanceof Error ? error : new Error(String(error))
  }
}

/** The columns of a table as the list of a statement. */
export function listOf(names: readonly string[], quote: '"' | '`'): string {
  return names.map((name) => quoted(name, quote)).join(', ')
}
