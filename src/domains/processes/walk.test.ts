// No dead end: random walks over the shipped applications with the kernel and the judge together.
// From every state that is reached somebody can act or there is an outcome, every open act can say
// no, and no act is settled on a generation that has passed. `LIANBAN_WALK` makes the walks
// longer.
import assert from 'node:assert/strict'
import process from 'node:process'
import { test } from 'node:test'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import type { Field } from '#blueprint/grammar'
import { identityOf, isSubject, listOf, publicationText, publish, textOf } from '#blueprint/grammar'
import type { Signer } from '#blueprint/judge'
import { assess, boundTo, difference } from '#blueprint/judge'
import { caseOf, openActs, owed, processes, standingOf } from '#domains/processes'
import type { OpenAct } from '#domains/processes'
import type { Completion, Kernel } from '#domains/scenarios'
import { Players, World } from '#domains/scenarios'
import { applications, shippedFolder, shippedTypes } from '#test/blueprints'
import { kernelOf } from './play.ts'

const types = shippedTypes()
const steps = Number(process.env['LIANBAN_WALK'] ?? 900)

function kernel(application: string): Kernel {
  const { blueprint } = shippedFolder(application)
  const publication = publish(blueprint, types, [])
  assert('blueprint' in publication)
  const packed = (text: string): string => base64urlEncode(utf8Encode(text))
  const named = Object.keys(publication.types).flatMap((name) => types.get(name) ?? [])
  return kernelOf({
    hash: identityOf(publication),
    publication,
    types,
    texts: {
      publication: packed(publicationText(publication)),
      types: named.map((type) => packed(textOf(type))),
    },
    scenarios: [],
    commands: processes.types,
    base: { get: () => undefined },
  })
}

/** Numbers that are the same for the same seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 4_294_967_296) * sides)
  }
}

const people = [
  { code: '110101199003071233', name: '练买方' },
  { code: '110105194806120046', name: '练卖方' },
  { code: '110105195005050064', name: '练共有' },
]
const unit = '110105001001GB00001F00010101'

type Deed = () => string

/** One walk: a case, and everybody who may do something in it. */
class Walk {
  readonly world: World
  readonly players: Players
  readonly roll: (sides: number) => number
  readonly seen: Set<string> = new Set()

  constructor(of: Kernel, seed: number) {
    this.world = new World(of, { id: `walk ${seed}`, time: 1_772_000_000_000 })
    this.players = new Players(this.world)
    this.roll = dice(seed)
  }

  pick<T>(all: readonly T[]): T {
    return all[this.roll(all.length)] as T
  }

  valueOf(field: Field): Json {
    if (field.many !== undefined) {
      const count = 1 + this.roll(2)
      const { many: _, ...one } = field
      return Array.from({ length: count }, () => this.valueOf(one))
    }
    switch (field.is) {
      case 'bool':
        return this.roll(2) === 0
      case 'int':
      case 'fen':
        return Math.max(field.min ?? 0, this.pick([0, 1, 2, 90, 9_000]))
      case 'enum':
        return this.pick(field.of ?? [])
      case 'day':
        return this.pick(['2026-03-02', '2031-03-02'])
      case 'member':
        return this.pick(['icbc', 'ccb'])
      case 'person':
      case 'firm':
      case 'holder':
        return this.pick(people.slice(this.roll(6) === 0 ? 0 : 1))
      case 'real-estate-unit':
        return unit
      case 'uscc':
        return '91110108MA0PRACT1H'
      case 'certificate-id':
      case 'citizen-id':
      case 'file':
      case 'record':
      case 'service-item':
      case 'text':
        return 'L1'
    }
  }

  itemValue(item: string): Json {
    const type = this.world.kernel.judge.items.get(item)?.type
    const fields = (type?.fields ?? []).filter(({ answer }) => answer === undefined)
    const given = fields.filter(({ optional }) => optional !== true || this.roll(2) === 0)
    return Object.fromEntries(given.map((field) => [field.id, this.valueOf(field)]))
  }

  /** Everybody who has still to file, each of them as a deed. */
  filings(): readonly Deed[] {
    const { world } = this
    const { parties, objects = {} } = world.kernel.judge.blueprint
    const facts = caseOf(world, world.id)
    const open = Object.keys(parties).filter(
      (party) => parties[party]?.files === true && facts?.slots[party] === undefined,
    )
    return open.map((party) => () => {
      const place = Object.keys(parties).indexOf(party)
      const slot = world.keepKeys(party, people[place % people.length] ?? {})
      const own = Object.keys(objects).filter((object) => objects[object]?.by === party)
      const named = own.map((object) => {
        const keys = Object.keys(objects[object]?.key ?? {})
        const value = Object.fromEntries(keys.map((key) => [key, unit]))
        return [object, [world.keepKeys(object, value)]] as const
      })
      const both = {
        party,
        identified: { method: parties[party]?.identified ?? 'window' },
        notice: slot,
      }
      const things = Object.fromEntries(named)
      if (facts === undefined) {
        const { hash } = world.kernel
        const slots = { ...things, [party]: [slot] }
        return world.send(world.lead, 'case.file', { ...both, blueprint: hash, slots })
      }
      const more = named.length === 0 ? {} : { slots: things }
      return world.send(world.lead, 'case.join', { ...both, slot, ...more })
    })
  }

