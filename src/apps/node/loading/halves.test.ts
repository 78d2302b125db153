// What is half done: a load that ended before its state counted, one beside another, and a source
// whose partner is not there or waits itself. None of it makes a row of a state that nobody took.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { firms as made, loadingCity as city } from '#test/loading-world'
import type { TestCity } from '#test/loading-world'
import { LoadRunning, NoPartner, OtherSteward } from './index.ts'

const [table] = made.tables
const { make: _, ...unmade } = made
const firms = { ...unmade, tables: [{ ...table, columns: { uscc: 'uscc', name: 'name' } }] }
const old = ['甲公司,11110000000021135M,', '乙公司,11110000000021039C,']
const next = ['甲新公司,11110000000021135M,', '乙公司,11110000000021039C,']

const seals = {
  ...firms,
  name: 'seals',
  file: 'seals.csv',
  tables: [
    {
      member: 'market',
      table: 'seal',
      identify: ['uscc'],
      columns: { uscc: 'uscc', name: 'name' },
    },
  ],
  join: { load: 'firms', field: 'uscc', with: 'uscc', unmatched: 'refuse' },
}

function namesIn({ rows }: TestCity, of?: string): readonly unknown[] {
  return rows(of).map(({ name }) => name)
}

/** A city whose tables have the next state while its book has the old one and what was intended. */
async function cutOff(): Promise<TestCity> {
  const world = city()
  await world.load([[firms, old]])
  const book = new DatabaseSync(join(world.directory, 'loaded.db'))
  book.exec("ATTACH ':memory:' AS was; CREATE TABLE was.entered AS SELECT * FROM entered")
  book.exec('CREATE TABLE was.loads AS SELECT * FROM loads')
  await world.load([[firms, next]])
  book.exec(`INSERT INTO pending SELECT source, written FROM main.entered
      WHERE print NOT IN (SELECT print FROM was.entered);
    DELETE FROM main.entered; INSERT INTO main.entered SELECT * FROM was.entered;
    DELETE FROM main.loads; INSERT INTO main.loads SELECT * FROM was.loads`)
  book.close()
  return world
}

test('the state that counts is put back after a load that was cut off, without a second person', async () => {
  const world = await cutOff()
  assert.deepEqual(namesIn(world), ['乙公司', '甲新公司'], 'as the load left it')
  const [back] = await world.load([[firms, old]], { most: 0 })
  assert.equal(back?.state, 'loaded')
  assert.deepEqual(namesIn(world), ['乙公司', '甲公司'])
  const [again] = await world.load([[firms, old]])
  assert.equal(again?.state, 'unchanged')
})

test('no row is missing after a load that was cut off, whatever is loaded next', async () => {
  const world = await cutOff()
  const more = [...old, '丙公司,11110000000021063W,']
  await world.load([[firms, more]])
  assert.deepEqual(namesIn(world), ['乙公司', '丙公司', '甲公司'])
})

test('what another source has written since stays when a load that was cut off is taken back', async () => {
  const world = await cutOff()
  const book = new DatabaseSync(join(world.directory, 'loaded.db'))
  const [place] = book.prepare('SELECT written FROM pending').all()
  const text = String(place?.['written'])
  book.prepare("INSERT INTO entered VALUES ('others', 'k', 'p', '{}', ?)").run(text)
  book.close()
  await world.load([[firms, old]])
  assert.deepEqual(namesIn(world), ['乙公司', '甲公司', '甲新公司'])
})

test('a load beside another one of the same city is refused', async () => {
  const world = city()
  await world.load([[firms, old]])
  const other = new DatabaseSync(join(world.directory, 'loaded.db'))
  other.exec('BEGIN EXCLUSIVE')
  await assert.rejects(world.load([[firms, next]]), LoadRunning)
  other.close()
  await world.load([[firms, next]])
  assert.deepEqual(namesIn(world), ['乙公司', '甲新公司'])
})

test('a source is not judged against a partner that is not there', async () => {
  const world = city()
  await world.load([
    [firms, old],
    [seals, old],
  ])
  await assert.rejects(world.load([[seals, old]]), NoPartner)
  assert.equal(namesIn(world, 'seal').length, 2)
})

test('a source stays with the department that answers for it', async () => {
  const world = city()
  await world.load([[firms, old]])
  await assert.rejects(world.load([[{ ...firms, steward: 'gas' }, next]]), OtherSteward)
  assert.deepEqual(namesIn(world), ['乙公司', '甲公司'])
})

test('a source waits while the state of its partner waits for a second person', async () => {
  const world = city()
  const both = (lines: readonly string[]) =>
    [
      [firms, lines],
      [seals, old],
    ] as const
  await world.load(both(old))
  const waiting = await world.load(both(old.slice(1)), { most: 10 })
  assert.deepEqual(
    waiting.map(({ state, code }) => [state, code]),
    [
      ['waits', 'node/load-second-person'],
      ['waits', 'node/load-partner-waits'],
    ],
  )
  assert.equal(namesIn(world, 'seal').length, 2)
})
