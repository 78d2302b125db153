// The beginning of a ledger, and what the domain shows of itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Value } from '#ledger/command'
import { hasFreeString, isRefusal, jsonSchemaOf } from '#ledger/command'
import { mapNameOf } from '#ledger/apply'
import { accreditationKey, memberOf, officersRequired, rollOf, settingsOf } from './records.ts'
import { city, ecKey, edKey, founders, officerOffer } from '#test/domain-world'
import { foundersWrites, genesisSchema, members, practiceGenesis } from './genesis.ts'
import { membersCodes } from './lifecycle.ts'

type Params = { readonly [name: string]: Value } & {
  readonly members: readonly { readonly [name: string]: Value }[]
}

function params(codes: readonly string[] = ['tax', 'housing']): Params {
  return practiceGenesis(founders(codes)) as unknown as Params
}

function refusalOf(value: Value): string {
  const result = foundersWrites(value)
  return isRefusal(result) ? `${result.code} ${result.at ?? ''}` : 'ok'
}

test('a practice ledger begins with its members, hosted keys and the first as operator', () => {
  const world = city(['tax', 'housing', 'civil'], { tax: ['an', 'bo'] })
  assert.deepEqual(settingsOf(world), { practice: true, operator: 'tax' })
  assert.deepEqual(rollOf(world).replicas, ['civil', 'housing', 'tax'])
  assert.equal(memberOf(world, 'civil')?.from, 1)
  const key = world.get(`members/key/${ecKey('civil/command').kid}`) as { readonly custody: string }
  assert.equal(key.custody, 'hosted')
  assert.equal(officersRequired(world, 'tax'), true)
  assert.equal(officersRequired(world, 'civil'), false)
})

test('the algorithm of a practice key follows from its kind', () => {
  const [founder] = founders(['tax'])
  assert(founder !== undefined)
  const keys = { ...founder.keys, log: edKey().jwk, receipt: ecKey('r').jwk }
  assert.equal(refusalOf(practiceGenesis([{ ...founder, keys }])), 'ok')
})

test('parameters that cannot begin a ledger are refused with their place', () => {
  const good = params()
  const [tax, housing] = good.members
  assert(tax !== undefined && housing !== undefined)
  assert.equal(refusalOf(good), 'ok')
  assert.equal(refusalOf({ ...good, operator: 'nobody' }), 'members/unknown-member operator')
  const twice = { ...good, members: [tax, { ...housing, code: 'tax' }] }
  assert.equal(refusalOf(twice), 'members/member-known members[1]')
  const shared = { ...good, members: [tax, { ...housing, keys: tax['keys'] ?? null }] }
  assert.equal(refusalOf(shared), 'members/key-known members[1]')
  const bystander = { ...good, members: [{ ...tax, kind: 'participant' }, housing] }
  assert.equal(refusalOf(bystander), 'members/not-replica operator')
  const receipt = { use: 'receipt', alg: 'ES256', custody: 'own', jwk: ecKey('r').jwk }
  const mute = { ...good, members: [{ ...tax, keys: [receipt as unknown as Value] }, housing] }
  assert.equal(refusalOf(mute), 'members/last-command-key members[0]')
  const officers = ['an', 'an'].map((name) => officerOffer(name)) as unknown as Value
  const same = { ...good, members: [{ ...tax, officers }, housing] }
  assert.equal(refusalOf(same), 'members/officer-known members[0]')
  const { rp: _, ...bare } = tax
  const unseen = { ...good, members: [{ ...bare, officers }, housing] }
  assert.equal(refusalOf(unseen), 'members/no-relying-party members[0]')
  assert.match(refusalOf({ ...good, more: 1 }), /^command\/schema/)
  assert.match(refusalOf({ ...good, members: [] }), /^command\/schema/)
})

test('founders for whom the genesis entry has no room join later', () => {
  const [tax] = params().members
  assert(tax !== undefined)
  const many = Array.from({ length: 256 }, (_, index) => ({ ...tax, code: `dept-${index}` }))
  assert.equal(refusalOf({ ...params(), members: many }), 'members/members-full ')
})

test('no command and no outcome of the domain can carry a free text', () => {
  assert.equal(hasFreeString(genesisSchema), false)
  for (const type of members.types) {
    assert.equal(hasFreeString(type.body), false, type.name)
    if (type.outcome !== undefined) assert.equal(hasFreeString(type.outcome), false, type.name)
    assert.equal(typeof jsonSchemaOf(type.body), 'object')
  }
})

test('every command type says its key, its kinds, its budget and its approvals', () => {
  const names = members.types.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  for (const { name, use, kinds, budget, approvals } of members.types) {
    assert.deepEqual(use, ['command'], name)
    assert(kinds.includes('replica'), name)
    assert(budget.perHour > 0 && budget.perHour < 10_000, name)
    assert(approvals.min === 0 && approvals.max === 3, name)
  }
  const alone = members.types.filter((type) => type.alone === true).map(({ name }) => name)
  assert.deepEqual(alone, ['time.confirm', 'restore.confirm'])
  const clock = members.types.filter((type) => type.confirmsTime === true)
  assert.deepEqual(
    clock.map(({ name }) => name),
    ['time.confirm'],
  )
  assert.deepEqual(members.codes, membersCodes)
})

test('what must be provable as current stands in the map, and nothing else', () => {
  const map = (key: string): string | null => mapNameOf(members.maps ?? [], key)
  const world = city(['tax'], { tax: ['an'] })
  for (const key of world.state.keys()) {
    const expected = /^members\/(?:member|key)\//.test(key) ? 'now' : null
    assert.equal(map(key), expected, key)
  }
  assert.equal(map(accreditationKey('tax', 'a.type')), 'now')
})
