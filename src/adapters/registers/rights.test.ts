// What an account could do besides reading is told, by whichever way it came to it; and whatever it
// could do, a connector's own session cannot: the server itself refuses.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { createConnection } from 'mysql2/promise'
import type { Connection } from 'mysql2/promise'
import { Client } from 'pg'
import { hasMariadb, postgresPrograms, startMariadb, startPostgres } from '#test/database-servers'
import type { RunningServer } from '#test/database-servers'
import { openMysqlRegister, readingPool } from './mysql.ts'
import { openPostgresRegister, readingPool as postgresPool } from './postgres.ts'
import type { Register, Rights } from './register.ts'
import { openSqliteRegister } from './sqlite.ts'

async function rightsAt(register: Register): Promise<Rights> {
  try {
    return await register.rights()
  } finally {
    await register.close()
  }
}

/** Looking up, scanning and describing what writes when it is read: each refused. */
async function staysOut(register: Register, table: string): Promise<void> {
  const asked = { table, where: { n: 1 }, columns: ['n'], limit: 1 }
  const refused = { code: 'registers/refused' }
  await assert.rejects(register.find(asked), refused)
  await assert.rejects(
    register.scan(table, () => undefined),
    refused,
  )
  await register.close()
}

const noPostgres = postgresPrograms() === null && 'PostgreSQL is not installed'
describe('an account of PostgreSQL', { skip: noPostgres }, () => {
  let server: RunningServer
  let owner: Client
  const connect = async (port: number): Promise<Client> => {
    const client = new Client({ host: '127.0.0.1', port, database: 'postgres', user: 'postgres' })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  const register = (user: string): Register =>
    openPostgresRegister({ host: '127.0.0.1', port: server.port, database: 'postgres', user })
  before(async () => {
    server = await startPostgres(async (port) => (await connect(port)).end())
    owner = await connect(server.port)
    await owner.query('CREATE TABLE town (n INT, name TEXT); CREATE SEQUENCE serial')
  })
  after(async () => {
    await owner.end()
    await server.stop()
  })

  const ways: readonly (readonly [name: string, how: string, told: string])[] = [
    ['reads alone', 'GRANT SELECT ON town TO one', ''],
    ['inserts', 'GRANT INSERT ON town TO one', 'public.town: INSERT'],
    ['updates a column', 'GRANT UPDATE (name) ON town TO one', 'public.town: UPDATE of columns'],
    ['empties', 'GRANT TRUNCATE ON town TO one', 'public.town: TRUNCATE'],
    ['has triggers', 'GRANT TRIGGER ON town TO one', 'public.town: TRIGGER'],
    ['takes numbers', 'GRANT USAGE ON SEQUENCE serial TO one', 'public.serial: next number'],
    [
      'belongs to a role that deletes',
      'CREATE ROLE two; GRANT DELETE ON town TO two; GRANT two TO one',
      'public.town: DELETE',
    ],
    [
      'may take on a role that deletes, and inherits nothing',
      'ALTER ROLE one NOINHERIT; CREATE ROLE two; GRANT DELETE ON town TO two; GRANT two TO one',
      'public.town: DELETE',
    ],
    ['does what everybody may', 'GRANT UPDATE ON town TO PUBLIC', 'public.town: UPDATE'],
    ['owns', 'CREATE TABLE own (n INT); ALTER TABLE own OWNER TO one', 'public.own: owner'],
    ['makes tables', 'GRANT CREATE ON SCHEMA public TO one', 'public: CREATE'],
    ['makes schemas', 'GRANT CREATE ON DATABASE postgres TO one', 'database: CREATE'],
    [
      'will write into tables to come',
      'ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO one',
      'tables to come: INSERT',
    ],
    ['writes everywhere', 'GRANT pg_write_all_data TO one', 'member of pg_write_all_data'],
    ['makes roles', 'ALTER ROLE one CREATEROLE', 'may create roles'],
    ['is above all rights', 'ALTER ROLE one SUPERUSER', 'superuser'],
  ]
  for (const [name, how, told] of ways) {
    test(`that ${name}`, async () => {
      await owner.query(`CREATE ROLE one LOGIN; ${how}`)
      try {
        const { canWrite, grants } = await rightsAt(register('one'))
        assert.equal(canWrite, told !== '', grants.join('; '))
        if (told !== '') assert.ok(grants.includes(told), grants.join('; '))
      } finally {
        await owner.query('REVOKE ALL ON town FROM PUBLIC; DROP OWNED BY one; DROP ROLE one')
        await owner.query(
          'DO $$ BEGIN DROP OWNED BY two; DROP ROLE two; EXCEPTION WHEN undefined_object THEN END $$',
        )
      }
    })
  }

  test('that can write cannot over a connector: the server stops even a view that writes', async () => {
    await owner.query(
      'CREATE FUNCTION leave() RETURNS INT LANGUAGE sql VOLATILE SECURITY DEFINER AS ' +
        "'INSERT INTO public.town VALUES (1) RETURNING n'; CREATE VIEW trap AS SELECT leave() AS n",
    )
    await owner.query('SELECT * FROM trap')
    await staysOut(register('postgres'), 'trap')
    const address = { host: '127.0.0.1', port: server.port, database: 'postgres', user: 'postgres' }
    const pool = postgresPool(address)
    for (const statement of ['INSERT INTO town VALUES (1)', 'DROP TABLE town']) {
      await assert.rejects(pool.query(statement), { code: '25006' }, statement)
    }
    await pool.end()
    const { rows } = await owner.query<{ n: string }>('SELECT count(*) AS n FROM town')
    assert.equal(Number(rows[0]?.n), 1)
  })
})

const noMariadb = !hasMariadb() && 'MariaDB is not installed'
describe('an account of MariaDB', { skip: noMariadb }, () => {
  let server: RunningServer
  let owner: Connection
  const connect = async (port: number): Promise<Connection> =>
    createConnection({ host: '127.0.0.1', port, user: 'root', multipleStatements: true })
  const register = (user: string): Register =>
    openMysqlRegister({ host: '127.0.0.1', port: server.port, database: 'town', user })
  before(async () => {
    server = await startMariadb(async (port) => (await connect(port)).end())
    owner = await connect(server.port)
    owner.on('error', () => undefined)
    await owner.query('CREATE DATABASE town CHARACTER SET utf8mb4; USE town')
    await owner.query('CREATE TABLE list (n INT, name TEXT); CREATE TABLE `a TO b ON c` (n INT)')
  })
  after(async () => {
    owner.destroy()
    await server.stop()
  })

  const ways: readonly (readonly [name: string, how: string, told: RegExp | null])[] = [
    ['reads alone', 'GRANT SELECT ON town.* TO one', null],
    ['sees views and sessions', 'GRANT SHOW VIEW, SELECT ON town.* TO one', null],
    ['reads a table with an odd name', 'GRANT SELECT ON `a TO b ON c` TO one', null],
    ['reads a column', 'GRANT SELECT (n) ON list TO one', null],
    ['inserts', 'GRANT INSERT ON list TO one', /INSERT ON `town`.`list`$/],
    ['updates a column', 'GRANT SELECT (n), UPDATE (name) ON list TO one', /UPDATE \(`name`\)/],
    ['deletes on the server', 'GRANT DELETE ON *.* TO one', /^DELETE ON \*\.\*$/],
    ['has triggers', 'GRANT TRIGGER ON town.* TO one', /TRIGGER/],
    ['reads and writes files', 'GRANT FILE ON *.* TO one', /FILE/],
    ['runs routines', 'GRANT EXECUTE ON town.* TO one', /EXECUTE/],
    ['may do all', 'GRANT ALL ON town.* TO one', /ALL PRIVILEGES/],
    [
      'has a role that deletes',
      'CREATE ROLE two; GRANT DELETE ON town.* TO two; GRANT two TO one',
      /DELETE|not told/,
    ],
    [
      'has a role of a role that deletes',
      'CREATE ROLE two; CREATE ROLE three; GRANT DELETE ON town.* TO three; ' +
        'GRANT three TO two; GRANT two TO one',
      /DELETE|not told/,
    ],
    ['does what everybody may', 'GRANT UPDATE ON town.list TO PUBLIC', /UPDATE/],
  ]
  for (const [name, how, told] of ways) {
    test(`that ${name}`, async () => {
      await owner.query(`CREATE USER one; ${how}; GRANT SELECT ON town.list TO one`)
      try {
        const { canWrite, grants } = await rightsAt(register('one'))
        assert.equal(canWrite, told !== null, grants.join('; '))
        if (told !== null)
          assert.ok(
            grants.some((each) => told.test(each)),
            grants.join('; '),
          )
        assert.ok(!grants.join().includes('one'), 'no account is named')
      } finally {
        await owner.query('DROP USER one; DROP ROLE IF EXISTS two; DROP ROLE IF EXISTS three')
        await owner.query('REVOKE UPDATE ON town.list FROM PUBLIC').catch(() => undefined)
      }
    })
  }

  test('that can write cannot over a connector: the server refuses every statement', async () => {
    const pool = readingPool({
      host: '127.0.0.1',
      port: server.port,
      database: 'town',
      user: 'root',
    })
    for (const statement of [
      'INSERT INTO list VALUES (1, NULL)',
      'UPDATE list SET n = 2',
      'DELETE FROM list',
      'CREATE TABLE other (n INT)',
      'DROP TABLE list',
    ]) {
      await assert.rejects(pool.query(statement), { errno: 1792 }, statement)
    }
    await pool.end()
  })
})

test('SQLite: a connector offers no view, and reads without leaving a trace', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lianban-rights-'))
  const path = join(folder, 'town.db')
  const owner = new DatabaseSync(path)
  owner.exec('CREATE TABLE list (n INT); INSERT INTO list VALUES (1); CREATE VIEW trap AS SELECT 1')
  owner.close()
  const bytes = readFileSync(path)
  const register = openSqliteRegister(path)
  assert.deepEqual(await register.tables(), ['list'])
  await register.scan('list', () => undefined)
  assert.equal((await rightsAt(register)).canWrite, false)
  assert.deepEqual([readdirSync(folder), readFileSync(path)], [['town.db'], bytes])
  rmSync(folder, { recursive: true })
})
