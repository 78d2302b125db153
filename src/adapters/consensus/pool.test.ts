// Claims about the verifier's threads: the same verdicts as in one thread whatever the batches, and
// an answer to everybody when the pool is closed.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Check } from '#adapters/consensus'
import { inlineVerifier, PoolVerifier } from '#adapters/consensus'
import { keyRecord, makeKey } from '#test/commands'

const keys = Array.from({ length: 5 }, (_, i) => makeKey(`pool ${i}`))
const pool = new PoolVerifier({ threads: 2 })
after(() => pool.close())

/** Checks of all lengths, of which every third does not hold. */
const checks: readonly Check[] = Array.from({ length: 700 }, (_, i) => {
  const key = keys[i % keys.length] as (typeof keys)[0]
  const message = `${i}`.padEnd(1 + ((i * 7919) % 4000), 'x')
  const signed = i % 3 === 0 ? `${message}y` : message
  return { key: keyRecord(key, 'tax'), message, signature: key.sign(signed), form: 'raw' }
})

function verdicts(verifier: Pick<PoolVerifier, 'check'>, list: readonly Check[]) {
  return Promise.all(
    list.map((check) => new Promise<boolean>((resolve) => verifier.check(check, resolve))),
  )
}

test('threads give the verdicts of one thread, in whatever batches', async () => {
  const expected = await verdicts(inlineVerifier(), checks)
  assert.deepEqual(await verdicts(pool, checks), expected)
  assert.equal(expected.filter((holds) => !holds).length, 234)
})

test('a message longer than a batch is answered all the same', async () => {
  const [key] = keys
  assert.ok(key !== undefined)
  const message = 'x'.repeat(300_000)
  const check = { key: keyRecord(key, 'tax'), message, signature: key.sign(message), form: 'raw' }
  assert.deepEqual(await verdicts(pool, [check as Check]), [true])
})

test('closing answers no to whatever still waits, and to whatever comes later', async () => {
  const closing = new PoolVerifier({ threads: 1 })
  const waiting = verdicts(closing, checks.slice(0, 50))
  const closed = closing.close()
  assert.ok((await waiting).every((holds) => !holds))
  await closed
  assert.deepEqual(await verdicts(closing, checks.slice(1, 2)), [false])
})