  /** Everything that a source is asked for, as deeds. */
  answers(): readonly Deed[] {
    const { world, players } = this
    const { evidence, parties } = world.kernel.judge.blueprint
    return owed(world, world.id, world.time + 1).map(({ item, element, by, fresh }) => () => {
      if (fresh) return players.refresh() ? 'ok' : 'stale'
      const declared = evidence[item]
      assert(declared !== undefined)
      const isPerson = parties[declared.from ?? '']?.files === true
      const rolled = this.roll(20)
      const answer = isPerson ? 'declared' : rolled === 0 ? 'down' : 'register'
      const value = rolled === 1 ? null : this.itemValue(item)
      const slots = [declared.about, ...(declared.key ?? []).map((key) => key.split('.')[0] ?? '')]
      return players.supply(
        { name: item, evidence: declared, each: element !== undefined, slots },
        { value, element, member: by, answer, last: this.roll(2) === 0 },
      )
    })
  }

  /** Sources that said that they cannot answer may be back at any time. */
  returns(): readonly Deed[] {
    const { world, players } = this
    const { evidence } = world.kernel.judge.blueprint
    const standing = standingOf(world, world.id)
    return Object.keys(evidence).flatMap((item) => {
      const declared = evidence[item]
      if (declared?.from === undefined || standing?.available(item) !== 'down') return []
      const member = world.kernel.speakerOf(world, world.id, { party: declared.from, position: 0 })
      const slots = [declared.about, ...(declared.key ?? []).map((key) => key.split('.')[0] ?? '')]
      return standing.positions(standing.item(item)).map(
        (position) => () =>
          players.supply(
            { name: item, evidence: declared, each: position !== '', slots },
            {
              value: this.itemValue(item),
              element: position === '' ? undefined : Number(position),
              member: member ?? '',
              answer: 'register',
              last: true,
            },
          ),
      )
    })
  }

  signersOf(act: string, element: number | undefined): readonly Signer[] {
    const { world } = this
    const { judge } = world.kernel
    const known = world.known()
    return listOf(judge.blueprint.acts[act]?.by).flatMap((party): readonly Signer[] => {
      const declared = judge.blueprint.parties[party]
      if (declared === undefined || declared.member !== undefined) return []
      const bound = boundTo(judge, known, party, element)
      if (bound.kind === 'member') return [{ party, code: bound.member, name: '' }]
      if (!isSubject(declared) || bound.kind !== 'subjects') return []
      return bound.subjects.map((each) => ({ party, ...each }))
    })
  }

  /** A completion of an open act that might do. */
  completion({ act, element, recorders }: OpenAct): Completion {
    const { world, players } = this
    const { judge } = world.kernel
    const known = world.known()
    const found = assess(judge, known, act, element)
    const plain = { act, element, member: recorders[0] ?? '', signers: [] }
    if (found.applies === false) return { ...plain, state: 'na' }
    const [item = ''] = listOf(judge.blueprint.acts[act]?.gives)
    const due = difference(judge, known, act, players.settled(act))
    const fields = judge.items.get(item)?.type.fields ?? []
    const given = found.value ?? this.given(item)
    const money = fields.find(({ is }) => is === 'fen')?.id ?? ''
    const value = due === null ? given : { ...(given as object), [money]: Math.abs(due.due) }
    const signers = due !== null && due.due < 0 ? [] : this.signersOf(act, element)
    return { ...plain, state: 'done', value, signers }
  }

  given(item: string): Json {
    const { evidence, objects = {} } = this.world.kernel.judge.blueprint
    const one = (): Json => {
      const value = this.itemValue(item)
      const keys = Object.keys(objects[evidence[item]?.about ?? '']?.key ?? {})
      const own = keys.filter((key) => Object.hasOwn(value as object, key))
      return { ...(value as object), ...Object.fromEntries(own.map((key) => [key, unit])) }
    }
    if (evidence[item]?.many !== true) return one()
    return Array.from({ length: this.roll(3) }, one)
  }

