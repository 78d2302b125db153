// Permits: who gets one, what it names, and the one code of each fault.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Value } from '#ledger/command'
import { accreditationPrefix, classType } from '#domains/members'
import { officerOffer } from '#test/domain-world'
import { accountApplication, b32, idOf, SharingWorld } from '#test/sharing-world'
import { answerMs, fieldsFor, monthOf, permitOf, sharingCodes, useKey } from './index.ts'

const id = idOf('case')

function opened(officers = {}): SharingWorld {
  const world = new SharingWorld(officers)
  world.cases.account(id)
  return world
}

test('a permit names what may be read, until when, and whom to ask', () => {
  const world = opened()
  const answer = world.read('icbc', { case: id, act: 'open', tags: { applicant: b32('t') } })
  assert.deepEqual(answer.outcome, {
    case: id,
    act: 'open',
    reads: { licence: 1, request: 1, risk: 1, taxFile: 1 },
    answerBy: world.time + answerMs,
    owners: { market: ['licence'], tax: ['taxFile'], window: ['request'] },
  })
  const permit = permitOf(world, answer.entry)
  assert.equal(permit?.reader, 'icbc')
  assert.deepEqual(permit.slots, ['applicant'])
  assert.deepEqual(permit.untagged, [])
  assert.deepEqual(permit.closed, {})
  const used = world.get(useKey(monthOf(world.time), b32('t')))
  assert.deepEqual(used, [answer.entry, answer.entry])
})

test('whoever is bound as a bank and is none any more gets no permit', () => {
  const world = opened()
  world.state.delete(`${accreditationPrefix}icbc/${classType('bank')}`)
  assert.equal(world.read('icbc', { case: id, act: 'open' }).code, 'sharing/not-party')
})

test('a register gets a permit for the keys by which it looks up what it owes', () => {
  const world = opened()
  const answer = world.read('tax', { case: id, supply: 'taxFile' })
  const { reads, owners, supply } = answer.outcome as { [name: string]: Value }
  assert.deepEqual(reads, { applicant: 1 })
  assert.deepEqual(owners, { window: ['applicant'] })
  assert.equal(supply, 'taxFile')
  assert.deepEqual(permitOf(world, answer.entry)?.untagged, ['applicant'])
  const { application } = world.cases.account(id)
  assert.deepEqual([...fieldsFor(application, { supply: 'taxFile' })], [['applicant', ['code']]])
})

test('requests with one fault each get different codes, and leave no permit', () => {
  const told = new Map<string, string>()
  const asked = (
    fault: string,
    change: (world: SharingWorld) => void,
    body: object,
    by = 'icbc',
  ) => {
    const world = opened()
    change(world)
    const answer = world.read(by, { case: id, ...body } as { [name: string]: Value })
    assert.equal(world.count('permit'), 0, fault)
    told.set(fault, answer.code)
  }
  const nothing = (): void => {}
  const change = (over: Parameters<SharingWorld['cases']['account']>[1]) => (world: SharingWorld) =>
    void world.cases.account(id, over)
  const expired = accountApplication((b) => ({
    ...b,
    law: { ...b.law, account: { cite: 'x', from: '2003-09-01', until: '2020-01-01' } },
  }))
  asked('party', nothing, { act: 'open' }, 'cbc')
  asked('act closed', change({ open: [] }), { act: 'open' })
  asked('field', nothing, { act: 'open', only: { licence: ['legalRep'] } })
  asked('law expired', change({ application: expired }), { act: 'open' })
  asked('consent withdrawn', change({ consents: new Set() }), { act: 'open' })
  asked('case closed', change({ state: 'ended' }), { act: 'open' })
  asked('supply not owed', change({ owed: [] }), { supply: 'taxFile' }, 'tax')
  assert.deepEqual(Object.fromEntries(told), {
    party: 'sharing/not-party',
    'act closed': 'sharing/act-not-open',
    field: 'sharing/field-not-read',
    'law expired': 'sharing/law-not-in-force',
    'consent withdrawn': 'sharing/no-consent',
    'case closed': 'sharing/case-closed',
    'supply not owed': 'sharing/not-owed',
  })
  assert.equal(new Set(told.values()).size, told.size)
})

