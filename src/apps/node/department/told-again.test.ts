// A task for a member that the ledger does not name: nobody but the one who told it knows of it.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { openCityWorld } from '#test/city-world'
import { Transfer, inSystem } from '#test/transfer-world'

const directory = mkdtempSync(join(tmpdir(), 'lianban-told-'))
after(() => rmSync(directory, { recursive: true, force: true }))

test('a task that was taken is on disk by then, and lies on the desk of the next life', async () => {
  const first = await openCityWorld({ directory })
  const { elderly } = first.city.population.roles
  const bank = elderly.home.bank ?? ''
  const register = "UPDATE czrk_person SET local_hukou = '1' WHERE id_no = ?"
  inSystem(first.city, 'police', register, elderly.buyer.code)
  const transfer = new Transfer(first.city, elderly)
  await transfer.begin()
  await transfer.checkBank()
  await transfer.signAll()
  const lines = transfer.lines()
  assert.ok(lines.some((line) => line.startsWith(`${bank} task`)))
  // What a kill would leave now: nothing was ended in an orderly way.
  const { place } = first.city.member(bank).layout
  const database = new DatabaseSync(place, { readOnly: true })
  const row = database.prepare('SELECT stand FROM cases WHERE id = ?').get(transfer.id)
  database.close()
  assert.equal(row?.['stand'], 'waiting')
  const begins = first.clock.wallMs() + 60_000
  await first.close()

  const second = await openCityWorld({ directory, begins })
  await second.city.settle()
  const again = new Transfer(second.city, elderly)
  again.id = transfer.id
  assert.deepEqual(again.lines(), lines)
  assert.equal(await again.release(), true)
  assert.ok(!again.lines().some((line) => line.startsWith(bank)))
  await second.close()
})
