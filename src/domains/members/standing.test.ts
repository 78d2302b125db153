// Accreditation and marks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { city, idOf } from '#test/domain-world'
import type { World } from '#test/domain-world'
import { actionDigest } from './governance.ts'
import type { Action } from './actions.ts'
import { accreditationAt, accredited, clearMark, hasMark, marks, setMark } from './standing.ts'

const type = 'bj.title.certificate'
const year = 31_536_000_000

function decided(world: World, action: Action, by: readonly string[]): string {
  const proposal = idOf(`${action.kind}/${world.entry}`)
  const first = by[0] ?? ''
  const body = { proposal, action: action as never }
  const answer = world.when(first, 'governance.propose', body)
  if (answer.code !== 'ok') return answer.code
  for (const member of by) {
    const vote = { proposal, action: actionDigest(action), choice: 'yes' }
    world.given(member, 'governance.vote', vote)
  }
  return world.when(first, 'governance.execute', { proposal }).code
}

test('members accredit together, for a time that does not reach back', () => {
  const world = city(['tax', 'housing', 'civil'])
  const { time } = world
  const action = { kind: 'accredit', member: 'civil', type, from: 0, until: time + year } as const
  assert.equal(decided(world, action, ['tax', 'housing']), 'ok')
  assert.equal(accredited(world, 'civil', type, time - 1), false)
  assert.equal(accredited(world, 'civil', type, time), true)
  assert.equal(accredited(world, 'civil', type, time + year - 1), true)
  assert.equal(accredited(world, 'civil', type, time + year), false)
  assert.equal(accredited(world, 'civil', 'other.type', time), false)
  assert.equal(accreditationAt(world, { member: 'civil', type }, time)?.by, 'governance')
  assert.equal(decided(world, action, ['tax', 'housing']), 'members/already-accredited')
  const past = { ...action, type: 'x', until: time - 1 }
  assert.equal(decided(world, past, ['tax', 'housing']), 'members/bad-interval')
})

test('an appointed accreditor gives and ends accreditations, never its own', () => {
  const world = city(['tax', 'housing', 'civil'])
  const until = world.time + year
  const body = { member: 'civil', type, from: world.time, until }
  const give = (by: string, of = body): string => world.when(by, 'accreditation.give', of).code
  assert.equal(give('housing'), 'members/not-accreditor')
  decided(world, { kind: 'appoint-accreditor', member: 'housing', type, until }, ['tax', 'civil'])
  assert.equal(give('housing', { ...body, member: 'housing' }), 'members/self-accreditation')
  assert.equal(give('housing', { ...body, type: 'other.type' }), 'members/not-accreditor')
  assert.equal(give('housing', { ...body, member: 'nobody' }), 'members/unknown-member')
  assert.equal(give('housing'), 'ok')
  const end = { member: 'civil', type }
  assert.equal(world.when('tax', 'accreditation.end', end).code, 'members/not-accreditor')
  world.next(1_000)
  world.given('housing', 'accreditation.end', end)
  assert.equal(accredited(world, 'civil', type, world.time), false)
  assert.equal(accredited(world, 'civil', type, world.time - 1), true, 'what was issued stands')
  assert.equal(world.when('housing', 'accreditation.end', end).code, 'members/not-accredited')
})

test('the holder gives back what it was given, and leaving ends it', () => {
  const world = city(['tax', 'housing', 'civil'])
  const until = world.time + year
  const action = { kind: 'accredit', member: 'civil', type, from: 0, until } as const
  decided(world, action, ['tax', 'housing'])
  world.next(1_000).given('civil', 'accreditation.end', { member: 'civil', type })
  assert.equal(accredited(world, 'civil', type, world.time), false)
  decided(world.next(1_000), action, ['tax', 'housing'])
  assert.equal(accredited(world, 'civil', type, world.time), true)
  world.next(1_000).given('civil', 'member.leave', {})
  assert.equal(accredited(world, 'civil', type, world.time - 1), true)
  assert.equal(accredited(world, 'civil', type, world.time), false)
})

