// The simulation at a small size: every acknowledged command survives every crash, and history
// stays one. The full size is `npm run faults`; a failing seed is printed and repeats alone.
import test from 'node:test'
import { simulate } from './world.ts'

const seeds = Number(process.env['SIMULATE_SEEDS'] ?? '60')

test(`no acknowledged command is lost over ${seeds} seeds of crashes`, async () => {
  for (let seed = 1; seed <= seeds; seed += 1) {
    try {
      await simulate({ seed })
    } catch (error) {
      throw new Error(`repeat with: npm run simulate -- --seed ${seed}`, { cause: error })
    }
  }
})
