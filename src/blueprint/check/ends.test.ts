// No dead end: the rule about the shape implies that every case comes to an outcome. Here the claim
// of the decision is tried: every way in which acts can be done, not apply or be refused is walked
// through, for the shipped applications and for random ones.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Act, Blueprint } from '#blueprint/grammar'
import { listOf } from '#blueprint/grammar'
import { applications, shippedFolder, shippedTypes } from '#test/blueprints'
import { checkPublication, graphOf, itemsBefore } from './index.ts'
import type { Graph } from './index.ts'

type Settled = 'done' | 'none' | 'no'

type Found = { states: number; dead: readonly string[] | null }

/** Walks through every outcome of every act, in the order of the levels; the order is free. */
function explore(blueprint: Blueprint, graph: Graph): Found {
  const order = graph.levels.flat().filter((name) => !(blueprint.tail ?? []).includes(name))
  const found: Found = { states: 0, dead: null }
  walk({ blueprint, graph, order, found }, new Map(), 0)
  return found
}

type Walk = {
  readonly blueprint: Blueprint
  readonly graph: Graph
  readonly order: readonly string[]
  readonly found: Found
}

function walk(all: Walk, settled: Map<string, Settled>, at: number): void {
  const { blueprint, graph, order, found } = all
  if (found.dead !== null) return
  found.states += 1
  const name = order[at]
  const given = (item: string): boolean =>
    blueprint.evidence[item]?.from !== undefined ||
    (graph.givers.get(item) ?? []).some((giver) => settled.get(giver) === 'done')
  if (name === undefined) {
    if (!blueprint.result.every(given)) found.dead = [...settled].map((each) => each.join(' '))
    return
  }
  const act = blueprint.acts[name] as Act
  const needed = (graph.reads.get(name) ?? []).filter(({ optional }) => !optional)
  const opens = itemsBefore(blueprint, act, needed).every(given)
  for (const each of outcomesOf(all, act, { opens, settled })) {
    walk(all, new Map(settled).set(name, each), at + 1)
  }
}

type Now = { readonly opens: boolean; readonly settled: ReadonlyMap<string, Settled> }

function outcomesOf({ graph }: Walk, act: Act, { opens, settled }: Now): readonly Settled[] {
  if (!opens) return ['none']
  // Conditions of several givers exclude one another, so at most one of them is done.
  const other = listOf(act.gives).some((item) =>
    (graph.givers.get(item) ?? []).some((giver) => settled.get(giver) === 'done'),
  )
  if (other) return ['none']
  return [
    'done',
    ...(act.when === undefined ? [] : (['none'] as const)),
    // A no that ends the case is an outcome, so nothing is walked behind it.
    ...(act.no?.ends === 'branch' ? (['no'] as const) : []),
  ]
}

for (const application of applications) {
  test(`${application} comes to an outcome in every state that it can reach`, () => {
    const { blueprint } = shippedFolder(application)
    // An element of a list that ends is an outcome of its own; the list goes on without it.
    const acts = Object.entries(blueprint.acts).map(([name, act]) => {
      const { no: _, ...rest } = act
      return [name, act.for === undefined ? act : rest] as const
    })
    const whole = { ...blueprint, acts: Object.fromEntries(acts) }
    const { states, dead } = explore(whole, graphOf(whole))
    assert.equal(dead, null)
    assert.ok(states > acts.length - (blueprint.tail ?? []).length)
  })
}

const ends = fc.constantFrom('branch' as const, 'case' as const)
const acts = fc.array(
  fc.record({
    ends,
    when: fc.boolean(),
    // Which earlier items are read, and whether the act can do without them.
    reads: fc.uniqueArray(fc.nat({ max: 5 }), { maxLength: 3 }),
    optional: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
)

/** An application of a chain of acts, of which only the flow is meant. */
function blueprintOf(drawn: readonly Drawn[]): Blueprint {
  const { blueprint } = shippedFolder('sharing/bj.firm.account')
  const chain = drawn.map(({ ends: end, when, reads, optional }, at): readonly [string, Act] => {
    const earlier = reads
      .filter((each) => each < at)
      .map((each) => `item${each}${optional ? '?' : ''}`)
    const act: Act = {
      by: 'market',
      does: 'attest',
      reads: ['request', ...earlier],
      gives: `item${at}`,
      within: '1wd',
      law: 'account',
      no: { ends: end, codes: { no: 'ask' } },
      ...(when ? { when: 'request.purpose = "basic"' } : {}),
    }
    return [`act${at}`, act]
  })
  const items = drawn.map((_, at) => [`item${at}`, { type: 'risk-grade@1', about: 'applicant' }])
  const { request } = blueprint.evidence
  const { tail: _, ...rest } = blueprint
  return {
    ...rest,
    evidence: { request, ...Object.fromEntries(items) } as Blueprint['evidence'],
    acts: Object.fromEntries(chain),
    clocks: {},
    watches: {},
    rules: {},
    parties: {
      applicant: { is: 'firm', files: true, identified: 'idp' },
      market: { is: 'dept', member: 'market' },
    },
    result: [`item${drawn.length - 1}`],
  }
}

type Drawn = {
  readonly ends: 'branch' | 'case'
  readonly when: boolean
  readonly reads: readonly number[]
  readonly optional: boolean
}

test('where the rule finds nothing, no random application has a dead end; where it does, it names one', () => {
  const types = shippedTypes()
  const seen = { sound: 0, dead: 0 }
  fc.assert(
    fc.property(acts, (drawn) => {
      const blueprint = blueprintOf(drawn)
      const { faults } = checkPublication({ blueprint, types, scenarios: [], day: 20_000 })
      const refused = faults.some(({ code }) => code === 'check/dead-end')
      const { dead } = explore(blueprint, graphOf(blueprint))
      // The rule is exact on these: it refuses no application that always comes to an outcome.
      assert.equal(refused, dead !== null)
      seen[refused ? 'dead' : 'sound'] += 1
    }),
    { numRuns: 300 },
  )
  assert.ok(seen.sound > 20 && seen.dead > 20, JSON.stringify(seen))
})
