// Time that has an effect: what is late, what silence means and when it means nothing, clocks that
// stand, one notice, a case that lapses.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8Encode } from '#base/bytes'
import { sha256Text } from '#base/crypto'
import type { Value } from '#ledger/command'
import type { Blueprint } from '#blueprint/grammar'
import { dayOfText, endOfDay, startOfDay } from '#blueprint/time'
import { caseOf, itemOf } from '#domains/processes'
import { shippedTypes } from '#test/blueprints'
import { CaseWorld, publishedOf, shipped, wordHash } from '#test/case-world'
import { calendarText } from '#test/china-calendar'

/** An application in which silence has every effect that it can have. */
const silent: Blueprint = {
  format: 'lianban/blueprint/1',
  id: 'bj.silent',
  version: 1,
  kind: 'processes',
  origin: 'designed',
  lead: 'office',
  law: { deems: { cite: 'practice', from: '2020-01-01', deems: true } },
  parties: {
    person: { is: 'person', files: true, identified: 'window' },
    office: { is: 'dept', member: 'planning' },
    adviser: { is: 'dept', member: 'tax' },
    register: { is: 'dept', member: 'civil' },
  },
  evidence: {
    plan: { type: 'purchase-plan@1', about: 'person', from: 'person' },
    marriage: {
      type: 'marriage@1',
      about: 'person',
      from: 'register',
      key: ['person.code'],
      else: { owe: { by: 'person', law: 'deems', within: '10wd' } },
    },
    opinion: { type: 'purchase-eligibility@1', about: 'person' },
    permit: { type: 'purchase-eligibility@1', about: 'person' },
  },
  acts: {
    opine: {
      by: 'adviser',
      does: 'opine',
      reads: ['plan'],
      gives: 'opinion',
      within: '3wd',
      late: 'consent',
    },
    permit: {
      by: 'office',
      does: 'decide',
      reads: ['marriage', 'opinion', 'plan'],
      gives: 'permit',
      within: '5wd',
      late: 'grant',
      law: 'deems',
    },
  },
  clocks: {
    main: {
      acts: ['opine', 'permit'],
      law: 'deems',
      limit: '20wd',
      extension: '10wd',
      grounds: ['inspection'],
      notice: { law: 'deems', within: '5wd' },
    },
  },
  result: ['permit'],
  lapse: '30d',
  answers: '1wd',
  impact: ['acting-members', 'application', 'times'],
}

const published = publishedOf(silent, shippedTypes(), [])

/** A filed case on a Monday at ten, with the calendars of 2026 and 2027. */
function filed(on = '2026-03-02'): CaseWorld {
  const world = new CaseWorld(published)
  calendars(world)
  world.time = startOfDay(dayOfText(on) as number) + 36_000_000
  assert.equal(world.file('person', 'planning').code, 'ok')
  return world
}

function calendars(world: CaseWorld): void {
  const interval = { from: 0, until: Number.MAX_SAFE_INTEGER, by: 'governance', height: 1 }
  world.state.set('members/accreditation/planning/calendar', {
    member: 'planning',
    type: 'calendar',
    intervals: [interval],
  })
  for (const year of [2026, 2027]) assert.equal(publishYear(world, year), 'ok')
}

function publishYear(world: CaseWorld, year: number, by = 'planning'): string {
  const text = calendarText(year)
  const document = sha256Text(text, 'base64url')
  world.documents.set(document, utf8Encode(text))
  return world.when(by, 'calendar.publish', { document }).code
}

function send(world: CaseWorld, by: string, type: string, body: object = {}): string {
  return world.when(by, type, { case: world.id, ...body } as { readonly [k: string]: Value }).code
}

/** The effects of a tick, or its code. */
function tick(world: CaseWorld): string {
  const answer = world.when('civil', 'case.tick', { case: world.id })
  if (answer.code !== 'ok') return answer.code
  const { effects } = answer.outcome as {
    readonly effects: readonly { readonly effect: string; readonly name?: string }[]
  }
  return effects
    .map(({ effect, name }) => (name === undefined ? effect : `${effect} ${name}`))
    .join()
}

