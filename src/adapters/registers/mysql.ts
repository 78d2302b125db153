// MySQL or MariaDB as a department's system. Looking up happens in read-only sessions over few
// connections with a time limit for each question; decisions go over another account.
import type { Connection as PlainConnection, Query } from 'mysql2'
import { createPool } from 'mysql2/promise'
import type { Pool, PoolOptions, RowDataPacket } from 'mysql2/promise'
import { Failure } from './failure.ts'
import { rightsOf } from './mysql-rights.ts'
import { checkColumns, checkQuestion, giveRow, listOf, quoted, rowOf, TakerError } from './rows.ts'
import type { Decision, Described, Question, Register, Row } from './register.ts'
import type { Sink, Take } from './register.ts'
import { decisionText, inboxName, inboxOf, standingOf } from './inbox.ts'

/** Where a server is, and as whom to speak to it. */
export type MysqlAddress = {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password?: string
  /** Certificate authority in PEM; with it the connection is encrypted and the server checked. */
  readonly ca?: string
}

const statementMs = 5000
const connections = 4

type Values = { readonly [name: string]: unknown }
type Asking = { readonly text: string; readonly values: readonly (string | number)[] }
type Ask = (asking: Asking) => Promise<readonly Values[]>

/** Opens a pool for looking up. Connects at the first question. */
export function openMysqlRegister(address: MysqlAddress): Register {
  const pool = readingPool(address)
  const ask = askerOf(pool)
  const columnsOf = async (table: string): Promise<readonly { name: string; type: string }[]> => {
    const rows = await ask({
      text:
        'SELECT column_name AS name, data_type AS type FROM information_schema.columns ' +
        'WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position',
      values: [table],
    })
    return rows.map(({ name, type }) => ({ name: String(name), type: String(type) }))
  }
  return {
    find: async (question) => findIn(ask, columnsOf, question),
    describe: async (table): Promise<Described> => {
      const columns = await columnsOf(table)
      const names = columns.map(({ name }) => name)
      checkColumns(table, names, [])
      const text = `SELECT count(*) AS n FROM ${quoted(table, '`')}`
      const [counted] = await ask({ text, values: [] })
      return { columns, rows: Number(counted?.['n']) }
    },
    tables: async () => {
      const rows = await ask({
        text:
          'SELECT table_name AS name FROM information_schema.tables ' +
          'WHERE table_schema = DATABASE() ORDER BY table_name',
        values: [],
      })
      return rows.map(({ name }) => String(name)).filter((name) => name !== inboxName)
    },
    scan: async (table, take) => {
      const names = (await columnsOf(table)).map(({ name }) => name)
      checkColumns(table, names, [])
      await scanThrough(pool, { table, names }, take)
    },
    rights: async () =>
      rightsOf(async (text) => {
        try {
          const rows = await ask({ text, values: [] })
          return rows.map((row) => String(Object.values(row)[0]))
        } catch (error) {
          if (error instanceof Failure && error.code === 'registers/refused') return null
          throw error
        }
      }),
    close: async () => pool.end(),
  }
}

/** Connections on which the server refuses every change. */
export function readingPool(address: MysqlAddress): Pool {
  const pool = poolOf(address)
  // Sent before any question. A connection on which it fails is no good for anything.
  pool.on('connection', (connection) => {
    const plain = connection as unknown as PlainConnection
    plain.query('SET SESSION TRANSACTION READ ONLY', (error) => {
      if (error !== null) plain.destroy()
    })
  })
  return pool
}

async function findIn(
  ask: Ask,
  columnsOf: (table: string) => Promise<readonly { name: string }[]>,
  question: Question,
): Promise<readonly Row[]> {
  checkQuestion(question)
  const { table, where, columns, limit } = question
  const keys = Object.keys(where)
  const known = (await columnsOf(table)).map(({ name }) => name)
  checkColumns(table, known, [...columns, ...keys])
  const list = listOf(columns, '`')
  // A collation takes rare characters, cases and accents for one, and a number for a text: the
  // first test finds by the index, the second holds the row to the very key.
  const tests = keys
    .map((name) => quoted(name, '`'))
    .map((name) => `${name} = ? AND CONVERT(${name} USING utf8mb4) COLLATE utf8mb4_bin = ?`)
    .join(' AND ')
  const text = `SELECT ${list} FROM ${quoted(table, '`')} WHERE ${tests} LIMIT ${limit}`
  const values = Object.values(where).flatMap((value) => [String(value), String(value)])
  const rows = await ask({ text, values })
  return rows.map((row) => rowOf(columns, row))
}

