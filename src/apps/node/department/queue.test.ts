// The queue of cases: one worker a case, nothing lost, little kept.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Queue } from './queue.ts'
import type { Clock } from '#apps/node/casework'
import type { Again } from './queue.ts'

class Hand implements Clock {
  now = 1000
  readonly calls: { at: number; call: () => void }[] = []
  wallMs(): number {
    return this.now
  }
  after(ms: number, call: () => void): () => void {
    const entry = { at: this.now + ms, call }
    this.calls.push(entry)
    return () => void this.calls.splice(this.calls.indexOf(entry), 1)
  }
  pass(ms: number): void {
    this.now += ms
    for (const entry of this.calls.filter(({ at }) => at <= this.now)) {
      this.calls.splice(this.calls.indexOf(entry), 1)
      entry.call()
    }
  }
}

function queueOf(look: (id: string) => Promise<Again>) {
  const clock = new Hand()
  const failures: unknown[] = []
  const queue = new Queue({ clock, look, failed: (failure) => void failures.push(failure) })
  return { clock, failures, queue }
}

describe('a queue', () => {
  test('looks again at what changed while it was looked at, never twice at once', async () => {
    let at = 0
    let most = 0
    let looks = 0
    const { queue } = queueOf(async () => {
      at += 1
      looks += 1
      most = Math.max(most, at)
      if (looks === 1) queue.add('a')
      await new Promise((resolve) => setImmediate(resolve))
      at -= 1
      return null
    })
    queue.add('a')
    queue.add('a')
    await queue.idle()
    assert.deepEqual({ most, looks }, { most: 1, looks: 2 })
  })

  test('looks again after a failure, each time after a longer pause', async () => {
    let looks = 0
    const { queue, clock, failures } = queueOf(async () => {
      looks += 1
      if (looks < 3) throw new Error('down')
      return null
    })
    queue.add('a')
    await queue.idle()
    clock.pass(499)
    await queue.idle()
    assert.equal(looks, 1)
    clock.pass(1)
    await queue.idle()
    assert.equal(looks, 2)
    clock.pass(1000)
    await queue.idle()
    assert.deepEqual([looks, failures.length, clock.calls.length], [3, 2, 0])
  })

  test('keeps one timer for a thousand cases that fall due', async () => {
    const seen: string[] = []
    const { queue, clock } = queueOf(async (id) => {
      seen.push(id)
      return null
    })
    for (let n = 0; n < 1000; n += 1) queue.addAt(`c${n}`, 5000 + n)
    assert.equal(clock.calls.length, 1)
    clock.pass(4100)
    await queue.idle()
    assert.equal(seen.length, 101)
    assert.equal(clock.calls.length, 1)
  })
})
