// A source that is down, at real nodes: the ledger is told once, what stands in for it opens, and
// when the source is back it answers by itself and has the last word.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Rows } from '#apps/node/mapping'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { Transfer, inSystem } from '#test/transfer-world'

describe('a register that does not answer', () => {
  let world: CityWorld
  before(async () => {
    world = await openCityWorld({ sales: 3 })
  })
  after(async () => world.close())

  /** Takes a member's register away; the result brings it back. */
  function fail(member: string): () => void {
    const registers = world.city.member(member).department.dept.registers as { main: Rows }
    const { main } = registers
    registers.main = {
      find: async () => {
        throw Object.assign(new Error('down'), { code: 'registers/unavailable' })
      },
    }
    return () => void (registers.main = main)
  }

  /** Lets the clock pass a retry, and the city come to rest. */
  async function later(): Promise<void> {
    world.clock.advance(2_500)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await world.city.settle()
  }

  test('R18: a pledge opens after the recorded failure, and never replaces an answer', async () => {
    const [sale] = world.city.population.plain
    assert.ok(sale)
    const back = fail('civil')
    const transfer = await new Transfer(world.city, sale).begin()
    const says = (answer: 'declared' | 'pledged') =>
      transfer
        .desk('planning')
        .say({ case: transfer.id, item: 'marriage', value: { married: true }, answer })
    assert.deepEqual(transfer.lines(), [])
    assert.deepEqual(
      transfer.entries().filter((entry) => entry.startsWith('case.supply civil')),
      ['case.supply civil ok'],
    )
    assert.deepEqual(await says('declared'), { refused: [{ code: 'processes/not-the-source' }] })
    assert.ok('entry' in (await says('pledged')))
    await world.city.settle()
    assert.equal(transfer.item('marriage')?.sure, 'pledged')
    assert.deepEqual(transfer.lines(), ['planning to-be-signed sign'])
    await later()
    // It is still down: it was said once, and nothing is said again.
    assert.equal(transfer.entries().filter((entry) => entry.includes('civil')).length, 1)
    back()
    await later()
    assert.equal(transfer.item('marriage')?.sure, 'register')
    assert.deepEqual(await says('pledged'), { refused: [{ code: 'processes/answered' }] })
  })

  test('a person looks where a register has two rows, and the case goes on', async () => {
    const [, sale] = world.city.population.plain
    assert.ok(sale)
    const twice = 'INSERT INTO hy_status SELECT * FROM hy_status WHERE id_no = ?'
    inSystem(world.city, 'civil', twice, sale.buyer.code)
    const transfer = await new Transfer(world.city, sale).begin()
    assert.deepEqual(transfer.lines(), ['civil ambiguous marriage node/mapping-two-rows'])
    const answer = { case: transfer.id, item: 'marriage', state: 'found' } as const
    const value = { married: true }
    assert.ok('entry' in (await transfer.desk('civil').answer({ ...answer, value })))
    await world.city.settle()
    assert.deepEqual(transfer.lines(), ['planning to-be-signed sign'])
  })

  test('a member that is silent holds up nothing but what is hers', async () => {
    const police = world.city.member('police')
    const { gateway } = police
    await gateway.close()
    const [, , sale] = world.city.population.plain
    assert.ok(sale)
    const transfer = await new Transfer(world.city, sale).begin()
    // The police is not told of the filing and shows nothing; all others have answered.
    assert.deepEqual(transfer.owed(), ['hukou'])
    const supplied = transfer.entries().filter((entry) => entry.startsWith('case.supply'))
    const members = new Set(supplied.map((entry) => entry.split(' ')[1]))
    assert.deepEqual(members, new Set(['planning', 'tax', 'civil']))
    assert.ok(transfer.entries().includes('claim.grant planning ok'))
  })
})
