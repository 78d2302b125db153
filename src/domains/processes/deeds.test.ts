// The deeds of a case over the shipped applications: who may file, answer and act, on what, and
// what a second answer changes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Value } from '#ledger/command'
import { autoId, autoNotAfter, caseOf, itemOf, owned } from '#domains/processes'
import { keyKey, readKey } from '#ledger/validate'
import { CaseWorld, documentOf, shipped, wordHash } from '#test/case-world'
import { idOf } from '#test/domain-world'

const home = shipped('processes/bj.home.transfer')
const account = shipped('sharing/bj.firm.account')

function filed(): CaseWorld {
  const world = new CaseWorld(home)
  assert.equal(world.file('seller', 'planning').code, 'ok')
  assert.equal(world.join('buyer', 'housing').code, 'ok')
  return world
}

/** A case in which everything before an act is done. */
function until(act: string): CaseWorld {
  const world = filed()
  for (let step = 0; !world.openNames().includes(act); step += 1) {
    assert.ok(step < 100)
    world.next()
    const deeds = world.deeds().length
    assert.ok(deeds > 0)
    assert.ok(world.step())
  }
  return world
}

test('a home transfer runs to its end when everybody does what is waited for', () => {
  const world = filed()
  world.run()
  const facts = caseOf(world, world.id)
  assert.equal(facts?.state, 'delivered')
  assert.deepEqual(world.openNames(), [])
  assert.equal(itemOf(world, world.id, 'newTitle')?.gen, 1)
  // Nearly everything that decides about the case stands in one record of about two kilobytes.
  const { length } = JSON.stringify(world.get(`processes/case/${world.id}`))
  assert.ok(length < 2_600, `${length}`)
})

test('nothing is asked before somebody has filed, and only who is asked may answer', () => {
  const world = new CaseWorld(home)
  assert.deepEqual(world.owed(), [])
  assert.equal(world.file('seller', 'planning').code, 'ok')
  const asked = world.owed().map(({ item, by }) => `${item} ${by}`)
  assert.ok(asked.includes('title planning'))
  assert.ok(!asked.some((each) => each.startsWith('hukou')))
  assert.equal(world.answer('hukou').code, 'processes/not-asked')
  world.join('buyer', 'housing')
  assert.ok(world.owed().some(({ item, by }) => item === 'hukou' && by === 'police'))
  const body = {
    case: world.id,
    item: 'hukou',
    slots: { buyer: 1 },
    answer: 'register',
    parts: [wordHash('x')],
    asOf: world.time,
  }
  assert.equal(world.when('tax', 'case.supply', body).code, 'processes/not-the-source')
  const declared = { ...body, answer: 'declared' }
  assert.equal(world.when('police', 'case.supply', declared).code, 'processes/not-the-source')
  const of = (change: object): string =>
    world.when('police', 'case.supply', { ...body, ...change } as typeof body).code
  assert.equal(of({ slots: { buyer: 2 } }), 'processes/wrong-slot')
  assert.equal(of({ slots: {} }), 'processes/wrong-slot')
  assert.equal(of({ asOf: world.time + 1 }), 'processes/bad-time')
  assert.equal(of({ parts: [] }), 'processes/wrong-parts')
  assert.equal(of({ element: 0 }), 'processes/bad-element')
  assert.equal(of({ public: documentOf(world, [{}]) }), 'processes/bad-public')
  assert.equal(of({}), 'ok')
})

test('a case is filed once, whole, by a party that files, and as surely as is asked', () => {
  const world = new CaseWorld(account)
  assert.equal(world.file('applicant', 'market').code, 'processes/identification-too-low')
  assert.equal(world.file('bank', 'market', 'idp').code, 'processes/no-such-name')
  assert.equal(world.file('constructor', 'market', 'idp').code, 'processes/no-such-name')
  assert.equal(world.file('applicant', 'market', 'holder-key').code, 'ok')
  assert.equal(world.file('applicant', 'market', 'idp').code, 'processes/already-filed')
  assert.equal(world.join('applicant', 'market', 'idp').code, 'processes/already-filed')
  const homes = new CaseWorld(home)
  const body: { readonly [name: string]: Value } = {
    case: homes.id,
    blueprint: home.hash,
    party: 'seller',
    slots: { seller: [wordHash('seller')] },
    identified: { method: 'window' },
    notice: wordHash('notice'),
  }
  assert.equal(homes.when('planning', 'case.file', body).code, 'processes/wrong-slot')
  const other = { ...body, blueprint: wordHash('other') }
  assert.equal(homes.when('planning', 'case.file', other).code, 'processes/unknown-blueprint')
  assert.equal(homes.join('buyer', 'housing').code, 'processes/unknown-case')
})

