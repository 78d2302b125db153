// A verifier accepts no wrong proof (P11): a few thousand mutants of every kind here, and 100,000
// of each with LIANBAN_MUTANTS=100000 or in `npm run faults -- --scale issue`.
import assert from 'node:assert/strict'
import process from 'node:process'
import { test } from 'node:test'
import { kinds, run } from './faults/mutate-proofs.ts'

const count = Number(process.env['LIANBAN_MUTANTS'] ?? 700)

for (const kind of kinds) {
  test(`no mutant of a valid ${kind} is believed as much as the original`, () => {
    const { tried, accepted, kinds: byKind } = run({ count, seed: 20_261_120, only: [kind] })
    assert.equal(tried, count)
    assert.equal(accepted, 0, byKind[kind].example ?? '')
  })
}
