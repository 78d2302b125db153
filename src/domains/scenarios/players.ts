// Acts on the stage: how one is recorded with its commitments, and what robots do by themselves. A
// robot completes what does not apply, what a rule decides, what was done before on the same
// inputs, and a difference of nothing; it asks registers again where an answer of today is needed,
// claims objects, binds members, pays back what a refused case had settled, and says that a case is
// delivered. Nothing else happens unless a step says so.
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import type { Value } from '#ledger/command'
import { byName, elseOf } from '#blueprint/check'
import { listOf } from '#blueprint/grammar'
import type { Known, Proposal, Rec, Refusal, Signer } from '#blueprint/judge'
import { assess, boundTo, difference, judgeAct, neededFor } from '#blueprint/judge'
import type { OpenView, OwedView } from './kernel.ts'
import { placeOf } from './kernel.ts'
import type { Body, Given, Item } from './world.ts'
import { actIn, isByPerson, isPublic, wordHash, wordId, World } from './world.ts'

/** How an act is completed on the stage. */
export type Completion = {
  readonly act: string
  readonly element: number | undefined
  readonly state: string
  readonly value?: Json
  readonly signers: readonly Signer[]
  /** The member that records it. */
  readonly member: string
}

/** What an act was last completed with, and on which inputs. */
type Last = { readonly inputs: string; readonly completion: Completion }

/** Robots take at most so many rounds after a step: each opens only what waited for it. */
const roundsMax = 512

/** The case as it is played: its world, what was done, and what was settled. */
export class Players {
  readonly world: World
  readonly #last: Map<string, Last> = new Map()
  readonly #settled: Map<string, number> = new Map()

  constructor(world: World) {
    this.world = world
  }

  /** Fen that all rounds of an act have settled in sum. */
  settled(act: string): number {
    let sum = 0
    for (const [key, fen] of this.#settled) {
      if (key === act || key.startsWith(`${act}/`)) sum += fen
    }
    return sum
  }

  open(): readonly OpenView[] {
    return this.world.kernel.openActs(this.world, this.world.id, this.world.time)
  }

  /** What content says against a completion; of signatures that are still to come nothing. */
  judge(completion: Completion, known: Known, refund: boolean): readonly Refusal[] {
    const { act, element, state, value, signers } = completion
    const proposal: Proposal = {
      act,
      state,
      signers,
      settled: this.#settled.get(placeOf(act, element)) ?? 0,
      ...(element === undefined ? {} : { element }),
      ...(value === undefined ? {} : { value }),
      ...(refund ? { refunds: true } : {}),
    }
    return judgeAct(this.world.kernel.judge, known, proposal)
  }

  /** Sends the completion of an act; the kernel's answer. */
  complete(completion: Completion): string {
    const { world } = this
    const { act: name, element, member } = completion
    const at = { act: name, ...(element === undefined ? {} : { element }) }
    const view = world.kernel.actOf(world, world.id, at)
    const act = actIn(world.kernel, name)
    if (view === undefined || act === null) return 'processes/unknown-case'
    const known = world.known()
    const due = this.#due(completion, known, view.refund)
    const gives = byName(listOf(act.gives)).map((item) => ({
      item,
      commitments: this.#commit(item, completion),
    }))
    const shown = world.publish(gives)
    const key = placeOf(name, element)
    const code = world.send(member, 'case.act', {
      ...at,
      reads: view.reads,
      gives: Object.fromEntries(gives.map(({ item, commitments }) => [item, commitments])),
      ...(isByPerson(world.kernel, act) ? { approval: wordHash(`approval ${key}`) } : {}),
      ...(act.rule === undefined ? {} : { rule: wordHash(`rule ${key}`) }),
      ...(shown === undefined ? {} : { public: shown }),
    })
    if (code !== 'ok') return code
    this.#last.set(key, { inputs: this.#inputs(name, element, known), completion })
    if (due !== null) this.#settled.set(key, (this.#settled.get(key) ?? 0) + due)
    return code
  }

