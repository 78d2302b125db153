// Scenarios come true or their publication is refused, with the place at which they do not. Played
// over the shipped applications: each of the eleven sectors is needed, money is settled as a
// difference, no sealed home moves at any stage, any licensed bank will do, and a bank sees nothing
// before consent.
import assert from 'node:assert/strict'
import process from 'node:process'
import { test } from 'node:test'
import fc from 'fast-check'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import type { CommandType } from '#ledger/apply'
import type { Blueprint, Scenario, Step } from '#blueprint/grammar'
import { identityOf, publicationText, publish, textOf } from '#blueprint/grammar'
import { accessOf, sourceOf } from '#blueprint/derive'
import { members, practiceGenesis } from '#domains/members'
import { caseOf, processes } from '#domains/processes'
import { firstUntrue } from '#domains/scenarios'
import { applications, shippedFolder, shippedTypes } from '#test/blueprints'
import type { Published } from '#test/case-world'
import { CaseWorld, publishedOf, shipped } from '#test/case-world'
import { founders, idOf, World } from '#test/domain-world'
import type { Playing } from './play.ts'
import { kernelOf, untrueOf } from './play.ts'

const types = shippedTypes()
const home = shippedFolder('processes/bj.home.transfer')

type Change = {
  readonly scenarios?: readonly Scenario[]
  readonly commands?: readonly CommandType[]
}

function playing(blueprint: Blueprint, change: Change = {}): Playing {
  const { scenarios = [], commands = processes.types } = change
  const publication = publish(blueprint, types, scenarios)
  assert('blueprint' in publication)
  const packed = (text: string): string => base64urlEncode(utf8Encode(text))
  const named = Object.keys(publication.types).flatMap((name) => types.get(name) ?? [])
  const texts = {
    publication: packed(publicationText(publication)),
    types: named.map((type) => packed(textOf(type))),
  }
  const hash = identityOf(publication)
  return { hash, publication, types, texts, scenarios, commands, base: { get: () => undefined } }
}

function story(id: string): Scenario {
  const found = home.scenarios.find((each) => each.id === id)
  assert(found !== undefined, id)
  return found
}

const untrue = (scenario: Scenario): string | null =>
  untrueOf(playing(home.blueprint, { scenarios: [scenario] }))?.at ?? null

/** A city whose state has nothing but its members, and the answer to a publication by its lead. */
function submit(published: Published): { readonly code: string; readonly at?: string } {
  const { blueprint, text, scenarios } = published
  const codes = Object.values(blueprint.parties).flatMap(({ member }) => member ?? [])
  const world = new World(practiceGenesis(founders([...new Set(codes)].sort())), [
    members,
    processes,
  ])
  const put = (document: string): string => {
    const hash = sha256Text(document, 'base64url')
    world.documents.set(hash, utf8Encode(document))
    return hash
  }
  const body = {
    publication: put(text),
    scenarios: put(textOf(scenarios)),
    types: published.types.map((type) => put(textOf(type))),
  }
  return world.when(blueprint.parties[blueprint.lead]?.member ?? '', 'blueprint.publish', body)
}

for (const application of applications) {
  test(`every scenario of ${application} comes true where it is published`, () => {
    assert.deepEqual(submit(shipped(application)).code, 'ok')
  })
}

test('a publication is refused with the scenario and the step that do not come true', () => {
  const plain = story('plain')
  const others = home.scenarios.filter(({ id }) => id !== 'plain')
  const planted = (change: Partial<Scenario>): { readonly code: string; readonly at?: string } =>
    submit(publishedOf(home.blueprint, types, [{ ...plain, ...change }, ...others]))
  const wrong = (at: string): object => ({ code: 'processes/scenario-failed', at })
  assert.deepEqual(
    planted({ expect: { outcome: 'refused' } }),
    wrong('scenarios.plain.expect.outcome'),
  )
  assert.deepEqual(
    planted({ expect: { outcome: 'delivered', settled: { pay: 5_500_001 } } }),
    wrong('scenarios.plain.expect.settled.pay'),
  )
  const pay = plain.steps.findIndex(({ act }) => act === 'pay')
  assert.deepEqual(
    planted({ steps: plain.steps.filter((_, at) => at !== pay) }),
    wrong(`scenarios.plain.steps.${pay}`),
  )
  const refused = plain.steps.map((step, at): Step =>
    at === pay ? { ...step, refused: 'judge/guarded' } : step,
  )
  assert.deepEqual(planted({ steps: refused }), wrong(`scenarios.plain.steps.${pay}`))
})

