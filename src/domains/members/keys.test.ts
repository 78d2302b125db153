// Keys: one owner, one use, one interval.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Value } from '#ledger/command'
import type { KeyUse } from '#ledger/validate'
import { keyInForce, readKey } from '#ledger/validate'
import { city, ecKey, edKey, officerOffer, offerOf } from '#test/domain-world'
import type { AnyKey } from '#test/domain-world'
import { keysOf } from './records.ts'
import { algorithmsOf, keysPerMemberMax, memberUses } from './keys.ts'

function addition(key: AnyKey, use: KeyUse, member = 'tax'): { readonly [name: string]: Value } {
  return { use, ...offerOf(key, { member, use }) }
}

test('a key of every use is registered with its algorithm and counts from the next block', () => {
  const world = city(['tax'])
  for (const use of memberUses) {
    const key = algorithmsOf[use].includes('Ed25519') ? edKey() : ecKey(`every/${use}`)
    const { outcome } = world.given('tax', 'key.add', addition(key, use))
    assert.deepEqual(outcome, { kid: key.kid, from: world.height + 1 })
    const record = readKey(world, key.kid)
    assert(record !== undefined)
    assert.equal(record.use, use)
    assert.equal(keyInForce(record, world.height), false)
    assert.equal(keyInForce(record, world.height + 1), true)
  }
})

test('a use has its algorithm', () => {
  const world = city(['tax'])
  const wrong = world.when('tax', 'key.add', addition(edKey(), 'command'))
  assert.equal(wrong.code, 'members/wrong-algorithm')
  const log = world.when('tax', 'key.add', addition(ecKey('log'), 'log'))
  assert.equal(log.code, 'members/wrong-algorithm')
})

test('officers’ keys do not come by key.add', () => {
  const world = city(['tax'])
  const answer = world.when('tax', 'key.add', addition(ecKey('a'), 'approve'))
  assert.equal(answer.code, 'command/schema')
})

test('a point that is not on the curve is no key', () => {
  const world = city(['tax'])
  const body = addition(ecKey('a'), 'receipt')
  const jwk = body.jwk as { readonly [name: string]: string }
  const answer = world.when('tax', 'key.add', { ...body, jwk: { ...jwk, y: jwk.x ?? '' } })
  assert.equal(answer.code, 'members/bad-key')
})

test('a key is registered only by who holds it, for this member and this use', () => {
  const world = city(['tax', 'housing'])
  const key = ecKey('mine')
  const offer = addition(key, 'receipt')
  const stolen = world.when('housing', 'key.add', offer)
  assert.equal(stolen.code, 'members/no-possession')
  const elsewhere = world.when('tax', 'key.add', { ...offer, use: 'certificate' })
  assert.equal(elsewhere.code, 'members/no-possession')
  const { proof: _, ...bare } = offer
  assert.equal(world.when('tax', 'key.add', bare).code, 'members/no-possession')
  world.given('tax', 'key.add', offer)
})

test('a key that only decrypts has nothing to sign', () => {
  const world = city(['tax'])
  const { proof: _, ...bare } = addition(ecKey('sealed'), 'encrypt')
  world.given('tax', 'key.add', bare)
})

test('one key has one owner and one use, officers included', () => {
  const world = city(['tax', 'housing'], { housing: ['wu'] })
  const key = ecKey('once')
  world.given('tax', 'key.add', addition(key, 'receipt'))
  for (const [member, use] of [
    ['tax', 'receipt'],
    ['tax', 'certificate'],
    ['housing', 'receipt'],
  ] as const) {
    const answer = world.when(member, 'key.add', addition(key, use, member), officersOf(member))
    assert.equal(answer.code, 'members/key-known')
  }
  const asOfficers = { ...officerOffer('li'), jwk: key.jwk as unknown as Value }
  assert.equal(world.when('tax', 'officer.enrol', asOfficers).code, 'members/key-known')
  const passkey = ecKey('officer/wu')
  assert.equal(world.when('tax', 'key.add', addition(passkey, 'receipt')).code, 'members/key-known')
})

function officersOf(member: string): readonly string[] {
  return member === 'housing' ? ['wu'] : []
}

test('rotation lets both keys count for the overlap, and then only the new one', () => {
  const world = city(['tax'])
  const old = ecKey('tax/command').kid
  const key = ecKey('tax/next')
  const { custody, ...offer } = offerOf(key, { member: 'tax', use: 'command' })
  assert.equal(custody, 'own')
  const body = { ...offer, custody: 'own', kid: old, overlap: 3 }
  const { outcome } = world.given('tax', 'key.rotate', body)
  const at = world.height
  assert.deepEqual(outcome, { kid: key.kid, from: at + 1, oldUntil: at + 4 })
  const records = [readKey(world, old), readKey(world, key.kid)]
  const inForce = (height: number): readonly boolean[] =>
    records.map((record) => record !== undefined && keyInForce(record, height))
  assert.deepEqual(inForce(at), [true, false])
  assert.deepEqual(inForce(at + 1), [true, true])
  assert.deepEqual(inForce(at + 3), [true, true])
  assert.deepEqual(inForce(at + 4), [false, true])
  const again = world.when('tax', 'key.rotate', body)
  assert.equal(again.code, 'members/key-ended')
})

