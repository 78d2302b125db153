// A sealed field over real nodes: its owner answers yes or no, and what it was computed from is
// found nowhere outside of the owner's own directory.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { onlyInside } from '#test/only-inside'
import { Transfer, inSystem } from '#test/transfer-world'

/**
 * What stands beside the years of tax in the tax office's own row; no practice value is like it.
 */
const planted = 'RAW-9F2C-41years-of-salary-at-17-employers'

describe('a sealed field', () => {
  let world: CityWorld
  let transfer: Transfer
  const said: string[] = []
  before(async () => {
    const log = (note: object): void => void said.push(JSON.stringify(note))
    world = await openCityWorld({ sales: 1, log })
    const [sale] = world.city.population.plain
    assert.ok(sale)
    inSystem(world.city, 'tax', 'ALTER TABLE sw_pit ADD COLUMN detail TEXT')
    const plant = 'UPDATE sw_pit SET years = 41, detail = ? WHERE id_no = ?'
    inSystem(world.city, 'tax', plant, planted, sale.buyer.code)
    transfer = await new Transfer(world.city, sale).begin()
    await transfer.signAll()
    await transfer.pay('R4')
    assert.deepEqual(await transfer.register(), { done: true })
    await Promise.all([...world.city.members.values()].map(({ gateway }) => gateway.flush()))
  })
  after(async () => world.close())

  test('R4: whoever reads it is shown yes or no, and no other field of the record', () => {
    const held = (code: string) =>
      world.city.member(code).vault.find({ case: transfer.id, name: 'taxYears' })
    const own = held('tax').find(({ kind }) => kind === 'own')
    const leaves = (own?.leaves ?? []).map(({ path, value }) => [path, value])
    assert.deepEqual(leaves, [
      ['$', 'found'],
      ['years', 41],
      ['five', true],
    ])
    const copies = [...world.city.members.keys()].flatMap((code) =>
      code === 'tax' ? [] : held(code).map((copy) => [code, copy] as const),
    )
    assert.deepEqual(
      copies.map(([code]) => code),
      ['housing'],
    )
    for (const [, copy] of copies) {
      const shown = copy.leaves.map(({ path, value }) => [path, value])
      assert.deepEqual(shown, [
        ['$', 'found'],
        ['five', true],
      ])
      assert.equal(copy.salt, undefined, 'who is shown a field cannot make the commitment again')
    }
  })

  test('R4: a planted raw value is in no byte outside of its owner’s directory', () => {
    onlyInside(world, 'tax', { row: planted, values: [], id: transfer.id, said })
  })
})