test('a second owner joins the slot of the first, and names no object', () => {
  const world = filed()
  assert.equal(world.join('seller', 'civil', 'window', 'second').code, 'ok')
  const slot = caseOf(world, world.id)?.slots['seller']
  assert.equal(slot?.gen, 2)
  assert.deepEqual(slot?.hosts, ['planning', 'civil'])
  assert.equal(owned(world, world.id, 'seller'), 'planning')
  world.answer('title')
  assert.equal(owned(world, world.id, 'title'), 'planning')
})

test('a mandate counts where there is one, and a void one is none', () => {
  const world = until('sign')
  const readsOf = (of: CaseWorld): { readonly [name: string]: number } =>
    of.open().find(({ act }) => act === 'sign')?.reads ?? {}
  const mandate = (word: string): string =>
    world.when('notary', 'case.supply', {
      case: world.id,
      item: 'mandate',
      slots: { seller: 1 },
      answer: 'register',
      parts: [wordHash(word)],
      asOf: world.time,
      element: 0,
    }).code
  assert.equal(readsOf(world)['mandate'], 0)
  assert.equal(world.act('sign').code, 'ok')
  // What was signed in person stands, whatever mandate comes later.
  assert.equal(mandate('first'), 'ok')
  assert.ok(!world.openNames().includes('sign'))
  const other = until('sign')
  other.when('notary', 'case.supply', {
    case: other.id,
    item: 'mandate',
    slots: { seller: 1 },
    answer: 'register',
    parts: [wordHash('m')],
    asOf: other.time,
    element: 0,
  })
  assert.equal(other.act('sign', '', { reads: { mandate: 0 } }).code, 'processes/stale-read')
  const reads = readsOf(other)
  assert.equal(reads['mandate'], 1)
  const returned = other.when('planning', 'case.return', {
    case: other.id,
    act: 'sign',
    items: ['mandate'],
    reason: 'wrong',
    note: wordHash('note'),
  })
  assert.equal(returned.code, 'ok')
  assert.equal(other.act('sign', '', { reads }).code, 'processes/stale-read')
  assert.equal(readsOf(other)['mandate'], 0)
  assert.equal(other.act('sign').code, 'ok')
})

test('an act waits for what it reads, for its claim, and for those who came before', () => {
  const world = filed()
  assert.deepEqual(world.openNames(), [])
  assert.equal(world.act('sign', '', { by: 'planning' }).code, 'processes/act-not-open')
  assert.equal(world.act('nothing', '', { by: 'planning' }).code, 'processes/no-such-name')
  assert.equal(world.act('sign', '', { by: 'planning', element: 0 }).code, 'processes/bad-element')
  for (const { item } of world.owed()) assert.equal(world.answer(item).code, 'ok')
  assert.deepEqual(world.openNames(), ['checkBank', 'checkBuyer', 'checkSeller'])
  assert.equal(world.act('checkBuyer').code, 'ok')
  for (const { item } of world.owed()) assert.equal(world.answer(item).code, 'ok')
  assert.equal(world.act('sign', '', { by: 'planning' }).code, 'processes/not-claimed')
  assert.equal(world.grant('home').code, 'ok')
  assert.ok(world.openNames().includes('sign'))
})

test('an act names the generations on which it was made, all and no others', () => {
  const world = until('assess')
  const reads = world.open().find(({ act }) => act === 'assess')?.reads ?? {}
  assert.deepEqual(Object.keys(reads), ['contract', 'holdings', 'title'])
  const of = (change: object): string => world.act('assess', '', { reads: change as Value }).code
  assert.equal(of({ ...reads, title: 2 }), 'processes/stale-read')
  assert.equal(of({ contract: 1, holdings: 1 }), 'processes/stale-read')
  assert.equal(of({ ...reads, hukou: 1 }), 'processes/stale-read')
  assert.equal(world.answer('title', 'corrected').code, 'ok')
  assert.equal(of(reads), 'processes/act-not-open')
  assert.equal(world.act('sign').code, 'ok')
  assert.equal(of(reads), 'processes/stale-read')
  assert.equal(of({ ...reads, contract: 2, title: 2 }), 'ok')
})

