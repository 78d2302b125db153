// Tables of an SQLite database as rows, opened for reading only: the connection has no right to
// write, so no mistake here can. Whole numbers are exact in SQLite and handed on digit by digit.
// Views are not offered: they are programs of whoever made the file.
import { DatabaseSync } from 'node:sqlite'
import type { Cell, Row } from './cells.ts'
import { Failure } from './codes.ts'
import type { Source, TrialOptions } from './trial.ts'

/** Opens a table of a database. `Failure` when it is damaged or has no such table. Untrusted. */
export function openDatabase(path: string, options: TrialOptions): Source {
  const { tables, table, names } = withDatabase(path, (database) => {
    const found = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all()
      .map(({ name }) => String(name))
      .filter((name) => !name.startsWith('sqlite_'))
      .filter((name) => !name.startsWith('sqlite_'))
    const chosen = options.sheet ?? found[0]
    if (chosen === undefined || !found.includes(chosen)) {
      throw new Failure('sources/no-such-sheet', found.join(', '))
    }
    const columns = database.prepare(selectOf(chosen)).columns()
    return { tables: found, table: chosen, names: columns.map(({ name }) => name) }
  })
  return {
    form: { type: 'sqlite', encoding: null, delimiter: null, sheets: tables, sheet: table },
    header: { row: 0, names, certain: true, above: 0 },
    rows: {
      scan: async (take) => {
        withDatabase(path, (database) => {
          scanTable(database, table, take)
        })
      },
    },
  }
}

function withDatabase<T>(path: string, use: (database: DatabaseSync) => T): T {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { readOnly: true, allowExtension: false })
    database.exec('PRAGMA trusted_schema = OFF; PRAGMA query_only = ON')
    return use(database)
  } catch (error) {
    if (error instanceof Failure || !isDatabaseError(error)) throw error
    throw new Failure('sources/not-a-database', error.message, error)
  } finally {
    database?.close()
  }
}

function isDatabaseError(error: unknown): error is Error {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_SQLITE_ERROR'
}

function selectOf(table: string): string {
  return `SELECT * FROM "${table.replaceAll('"', '""')}"`
}

function scanTable(database: DatabaseSync, table: string, take: (row: Row) => void): void {
  const statement = database.prepare(selectOf(table))
  statement.setReadBigInts(true)
  statement.setReturnArrays(true)
  let number = 0
  for (const values of statement.iterate()) {
    number += 1
    take({ number, cells: (values as unknown as readonly unknown[]).map(cellOf) })
  }
}

function cellOf(value: unknown): Cell {
  if (typeof value === 'string') return { text: value, sort: 'text' }
  if (typeof value === 'bigint') return { text: value.toString(), sort: 'text' }
  if (typeof value === 'number') return { text: String(value), sort: 'number' }
  if (value === null) return { text: '', sort: 'text' }
  return { text: '', sort: 'bad', flaw: 'sources/binary-cell' }
}
