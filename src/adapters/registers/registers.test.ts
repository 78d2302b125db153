// The contract of connectors, over SQLite, PostgreSQL, MariaDB and an HTTP service that pages. The
// servers are real; where one is not installed, its suite says so and is skipped.
import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import { hasMariadb, postgresPrograms, startMariadb, startPostgres } from '#test/database-servers'
import { columns, households, registerContract } from '#test/register-contract'
import type { RegisterWorld } from '#test/register-contract'
import { openRegister, systemKindOf } from './address.ts'
import { openHttpRegister, openHttpSink } from './http.ts'
import { openMysqlRegister, openMysqlSink } from './mysql.ts'
import { openPostgresRegister, openPostgresSink } from './postgres.ts'
import { openSqliteRegister, openSqliteSink } from './sqlite.ts'
import type { Decision } from './register.ts'

const sqlNames = columns.map((name) => `"${name.replaceAll('"', '""')}"`)
const types = ['VARCHAR(32)', 'VARCHAR(64)', 'BIGINT', 'NUMERIC(10,2)', 'DATE']
const tableOf = (names: readonly string[], quote: string): string =>
  `CREATE TABLE ${quote}住户${quote} (${names.map((name, at) => `${name} ${types[at]}`).join(', ')})`

async function sqliteWorld(): Promise<RegisterWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'lianban-register-'))
  const path = join(directory, 'register.db')
  const database = new DatabaseSync(path)
  // Affinity would turn decimals into binary fractions; a department's file holds them as text.
  database.exec(tableOf(sqlNames, '"').replace('NUMERIC(10,2)', 'TEXT'))
  const insert = database.prepare('INSERT INTO "住户" VALUES (?, ?, ?, ?, ?)')
  for (const row of households) insert.run(...row)
  return {
    register: () => openSqliteRegister(path),
    sink: () => openSqliteSink(path),
    settle: async (id, standing) => {
      database.prepare('UPDATE lianban_decisions SET standing = ? WHERE id = ?').run(standing, id)
    },
    stop: async () => {
      database.close()
      // A file that stays open stays readable; damaged, it answers nobody.
      writeFileSync(path, 'no database')
      renameSync(path, `${path}.gone`)
      writeFileSync(path, Buffer.alloc(8192, 1))
      process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
    },
  }
}

registerContract('SQLite', sqliteWorld)

async function postgresWorld(): Promise<RegisterWorld> {
  const owner = (port: number): Client =>
    new Client({ host: '127.0.0.1', port, database: 'postgres', user: 'postgres' })
  const server = await startPostgres(async (port) => {
    const client = owner(port)
    await client.connect()
    await client.end()
  })
  const client = owner(server.port)
  client.on('error', () => undefined)
  await client.connect()
  await client.query(tableOf(sqlNames, '"'))
  for (const row of households) {
    await client.query('INSERT INTO "住户" VALUES ($1, $2, $3, $4, $5)', [...row])
  }
  await client.query('CREATE ROLE reader LOGIN; GRANT SELECT ON "住户" TO reader')
  await client.query('CREATE ROLE giver LOGIN; GRANT CREATE, USAGE ON SCHEMA public TO giver')
  const address = { host: '127.0.0.1', port: server.port, database: 'postgres' }
  return {
    register: () => openPostgresRegister({ ...address, user: 'reader' }),
    sink: () => openPostgresSink({ ...address, user: 'giver' }),
    settle: async (id, standing) => {
      await client.query('UPDATE lianban_decisions SET standing = $1 WHERE id = $2', [standing, id])
    },
    stop: async () => {
      await server.stop()
    },
  }
}

const noPostgres = postgresPrograms() === null && 'PostgreSQL is not installed'
if (noPostgres === false) registerContract('PostgreSQL', postgresWorld)
else test('PostgreSQL keeps the contract of connectors', { skip: noPostgres }, () => undefined)

test(
  'PostgreSQL: an account that can write is told, and cannot',
  { skip: noPostgres },
  async () => {
    const superuser = { host: '127.0.0.1', database: 'postgres', user: 'postgres' }
    const server = await startPostgres(async (port) => {
      const client = new Client({ ...superuser, port })
      await client.connect()
      await client.end()
    })
    const register = openPostgresRegister({ ...superuser, port: server.port })
    const { canWrite, grants } = await register.rights()
    assert.equal(canWrite, true)
    assert.ok(grants.includes('superuser'))
    await register.close()
    await server.stop()
  },
)

async function mariadbWorld(): Promise<RegisterWorld> {
  const owner = (port: number) =>
    createConnection({ host: '127.0.0.1', port, user: 'root', multipleStatements: true })
  const server = await startMariadb(async (port) => {
    await (await owner(port)).end()
  })
  const client = await owner(server.port)
  client.on('error', () => undefined)
  const names = columns.map((name) => `\`${name}\``)
  await client.query('CREATE DATABASE town CHARACTER SET utf8mb4; USE town')
  await client.query(tableOf(names, '`'))
  for (const row of households) {
    const values = row.map((value) => (typeof value === 'bigint' ? value.toString() : value))
    await client.query('INSERT INTO `住户` VALUES (?, ?, ?, ?, ?)', values)
  }
  await client.query("CREATE USER reader@'%'; GRANT SELECT ON town.`住户` TO reader@'%'")
  await client.query("CREATE USER giver@'%'; GRANT CREATE, SELECT, INSERT ON town.* TO giver@'%'")
  await client.query("GRANT UPDATE ON town.* TO giver@'%'")
  const address = { host: '127.0.0.1', port: server.port, database: 'town' }
  return {
    register: () => openMysqlRegister({ ...address, user: 'reader' }),
    sink: () => openMysqlSink({ ...address, user: 'giver' }),
    settle: async (id, standing) => {
      await client.query('UPDATE lianban_decisions SET standing = ? WHERE id = ?', [standing, id])
    },
    stop: async () => {
      client.destroy()
      await server.stop()
    },
  }
}

