// Home transfers over real nodes: the practice city's ledger, vaults, gateways and own systems,
// with nothing stated and nothing played.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { Transfer, inSystem } from '#test/transfer-world'

describe('a home transfer over real nodes', () => {
  let world: CityWorld
  before(async () => {
    world = await openCityWorld({ sales: 3 })
  })
  after(async () => world.close())

  const plain = (at: number): Transfer => {
    const sale = world.city.population.plain[at]
    assert.ok(sale)
    return new Transfer(world.city, sale)
  }

  test('R9: is done by all eleven sectors, each by its own node', async () => {
    const transfer = await plain(0).begin()
    assert.deepEqual(transfer.lines(), ['planning to-be-signed sign'])
    await transfer.signAll()
    assert.equal(await transfer.pay('T1'), 3_870_000)
    assert.deepEqual(await transfer.register(), { done: true })
    await transfer.move()
    assert.deepEqual([transfer.open(), transfer.facts().concluded], [[], true])
    const members = new Set(transfer.entries().map((entry) => entry.split(' ')[1]))
    const sectors = world.city.pack.members.flatMap(({ code, sector }) =>
      sector === undefined ? [] : [code],
    )
    assert.equal(sectors.length, 11)
    // A licence is asked for when there is a mortgage; the supervisor's node says that there is
    // none.
    assert.deepEqual(
      sectors.filter((code) => !members.has(code)),
      [],
    )
    assert.ok(transfer.entries().every((entry) => entry.endsWith(' ok')))
    // What the ledger shows of a case of this shape is the same for everybody.
    assert.equal(transfer.entries().length, 27)
  })

  test('R15: a second case about a home is told that it is claimed, until it is free', async () => {
    const first = await plain(1).begin()
    const second = await plain(1).begin({ buyer: world.city.population.second })
    assert.deepEqual([second.open(), second.lines()], [[], ['planning claimed home']])
    assert.ok(second.entries().includes('claim.deny planning ok'))
    const signed = await second.sign('buyer', world.city.population.second)
    assert.deepEqual(signed, { refused: [{ code: 'node/act-not-open' }] })
    const withdrawn = await first
      .desk('planning')
      .withdraw({ case: first.id, party: 'seller', approval: 'I do not sell' })
    assert.ok('entry' in withdrawn)
    await world.city.settle()
    assert.deepEqual([first.facts().state, second.open()], ['withdrawn', ['sign']])
    assert.deepEqual(second.lines(), ['planning to-be-signed sign'])
    await second.desk('planning').withdraw({ case: second.id, party: 'buyer', approval: 'no' })
  })

  test('R16: a seal at the last moment stops the title, and what was paid goes back', async () => {
    const transfer = await plain(2).begin()
    await transfer.signAll()
    await transfer.pay('T2')
    const seal = "UPDATE bdc_title SET sealed = '1' WHERE unit_code = ?"
    inSystem(world.city, 'planning', seal, transfer.sale.home.unit)
    // The registrar decides before anybody told the node of the seal.
    const decided = await transfer.register()
    assert.deepEqual(decided, { refused: [{ code: 'node/changed' }] })
    assert.equal(transfer.item('newTitle'), undefined)
    assert.deepEqual(await transfer.register(), {
      refused: [{ code: 'judge/guarded', at: 'title.seal' }],
    })
    const desk = transfer.desk('planning')
    const no = { case: transfer.id, act: 'register', no: 'restricted' }
    assert.deepEqual(await desk.decide(no), { done: true })
    await world.city.settle()
    assert.deepEqual([transfer.facts().state, transfer.facts().refusedBy], ['ended', 'register'])
    // The tax office's robot pays back what the refused case had settled.
    assert.deepEqual(transfer.open(), [])
    assert.equal(transfer.entries().at(-1), 'case.act tax ok')
  })

  test('R17: an owner who was identified nowhere does not sign', async () => {
    const transfer = new Transfer(world.city, world.city.population.roles.coOwners)
    await transfer.file()
    await transfer.join('buyer', transfer.sale.buyer)
    await transfer.say('offer', { fen: transfer.sale.fen, way: transfer.sale.way })
    await transfer.say('plan', { fundLoan: false })
    await world.city.settle()
    const [, second] = transfer.owners()
    assert.ok(second)
    const refused = { refused: [{ code: 'judge/not-bound', at: 'seller' }] }
    assert.deepEqual(await transfer.sign('seller', second), refused)
    await transfer.join('seller', second)
    await world.city.settle()
    assert.deepEqual(await transfer.sign('seller', second), { waits: true })
  })

  test('R16: a seal that is told gives every open case a new generation at once', async () => {
    const transfer = await plain(1).begin()
    const gen = transfer.item('title')?.gen ?? 0
    const seal = "UPDATE bdc_title SET sealed = '1' WHERE unit_code = ?"
    inSystem(world.city, 'planning', seal, transfer.sale.home.unit)
    await world.city.member('planning').department.changed()
    await world.city.settle()
    assert.equal(transfer.item('title')?.gen, gen + 1)
  })
})