function at(world: CaseWorld, day: string): void {
  world.height += 1
  world.time = startOfDay(dayOfText(day) as number) + 36_000_000
}

test('calendars are published by whoever is accredited, year after year', () => {
  const world = new CaseWorld(published)
  assert.equal(publishYear(world, 2026), 'processes/not-party')
  calendars(world)
  assert.equal(publishYear(world, 2027), 'processes/already-published')
  assert.equal(publishYear(world, 2025), 'processes/bad-calendar')
  const document = wordHash('no calendar')
  world.documents.set(document, utf8Encode('{}'))
  const wrong = world.when('planning', 'calendar.publish', { document })
  assert.equal(wrong.code, 'processes/bad-calendar')
})

test('an act is due at the end of its last working day, and late once after that', () => {
  const world = filed('2026-09-28')
  world.answer('plan')
  const [open] = world.open()
  // Three working days from the Monday before the National Day holidays.
  assert.equal(open?.due, endOfDay(dayOfText('2026-10-09') as number) - 86_400_000)
  assert.equal(tick(world), 'processes/not-due')
  world.time = (open?.due ?? 0) + 1
  assert.equal(tick(world), 'late opine')
  assert.equal(world.open()[0]?.late, true)
})

test('silence is consent when the task was taken up and the whole time has passed since', () => {
  const world = filed()
  world.answer('plan')
  at(world, '2026-03-03')
  assert.equal(send(world, 'planning', 'case.take', { act: 'opine' }), 'processes/not-party')
  assert.equal(send(world, 'tax', 'case.take', { act: 'opine' }), 'ok')
  assert.equal(send(world, 'tax', 'case.take', { act: 'opine' }), 'processes/wrong-clock')
  world.answer('marriage')
  // Due is the 5th; counted from the day on which it was taken, the 6th.
  at(world, '2026-03-06')
  assert.equal(tick(world), 'late opine')
  assert.equal(tick(world), 'processes/not-due')
  at(world, '2026-03-07')
  assert.equal(tick(world), 'deemed opine')
  assert.equal(itemOf(world, world.id, 'opinion')?.available, true)
  assert.deepEqual(itemOf(world, world.id, 'opinion')?.parts, [])
  assert.deepEqual(world.openNames(), ['permit'])
  // What silence has given can be annulled, and is then for its party to give.
  const annul = { item: 'opinion', law: 'deems', note: wordHash('note') }
  assert.equal(send(world, 'planning', 'case.annul', annul), 'ok')
  assert.deepEqual(world.openNames(), ['opine'])
})

test('nothing is deemed that was never delivered, or in a declared outage', () => {
  const world = filed()
  world.answer('plan')
  world.answer('marriage')
  at(world, '2026-03-20')
  assert.equal(tick(world), 'late opine')
  assert.equal(tick(world), 'processes/not-taken')
  assert.equal(send(world, 'tax', 'case.take', { act: 'opine' }), 'ok')
  at(world, '2026-04-20')
  const slot = Math.floor(world.time / 2_592_000_000)
  const outage = { from: world.time - 7_200_000, until: world.time - 3_600_000 }
  world.state.set(`members/outage/${slot}`, [outage])
  assert.equal(tick(world), 'processes/outage')
  world.state.delete(`members/outage/${slot}`)
  assert.equal(tick(world), 'deemed opine')
})

