// The practice clock.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PracticeClock } from './clock.ts'

test('a clock that is put forward calls what fell due, in order, and nothing else', async () => {
  const clock = new PracticeClock(1_772_413_200_000)
  const called: string[] = []
  clock.after(7_200_000, () => called.push('second'))
  clock.after(3_600_000, () => called.push('first'))
  const forget = clock.after(3_600_000, () => called.push('never'))
  clock.after(86_400_000, () => called.push('tomorrow'))
  forget()
  clock.advance(7_200_000)
  await new Promise((resolve) => setTimeout(resolve, 5))
  assert.deepEqual(called, ['first', 'second'])
  assert.ok(clock.wallMs() - 1_772_413_200_000 >= 7_200_000)
})

test('wall and monotonic time move together', () => {
  const clock = new PracticeClock(0)
  clock.advanceTo(5_000_000)
  assert.ok(Math.abs(clock.wallMs() - clock.monotonicMs()) <= 1)
  const at = clock.wallMs()
  clock.advanceTo(1)
  assert.ok(clock.wallMs() >= at)
})
