// PostgreSQL as a department's system. Looking up happens in read-only transactions over few
// connections with a time limit for each statement; decisions go over another account.
import { Pool } from 'pg'
import type { PoolConfig } from 'pg'
import { Failure } from './failure.ts'
import { rightsText } from './postgres-rights.ts'
import { checkColumns, checkQuestion, giveRow, listOf, quoted, rowOf, TakerError } from './rows.ts'
import type { Decision, Described, Question, Register, Rights, Row } from './register.ts'
import type { Sink, Take } from './register.ts'
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
  const pool = readingPool(address)
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

/** Connections on which the server refuses every change, and gives rows in one order. */
export function readingPool(address: PostgresAddress): Pool {
  return poolOf(address, '-c default_transaction_read_only=on -c synchronize_seqscans=off')
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
  const list = listOf(columns, '"')
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
  take: Take,
): Promise<void> {
  const client = await pool.connect().catch((error: unknown) => {
    throw failureOf(error)
  })
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const all = `SELECT ${listOf(names, '"')} FROM ${quoted(table, '"')}`
    await client.query(`DECLARE lianban_scan NO SCROLL CURSOR FOR ${all}`)
    const text = `FETCH ${scanRows} FROM lianban_scan`
    for (;;) {
      const { rows, fields } = await client.query<unknown[]>({ text, rowMode: 'array' })
      const turns = fields.map(({ dataTypeID }) => turnOf(dataTypeID))
      for (const row of rows)
        giveRow(
          row.map((value, at) => turned(value, turns[at])),
          take,
        )
      if (rows.length < scanRows) break
    }
    await client.query('COMMIT')
    client.release()
  } catch (error) {
    client.release(true)
    throw failureOf(error)
  }
}

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
const bytesType = 17
const intTypes = new Set([20, 21, 23, 26])

type Turn = 'boolean' | 'bytes' | 'integer' | null

/** What becomes of the text of a type: most stay text. */
function turnOf(type: number): Turn {
  if (type === boolType) return 'boolean'
  if (type === bytesType) return 'bytes'
  return intTypes.has(type) ? 'integer' : null
}

const noBytes = new Uint8Array(0)

/** Text of the server as the value that a cell holds: whole numbers, yes and no, text. */
function turned(value: unknown, turn: Turn | undefined): unknown {
  if (typeof value !== 'string' || turn === null || turn === undefined) return value
  if (turn === 'boolean') return value === 't'
  if (turn === 'bytes') return noBytes
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : BigInt(value)
}

/** A row by its columns, each as its type says. */
function typedRow(
  row: { readonly [name: string]: unknown },
  fields: readonly { readonly name: string; readonly dataTypeID: number }[],
): { readonly [name: string]: unknown } {
  return Object.fromEntries(
    fields.map(({ name, dataTypeID }) => [name, turned(row[name], turnOf(dataTypeID))]),
  )
}

// SQLSTATE classes of the server: 28 authorisation, 42 names and rights, 22 and 23 values.
function failureOf(error: unknown): Error {
  if (error instanceof Failure) return error
  if (error instanceof TakerError) return error.error
  const state = error instanceof Error ? (error as { code?: unknown }).code : undefined
  const known = typeof state === 'string' && /^[0-9A-Z]{5}$/.test(state)
  if (known && /^(22|23|25|28|42)/.test(state)) {
    // Messages of the server may quote a value; its code does not.
    return new Failure('registers/refused', `SQLSTATE ${state}`, error)
  }
  return new Failure('registers/unavailable', known ? `SQLSTATE ${state}` : 'no connection', error)
}
