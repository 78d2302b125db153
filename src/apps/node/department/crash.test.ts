// A department that dies after one, two or three effects, and is opened again: each step is there
// once, in its vault, on the ledger and in its own system.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { Mortal } from '#test/mortal'
import { PlaceBook } from '#apps/node/place'
import { assisted, Transfer } from '#test/transfer-world'

describe('a department that dies again and again', () => {
  let world: CityWorld
  let place: PlaceBook
  before(async () => {
    world = await openCityWorld({ sales: 2 })
    place = new PlaceBook(join(world.directory, 'place.db'))
  })
  after(async () => {
    await world.close()
    place.close()
  })

  test('R69: files, reads, signs, decides and hands in each thing once', async () => {
    const { city } = world
    const [sale] = city.population.plain
    assert.ok(sale)
    // One goes on from its place, the other reads from the beginning each time.
    const registry = new Mortal(city, 'planning', place)
    const tax = new Mortal(city, 'tax')
    await registry.begin()
    await tax.begin()
    const transfer = new Transfer(city, sale)
    const desk = () => transfer.desk('planning')
    const settle = async (): Promise<void> => {
      await registry.settle()
      await tax.settle()
      await registry.settle()
    }
    const blueprint = city.applications.find((each) => each.blueprint.id === 'bj.home.transfer')
    const identified = transfer.window()
    const id = Buffer.alloc(16, 7).toString('base64url')
    const filing = {
      id,
      blueprint: blueprint?.identity ?? '',
      party: 'seller',
      person: transfer.seller,
      objects: { home: { unit: sale.home.unit } },
      identified,
    }
    const filed = await registry.through(() => desk().file(filing))
    assert.ok('case' in filed, JSON.stringify(filed))
    transfer.id = filed.case
    const { code, name } = sale.buyer
    const person = { code, name }
    const joining = { case: transfer.id, party: 'buyer', person, identified, id }
    assert.ok('entry' in (await registry.through(() => desk().join(joining))))
    const said = [
      ['offer', { fen: sale.fen, way: 'none' }],
      ['plan', { fundLoan: false }],
    ] as const
    for (const [item, value] of said) {
      const done = await registry.through(() => desk().say({ case: transfer.id, item, value }))
      assert.ok('entry' in done, JSON.stringify(done))
    }
    await settle()
    const value = transfer.contract()
    const sign = { case: transfer.id, act: 'sign', value, means: assisted }
    const buyer = { party: 'buyer', ...person }
    await registry.through(() => desk().sign({ ...sign, signer: buyer }))
    const seller = { party: 'seller', ...transfer.seller }
    await registry.through(() => desk().sign({ ...sign, signer: seller }))
    await settle()
    assert.deepEqual(transfer.open(), ['pay'])
    const paying = { case: transfer.id, act: 'pay', signer: buyer, means: assisted }
    const fen = 3_870_000
    await tax.through(() => transfer.desk('tax').sign({ ...paying, value: { no: 'T1', fen } }))
    await settle()
    assert.deepEqual(transfer.open(), ['register'])
    const deciding = { case: transfer.id, act: 'register', value: transfer.title() }
    await registry.through(() => desk().decide(deciding))
    await settle()
    assert.deepEqual([transfer.facts().delivered, transfer.facts().concluded], [true, true])
    assert.ok(registry.lives > 30 && tax.lives > 8, `${registry.lives} and ${tax.lives} lives`)
    assert.ok(registry.places > 20, `${registry.places} places`)

    const entries = transfer.entries()
    assert.deepEqual(
      entries.filter((entry) => !entry.endsWith(' ok')),
      [],
    )
    // As many as without a single death, but for the three utilities that have not acted yet.
    assert.equal(entries.length, 24)
    for (const [member, table] of [
      ['planning', 'bdc_register_in'],
      ['tax', 'sw_receipt_in'],
    ] as const) {
      const database = new DatabaseSync(city.member(member).layout.source, { readOnly: true })
      const rows = database
        .prepare('SELECT standing FROM lianban_decisions WHERE target = ?')
        .all(table)
      database.close()
      assert.deepEqual(
        rows.map((row) => ({ ...row })),
        [{ standing: 'confirmed' }],
        member,
      )
    }
  })
})

test('a city that is opened again finds its desks, and says nothing twice', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lianban-again-'))
  try {
    const first = await openCityWorld({ sales: 1, directory })
    const [sale] = first.city.population.plain
    assert.ok(sale)
    const transfer = await new Transfer(first.city, sale).begin()
    const { id } = transfer
    await transfer.sign('buyer', sale.buyer)
    const [lines, entries] = [transfer.lines(), transfer.entries()]
    const begins = first.clock.wallMs() + 60_000
    await first.close()
    const second = await openCityWorld({ directory, begins })
    await second.city.settle()
    const again = new Transfer(second.city, sale)
    again.id = id
    assert.deepEqual([again.lines(), again.entries()], [lines, entries])
    // The signature that was given before counts.
    assert.deepEqual(await again.sign('seller', again.seller), { done: true })
    await second.city.settle()
    assert.deepEqual(again.open(), ['pay'])
    await second.close()
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
