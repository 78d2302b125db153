// MySQL or MariaDB as a department's system. Looking up happens in read-only sessions over few
// connections with a time limit for each question; decisions go over another account.
import type { Connection as PlainConnection } from 'mysql2'
import { createPool } from 'mysql2/promise'
import type { Pool, PoolOptions, RowDataPacket } from 'mysql2/promise'
import { Failure } from './failure.ts'
import { cellOf, checkColumns, checkQuestion, quoted, rowOf } from './rows.ts'
import type { Cell, Decision, Described, Question, Register, Rights, Row } from './register.ts'
import type { Sink } from './register.ts'
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
  const pool = poolOf(address)
  pool.on('connection', (connection) => {
    void connection.query('SET SESSION TRANSACTION READ ONLY')
  })
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
    rights: async (): Promise<Rights> => rightsOf(ask),
    close: async () => pool.end(),
  }
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
  const list = columns.map((name) => quoted(name, '`')).join(', ')
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

// One statement is one snapshot; its rows come as they are wanted.
async function scanThrough(
  pool: Pool,
  { table, names }: { readonly table: string; readonly names: readonly string[] },
  take: (cells: readonly Cell[]) => void,
): Promise<void> {
  const connection = await pool.getConnection().catch((error: unknown) => {
    throw failureOf(error)
  })
  try {
    const plain = connection.connection as unknown as PlainConnection
    const rows = plain.query(`SELECT * FROM ${quoted(table, '`')}`).stream()
    for await (const row of rows as AsyncIterable<Values>) {
      take(names.map((name) => cellOf(row[name])))
    }
    connection.release()
  } catch (error) {
    connection.destroy()
    throw failureOf(error)
  }
}

const writing = /\b(ALL PRIVILEGES|INSERT|UPDATE|DELETE|DROP|ALTER|CREATE|SUPER)\b/

async function rightsOf(ask: Ask): Promise<Rights> {
  const rows = await ask({ text: 'SHOW GRANTS', values: [] })
  // The line of a grant ends with what identifies the account; only its rights are told.
  const grants = rows
    .map((row) =>
      String(Object.values(row)[0])
        .replace(/^GRANT /, '')
        .replace(/ TO .*$/s, ''),
    )
    .filter((grant) => writing.test(grant))
  return { canWrite: grants.length > 0, grants }
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
  const state = error instanceof Error ? (error as { sqlState?: unknown }).sqlState : undefined
  if (typeof state === 'string' && /^(22|23|25|28|42)/.test(state)) {
    return new Failure('registers/refused', `SQLSTATE ${state.slice(0, 5)}`, error)
  }
  return new Failure('registers/unavailable', 'no connection', error)
}
