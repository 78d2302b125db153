// Deeds of a case over the shipped applications.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { caseOf, itemOf } from '#domains/processes'
import { CaseWorld, shipped } from '#test/case-world'

const home = shipped('processes/bj.home.transfer')

function filed(): CaseWorld {
  const world = new CaseWorld(home)
  assert.equal(world.file('seller', 'planning').code, 'ok')
  assert.equal(world.join('buyer', 'planning').code, 'ok')
  return world
}

test('a home transfer runs to its end when everybody does what is waited for', () => {
  const world = filed()
  world.run()
  const facts = caseOf(world, world.id)
  assert.equal(facts?.state, 'delivered')
  assert.deepEqual(world.openNames(), [])
  assert.equal(itemOf(world, world.id, 'newTitle')?.gen, 1)
})
