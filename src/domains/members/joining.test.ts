// Joining and leaving.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base64urlEncode } from '#base/bytes'
import type { Value } from '#ledger/command'
import { readKey, readMember } from '#ledger/validate'
import { filler } from '#test/commands'
import { city, ecKey, idOf, offerOf } from '#test/domain-world'
import type { AnyKey, World } from '#test/domain-world'
import { keyInterval, rollOf, successorOf } from './records.ts'

const document = base64urlEncode(filler('agreement', 32))
const day = 86_400_000

function proposal(code: string, key: AnyKey): { readonly [name: string]: Value } {
  const { alg, jwk } = key
  const first = { alg, jwk: jwk as unknown as Value, custody: 'own' }
  return { code, kind: 'replica', document, key: first }
}

function proposeWater(world: World, by = 'tax'): string {
  const { outcome } = world.given(by, 'member.propose', proposal('water', ecKey('water/command')))
  return (outcome as { readonly joining: string }).joining
}

function proofFor(joining: string, key = ecKey('water/command')): Value {
  return offerOf(key, { member: 'water', use: 'command', bound: joining }).proof as Value
}

test('a member joins by proposal, approvals of the threshold and its own key', () => {
  const world = city(['tax', 'housing', 'civil'])
  const joining = proposeWater(world)
  const approval = { code: 'water', joining }
  assert.deepEqual(world.given('tax', 'member.approve', approval).outcome, {
    agreeing: 1,
    needed: 2,
    approved: false,
  })
  const activation = { code: 'water', proof: proofFor(joining) }
  assert.equal(world.when('tax', 'member.activate', activation).code, 'members/not-approved')
  assert.deepEqual(world.given('civil', 'member.approve', approval).outcome, {
    agreeing: 2,
    needed: 2,
    approved: true,
  })
  assert.equal(readMember(world, 'water'), undefined)
  assert.deepEqual(world.given('tax', 'member.activate', activation).outcome, { from: 3 })
  assert.equal(readMember(world, 'water')?.state, 'active')
  assert.equal(readMember(world, 'water')?.from, 3)
  assert.equal(readKey(world, ecKey('water/command').kid)?.from, 3)
  assert.deepEqual(rollOf(world).replicas, ['civil', 'housing', 'tax', 'water'])
})

test('one member approving twice is one approval', () => {
  const world = city(['tax', 'housing', 'civil'])
  const joining = proposeWater(world)
  world.given('tax', 'member.approve', { code: 'water', joining })
  const again = world.given('tax', 'member.approve', { code: 'water', joining })
  assert.deepEqual(again.outcome, { agreeing: 1, needed: 2, approved: false })
})

test('the key that was approved must sign the activation, for this joining and this ledger', () => {
  const world = city(['tax'])
  const joining = proposeWater(world)
  world.given('tax', 'member.approve', { code: 'water', joining })
  const other = offerOf(ecKey('thief'), { member: 'water', use: 'command', bound: joining }).proof
  const unbound = offerOf(ecKey('water/command'), { member: 'water', use: 'command' }).proof
  for (const proof of [other, unbound]) {
    const answer = world.when('tax', 'member.activate', { code: 'water', proof: proof as Value })
    assert.equal(answer.code, 'members/no-possession')
  }
  world.given('tax', 'member.activate', { code: 'water', proof: proofFor(joining) })
})

test('an approval is for exactly what was proposed', () => {
  const world = city(['tax', 'housing'])
  const first = proposeWater(world)
  world.given('tax', 'member.withdraw', { code: 'water' })
  world.given('tax', 'member.propose', proposal('water', ecKey('another/key')))
  const stale = world.when('housing', 'member.approve', { code: 'water', joining: first })
  assert.equal(stale.code, 'members/joining-changed')
})