test('an act is recorded by its party, and gives what it gives', () => {
  const world = until('assess')
  const open = world.open().find(({ act }) => act === 'assess')
  assert.deepEqual(open?.recorders, ['tax'])
  const body = (gives: object): { readonly [name: string]: Value } => ({
    case: world.id,
    act: 'assess',
    reads: open?.reads ?? {},
    gives: gives as Value,
  })
  const bill = { bill: [wordHash('bill')] }
  assert.equal(world.when('housing', 'case.act', body(bill)).code, 'processes/not-party')
  for (const wrong of [{}, { bill: [] }, { ...bill, loan: [wordHash('l')] }, { loan: [] }]) {
    assert.equal(world.when('tax', 'case.act', body(wrong)).code, 'processes/wrong-parts')
  }
  assert.equal(world.when('tax', 'case.act', body(bill)).code, 'ok')
  assert.equal(world.when('tax', 'case.act', body(bill)).code, 'processes/act-not-open')
})

test('an equal answer opens nothing, another opens exactly what rests on it', () => {
  const world = until('register')
  const before = world.openNames()
  assert.equal(world.answer('holdings').code, 'ok')
  assert.equal(itemOf(world, world.id, 'holdings')?.gen, 1)
  assert.equal(itemOf(world, world.id, 'holdings')?.asOf, world.time)
  assert.deepEqual(world.openNames(), before)
  assert.equal(world.answer('holdings', 'second').code, 'ok')
  assert.equal(itemOf(world, world.id, 'holdings')?.gen, 2)
  assert.deepEqual(world.openNames(), ['checkBuyer'])
  // The party finds that nothing changes for it: with the same commitment the rest stands.
  const { gives } = { gives: { mayBuy: [partOf(world, 'mayBuy')] } }
  assert.equal(world.act('checkBuyer', '', { gives }).code, 'ok')
  assert.equal(itemOf(world, world.id, 'mayBuy')?.gen, 1)
  assert.deepEqual(world.openNames(), ['assess'])
})

function partOf(world: CaseWorld, item: string): string {
  return itemOf(world, world.id, item)?.parts[0]?.c ?? ''
}

test('a deciding act needs answers of its own attempt and of its own day', () => {
  const world = until('register')
  const [open] = world.open()
  assert.equal(open?.stale, true)
  assert.deepEqual(
    world.owed().map(({ item, fresh }) => `${item} ${fresh}`),
    ['liens true', 'title true'],
  )
  assert.equal(world.act('register').code, 'processes/stale-evidence')
  world.next()
  assert.equal(world.answer('liens').code, 'ok')
  assert.equal(world.answer('title').code, 'ok')
  assert.equal(world.open()[0]?.stale, false)
  world.next(86_400_000)
  assert.equal(world.act('register').code, 'processes/stale-evidence')
  assert.equal(world.answer('liens').code, 'ok')
  assert.equal(world.answer('title').code, 'ok')
  assert.equal(world.act('register').code, 'ok')
})

test('a pledge opens on the source’s own failure, and never after its answer', () => {
  const world = filed()
  const pledge = { by: 'housing', answer: 'pledged' }
  const supply = (by: string, answer: string, parts: readonly string[]): string =>
    world.when(by, 'case.supply', {
      case: world.id,
      item: 'marriage',
      slots: { buyer: 1 },
      answer,
      parts,
      asOf: world.time,
    }).code
  assert.equal(supply(pledge.by, 'pledged', [wordHash('p')]), 'processes/not-the-source')
  assert.equal(supply('tax', 'down', []), 'processes/not-the-source')
  assert.equal(supply('civil', 'down', [wordHash('p')]), 'processes/wrong-parts')
  assert.equal(supply('civil', 'down', []), 'ok')
  assert.equal(itemOf(world, world.id, 'marriage')?.available, undefined)
  assert.equal(supply(pledge.by, 'declared', [wordHash('p')]), 'processes/not-the-source')
  assert.equal(supply(pledge.by, 'pledged', [wordHash('p')]), 'ok')
  assert.equal(itemOf(world, world.id, 'marriage')?.sure, 'pledged')
  // The source is back: its answer takes the place of the pledge, and none may follow.
  assert.equal(supply('civil', 'register', [wordHash('m')]), 'ok')
  assert.equal(supply(pledge.by, 'pledged', [wordHash('p')]), 'processes/answered')
  assert.equal(itemOf(world, world.id, 'marriage')?.gen, 2)
})

