// Permits: who gets one, and the one code of each fault.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Blueprint } from '#blueprint/grammar'
import { accountApplication, b32, idOf, SharingWorld } from '#test/sharing-world'
import { answerMs, permitOf, receiptsMax, unacknowledged, useKey, monthOf } from './index.ts'

const id = idOf('case')

test('a permit names what it allows to be read, until when, and who is asked', () => {
  const world = new SharingWorld()
  world.cases.account(id)
  const tags = { applicant: b32('t1'), legalRep: b32('t2') }
  const answer = world.read('icbc', { case: id, act: 'open', tags })
  assert.deepEqual(answer.outcome, {
    case: id,
    act: 'open',
    reads: { licence: 1, request: 1, risk: 1, taxFile: 1 },
    answerBy: world.time + answerMs,
    owners: { market: ['licence'], tax: ['taxFile'], window: ['request'] },
  })
  assert.equal(permitOf(world, answer.entry), undefined, 'the second tag is of no slot of it')
})
