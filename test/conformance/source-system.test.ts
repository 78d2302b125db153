// `lianban source try` on a real PostgreSQL server: a table is tried like a file, bad cells have
// addresses, the reading account is warned about when it could write, and a password comes apart.
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Client } from 'pg'
import { postgresPrograms, startPostgres } from '#test/database-servers'
import { lianban, lianbanJson } from '#test/lianban'

const skip = postgresPrograms() === null && 'PostgreSQL is not installed'

test('a table of a server is tried like a file', { skip }, async (t) => {
  const owner = { host: '127.0.0.1', database: 'postgres', user: 'postgres' }
  const server = await startPostgres(async (port) => {
    const client = new Client({ ...owner, port })
    await client.connect()
    await client.end()
  })
  t.after(() => server.stop())
  const client = new Client({ ...owner, port: server.port })
  await client.connect()
  await client.query(`
    CREATE TABLE firms (uscc text, name text, registered date);
    INSERT INTO firms VALUES ('11110000000021135M', '甲公司', '2026-01-02'),
      ('11110000000021135N', '乙公司 ', '2026-02-28'), ('9111****3240', '丙公司', NULL);
    CREATE ROLE reader LOGIN PASSWORD 'word'; GRANT SELECT ON firms TO reader`)
  await client.end()
  const address = (user: string): string => `postgres://${user}@127.0.0.1:${server.port}/postgres`

  const trial = lianbanJson(['source', 'try', address('reader')])
  assert.equal(trial.exit, 0)
  const { form, rows, bad, key } = trial.value as {
    form: { type: string; sheet: string }
    rows: number
    key: { column: string } | null
    bad: { total: number; mendable: number; first: { at: string; code: string }[] }
  }
  assert.deepEqual([form.type, form.sheet, rows, key?.column], ['postgres', 'firms', 3, 'A'])
  const found = bad.first.map(({ at, code }) => `${at} ${code}`).toSorted()
  assert.deepEqual(found, ['A2 sources/wrong-check', 'A3 sources/masked'])
  assert.deepEqual([bad.total, bad.mendable], [3, 1])

  const warned = lianban(['source', 'try', address('postgres')])
  assert.equal(warned.exit, 0)
  assert.match(warned.err, /can write \(superuser/)
  const none = lianban(['source', 'try', address('reader'), '--sheet', 'homes'])
  assert.equal(none.exit, 1)
  assert.match(none.err, /firms/)

  const folder = mkdtempSync(join(tmpdir(), 'lianban-secret-'))
  t.after(() => {
    rmSync(folder, { recursive: true })
  })
  const secret = join(folder, 'secret')
  writeFileSync(secret, 'word\n', { mode: 0o600 })
  const given = { LIANBAN_SOURCE_SECRET_FILE: secret }
  assert.equal(lianban(['source', 'try', address('reader')], { env: given }).exit, 0)
  chmodSync(secret, 0o644)
  assert.notEqual(lianban(['source', 'try', address('reader')], { env: given }).exit, 0)
})
