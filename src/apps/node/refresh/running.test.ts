// A department that looks at its own sources by itself: what it hands in is no news to it, what
// other processes of its owner wish for is done at the next look, and what waits waits on after a
// restart.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { catalogueItemOf, driftOf } from '#domains/sharing'
import type { SourceState } from '#apps/node/attesting'
import type { CityMember } from '#apps/node/city'
import type { Loaded } from '#apps/node/attesting'
import type { CityWorld } from '#test/city-world'
import { cityMorning, openCityWorld } from '#test/city-world'
import { Transfer, inSystem } from '#test/transfer-world'
import { resourceIdOf, wish } from './index.ts'

const everyMs = 20
const titles = 'table.bdc-title'

describe('a department that looks by itself', () => {
  let world: CityWorld
  before(async () => {
    world = await openCityWorld({ officers: true, sales: 2, refreshMs: everyMs })
    await stateOf(titles, 'green')
  })
  after(async () => world.close())

  const planning = (): CityMember => world.city.member('planning')
  const waits = { ms: 20_000, keeps: false }

  /** The state of a source, when the department has seen it by itself. */
  async function stateOf(item: string, state: SourceState['state']): Promise<SourceState> {
    for (const until = Date.now() + 20_000; Date.now() < until;) {
      const found = planning()
        .refresh.states()
        .find((each) => each.item === item)
      if (found?.state === state) return found
      await new Promise((resolve) => setTimeout(resolve, everyMs))
    }
    throw new Error(`${item} is not ${state}: ${JSON.stringify(planning().refresh.states())}`)
  }

  test('a title that it has handed in is no change that anybody has to look at', async () => {
    const [sale] = world.city.population.plain
    assert.ok(sale)
    const transfer = await new Transfer(world.city, sale).begin()
    await transfer.signAll()
    await transfer.pay('T1')
    await transfer.register()
    await transfer.move()
    assert.deepEqual(transfer.open(), [])
    const [after] = await planning().refresh.scan({ atOnce: true })
    assert.ok(after)
    const { state, added, changed, vanished } = after
    assert.deepEqual([state, added, changed, vanished], ['green', 0, 0, 0])
    assert.equal(driftOf(planning().port.view(), after.resource)?.rows, after.rows)
  })

  test('another process has a change announced, and a load attested, at the next look', async () => {
    const path = planning().layout.sources
    const until = world.clock.wallMs() + 86_400_000
    const announced = { kind: 'announce', item: 'bdc_holder', until, reason: '换系统' } as const
    const outcome = await wish(path, announced, waits)
    assert.ok(outcome?.spoken && 'entry' in outcome.spoken, JSON.stringify(outcome))
    const { resource = '' } = outcome.states.find(({ table }) => table === 'bdc_holder') ?? {}
    assert.equal(driftOf(planning().port.view(), resource)?.announced, until)
    const told = await wish(path, { kind: 'loaded', loaded: loadedList() }, waits)
    assert.ok(told?.spoken && 'entry' in told.spoken, JSON.stringify(told))
    assert.equal(told.spoken.state, 'green')
    const item = catalogueItemOf(planning().port.view(), 'planning', 'loaded.list')
    assert.deepEqual(item?.types, ['real-estate-title@2'])
    await assert.rejects(async () => wish(`${path}/none`, { kind: 'scan' }, waits))
  })

  test('what a load has compared and written is taken, however much it is', async () => {
    const item = 'table.bdc-encumbrance'
    const before = await stateOf(item, 'green')
    inSystem(
      world.city,
      'planning',
      `INSERT INTO bdc_encumbrance SELECT unit_code || 'x', 'N', NULL, NULL FROM bdc_encumbrance`,
    )
    const path = planning().layout.sources
    await wish(path, { kind: 'vouch', tables: ['bdc_encumbrance'] }, waits)
    const { rows, entry, resource } = await stateOf(item, 'green')
    assert.deepEqual([rows, entry === before.entry], [2 * before.rows, false])
    assert.equal(driftOf(planning().port.view(), resource)?.changed, before.rows)
  })

  function loadedList(): Loaded {
    const { port } = planning()
    const id = 'loaded.list'
    return {
      duty: { text: '登记', organisation: '规划', approval: '练习' },
      item: { id, title: '名单', class: 'unconditional', law: '练习', update: '1y' },
      resource: {
        id: resourceIdOf(port.ledger, 'planning', id),
        title: 'a list',
        kind: 'file',
        system: 'a load',
        schema: 'A'.repeat(43),
        fields: [{ name: 'unit', is: 'text' }],
      },
      rows: 10,
      changed: 10,
      asOf: world.clock.wallMs(),
      look: null,
      tables: ['bdc_title'],
    }
  }

  test('what waits is found by itself, and waits on after a restart until it is undone', async () => {
    inSystem(world.city, 'planning', "UPDATE bdc_title SET location = location || '，改'")
    const found = await stateOf(titles, 'waits')
    assert.equal(found.changed, found.rows)
    const { directory } = world
    await world.city.stop()
    world = await openCityWorld({ directory, officers: true, begins: cityMorning + 3_600_000 })
    const system = planning().department.dept.registers['main']
    const question = { table: 'bdc_title', where: { state: '1' }, columns: ['unit_code'], limit: 1 }
    await assert.rejects(async () => system?.find(question), { code: 'node/source-held' })
    const rows = await system?.find({ ...question, table: 'bdc_holder' })
    assert.equal(rows?.length, 1)
    inSystem(
      world.city,
      'planning',
      "UPDATE bdc_title SET location = replace(location, '，改', '')",
    )
    const [back] = await planning().refresh.scan()
    assert.equal(back?.state, 'green')
    assert.equal((await system?.find(question))?.length, 1)
  })

  test('what changed while the department was away answers nothing when it comes back', async () => {
    const { directory } = world
    const { source } = planning().layout
    await world.city.stop()
    const own = new DatabaseSync(source)
    own.exec("UPDATE bdc_title SET location = location || '，夜'")
    own.close()
    world = await openCityWorld({ directory, officers: true, begins: cityMorning + 7_200_000 })
    const system = planning().department.dept.registers['main']
    const question = { table: 'bdc_title', where: { state: '1' }, columns: ['unit_code'], limit: 1 }
    await assert.rejects(async () => system?.find(question), { code: 'node/source-held' })
  })

  after(() => {
    rmSync(world.directory, { recursive: true, force: true })
  })
})
