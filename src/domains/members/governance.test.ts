// Deciding together.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base64urlEncode } from '#base/bytes'
import type { Value } from '#ledger/command'
import { keyInForce, readKey, readMember } from '#ledger/validate'
import { filler } from '#test/commands'
import { city, ecKey, edKey, idOf, offerOf } from '#test/domain-world'
import type { Answer, World } from '#test/domain-world'
import { codeAt, keyInterval, officersRequired, redactionOf } from './records.ts'
import { rollOf, settingsOf, successorOf } from './records.ts'
import { electorate, threshold } from './authority.ts'
import { members } from './genesis.ts'
import { rekeyDelayMs } from './actions.ts'

type Action = { readonly kind: string } & { readonly [name: string]: Value }

const hash = (seed: string): string => base64urlEncode(filler(seed, 32))
const five = ['tax', 'housing', 'civil', 'police', 'market']

let counter = 0

/** Proposes the action and lets these members vote yes; gives the proposal's id. */
function voted(world: World, action: Action, by: readonly string[]): string {
  counter += 1
  const proposal = idOf(`proposal/${counter}`)
  const { outcome } = world.given(by[0] ?? '', 'governance.propose', { proposal, action })
  const { action: digest } = outcome as { readonly action: string }
  for (const member of by) {
    world.given(member, 'governance.vote', { proposal, action: digest, choice: 'yes' })
  }
  return proposal
}

function execute(world: World, proposal: string, by = 'tax'): Answer {
  return world.when(by, 'governance.execute', { proposal })
}

function decided(world: World, action: Action, by: readonly string[]): void {
  const answer = execute(world, voted(world, action, by), by[0])
  assert.equal(answer.code, 'ok', JSON.stringify(answer))
}

test('thresholds: all of one and two, two of three, more than two thirds from four on', () => {
  const expected = [1, 2, 2, 3, 4, 5, 5, 6, 7, 7, 8]
  assert.deepEqual(
    expected.map((_, index) => threshold(index + 1)),
    expected,
  )
  for (let count = 1; count <= 256; count += 1) {
    assert(2 * threshold(count) > count, 'two deciding groups share a member')
    assert(threshold(count) <= count)
  }
})

test('whom it concerns does not vote, and the others need a majority of all', () => {
  for (let count = 2; count <= 12; count += 1) {
    const codes = Array.from({ length: count }, (_, index) => `m${index}x`)
    const { voters, needed } = electorate(city(codes), ['m0x'])
    assert.equal(voters.includes('m0x'), false)
    assert(needed <= count - 1)
    assert(count === 2 ? needed === 1 : 2 * needed > count, `${count}: ${needed}`)
  }
  assert.deepEqual(electorate(city(['tax']), ['tax']), { voters: ['tax'], needed: 1 })
  const both = electorate(city(['tax', 'civil']), ['tax', 'civil'])
  assert.equal(both.needed, 2)
})

test('an action is carried out with the threshold and not before', () => {
  const world = city(five)
  const action = { kind: 'suspend', member: 'market', ground: 'compromised' }
  const proposal = voted(world, action, ['tax', 'housing'])
  assert.equal(execute(world, proposal).code, 'members/not-passed')
  const known = world.when('civil', 'governance.propose', { proposal, action })
  assert.equal(known.code, 'members/proposal-known')
  const again = voted(world, action, ['civil', 'tax', 'housing'])
  assert.equal(execute(world, again).code, 'ok')
  assert.equal(readMember(world, 'market')?.state, 'suspended')
  assert.equal(execute(world, again).code, 'members/proposal-closed')
  const suspended = world.when('market', 'key.revoke', { kid: ecKey('market/command').kid })
  assert.equal(suspended.code, 'validate/member-suspended')
})

test('a vote is for the action that was proposed', () => {
  const world = city(five)
  const proposal = idOf('changed')
  const action = { kind: 'reinstate', member: 'market' }
  assert.equal(
    world.when('tax', 'governance.propose', { proposal, action }).code,
    'members/not-suspended',
  )
  const suspension = { kind: 'suspend', member: 'market', ground: 'misuse' }
  world.given('tax', 'governance.propose', { proposal, action: suspension })
  const vote = { proposal, action: hash('other'), choice: 'yes' }
  assert.equal(world.when('tax', 'governance.vote', vote).code, 'members/proposal-changed')
})

