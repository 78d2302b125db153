// `lianban source try` on a running system, as a person and as a script meet it.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Client } from 'pg'
import { postgresPrograms, startPostgres } from '#test/database-servers'
import type { RunningServer } from '#test/database-servers'
import { lianban, lianbanJson } from '#test/lianban'

const absent = postgresPrograms() === null && 'PostgreSQL is not installed'

describe('a table of PostgreSQL', { skip: absent }, () => {
  let server: RunningServer
  const connect = async (port: number): Promise<Client> => {
    const client = new Client({ host: '127.0.0.1', port, database: 'postgres', user: 'postgres' })
    await client.connect()
    return client
  }
  const address = (user: string): string => `postgres://${user}@127.0.0.1:${server.port}/postgres`
  before(async () => {
    server = await startPostgres(async (port) => (await connect(port)).end())
    const owner = await connect(server.port)
    await owner.query(`CREATE TABLE "甲 list" (编号 TEXT, photo BYTEA, 金额 NUMERIC(8, 2));
      INSERT INTO "甲 list" VALUES ('01', 'x', 1.50), ('02', NULL, 2);
      CREATE ROLE reader LOGIN; GRANT SELECT ON "甲 list" TO reader`)
    await owner.end()
  })
  after(async () => server.stop())

  test('is tried like a file, and a column of bytes costs no other its value', () => {
    const { exit, value } = lianbanJson(['source', 'try', address('reader')])
    assert.equal(exit, 0)
    const { form, rows, columns, bad } = value as {
      form: { type: string; sheet: string }
      rows: number
      columns: { name: string; type: string }[]
      bad: { first: { at: string; code: string }[] }
    }
    assert.deepEqual([form.type, form.sheet, rows], ['postgres', '甲 list', 2])
    assert.deepEqual(
      columns.map(({ name, type }) => `${name} ${type}`),
      ['编号 code', 'photo text', '金额 decimal'],
    )
    assert.deepEqual(
      bad.first.map(({ at, code }) => `${at} ${code}`),
      ['B1 sources/binary-cell'],
    )
  })

  test('is warned about where the account could write, and not where it cannot', () => {
    const writer = lianban(['source', 'try', address('postgres')])
    assert.equal(writer.exit, 0)
    assert.match(writer.err, /This account can write \(superuser/)
    assert.match(writer.err, /请改用只读账户/)
    assert.doesNotMatch(lianban(['source', 'try', address('reader')]).err, /can write/)
  })

  test('that is not there, or not to be read, is told with the way out in both languages', () => {
    const missing = lianban(['source', 'try', address('reader'), '--sheet', 'other'])
    assert.match(missing.err, /sources\/no-such-sheet/)
    assert.match(missing.err, /甲 list/)
    const stranger = lianban(['source', 'try', address('nobody'), '--lang', 'zh'])
    assert.match(stranger.err, /registers\/refused/)
    assert.match(stranger.err, /系统拒绝该账户.*只读权限/s)
  })
})
