// A decision waits for the department's own system, at real nodes: while that is busy nothing
// stands on the ledger, what it rejects comes back to the post, and what it confirms is said once.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { Transfer, inSystem } from '#test/transfer-world'

describe('a department’s own system', () => {
  let world: CityWorld
  let transfer: Transfer
  before(async () => {
    world = await openCityWorld({ sales: 1 })
    const [sale] = world.city.population.plain
    assert.ok(sale)
    transfer = await new Transfer(world.city, sale).begin()
    await transfer.signAll()
    await transfer.pay('R69')
    // It takes what is handed in and answers when its own people have looked.
    inSystem(world.city, 'planning', 'DROP TRIGGER "take_bdc_register_in"')
  })
  after(async () => world.close())

  /** What was handed in, oldest first. */
  function handedIn(): readonly { readonly standing: string; readonly decision: string }[] {
    const database = new DatabaseSync(world.city.member('planning').layout.source)
    const rows = database.prepare('SELECT standing, decision FROM lianban_decisions').all()
    database.close()
    return rows as { standing: string; decision: string }[]
  }

  const answer = (standing: 'confirmed' | 'rejected'): void => {
    const put = "UPDATE lianban_decisions SET standing = ? WHERE standing = 'requested'"
    inSystem(world.city, 'planning', put, standing)
  }

  async function later(): Promise<void> {
    world.clock.advance(2_500)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await world.city.settle()
  }

  const acts = (): readonly string[] =>
    transfer.entries().filter((entry) => entry === 'case.act planning ok')

  test('R69: is asked before the ledger is told, and has the last word', async () => {
    const before_ = acts().length
    const given = (): number => acts().length - before_
    const standings = (): readonly string[] => handedIn().map(({ standing }) => standing)
    assert.deepEqual(await transfer.register(), { waits: 'node/under-way' })
    await later()
    assert.deepEqual([standings(), given()], [['requested'], 0])
    answer('rejected')
    await later()
    assert.deepEqual(transfer.lines(), ['planning rejected register'])
    assert.equal(transfer.item('newTitle'), undefined)
    // The same again is what was rejected; what the registrar decides anew is asked anew.
    assert.deepEqual(await transfer.register(), { refused: [{ code: 'node/rejected' }] })
    const certNo = '练(2026)练习区不动产权第7654321号'
    const value = { ...(transfer.title() as object), certNo }
    const desk = transfer.desk('planning')
    const decided = await desk.decide({ case: transfer.id, act: 'register', value })
    assert.deepEqual(decided, { waits: 'node/under-way' })
    assert.deepEqual([standings(), given()], [['rejected', 'requested'], 0])
    answer('confirmed')
    await later()
    assert.deepEqual([standings(), given()], [['rejected', 'confirmed'], 1])
    assert.equal(transfer.facts().delivered, true)
    // What the post has said once was written by nobody a second time.
    assert.ok(handedIn()[1]?.decision.includes(certNo))
  })
})