  /** How each open act can go on, as deeds; the no of each must be possible. */
  acts(): readonly Deed[] {
    const { world, players } = this
    const { judge } = world.kernel
    return openActs(world, world.id, world.time).flatMap((open) => {
      const { act, element, refund } = open
      const declared = judge.blueprint.acts[act]
      const done = (): string => {
        if (open.stale && !players.refresh()) return 'stale'
        const completion = this.completion(open)
        if (players.judge(completion, world.known(), refund).length > 0) return 'judged'
        return players.complete(completion)
      }
      const codes = Object.keys(declared?.no?.codes ?? {})
      const refuse = (): string => {
        if (open.stale && !players.refresh()) return 'stale'
        const member = open.recorders[0] ?? ''
        if (assess(judge, world.known(), act, element).applies === false) return done()
        const state = `no/${this.pick(codes)}`
        const refused = players.judge(
          { act, element, state, member, signers: [] },
          world.known(),
          refund,
        )
        assert.deepEqual(refused, [], `${act} can say no`)
        const at = element === undefined ? { act } : { act, element }
        if (declared?.no?.ends === 'case') {
          return world.send(member, 'case.conclude', { ...at, outcome: world.kernel.hash })
        }
        return players.complete({ act, element, state, member, signers: [] })
      }
      // A person's no is withdrawal; every other act declares its own.
      const isPersons = listOf(declared?.by).some((party) => {
        const by = judge.blueprint.parties[party]
        return by !== undefined && isSubject(by)
      })
      assert.ok(isPersons || codes.length > 0, `${act} declares a no`)
      const often = [done, done, done, done, done, done, done, done]
      return isPersons || refund ? often : [...often, refuse]
    })
  }

  /** What may happen at any time and leads backwards. */
  turns(): readonly Deed[] {
    const { world } = this
    const { evidence, acts } = world.kernel.judge.blueprint
    const open = openActs(world, world.id, world.time)
    const returns = open.flatMap(({ act, element, recorders }) => {
      const read = world.kernel.judge.acts.get(act)?.reads.map(({ item }) => item) ?? []
      const items = read.filter((item) => evidence[item]?.from === undefined && item in evidence)
      if (items.length === 0) return []
      const body = { act, items: [this.pick(items)], reason: 'wrong', note: world.kernel.hash }
      const at = element === undefined ? {} : { element }
      return [() => world.send(recorders[0] ?? '', 'case.return', { ...body, ...at })]
    })
    const anew = Object.keys(evidence).filter((item) => world.known().items[item] !== undefined)
    const again = anew.flatMap((item) => {
      const declared = evidence[item]
      if (declared?.from === undefined || declared.many === true) return []
      const member = world.kernel.speakerOf(world, world.id, { party: declared.from, position: 0 })
      const slots = [declared.about, ...(declared.key ?? []).map((key) => key.split('.')[0] ?? '')]
      const isPerson = world.kernel.judge.blueprint.parties[declared.from]?.files === true
      const answer = isPerson ? 'declared' : 'register'
      return [
        () =>
          this.players.supply(
            { name: item, evidence: declared, each: false, slots },
            {
              value: this.itemValue(item),
              element: undefined,
              member: member ?? '',
              answer,
              last: true,
            },
          ),
      ]
    })
    const consents = Object.values(acts).flatMap(({ consent }) => consent ?? [])
    const revokes = consents.map(
      (item) => () => world.send(world.lead, 'case.revoke', { item, approval: world.kernel.hash }),
    )
    return [...returns, ...again, ...revokes]
  }

  /** Goes on for so many steps or to an outcome; the steps that were taken. */
  go(most: number): number {
    for (let step = 0; step < most; step += 1) {
      const facts = caseOf(this.world, this.world.id)
      const isOver = facts !== undefined && (facts.state !== 'open' || facts.concluded)
      const deeds = [...this.filings(), ...this.answers(), ...this.returns(), ...this.acts()]
      if (isOver) {
        this.seen.add(facts.refusedBy === undefined ? facts.state : 'refused')
        return step + 1
      }
      assert.ok(deeds.length > 0, `nobody can act: ${JSON.stringify(facts)}`)
      const turns = this.roll(12) === 0 ? this.turns() : []
      const code = this.pick(turns.length > 0 ? turns : deeds)()
      assert.match(code, /^(?:ok|judged|stale|processes\/[a-z-]+)$/)
      this.seen.add(code)
      if (this.roll(3) > 0) this.players.robots()
      this.settledOnNow()
    }
    return most
  }

  /** No act counts as settled on a generation that has passed. */
  settledOnNow(): void {
    const standing = standingOf(this.world, this.world.id)
    if (standing === undefined) return
    for (const act of standing.compiled.acts.values()) {
      if (act.final === 'plain') continue
      for (const element of standing.elements(act)) {
        if (!standing.settled(act, element)) continue
        const gens: readonly number[] = act.inputs.map((input) => standing.genOf(input, element))
        assert.deepEqual(standing.stateOf(act.name, element)?.g, gens, act.name)
      }
    }
  }
}

for (const application of applications) {
  test(`from every state of ${application} that a walk reaches somebody can act`, () => {
    const of = kernel(application)
    const seen = new Map<string, number>()
    let walked = 0
    for (let seed = 1; walked < steps; seed += 1) {
      const walk = new Walk(of, seed)
      walked += walk.go(120)
      for (const code of walk.seen) seen.set(code, (seen.get(code) ?? 0) + 1)
    }
    assert.ok((seen.get('ok') ?? 0) > 0)
    assert.ok((seen.get('refused') ?? 0) > 0, JSON.stringify([...seen]))
    if (process.env['LIANBAN_WALK'] !== undefined) {
      process.stdout.write(`${application} ${walked} ${JSON.stringify([...seen])}\n`)
    }
  })
}
