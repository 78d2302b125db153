// What content allows, claimed over the shipped applications: who is bound, what applies, what the
// rule gives, which bounds of a mandate hold, and which records are committed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8Decode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { shippedFolder, shippedTypes } from '#test/blueprints'
import type { Judge, Keys, Known, Proposal, Rec } from './index.ts'
import { assess, boundTo, difference, judgeAct, judgeFiling, judgeOf } from './index.ts'
import { judgeSupply, neededFor, recOf, recordOfSupply, recordsOf } from './index.ts'

const types = shippedTypes()
const home = judgeOf(shippedFolder('processes/bj.home.transfer').blueprint, types)
const firm = judgeOf(shippedFolder('sharing/bj.firm.account').blueprint, types)
const supplies = judgeOf(shippedFolder('certificates/bj.health.supplies').blueprint, types)

const unit = '110105001001GB00001F00010101'
const seller = { code: '110105194806120046', name: '练卖方' }
const other = { code: '110105195005050064', name: '练共有' }
const buyer = { code: '110101199003071233', name: '练买方' }
const agent = { code: '110105197505050092', name: '练代理' }

const title = {
  certNo: 'old',
  unit,
  address: '练习街1号101',
  area: 8_800,
  ownerKind: 'person',
  owners: [seller],
  issued: '2010-05-06',
  sealed: false,
  disputed: false,
  noticed: false,
}
const mandate = {
  principal: seller,
  agent,
  acts: ['sign'],
  unit,
  floor: 540_000_000,
  payee: 'practice-6222',
  until: '2026-06-30',
  notaryNo: 'n',
  confirmed: '2026-03-01',
}
const contract = { fen: 550_000_000, payee: 'practice-6222', signed: '2026-03-02' }

const supplied = (judge: Judge, item: string, value: Json): readonly Rec[] => [
  recOf(judge, item, { state: 'found', value, from: 'supply' }),
]

type Change = {
  readonly items?: Readonly<Record<string, readonly Rec[]>>
  readonly slots?: Readonly<Record<string, readonly Keys[]>>
}

function transfer(change: Change = {}): Known {
  return {
    day: '2026-03-02',
    slots: { seller: [seller], buyer: [buyer], home: [{ unit }], ...change.slots },
    items: {
      offer: supplied(home, 'offer', { fen: 550_000_000, way: 'none' }),
      plan: supplied(home, 'plan', { fundLoan: false }),
      title: supplied(home, 'title', title),
      liens: supplied(home, 'liens', { mortgaged: false }),
      holdings: supplied(home, 'holdings', { count: 0 }),
      hukou: supplied(home, 'hukou', { beijing: true }),
      marriage: supplied(home, 'marriage', { married: true }),
      taxYears: supplied(home, 'taxYears', { years: 6 }),
      mandate: [recOf(home, 'mandate', { state: 'absent', from: 'supply' })],
      mayBuy: [recOf(home, 'mayBuy', { state: 'done', value: { ok: true }, from: 'checkBuyer' })],
      contract: [recOf(home, 'contract', { state: 'done', value: contract, from: 'sign' })],
      ...change.items,
    },
  }
}

const bySeller = { party: 'seller', ...seller }
const byBuyer = { party: 'buyer', ...buyer }
const byAgent = { party: 'seller', ...seller, agent }

function codes(known: Known, proposal: Proposal, judge: Judge = home): readonly string[] {
  return judgeAct(judge, known, proposal).map(({ code }) => code)
}

function signed(known: Known, more: Partial<Proposal> = {}): readonly string[] {
  return codes(known, { act: 'sign', value: contract, signers: [byBuyer, bySeller], ...more })
}

