// What holds in whatever order things happen: over random orders of deeds, returns, corrections and
// commands that come late. LIANBAN_SEEDS says how many of each are tried (gate 1 asks for 10,000).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listOf } from '#blueprint/grammar'
import { caseOf, itemOf } from '#domains/processes'
import type { OpenAct } from '#domains/processes'
import { CaseWorld, shipped, wordHash } from '#test/case-world'
import type { Answer } from '#test/domain-world'

const home = shipped('processes/bj.home.transfer')
const account = shipped('sharing/bj.firm.account')
const seeds = Number(process.env['LIANBAN_SEEDS'] ?? 12)

/** A case in which everybody has filed who files. */
function filed<W extends CaseWorld>(world: W): W {
  const [first, second, host, how] =
    world.published === home
      ? (['seller', 'buyer', 'planning', 'window'] as const)
      : (['applicant', 'legalRep', 'market', 'idp'] as const)
  assert.equal(world.file(first, host, how).code, 'ok')
  assert.equal(world.join(second, world.published === home ? 'housing' : host, how).code, 'ok')
  return world
}

/** Numbers below a bound, from a seed: the same on every machine. */
function dice(seed: number): (bound: number) => number {
  let state = (seed * 2_654_435_761) % 4_294_967_296
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return bound === 0 ? 0 : Math.floor((state / 4_294_967_296) * bound)
  }
}

/** What a case has come to: commitments and generations of all its items, and how it stands. */
function outcomeOf(world: CaseWorld): unknown {
  const items = Object.keys(world.published.blueprint.evidence).map((name) => {
    const item = itemOf(world, world.id, name)
    const parts = (item?.parts ?? []).map(({ c, from, gen, by }) => ({ c, from, gen, by }))
    return { name, gen: item?.gen, available: item?.available, parts }
  })
  return { items, state: caseOf(world, world.id)?.state, open: world.openNames() }
}

test('every order of independent deeds comes to one outcome', () => {
  for (const published of [home, account]) {
    const first = filed(new CaseWorld(published))
    first.run()
    const expected = outcomeOf(first)
    for (let seed = 1; seed <= seeds; seed += 1) {
      const world = filed(new CaseWorld(published))
      const roll = dice(seed)
      let steps = 0
      for (world.next(); world.step((count) => roll(count)); world.next()) {
        steps += 1
        assert.ok(steps < 200, `seed ${seed} comes to rest`)
      }
      assert.deepEqual(outcomeOf(world), expected, `seed ${seed}`)
    }
  }
})

/** On which generations each item rests, as the sender of the act named them. */
class Lineage {
  readonly inputs: Map<string, OpenAct['reads']> = new Map()
  readonly paidFor: string[] = []

  /** Notes an act that the ledger has accepted. */
  accept(world: CaseWorld, act: string, reads: OpenAct['reads']): void {
    for (const item of listOf(world.published.blueprint.acts[act]?.gives)) {
      this.inputs.set(`${item} ${act}`, reads)
    }
    if (act !== 'pay') return
    const bill = itemOf(world, world.id, 'bill')
    this.paidFor.push(`${bill?.gen} ${bill?.parts.map(({ c }) => c).join()}`)
  }

  /** No available item that can be given anew rests on an input that is not the current one. */
  check(world: CaseWorld): void {
    for (const [key, reads] of this.inputs) {
      const [item = '', act = ''] = key.split(' ')
      if (world.published.blueprint.acts[act]?.final === true) continue
      if (itemOf(world, world.id, item)?.available !== true) continue
      for (const [name, gen] of Object.entries(reads)) {
        const input = itemOf(world, world.id, name)
        if (input === undefined) continue
        assert.equal(input.gen, gen, `${item} by ${act} rests on ${name}`)
        assert.equal(input.available, true, `${item} by ${act} rests on ${name}, which is gone`)
      }
    }
  }
}

/** A world that notes every act that the ledger accepts. */
class Noting extends CaseWorld {
  readonly lineage: Lineage = new Lineage()

  override when(...[member, type, body, officers]: Parameters<CaseWorld['when']>): Answer {
    const answer = super.when(member, type, body, officers)
    if (answer.code === 'ok' && type === 'case.act') {
      this.lineage.accept(this, body['act'] as string, body['reads'] as OpenAct['reads'])
    }
    return answer
  }
}

type Queued = { readonly act: string; readonly reads: OpenAct['reads']; readonly by: string }

