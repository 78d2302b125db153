// Officers: enrolled by others, lost at once, reset by two, and never approving themselves.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Value } from '#ledger/command'
import { keyInForce, readKey } from '#ledger/validate'
import { city, ecKey, founders, idOf, officerOffer } from '#test/domain-world'
import { offerOf, World } from '#test/domain-world'
import { practiceGenesis } from './genesis.ts'
import { officerOf, officersRequired, postHolders } from './records.ts'

function enrolment(name: string): { readonly [name: string]: Value } {
  return officerOffer(name) as unknown as { readonly [name: string]: Value }
}

const officerId = (name: string): string => idOf(`officer/${name}`)

/** A new key for an officer, made from the name of the key. */
function renewal(name: string, key: string): { readonly [name: string]: Value } {
  return { ...enrolment(key), officer: officerId(name) }
}

function withOfficers(names: readonly string[]): World {
  return city(['tax', 'housing'], { tax: names })
}

test('the first officer binds the department, the second needs the first, the third both', () => {
  const world = withOfficers([])
  assert.equal(officersRequired(world, 'tax'), false)
  world.given('tax', 'officer.enrol', enrolment('an'))
  assert.equal(officersRequired(world, 'tax'), true)
  world.next()
  assert.equal(
    world.when('tax', 'officer.enrol', enrolment('bo')).code,
    'members/officers-required',
  )
  world.given('tax', 'officer.enrol', enrolment('bo'), ['an'])
  world.next()
  assert.equal(
    world.when('tax', 'officer.enrol', enrolment('chu'), ['an']).code,
    'members/officers-required',
  )
  world.given('tax', 'officer.enrol', enrolment('chu'), ['an', 'bo'])
})

test('a department says where its officers sign before it enrols one', () => {
  const [tax] = founders(['tax'])
  assert(tax !== undefined)
  const { rp: _, ...bare } = tax
  const world = new World(practiceGenesis([bare]))
  const enrol = (): string => world.when('tax', 'officer.enrol', enrolment('an')).code
  assert.equal(enrol(), 'members/no-relying-party')
  const origins = [{ host: 'tax.city.example' }]
  world.given('tax', 'member.origins', { rp: { id: 'tax.city.example', origins } })
  assert.equal(enrol(), 'ok')
})

test('losing officers does not lower what is asked for', () => {
  const world = withOfficers(['an', 'bo'])
  world.given('tax', 'officer.lose', { officer: officerId('bo') })
  world.next()
  assert.equal(
    world.when('tax', 'officer.enrol', enrolment('puppet'), ['an']).code,
    'members/officers-required',
  )
  assert.equal(officersRequired(world, 'tax'), true)
})

test('after enrolment the node key alone registers no key and casts no vote', () => {
  const world = withOfficers(['an'])
  const body = { use: 'receipt', ...offerOf(ecKey('new'), { member: 'tax', use: 'receipt' }) }
  assert.equal(world.when('tax', 'key.add', body).code, 'members/officers-required')
  world.given('tax', 'key.add', body, ['an'])
  const action = { kind: 'suspend', member: 'housing', ground: 'misuse' }
  const proposal = { proposal: idOf('p'), action }
  assert.equal(world.when('tax', 'governance.propose', proposal).code, 'members/officers-required')
})

test('an officer of another department approves nothing', () => {
  const world = city(['tax', 'housing'], { tax: ['an'], housing: ['bo'] })
  const body = { use: 'receipt', ...offerOf(ecKey('new'), { member: 'tax', use: 'receipt' }) }
  assert.equal(world.when('tax', 'key.add', body, ['bo']).code, 'members/foreign-approval')
})

test('an officer’s key counts from the next block on', () => {
  const world = withOfficers([])
  world.given('tax', 'officer.enrol', enrolment('an'))
  const record = readKey(world, officerOffer('an').kid)
  assert(record !== undefined)
  assert.equal(keyInForce(record, world.height), false)
  assert.equal(keyInForce(record, world.height + 1), true)
  assert.equal(record.officer, officerId('an'))
  assert.equal(record.use, 'approve')
})

