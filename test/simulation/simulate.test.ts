// The simulation at a small size: every acknowledged command survives every crash, history stays
// one for everybody, and what rots is never taken for truth. The full size is `npm run faults`; a
// failing seed is printed and repeats alone.
import assert from 'node:assert/strict'
import test from 'node:test'
import { rewrite, rot, simulate } from './lives.ts'

const seeds = Number(process.env['SIMULATE_SEEDS'] ?? '40')
const few = Math.ceil(seeds / 8)

async function each(count: number, kind: string, run: (seed: number) => Promise<void>) {
  for (let seed = 1; seed <= count; seed += 1) {
    try {
      await run(seed)
    } catch (error) {
      const line = `npm run simulate -- --kind ${kind} --seed ${seed}`
      throw new Error(`repeat with: ${line}`, { cause: error })
    }
  }
}

test(`no acknowledged command is lost over ${seeds} seeds of crashes and kills`, async () => {
  await each(seeds, 'crashes', async (seed) => void (await simulate({ seed })))
})

test(`nothing that rotted is returned as truth over ${few} seeds`, async () => {
  await each(few, 'rot', async (seed) => void (await rot({ seed })))
})

test(`a history rewritten under the log’s own key is found over ${few} seeds`, async () => {
  await each(few, 'rewrites', async (seed) => {
    assert.notEqual(await rewrite({ seed }), 'nothing')
  })
})
