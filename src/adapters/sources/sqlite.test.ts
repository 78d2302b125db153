// Tables of a database: read, never written, and every value as it stands.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { hostileDatabases } from '#test/hostile-databases'
import type { Row } from './cells.ts'
import { openDatabase } from './sqlite.ts'
import { kindOfFile } from './format.ts'
import { trySource } from './trial.ts'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lianban-databases-'))
after(() => {
  fs.rmSync(folder, { recursive: true })
})

const file = path.join(folder, 'list.csv')
const made = new DatabaseSync(file)
made.exec(`
  CREATE TABLE "a ""b" (id INTEGER, name TEXT, share REAL, photo BLOB);
  INSERT INTO "a ""b" VALUES (110105194912310021, '甲', 0.5, x'00'), (2, NULL, 1e16, NULL);
  CREATE TABLE other (code TEXT);
  CREATE VIEW seen AS SELECT * FROM other;
`)
made.close()
const digest = (): string => createHash('sha256').update(fs.readFileSync(file)).digest('hex')

test('a database is told by its content, and its tables by name; views are not offered', async () => {
  assert.equal(await kindOfFile(file), 'sqlite')
  const { form, header } = openDatabase(file, {})
  assert.deepEqual([form.sheets, form.sheet], [['a "b', 'other'], 'a "b'])
  assert.deepEqual(header?.names, ['id', 'name', 'share', 'photo'])
  assert.throws(() => openDatabase(file, { sheet: 'seen' }), { code: 'sources/no-such-sheet' })
})

test('whole numbers keep every digit, and what is no text is named', async () => {
  const rows: Row[] = []
  const source = openDatabase(file, {})
  await source.rows.scan((row) => void rows.push(row))
  assert.equal(rows[0]?.cells[0]?.text, '110105194912310021')
  const { bad } = await trySource(source)
  assert.deepEqual(
    bad.first.map(({ at, code }) => `${at} ${code}`),
    ['D1 sources/binary-cell', 'C2 sources/numeric-identifier'],
  )
})

test('reading leaves the file as it was', async () => {
  const before = digest()
  await trySource(openDatabase(file, {}))
  assert.equal(digest(), before)
  assert.deepEqual(fs.readdirSync(folder), ['list.csv'])
})

test('a table without rows, and a database without tables, are not taken for damaged ones', async () => {
  const trial = await trySource(openDatabase(file, { sheet: 'other' }))
  assert.deepEqual([trial.rows, trial.columns.length, trial.key], [0, 1, null])
  const none = path.join(folder, 'none')
  const empty = new DatabaseSync(none)
  empty.exec('PRAGMA user_version = 1')
  empty.close()
  assert.throws(() => openDatabase(none, {}), { code: 'sources/no-such-sheet' })
  fs.rmSync(none)
})

test('a damaged database is refused, not read in part', () => {
  const broken = path.join(folder, 'broken')
  fs.writeFileSync(broken, fs.readFileSync(file).subarray(0, 4096))
  assert.throws(
    () => {
      const source = openDatabase(broken, {})
      void source.rows.scan(() => {})
      return source
    },
    { code: 'sources/not-a-database' },
  )
  fs.rmSync(broken)
})

const hostile = hostileDatabases(folder)

/** What becomes of the hostile database that tries this. */
async function endOf(tries: string): Promise<string> {
  const found = hostile.find((each) => each.tries === tries)
  assert.ok(found, tries)
  const place = path.join(folder, 'hostile')
  fs.writeFileSync(place, found.make())
  try {
    const { bad, rows } = await trySource(openDatabase(place, {}))
    return [`${rows} rows`, ...Object.keys(bad.byCode)].join(' ')
  } catch (error) {
    return (error as { readonly code: string }).code
  } finally {
    fs.rmSync(place)
  }
}

const ends: readonly (readonly [tries: string, end: string])[] = [
  ['pages that lead on without end', 'sources/not-a-database'],
  ['pages that lead on to long rows', 'sources/not-a-database'],
  ['a view without end', 'sources/no-such-sheet'],
  ['a table that is written as a view', 'sources/not-a-database'],
  ['a column that searches without end', '1 rows sources/formula-cell'],
  ['a virtual table', '1 rows'],
  ['a trigger', '1 rows'],
]
for (const [tries, end] of ends) {
  test(`${tries}: ${end}`, async () => {
    assert.equal(await endOf(tries), end)
  })
}
