// How permits end, what counts against whom, and that the state is bounded by what is open.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Value } from '#ledger/command'
import { b32, idOf, SharingWorld } from '#test/sharing-world'
import { acknowledgeMs, answerMs, giveUpMs, monthOf, permitOf, standingOf } from './index.ts'
import { unacknowledged, unacknowledgedMax, unanswered, useKey } from './index.ts'

const id = idOf('case')
const root = b32('root')

function opened(): SharingWorld {
  const world = new SharingWorld()
  world.cases.account(id)
  return world
}

/** A permit of the bank, for one item of one owner. */
function asked(world: SharingWorld, tags: { [slot: string]: string } = {}): number {
  const body = { case: id, act: 'open', only: { licence: ['name'] }, tags }
  const { entry, code } = world.read('icbc', body)
  assert.equal(code, 'ok')
  return entry
}

function receipt(permit: number, over: { [name: string]: Value } = {}): { [name: string]: Value } {
  return { permit, tags: {}, root, oneSided: false, ...over }
}

function close(world: SharingWorld, by: string, ...receipts: { [name: string]: Value }[]): string {
  return world.when(by, 'share.receipts', { receipts }).code
}

test('a receipt closes its owner’s part and puts its tags into the month’s map', () => {
  const world = opened()
  const permit = asked(world, { applicant: b32('reader') })
  const { entry } = world
  assert.equal(close(world, 'market', receipt(permit, { tags: { applicant: b32('owner') } })), 'ok')
  assert.deepEqual(permitOf(world, permit)?.closed, { market: 'receipt' })
  assert.deepEqual(world.get(useKey(monthOf(world.time), b32('owner'))), [entry, permit])
  assert.equal(close(world, 'market', receipt(permit)), 'sharing/already-closed')
})

test('only an owner of a permit closes it, with tags of its slots that nobody has used', () => {
  const world = opened()
  const permit = asked(world, { applicant: b32('t') })
  assert.equal(close(world, 'tax', receipt(permit)), 'sharing/not-owner')
  assert.equal(close(world, 'market', receipt(99_999)), 'sharing/unknown-permit')
  const wrong = receipt(permit, { tags: { legalRep: b32('x') } })
  assert.equal(close(world, 'market', wrong), 'sharing/wrong-slot')
  const used = receipt(permit, { tags: { applicant: b32('t') } })
  assert.equal(close(world, 'market', used), 'sharing/used-tag')
})

test('one receipt that does not stand refuses the whole command and says which', () => {
  const world = opened()
  const [one, two] = [asked(world), asked(world)]
  const same = { tags: { applicant: b32('same') } }
  const receipts = [receipt(one, same), receipt(two, same)]
  const answer = world.when('market', 'share.receipts', { receipts })
  assert.deepEqual(answer, { code: 'sharing/used-tag', at: 'body.receipts[1]' })
  assert.deepEqual(permitOf(world, one)?.closed, {})
  const twice = world.when('market', 'share.receipts', { receipts: [receipt(one), receipt(one)] })
  assert.equal(twice.code, 'sharing/already-closed')
})

test('an owner closes alone only a day after the time, and that counts until it is acknowledged', () => {
  const world = opened()
  const permit = asked(world, { applicant: b32('t') })
  const alone = receipt(permit, { oneSided: true })
  assert.equal(close(world, 'market', alone), 'sharing/too-early')
  world.next(answerMs + acknowledgeMs - 1)
  assert.equal(close(world, 'market', alone), 'sharing/too-early')
  world.next(1)
  assert.equal(close(world, 'market', alone), 'ok')
  assert.equal(unacknowledged(world, 'icbc'), 1)
  const body = { permits: [{ permit, owner: 'market' }] }
  assert.equal(world.when('tax', 'share.acknowledge', body).code, 'sharing/not-reader')
  assert.equal(world.when('icbc', 'share.acknowledge', body).code, 'ok')
  assert.equal(unacknowledged(world, 'icbc'), 0)
  assert.equal(permitOf(world, permit), undefined, 'nothing remains to be decided')
  assert.equal(world.when('icbc', 'share.acknowledge', body).code, 'sharing/unknown-permit')
})