test('each refusal, outcome, item and sum that a shipped scenario promises is looked at', () => {
  for (const scenario of home.scenarios) {
    const { expect, steps, id } = scenario
    const other = expect.outcome === 'lapsed' ? 'open' : 'lapsed'
    const place = `scenarios.${id}.`
    assert.equal(untrue({ ...scenario, expect: { outcome: other } }), `${place}expect.outcome`)
    for (const act of Object.keys(expect.settled ?? {})) {
      const settled = { [act]: 1 }
      const found = untrue({ ...scenario, expect: { outcome: expect.outcome, settled } })
      assert.equal(found, `${place}expect.settled.${act}`)
    }
    for (const item of Object.keys(expect.items ?? {})) {
      const items = { [item]: { strange: 1 } }
      const found = untrue({ ...scenario, expect: { outcome: expect.outcome, items } })
      assert.equal(found, `${place}expect.items.${item}`)
    }
    steps.forEach((step, at) => {
      if (step.refused === undefined) return
      const changed = steps.map((each, index): Step =>
        index === at ? { ...each, refused: 'ok' } : each,
      )
      assert.equal(untrue({ ...scenario, steps: changed }), `${place}steps.${at}`)
    })
  }
})

test('a scenario for which no work is left does not come true', () => {
  const kernel = kernelOf(playing(home.blueprint))
  assert.equal(firstUntrue(kernel, [story('plain')], 1_000), null)
  const found = firstUntrue(kernel, [story('plain')], 8)
  assert.deepEqual([found?.wanted, found?.found], ['ok', 'processes/too-many'])
})

/** The eleven sectors, each with a scenario in which it says something that matters. */
const sectors = {
  planning: 'plain',
  housing: 'plain',
  tax: 'plain',
  police: 'register-error',
  market: 'firm-and-loan',
  civil: 'plain',
  banking: 'mortgage-released',
  provident: 'firm-and-loan',
  power: 'plain',
  gas: 'gas-says-no',
  cable: 'plain',
} as const

test('without any one of the eleven sectors a named scenario fails', () => {
  for (const [member, id] of Object.entries(sectors)) {
    assert.equal(untrue(story(id)), null)
    const commands = processes.types.map((type): CommandType => ({
      ...type,
      decide: (view, body, context) =>
        context.member === member
          ? { code: 'processes/not-active' }
          : type.decide(view, body, context),
    }))
    const found = untrueOf(playing(home.blueprint, { scenarios: [story(id)], commands }))
    assert.match(found?.at ?? '', new RegExp(`^scenarios\\.${id}\\.`), member)
  }
})

test('an application without what one of the eleven sectors does is not accepted', () => {
  for (const member of Object.keys(sectors)) {
    const own = Object.entries(home.blueprint.parties).flatMap(([party, declared]) =>
      declared.member === member ? [party] : [],
    )
    const without = <T>(all: { readonly [name: string]: T }, keep: (each: T) => boolean): object =>
      Object.fromEntries(Object.entries(all).filter(([, each]) => keep(each)))
    const { acts, evidence } = home.blueprint
    const blueprint = {
      ...home.blueprint,
      acts: without(acts, ({ by }) => !own.includes(String(by))),
      evidence: without(evidence, ({ from }) => !own.includes(from ?? '')),
    } as Blueprint
    assert.equal(submit(publishedOf(blueprint, types, home.scenarios)).code === 'ok', false, member)
  }
})

test('in whatever order registers answer and people sign, a transfer has one outcome', () => {
  const plain = story('plain')
  const kindOf = ({ do: deed, act = '' }: Step): number =>
    deed === 'supply' ? 1 : act === 'sign' ? 2 : act.startsWith('move') ? 5 : act === 'pay' ? 3 : 4
  const [filed, joined, ...rest] = plain.steps
  assert(filed !== undefined && joined !== undefined)
  const expect = {
    outcome: 'delivered',
    open: [],
    settled: { pay: 5_500_000 },
    items: {
      mayBuy: { ok: true },
      bill: { fen: 5_500_000 },
      receipt: { no: 'T1' },
      newTitle: { certNo: '京(2026)朝不动产权第0000002号' },
      standing: null,
      cleared: null,
    },
  } as const
  const shuffled = fc.shuffledSubarray(rest, { minLength: rest.length })
  fc.assert(
    fc.property(shuffled, fc.boolean(), (steps, isBuyerFirst) => {
      const ordered = [...steps].sort((a, b) => kindOf(a) - kindOf(b))
      const { objects = {}, ...own } = filed
      const begin: readonly Step[] = isBuyerFirst
        ? [
            { ...joined, do: 'file' },
            { ...own, do: 'join', objects },
          ]
        : [filed, joined]
      assert.equal(untrue({ ...plain, steps: [...begin, ...ordered], expect }), null)
    }),
    { numRuns: Number(process.env['LIANBAN_ORDERS'] ?? 20) },
  )
})

const taxOf = (fen: number): number => Math.floor((fen * 100 + 5_000) / 10_000)

