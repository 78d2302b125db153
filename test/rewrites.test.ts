// History that its operator rewrites with every key it has is found. The same rewrites run at full
// number by `npm run faults`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from './faults/rewrites.ts'

test('twenty random rewrites are found, each by a saved checkpoint or by a follower', async () => {
  const { tried, missed, byCheckpoint, byFollower } = await run({ count: 20, seed: 1 })
  assert.deepEqual({ tried, missed }, { tried: 20, missed: [] })
  // Both ways see something, or one of them would be no test.
  assert.ok(byCheckpoint > 0 && byFollower > 0)
})