test('a law counts on its first and its last day, by the calendar of China', () => {
  const world = opened()
  const day = (ms: number): string => new Date(ms + 28_800_000).toISOString().slice(0, 10)
  const code = (from: string, until?: string): string => {
    const law = { cite: 'x', from, ...(until === undefined ? {} : { until }) }
    const application = accountApplication((b) => ({ ...b, law: { ...b.law, account: law } }))
    world.cases.account(id, { application })
    return world.read('icbc', { case: id, act: 'open' }).code
  }
  const today = day(world.time)
  assert.equal(code(today), 'ok')
  assert.equal(code(today, today), 'ok')
  assert.equal(code(day(world.time + 86_400_000)), 'sharing/law-not-in-force')
  assert.equal(code('2000-01-01', day(world.time - 86_400_000)), 'sharing/law-not-in-force')
})

test('nobody is shown keys for an item that no act in force may use', () => {
  const world = opened()
  const law = { cite: 'x', from: '2003-09-01', until: '2020-01-01' }
  const application = accountApplication((b) => ({ ...b, law: { ...b.law, account: law } }))
  world.cases.account(id, { application })
  assert.equal(world.read('tax', { case: id, supply: 'taxFile' }).code, 'sharing/law-not-in-force')
})

test('a purpose is one act or one supply that the application declares', () => {
  const world = opened()
  const code = (body: { [name: string]: Value }): string => world.read('icbc', body).code
  assert.equal(code({ case: id }), 'sharing/no-purpose')
  assert.equal(code({ case: id, act: 'open', supply: 'taxFile' }), 'sharing/no-purpose')
  assert.equal(code({ case: id, act: 'toString' }), 'sharing/unknown-name')
  assert.equal(code({ case: id, act: 'close' }), 'sharing/unknown-name')
  assert.equal(code({ case: id, supply: 'risk' }), 'sharing/unknown-name', 'acts give it')
  assert.equal(code({ case: id, supply: 'constructor' }), 'sharing/unknown-name')
  assert.equal(code({ case: idOf('other'), act: 'open' }), 'sharing/unknown-case')
})

test('a reader may ask for less than the act reads, and its permit says for what', () => {
  const world = opened()
  const only = { licence: ['name', 'status'], taxFile: ['no'] }
  const tags = { applicant: b32('t') }
  const { entry, outcome } = world.read('icbc', { case: id, act: 'open', only, tags })
  assert.deepEqual((outcome as { reads: object }).reads, { licence: 1, taxFile: 1 })
  assert.deepEqual(permitOf(world, entry)?.only, only)
  const code = (more: { [name: string]: Value }): string =>
    world.read('icbc', { case: id, act: 'open', only: more }).code
  assert.equal(code({ licence: ['name', 'days'] }), 'sharing/field-not-read')
  assert.equal(code({ repId: ['match'] }), 'sharing/field-not-read')
  assert.equal(code({ constructor: ['name'] }), 'sharing/field-not-read')
})

test('a reader that knows no tag of a slot yet may be told it by the slot’s host', () => {
  const world = opened()
  const { entry } = world.read('icbc', { case: id, act: 'grade' })
  const permit = permitOf(world, entry)
  const { reads = {}, owners = {} } = permit ?? {}
  assert.deepEqual([reads['applicant'], reads['legalRep']], [1, 1])
  const told = (of: typeof owners): string[] =>
    (of['window'] ?? []).filter((name) => name === 'applicant' || name === 'legalRep')
  assert.deepEqual(told(owners), ['applicant', 'legalRep'])
  const tags = { applicant: b32('t') }
  const later = world.read('icbc', { case: id, act: 'grade', tags })
  assert.deepEqual(told(permitOf(world, later.entry)?.owners ?? {}), ['legalRep'])
})

test('the host of a person who acts may read for it, another window may not', () => {
  const world = opened()
  const open = [{ act: 'agree', recorders: ['window'], reads: { request: 1 } }]
  const slots = {
    applicant: { hosts: ['window'], commitments: [b32('a')], gen: 1 },
    legalRep: { hosts: ['cbc'], commitments: [b32('b')], gen: 1 },
  }
  world.cases.account(id, { open, slots })
  const code = (by: string): string => world.read(by, { case: id, act: 'agree' }).code
  assert.equal(code('window'), 'ok')
  assert.equal(code('cbc'), 'ok')
  assert.equal(code('tax'), 'sharing/not-party')
})