test('a clock stands on a ground of the law, and is extended once, before it has passed', () => {
  const world = filed()
  world.answer('plan')
  const due = (): number | undefined => world.open()[0]?.due
  const first = due() ?? 0
  const act = { act: 'opine' }
  const suspend = (ground: string): string => send(world, 'tax', 'case.suspend', { ...act, ground })
  assert.equal(send(world, 'tax', 'case.resume', act), 'processes/wrong-clock')
  assert.equal(suspend('holiday'), 'processes/no-such-name')
  assert.equal(suspend('inspection'), 'ok')
  assert.equal(suspend('inspection'), 'processes/wrong-clock')
  assert.equal(due(), undefined)
  at(world, '2026-03-30')
  assert.equal(tick(world), 'processes/not-due')
  assert.equal(send(world, 'tax', 'case.resume', act), 'ok')
  assert.ok((due() ?? 0) > first)
  const extend = (count: number, unit: string): string =>
    send(world, 'tax', 'case.extend', { ...act, span: { count, unit } })
  assert.equal(extend(11, 'wd'), 'processes/wrong-clock')
  assert.equal(extend(10, 'd'), 'processes/wrong-clock')
  const before = due() ?? 0
  assert.equal(extend(10, 'wd'), 'ok')
  assert.ok((due() ?? 0) > before)
  assert.equal(extend(1, 'wd'), 'processes/wrong-clock')
  at(world, '2026-05-25')
  assert.equal(suspend('inspection'), 'processes/too-late')
})

test('what is missing is said once and in time, and is asked again', () => {
  const world = filed()
  world.answer('plan')
  const body = { items: ['plan'], note: wordHash('note') }
  assert.equal(send(world, 'civil', 'case.supplement', body), 'processes/not-party')
  const wrong = { ...body, items: ['permit'] }
  assert.equal(send(world, 'tax', 'case.supplement', wrong), 'processes/no-such-name')
  assert.equal(send(world, 'tax', 'case.supplement', body), 'ok')
  assert.ok(world.owed().some(({ item }) => item === 'plan'))
  assert.deepEqual(world.openNames(), [])
  assert.equal(send(world, 'planning', 'case.supplement', body), 'processes/notice-given')
  const late = filed()
  at(late, '2026-03-10')
  assert.equal(send(late, 'tax', 'case.supplement', body), 'processes/too-late')
})

test('a silent source opens what stands in, and what is owed is called in', () => {
  const world = filed()
  world.answer('plan')
  // A register is asked when what reads its answer could otherwise open, and not before.
  assert.deepEqual(world.owed(), [])
  assert.equal(world.act('opine').code, 'ok')
  const owe = (): string =>
    send(world, 'planning', 'case.supply', {
      item: 'marriage',
      slots: { person: 1 },
      answer: 'owed',
      parts: [],
      asOf: world.time,
    })
  assert.equal(owe(), 'processes/not-the-source')
  at(world, '2026-03-04')
  assert.equal(tick(world), 'late marriage')
  assert.equal(owe(), 'ok')
  assert.equal(itemOf(world, world.id, 'marriage')?.sure, 'owed')
  assert.deepEqual(world.openNames(), ['permit'])
  at(world, '2026-03-30')
  assert.equal(tick(world), 'late permit,still-owed marriage')
})

test('a case lapses when only its persons are silent, and never after a member has to act', () => {
  const world = filed()
  world.answer('marriage')
  at(world, '2026-04-01')
  assert.equal(tick(world), 'processes/not-due')
  at(world, '2026-04-02')
  assert.equal(tick(world), 'lapsed')
  assert.equal(caseOf(world, world.id)?.state, 'lapsed')
  assert.equal(world.answer('plan').code, 'processes/case-closed')
  const busy = filed()
  busy.answer('marriage')
  busy.answer('plan')
  at(busy, '2026-09-01')
  assert.equal(tick(busy), 'late opine')
  assert.equal(tick(busy), 'processes/not-taken')
})

test('a dispute that nobody answers in its time is called in once', () => {
  const world = new CaseWorld(shipped('processes/bj.home.transfer'))
  calendars(world)
  at(world, '2026-03-02')
  world.file('seller', 'planning')
  world.join('buyer', 'planning')
  for (const { item } of world.owed()) world.answer(item)
  for (const act of world.openNames()) world.act(act)
  const dispute = { item: 'hukou', field: wordHash('field'), statement: wordHash('statement') }
  assert.equal(send(world, 'planning', 'case.dispute', dispute), 'ok')
  at(world, '2026-04-20')
  assert.equal(tick(world), 'still-disputed hukou')
  assert.equal(tick(world), 'processes/not-due')
})