test('a countersignature that comes late takes the place of what the owner closed alone', () => {
  const world = opened()
  const permit = asked(world, { applicant: b32('t') })
  world.next(answerMs + acknowledgeMs)
  close(world, 'market', receipt(permit, { oneSided: true }))
  assert.equal(
    close(world, 'market', receipt(permit, { oneSided: true })),
    'sharing/already-closed',
  )
  assert.equal(close(world, 'market', receipt(permit)), 'ok')
  assert.equal(unacknowledged(world, 'icbc'), 0)
})

test('with more than a hundred unacknowledged reads a member gets no further permit', () => {
  const world = opened()
  const permits = Array.from({ length: unacknowledgedMax + 1 }, () => asked(world))
  world.next(answerMs + acknowledgeMs)
  const closing = permits.map((permit) => receipt(permit, { oneSided: true }))
  assert.equal(close(world, 'market', ...closing), 'ok')
  const body = { case: id, act: 'open' }
  assert.equal(world.read('icbc', body).code, 'sharing/too-many-unacknowledged')
  // Other owners answer as before: one that closes alone what it never showed stops nobody else.
  assert.equal(world.read('icbc', { ...body, only: { taxFile: ['no'] } }).code, 'ok')
  const [permit = 0] = permits
  world.given('icbc', 'share.acknowledge', { permits: [{ permit, owner: 'market' }] })
  assert.equal(world.read('icbc', body).code, 'ok', 'a hundred are borne')
})

test('a refusal has a listed reason, is told to the reader, and counts nothing against it', () => {
  const world = opened()
  const permit = asked(world)
  const body = { permit, code: 'subject', tags: { applicant: b32('refused') } }
  const answer = world.when('market', 'share.decline', body)
  assert.deepEqual(answer, { code: 'ok', outcome: { reader: 'icbc' } })
  assert.deepEqual(permitOf(world, permit)?.closed, { market: 'subject' })
  assert.equal(standingOf(world, 'market').declined, 1)
  assert.equal(unacknowledged(world, 'icbc'), 0)
  const again = world.when('market', 'share.decline', { permit, code: 'subject' })
  assert.equal(again.code, 'sharing/already-closed')
  assert.equal(
    world.when('tax', 'share.decline', { permit, code: 'subject' }).code,
    'sharing/not-owner',
  )
  const free = world.when('market', 'share.decline', { permit, code: 'she is not his wife' })
  assert.equal(free.code, 'command/schema')
})

test('a reader gives the tags that it could not know before it was shown something', () => {
  const world = opened()
  const permit = asked(world)
  const tag = (by: string, tags: { [slot: string]: string }): string =>
    world.when(by, 'share.tag', { uses: [{ permit, tags }] }).code
  assert.equal(tag('market', { applicant: b32('t') }), 'sharing/not-reader')
  assert.equal(tag('icbc', { legalRep: b32('t') }), 'sharing/wrong-slot')
  assert.equal(tag('icbc', { applicant: b32('t') }), 'ok')
  assert.equal(tag('icbc', { applicant: b32('u') }), 'sharing/already-tagged')
  assert.equal(tag('icbc', { applicant: b32('t') }), 'sharing/used-tag')
})

test('an owner that lets the time pass is named, and it counts when the permit is given up', () => {
  const world = opened()
  const permit = asked(world, { applicant: b32('t') })
  assert.deepEqual(unanswered(world, permit, world.time), [])
  world.next(answerMs)
  assert.deepEqual(unanswered(world, permit, world.time), ['market'])
  for (let n = 0; n < 3; n += 1) {
    world.next(giveUpMs)
    asked(world)
  }
  assert.equal(standingOf(world, 'market').unanswered > 0, true)
  assert.equal(permitOf(world, permit), undefined)
  assert.equal(close(world, 'market', receipt(permit)), 'sharing/unknown-permit')
})

