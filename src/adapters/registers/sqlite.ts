// An SQLite file as a department's system. The look-up connection is opened read-only, so no
// mistake here can change anything; decisions go through another connection into one table.
import { DatabaseSync } from 'node:sqlite'
import { Failure } from './failure.ts'
import { checkColumns, checkQuestion, giveRow, listOf, quoted, rowOf, TakerError } from './rows.ts'
import type { Decision, Described, Question, Register, Rights, Row } from './register.ts'
import type { Sink, Standing } from './register.ts'
import { decisionText, inboxName, inboxOf, standingOf } from './inbox.ts'

/** Milliseconds for which another writer's lock is waited for. */
const busyMs = 5000

// Tables that are truly such: a view or virtual table is a program of whoever made the file.
const tablesText =
  "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name"

/** Opens a database file for looking up. Throws `registers/unavailable` where there is none. */
export function openSqliteRegister(path: string): Register {
  const database = opened(path, true)
  const columnsOf = (table: string): readonly { name: string; type: string }[] =>
    asked(() =>
      database
        .prepare('SELECT name, type FROM pragma_table_info(?)')
        .all(table)
        .map(({ name, type }) => ({ name: String(name), type: String(type) })),
    )
  return {
    find: async (question) => asked(() => findIn(database, columnsOf, question)),
    describe: async (table): Promise<Described> => {
      const columns = columnsOf(table)
      const names = columns.map(({ name }) => name)
      checkColumns(table, names, [])
      return asked(() => {
        const counted = database.prepare(`SELECT count(*) AS n FROM ${quoted(table, '"')}`).get()
        return { columns, rows: Number(counted?.['n']) }
      })
    },
    tables: async () =>
      asked(() =>
        database
          .prepare(tablesText)
          .all()
          .map(({ name }) => String(name))
          .filter((name) => !name.startsWith('sqlite_') && name !== inboxName),
      ),
    scan: async (table, take) => {
      const columns = columnsOf(table)
      const names = columns.map(({ name }) => name)
      checkColumns(table, names, [])
      asked(() => {
        const statement = database.prepare(
          `SELECT ${listOf(names, '"')} FROM ${quoted(table, '"')}`,
        )
        statement.setReadBigInts(true)
        statement.setReturnArrays(true)
        for (const values of statement.iterate()) {
          giveRow(values as unknown as readonly unknown[], take)
        }
      })
    },
    rights: async (): Promise<Rights> => ({ canWrite: false, grants: ['read-only connection'] }),
    close: async () => {
      database.close()
    },
  }
}

function findIn(
  database: DatabaseSync,
  columnsOf: (table: string) => readonly { name: string }[],
  question: Question,
): readonly Row[] {
  checkQuestion(question)
  const { table, where, columns, limit } = question
  const keys = Object.keys(where)
  const known = columnsOf(table).map(({ name }) => name)
  checkColumns(table, known, [...columns, ...keys])
  const list = listOf(columns, '"')
  const tests = keys.map((name) => `${quoted(name, '"')} = ?`).join(' AND ')
  const statement = database.prepare(
    `SELECT ${list} FROM ${quoted(table, '"')} WHERE ${tests} LIMIT ${limit}`,
  )
  statement.setReadBigInts(true)
  return statement.all(...Object.values(where)).map((values) => rowOf(columns, values))
}

/** Opens a database file for handing in decisions; makes their table where it is missing. */
export function openSqliteSink(path: string): Sink {
  const database = opened(path, false)
  asked(() => {
    database.exec(inboxOf('"', 'TEXT'))
  })
  const stands = (id: string): { decision: string; standing: Standing } | null => {
    const row = database
      .prepare('SELECT decision, standing FROM lianban_decisions WHERE id = ?')
      .get(id)
    if (row === undefined) return null
    return { decision: String(row['decision']), standing: standingOf(row['standing']) }
  }
  return {
    request: async (id: string, decision: Decision) =>
      asked(() => {
        const text = decisionText(decision)
        database
          .prepare(
            'INSERT INTO lianban_decisions (id, target, decision, standing) ' +
              "VALUES (?, ?, ?, 'requested') ON CONFLICT (id) DO NOTHING",
          )
          .run(id, decision.table, text)
        if (stands(id)?.decision !== text) throw new Failure('registers/other-decision', id)
      }),
    outcome: async (id) => asked(() => stands(id)?.standing ?? 'unknown'),
    close: async () => {
      database.close()
    },
  }
}

function opened(path: string, readOnly: boolean): DatabaseSync {
  return asked(() => {
    const database = new DatabaseSync(path, {
      readOnly,
      allowExtension: false,
      timeout: busyMs,
    })
    database.exec('PRAGMA trusted_schema = OFF')
    if (readOnly) database.exec('PRAGMA query_only = ON')
    return database
  })
}

function asked<T>(use: () => T): T {
  try {
    return use()
  } catch (error) {
    if (error instanceof TakerError) throw error.error
    if (error instanceof Failure || !isDatabaseError(error)) throw error
    // Messages of SQLite name tables and columns, never values.
    throw new Failure('registers/unavailable', error.message, error)
  }
}

function isDatabaseError(error: unknown): error is Error {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_SQLITE_ERROR'
}
