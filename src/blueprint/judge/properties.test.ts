// Properties of the judge over values of any kind: it always answers, a record says nothing by its
// shape, what was not shown is never taken for absent, and no bound of a mandate can be left out.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json } from '#base/canonical'
import { isSafeJson } from '#base/canonical'
import { commitRecord } from '#base/commitment'
import { applications, shippedFolder, shippedTypes } from '#test/blueprints'
import type { Judge, Known, Rec } from './index.ts'
import { assess, boundTo, difference, explainJudged, judgeAct, judgeFiling } from './index.ts'
import { judgeOf, judgeSupply, judgeTexts, neededFor, recOf, recordOfSupply } from './index.ts'
import { recordsOf } from './index.ts'

const types = shippedTypes()
const judges = applications.map((application) =>
  judgeOf(shippedFolder(application).blueprint, types),
)
const judge = fc.constantFrom(...judges)

const hostile = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'state', '']
const names = [
  ...new Set(
    judges.flatMap(({ blueprint }) => [
      ...Object.keys(blueprint.acts),
      ...Object.keys(blueprint.evidence),
      ...Object.keys(blueprint.parties),
      ...Object.values(blueprint.evidence).flatMap(
        ({ type }) => types.get(type)?.fields.map(({ id }) => id) ?? [],
      ),
    ]),
  ),
]
const name = fc.constantFrom(...names, ...hostile, 'code', 'name', '$')
const anything: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json[]>(
      null,
      true,
      false,
      0,
      -1,
      0.5,
      2 ** 53,
      '',
      'L1',
      '2026-03-02',
      '\ud800',
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 6 }),
  ),
})).value
const state = fc.constantFrom('found', 'done', 'na', 'absent', 'ambiguous', 'no/x', 'strange')
const rec = fc.record({
  state,
  fields: fc.dictionary(name, anything, { maxKeys: 6 }),
  from: fc.constantFrom('supply', 'sign', 'store'),
}) as fc.Arbitrary<Rec>
const known: fc.Arbitrary<Known> = fc.record({
  day: fc.constant('2026-03-02'),
  slots: fc.dictionary(
    name,
    fc.array(fc.dictionary(name, anything, { maxKeys: 3 }), { maxLength: 2 }),
  ),
  items: fc.dictionary(name, fc.array(rec, { maxLength: 3 })),
})
const signer = fc.record(
  {
    party: name,
    code: fc.constantFrom('110105194806120046', 'icbc', ''),
    name: fc.constantFrom('练卖方', ''),
    agent: fc.record({ code: fc.constant('x'), name: fc.constant('y') }),
    value: anything,
  },
  { requiredKeys: ['party', 'code', 'name'] },
)

test('whatever somebody sends, the judge answers with codes of its page', () => {
  const all = new Set(judgeTexts.map(([code]) => code))
  fc.assert(
    fc.property(
      fc.record({
        judge,
        known,
        act: name,
        value: anything,
        state,
        element: fc.integer({ min: -1, max: 3 }),
      }),
      fc.array(signer, { maxLength: 3 }),
      ({ judge: of, known: seen, act, value, state: said, element }, signers) => {
        const faults = [
          ...judgeAct(of, seen, { act, element, value, state: said, signers, settled: 5 }),
          ...judgeSupply(of, seen, { item: act, value, state: said }),
          ...judgeFiling(of, seen, { party: act, code: 'x', name: 'y' }),
        ]
        for (const fault of faults) {
          assert.ok(all.has(fault.code))
          assert.ok(explainJudged(fault, 'zh') !== null)
        }
        const found = assess(of, seen, act, element)
        assert.ok([true, false, 'unknown'].includes(found.applies))
        boundTo(of, seen, act, element)
        difference(of, seen, act, 7)
        neededFor(of, act)
      },
    ),
    { numRuns: 600 },
  )
})

test('a value that no text can hold is a misfit and not a defect', () => {
  fc.assert(
    fc.property(judge, name, anything, (of, item, value) => {
      fc.pre(!isSafeJson(value))
      const seen: Known = { day: '2026-03-02', slots: {}, items: {} }
      for (const { code } of judgeSupply(of, seen, { item, value })) {
        assert.ok(code === 'judge/value-misfit' || code === 'judge/unknown-name')
      }
    }),
    { numRuns: 200 },
  )
})

