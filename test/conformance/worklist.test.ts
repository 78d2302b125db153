// A worklist from the terminal: written in GB 18030 out of a city's directory, filled in as a
// spreadsheet would, and handed back.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gbDecode, gbEncode } from '#adapters/sources'
import { openCityWorld } from '#test/city-world'
import { costly } from '#test/costly'
import { lianbanJson } from '#test/lianban'
import { Transfer } from '#test/transfer-world'

test('work goes out as a file and comes back as decisions', { skip: costly(6) }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'lianban-worklist-'))
  t.after(() => {
    rmSync(directory, { recursive: true })
  })
  const world = await openCityWorld({ sales: 1, directory, begins: Date.now() })
  const sale = world.city.population.plain[0]
  assert.ok(sale)
  const transfer = await new Transfer(world.city, sale).begin()
  await transfer.signAll()
  await transfer.pay('W1')
  await transfer.register()
  await world.close()

  const act = ['gas', 'bj.home.transfer/moveGas']
  const where = ['--directory', directory]
  const out = join(directory, 'gas.csv')
  const written = lianbanJson(['city', 'worklist', ...act, out, ...where])
  assert.deepEqual([written.exit, (written.value as { lines: number }).lines], [0, 1])
  const text = gbDecode(readFileSync(out))
  assert.ok(typeof text === 'string')
  assert.match(text, /答复（办理、不办：arrears）/)

  const [header = '', row = ''] = text.split('\r\n')
  const answered = (answer: string, no: string): string => {
    const cells = row.split(',')
    const place = (title: string): number =>
      header.split(',').findIndex((each) => each.startsWith(title))
    cells[place('答复')] = answer
    cells[place('填写 newGas.no')] = no
    const path = join(directory, 'back.csv')
    writeFileSync(path, gbEncode(`${header}\r\n${cells.join(',')}\r\n`) as Uint8Array)
    return path
  }
  const good = lianbanJson(['city', 'answers', ...act, answered('办理', '燃气-1'), ...where])
  assert.equal(good.exit, 0, JSON.stringify(good.value))
  const { decided } = good.value as { decided: readonly { became: string }[] }
  assert.deepEqual(decided, [{ at: 'A2', became: 'done' }])
})