test('a party is whom the register names, or the member that the blueprint names', () => {
  const known = transfer()
  assert.deepEqual(boundTo(home, known, 'seller'), { kind: 'subjects', subjects: [seller] })
  assert.deepEqual(boundTo(home, known, 'buyer'), { kind: 'subjects', subjects: [buyer] })
  assert.deepEqual(boundTo(home, known, 'tax'), { kind: 'member', member: 'tax' })
  assert.deepEqual(boundTo(home, known, 'lender'), { kind: 'nobody' })
  const liens = supplied(home, 'liens', { mortgaged: true, bank: 'icbc' })
  const mortgaged = transfer({ items: { liens } })
  assert.deepEqual(boundTo(home, mortgaged, 'lender'), { kind: 'member', member: 'icbc' })
  const hidden = { state: 'found', fields: { mortgaged: true }, from: 'supply' }
  const unshown = transfer({ items: { liens: [hidden] } })
  assert.deepEqual(boundTo(home, unshown, 'lender'), { kind: 'unknown' })
  assert.deepEqual(boundTo(home, { ...known, items: {} }, 'seller'), { kind: 'unknown' })
  assert.deepEqual(boundTo(home, known, 'constructor'), { kind: 'nobody' })
})

test('an act whose condition fails does not apply, and neither does one that lacks an item', () => {
  const known = transfer()
  assert.equal(assess(home, known, 'checkSeller').applies, false)
  assert.equal(assess(home, known, 'checkBank').applies, false)
  assert.equal(assess(home, known, 'lend').applies, false)
  assert.equal(assess(home, known, 'sign').applies, true)
  const refused = [recOf(home, 'bankOk', { state: 'no/not-licensed', from: 'checkBank' })]
  const liens = supplied(home, 'liens', { mortgaged: true, bank: 'icbc' })
  const offer = supplied(home, 'offer', { fen: 550_000_000, way: 'release' })
  const unlicensed = transfer({ items: { liens, offer, bankOk: refused } })
  assert.equal(assess(home, unlicensed, 'release').applies, false)
  const licensed = [recOf(home, 'bankOk', { state: 'done', value: { licensed: true }, from: 'x' })]
  assert.equal(
    assess(home, transfer({ items: { liens, offer, bankOk: licensed } }), 'release').applies,
    true,
  )
  assert.equal(assess(home, { ...known, items: {} }, 'lend').applies, 'unknown')
  assert.deepEqual(codes(known, { act: 'lend', state: 'na', signers: [] }), [])
  assert.deepEqual(codes(known, { act: 'register', state: 'na', signers: [] }), [])
  assert.deepEqual(codes(known, { act: 'sign', state: 'na', signers: [] }), ['judge/applies'])
  assert.deepEqual(codes(known, { act: 'lend', value: { fen: 1 }, signers: [] }), [
    'judge/not-applicable',
  ])
})

test('the rule gives the value, the robot only where the condition of its result holds', () => {
  const found = assess(home, transfer(), 'checkBuyer')
  assert.deepEqual([found.value, found.auto], [{ ok: true }, true])
  assert.equal(found.digest?.length, 32)
  const hukou = supplied(home, 'hukou', { beijing: false })
  const taxYears = supplied(home, 'taxYears', { years: 4 })
  const out = transfer({ items: { hukou, taxYears } })
  const none = assess(home, out, 'checkBuyer')
  assert.deepEqual([none.value, none.auto], [{ ok: false }, false])
  assert.notDeepEqual(none.digest, found.digest)
  assert.deepEqual(codes(out, { act: 'checkBuyer', value: { ok: true }, signers: [] }), [
    'judge/not-the-rule',
  ])
  assert.deepEqual(codes(out, { act: 'checkBuyer', state: 'no/not-eligible', signers: [] }), [])
  assert.deepEqual(codes(out, { act: 'checkBuyer', state: 'no/typo', signers: [] }), [
    'judge/unknown-name',
  ])
  const bill = assess(home, transfer(), 'assess').value as { readonly fen: number }
  assert.equal(bill.fen, 5_500_000)
  // What the rule finds cannot be granted by hand either.
  const granted = codes(out, { act: 'checkBuyer', value: { ok: false }, signers: [] })
  assert.deepEqual(granted, ['judge/must-refuse'])
  // A register that has no record leaves the decision to a person.
  const marriage = [recOf(home, 'marriage', { state: 'absent', from: 'supply' })]
  const byHand = assess(home, transfer({ items: { marriage } }), 'checkBuyer')
  assert.deepEqual([byHand.applies, byHand.auto, byHand.value], [true, false, undefined])
  const hand = transfer({ items: { marriage } })
  assert.deepEqual(codes(hand, { act: 'checkBuyer', value: { ok: true }, signers: [] }), [])
})

