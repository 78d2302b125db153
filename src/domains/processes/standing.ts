// How a case stands: which items are available, which acts are settled, which are open and who may
// record them. None of it is stored. It follows from the generations that each act named when it
// was completed and those that the items have now, so a new answer re-opens exactly what rested on
// the old one, level by level, and an equal answer re-opens nothing.
import type { Json } from '#base/canonical'
import { decodeCanonical } from '#base/canonical'
import { assert } from '#base/assert'
import { base64urlDecode, utf8Decode } from '#base/bytes'
import type { Reading } from '#ledger/validate'
import { surenesses } from '#blueprint/grammar'
import { itemOfPath } from '#blueprint/check'
import { successorOf } from '#domains/members'
import type { ProcessesCode } from './records.ts'
import type { Compiled, CompiledAct, CompiledItem, Input } from './compile.ts'
import { isFiled } from './compile.ts'
import type { ActState, CaseRecord, ItemRecord, SupplyState } from './records.ts'
import { actKey, itemKey, positionKey, readRecord } from './records.ts'

/** Generations by the name of an item or slot. */
type Gens = { readonly [name: string]: number }

/** There, not there, or not there because its source says that it cannot answer. */
export type Availability = 'yes' | 'no' | 'down'

/** A case with its blueprint at one moment. It remembers what it found, so it never outlives it. */
export class Standing {
  readonly view: Reading
  readonly id: string
  readonly record: CaseRecord
  readonly compiled: Compiled
  readonly #items: Map<string, Availability> = new Map()
  readonly #acts: Map<string, boolean> = new Map()

  constructor(
    view: Reading,
    of: { readonly id: string; readonly record: CaseRecord; readonly compiled: Compiled },
  ) {
    this.view = view
    this.id = of.id
    this.record = of.record
    this.compiled = of.compiled
  }

  item(name: string): CompiledItem {
    const item = this.compiled.items.get(name)
    assert(item !== undefined, 'an item of the blueprint')
    return item
  }

  act(name: string): CompiledAct {
    const act = this.compiled.acts.get(name)
    assert(act !== undefined, 'an act of the blueprint')
    return act
  }

  stateOf(act: string, element?: number): ActState | undefined {
    return this.record.acts[actKey(act, element)]
  }

  /** The elements for which an act is done, as far as its list is known; one that is no number. */
  elements(act: CompiledAct): readonly (number | undefined)[] {
    const { for: list } = act.act
    if (list === undefined) return once
    return Array.from({ length: this.record.items[list]?.n ?? 0 }, (_, at) => at)
  }

  /** Positions at which an item is supplied: of each person of its slot, or of all at once. */
  positions(item: CompiledItem): readonly string[] {
    if (!item.each) return whole
    return (this.record.slots[item.about]?.c ?? []).map((_, at) => `${at}`)
  }

  supplyOf(name: string, position: string): SupplyState | undefined {
    return this.record.items[name]?.s?.[positionKey(position)]
  }

  isVoid(name: string, part: string): boolean {
    return this.record.items[name]?.v?.includes(part) === true
  }

  /** Whether an item can be read. The graph has no circle, so this ends. */
  available(name: string): Availability {
    const known = this.#items.get(name)
    if (known !== undefined) return known
    const item = this.item(name)
    const found = item.from === undefined ? this.#given(item) : this.#supplied(item)
    this.#items.set(name, found)
    return found
  }

