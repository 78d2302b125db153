// How an application comes into force: documents, the check, the scenarios, everybody's consent.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8Encode } from '#base/bytes'
import { hashOf, textOf } from '#blueprint/grammar'
import type { Value } from '#ledger/command'
import { members, practiceGenesis } from '#domains/members'
import type { BlueprintRecord } from '#domains/processes'
import { blueprintOf, processes } from '#domains/processes'
import type { Published } from '#test/case-world'
import { shipped, wordHash } from '#test/case-world'
import { founders, World } from '#test/domain-world'

const account = shipped('sharing/bj.firm.account')
const parties = ['market', 'police', 'tax', 'pbc']

/** A city of the members that the application names, with its documents at hand. */
function city(published: Published): World {
  const world = new World(practiceGenesis(founders([...parties, 'icbc'])), [members, processes])
  world.documents.set(published.hash, utf8Encode(published.text))
  for (const type of published.types) world.documents.set(hashOf(type), utf8Encode(textOf(type)))
  world.documents.set(hashOf(published.scenarios), utf8Encode(textOf(published.scenarios)))
  return world
}

function bodyOf(published: Published): { readonly [name: string]: Value } {
  return {
    publication: published.hash,
    scenarios: hashOf(published.scenarios),
    types: published.types.map((type) => hashOf(type)),
  }
}

function stateOf(world: World): string | undefined {
  const record = world.get(`processes/blueprint/${account.hash}`) as BlueprintRecord | undefined
  return record?.state
}

test('an application is in force when every member that it gives work to has agreed', () => {
  const world = city(account)
  const publish = (by: string): string => world.when(by, 'blueprint.publish', bodyOf(account)).code
  const agree = (by: string): string =>
    world.when(by, 'blueprint.agree', { blueprint: account.hash }).code
  assert.equal(agree('tax'), 'processes/unknown-blueprint')
  assert.equal(publish('tax'), 'processes/not-party')
  assert.equal(publish('market'), 'ok')
  assert.equal(publish('market'), 'processes/already-published')
  assert.equal(stateOf(world), 'proposed')
  assert.equal(blueprintOf(world, account.hash)?.blueprint.id, 'bj.firm.account')
  const file = {
    case: 'AAAAAAAAAAAAAAAAAAAAAA',
    blueprint: account.hash,
    party: 'applicant',
    slots: { applicant: [wordHash('firm')] },
    identified: { method: 'idp' },
    notice: wordHash('notice'),
  }
  assert.equal(world.when('market', 'case.file', file).code, 'processes/not-active')
  assert.equal(agree('icbc'), 'processes/not-party')
  assert.equal(agree('market'), 'processes/already-agreed')
  for (const by of ['tax', 'pbc', 'police']) assert.equal(agree(by), 'ok')
  assert.equal(stateOf(world), 'active')
  assert.equal(world.when('market', 'case.file', file).code, 'ok')
  const retire = (by: string): string =>
    world.when(by, 'blueprint.retire', { blueprint: account.hash }).code
  assert.equal(retire('tax'), 'processes/not-party')
  assert.equal(retire('market'), 'ok')
  assert.equal(retire('market'), 'processes/not-active')
  assert.equal(agree('tax'), 'processes/not-active')
  const another = { ...file, case: 'BAAAAAAAAAAAAAAAAAAAAA' }
  assert.equal(world.when('market', 'case.file', another).code, 'processes/not-active')
})

test('a publication needs exactly its documents', () => {
  const world = city(account)
  const publish = (change: object): string =>
    world.when('market', 'blueprint.publish', { ...bodyOf(account), ...change }).code
  const types = account.types.map((type) => hashOf(type))
  assert.equal(publish({ types: types.slice(1) }), 'processes/bad-document')
  assert.equal(publish({ types: [...types.slice(1), wordHash('x')] }), 'processes/bad-document')
  assert.equal(publish({ scenarios: types[0] }), 'processes/bad-document')
  assert.equal(publish({ publication: types[0] }), 'processes/bad-blueprint')
  world.documents.set(hashOf(account.scenarios), utf8Encode('{}'))
  assert.equal(publish({}), 'processes/bad-document')
})