test('the subject does not vote on itself, a participant not at all', () => {
  const world = city(five)
  const proposal = idOf('own')
  const action = { kind: 'suspend', member: 'market', ground: 'misuse' }
  const { outcome } = world.given('market', 'governance.propose', { proposal, action })
  const { action: digest } = outcome as { readonly action: string }
  const vote = { proposal, action: digest, choice: 'yes' }
  assert.equal(world.when('market', 'governance.vote', vote).code, 'members/own-affair')
  assert.deepEqual(members.types.find(({ name }) => name === 'governance.vote')?.kinds, ['replica'])
})

test('who proposes for a department does not vote for it', () => {
  const world = city(['tax', 'housing'], { tax: ['an', 'bo'] })
  const proposal = idOf('four eyes')
  const action = { kind: 'upgrade', code: hash('release'), fromHeight: 100 }
  const { outcome } = world.given('tax', 'governance.propose', { proposal, action }, ['an'])
  const { action: digest } = outcome as { readonly action: string }
  const vote = { proposal, action: digest, choice: 'yes' }
  const own = (officers: readonly string[]): string =>
    world.when('tax', 'governance.vote', vote, officers).code
  assert.equal(own([]), 'members/officers-required')
  assert.equal(own(['an']), 'members/same-officer')
  assert.equal(own(['an', 'bo']), 'members/same-officer')
  assert.equal(own(['bo']), 'ok')
})

test('a vote can be taken back until the action is carried out', () => {
  const world = city(['tax', 'housing'])
  const action = { kind: 'upgrade', code: hash('release'), fromHeight: 100 }
  const proposal = voted(world, action, ['tax', 'housing'])
  const digest = (world.get(`members/proposal/${proposal}`) as { readonly digest: string }).digest
  world.given('housing', 'governance.vote', { proposal, action: digest, choice: 'no' })
  assert.equal(execute(world, proposal).code, 'members/not-passed')
})

test('votes are counted again when the action is carried out', () => {
  const world = city([...five, 'court'])
  const action = { kind: 'upgrade', code: hash('release'), fromHeight: 100 }
  const proposal = voted(world, action, ['tax', 'housing', 'civil', 'police', 'market'])
  decided(world, { kind: 'suspend', member: 'police', ground: 'compromised' }, [
    'tax',
    'housing',
    'civil',
    'market',
  ])
  decided(world, { kind: 'suspend', member: 'market', ground: 'compromised' }, [
    'tax',
    'housing',
    'civil',
    'court',
  ])
  // Four remain; three of them agreed, which is their threshold.
  assert.equal(execute(world, proposal).code, 'ok')
  const other = city([...five, 'court'])
  const late = voted(other, action, ['tax', 'housing', 'civil', 'police', 'market'])
  decided(other, { kind: 'suspend', member: 'police', ground: 'compromised' }, [
    'tax',
    'housing',
    'civil',
    'market',
  ])
  const digest = (other.get(`members/proposal/${late}`) as { readonly digest: string }).digest
  other.given('civil', 'governance.vote', { proposal: late, action: digest, choice: 'no' })
  assert.equal(execute(other, late).code, 'members/not-passed')
})

test('a proposal lapses after 90 days and is withdrawn by its proposer alone', () => {
  const world = city(['tax', 'housing'])
  const action = { kind: 'upgrade', code: hash('release'), fromHeight: 100 }
  const proposal = voted(world, action, ['tax', 'housing'])
  assert.equal(
    world.when('housing', 'governance.withdraw', { proposal }).code,
    'members/not-proposer',
  )
  world.next(91 * 86_400_000)
  assert.equal(execute(world, proposal).code, 'members/proposal-lapsed')
  const next = voted(world, action, ['tax'])
  world.given('tax', 'governance.withdraw', { proposal: next })
  assert.equal(execute(world, next).code, 'members/proposal-closed')
  assert.equal(execute(world, idOf('nothing')).code, 'members/proposal-unknown')
})

