// A pledge that was false, at real nodes: it stands in for a register that is down, and when that
// is back, what rested on the pledge counts no longer and a person decides.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Rows } from '#apps/node/mapping'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { Transfer, inSystem } from '#test/transfer-world'

describe('a false pledge', () => {
  let world: CityWorld
  before(async () => {
    world = await openCityWorld({ sales: 1 })
  })
  after(async () => world.close())

  test('R18: is found out by the register, and undoes what rested on it', async () => {
    const { city } = world
    const [sale] = city.population.plain
    assert.ok(sale)
    const { buyer } = sale
    // With one home already, only somebody who is married may buy another.
    const home =
      "INSERT INTO bdc_holder VALUES ('practice-1', '110105001001GB00001F00019999', 1, ?, ?, '1')"
    inSystem(city, 'planning', home, buyer.code, buyer.name)
    inSystem(city, 'civil', "UPDATE hy_status SET status = '10' WHERE id_no = ?", buyer.code)
    const registers = city.member('civil').department.dept.registers as { main: Rows }
    const { main } = registers
    registers.main = {
      find: async () => {
        throw Object.assign(new Error('down'), { code: 'registers/unavailable' })
      },
    }
    const transfer = await new Transfer(city, sale).begin()
    const value = { married: true }
    const pledge = { case: transfer.id, item: 'marriage', value, answer: 'pledged' } as const
    assert.ok('entry' in (await transfer.desk('planning').say(pledge)))
    await city.settle()
    await transfer.signAll()
    assert.deepEqual(transfer.open(), ['pay'])
    registers.main = main
    world.clock.advance(2_500)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await city.settle()
    assert.equal(transfer.item('marriage')?.sure, 'register')
    // The contract rested on it; nothing is signed or paid before somebody has decided.
    assert.deepEqual(transfer.open(), ['checkBuyer'])
    assert.deepEqual(transfer.lines(), ['housing not-automatic checkBuyer'])
    const no = { case: transfer.id, act: 'checkBuyer', no: 'not-eligible' }
    assert.deepEqual(await transfer.desk('housing').decide(no), { done: true })
    await city.settle()
    assert.equal(transfer.facts().refusedBy, 'checkBuyer')
    // The counter has the letter with the reason, the law and the appeal to hand to her.
    assert.deepEqual(transfer.lines(), ['planning letter checkBuyer'])
  })
})
