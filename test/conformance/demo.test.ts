// The ledger's demonstration tells a true story: what it says is computed while it runs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lianbanJson } from '#test/lianban'

test('the demo of the ledger raises a grade by a follower and finds the rewritten history twice', () => {
  const { exit, value } = lianbanJson(['demo', 'ledger'])
  assert.equal(exit, 0)
  assert.deepEqual([value['alone'], value['validated']], ['witnessed(0)', 'validated(1)'])
  assert.equal(value['found'], 2)
  assert.ok(Number(value['seconds']) < 30)
})