test('all owners sign one value and nobody else does', () => {
  const both = supplied(home, 'title', { ...title, owners: [seller, other] })
  const known = transfer({ items: { title: both } })
  assert.deepEqual(signed(known), ['judge/missing-signer'])
  const all = [byBuyer, bySeller, { party: 'seller', ...other }]
  assert.deepEqual(signed(known, { signers: all }), [])
  assert.deepEqual(signed(transfer(), { signers: [byBuyer] }), ['judge/missing-signer'])
  assert.deepEqual(signed(transfer(), { signers: all }), ['judge/not-bound'])
  assert.deepEqual(signed(transfer(), { signers: [byBuyer, { ...bySeller, name: '别人' }] }), [
    'judge/not-bound',
  ])
  const dearer = { ...byBuyer, value: { ...contract, fen: 1 } }
  assert.deepEqual(signed(transfer(), { signers: [dearer, bySeller] }), ['judge/values-differ'])
  assert.deepEqual(
    signed(transfer(), { signers: [byBuyer, bySeller, { party: 'tax', ...other }] }),
    ['judge/not-bound'],
  )
})

test('one person does not stand on two sides', () => {
  const title2 = supplied(home, 'title', { ...title, owners: [buyer] })
  const known = transfer({ items: { title: title2 }, slots: { seller: [buyer] } })
  const found = signed(known, { signers: [byBuyer, { party: 'seller', ...buyer }] })
  assert.ok(found.includes('judge/same-person'))
  assert.deepEqual(
    judgeFiling(home, transfer({ slots: { buyer: [] } }), { party: 'buyer', ...seller }),
    [{ code: 'judge/same-person', at: 'buyer' }],
  )
})

test('an agent is held to act, object, day, floor, account and side of his mandate', () => {
  const under = (
    change: Partial<typeof mandate>,
    more: Partial<Proposal> = {},
  ): readonly string[] => {
    const item = supplied(home, 'mandate', { ...mandate, ...change })
    return signed(transfer({ items: { mandate: item } }), { signers: [byBuyer, byAgent], ...more })
  }
  assert.deepEqual(under({}), [])
  assert.deepEqual(under({ until: '2026-03-01' }), ['judge/outside-mandate'])
  assert.deepEqual(under({ until: '2026-03-02' }), [])
  assert.deepEqual(under({ acts: ['pay'] }), ['judge/outside-mandate'])
  assert.deepEqual(under({ unit: '110105001001GB00001F00010102' }), ['judge/outside-mandate'])
  assert.deepEqual(under({ agent: other }), ['judge/outside-mandate'])
  assert.deepEqual(under({ principal: other }), ['judge/outside-mandate'])
  assert.deepEqual(under({ floor: 550_000_001 }), ['judge/below-floor'])
  assert.deepEqual(under({}, { value: { ...contract, payee: 'agents-own' } }), [
    'judge/not-the-payee',
  ])
  const asBuyer = [byBuyer, { ...byAgent, agent: buyer }]
  assert.deepEqual(under({ agent: buyer }, { signers: asBuyer }), ['judge/counterparty'])
  const twice = [{ ...byBuyer, agent }, byAgent]
  assert.deepEqual(under({}, { signers: twice }), ['judge/counterparty', 'judge/counterparty'])
  assert.deepEqual(signed(transfer(), { signers: [byBuyer, byAgent] }), ['judge/outside-mandate'])
  assert.deepEqual(signed(transfer(), { signers: [{ ...byBuyer, agent: other }, bySeller] }), [
    'judge/outside-mandate',
  ])
})

const newTitle = { ...title, certNo: 'new', owners: [buyer] }

function registering(old: Partial<typeof title>): Known {
  return transfer({
    items: {
      title: supplied(home, 'title', { ...title, ...old }),
      cleared: ['release', 'carry'].map((from) => recOf(home, 'cleared', { state: 'na', from })),
      loan: [recOf(home, 'loan', { state: 'na', from: 'lend' })],
      standing: [recOf(home, 'standing', { state: 'na', from: 'checkSeller' })],
      receipt: [
        recOf(home, 'receipt', { state: 'done', value: { no: 'T1', fen: 1 }, from: 'pay' }),
      ],
    },
  })
}

