// The digest of the state binds all that came before, and each block's writes in their order.
import assert from 'node:assert/strict'
import test from 'node:test'
import { nextDigest } from '#ledger/apply'

const zero = new Uint8Array(32)

test('the digest binds what came before', () => {
  const a = nextDigest(nextDigest(zero, ['[["x/a",1]]']), ['[]'])
  const b = nextDigest(nextDigest(zero, ['[["x/a",2]]']), ['[]'])
  assert.notDeepEqual(a, b)
})

test('the digest binds the order and the borders of writes', () => {
  const one = nextDigest(zero, ['[["x/a",1]]', '[["x/b",1]]'])
  assert.notDeepEqual(one, nextDigest(zero, ['[["x/b",1]]', '[["x/a",1]]']))
  assert.notDeepEqual(one, nextDigest(zero, ['[["x/a",1]]\n[["x/b",1]]', '']))
})