const noMariadb = !hasMariadb() && 'MariaDB is not installed'
if (noMariadb === false) registerContract('MariaDB', mariadbWorld)
else test('MariaDB keeps the contract of connectors', { skip: noMariadb }, () => undefined)

async function httpWorld(): Promise<RegisterWorld> {
  const decisions = new Map<string, { text: string; standing: string }>()
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { status, answer } = answerOf(decisions, request, body)
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(answer === undefined ? '' : JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const url = `http://127.0.0.1:${address.port}/register`
  return {
    register: () => openHttpRegister({ url, token: 'secret' }),
    sink: () => openHttpSink({ url, token: 'secret' }),
    settle: async (id, standing) => {
      const stands = decisions.get(id)
      if (stands !== undefined) stands.standing = standing
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  return text === '' ? null : JSON.parse(text)
}

type Served = { readonly status: number; readonly answer?: unknown }

// A service of a department: one table, two rows a page, decisions by id.
function answerOf(
  decisions: Map<string, { text: string; standing: string }>,
  request: IncomingMessage,
  body: unknown,
): Served {
  if (request.headers.authorization !== 'Bearer secret') return { status: 401 }
  const [, , verb, id = ''] = (request.url ?? '').split('/')
  if (verb === 'decisions') return decided(decisions, decodeURIComponent(id), body)
  if (verb === 'tables') return { status: 200, answer: { tables: ['住户'] } }
  const asked = body as { table: string; where?: { [name: string]: unknown }; after?: string }
  if (asked.table !== '住户') return { status: 404 }
  if (verb === 'describe') {
    const described = columns.map((name, at) => ({ name, type: types[at] }))
    return { status: 200, answer: { columns: described, rows: households.length } }
  }
  const rows = households
    .map((row) => Object.fromEntries(columns.map((name, at) => [name, plain(row[at])])))
    .filter((row) =>
      Object.entries(asked.where ?? {}).every(([name, value]) => row[name] === value),
    )
  const from = Number(asked.after ?? '0')
  const next = from + 1 < rows.length ? { next: String(from + 1) } : {}
  return { status: 200, answer: { rows: rows.slice(from, from + 1), ...next } }
}

function plain(value: string | number | bigint | null | undefined): string | number | null {
  return typeof value === 'bigint' ? value.toString() : (value ?? null)
}

function decided(
  decisions: Map<string, { text: string; standing: string }>,
  id: string,
  body: unknown,
): Served {
  const stands = decisions.get(id)
  if (body === null) {
    return stands === undefined
      ? { status: 404 }
      : { status: 200, answer: { standing: stands.standing } }
  }
  const text = JSON.stringify(body as Decision)
  if (stands !== undefined) return { status: stands.text === text ? 204 : 409 }
  decisions.set(id, { text, standing: 'requested' })
  return { status: 201 }
}

registerContract('HTTP', httpWorld)

test('HTTP: an address is https, or of this machine, and holds no secret', () => {
  const bad = ['http://register.example/', 'https://a:b@register.example/', 'ftp://x/', 'x']
  for (const url of bad) {
    assert.throws(() => openHttpRegister({ url }), {
      code: 'registers/bad-address',
    })
  }
})

test('HTTP: a row under another key than was asked for is no answer', async (t) => {
  const server = createServer((request, response) => {
    response.writeHead(200)
    const described = { columns: [{ name: 'code', type: 'text' }], rows: 1 }
    const found = { rows: [{ code: 'another' }] }
    response.end(JSON.stringify(request.url === '/describe' ? described : found))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const register = openHttpRegister({ url: `http://127.0.0.1:${address.port}/` })
  const asked = { table: 't', columns: ['code'], limit: 1 }
  const other = register.find({ ...asked, where: { code: 'mine' } })
  await assert.rejects(other, { code: 'registers/bad-answer' })
  assert.equal((await register.find({ ...asked, where: { code: 'another' } })).length, 1)
})

test('HTTP: an answer without end, or that is no JSON, is refused', async () => {
  const server = createServer((request, response) => {
    response.writeHead(200)
    if (request.url === '/text/describe') response.end('{"columns": [')
    else response.end(Buffer.alloc(5 * 1024 * 1024, 32))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  for (const path of ['text', 'long']) {
    const register = openHttpRegister({ url: `http://127.0.0.1:${address.port}/${path}` })
    await assert.rejects(register.describe('x'), { code: 'registers/bad-answer' })
  }
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

test('an address names a system and holds no password', async () => {
  const refused = [
    'postgres://clerk:secret@127.0.0.1/town',
    'postgres://127.0.0.1/town',
    'postgres://clerk@db.city.example/town',
    'mysql://clerk@10.0.0.7/town',
    'mysql://clerk@127.0.0.1',
    'oracle://clerk@127.0.0.1/town',
    'town.db',
  ]
  for (const address of refused) {
    assert.throws(() => openRegister(address), { code: 'registers/bad-address' })
  }
  assert.equal(systemKindOf('MariaDB://clerk@127.0.0.1/town'), 'mysql')
  assert.equal(systemKindOf('/tmp/town.db'), null)
  await openRegister('mysql://clerk@127.0.0.1:1/town').close()
})
