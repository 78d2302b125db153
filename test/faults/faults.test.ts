// Every claim about faults at a small size; the sizes that are promised are run by
// `npm run faults -- --scale issue`.
import assert from 'node:assert/strict'
import test from 'node:test'
import { claims } from './claims.ts'

for (const claim of claims) {
  test(claim.says, async () => {
    const { holds, figure } = await claim.run({ scale: 'test', seed: 20_261_120 })
    assert.ok(holds, figure)
  })
}