/** The plain story with the contract returned and signed anew at each further price. */
function returned(prices: readonly number[]): Scenario {
  const plain = story('plain')
  const at = plain.steps.findIndex(({ act }) => act === 'sign')
  const signs = plain.steps.slice(at, at + 2)
  const steps: Step[] = plain.steps.slice(0, at)
  let settled = 0
  prices.forEach((fen, round) => {
    if (round > 0) steps.push({ do: 'return', act: 'register', items: ['contract'] })
    const value = { fen, payee: 'practice-6222', signed: '2026-03-02' }
    steps.push(...signs.map((step): Step => ({ ...step, value })))
    const due = taxOf(fen) - settled
    settled += due
    if (due === 0) return
    const paid = { do: 'act', act: 'pay', value: { no: `T${round}`, fen: Math.abs(due) } } as const
    steps.push(due < 0 ? { ...paid, party: 'tax' } : paid)
  })
  steps.push(...plain.steps.slice(at + 3))
  return { ...plain, steps, expect: { outcome: 'delivered', settled: { pay: settled } } }
}

const runs = Number(process.env['LIANBAN_RETURNS'] ?? 12)

test('however often a contract goes back, one difference follows and nobody pays twice', () => {
  const price = fc.integer({ min: 100_000_000, max: 900_000_000 })
  fc.assert(
    fc.property(fc.array(price, { minLength: 1, maxLength: 5 }), (prices) => {
      assert.equal(untrue(returned(prices)), null)
      // Whoever asks for the whole tax again is refused.
      const twice = returned([500_000_000, ...prices])
      const pays = twice.steps.flatMap(({ act }, at) => (act === 'pay' ? [at] : []))
      const [, second] = pays
      if (second === undefined || twice.steps[second]?.party !== undefined) return
      const whole = { no: 'T9', fen: taxOf(prices[0] ?? 0) }
      const steps = twice.steps.map((step, at): Step =>
        at === second ? { ...step, value: whole, refused: 'judge/wrong-amount' } : step,
      )
      const upTo = { ...twice, steps: steps.slice(0, second + 1), expect: { outcome: 'open' } }
      assert.equal(untrue(upTo as Scenario), null)
    }),
    { numRuns: runs },
  )
})

test('a home that is sealed, disputed or noticed at any stage does not move', () => {
  const plain = story('plain')
  const titled = plain.steps.findIndex(({ item }) => item === 'title')
  const registered = plain.steps.findIndex(({ act }) => act === 'register')
  const title = plain.steps[titled]
  assert(title !== undefined)
  for (const mark of ['sealed', 'disputed', 'noticed']) {
    const value = { ...(title.value as { readonly [field: string]: Json }), [mark]: true }
    for (let at = titled + 1; at <= registered; at += 1) {
      const register = { ...(plain.steps[registered] as Step), refused: 'judge/guarded' }
      const steps: readonly Step[] = [
        ...plain.steps.slice(0, at),
        { ...title, value },
        ...plain.steps.slice(at, registered),
        register,
      ]
      assert.equal(untrue({ ...plain, steps, expect: { outcome: 'open' } }), null, `${mark} ${at}`)
    }
  }
})

test('any licensed bank releases its mortgage, with the blueprint unchanged', () => {
  const released = story('mortgage-released')
  for (const code of ['boc', 'abc', 'hypothetical-bank']) {
    const text = encodeCanonical(released as unknown as Json).replaceAll('"icbc"', `"${code}"`)
    assert.equal(untrue(JSON.parse(text) as Scenario), null)
  }
})

test('a bank reads nothing before consent and then exactly what its acts read', () => {
  const { blueprint } = shippedFolder('sharing/bj.firm.account')
  const rows = accessOf(sourceOf(blueprint, types)).filter(({ party }) => party === 'bank')
  assert.deepEqual(
    rows.map(({ item, fields, for: act }) => `${act} ${item}.${fields.join()}`),
    [
      'grade licence.days,legalRep,name,status,uscc',
      'open licence.name,status,uscc',
      'grade repId.match',
      'open request.bank,purpose',
      'open risk.grade',
      'open taxFile.no',
    ],
  )
  assert.equal(
    rows.every(({ consent }) => consent === 'consent'),
    true,
  )
})

test('a second case over one home is refused its claim before any act on it', () => {
  const world = new CaseWorld(shipped('processes/bj.home.transfer'))
  const answerAll = (): void => {
    for (let asked = world.owed(); asked.length > 0; asked = world.owed()) {
      for (const { item } of asked) {
        world.next()
        assert.equal(world.answer(item).code, 'ok')
      }
    }
  }
  const begin = (id: string): void => {
    world.id = idOf(id)
    world.next()
    assert.equal(world.file('seller', 'planning').code, 'ok')
    assert.equal(world.join('buyer', 'planning').code, 'ok')
    answerAll()
    assert.equal(world.act('checkBuyer').code, 'ok')
    answerAll()
  }
  begin('first')
  assert.equal(world.grant('home', 'the home').code, 'ok')
  assert.equal(world.act('sign').code, 'ok')
  begin('second')
  assert.equal(world.grant('home', 'the home').code, 'processes/claimed')
  const denied = world.when('planning', 'claim.deny', { case: world.id, object: 'home' })
  assert.equal(denied.code, 'ok')
  assert.equal(world.act('sign', '', { reads: {} }).code, 'processes/claimed')
  assert.equal(caseOf(world, world.id)?.claims['home'], '')
})