test('suspension and reinstatement', () => {
  const world = city(['tax', 'housing', 'civil'])
  decided(world, { kind: 'suspend', member: 'civil', ground: 'unreachable' }, ['tax', 'housing'])
  assert.deepEqual(rollOf(world).replicas, ['housing', 'tax'])
  decided(world, { kind: 'reinstate', member: 'civil' }, ['tax', 'housing'])
  assert.equal(readMember(world, 'civil')?.state, 'active')
  assert.deepEqual(rollOf(world).replicas, ['civil', 'housing', 'tax'])
  const alone = city(['tax'])
  const answer = alone.when('tax', 'governance.propose', {
    proposal: idOf('suicide'),
    action: { kind: 'suspend', member: 'tax', ground: 'own-wish' },
  })
  assert.equal(answer.code, 'members/last-replica')
})

function rekeying(member: string, key = ecKey('replacement')): Action {
  return { kind: 'rekey', member, ...offerOf(key, { member, use: 'command' }) }
}

test('a lost department key is replaced by the others, a day after their vote', () => {
  const world = city(['tax', 'housing', 'civil'])
  const proposal = voted(world, rekeying('civil'), ['tax', 'housing'])
  assert.equal(execute(world, proposal).code, 'members/too-early')
  world.next(rekeyDelayMs - 1)
  assert.equal(execute(world, proposal).code, 'members/too-early')
  world.next(1)
  assert.equal(execute(world, proposal).code, 'ok')
  const fresh = readKey(world, ecKey('replacement').kid)
  assert(fresh !== undefined)
  assert.equal(fresh.member, 'civil')
  assert.equal(keyInForce(fresh, world.height + 1), true)
  assert.equal(readKey(world, ecKey('civil/command').kid)?.until, world.height + 1)
})

test('whoever holds the old key may veto, nobody else, and only a rekeying', () => {
  const world = city(['tax', 'housing', 'civil'])
  const proposal = voted(world, rekeying('civil'), ['tax', 'housing'])
  assert.equal(world.when('housing', 'member.veto', { proposal }).code, 'members/not-subject')
  world.given('civil', 'member.veto', { proposal })
  world.next(rekeyDelayMs)
  assert.equal(execute(world, proposal).code, 'members/proposal-closed')
  const suspension = { kind: 'suspend', member: 'civil', ground: 'compromised' }
  const other = voted(world, suspension, ['tax', 'housing'])
  assert.equal(world.when('civil', 'member.veto', { proposal: other }).code, 'members/no-veto')
})

test('a thief’s veto ends with the suspension of the member', () => {
  const world = city(['tax', 'housing', 'civil'])
  decided(world, { kind: 'suspend', member: 'civil', ground: 'compromised' }, ['tax', 'housing'])
  const proposal = voted(world, rekeying('civil'), ['tax', 'housing'])
  assert.equal(world.when('civil', 'member.veto', { proposal }).code, 'validate/member-suspended')
  world.next(rekeyDelayMs)
  assert.equal(execute(world, proposal).code, 'ok')
  decided(world, { kind: 'reinstate', member: 'civil' }, ['tax', 'housing'])
})

test('a vote taken back starts the day of waiting anew', () => {
  const world = city(['tax', 'housing', 'civil'])
  const proposal = voted(world, rekeying('civil'), ['tax', 'housing'])
  const digest = (world.get(`members/proposal/${proposal}`) as { readonly digest: string }).digest
  const vote = (choice: string): Answer =>
    world.given('tax', 'governance.vote', { proposal, action: digest, choice })
  vote('no')
  world.next(rekeyDelayMs)
  vote('yes')
  assert.equal(execute(world, proposal).code, 'members/too-early')
  world.next(rekeyDelayMs)
  assert.equal(execute(world, proposal).code, 'ok')
})