test('tags that never come count against the reader until they do', () => {
  const world = opened()
  const permit = asked(world)
  close(world, 'market', receipt(permit, { tags: { applicant: b32('owner') } }))
  close(world, 'window', receipt(permit))
  world.next(answerMs + giveUpMs)
  asked(world, { applicant: b32('a') })
  asked(world, { applicant: b32('b') })
  assert.equal(unacknowledged(world, 'icbc'), 1)
  assert.equal(permitOf(world, permit)?.overdue, true)
  world.given('icbc', 'share.tag', { uses: [{ permit, tags: { applicant: b32('late') } }] })
  assert.equal(unacknowledged(world, 'icbc'), 0)
  assert.equal(permitOf(world, permit), undefined)
})

test('a host that shows no subject tag cannot have the reader blamed for it', () => {
  const world = opened()
  const silent = asked(world)
  close(world, 'market', receipt(silent))
  const declined = asked(world)
  close(world, 'market', receipt(declined))
  world.given('window', 'share.decline', { permit: declined, code: 'not-held' })
  const alone = asked(world)
  close(world, 'market', receipt(alone))
  world.next(answerMs + acknowledgeMs)
  close(world, 'window', receipt(alone, { oneSided: true }))
  world.next(giveUpMs)
  for (let n = 0; n < 4; n += 1) asked(world, { applicant: b32(`t${n}`) })
  assert.equal(standingOf(world, 'icbc').untagged, 0)
  assert.equal(permitOf(world, declined), undefined)
})

test('closed permits do not stay: the state holds what is open and what can still be cleared', () => {
  const world = opened()
  for (let day = 0; day < 60; day += 1) {
    for (let n = 0; n < 5; n += 1) {
      const permit = asked(world, { applicant: b32(`r/${day}/${n}`) })
      close(world, 'market', receipt(permit, { tags: { applicant: b32(`o/${day}/${n}`) } }))
    }
    // One a day that nobody ever closes.
    asked(world, { applicant: b32(`silent/${day}`) })
    world.next(86_400_000)
  }
  assert.ok(world.count('permit') <= 30, `${world.count('permit')} permits`)
  assert.ok(world.count('running') + world.count('late') <= 30)
  assert.ok(standingOf(world, 'market').unanswered >= 45)
  assert.equal(world.count('uses'), 60 * 11, 'what a holder proves stays')
})

test('whatever is closed, acknowledged and tagged in whatever order, the counts come out even', () => {
  const deed = fc.record({
    do: fc.constantFrom('receipt', 'alone', 'decline', 'acknowledge', 'tag', 'later'),
    of: fc.nat({ max: 5 }),
  })
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 40 }), (deeds) => {
      const world = opened()
      const permits = Array.from({ length: 6 }, () => asked(world))
      let tag = 0
      for (const each of deeds) {
        const permit = permits[each.of] ?? 0
        tag += 1
        const tags = { applicant: b32(`${tag}`) }
        if (each.do === 'later') world.next(acknowledgeMs + answerMs)
        if (each.do === 'receipt') close(world, 'market', receipt(permit))
        if (each.do === 'alone') close(world, 'market', receipt(permit, { oneSided: true }))
        if (each.do === 'decline')
          world.when('market', 'share.decline', { permit, code: 'not-held' })
        const permitsOf = [{ permit, owner: 'market' }]
        if (each.do === 'acknowledge')
          world.when('icbc', 'share.acknowledge', { permits: permitsOf })
        if (each.do === 'tag') world.when('icbc', 'share.tag', { uses: [{ permit, tags }] })
      }
      const open = permits.map((permit) => permitOf(world, permit))
      const alone = open.filter((each) => each?.closed['market'] === 'one-sided').length
      assert.equal(unacknowledged(world, 'icbc'), alone)
    }),
    { numRuns: 40 },
  )
})
