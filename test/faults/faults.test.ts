// Every claim about faults at a small size; the sizes that are promised are run by
// `npm run faults -- --scale issue`.
import assert from 'node:assert/strict'
import test from 'node:test'
import { misfits } from './bugs.ts'
import { claims } from './claims.ts'

for (const claim of claims) {
  test(claim.says, async (t) => {
    const { holds, figure, unable } = await claim.run({ scale: 'test', seed: 20_261_120 })
    if (unable) return t.skip(figure)
    assert.ok(holds, figure)
  })
}

test('every planted bug still fits the source that it breaks', () => {
  assert.deepEqual(misfits(), [])
})
