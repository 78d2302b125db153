// Claims about grouping (L13): how commands are cut into blocks decides the log's root and the
// chained digest, which are functions of the recorded blocks, and nothing else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Command } from '#ledger/command'
import { command, memoryLedger, startTime } from '#test/memory-ledger'

const time = startTime + 1000

/** Commands that read what earlier ones wrote, remove it, and are refused. */
const commands: readonly Command[] = Array.from({ length: 24 }, (_, index) => {
  const key = `k${index % 4}`
  if (index % 7 === 5) return command('notes.drop', { key })
  return command('notes.set', { key, value: index % 5 === 3 ? -1 : index })
})

type Run = { readonly outcomes: string; readonly state: string; readonly digest: string }

/** Applies the commands in blocks of these sizes, whatever remains in a last one. */
function run(sizes: readonly number[]): Run {
  const ledger = memoryLedger()
  const outcomes: unknown[] = []
  let from = 0
  for (const size of [...sizes, commands.length]) {
    if (from >= commands.length) break
    const { intents } = ledger.block(commands.slice(from, from + size), time)
    outcomes.push(...intents.map(({ id, code, at, outcome }) => [id, code, at, outcome]))
    from += size
  }
  const content = [...ledger.records].filter(([key]) => !key.startsWith('ledger/'))
  return {
    outcomes: JSON.stringify(outcomes),
    state: JSON.stringify(content.sort(([a], [b]) => (a < b ? -1 : 1))),
    digest: Buffer.from(ledger.machine.head().stateDigest).toString('hex'),
  }
}

test('outcomes and the content of the state do not depend on grouping', () => {
  const whole = run([])
  const group = fc.integer({ min: 1, max: 8 })
  fc.assert(
    fc.property(fc.array(group, { maxLength: 24 }), (sizes) => {
      const grouped = run(sizes)
      assert.equal(grouped.outcomes, whole.outcomes)
      assert.equal(grouped.state, whole.state)
    }),
    { numRuns: 40 },
  )
})

test('the chained digest does depend on grouping, so blocks are recorded', () => {
  const digests = [run([]), run([12]), run(commands.map(() => 1))].map(({ digest }) => digest)
  assert.equal(new Set(digests).size, 3)
})