test('a record has as many leaves in every state, so its shape says nothing', () => {
  for (const of of judges) {
    for (const [item, { type }] of of.items) {
      for (const said of ['found', 'absent', 'ambiguous', 'done', 'na', 'no/x']) {
        const { leaves } = recordOfSupply(of, item, said)
        assert.deepEqual(
          leaves.map(({ path }) => path),
          ['$', ...type.fields.map(({ id }) => id)],
        )
        assert.equal(commitRecord(new Uint8Array(32), leaves).length, 32)
      }
    }
    for (const act of of.acts.keys()) {
      const na = recordsOf(of, act, { state: 'na' })
      const no = recordsOf(of, act, { state: 'no/x' })
      assert.deepEqual(Object.keys(na), Object.keys(no))
      assert.ok(Object.values(na).every((parts) => parts.length === 1))
    }
  }
})

const [, home] = judges as [Judge, Judge, Judge]
const seller = { code: '110105194806120046', name: '练卖方' }
const buyer = { code: '110101199003071233', name: '练买方' }
const agent = { code: '110105197505050092', name: '练代理' }
const unit = '110105001001GB00001F00010101'
const day = fc.constantFrom('2026-03-01', '2026-03-02', '2026-03-03')

test('a mandate covers a contract if and only if it keeps every bound', () => {
  const bounds = fc.record({
    acts: fc.constantFrom(...([['sign'], ['pay'], ['pay', 'sign'], []] as string[][])),
    unit: fc.constantFrom(unit, '110105001001GB00001F00010102'),
    floor: fc.integer({ min: 1, max: 10 }),
    payee: fc.constantFrom('own', 'agents'),
    until: day,
    principal: fc.constantFrom(seller, buyer),
    agent: fc.constantFrom(agent, seller),
  })
  const price = fc.integer({ min: 1, max: 10 })
  fc.assert(
    fc.property(bounds, price, day, fc.constantFrom('own', 'agents'), (held, fen, on, payee) => {
      const value = { ...held, notaryNo: 'n', confirmed: '2026-03-01' }
      const title = recOf(home, 'title', { state: 'found', value: titled, from: 'supply' })
      const seen: Known = {
        day: on,
        slots: { seller: [seller], buyer: [buyer], home: [{ unit }] },
        items: {
          title: [title],
          mandate: [recOf(home, 'mandate', { state: 'found', value, from: 'supply' })],
        },
      }
      const signers = [
        { party: 'buyer', ...buyer },
        { party: 'seller', ...seller, agent },
      ]
      const contract = { fen, payee, signed: '2026-03-02' }
      const faults = judgeAct(home, seen, { act: 'sign', value: contract, signers })
      const isCovered =
        held.acts.includes('sign') &&
        held.unit === unit &&
        held.floor <= fen &&
        held.payee === payee &&
        held.until >= on &&
        held.principal === seller &&
        held.agent === agent
      assert.equal(faults.length === 0, isCovered, JSON.stringify(faults))
    }),
    { numRuns: 1_000 },
  )
})

const titled = {
  certNo: 'old',
  unit,
  address: 'a',
  area: 1,
  ownerKind: 'person',
  owners: [seller],
  issued: '2010-05-06',
  sealed: false,
  disputed: false,
  noticed: false,
}

test('showing more never turns what applies into what does not, or the other way round', () => {
  const values: { readonly [item: string]: Json } = {
    title: titled,
    liens: { mortgaged: true, bank: 'icbc' },
    offer: { fen: 1, way: 'release' },
    plan: { fundLoan: false },
    hukou: { beijing: true },
    holdings: { count: 0 },
    marriage: { married: true },
    taxYears: { years: 1 },
  }
  const whole = Object.entries(values).map(([item, value]): readonly [string, Rec] => [
    item,
    recOf(home, item, { state: 'found', value, from: 'supply' }),
  ])
  const all: Known = {
    day: '2026-03-02',
    slots: {},
    items: Object.fromEntries(whole.map(([item, each]) => [item, [each]])),
  }
  fc.assert(
    fc.property(fc.infiniteStream(fc.boolean()), (coins) => {
      const toss = (): boolean => coins.next().value
      const few = whole.filter(toss).map(([item, each]) => {
        const fields = Object.fromEntries(Object.entries(each.fields).filter(toss))
        return [item, [{ ...each, fields }]] as const
      })
      const part: Known = { ...all, items: Object.fromEntries(few) }
      for (const act of home.acts.keys()) {
        const less = assess(home, part, act).applies
        if (less !== 'unknown') assert.equal(less, assess(home, all, act).applies, act)
      }
    }),
    { numRuns: 200 },
  )
})
