// Tables of an SQLite database as rows, opened for reading only: the connection has no right to
// write, so no mistake here can, and nothing is left beside the file. Whole numbers are exact in
// SQLite and handed on digit by digit. A file is data and not a program: views, virtual tables and
// generated columns are those of whoever made it, and none of them is ever run. Pages that lead to
// each other without end are found by giving more than the file has room for.
import fs from 'node:fs'
import { constants, DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { checkedCell } from './cells.ts'
import type { Cell, Row } from './cells.ts'
import { Failure, listed } from './codes.ts'
import type { Source, TrialOptions } from './trial.ts'

/** The longest row that SQLite may build in memory, and how deep its expressions may go. */
const limits = { length: 64 * 1024 * 1024, exprDepth: 100, compoundSelect: 10, attach: 0 } as const

/** The fewest bytes of a file that a row takes: its place in the page, its length, its header. */
const rowBytesMin = 3

type Column = { readonly name: string; readonly computed: boolean }
type Table = { readonly name: string; readonly columns: readonly Column[] }

/** Opens a table of a database. `Failure` when it is damaged or has no such table. Untrusted. */
export function openDatabase(path: string, options: TrialOptions): Source {
  const { tables, table } = withDatabase(path, (database) => {
    const found = tablesOf(database)
    const chosen = options.sheet ?? found[0]
    if (chosen === undefined || !found.includes(chosen)) {
      throw new Failure('sources/no-such-sheet', listed(found))
    }
    return { tables: found, table: { name: chosen, columns: columnsOf(database, chosen) } }
  })
  const names = table.columns.map(({ name }) => name)
  return {
    form: { type: 'sqlite', encoding: null, delimiter: null, sheets: tables, sheet: table.name },
    header: { row: 0, names, certain: true, above: 0 },
    rows: {
      scan: async (take) => {
        withDatabase(path, (database) => {
          scanTable(database, { table, room: sizeOf(path) + sizeOf(`${path}-wal`) }, take)
        })
      },
    },
  }
}

function withDatabase<T>(path: string, use: (database: DatabaseSync) => T): T {
  let database: DatabaseSync | undefined
  const still = stillOf(path)
  try {
    const place = still === null ? path : asIsOf(path)
    database = new DatabaseSync(place, { readOnly: true, allowExtension: false, limits })
    database.exec(
      'PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cell_size_check = ON',
    )
    const found = use(database)
    if (still !== null && stillOf(path) !== still) throw new Failure('sources/changed', 'the file')
    return found
  } catch (error) {
    if (error instanceof Failure || !isDatabaseError(error)) throw error
    const isLong = (error as { errcode?: unknown }).errcode === tooBig
    throw new Failure(isLong ? 'sources/too-large' : 'sources/not-a-database', error.message, error)
  } finally {
    database?.close()
  }
}

const tooBig = 18

function isDatabaseError(error: unknown): error is Error {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_SQLITE_ERROR'
}

// To read a file in WAL mode, SQLite makes two files beside it and cannot take them away again. A
// copy without a log is read as it is instead, and that it stayed so is looked at afterwards.
function stillOf(path: string): string | null {
  const head = Buffer.alloc(20)
  try {
    const file = fs.openSync(path, 'r')
    try {
      if (fs.readSync(file, head, 0, head.length, 0) < head.length) return null
      const isLogged = head[18] === 2 || head[19] === 2
      if (!isLogged || sizeOf(`${path}-wal`) > 0 || sizeOf(`${path}-journal`) > 0) return null
      const { mtimeNs, size, ino } = fs.fstatSync(file, { bigint: true })
      return `${mtimeNs} ${size} ${ino}`
    } finally {
      fs.closeSync(file)
    }
  } catch (error) {
    throw new Failure('sources/not-read', (error as NodeJS.ErrnoException).code ?? 'unknown', error)
  }
}

function asIsOf(path: string): URL {
  const place = pathToFileURL(path)
  place.searchParams.set('immutable', '1')
  return place
}

function sizeOf(path: string): number {
  return fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** Tables that are truly such, whatever the schema calls them. */
function tablesOf(database: DatabaseSync): readonly string[] {
  return database
    .prepare(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name",
    )
    .all()
    .map(({ name }) => String(name))
    .filter((name) => !name.startsWith('sqlite_'))
}

function columnsOf(database: DatabaseSync, table: string): readonly Column[] {
  return database
    .prepare('SELECT name, hidden FROM pragma_table_xinfo(?)')
    .all(table)
    .map(({ name, hidden }) => ({ name: String(name), computed: hidden === 2 }))
}

/** The rows as they are stored: no index stands in for them, and no expression is evaluated. */
function selectOf({ name, columns }: Table): string {
  const list = columns.map((column) => (column.computed ? 'NULL' : quoted(column.name)))
  return `SELECT ${list.join(', ')} FROM main.${quoted(name)} NOT INDEXED`
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

type Scan = { readonly table: Table; readonly room: number }

function scanTable(database: DatabaseSync, { table, room }: Scan, take: (row: Row) => void): void {
  database.setAuthorizer((action, from) => {
    const reads = action === constants.SQLITE_READ && (from === table.name || from === null)
    const isAllowed = reads || action === constants.SQLITE_SELECT
    return isAllowed ? constants.SQLITE_OK : constants.SQLITE_DENY
  })
  const statement = database.prepare(selectOf(table))
  statement.setReadBigInts(true)
  statement.setReturnArrays(true)
  const computed = table.columns.map((column) => column.computed)
  let number = 0
  let held = 0
  for (const values of statement.iterate()) {
    number += 1
    const cells = (values as unknown as readonly unknown[]).map((value, at) => {
      held += lengthOf(value)
      return computed[at] === true ? computedCell : cellOf(value)
    })
    if (held > room || number * rowBytesMin > room) {
      throw new Failure('sources/not-a-database', 'its pages hold more than the file')
    }
    take({ number, cells })
  }
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' || value instanceof Uint8Array ? value.length : 0
}

const computedCell: Cell = { text: '', sort: 'bad', flaw: 'sources/formula-cell' }

function cellOf(value: unknown): Cell {
  if (typeof value === 'string') return checkedCell(value, 'text')
  if (typeof value === 'bigint') return { text: value.toString(), sort: 'text' }
  if (typeof value === 'number') return { text: String(value), sort: 'number' }
  if (value === null) return { text: '', sort: 'text' }
  return { text: '', sort: 'bad', flaw: 'sources/binary-cell' }
}