/** One wild step: a deed, a return, a correction, or a command that was made earlier. */
function wild(world: CaseWorld, roll: (bound: number) => number, run: Run): void {
  const kind = roll(10)
  const open = world.open()
  const any = open[roll(open.length)]
  if (kind < 5 || any === undefined) {
    // A robot that was asked some blocks ago answers now.
    for (const { act, reads, recorders } of open) {
      if (run.queue.length < 12) run.queue.push({ act, reads, by: recorders[0] ?? '' })
    }
    const ask = world.owed()[0]
    if (ask !== undefined && (any === undefined || roll(2) === 0)) {
      assert.equal(world.answer(ask.item, `${roll(3)}`).code, 'ok')
    } else if (any !== undefined) send(world, { ...any, by: any.recorders[0] ?? '' }, run)
    else if (world.published === home && claimOf(world) === undefined) world.grant('home')
    else for (const party of world.unbound()) bind(world, party)
  } else if (kind < 7) {
    const names = Object.keys(any.reads)
    const item = names[roll(names.length)] ?? ''
    const before = snapshot(world)
    const answer = world.when(any.recorders[0] ?? '', 'case.return', {
      case: world.id,
      act: any.act,
      items: [item],
      reason: 'wrong',
      note: wordHash('note'),
    })
    if (answer.code !== 'ok') assert.equal(snapshot(world), before, 'a refusal changes nothing')
    run.codes.add(answer.code)
  } else if (kind < 8) {
    const supplied = suppliedOf(world)
    const item = supplied[roll(supplied.length)] ?? ''
    if (itemOf(world, world.id, item) !== undefined) world.answer(item, `${roll(3)}`)
    else if (roll(4) === 0) run.codes.add(fail(world, item))
  } else if (kind < 9 && world.published === account && roll(3) === 0) {
    const approval = wordHash('approval')
    const body = { case: world.id, item: 'consent', approval }
    run.codes.add(world.when('market', 'case.revoke', body).code)
  } else {
    const queued = run.queue.splice(roll(run.queue.length), 1)[0]
    if (queued !== undefined) send(world, queued, run)
  }
}

/** Items from outside, but for mandates, on which nobody waits. */
function suppliedOf({ published }: CaseWorld): readonly string[] {
  const { evidence } = published.blueprint
  return Object.keys(evidence).filter((name) => {
    return evidence[name]?.from !== undefined && evidence[name]?.type !== 'mandate@1'
  })
}

function claimOf(world: CaseWorld): string | undefined {
  return caseOf(world, world.id)?.claims['home']
}

function bind(world: CaseWorld, party: string): void {
  const { host = '' } = caseOf(world, world.id) ?? {}
  assert.equal(world.when(host, 'case.bind', { case: world.id, party, member: 'icbc' }).code, 'ok')
}

/** The source of an item says that it cannot answer. */
function fail(world: CaseWorld, item: string): string {
  const { by, slots } = world.askOf(item)
  const body = { case: world.id, item, slots, answer: 'down', parts: [], asOf: world.time }
  return world.when(by, 'case.supply', body).code
}

type Run = { readonly queue: Queued[]; readonly codes: Set<string> }

function send(world: CaseWorld, { act, reads, by }: Queued, run: Run): void {
  const before = snapshot(world)
  const isCurrent = world.open().some((each) => each.act === act && same(each.reads, reads))
  const answer = world.act(act, '', { reads, by })
  run.codes.add(answer.code)
  if (answer.code === 'ok') {
    assert.ok(isCurrent, `${act} was accepted on generations that are not the current ones`)
  } else assert.equal(snapshot(world), before, 'a refusal changes nothing')
}

function same(a: OpenAct['reads'], b: OpenAct['reads']): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function snapshot(world: CaseWorld): string {
  return JSON.stringify(world.get(`processes/case/${world.id}`))
}

test('returns and corrections between queued acts leave nothing on an input of yesterday', () => {
  const codes = new Set<string>()
  for (const published of [home, account]) {
    for (let seed = 1; seed <= seeds; seed += 1) wildly(filed(new Noting(published)), seed, codes)
  }
  for (const code of [
    'ok',
    'processes/act-not-open',
    'processes/is-final',
    'processes/no-consent',
  ]) {
    assert.ok(codes.has(code) || seeds < 12, code)
  }
})

/** Whatever happens to a case, it is delivered once people do what is waited for. */
function wildly(world: Noting, seed: number, codes: Set<string>): void {
  const roll = dice(seed)
  const run: Run = { queue: [], codes }
  for (let step = 0; step < 70; step += 1) {
    world.next()
    wild(world, roll, run)
    world.lineage.check(world)
  }
  // Sources that failed are back.
  for (const item of suppliedOf(world)) {
    if (itemOf(world, world.id, item)?.available !== true) world.answer(item)
  }
  world.run(400)
  world.lineage.check(world)
  assert.equal(caseOf(world, world.id)?.state, 'delivered', `seed ${seed}`)
  const { paidFor } = world.lineage
  assert.equal(new Set(paidFor).size, paidFor.length, `seed ${seed}: one payment for a bill`)
}
