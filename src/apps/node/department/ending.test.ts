// A department that ends while it still reads a long ledger.
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import type { DepartmentOptions } from './index.ts'
import { openDepartment } from './index.ts'

test('after its end a department asks the ledger nothing more', async () => {
  const asked: number[] = []
  const port = {
    member: 'tax',
    head: () => ({ height: 10, size: 10_000, time: 0 }),
    entry: (index: number) => {
      asked.push(index)
      return { keys: [] }
    },
    subscribe: () => () => undefined,
  }
  const options = {
    port,
    vault: { find: () => [], select: () => [] },
    gateway: () => ({}),
    settings: { watchMs: 0 },
    clock: { after: () => () => undefined },
    report: () => undefined,
  }
  const department = openDepartment(options as unknown as DepartmentOptions)
  department.start()
  const before = asked.length
  assert.ok(before > 0 && before < 10_000, 'it reads in turns')
  await department.close()
  for (let left = 5; left > 0; left -= 1) await turn()
  assert.equal(asked.length, before)
})
