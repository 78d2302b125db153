// Patience with a silent member ends, and what comes late is not asked for twice.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patiently } from './patience.ts'

test('a member that is silent is waited for so long, and asked once', async () => {
  const calls: (() => void)[] = []
  const clock = { after: (_ms: number, call: () => void) => (calls.push(call), () => undefined) }
  let asked = 0
  let answer: (said: { readonly records: object }) => void = () => undefined
  const ways = patiently(
    {
      ask: () => {
        asked += 1
        return new Promise((resolve) => (answer = resolve))
      },
      tell: async () => ({ taken: true }),
    },
    clock,
  )
  const wanted = { permit: 1, owner: 'gas', names: ['title'] }
  const first = ways.ask(wanted)
  calls.shift()?.()
  assert.deepEqual(await first, { declined: 'node/peer-silent' })
  const second = ways.ask(wanted)
  answer({ records: {} })
  assert.deepEqual([await second, asked], [{ records: {} }, 1])
  assert.deepEqual(await ways.tell('gas', 'tasks', {}), { taken: true })
})