test('an accreditation that ended before it began does not stand in the way', () => {
  const world = city(['tax', 'housing', 'civil'])
  const { time } = world
  const later = {
    kind: 'accredit',
    member: 'civil',
    type,
    from: time + 50,
    until: time + 90,
  } as const
  decided(world, later, ['tax', 'housing'])
  world.given('civil', 'accreditation.end', { member: 'civil', type })
  assert.equal(accredited(world, 'civil', type, time + 60), false)
  assert.equal(decided(world, { ...later, from: time }, ['tax', 'housing']), 'ok')
  assert.equal(accredited(world, 'civil', type, time + 60), true)
})

test('intervals never overlap and the past never changes', () => {
  const steps = fc.array(
    fc.record({
      end: fc.boolean(),
      from: fc.integer({ min: -5, max: 20 }),
      length: fc.integer({ min: 1, max: 20 }),
      pass: fc.integer({ min: 0, max: 6 }),
    }),
    { minLength: 1, maxLength: 20 },
  )
  fc.assert(
    fc.property(steps, (sequence) => {
      const world = city(['tax', 'housing', 'civil'])
      const start = world.time
      const right = { kind: 'appoint-accreditor', member: 'housing', type } as const
      decided(world, { ...right, until: start + year }, ['tax', 'civil'])
      const past = new Map<number, boolean>()
      for (const { end, from, length, pass } of sequence) {
        const body = { member: 'civil', type }
        if (end) world.when('housing', 'accreditation.end', body)
        else {
          const span = { from: world.time + from, until: world.time + from + length }
          world.when('housing', 'accreditation.give', { ...body, ...span })
        }
        for (let at = start; at < world.time; at += 1) {
          const now = accredited(world, 'civil', type, at)
          assert.equal(past.get(at) ?? now, now)
          past.set(at, now)
        }
        world.next(pass)
      }
    }),
    { numRuns: 60 },
  )
})

test('a mark is taken off by its setter or by the members together', () => {
  const world = city(['tax', 'housing', 'civil'])
  const mark = { handle: idOf('a home'), kind: 'hold' }
  assert.equal(world.when('tax', 'mark.clear', mark).code, 'members/not-marked')
  world.given('tax', 'mark.set', mark)
  world.given('housing', 'mark.set', mark)
  assert.equal(world.when('civil', 'mark.clear', mark).code, 'members/not-setter')
  world.given('housing', 'mark.clear', mark)
  assert.deepEqual(
    marks(world, mark.handle).map(({ kind, by }) => ({ kind, by })),
    [{ kind: 'hold', by: 'tax' }],
  )
  const action = { kind: 'clear-mark', handle: mark.handle, mark: 'hold', setter: 'tax' } as const
  assert.equal(decided(world, action, ['housing', 'civil']), 'ok')
  assert.deepEqual(marks(world, mark.handle), [])
  assert.equal(world.get(`members/mark/${mark.handle}`), undefined, 'nothing is left behind')
})

test('marks of different kinds and setters lie side by side', () => {
  const of = fc.record({
    kind: fc.constantFrom('hold', 'disputed', 'frozen'),
    by: fc.constantFrom('tax', 'housing'),
    set: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(of, { maxLength: 30 }), (sequence) => {
      const world = city(['tax', 'housing'])
      const handle = idOf('thing')
      const expected = new Set<string>()
      for (const { kind, by, set } of sequence) {
        const mark = { handle, kind, by } as const
        const writes = set ? setMark(world, mark, world.height) : clearMark(world, mark)
        for (const [key, value] of writes) {
          if (value === null) world.state.delete(key)
          else world.state.set(key, value)
        }
        if (set) expected.add(`${kind} ${by}`)
        else expected.delete(`${kind} ${by}`)
        assert.equal(hasMark(world, mark), set)
        const found = marks(world, handle).map((each) => `${each.kind} ${each.by}`)
        assert.deepEqual(found.toSorted(), [...expected].toSorted())
      }
    }),
    { numRuns: 50 },
  )
})
