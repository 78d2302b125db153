// Supplies over real nodes: what is given, allocated, moved and received of each lot stands in
// public, never grows on the way, and names no person. The ledger itself refuses what breaks that.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { caseOf, itemOf } from '#domains/processes'
import type { Decided, Deciding } from '#apps/node/desk'
import { openDesk } from '#apps/node/desk'
import type { Json } from '#base/canonical'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'

describe('supplies', () => {
  let world: CityWorld
  let id = ''
  before(async () => {
    world = await openCityWorld()
  })
  after(async () => world.close())

  async function decide(member: string, deciding: Omit<Deciding, 'case'>): Promise<Decided> {
    const desk = openDesk(world.city.member(member).department)
    const decided = await desk.decide({ case: id, ...deciding })
    await world.city.settle()
    return decided
  }

  const done = async (member: string, deciding: Omit<Deciding, 'case'>): Promise<void> =>
    assert.deepEqual(await decide(member, deciding), { done: true }, deciding.act)

  const broken = async (member: string, deciding: Omit<Deciding, 'case'>): Promise<void> => {
    const no = { refused: [{ code: 'processes/hold-broken' }] }
    assert.deepEqual(await decide(member, deciding), no, deciding.act)
  }

  /** What everybody sees of an item. */
  const shown = (item: string): readonly Json[] => {
    const values = itemOf(world.city.member('review').port.view(), id, item)?.public ?? []
    return values.flat() as Json[]
  }

  const sumOf = (item: string, lot: string): number => {
    const rows = shown(item) as readonly { lot?: string; id?: string; qty?: number }[]
    const own = rows.filter((row) => (row.lot ?? row.id) === lot)
    return own.reduce((sum, { qty = 0 }) => sum + qty, 0)
  }

  test('R53: of each lot no more is allocated, moved or received than there was', async () => {
    const { donor, lots } = world.city.population
    const [good, bad] = lots
    assert.ok(good && bad)
    const app = world.city.applications.find(({ blueprint }) => blueprint.id.endsWith('supplies'))
    const depot = openDesk(world.city.member('redcross').department)
    const filed = await depot.file({
      blueprint: app?.identity ?? '',
      party: 'donor',
      person: { code: donor.code, name: donor.name },
      objects: { goods: { waybill: 'practice-waybill-1' } },
      identified: { method: 'idp' },
    })
    assert.ok('case' in filed, JSON.stringify(filed))
    id = filed.case
    assert.ok('entry' in (await depot.say({ case: id, item: 'lots', value: lots as Json })))
    await world.city.settle()
    for (const [element, { id: lot, qty }] of lots.entries()) {
      await done('redcross', { act: 'store', element, value: { lot, qty } })
    }
    await done('market', { act: 'inspect', element: 0, value: { lot: good.id, ok: true } })
    await done('market', { act: 'inspect', element: 1, no: 'below-standard' })

    const order = (lot: string, qty: number) => ({ lot, qty, to: 'hospital', carrier: 'carrier' })
    const half = Math.floor(good.qty / 2)
    await broken('health', { act: 'allocate', value: [order(good.id, good.qty + 1)] })
    const twice = [order(good.id, good.qty), order(good.id, 1)]
    await broken('health', { act: 'allocate', value: twice })
    await broken('health', { act: 'allocate', value: [order(bad.id, 1)] })
    await done('health', { act: 'allocate', value: [order(good.id, half)] })

    const moved = (qty: number) => ({ act: 'carry', element: 0, value: { lot: good.id, qty } })
    await broken('carrier', moved(half + 1))
    await done('carrier', moved(half - 1))
    const value = (qty: number, damaged: number) => ({ lot: good.id, qty, damaged })
    await broken('hospital', { act: 'receive', element: 0, value: value(half, 0) })
    await done('hospital', { act: 'receive', element: 0, value: value(half - 3, 2) })

    const sums = ['lots', 'orders', 'moves', 'receipts'].map((item) => sumOf(item, good.id))
    assert.deepEqual(sums, [good.qty, half, half - 1, half - 3])
    assert.equal(sumOf('orders', bad.id), 0)
    assert.equal(caseOf(world.city.member('review').port.view(), id)?.concluded, true)
  })

  test('R53: what everybody may see has no person in it', () => {
    const { donor } = world.city.population
    const items = ['lots', 'stored', 'passes', 'orders', 'moves', 'receipts']
    const page = JSON.stringify(items.map(shown))
    const whose = [donor.code, donor.name, donor.representative.code, donor.representative.name]
    for (const each of whose) assert.ok(!page.includes(each))
    assert.ok(page.includes('hospital'))
  })
})
