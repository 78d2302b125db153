// Tables read for their fingerprints: whether here or in a thread apart, the same is found, and the
// private book holds no value and tells nobody what it knows.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { openSqliteRegister } from '#adapters/registers'
import { RefreshBook } from './book.ts'
import type { Print } from './comparing.ts'
import { compareStates } from './comparing.ts'
import type { Holding } from './holdings.ts'
import { holdingsOf } from './holdings.ts'
import type { Read } from './reading.ts'
import { openReading } from './reading.ts'

const folder = fs.mkdtempSync(path.join(tmpdir(), 'lianban-refresh-'))
after(() => {
  fs.rmSync(folder, { recursive: true })
})

const rows = Number(process.env['LIANBAN_ROWS'] ?? 21_000)
const holding: Holding = {
  item: 'table.t',
  register: 'main',
  table: 't',
  columns: ['code', 'days', 'name'],
  key: ['code'],
  types: [],
}

function filled(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (code TEXT, name TEXT, days INTEGER)')
  database.exec('BEGIN')
  const put = database.prepare('INSERT INTO t VALUES (?, ?, ?)')
  for (let n = 0; n < rows; n += 1) put.run(`91${n}`, `练习企业${n}`, n % 1_000)
  database.exec('COMMIT')
  return database
}

async function readAs(
  of: { readonly file: string; readonly name: string; readonly apart: boolean },
  table: Holding,
): Promise<Read> {
  const bookPath = path.join(folder, `${of.name}.db`)
  const register = openSqliteRegister(of.file)
  const book = new RefreshBook(bookPath)
  const into = { book, resource: 'r', secret: 's'.repeat(43), bookPath }
  const file = of.apart ? of.file : null
  const reading = await openReading(register, table, { ...into, file })
  await reading.keep(reading.read)
  await reading.close()
  book.close()
  await register.close()
  return reading.read
}

test('a large table is read apart, and the same is found and kept as here', async () => {
  const file = path.join(folder, 'register.db')
  const database = filled(file)
  const of = { file, apart: true, name: 'apart' }
  const first = await readAs(of, holding)
  assert.deepEqual(first.differences, { added: rows, changed: 0, vanished: 0 })
  assert.deepEqual(await readAs({ file, apart: false, name: 'here' }, holding), first)
  database.exec("UPDATE t SET days = 5000 WHERE days = 7; DELETE FROM t WHERE code = '9100'")
  database.exec("DELETE FROM t WHERE code IN ('911', '912'); INSERT INTO t VALUES ('a', 'b', 1)")
  const changed = Math.ceil((rows - 7) / 1_000)
  const next = await readAs(of, holding)
  assert.deepEqual(next.differences, { added: 1, changed, vanished: 2 })
  assert.notEqual(next.digest, first.digest)
  const again = await readAs(of, holding)
  assert.deepEqual(again.differences, { added: 0, changed: 0, vanished: 0 })
  assert.equal(again.digest, next.digest)
  const gone = await readAs({ file, apart: true, name: 'other' }, { ...holding, table: 'gone' })
  assert.deepEqual([gone.rows, gone.fields], [0, []])
  database.close()
  const kept = fs.readFileSync(path.join(folder, 'apart.db'))
  for (const value of ['9142', '练习企业42']) assert.equal(kept.includes(value), false, value)
  assert.equal(fs.statSync(path.join(folder, 'apart.db')).mode & 0o077, 0)
})

test('rows are counted by key, however many stand under one', async () => {
  const state = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2', '3')), {
    maxLength: 12,
  })
  await fc.assert(
    fc.asyncProperty(state, state, async (before, now) => {
      const moved: string[] = []
      const found = await compareStates(prints(before), prints(now), {
        moved: ({ key, print }) => moved.push(`${key}${print}`),
        isOwn: (key) => key === 'c',
        pause: async () => undefined,
      })
      const counted = { added: 0, changed: 0, vanished: 0 }
      for (const key of ['a', 'b']) {
        const [was, is] = [before, now].map((rows) => rows.filter(([of]) => of === key)) as [
          [string, string][],
          [string, string][],
        ]
        const left = was.map(([, print]) => print)
        const rest = is.filter(([, print]) => {
          const at = left.indexOf(print)
          if (at >= 0) left.splice(at, 1)
          return at < 0
        }).length
        counted.changed += Math.min(rest, left.length)
        counted.added += Math.max(0, rest - left.length)
        counted.vanished += Math.max(0, left.length - rest)
      }
      assert.deepEqual(found, counted)
      assert.equal(new Set(moved).size, moved.length)
    }),
  )
})

function prints(state: readonly (readonly [string, string])[]): Iterator<Print> {
  const counts = new Map<string, number>()
  for (const [key, print] of state) {
    counts.set(`${key}${print}`, (counts.get(`${key}${print}`) ?? 0) + 1)
  }
  const ordered = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return ordered.map(([at, n]) => ({ key: at.slice(0, 1), print: at.slice(1), n })).values()
}

test('a department holds the columns that its mapping reads, and no other', () => {
  const held = holdingsOf({
    format: 'lianban/mapping/1',
    items: {
      'real-estate-title@2': {
        table: 'bdc_title',
        where: { unit: { key: 'unit' }, state: { constant: '1' } },
        agree: { kind: { constant: '1' } },
        former: { kind: { column: 'kind_before' } },
        fields: {
          certNo: { column: 'title_no' },
          owners: {
            table: 'bdc_holder',
            take: 'all',
            order: 'ord',
            where: { title: { column: 'id' } },
            fields: { name: { column: 'name' }, is: { constant: 1 } },
          },
        },
      },
      'bj.home.transfer/holdings': {
        fields: {
          count: { table: 'bdc_holder', take: 'count', where: { code: { key: 'code' } } },
          flag: { constant: true },
        },
      },
      'other@1': { register: '二', table: '表 1', where: {}, fields: { a: { column: 'a' } } },
    },
  })
  const register = 'main'
  assert.deepEqual(held.slice(0, 2), [
    {
      item: 'table.bdc-title',
      register,
      table: 'bdc_title',
      columns: ['id', 'kind', 'kind_before', 'state', 'title_no', 'unit'],
      key: ['unit'],
      types: ['real-estate-title@2'],
    },
    {
      item: 'table.bdc-holder',
      register,
      table: 'bdc_holder',
      columns: ['code', 'name', 'ord', 'title'],
      key: ['title'],
      types: ['real-estate-title@2'],
    },
  ])
  assert.match(held[2]?.item ?? '', /^table\.[A-Za-z0-9.-]{20,}$/)
  assert.deepEqual([held[2]?.key, held[2]?.columns], [[], ['a']])
})