// One statement is one snapshot; its rows come as they are wanted, in a read-only transaction.
async function scanThrough(
  pool: Pool,
  { table, names }: { readonly table: string; readonly names: readonly string[] },
  take: Take,
): Promise<void> {
  const connection = await pool.getConnection().catch((error: unknown) => {
    throw failureOf(error)
  })
  try {
    await connection.query('START TRANSACTION READ ONLY')
    const plain = connection.connection as unknown as PlainConnection
    const sql = `SELECT ${listOf(names, '`')} FROM ${quoted(table, '`')}`
    await given(plain.query({ sql, rowsAsArray: true }), take)
    await connection.query('COMMIT')
    connection.release()
  } catch (error) {
    connection.destroy()
    throw failureOf(error)
  }
}

/** Gives the rows of a question as they arrive; after an error no further one. */
async function given(question: Query, take: Take): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let isOver = false
    const failed = (error: unknown): void => {
      isOver = true
      reject(error instanceof Error ? error : new Error('no rows', { cause: error }))
    }
    question.on('error', failed)
    question.on('result', (row: unknown) => {
      if (isOver) return
      try {
        giveRow(row as readonly unknown[], take)
      } catch (error) {
        failed(error)
      }
    })
    question.on('end', () => resolve())
  })
}

/** Opens a pool for handing in decisions; makes their table where it is missing. */
export function openMysqlSink(address: MysqlAddress): Sink {
  const pool = poolOf(address)
  const ask = askerOf(pool)
  let made: Promise<unknown> | null = null
  const ready = async (): Promise<void> => {
    made ??= ask({ text: inboxOf('`', 'LONGTEXT'), values: [] })
    try {
      await made
    } catch (error) {
      made = null
      throw error
    }
  }
  const stands = async (id: string): Promise<Values | undefined> => {
    const text = 'SELECT decision, standing FROM lianban_decisions WHERE id = ?'
    return (await ask({ text, values: [id] }))[0]
  }
  return {
    request: async (id: string, decision: Decision) => {
      await ready()
      const text = decisionText(decision)
      await ask({
        text:
          'INSERT INTO lianban_decisions (id, target, decision, standing) ' +
          "VALUES (?, ?, ?, 'requested') ON DUPLICATE KEY UPDATE id = id",
        values: [id, decision.table, text],
      })
      if ((await stands(id))?.['decision'] !== text) {
        throw new Failure('registers/other-decision', id)
      }
    },
    outcome: async (id) => {
      await ready()
      const row = await stands(id)
      return row === undefined ? 'unknown' : standingOf(row['standing'])
    },
    close: async () => pool.end(),
  }
}

function poolOf({ ca, password, ...where }: MysqlAddress): Pool {
  const options: PoolOptions = {
    ...where,
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ssl: { ca, rejectUnauthorized: true } }),
    connectionLimit: connections,
    connectTimeout: statementMs,
    charset: 'utf8mb4',
    // Dates and decimals stay the text that the server writes; great numbers lose nothing.
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: false,
    decimalNumbers: false,
    jsonStrings: true,
    multipleStatements: false,
    // The server may not ask for files of this machine.
    infileStreamFactory: () => {
      throw new Failure('registers/refused', 'the server asked for a file')
    },
  }
  return createPool(options)
}

function askerOf(pool: Pool): Ask {
  return async ({ text, values }) => {
    try {
      const asked = { sql: text, values: [...values], timeout: statementMs }
      const [rows] = await pool.query<RowDataPacket[]>(asked)
      return Array.isArray(rows) ? rows : []
    } catch (error) {
      throw failureOf(error)
    }
  }
}

// Errors of the server have a number and an SQLSTATE; those of the driver have neither.
function failureOf(error: unknown): Error {
  if (error instanceof Failure) return error
  if (error instanceof TakerError) return error.error
  const state = error instanceof Error ? (error as { sqlState?: unknown }).sqlState : undefined
  if (typeof state === 'string' && /^(22|23|25|28|42)/.test(state)) {
    return new Failure('registers/refused', `SQLSTATE ${state.slice(0, 5)}`, error)
  }
  return new Failure('registers/unavailable', 'no connection', error)
}
