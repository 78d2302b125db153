// A member's system while a load may have left a half in it: it does not answer, asks for that to
// be put back, and answers again when it is.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { openSystem } from './index.ts'

const folder = fs.mkdtempSync(join(tmpdir(), 'lianban-system-'))
after(() => fs.rmSync(folder, { recursive: true }))

test('a system that a load holds answers nothing until what was cut off is put back', async () => {
  const path = join(folder, 'market.db')
  const database = new DatabaseSync(path)
  database.exec("CREATE TABLE firm (name TEXT); INSERT INTO firm VALUES ('甲')")
  database.close()
  let [asked, isOver] = [0, false]
  const recover = (): void => {
    asked += 1
    if (isOver) fs.rmSync(`${path}.loading`, { force: true })
  }
  const system = openSystem(path, 'market', { population: () => assert.fail(), recover })
  const register = system.registers['main']
  assert.ok(register !== undefined)
  const question = { table: 'firm', where: { name: '甲' }, columns: ['name'], limit: 1 }
  const rows = [{ name: '甲' }]
  assert.deepEqual([await register.find(question), asked], [rows, 0])
  fs.writeFileSync(`${path}.loading`, '')
  const held = { code: 'registers/unavailable' }
  await assert.rejects(register.find(question), held)
  await assert.rejects(register.describe('firm'), held)
  await assert.rejects(register.tables(), held)
  await assert.rejects(
    register.scan('firm', () => undefined),
    held,
  )
  isOver = true
  assert.deepEqual(await register.find(question), rows)
  assert.equal(asked, 5)
  await system.close()
})