test('no title moves while its type forbids it', () => {
  const register: Proposal = { act: 'register', value: newTitle, signers: [] }
  assert.deepEqual(codes(registering({}), register), [])
  for (const guard of ['sealed', 'disputed', 'noticed']) {
    assert.deepEqual(codes(registering({ [guard]: true }), register), ['judge/guarded'])
  }
  const known = registering({})
  const hidden = { state: 'found', fields: { certNo: 'old' }, from: 'supply' }
  const blind = { ...known, items: { ...known.items, title: [hidden] } }
  assert.deepEqual(new Set(codes(blind, register)), new Set(['judge/guard-unknown']))
  const elsewhere = { ...newTitle, unit: '110105001001GB00001F00010102' }
  assert.deepEqual(codes(known, { ...register, value: elsewhere }), ['judge/other-object'])
})

test('a payment settles the difference, and a refund is signed by whoever pays back', () => {
  const bill = (fen: number): Known =>
    transfer({
      items: { bill: [recOf(home, 'bill', { state: 'done', value: { fen }, from: 'assess' })] },
    })
  assert.deepEqual(difference(home, bill(500), 'pay', 0), { due: 500, by: ['buyer'] })
  assert.deepEqual(difference(home, bill(500), 'pay', 500), { due: 0, by: ['buyer'] })
  assert.deepEqual(difference(home, bill(400), 'pay', 500), { due: -100, by: ['tax'] })
  assert.equal(difference(home, bill(400), 'sign', 0), null)
  assert.equal(difference(home, transfer(), 'pay', 0), null)
  const paid = (
    known: Known,
    fen: number,
    settled: number,
    signers: Proposal['signers'],
  ): readonly string[] => codes(known, { act: 'pay', value: { no: 'T', fen }, settled, signers })
  assert.deepEqual(paid(bill(500), 500, 0, [byBuyer]), [])
  assert.deepEqual(paid(bill(500), 499, 0, [byBuyer]), ['judge/wrong-amount'])
  assert.deepEqual(paid(bill(700), 200, 500, [byBuyer]), [])
  assert.deepEqual(paid(bill(700), 700, 500, [byBuyer]), ['judge/wrong-amount'])
  assert.deepEqual(paid(bill(400), 100, 500, []), [])
  assert.deepEqual(paid(bill(400), 100, 500, [byBuyer]), ['judge/not-bound'])
})

test('an impostor is not the legal representative whom the licence names', () => {
  const rep = { code: '110108198001010031', name: '练法人' }
  const licence = {
    uscc: '91110108MA0PRACT1H',
    name: '练习',
    status: 'active',
    days: 120,
    legalRep: rep,
  }
  const known: Known = {
    day: '2026-03-02',
    slots: {},
    items: { licence: supplied(firm, 'licence', licence) },
  }
  assert.deepEqual(judgeFiling(firm, known, { party: 'legalRep', ...rep }), [])
  assert.deepEqual(judgeFiling(firm, known, { party: 'legalRep', ...other }), [
    { code: 'judge/not-bound', at: 'legalRep' },
  ])
  assert.deepEqual(judgeFiling(firm, { ...known, items: {} }, { party: 'legalRep', ...other }), [])
  assert.deepEqual(
    judgeFiling(firm, known, { party: 'bank', ...rep })[0]?.code,
    'judge/unknown-name',
  )
})

test('an act for each element sees its element, and lists of what was given', () => {
  const lot = (id: string): Json => ({ id, kind: 'mask', batch: 'b', standard: 's', qty: 10 })
  const lots = ['a', 'b'].flatMap((id) => supplied(supplies, 'lots', lot(id)))
  const at = (item: string, from: string, values: readonly (Json | null)[]): readonly Rec[] =>
    values.map((value, element) =>
      recOf(supplies, item, {
        from,
        element,
        ...(value === null ? { state: 'no/x' } : { state: 'done', value }),
      }),
    )
  const stored = at('stored', 'store', [null, { lot: 'b', qty: 10 }])
  const passes = at('passes', 'inspect', [null, { lot: 'b', ok: true }])
  const known: Known = { day: '2026-03-02', slots: {}, items: { lots, stored, passes } }
  assert.equal(assess(supplies, known, 'inspect', 0).applies, false)
  assert.equal(assess(supplies, known, 'inspect', 1).applies, true)
  assert.equal(assess(supplies, known, 'inspect', 2).applies, 'unknown')
  assert.equal(assess(supplies, known, 'allocate').applies, true)
  const orders = ['x', 'y'].map((to) =>
    recOf(supplies, 'orders', {
      state: 'done',
      value: { lot: 'b', qty: 1, to, carrier: 'post' },
      from: 'allocate',
    }),
  )
  const ordered = { ...known, items: { ...known.items, orders } }
  assert.deepEqual(boundTo(supplies, ordered, 'hospital', 1), { kind: 'member', member: 'y' })
  assert.deepEqual(boundTo(supplies, ordered, 'hospital'), { kind: 'unknown' })
  assert.deepEqual(boundTo(supplies, ordered, 'carrier'), { kind: 'member', member: 'post' })
  const moves = at('moves', 'carry', [null, { lot: 'b', qty: 1 }])
  const carried = { ...ordered, items: { ...ordered.items, moves } }
  assert.equal(assess(supplies, carried, 'receive', 0).applies, false)
  assert.equal(assess(supplies, carried, 'receive', 1).applies, true)
})