test('a reset takes two other persons of the department and ends the old key', () => {
  const world = withOfficers(['an', 'bo', 'chu'])
  const body = renewal('an', 'an/2')
  const reset = (officers: readonly string[]): string =>
    world.when('tax', 'officer.reset', body, officers).code
  assert.equal(reset(['bo']), 'members/officers-required')
  assert.equal(reset(['an', 'bo']), 'members/own-approval')
  assert.equal(reset(['bo', 'bo']), 'members/same-officer')
  assert.equal(reset(['bo', 'chu']), 'ok')
  assert.equal(readKey(world, officerOffer('an').kid)?.until, world.height + 1)
  world.next()
  assert.deepEqual(officerOf(world, officerId('an'))?.kids, [officerOffer('an/2').kid])
})

test('a department of two officers cannot reset one of them by the other alone', () => {
  const world = withOfficers(['an', 'bo'])
  world.given('tax', 'officer.lose', { officer: officerId('an') })
  world.next()
  const answer = world.when('tax', 'officer.reset', renewal('an', 'an/2'), ['bo'])
  assert.equal(answer.code, 'members/officers-required')
})

test('a rotation needs the old key and another officer', () => {
  const world = withOfficers(['an', 'bo', 'chu'])
  const body = { ...renewal('an', 'an/2'), overlap: 2 }
  const rotate = (officers: readonly string[]): string =>
    world.when('tax', 'officer.rotate', body, officers).code
  assert.equal(rotate(['an']), 'members/officers-required')
  assert.equal(rotate(['bo', 'chu']), 'members/no-possession')
  assert.equal(rotate(['an', 'bo']), 'ok')
  assert.equal(readKey(world, officerOffer('an').kid)?.until, world.height + 3)
  assert.equal(officerOf(world, officerId('an'))?.kids.length, 2)
})

test('the only officer cannot rotate alone', () => {
  const world = withOfficers(['an'])
  const body = { ...renewal('an', 'an/2'), overlap: 2 }
  assert.equal(world.when('tax', 'officer.rotate', body, ['an']).code, 'members/own-approval')
})

test('a lost key stops with the next block and a retired officer never comes back', () => {
  const world = withOfficers(['an', 'bo', 'chu'])
  world.given('tax', 'officer.lose', { officer: officerId('an') })
  const key = readKey(world, officerOffer('an').kid)
  assert.equal(key?.until, world.height + 1)
  world.next()
  assert.equal(
    world.when('tax', 'officer.lose', { officer: officerId('an') }).code,
    'members/key-ended',
  )
  world.given('tax', 'officer.retire', { officer: officerId('an') }, ['bo'])
  const back = world.when('tax', 'officer.reset', renewal('an', 'an/2'), ['bo', 'chu'])
  assert.equal(back.code, 'members/officer-retired')
  const again = world.when('tax', 'officer.enrol', renewal('an', 'an/3'), ['bo', 'chu'])
  assert.equal(again.code, 'members/officer-known')
})

test('an officer is known to his own department only', () => {
  const world = city(['tax', 'housing'], { tax: ['an'] })
  const loss = { officer: officerId('an') }
  assert.equal(world.when('housing', 'officer.lose', loss).code, 'members/officer-unknown')
})

test('kid and key of an officer are used once', () => {
  const world = city(['tax', 'housing'], { tax: ['an'] })
  const sameKid = { ...enrolment('bo'), kid: officerOffer('an').kid }
  assert.equal(world.when('housing', 'officer.enrol', sameKid).code, 'members/key-known')
  const sameKey = { ...enrolment('bo'), jwk: enrolment('an').jwk as Value }
  assert.equal(world.when('housing', 'officer.enrol', sameKey).code, 'members/key-known')
})

test('a post goes to officers whom another officer names', () => {
  const world = withOfficers(['an', 'bo', 'chu'])
  const body = { post: 'steward', officers: [officerId('an'), officerId('bo')] }
  assert.equal(world.when('tax', 'post.assign', body, ['an']).code, 'members/own-approval')
  world.given('tax', 'post.assign', body, ['chu'])
  assert.deepEqual(postHolders(world, 'tax', 'steward'), [officerId('an'), officerId('bo')])
  world.given('tax', 'officer.retire', { officer: officerId('an') }, ['chu'])
  assert.deepEqual(postHolders(world, 'tax', 'steward'), [officerId('bo')])
  const twice = { post: 'clerk', officers: [officerId('bo'), officerId('bo')] }
  assert.equal(world.when('tax', 'post.assign', twice, ['chu']).code, 'members/same-officer')
  world.given('tax', 'post.assign', { post: 'steward', officers: [] }, ['chu'])
  assert.deepEqual(postHolders(world, 'tax', 'steward'), [])
})
