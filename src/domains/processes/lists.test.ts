// Lists: supplied piece by piece, acted on element by element, with public quantities that
// everybody computes over.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Act } from '#blueprint/grammar'
import { itemOf } from '#domains/processes'
import { shippedTypes } from '#test/blueprints'
import type { Answer } from '#test/domain-world'
import { CaseWorld, documentOf, publishedOf, shipped, wordHash } from '#test/case-world'

const supplies = shipped('certificates/bj.health.supplies')

test('a list that is supplied one by one is there when its source closes it', () => {
  const world = new CaseWorld(supplies)
  world.file('donor', 'health', 'idp')
  const lot = (id: string, more: object): string =>
    world.when('health', 'case.supply', {
      case: world.id,
      item: 'lots',
      slots: { goods: 1 },
      answer: 'declared',
      parts: [wordHash(id)],
      asOf: world.time,
      public: documentOf(world, [{ id, kind: 'mask', qty: 10 }]),
      ...more,
    }).code
  assert.equal(lot('L1', { public: documentOf(world, [{ id: 'L1' }]) }), 'processes/bad-public')
  assert.equal(lot('L1', { public: documentOf(world, []) }), 'processes/bad-public')
  assert.equal(lot('L1', {}), 'ok')
  assert.deepEqual(world.openNames(), [])
  assert.equal(lot('L2', { last: true }), 'ok')
  assert.deepEqual(world.openNames(), ['store/0', 'store/1'])
  assert.equal(itemOf(world, world.id, 'lots')?.public?.length, 2)
})

/** A case of relief goods with two lots in store. */
function stored(): CaseWorld {
  const world = new CaseWorld(supplies)
  world.file('donor', 'health', 'idp')
  const lots = ['L1', 'L2']
  world.answer('lots', '', {
    parts: lots.map(wordHash),
    last: true,
    public: documentOf(
      world,
      lots.map((id) => ({ id, kind: 'mask', qty: 10 })),
    ),
  })
  return world
}

test('an act for each element waits for its own element alone', () => {
  const world = stored()
  const first = { element: 0, public: documentOf(world, [{ lot: 'L1', qty: 10 }]) }
  assert.equal(world.act('store', '', first).code, 'ok')
  assert.deepEqual(world.openNames(), ['store/1', 'inspect/0'])
  assert.equal(itemOf(world, world.id, 'stored')?.available, false)
  // Of the second nothing came: a no about a thing has no public values.
  const second = { element: 1, public: documentOf(world, [null]) }
  assert.equal(world.act('store', '', second).code, 'ok')
  assert.equal(itemOf(world, world.id, 'stored')?.available, true)
  const open = itemOf(world, world.id, 'stored')?.public
  assert.equal(JSON.stringify(open), '[{"lot":"L1","qty":10}]')
  const third = world.act('store', '', { element: 2, by: 'redcross' })
  assert.equal(third.code, 'processes/bad-element')
})

test('what would break an invariant over public quantities is refused', () => {
  const world = stored()
  for (const element of [0, 1]) {
    const lot = `L${element + 1}`
    world.act('store', '', { element, public: documentOf(world, [{ lot, qty: 10 }]) })
    world.act('inspect', '', { element, public: documentOf(world, [{ lot, ok: true }]) })
  }
  const order = (quantities: readonly number[], carrier = 'post'): string =>
    world.act('allocate', '', {
      gives: { orders: quantities.map((qty) => wordHash(`${qty}`)) },
      public: documentOf(
        world,
        quantities.map((qty) => ({ lot: 'L1', qty, to: 'xiehe', carrier })),
      ),
    }).code
  // A depot is no carrier, whatever an order says.
  assert.equal(order([4], 'redcross'), 'processes/not-of-class')
  assert.equal(order([6, 5]), 'processes/hold-broken')
  assert.equal(order([6, 4]), 'ok')
  // The members who carry and receive are named by public fields of each order.
  assert.deepEqual(
    world.open().map(({ act, element, recorders }) => `${act}/${element} ${recorders.join()}`),
    ['carry/0 post', 'carry/1 post'],
  )
})

test('an answer about somebody whom evidence names rests on that evidence', () => {
  const home = shipped('processes/bj.home.transfer')
  const { checkBank: _given, ...acts } = home.blueprint.acts
  const bankOk = {
    type: 'bank-standing@1',
    about: 'lender',
    from: 'supervisor',
    key: ['lender.code'],
  }
  const evidence = { ...home.blueprint.evidence, bankOk }
  const world = new CaseWorld(
    publishedOf({ ...home.blueprint, acts, evidence }, shippedTypes(), []),
  )
  world.file('seller', 'planning')
  world.join('buyer', 'planning')
  const asked = (): readonly string[] =>
    world.owed().flatMap(({ item, slots }) => (item === 'bankOk' ? [JSON.stringify(slots)] : []))
  for (let step = 0; asked().length === 0; step += 1) {
    assert.ok(step < 50 && world.next().step())
  }
  assert.deepEqual(asked(), ['{"lender":1}'])
  assert.equal(world.answer('bankOk').code, 'ok')
  assert.equal(itemOf(world, world.id, 'bankOk')?.available, true)
  // Another bank: what was said of the first is no answer any more.
  assert.equal(world.answer('liens', 'another bank').code, 'ok')
  assert.equal(itemOf(world, world.id, 'bankOk')?.available, false)
  assert.deepEqual(asked(), ['{"lender":2}'])
  const stale = world.when('banking', 'case.supply', {
    case: world.id,
    item: 'bankOk',
    slots: { lender: 1 },
    answer: 'register',
    parts: [wordHash('late')],
    asOf: world.time,
  })
  assert.equal(stale.code, 'processes/wrong-slot')
  assert.equal(world.answer('bankOk').code, 'ok')
  assert.equal(itemOf(world, world.id, 'bankOk')?.gen, 1)
  assert.equal(itemOf(world, world.id, 'bankOk')?.available, true)
})

test('what falls due of a long list comes with several ticks, and none is too large', () => {
  const store = { ...(supplies.blueprint.acts['store'] as Act), within: '1d' }
  const blueprint = { ...supplies.blueprint, acts: { ...supplies.blueprint.acts, store } }
  const world = new CaseWorld(publishedOf(blueprint, shippedTypes(), []))
  world.file('donor', 'health', 'idp')
  for (const more of [{}, { last: true }]) {
    const lots = Array.from({ length: 128 }, (_, at) => `L${at}${'last' in more ? 'b' : 'a'}`)
    const values = lots.map((id) => ({ id, kind: 'mask', qty: 10 }))
    world.answer('lots', '', {
      parts: lots.map(wordHash),
      public: documentOf(world, values),
      ...more,
    })
  }
  assert.equal(world.open().length, 256)
  world.next(2 * 86_400_000)
  const tick = (): Answer => world.when('health', 'case.tick', { case: world.id })
  for (let late = 0; late < 256; late += 128) assert.equal(tick().code, 'ok')
  assert.equal(tick().code, 'processes/not-due')
  assert.ok(world.open().every(({ late }) => late))
})
