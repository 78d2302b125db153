// PostgreSQL as a department's system. Looking up happens in read-only transactions over few
// connections with a time limit for each statement; decisions go over another account.
import { Pool } from 'pg'
import type { PoolConfig } from 'pg'
import { Failure } from './failure.ts'
import { cellOf, checkColumns, checkQuestion, quoted, rowOf } from './rows.ts'
import type { Cell, Decision, Described, Question, Register, Rights, Row } from './register.ts'
import type { Sink } from './register.ts'
import { decisionText, inboxName, inboxOf, standingOf } from './inbox.ts'

/** Where a PostgreSQL server is, and as whom to speak to it. */
export type PostgresAddress = {
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

type Asking = { readonly text: string; readonly values: readonly unknown[] }

/** Opens a pool for looking up. Connects at the first question. */
export function openPostgresRegister(address: PostgresAddress): Register {
  const pool = poolOf(address, '-c default_transaction_read_only=on')
  const ask = askerOf(pool)
  const columnsOf = async (table: string): Promise<readonly { name: string; type: string }[]> => {
    const rows = await ask({
      text:
        'SELECT column_name, data_type FROM information_schema.columns ' +
        'WHERE table_schema = ANY(current_schemas(false)) AND table_name = $1 ' +
        'ORDER BY ordinal_position',
      values: [table],
    })
    return rows.map((row) => ({ name: String(row['column_name']), type: String(row['data_type']) }))
  }
  return {
    find: async (question) => findIn(ask, columnsOf, question),
    describe: async (table): Promise<Described> => {
      const columns = await columnsOf(table)
      const names = columns.map(({ name }) => name)
      checkColumns(table, names, [])
      const text = `SELECT count(*)::text AS n FROM ${quoted(table, '"')}`
      const [counted] = await ask({ text, values: [] })
      return { columns, rows: Number(counted?.['n']) }
    },
    tables: async () => {
      const rows = await ask({
        text:
          'SELECT table_name FROM information_schema.tables ' +
          'WHERE table_schema = ANY(current_schemas(false)) ORDER BY table_name',
        values: [],
      })
      return rows.map((row) => String(row['table_name'])).filter((name) => name !== inboxName)
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
  const list = columns.map((name) => quoted(name, '"')).join(', ')
  // A key is compared as text or as a number by what the column is; the server converts.
  const tests = keys.map((name, at) => `${quoted(name, '"')} = $${at + 1}`).join(' AND ')
  const text = `SELECT ${list} FROM ${quoted(table, '"')} WHERE ${tests} LIMIT ${limit}`
  const rows = await ask({ text, values: Object.values(where) })
  return rows.map((values) => rowOf(columns, values))
}

const scanRows = 2000

// One snapshot, read through a cursor: however long it takes, it is the table of one moment.
async function scanThrough(
  pool: Pool,
  { table, names }: { readonly table: string; readonly names: readonly string[] },
  take: (cells: readonly Cell[]) => void,
): Promise<void> {
  const client = await pool.connect().catch((error: unknown) => {
    throw failureOf(error)
  })
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const all = `SELECT * FROM ${quoted(table, '"')}`
    await client.query(`DECLARE lianban_scan NO SCROLL CURSOR FOR ${all}`)
    for (;;) {
      const { rows, fields } = await client.query<{ [name: string]: unknown }>(
        `FETCH ${scanRows} FROM lianban_scan`,
      )
      for (const row of rows) {
        const typed = typedRow(row, fields)
        take(names.map((name) => cellOf(typed[name])))
      }
      if (rows.length < scanRows) break
    }
    await client.query('COMMIT')
    client.release()
  } catch (error) {
    client.release(true)
    throw failureOf(error)
  }
}

// The sweeping right is told first: a superuser's list of tables would crowd it out.
const rightsText =
  "SELECT 'superuser' AS right_of FROM pg_roles WHERE rolname = current_user AND rolsuper " +
  "UNION ALL (SELECT table_name || ': ' || privilege_type FROM " +
  'information_schema.table_privileges WHERE grantee = current_user ' +
  "AND table_schema NOT IN ('pg_catalog', 'information_schema') " +
  "AND privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE') ORDER BY 1 LIMIT 100)"

async function rightsOf(ask: Ask): Promise<Rights> {
  const rows = await ask({ text: rightsText, values: [] })
  const grants = rows.map((row) => String(row['right_of']))
  return { canWrite: grants.length > 0, grants }
}

/** Opens a connection for handing in decisions; makes their table where it is missing. */
export function openPostgresSink(address: PostgresAddress): Sink {
  const pool = poolOf(address, '')
  const ask = askerOf(pool)
  let made: Promise<unknown> | null = null
  const ready = async (): Promise<void> => {
    made ??= ask({ text: inboxOf('"', 'TEXT'), values: [] })
    try {
      await made
    } catch (error) {
      made = null
      throw error
    }
  }
  const stands = async (id: string): Promise<{ readonly [name: string]: unknown } | undefined> => {
    const text = 'SELECT decision, standing FROM lianban_decisions WHERE id = $1'
    return (await ask({ text, values: [id] }))[0]
  }
  return {
    request: async (id: string, decision: Decision) => {
      await ready()
      const text = decisionText(decision)
      await ask({
        text:
          'INSERT INTO lianban_decisions (id, target, decision, standing) ' +
          "VALUES ($1, $2, $3, 'requested') ON CONFLICT (id) DO NOTHING",
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

function poolOf(address: PostgresAddress, options: string): Pool {
  const { ca, password, ...where } = address
  const config: PoolConfig = {
    ...where,
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ssl: { ca, rejectUnauthorized: true } }),
    max: connections,
    connectionTimeoutMillis: statementMs,
    statement_timeout: statementMs,
    query_timeout: statementMs,
    idleTimeoutMillis: 30_000,
    application_name: 'lianban',
    // Dates, times and decimals stay the text that the server writes: no zone, no rounding.
    types: { getTypeParser: () => (text: string) => text },
    ...(options === '' ? {} : { options }),
  }
  const pool = new Pool(config)
  // A server that goes away while a connection is idle is met at the next question.
  pool.on('error', () => undefined)
  return pool
}

type Ask = (asking: Asking) => Promise<readonly { readonly [name: string]: unknown }[]>

function askerOf(pool: Pool): Ask {
  return async ({ text, values }) => {
    try {
      const { rows, fields } = await pool.query({ text, values: [...values] })
      return rows.map((row: { [name: string]: unknown }) => typedRow(row, fields))
    } catch (error) {
      throw failureOf(error)
    }
  }
}

const boolType = 16
const intTypes = new Set([20, 21, 23, 26])

/** Text of the server as the value that a cell holds: whole numbers, yes and no, text. */
function typedRow(
  row: { readonly [name: string]: unknown },
  fields: readonly { readonly name: string; readonly dataTypeID: number }[],
): { readonly [name: string]: unknown } {
  return Object.fromEntries(
    fields.map(({ name, dataTypeID }): [string, unknown] => {
      const text = row[name]
      if (typeof text !== 'string') return [name, text]
      if (dataTypeID === boolType) return [name, text === 't']
      return [name, intTypes.has(dataTypeID) ? BigInt(text) : text]
    }),
  )
}

// SQLSTATE classes of the server: 28 authorisation, 42 names and rights, 22 and 23 values.
function failureOf(error: unknown): Error {
  if (error instanceof Failure) return error
  const state = error instanceof Error ? (error as { code?: unknown }).code : undefined
  const known = typeof state === 'string' && /^[0-9A-Z]{5}$/.test(state)
  if (known && /^(22|23|25|28|42)/.test(state)) {
    // Messages of the server may quote a value; its code does not.
    return new Failure('registers/refused', `SQLSTATE ${state}`, error)
  }
  return new Failure('registers/unavailable', known ? `SQLSTATE ${state}` : 'no connection', error)
}