test('only the sponsor withdraws, and a withdrawn joining is over', () => {
  const world = city(['tax', 'housing'])
  const joining = proposeWater(world)
  const withdrawal = { code: 'water' }
  assert.equal(world.when('housing', 'member.withdraw', withdrawal).code, 'members/not-sponsor')
  world.given('tax', 'member.withdraw', withdrawal)
  const late = world.when('housing', 'member.approve', { code: 'water', joining })
  assert.equal(late.code, 'members/not-joining')
})

test('a joining lapses after 90 days and may be proposed again', () => {
  const world = city(['tax', 'housing'])
  const joining = proposeWater(world)
  world.next(91 * day)
  const late = world.when('housing', 'member.approve', { code: 'water', joining })
  assert.equal(late.code, 'members/joining-lapsed')
  proposeWater(world, 'housing')
})

test('approvals of members suspended since do not count at activation', () => {
  const world = city(['tax', 'housing', 'civil', 'police'])
  const joining = proposeWater(world)
  for (const by of ['tax', 'housing', 'civil']) {
    world.given(by, 'member.approve', { code: 'water', joining })
  }
  const suspension = idOf('suspension')
  const action = { kind: 'suspend', member: 'civil', ground: 'misuse' }
  const { outcome } = world.given('tax', 'governance.propose', { proposal: suspension, action })
  for (const by of ['tax', 'housing', 'police']) {
    const digest = (outcome as { readonly action: string }).action
    const vote = { proposal: suspension, action: digest, choice: 'yes' }
    world.given(by, 'governance.vote', vote)
  }
  world.given('tax', 'governance.execute', { proposal: suspension })
  // Three remain, two of them approved: that is the threshold of three.
  world.given('tax', 'member.activate', { code: 'water', proof: proofFor(joining) })
})

test('a name that was used is never used again, nor a registered key', () => {
  const world = city(['tax', 'housing', 'civil'])
  const known = world.when('tax', 'member.propose', proposal('housing', ecKey('x')))
  assert.equal(known.code, 'members/member-known')
  const taken = world.when('tax', 'member.propose', proposal('water', ecKey('civil/command')))
  assert.equal(taken.code, 'members/key-known')
  proposeWater(world)
  const twice = world.when('civil', 'member.propose', proposal('water', ecKey('y')))
  assert.equal(twice.code, 'members/already-joining')
  world.given('civil', 'member.leave', {})
  const back = world.when('tax', 'member.propose', proposal('civil', ecKey('z')))
  assert.equal(back.code, 'members/member-known')
})

test('leaving ends the state, the keys and the vote with the next block', () => {
  const world = city(['tax', 'housing', 'civil'])
  world.next()
  world.given('civil', 'member.leave', {})
  assert.equal(readMember(world, 'civil')?.state, 'left')
  assert.deepEqual(keyInterval(world, ecKey('civil/command').kid), {
    from: 1,
    until: world.height + 1,
  })
  assert.deepEqual(rollOf(world).replicas, ['housing', 'tax'])
  assert.deepEqual(rollOf(world).all, ['civil', 'housing', 'tax'])
  assert.equal(successorOf(world, 'civil'), 'civil')
})

test('the operating member and the last replica stay', () => {
  const two = city(['tax', 'housing'])
  assert.equal(two.when('tax', 'member.leave', {}).code, 'members/is-operator')
  two.given('housing', 'member.leave', {})
  assert.equal(two.when('tax', 'member.leave', {}).code, 'members/last-replica')
})

test('the origins where officers sign are serialised as a browser says them', () => {
  const world = city(['tax'])
  const rp = {
    id: 'tax.city.example',
    origins: [
      { host: 'tax.city.example' },
      { host: 'tax.city.example', port: 443 },
      { host: 'tax.city.example', port: 8443 },
      { host: 'localhost', port: 8080 },
    ],
  }
  world.given('tax', 'member.origins', { rp })
  assert.deepEqual(readMember(world, 'tax')?.rp, {
    id: 'tax.city.example',
    origins: [
      'https://tax.city.example',
      'https://tax.city.example',
      'https://tax.city.example:8443',
      'http://localhost:8080',
    ],
  })
})
