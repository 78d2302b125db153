// What is half done: a load that ended before its state counted, one beside another, and a source
// whose partner is not there or waits itself. None of it makes a row of a state that nobody took.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { firms as made, loadingCity as city } from '#test/loading-world'
import type { TestCity } from '#test/loading-world'
import { isHeld, LoadRunning, NoPartner, OtherSteward, recoverLoads } from './index.ts'

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

/** A city in whose tables the next state stands, and in whose book it does not. */
async function cutOff(lines: readonly string[] = next): Promise<TestCity> {
  const world = city()
  await world.load([[firms, old]])
  const inBook = (text: string): void => {
    const book = new DatabaseSync(join(world.directory, 'loaded.db'))
    book.exec(text)
    book.close()
  }
  inBook("CREATE TRIGGER cut BEFORE INSERT ON loads BEGIN SELECT RAISE(ABORT, 'cut off'); END")
  await assert.rejects(world.load([[firms, lines]], { second: 'b' }), /cut off/)
  inBook('DROP TRIGGER cut')
  return world
}

const system = ({ directory }: TestCity): string => join(directory, 'market.db')

test('what a load changed that was cut off is put back before anything else is loaded', async () => {
  const world = await cutOff()
  assert.deepEqual(namesIn(world), ['乙公司', '甲新公司'], 'as the load left it')
  const [back] = await world.load([[firms, old]], { most: 0 })
  assert.equal(back?.state, 'unchanged')
  assert.deepEqual(namesIn(world), ['乙公司', '甲公司'])
  const more = [...old, '丙公司,11110000000021063W,']
  await world.load([[firms, more]])
  assert.deepEqual(namesIn(world), ['乙公司', '丙公司', '甲公司'])
})

test('a system that a load may have changed is held until the load counts or is put back', async () => {
  const world = await cutOff(['丁公司,11110000000021063W,'])
  assert.ok(isHeld(system(world)))
  recoverLoads(world.directory, () => system(world))
  assert.ok(!isHeld(system(world)))
  assert.deepEqual(namesIn(world), ['乙公司', '甲公司'])
  recoverLoads(world.directory, () => system(world))
  assert.deepEqual(namesIn(world), ['乙公司', '甲公司'])
})

test('a system stays held while another process loads, and is put back afterwards', async () => {
  const world = await cutOff()
  const other = new DatabaseSync(join(world.directory, 'loaded.db'))
  other.exec('BEGIN EXCLUSIVE')
  recoverLoads(world.directory, () => system(world))
  assert.ok(isHeld(system(world)))
  other.close()
  recoverLoads(world.directory, () => system(world))
  assert.deepEqual(namesIn(world), ['乙公司', '甲公司'])
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

test('of two loads at the same time one is refused, and the other one is whole', async () => {
  const world = city()
  await world.load([[firms, old]])
  const loads = [next, old.slice(1)].map((lines) => world.load([[firms, lines]], { second: 'b' }))
  const [first, second] = await Promise.allSettled(loads)
  assert.deepEqual([first?.status, second?.status], ['fulfilled', 'rejected'])
  assert.ok(second?.status === 'rejected' && second.reason instanceof LoadRunning)
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
