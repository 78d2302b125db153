// Watches: who is told of a change, and who no longer is. Anchors of views.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Value } from '#ledger/command'
import { accountApplication, b32, idOf, SharingWorld } from '#test/sharing-world'
import { changedOf, readersOf, viewsOf } from './index.ts'

const id = idOf('case')
const day = 86_400_000

function opened(over: Parameters<SharingWorld['cases']['account']>[1] = {}): SharingWorld {
  const world = new SharingWorld()
  world.cases.account(id, over)
  return world
}

function changed(world: SharingWorld, by = 'market'): { code: string; readers?: Value } {
  const { code, outcome } = world.when(by, 'watch.changed', { case: id, watch: 'licence' })
  const readers = (outcome as { readers?: Value } | undefined)?.readers
  return readers === undefined ? { code } : { code, readers }
}

test('a change is told to the reader with a live ground, and carries no value', () => {
  const world = opened({ state: 'delivered' })
  const answer = world.when('market', 'watch.changed', { case: id, watch: 'licence' })
  assert.deepEqual(answer.outcome, {
    case: id,
    watch: 'licence',
    item: 'licence',
    readers: ['icbc'],
  })
  assert.equal(changedOf(world, id, 'licence')?.count, 1)
  world.next()
  changed(world)
  assert.equal(changedOf(world, id, 'licence')?.count, 2)
})

test('who has no live ground is told nothing', () => {
  const silent = { code: 'ok', readers: [] }
  assert.deepEqual(changed(opened({ consents: new Set() })), silent, 'consent withdrawn')
  assert.deepEqual(changed(opened({ members: {} })), silent, 'no bank is bound')
  for (const state of ['ended', 'withdrawn', 'lapsed'] as const) {
    assert.deepEqual(changed(opened({ state })), silent, state)
  }
  const world = opened({ consents: new Set() })
  changed(world)
  assert.equal(changedOf(world, id, 'licence'), undefined)
})

test('a watch ends with its last day, counted from when its ground began', () => {
  const world = opened({ state: 'delivered' })
  world.next(5 * 365 * day)
  assert.deepEqual(changed(world).readers, ['icbc'])
  world.next(3 * day)
  assert.deepEqual(changed(world).readers, [])
})

test('a watch on the ground of a law lives while the article is in force', () => {
  const standing = (until?: string): SharingWorld => {
    const law = { cite: 'x', from: '2010-01-01', ...(until === undefined ? {} : { until }) }
    const application = accountApplication((b) => ({
      ...b,
      law: { ...b.law, account: law },
      watches: {
        licence: { reader: 'tax', reads: 'licence.name', ground: 'account', until: '30d' },
      },
    }))
    return opened({ application, consents: new Set() })
  }
  assert.deepEqual(changed(standing()).readers, ['tax'])
  assert.deepEqual(changed(standing('2020-01-01')).readers, [])
  const world = standing()
  world.next(31 * day)
  assert.deepEqual(changed(world).readers, [])
})

test('only the owner of what is watched says that it changed', () => {
  const world = opened()
  assert.equal(changed(world, 'tax').code, 'sharing/not-owner')
  assert.equal(changed(world, 'icbc').code, 'sharing/not-owner')
  const other = (of: string, watch: string): string =>
    world.when('market', 'watch.changed', { case: of, watch }).code
  assert.equal(other(idOf('none'), 'licence'), 'sharing/unknown-case')
  assert.equal(other(id, 'hukou'), 'sharing/unknown-name')
  assert.equal(other(id, 'constructor'), 'sharing/unknown-name')
  assert.deepEqual(readersOf(world.cases, world, { case: id, name: 'licence' }, world.time), [
    'icbc',
  ])
  assert.equal(readersOf(world.cases, world, { case: id, name: 'x' }, world.time), undefined)
})

test('the anchor of a member’s views only ever grows', () => {
  const world = opened()
  const anchor = (root: string, count: number): string =>
    world.when('icbc', 'share.views', { root: b32(root), count }).code
  assert.equal(anchor('a', 10), 'ok')
  assert.equal(anchor('a', 10), 'ok', 'a day without views')
  assert.equal(anchor('b', 10), 'sharing/views-shrank', 'another chain of the same length')
  assert.equal(anchor('b', 9), 'sharing/views-shrank')
  assert.equal(anchor('b', 12), 'ok')
  assert.equal(viewsOf(world, 'icbc')?.count, 12)
  assert.equal(viewsOf(world, 'cbc'), undefined)
})