test('two bureaus become one: duties go over, old keys end, the operator’s place moves', () => {
  const world = city(['culture', 'tourism', 'bureau', 'tax', 'civil'])
  world.next()
  decided(
    world,
    { kind: 'succeed', from: ['culture', 'tourism'], to: 'bureau', act: hash('act') },
    ['tax', 'civil'],
  )
  for (const code of ['culture', 'tourism']) {
    assert.equal(readMember(world, code)?.state, 'left')
    assert.equal(successorOf(world, code), 'bureau')
    assert.equal(keyInterval(world, ecKey(`${code}/command`).kid)?.until, world.height + 1)
  }
  assert.deepEqual(readMember(world, 'bureau')?.succeeds, ['culture', 'tourism'])
  assert.equal(settingsOf(world).operator, 'bureau')
  assert.deepEqual(rollOf(world).replicas, ['bureau', 'civil', 'tax'])
})

test('a department’s duty to use its officers is lowered by the others only', () => {
  const world = city(['tax', 'housing', 'civil'], { civil: ['an'] })
  const proposal = voted(world, { kind: 'lower-officers', member: 'civil' }, ['tax', 'housing'])
  assert.equal(officersRequired(world, 'civil'), true)
  assert.equal(execute(world, proposal).code, 'ok')
  assert.equal(officersRequired(world, 'civil'), false)
})

test('a code version begins at its height, with an entry at the head of that block', () => {
  const world = city(['tax'])
  const action = { kind: 'upgrade', code: hash('release'), fromHeight: world.height + 2 }
  decided(world, action, ['tax'])
  assert.equal(codeAt(world, world.height + 1), undefined)
  assert.equal(codeAt(world, world.height + 2), hash('release'))
  const opening = (height: number): readonly unknown[] =>
    (members.opening?.(world, { ledger: 'x', height, time: world.time }) ?? []).map(
      ({ system }) => system,
    )
  assert.deepEqual(opening(world.height + 1), [])
  assert.deepEqual(opening(world.height + 2), [
    { kind: 'upgrade', code: hash('release'), from: world.height + 2 },
  ])
  const same = { ...action, fromHeight: world.height + 9 }
  const again = world.when('tax', 'governance.propose', { proposal: idOf('u'), action: same })
  assert.equal(again.code, 'members/same-code')
  const past = { ...action, code: hash('next'), fromHeight: world.height }
  const late = world.when('tax', 'governance.propose', { proposal: idOf('v'), action: past })
  assert.equal(late.code, 'members/not-in-the-future')
})

test('a handover names log keys of all its members and a quorum', () => {
  const world = city(['tax', 'housing'])
  const keys = { tax: edKey(), housing: edKey() }
  for (const [member, key] of Object.entries(keys)) {
    world.given(member, 'key.add', { use: 'log', ...offerOf(key, { member, use: 'log' }) })
  }
  const logKeys = { tax: keys.tax.kid, housing: keys.housing.kid }
  const plan = {
    kind: 'handover',
    engine: hash('engine'),
    members: ['tax', 'housing'],
    logKeys,
    quorum: 2,
    initialHeight: world.height + 5,
  }
  for (const wrong of [
    { quorum: 1 },
    { quorum: 3 },
    { logKeys: { ...logKeys, housing: keys.tax.kid } },
    { members: ['tax'] },
  ]) {
    const action = { ...plan, ...wrong }
    const answer = world.when('tax', 'governance.propose', { proposal: idOf('h'), action })
    assert.equal(answer.code, 'members/bad-handover')
  }
  decided(world, plan, ['tax', 'housing'])
  const opening = (height: number): number =>
    (members.opening?.(world, { ledger: 'x', height, time: world.time }) ?? []).length
  assert.equal(opening(world.height + 3), 0)
  assert.equal(opening(world.height + 4), 1, 'the last block before the new engine')
  const second = world.when('tax', 'governance.propose', { proposal: idOf('i'), action: plan })
  assert.equal(second.code, 'members/handover-known')
})

test('an entry is withheld under a law, and only one that exists', () => {
  const world = city(['tax'])
  world.next()
  const action = { kind: 'redact', entry: 0, leaf: hash('leaf'), law: 'pipl-47' }
  decided(world, action, ['tax'])
  assert.equal(redactionOf(world, 0)?.law, 'pipl-47')
  assert.equal(redactionOf(world, 1), undefined)
  const later = { ...action, entry: 1_000 }
  const answer = world.when('tax', 'governance.propose', { proposal: idOf('r'), action: later })
  assert.equal(answer.code, 'members/not-in-the-future')
})
