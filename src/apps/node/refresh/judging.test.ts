// Every case of what a department says of a source that it has read, and when somebody looks first.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Drift } from '#domains/sharing'
import type { Moment, Ruling, Seen } from './judging.ts'
import { rule, ruleUnread } from './judging.ts'

const dayMs = 86_400_000
const now = 100 * dayMs
const seen: Seen = {
  schema: 'a',
  rows: 100,
  digest: 'x',
  differences: { added: 0, changed: 0, vanished: 0 },
  before: 'kept',
  isSame: true,
}
const drift: Drift = {
  state: 'green',
  since: 0,
  schema: 'a',
  rows: 100,
  changed: 0,
  asOf: now - 60_000,
  entry: 1,
}
const moment: Moment = {
  now,
  published: 'a',
  drift,
  freshUntil: now + 2 * dayMs,
  atOnce: false,
  gatherMs: 600_000,
}
const differing = (added: number, changed: number, vanished: number): Partial<Seen> => {
  return { differences: { added, changed, vanished }, isSame: false, digest: 'y' }
}
const ruled = (over: Partial<Seen>, at: Partial<Moment> = {}): Ruling['say'] | 'holds' => {
  const { say, counts, holds } = rule({ ...seen, ...over }, { ...moment, ...at })
  assert.equal(counts, say === 'green' || say === 'announced')
  assert.ok(!(holds && counts), 'nothing that is held counts')
  return holds && say === null ? 'holds' : say
}

test('the first state is said, and then nothing while nothing changes and nothing is due', () => {
  const first = { before: 'first', ...differing(100, 0, 0) } as const
  assert.equal(rule({ ...seen, ...first }, { ...moment, drift: undefined }).say, 'green')
  assert.equal(ruled({}), null)
  assert.equal(ruled({}, { freshUntil: now + dayMs - 1 }), 'green', 'a day before it is due')
})

test('small changes are gathered, and said when it is time or somebody asks', () => {
  assert.equal(ruled(differing(1, 2, 3)), null)
  assert.equal(ruled(differing(1, 2, 3), { atOnce: true }), 'green')
  assert.equal(ruled(differing(1, 2, 3), { gatherMs: 60_000 }), 'green')
})

test('more than a tenth waits, and counts when a second person has seen this very state', () => {
  assert.equal(ruled(differing(4, 3, 3), { atOnce: true }), 'green')
  assert.equal(ruled(differing(4, 3, 4), { atOnce: true }), 'holds')
  assert.equal(ruled(differing(0, 0, 100)), 'holds')
  assert.equal(ruled(differing(4, 3, 4), { confirmed: 'other' }), 'holds')
  assert.equal(ruled(differing(4, 3, 4), { confirmed: 'y' }), 'green')
  assert.equal(ruled({ ...differing(0, 0, 9), rows: 0 }), 'holds', 'a table that is empty now')
})

test('a state that was said and is not kept waits, because nobody can compare it', () => {
  assert.equal(ruled({ before: 'lost', isSame: false }), 'holds')
})

test('other columns are red once, and hold what has changed with them', () => {
  const other = { schema: 'b', isSame: false }
  assert.equal(ruled(other), 'red')
  const red = { ...drift, state: 'red', schema: 'b' } as const
  assert.equal(ruled(other, { drift: red }), null)
  assert.equal(ruled({ ...other, schema: 'c' }, { drift: red }), 'red')
  assert.equal(ruled({}, { drift: red }), 'green', 'put back')
  const { say, holds } = rule({ ...seen, ...other, ...differing(0, 100, 0) }, moment)
  assert.deepEqual([say, holds], ['red', true])
  assert.equal(ruled({ ...other, digest: 'y' }, { confirmed: 'y' }), 'red', 'not published yet')
})

test('what is announced is neither red nor held, until it is over', () => {
  const announced = { ...drift, state: 'announced', announced: now + 1 } as const
  const change = { schema: 'b', ...differing(0, 100, 0) }
  assert.equal(ruled(change, { drift: announced }), 'announced')
  assert.equal(ruled({ schema: 'b' }, { drift: { ...announced, schema: 'b' } }), null)
  assert.equal(ruled(change, { drift: { ...announced, announced: now } }), 'red')
  assert.equal(ruled({}, { drift: { ...announced, announced: now } }), 'green')
})

test('what nobody reads goes stale, or comes out of an announcement as what it is', () => {
  const at = { now, published: 'a', freshUntil: now }
  assert.equal(ruleUnread(drift, at), null)
  assert.equal(ruleUnread(drift, { ...at, freshUntil: now - 1 }), 'red')
  assert.equal(ruleUnread({ ...drift, state: 'red' }, { ...at, freshUntil: now - 1 }), null)
  const announced = { ...drift, state: 'announced', announced: now + 1 } as const
  assert.equal(ruleUnread(announced, { ...at, freshUntil: now - 1 }), null)
  assert.equal(ruleUnread({ ...announced, announced: now }, at), 'green')
  assert.equal(ruleUnread({ ...announced, announced: now, schema: 'b' }, at), 'red')
})