test('nobody takes a place in a case of others who was not invited by its host', () => {
  const world = new CaseWorld(home)
  world.file('seller', 'planning')
  const join = (host: string): string =>
    world.when(host, 'case.join', {
      case: world.id,
      party: 'buyer',
      slot: wordHash('slot'),
      identified: { method: 'window' },
      notice: wordHash('notice'),
    }).code
  const invite = (by: string, member: string): string =>
    world.when(by, 'case.invite', { case: world.id, member }).code
  assert.equal(join('gas'), 'processes/not-party')
  assert.equal(invite('gas', 'gas'), 'processes/not-party')
  assert.equal(invite('planning', 'nobody'), 'processes/not-active')
  assert.equal(invite('planning', 'housing'), 'ok')
  assert.equal(invite('planning', 'housing'), 'processes/already-filed')
  assert.equal(join('gas'), 'processes/not-party')
  assert.equal(join('housing'), 'ok')
})

test('a department with officers decides by them, and names who identified a person', () => {
  const world = new CaseWorld(home, [], { planning: ['an', 'bo'], tax: ['cy'] })
  const kid = (name: string): string => idOf(`kid/${name}`)
  const file = (identified: object): string =>
    world.when('planning', 'case.file', {
      case: world.id,
      blueprint: home.hash,
      party: 'seller',
      slots: world.slotsOf('seller'),
      identified: { method: 'window', ...identified },
      notice: wordHash('notice'),
    }).code
  // One officer has two keys, and is one person all the same.
  const key = readKey(world, kid('an')) as unknown as { readonly [name: string]: Value }
  world.state.set(keyKey(kid('an2')), { ...key, kid: kid('an2') })
  const wrongs = [
    {},
    { officer: kid('an') },
    { officer: kid('an'), second: kid('cy') },
    { officer: kid('an'), second: kid('an') },
    { officer: kid('an'), second: kid('an2') },
  ]
  for (const wrong of wrongs) {
    assert.equal(file(wrong), 'processes/identification-too-low')
  }
  assert.equal(file({ officer: kid('an'), second: kid('bo') }), 'ok')
  assert.equal(world.join('buyer', 'housing').code, 'ok')
  for (let step = 0; step < 100 && !world.openNames().includes('register'); step += 1) {
    world.next()
    assert.ok(world.step())
  }
  world.next()
  for (const item of ['liens', 'title']) assert.equal(world.answer(item).code, 'ok')
  const body = {
    case: world.id,
    act: 'register',
    reads: world.open().find(({ act }) => act === 'register')?.reads ?? {},
    gives: { newTitle: [wordHash('title')] },
  }
  const register = (officers: readonly string[]): string =>
    world.when('planning', 'case.act', body, officers).code
  assert.equal(register([]), 'processes/officers-required')
  const no = { case: world.id, act: 'register', outcome: wordHash('no') }
  const concluded = world.when('planning', 'case.conclude', no)
  assert.equal(concluded.code, 'processes/officers-required')
  assert.equal(register(['cy']), 'processes/officers-required')
  assert.equal(register(['an']), 'ok')
})

test('the id of a robot’s act is one for one attempt, and in time', () => {
  const auto = {
    ledger: 'l',
    case: 'c',
    act: 'assess',
    member: 'tax',
    reads: { title: { gen: 1, asOf: 5 }, contract: { gen: 2, asOf: 6 } },
    openedHeight: 7,
    refusals: 0,
  }
  const turned = { contract: { gen: 2, asOf: 6 }, title: { gen: 1, asOf: 5 } }
  assert.equal(autoId(auto), autoId({ ...auto, reads: turned }))
  assert.equal(autoId(auto), 'SUpyZrr0F4GOO9FML6qPXQ')
  const others = [
    { ...auto, refusals: 1 },
    { ...auto, openedHeight: 8 },
    { ...auto, element: 0 },
    { ...auto, reads: { ...turned, title: { gen: 1, asOf: 6 } } },
  ].map(autoId)
  assert.equal(new Set([autoId(auto), ...others]).size, 5)
  const day = 86_400_000
  assert.equal(autoNotAfter(0, 0), 6 * day)
  assert.equal(autoNotAfter(0, 6 * day), 12 * day)
  for (let time = 0; time < 20 * day; time += 7_200_000) {
    const until = autoNotAfter(0, time)
    assert.ok(until >= time + 3_600_000 && until <= time + 7 * day)
  }
})