test('a record has its state and every field, absent in every state without a value', () => {
  const texts = (item: string, state: string, value?: Json): readonly (string | null)[] =>
    recordOfSupply(home, item, state, value).leaves.map((leaf) =>
      leaf.value === null ? null : utf8Decode(leaf.value),
    )
  const { leaves } = recordOfSupply(home, 'taxYears', 'found', { years: 5 })
  assert.deepEqual(
    leaves.map(({ path }) => path),
    ['$', 'years', 'five'],
  )
  assert.deepEqual(texts('taxYears', 'found', { years: 5 }), ['"found"', '5', 'true'])
  assert.deepEqual(texts('taxYears', 'found', { years: 4 }), ['"found"', '4', 'false'])
  assert.deepEqual(texts('taxYears', 'absent'), ['"absent"', null, null])
  assert.deepEqual(texts('liens', 'found', { mortgaged: false }), ['"found"', 'false', null])
  const given = recordsOf(home, 'lend', { state: 'na' })
  assert.deepEqual(Object.keys(given), ['loan'])
  assert.equal(given['loan']?.length, 1)
  const orders = [{ lot: 'b', qty: 1, to: 'x', carrier: 'post' }]
  assert.equal(
    recordsOf(supplies, 'allocate', { state: 'done', value: [...orders, ...orders] })['orders']
      ?.length,
    2,
  )
  assert.equal(recordsOf(supplies, 'allocate', { state: 'no/not-needed' })['orders']?.length, 1)
  assert.equal(recordsOf(supplies, 'allocate', { state: 'done', value: [] })['orders']?.length, 0)
})

test('an act must be shown its reads, its binding and its mandate, and nothing sealed', () => {
  const { items, slots } = neededFor(home, 'sign')
  assert.deepEqual(items['title'], ['address', 'area', 'certNo', 'owners'])
  assert.deepEqual(items['mandate']?.includes('floor'), true)
  assert.deepEqual(slots, { buyer: ['code', 'name'], home: ['unit'] })
  assert.deepEqual(neededFor(home, 'checkBuyer').items['taxYears'], ['five'])
  assert.deepEqual(neededFor(home, 'release').slots, { home: ['unit'] })
  assert.deepEqual(neededFor(home, 'nothing'), { items: {}, slots: {} })
})

test('a source says a value of its type about its object, or that it has none', () => {
  const known = transfer()
  assert.deepEqual(judgeSupply(home, known, { item: 'title', value: title }), [])
  const wrong = { ...title, unit: '110105001001GB00001F00010102' }
  assert.deepEqual(
    judgeSupply(home, known, { item: 'title', value: wrong })[0]?.code,
    'judge/other-object',
  )
  assert.deepEqual(judgeSupply(home, known, { item: 'hukou', state: 'absent' }), [])
  assert.deepEqual(
    judgeSupply(home, known, { item: 'hukou', value: {} })[0]?.code,
    'judge/value-misfit',
  )
  assert.deepEqual(
    judgeSupply(home, known, { item: 'contract', value: contract })[0]?.code,
    'judge/unknown-name',
  )
  const given = { years: 3, five: true }
  assert.deepEqual(
    judgeSupply(home, known, { item: 'taxYears', value: given })[0]?.code,
    'judge/value-misfit',
  )
})