test('a slot of several persons has a tag for each, and a host for each', () => {
  const world = opened()
  const slots = {
    applicant: { hosts: ['window'], commitments: [b32('a')], gen: 1 },
    legalRep: { hosts: ['cbc', 'tax'], commitments: [b32('b'), b32('c')], gen: 3 },
  }
  const owed = [
    { item: 'repId', element: 1, by: 'police', key: [] },
    { item: 'repId', by: 'police', key: [] },
  ]
  world.cases.account(id, { slots, owed })
  const one = world.read('police', { case: id, supply: 'repId', element: 1 })
  assert.deepEqual(permitOf(world, one.entry)?.untagged, ['legalRep.1'])
  assert.deepEqual(permitOf(world, one.entry)?.owners, { cbc: ['legalRep'], tax: ['legalRep'] })
  const tags = { 'legalRep.0': b32('t0'), 'legalRep.1': b32('t1') }
  const all = world.read('police', { case: id, supply: 'repId', tags })
  assert.deepEqual(permitOf(world, all.entry)?.untagged, [])
})

test('one tag is used once, in its month and the next', () => {
  const world = opened()
  const code = (by: string, tags: { [slot: string]: string }): string =>
    world.read(by, { case: id, act: 'open', tags }).code
  assert.equal(code('icbc', { applicant: b32('t') }), 'ok')
  assert.equal(code('icbc', { applicant: b32('t') }), 'sharing/used-tag')
  assert.equal(code('icbc', { legalRep: b32('u') }), 'sharing/wrong-slot')
  assert.equal(code('icbc', { nobody: b32('u') }), 'sharing/wrong-slot')
  assert.equal(code('icbc', {}), 'ok', 'a reader that was shown nothing knows no tag yet')
  world.next(20 * 86_400_000)
  assert.equal(code('icbc', { applicant: b32('t') }), 'sharing/used-tag')
  world.next(20 * 86_400_000)
  assert.notEqual(monthOf(world.time), '2026-09')
  assert.equal(code('icbc', { applicant: b32('v') }), 'ok')
})

test('an officer whom a permit names is one of the reader’s with a key in force', () => {
  const world = opened({ icbc: ['li'], cbc: ['wu'] })
  const code = (officer: string): string =>
    world.read('icbc', { case: id, act: 'open', officer }).code
  const kid = officerOffer('li').kid
  assert.equal(code(kid), 'ok')
  assert.equal(code(officerOffer('wu').kid), 'sharing/unknown-officer')
  assert.equal(code(idOf('stranger')), 'sharing/unknown-officer')
})

test('in any order of withdrawals and requests no permit follows a withdrawal, and the last dies in time', () => {
  const step = fc.oneof(
    fc.constant('read' as const),
    fc.constant('revoke' as const),
    fc.constant('agree' as const),
    fc.constant('later' as const),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const world = opened()
      const facts = world.cases.account(id)
      let last = 0
      for (const each of steps) {
        if (each === 'later') world.next(7_000)
        if (each === 'agree') facts.consents.add('consent')
        if (each === 'revoke') {
          facts.consents.delete('consent')
          // Whatever was permitted before is over a minute later at the latest.
          assert.ok(last <= world.time + answerMs)
        }
        if (each !== 'read') continue
        const { code, entry } = world.read('icbc', { case: id, act: 'open' })
        assert.equal(code, facts.consents.has('consent') ? 'ok' : 'sharing/no-consent')
        last = Math.max(last, permitOf(world, entry)?.answerBy ?? 0)
      }
    }),
    { numRuns: 60 },
  )
})

test('every code of the room has an address of its own', () => {
  assert.equal(new Set(sharingCodes).size, sharingCodes.length)
  for (const code of sharingCodes) assert.match(code, /^sharing\/[a-z]+(?:-[a-z]+)*$/)
})