test('revocation counts from the next block, is never retroactive and never undone', () => {
  const world = city(['tax'])
  const key = ecKey('tax/receipt')
  world.given('tax', 'key.add', addition(key, 'receipt'))
  world.next().next()
  const at = world.height
  assert.equal(
    world.when('tax', 'key.revoke', { kid: key.kid, until: at }).code,
    'members/not-in-the-future',
  )
  world.given('tax', 'key.revoke', { kid: key.kid, until: at + 50 })
  world.given('tax', 'key.revoke', { kid: key.kid })
  assert.equal(readKey(world, key.kid)?.until, at + 1)
  world.given('tax', 'key.revoke', { kid: key.kid, until: at + 90 })
  assert.equal(readKey(world, key.kid)?.until, at + 1, 'a later end is no later end')
  world.next()
  assert.equal(world.when('tax', 'key.revoke', { kid: key.kid }).code, 'members/key-ended')
  assert.equal(world.when('tax', 'key.add', addition(key, 'receipt')).code, 'members/key-known')
})

test('the last command key cannot be revoked, and no key of another member at all', () => {
  const world = city(['tax', 'housing'])
  const kid = ecKey('tax/command').kid
  assert.equal(world.when('tax', 'key.revoke', { kid }).code, 'members/last-command-key')
  assert.equal(world.when('housing', 'key.revoke', { kid }).code, 'members/not-own-key')
  world.given('tax', 'key.add', addition(ecKey('tax/second'), 'command'))
  world.given('tax', 'key.revoke', { kid })
  const second = ecKey('tax/second').kid
  assert.equal(world.when('tax', 'key.revoke', { kid: second }).code, 'members/last-command-key')
})

test('a member has a bounded number of live keys, and ended ones make room', () => {
  const world = city(['tax'])
  for (let index = 1; index < keysPerMemberMax; index += 1) {
    world.given('tax', 'key.add', addition(ecKey(`many/${index}`), 'receipt'))
  }
  const more = addition(ecKey('one/more'), 'receipt')
  assert.equal(world.when('tax', 'key.add', more).code, 'members/keys-full')
  world.given('tax', 'key.revoke', { kid: ecKey('many/1').kid })
  world.next()
  world.given('tax', 'key.add', more)
  assert.equal(keysOf(world, 'tax').length, keysPerMemberMax)
})

type Step = {
  readonly member: 'tax' | 'housing'
  readonly kind: 'add' | 'rotate' | 'revoke'
  readonly use: 'command' | 'receipt'
  readonly key: number
  readonly of: number
  readonly number: number
}

const steps = fc.array(
  fc.record<Step>({
    member: fc.constantFrom('tax', 'housing'),
    kind: fc.constantFrom('add', 'rotate', 'revoke'),
    use: fc.constantFrom('command', 'receipt'),
    key: fc.integer({ min: 0, max: 5 }),
    of: fc.integer({ min: 0, max: 5 }),
    number: fc.integer({ min: 0, max: 4 }),
  }),
  { minLength: 1, maxLength: 24 },
)

const pool = [0, 1, 2, 3, 4, 5].map((index) => ecKey(`pool/${index}`))
const offers = new Map<string, { readonly [name: string]: Value }>()

function cachedOffer(of: Step): { readonly [name: string]: Value } {
  const { key, member, use } = of
  const name = `${key}/${member}/${use}`
  const offer = offers.get(name) ?? offerOf(pool[key] as AnyKey, { member, use })
  offers.set(name, offer)
  return offer
}

test('in any order of commands a key has one owner and use, and never regains force', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const world = city(['tax', 'housing'])
      const owners = new Map<string, string>()
      const ends = new Map<string, number>()
      for (const one of sequence) {
        const height = world.height
        const old = pool[one.of]?.kid ?? ''
        if (one.kind === 'add') {
          world.when(one.member, 'key.add', { use: one.use, ...cachedOffer(one) })
        } else if (one.kind === 'revoke') {
          world.when(one.member, 'key.revoke', { kid: old, until: height + one.number })
        } else {
          const body = { ...cachedOffer(one), kid: old, overlap: one.number }
          world.when(one.member, 'key.rotate', body)
        }
        for (const { kid } of pool) {
          const record = readKey(world, kid)
          if (record === undefined) continue
          const owner = `${record.member}/${record.use}`
          assert.equal(owners.get(kid) ?? owner, owner)
          owners.set(kid, owner)
          const end = ends.get(kid)
          if (end !== undefined) assert(record.until !== null && record.until <= end)
          if (record.until !== null) {
            assert(record.until > height || end === record.until, 'an end is in the future')
            ends.set(kid, record.until)
          }
        }
        for (const member of ['tax', 'housing']) {
          const speaking = keysOf(world, member).some(
            ({ use, from, until }) => use === 'command' && from <= height + 1 && until === null,
          )
          assert(speaking, 'a member can always speak')
        }
        if (one.number === 0) world.next()
      }
    }),
    { numRuns: 120 },
  )
})
