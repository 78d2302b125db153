// A title is annulled at a real node: officers approve it, and what certifies it stands no more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { certificateOf, lastStatus } from '#domains/certificates'
import { certificatesOf } from '#apps/node/certificates'
import { openCityWorld } from '#test/city-world'
import { Transfer } from '#test/transfer-world'

test('an annulled title is certified no more, and officers have approved it', async () => {
  const world = await openCityWorld({ sales: 1, officers: true })
  try {
    const [sale] = world.city.population.plain
    assert.ok(sale)
    const transfer = await new Transfer(world.city, sale).begin()
    await transfer.signAll()
    await transfer.pay('A1')
    await transfer.register()
    const { port, vault } = world.city.member('planning')
    const status = (): readonly string[] =>
      certificatesOf(vault, { case: transfer.id, item: 'newTitle' }).map(({ handle }) =>
        lastStatus(certificateOf(port.view(), handle)),
      )
    assert.deepEqual(status(), ['valid'])
    const said = { case: transfer.id, item: 'newTitle', law: 'reg22', note: 'A'.repeat(43) }
    const alone = await port.submit('case.annul', said)
    assert.ok('refused' in alone && alone.refused.code === 'processes/officers-required')
    const annul = { case: transfer.id, item: 'newTitle', law: 'reg22', words: '登记错误' }
    assert.ok('entry' in (await transfer.desk('planning').annul(annul)))
    await world.city.settle()
    assert.deepEqual(status(), ['held'])
    assert.equal(transfer.facts().delivered, false)
    // The own system has the buyer as owner by now: a person of the registry puts that right first.
    assert.deepEqual(transfer.lines(), ['planning ambiguous title judge/not-bound'])
  } finally {
    await world.close()
  }
})
