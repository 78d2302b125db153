// Clock, outages, restores.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { base64urlEncode } from '#base/bytes'
import { filler } from '#test/commands'
import { city, founders, World } from '#test/domain-world'
import { practiceGenesis } from './genesis.ts'
import { confirmationOf } from './records.ts'
import { confirmedDriftMsMax, overlaps } from './clock.ts'

const day = 86_400_000

/** The same members on a ledger that is no practice. */
function realCity(officers: { readonly [code: string]: readonly string[] } = {}): World {
  const params = practiceGenesis(founders(['tax', 'housing'], officers))
  return new World({ ...(params as object), practice: false })
}

test('two officers of the operating member confirm the time', () => {
  const world = realCity({ tax: ['an', 'bo', 'chu'], housing: ['ding', 'er'] })
  const body = { time: world.time, practice: false }
  const confirm = (member: string, officers: readonly string[]): string =>
    world.when(member, 'time.confirm', body, officers).code
  assert.equal(confirm('tax', []), 'members/officers-required')
  assert.equal(confirm('tax', ['an']), 'members/officers-required')
  assert.equal(confirm('tax', ['an', 'ding']), 'members/foreign-approval')
  assert.equal(confirm('housing', ['ding', 'er']), 'members/not-operator')
  assert.equal(confirm('tax', ['an', 'bo']), 'ok')
  assert.equal(confirmationOf(world, 'time')?.time, world.time)
})

test('what is confirmed is the time of the block', () => {
  const world = realCity()
  const at = (time: number): string =>
    world.when('tax', 'time.confirm', { time, practice: false }).code
  assert.equal(at(world.time + confirmedDriftMsMax + 1), 'members/time-differs')
  assert.equal(at(world.time - confirmedDriftMsMax - 1), 'members/time-differs')
  assert.equal(at(world.time + confirmedDriftMsMax), 'ok')
})

test('practice is marked on a practice ledger and on no other', () => {
  const practice = city(['tax'])
  const body = (world: World, mark: boolean) => ({ time: world.time, practice: mark })
  assert.equal(
    practice.when('tax', 'time.confirm', body(practice, false)).code,
    'members/not-practice',
  )
  practice.given('tax', 'time.confirm', body(practice, true))
  const real = realCity()
  assert.equal(real.when('tax', 'time.confirm', body(real, true)).code, 'members/not-practice')
})

test('a restored size is accepted by a recorded command of the operating member', () => {
  const world = realCity({ tax: ['an', 'bo'] })
  const root = base64urlEncode(filler('root', 32))
  const confirm = (member: string, size: number, officers: readonly string[]): string =>
    world.when(member, 'restore.confirm', { size, root }, officers).code
  assert.equal(confirm('housing', 1, []), 'members/not-operator')
  assert.equal(confirm('tax', 1, ['an']), 'members/officers-required')
  assert.equal(confirm('tax', world.entry + 1, ['an', 'bo']), 'members/too-far')
  assert.equal(confirm('tax', 1, ['an', 'bo']), 'ok')
  assert.deepEqual(confirmationOf(world, 'restore'), {
    size: 1,
    root,
    height: world.height,
    by: 'tax',
  })
})

test('an outage is open from its beginning until its end is declared', () => {
  const world = city(['tax', 'housing'])
  const from = world.time - day
  assert.equal(world.when('housing', 'outage.declare', { from }).code, 'members/not-operator')
  assert.equal(overlaps(world, from, world.time), false)
  world.given('tax', 'outage.declare', { from })
  assert.equal(world.when('tax', 'outage.declare', { from }).code, 'members/outage-open')
  assert.equal(overlaps(world, from - 5, from), false, 'the end of a question is exclusive')
  assert.equal(overlaps(world, from - 5, from + 1), true)
  assert.equal(overlaps(world, world.time + 50 * day, world.time + 51 * day), true)
  const until = world.time
  assert.equal(world.when('tax', 'outage.end', { until: until + 1 }).code, 'members/bad-interval')
  world.given('tax', 'outage.end', { until })
  assert.equal(overlaps(world, until, until + day), false)
  assert.equal(overlaps(world, until - 1, until), true)
  assert.equal(world.when('tax', 'outage.end', { until }).code, 'members/no-outage')
})

test('an outage is declared within a week and planned within a month', () => {
  const world = city(['tax'])
  const declare = (from: number, until?: number): string => {
    const body = until === undefined ? { from } : { from, until }
    return world.when('tax', 'outage.declare', body).code
  }
  assert.equal(declare(world.time - 8 * day), 'members/too-far')
  assert.equal(declare(world.time + 1), 'members/bad-interval')
  assert.equal(declare(world.time + 31 * day, world.time + 32 * day), 'members/too-far')
  assert.equal(declare(world.time, world.time + 31 * day), 'members/too-far')
  assert.equal(declare(world.time + day, world.time + day), 'members/bad-interval')
  assert.equal(declare(world.time + day, world.time + 2 * day), 'ok')
  assert.equal(overlaps(world, world.time + day, world.time + day + 1), true)
})

test('a question about outages is answered as by looking at each', () => {
  const outage = fc.record({
    from: fc.integer({ min: -7 * day, max: 29 * day }),
    length: fc.integer({ min: 1, max: 29 * day }),
  })
  const question = fc.record({
    from: fc.integer({ min: -60 * day, max: 90 * day }),
    length: fc.integer({ min: 1, max: 90 * day }),
  })
  fc.assert(
    fc.property(fc.array(outage, { maxLength: 6 }), fc.array(question), (outages, questions) => {
      const world = city(['tax'])
      const { time } = world
      const known: { readonly from: number; readonly until: number }[] = []
      for (const { from, length } of outages) {
        const span = { from: time + from, until: time + from + length }
        if (world.when('tax', 'outage.declare', span).code === 'ok') known.push(span)
      }
      for (const { from, length } of questions) {
        const [first, last] = [time + from, time + from + length]
        const expected = known.some((each) => each.from < last && first < each.until)
        assert.equal(overlaps(world, first, last), expected)
      }
    }),
    { numRuns: 60 },
  )
})
