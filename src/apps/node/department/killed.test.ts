// A city that is killed between doing something and writing down where it stands, and that is
// opened again: what had to be done is done, once.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, test } from 'node:test'
import { cityMorning, openCityWorld } from '#test/city-world'
import { costly } from '#test/costly'
import { Transfer } from '#test/transfer-world'

const killed = new URL('../../../../test/support/killed-city.ts', import.meta.url).pathname
const directory = mkdtempSync(join(tmpdir(), 'lianban-killed-'))
after(() => rmSync(directory, { recursive: true, force: true }))

describe('R69: a city that is killed goes on where it stood', { skip: costly(25) }, () => {
  for (const times of [1, 3, 6]) {
    test(`after ${times} of its places: nothing is lost, and nothing twice`, async () => {
      const home = join(directory, `${times}`)
      const ran = spawnSync(process.execPath, [killed, home, `${times}`], { timeout: 120_000 })
      assert.equal(ran.signal, 'SIGKILL', String(ran.stderr))
      const begins = cityMorning + 3_600_000
      const world = await openCityWorld({ directory: home, begins })
      try {
        const { city } = world
        const [sale, other] = city.population.plain
        assert.ok(sale && other)
        const database = new DatabaseSync(city.member('planning').layout.place)
        const row = database.prepare('SELECT next FROM place').get()
        database.close()
        assert.ok(Number(row?.['next']) > 0, 'the life that was killed had written its place')
        await city.settle()
        const transfer = new Transfer(city, sale)
        transfer.id = String(ran.stdout)
        await catchUp(transfer)
        const twin = new Transfer(city, other)
        await twin.file()
        await catchUp(twin)
        for (const each of [transfer, twin]) await toItsEnd(each)
        assert.equal(transfer.facts().delivered, true)
        assert.deepEqual(transfer.entries().toSorted(), twin.entries().toSorted())
        assert.deepEqual(transfer.lines(), twin.lines())
        assert.deepEqual(world.notes, [])
      } finally {
        await world.close()
      }
    })
  }
})

/** People do what they have not done: they come back when nothing happened. */
async function catchUp(transfer: Transfer): Promise<void> {
  const { sale } = transfer
  if (!transfer.facts().slots['buyer']?.filed) await transfer.join('buyer', sale.buyer)
  for (const [item, value] of [
    ['offer', { fen: sale.fen, way: sale.way }],
    ['plan', { fundLoan: false }],
  ] as const) {
    if (transfer.item(item) === undefined) await transfer.say(item, value)
  }
  await transfer.city.settle()
}

async function toItsEnd(transfer: Transfer): Promise<void> {
  await transfer.signAll()
  await transfer.pay(`T${transfer.id.slice(0, 4)}`)
  await transfer.register()
  await transfer.move()
}