  #given(item: CompiledItem): Availability {
    if (item.list !== undefined && this.available(item.list) !== 'yes') return 'no'
    const done = item.givers.every((name) => {
      const act = this.act(name)
      return this.elements(act).every((element) => this.settled(act, element))
    })
    return done ? 'yes' : 'no'
  }

  #supplied(item: CompiledItem): Availability {
    const positions = this.positions(item)
    if (positions.length === 0) return 'no'
    let found: Availability = 'yes'
    for (const position of positions) {
      const each = this.answered(item, position)
      if (each === 'no') return 'no'
      if (each === 'down') found = 'down'
    }
    return found
  }

  /** Whether the source has answered for one position, about those who are bound now. */
  answered(item: CompiledItem, position: string): Availability {
    const supply = this.supplyOf(item.name, position)
    if (supply === undefined || this.isVoid(item.name, `supply/${position}`)) return 'no'
    if (!this.isBound(item)) return 'no'
    if (supply.t === undefined) return supply.x === undefined ? 'no' : 'down'
    if (supply.p === 1) return 'no'
    const { r = {} } = supply
    const bound = item.bindings.every((each) => r[each] === this.record.items[each]?.g)
    return bound ? 'yes' : 'no'
  }

  /** Whether the items are there from which an item's slots and source are bound. */
  isBound(item: CompiledItem): boolean {
    return item.bindings.every((each) => this.available(each) === 'yes')
  }

  /** The least sure answer of an item by rank; items that acts give are as sure as registers. */
  rankOf(item: CompiledItem): number {
    if (item.from === undefined) return 0
    const ranks = this.positions(item).map((position) => {
      const answer = this.supplyOf(item.name, position)?.u
      const rank = surenesses.findIndex((each) => each === answer)
      return rank < 0 ? surenesses.length : rank
    })
    return Math.max(0, ...ranks)
  }

  /** Of when an item is: its oldest answer, in milliseconds. */
  asOf(item: CompiledItem): number {
    const times =
      item.from === undefined
        ? item.givers.flatMap((name) =>
            this.elements(this.act(name)).map((each) => this.stateOf(name, each)?.t ?? 0),
          )
        : this.positions(item).map((position) => this.supplyOf(item.name, position)?.t ?? 0)
    return times.length === 0 ? 0 : Math.min(...times)
  }

  /** The generation of an input as one act sees it; 0 before there is any. */
  genOf(input: Input, element?: number): number {
    if (input.is === 'slot') return this.record.slots[input.name]?.g ?? 0
    const state = this.record.items[input.name]
    // A mandate that was returned is none.
    if (input.ifThere && (state?.v ?? []).length > 0) return 0
    if (!input.each || element === undefined) return state?.g ?? 0
    return this.item(input.name).givers.reduce(
      (sum, giver) => sum + (this.stateOf(giver, element)?.k?.[input.name] ?? 0),
      0,
    )
  }

  /** The generations that an act must name. */
  readsOf(act: CompiledAct, element?: number): Gens {
    return Object.fromEntries(act.inputs.map((input) => [input.name, this.genOf(input, element)]))
  }

  /** Whether generations are those of all inputs of an act, and of nothing else. */
  isCurrent(act: CompiledAct, element: number | undefined, reads: Gens): boolean {
    const current = act.inputs.every((input) => reads[input.name] === this.genOf(input, element))
    return current && Object.keys(reads).length === act.inputs.length
  }

  /** Whether an act was completed on what its inputs are now. */
  settled(act: CompiledAct, element?: number): boolean {
    const key = actKey(act.name, element)
    const known = this.#acts.get(key)
    if (known !== undefined) return known
    const found = this.#settled(act, element, key)
    this.#acts.set(key, found)
    return found
  }

  #settled(act: CompiledAct, element: number | undefined, key: string): boolean {
    const { g, y } = this.record.acts[key] ?? {}
    if (g === undefined || act.gives.some((item) => this.isVoid(item, key))) return false
    // What was paid back is owed again once the case is open again.
    if (y === 1 && this.record.state === 'open') return false
    if (act.final === 'plain') return true
    // What a delivered case rests on is not asked again; only its tail goes on.
    const { conclusion } = this.record
    if (conclusion !== undefined && conclusion.act === undefined && !act.tail) return true
    return act.inputs.every((input, at) => {
      // What was done without a mandate was done in person, whatever comes later.
      if (input.ifThere && g[at] === 0) return true
      return g[at] === this.genOf(input, element) && this.ready(input, element)
    })
  }

  /** Whether an act has an input as it needs it. */
  ready(input: Input, element?: number): boolean {
    if (input.is === 'slot') return (this.record.slots[input.name]?.g ?? 0) > 0
    const item = this.item(input.name)
    if (input.ifThere) return true
    if (input.each && element !== undefined) {
      return item.givers.every((giver) => this.settled(this.act(giver), element))
    }
    const available = this.available(input.name)
    if (available === 'down') return input.optional
    if (available === 'no') return false
    return input.least === null || this.rankOf(item) <= surenesses.indexOf(input.least)
  }

  /** Whether the consent under which an act reads is given and was not withdrawn. */
  consented(act: CompiledAct): boolean {
    const { consent } = act.act
    return consent === undefined || this.available(consent) === 'yes'
  }

  /** Whether only the sums of a case that was refused or has lapsed are to be paid back. */
  paysBack(act: CompiledAct, element?: number): boolean {
    const { state, conclusion } = this.record
    const isRefused = state === 'ended' && conclusion?.act !== undefined
    if ((!isRefused && state !== 'lapsed') || act.final !== 'amount') return false
    const done = this.stateOf(act.name, element)
    return done?.n !== undefined && done.y === undefined
  }

  /** Why an act is not open, or null. */
  closed(act: CompiledAct, element?: number): ProcessesCode | null {
    const { record } = this
    if ((element === undefined) !== (act.act.for === undefined)) return 'processes/bad-element'
    if (this.paysBack(act, element)) return null
    if (record.state !== 'open') return 'processes/case-closed'
    if (record.conclusion !== undefined && !act.tail) return 'processes/case-closed'
    if (!this.consented(act)) {
      const consent = act.act.consent as string
      const wasGiven = (record.items[consent]?.v?.length ?? 0) > 0
      return wasGiven ? 'processes/no-consent' : 'processes/act-not-open'
    }
    const { for: list } = act.act
    if (element !== undefined && element >= (record.items[list ?? '']?.n ?? 0)) {
      return 'processes/bad-element'
    }
    if (!this.waitsForNothing(act, element) || this.settled(act, element)) {
      return 'processes/act-not-open'
    }
    return this.unclaimed(act)
  }

  waitsForNothing(act: CompiledAct, element?: number): boolean {
    return (
      this.hasActors(act) &&
      act.inputs.every((input) => this.ready(input, element)) &&
      this.isAfter(act)
    )
  }

  /** Whether everybody who acts in person has filed. */
  hasActors(act: CompiledAct): boolean {
    const { blueprint } = this.compiled
    return act.persons.every(
      (party) => !isFiled(blueprint, party) || (this.record.slots[party]?.g ?? 0) > 0,
    )
  }

  /** Whether the acts that must come first are settled. */
  isAfter(act: CompiledAct): boolean {
    return (act.act.after ?? []).every((name) => {
      const before = this.act(name)
      const { for: list } = before.act
      if (list !== undefined && this.available(list) !== 'yes') return false
      return this.elements(before).every((each) => this.settled(before, each))
    })
  }

  unclaimed(act: CompiledAct): ProcessesCode | null {
    for (const object of act.claims) {
      const handle = this.record.claims?.[object]
      if (handle === '') return 'processes/claimed'
      if (handle === undefined) return 'processes/not-claimed'
    }
    return null
  }

  /** Every act with its elements that is open, in the order of the graph. */
  open(): readonly { readonly act: CompiledAct; readonly element?: number }[] {
    const found: { readonly act: CompiledAct; readonly element?: number }[] = []
    for (const name of this.compiled.order) {
      const act = this.act(name)
      for (const element of this.elements(act)) {
        if (this.closed(act, element) !== null) continue
        found.push(element === undefined ? { act } : { act, element })
      }
    }
    return found
  }

  /** The member that speaks for a party: fixed, bound visibly, or named by a public field. */
  memberOf(party: string, element?: number): string | undefined {
    const declared = this.compiled.blueprint.parties[party]
    const fixed = declared?.member ?? this.record.members?.[party]
    if (fixed !== undefined) return successorOf(this.view, fixed)
    if (declared?.of === undefined) return undefined
    const item = this.compiled.items.get(itemOfPath(declared.of))
    const field = declared.of.slice(declared.of.indexOf('.') + 1)
    if (item?.fields.some(({ id }) => id === field) !== true) return undefined
    const value = this.publicOf(item)[element ?? 0]
    const named = (value as { readonly [field: string]: Json } | undefined)?.[field]
    return typeof named === 'string' ? successorOf(this.view, named) : undefined
  }

  /** Who may record an act. */
  recorders(act: CompiledAct, element?: number): readonly string[] {
    const { through, final } = act.act
    const refunds = typeof final === 'object' ? final.refunds : undefined
    const speaks = (party: string): string | undefined => this.memberOf(party, element)
    const own: readonly (string | undefined)[] =
      through !== undefined
        ? [speaks(through)]
        : this.paysBack(act, element) && refunds !== undefined
          ? [speaks(refunds)]
          : act.persons.length > 0
            ? [successorOf(this.view, this.record.host)]
            : act.by.map(speaks)
    const all = [...own, this.record.delegates?.[act.name]]
    return all.filter((each, at): each is string => each !== undefined && all.indexOf(each) === at)
  }

  /** Public values of an item by part, without those of parts that are void. */
  publicOf(item: CompiledItem): readonly Json[] {
    if (item.fields.length === 0) return []
    const record = readRecord<ItemRecord>(this.view, itemKey(this.id, item.name))
    return record === undefined ? [] : publicValuesOf(this, item, record)
  }

  /** Whether every item of the result is there. */
  delivered(): boolean {
    return this.compiled.blueprint.result.every((item) => this.available(item) === 'yes')
  }

  /** Whether an act that cannot be undone was completed; or one that money cannot make good. */
  hasFinal(only?: 'plain'): boolean {
    return [...this.compiled.acts.values()].some(
      (act) =>
        (only === undefined ? act.final !== 'no' : act.final === only) &&
        this.elements(act).some((each) => this.stateOf(act.name, each)?.g !== undefined),
    )
  }
}

const once: readonly undefined[] = [undefined]
const whole: readonly string[] = ['']

/** The public values of a record's parts that are not void. */
export function publicValuesOf(
  standing: Standing,
  item: CompiledItem,
  record: ItemRecord,
): readonly Json[] {
  return (record.public ?? []).flatMap((text, at) => {
    const part = record.parts[at]
    if (text === '' || part === undefined) return []
    const { from, element } = part
    const key = from === 'supply' ? `supply/${element ?? ''}` : actKey(from, element)
    if (standing.isVoid(item.name, key)) return []
    const bytes = base64urlDecode(text)
    const value = bytes === null ? null : decodeCanonical(utf8Decode(bytes) ?? '')
    return value === null ? [] : [value]
  })
}