  #due(completion: Completion, known: Known, refund: boolean): number | null {
    const { act, element, state } = completion
    if (state !== 'done') return null
    const settled = this.#settled.get(placeOf(act, element)) ?? 0
    if (refund) return 0 - settled
    return difference(this.world.kernel.judge, known, act, settled)?.due ?? null
  }

  #commit(item: string, { act, element, state, value }: Completion): readonly string[] {
    const { world } = this
    const place = placeOf(act, element)
    const isOnly = listOf(actIn(world.kernel, act)?.gives).length === 1
    if (state !== 'done' || value === undefined) return world.commit(item, place, none(state))
    const own = isOnly ? value : (value as { readonly [item: string]: Json })[item]
    const isList = world.kernel.judge.blueprint.evidence[item]?.many === true
    const values = own === undefined ? [] : isList && Array.isArray(own) ? own : [own]
    return world.commit(item, place, { state, values: values as readonly Json[], isList })
  }

  /** Everything that an act rests on, as one text: equal texts are equal inputs. */
  #inputs(act: string, element: number | undefined, known: Known): string {
    const { items, slots } = neededFor(this.world.kernel.judge, act)
    const read = Object.entries(items).map(([item, fields]): Json => {
      const own = (known.items[item] ?? []).filter(
        (rec) => element === undefined || (rec.element ?? element) === element,
      )
      return [item, own.map((rec) => [rec.state, shownFields(rec, fields)])]
    })
    const keys = Object.keys(slots).map((slot): Json => [slot, known.slots[slot] ?? []])
    return encodeCanonical([...read, ...keys])
  }

  /** Robots, until none of them has anything to do. */
  robots(): void {
    for (let round = 0; round < roundsMax; round += 1) {
      if (!this.#claim() && !this.#bind() && !this.#act() && !this.#conclude()) return
    }
  }

  #claim(): boolean {
    const { world } = this
    const { claims = {}, parties } = world.kernel.judge.blueprint
    const facts = world.kernel.caseOf(world, world.id)
    if (facts === undefined || facts.concluded || facts.state !== 'open') return false
    for (const object of Object.keys(claims)) {
      if (facts.claims[object] !== undefined || facts.slots[object]?.filed !== true) continue
      const register = parties[claims[object]?.by ?? '']?.member ?? ''
      const handle = wordId(`claim ${facts.slots[object]?.commitments.join(' ') ?? ''}`)
      if (world.send(register, 'claim.grant', { object, handle }) === 'ok') return true
    }
    return false
  }

  // Members that evidence names and that act themselves are bound where everybody sees it.
  #bind(): boolean {
    const { world } = this
    const { blueprint } = world.kernel.judge
    const facts = world.kernel.caseOf(world, world.id)
    if (facts === undefined || facts.state !== 'open') return false
    const acting = Object.values(blueprint.acts)
      .filter(({ through }) => through === undefined)
      .flatMap(({ by }) => listOf(by))
    const known = world.known()
    for (const [party, { of, class: kind }] of Object.entries(blueprint.parties)) {
      if (of === undefined || kind === undefined || !acting.includes(party)) continue
      if (isPublic(world.kernel, of)) continue
      const bound = boundTo(world.kernel.judge, known, party)
      if (bound.kind !== 'member' || facts.members[party] === bound.member) continue
      const body = { party, member: bound.member }
      if (world.send(facts.host, 'case.bind', body) === 'ok') return true
    }
    return false
  }

  #conclude(): boolean {
    const { world } = this
    const facts = world.kernel.caseOf(world, world.id)
    if (facts?.state !== 'delivered' || facts.concluded) return false
    return world.send(world.lead, 'case.conclude', { outcome: wordHash('delivered') }) === 'ok'
  }

  #act(): boolean {
    const known = this.world.known()
    const all = this.open()
    if (!this.world.pay(all.length)) return false
    for (const open of all) {
      const completion = this.#byRobot(open, known)
      if (completion === null) continue
      if (open.stale && !this.refresh()) continue
      if (this.complete(completion) === 'ok') return true
    }
    return false
  }

  /** Registers answer again, with the same content, where an answer of today is needed. */
  refresh(): boolean {
    const { world } = this
    const asked = world.kernel.owed(world, world.id, world.time + 1).filter(({ fresh }) => fresh)
    const answered = asked.filter((each) => this.#again(each))
    return asked.length === answered.length
  }

  #again({ item, element, by, slots }: OwedView): boolean {
    const { world } = this
    const recs = (world.known().items[item] ?? []).filter((rec) => rec.element === element)
    const place = element === undefined ? 'supply' : `supply/${element}`
    const parts = recs.map((rec) => world.keep(item, place, { ...rec, from: 'supply' }))
    return (
      world.send(by, 'case.supply', {
        item,
        slots,
        answer: 'register',
        parts,
        asOf: world.time + 1,
        ...(element === undefined ? {} : { element }),
        ...this.#public(item, parts),
      }) === 'ok'
    )
  }

  #public(item: string, parts: readonly string[]): Body {
    const shown = this.world.publish([{ item, commitments: parts }])
    return shown === undefined ? {} : { public: shown }
  }

  #byRobot(
    { act, element, recorders, refund, difference: isNext }: OpenView,
    known: Known,
  ): Completion | null {
    const [member] = recorders
    if (member === undefined) return null
    const plain = { act, element, member, signers: [] }
    const last = this.#last.get(placeOf(act, element))
    if (refund) return last === undefined ? null : { ...this.#refund(last, act, element), member }
    const { judge } = this.world.kernel
    const found = assess(judge, known, act, element)
    if (found.applies === false) return { ...plain, state: 'na' }
    if (found.auto && found.value !== undefined) {
      return { ...plain, state: 'done', value: found.value }
    }
    if (last === undefined || last.completion.state === 'na') return null
    if (isNext) {
      const settled = this.#settled.get(placeOf(act, element)) ?? 0
      const due = difference(judge, known, act, settled)?.due
      return due === 0 ? { ...last.completion, member } : null
    }
    // What was done on the same inputs is done again with the same records; what was sent back is
    // not.
    const isSame = this.#inputs(act, element, known) === last.inputs
    return isSame && !this.#wasVoided(act, element) ? { ...last.completion, member } : null
  }

  #wasVoided(act: string, element: number | undefined): boolean {
    const { world } = this
    const all = world.kernel.partsOf(world, world.id)
    return listOf(actIn(world.kernel, act)?.gives).some((item) => {
      const parts = all.get(item) ?? []
      return !parts.some((part) => part.from === act && part.element === element)
    })
  }

  #refund({ completion }: Last, act: string, element: number | undefined): Completion {
    const settled = this.#settled.get(placeOf(act, element)) ?? 0
    const { final } = actIn(this.world.kernel, act) ?? {}
    const field = typeof final === 'object' ? final.amount.slice(final.amount.indexOf('.') + 1) : ''
    const { value } = completion
    const paid = withMember(value, field, settled)
    return { ...completion, signers: [], ...(paid === undefined ? {} : { value: paid }) }
  }

  /** A source answers, or whoever stands in for it; the kernel's answer. */
  supply(item: Item, supply: Supplied): string {
    const { world } = this
    const { value, element, member, answer } = supply
    const facts = world.kernel.caseOf(world, world.id)
    if (facts === undefined) return 'processes/unknown-case'
    const place = element === undefined ? 'supply' : `supply/${element}`
    const parts =
      answer === 'down' || answer === 'owed'
        ? []
        : world.commit(item.name, place, suppliedOf(value))
    const slots: { [slot: string]: Value } = {}
    for (const slot of item.slots) {
      const slotView = facts.slots[slot]
      if (slotView !== undefined) slots[slot] = slotView.gen
    }
    return world.send(member, 'case.supply', {
      item: item.name,
      slots,
      answer,
      parts,
      asOf: world.time + 1,
      ...(element === undefined ? {} : { element }),
      ...(supply.last ? { last: true } : {}),
      ...this.#public(item.name, parts),
    })
  }

  /** How somebody answers for an item: as its source, or as the blueprint lets him stand in. */
  answerOf({ evidence }: Item, party: string | undefined): string {
    const { parties } = this.world.kernel.judge.blueprint
    const { kind, by } = elseOf(evidence.else)
    if (party !== undefined && party === by && party !== evidence.from) {
      if (evidence.else !== undefined && 'ask' in evidence.else) return evidence.else.ask.least
      return kind === 'owe' ? 'owed' : 'pledged'
    }
    return parties[evidence.from ?? '']?.files === true ? 'declared' : 'register'
  }
}

/** What a source says in a step. */
export type Supplied = {
  readonly value: Json
  readonly element: number | undefined
  readonly member: string
  readonly answer: string
  readonly last: boolean
}

/** A record with one of its members changed; anything else as it is. */
function withMember(value: Json | undefined, name: string, to: Json): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const members = Object.entries(value as { readonly [name: string]: Json })
  return Object.fromEntries(members.map(([each, was]) => [each, each === name ? to : was]))
}

function none(state: string): Given {
  return { state, values: [] }
}

// In a scenario null says that the source has no such record.
function suppliedOf(value: Json): Given {
  return value === null ? none('absent') : { state: 'found', values: [value] }
}

function shownFields(rec: Rec, fields: readonly string[]): Json {
  return fields.map((field) => rec.fields[field] ?? null)
}
