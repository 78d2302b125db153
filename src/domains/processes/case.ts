// A case opened for a change. What is asked of whom and until when an act is due follow from how it
// stands; a change is made on a draft, which at its end notes what opened and what closed, keeps
// the invariants over public quantities, and gives the writes.
import { assert } from '#base/assert'
import { base64urlEncode, compareText, utf8Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import type { Refusal } from '#ledger/command'
import type { Context, View, Write } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import { dayOfInstant, isTimeFault, workingDaysBetween } from '#blueprint/time'
import { successorOf } from '#domains/members'
import type { Question } from './records.ts'
import { no } from './records.ts'
import type { Compiled, CompiledAct, CompiledItem } from './compile.ts'
import { bindingOf, blueprintOf, calendarOf, holdsAll, isFiled } from './compile.ts'
import type { ActState, CaseRecord, ItemRecord, ItemState, Part, SupplyState } from './records.ts'
import { actKey, caseKey, claimKey, itemKey, positionKey, readRecord, write } from './records.ts'
import { publicValuesOf, Standing } from './standing.ts'

/** The case with its blueprint, or undefined. */
export function standingOf(view: Reading, id: string): Standing | undefined {
  const record = readRecord<CaseRecord>(view, caseKey(id))
  if (record === undefined) return undefined
  const compiled = blueprintOf(view, record.blueprint)
  assert(compiled !== undefined, 'a case is pinned to a published blueprint')
  return new Standing(view, { id, record, compiled })
}

/** An act, for one element of its list, at a time in milliseconds. */
export type At = {
  readonly act: CompiledAct
  readonly element: number | undefined
  readonly time: number
}

/** Inputs from outside that are older than the act allows at a time. */
export function staleInputs(
  standing: Standing,
  { act, element, time }: At,
): readonly CompiledItem[] {
  const openedAt = standing.stateOf(act.name, element)?.o ?? time
  return act.inputs.flatMap(({ name, is, fresh }) => {
    if (fresh === null || is === 'slot') return []
    const item = standing.item(name)
    const asOf = standing.asOf(item)
    const [from, today] = [dayOfInstant(asOf), dayOfInstant(time)]
    // An answer to this very attempt is newer than the act is open, and of the same day.
    const isNew =
      fresh.count === 0
        ? from === today && asOf >= openedAt
        : daysOf(standing, fresh.unit, from, today) <= fresh.count
    return isNew ? [] : [item]
  })
}

// Without a published calendar every day counts as a working day.
function daysOf(standing: Standing, unit: 'd' | 'wd', from: number, to: number): number {
  const calendar = unit === 'wd' ? calendarOf(standing.view) : undefined
  const days = calendar === undefined ? to - from : workingDaysBetween(calendar, from, to)
  return isTimeFault(days) ? to - from : days
}

/** The generations of an item's slots: that of the slot, or of the item from which it is bound. */
export function slotGens(
  standing: Standing,
  item: CompiledItem,
): { readonly [slot: string]: number } {
  const { blueprint } = standing.compiled
  const { slots, items } = standing.record
  return Object.fromEntries(
    item.slots.map((slot) => {
      if (isFiled(blueprint, slot)) return [slot, slots[slot]?.g ?? 0]
      const owner = blueprint.objects?.[slot]?.by ?? slot
      const binding = blueprint.parties[owner]?.of ?? ''
      return [slot, items[binding.slice(0, binding.indexOf('.'))]?.g ?? 0]
    }),
  )
}

/** Items from outside without which an act waits, and which nobody has answered. */
export function asked(
  standing: Standing,
): readonly { readonly item: CompiledItem; readonly position: string }[] {
  const { compiled, record } = standing
  if (record.state !== 'open') return []
  const wanted = new Set<string>()
  for (const name of compiled.order) {
    const act = standing.act(name)
    if (record.conclusion !== undefined && !act.tail) continue
    if (act.asks.length === 0 || act.asks.every((item) => wanted.has(item))) continue
    // Of a list that is not there yet, one unknown element stands for all.
    const { for: list } = act.act
    const known = list === undefined || standing.available(list) === 'yes'
    const elements = known ? standing.elements(act) : [undefined]
    if (elements.some((element) => waitsOutside(standing, act, element))) {
      for (const item of act.asks) wanted.add(item)
    }
  }
  return [...wanted].sort(byCode).flatMap((name) => {
    const item = standing.item(name)
    if (!isAskable(standing, item)) return []
    return standing
      .positions(item)
      .filter((position) => standing.answered(item, position) === 'no')
      .map((position) => ({ item, position }))
  })
}

/** By UTF-16 code unit. */
export function byCode(a: string, b: string): number {
  return a < b ? -1 : 1
}

/** Whether an act needs nothing any more but what comes from outside. */
function waitsOutside(standing: Standing, act: CompiledAct, element: number | undefined): boolean {
  if (standing.settled(act, element) || !standing.consented(act)) return false
  if (!standing.isAfter(act)) return false
  return act.inputs.every((input) => {
    if (input.is === 'slot') return standing.ready(input, element)
    return standing.item(input.name).from !== undefined || standing.ready(input, element)
  })
}

/** Whether everybody has filed about whom or by whose keys an item is asked. */
export function isAskable(standing: Standing, item: CompiledItem): boolean {
  const { blueprint } = standing.compiled
  const filed = item.slots.every(
    (slot) => !isFiled(blueprint, slot) || (standing.record.slots[slot]?.g ?? 0) > 0,
  )
  return filed && standing.isBound(item)
}

/** The member that answers for one position of an item, or undefined while nobody is bound. */
export function sourceOf(
  standing: Standing,
  item: CompiledItem,
  position: string,
): string | undefined {
  return item.from === undefined ? undefined : speakerOf(standing, item.from, position)
}

/** The member that speaks for a party: a person's host, at a position of its slot. */
export function speakerOf(standing: Standing, party: string, position: string): string | undefined {
  if (isFiled(standing.compiled.blueprint, party)) {
    const host = standing.record.slots[party]?.h[Number(position)]
    return host === undefined ? undefined : successorOf(standing.view, host)
  }
  return standing.memberOf(party)
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** A case while a command changes it. Nothing is written before `writes`. */
export class Draft {
  readonly view: View
  readonly context: Context
  readonly id: string
  readonly compiled: Compiled
  readonly record: Mutable<CaseRecord>
  readonly #items: Map<string, ItemRecord> = new Map()
  readonly #more: Write[] = []
  #standing: Standing | null = null
  #isPublic = false

  constructor(
    { view, context }: Pick<Question<unknown>, 'view' | 'context'>,
    of: { readonly id: string; readonly record: CaseRecord; readonly compiled: Compiled },
  ) {
    this.view = view
    this.context = context
    this.id = of.id
    this.compiled = of.compiled
    this.record = { ...of.record }
  }

  /** How the case stands with the changes so far. */
  standing(): Standing {
    this.#standing ??= new Standing(this.view, this)
    return this.#standing
  }

  /** Changes members of the record. */
  set(change: Partial<CaseRecord>): void {
    Object.assign(this.record, change)
    this.#standing = null
  }

  setItem(name: string, state: ItemState): void {
    this.set({ items: { ...this.record.items, [name]: state } })
  }

  setAct(key: string, state: ActState): void {
    this.set({ acts: { ...this.record.acts, [key]: state } })
  }

  setSupply(name: string, position: string, supply: SupplyState): void {
    const item = this.record.items[name] ?? { g: 0 }
    this.setItem(name, { ...item, s: { ...item.s, [positionKey(position)]: supply } })
  }

  itemRecord(name: string): ItemRecord {
    return (
      this.#items.get(name) ??
      readRecord<ItemRecord>(this.view, itemKey(this.id, name)) ?? { gen: 0, parts: [], asOf: 0 }
    )
  }

  putItem(name: string, record: ItemRecord): void {
    this.#items.set(name, record)
    this.touch(name)
  }

  /** Notes that the public values of an item may be other ones now. */
  touch(name: string): void {
    const item = this.compiled.items.get(name)
    if (item !== undefined && item.fields.length > 0) this.#isPublic = true
  }

  /** A write beside the case. */
  also(each: Write): void {
    this.#more.push(each)
  }

  /** Takes the outcome back: everything that is not settled then goes on. */
  reopen(): void {
    delete this.record.conclusion
    this.set({ state: 'open' })
  }

  /** A person of the case has done something. */
  hear(): void {
    this.set({ heard: this.context.time })
  }

  /** The writes of the change, or why an invariant forbids it. */
  writes(): readonly Write[] | Refusal {
    this.#end()
    if (this.#isPublic && this.compiled.holds.length > 0) {
      const standing = this.standing()
      const valuesOf = (item: CompiledItem): readonly Json[] =>
        publicValuesOf(standing, item, this.itemRecord(item.name))
      if (!holdsAll(this.compiled, valuesOf)) return no('processes/hold-broken')
    }
    this.#mark()
    const { id } = this
    return [
      write(caseKey(id), this.record),
      ...[...this.#items].map(([name, record]) => write(itemKey(id, name), record)),
      ...this.#more,
    ]
  }

  // A case whose outcome was said ends with the last of its tail; claims end with it.
  #end(): void {
    const { record } = this
    if (record.state === 'open' && record.conclusion !== undefined) {
      const standing = this.standing()
      const tail = this.compiled.order.map((name) => standing.act(name)).filter((act) => act.tail)
      const isOver = tail.every((act) =>
        standing.elements(act).every((each) => standing.settled(act, each)),
      )
      if (isOver) this.set({ state: 'ended' })
    }
    if (record.conclusion === undefined && record.state === 'open') return
    const { claims } = record
    if (claims === undefined) return
    for (const handle of Object.values(claims)) {
      if (handle !== '') this.also(write(claimKey(handle), null))
    }
    delete record.claims
    this.#standing = null
  }

  // Times at which acts opened, and from which sources are asked, are what clocks start from.
  #mark(): void {
    const standing = this.standing()
    const { time, height } = this.context
    const open = new Set(standing.open().map(({ act, element }) => actKey(act.name, element)))
    let acts: { [key: string]: ActState } | null = null
    for (const key of open) {
      const state = this.record.acts[key]
      if (state?.o !== undefined) continue
      acts ??= { ...this.record.acts }
      acts[key] = { ...state, o: time, h: height }
    }
    for (const [key, state] of Object.entries(this.record.acts)) {
      if (state.o === undefined || open.has(key)) continue
      acts ??= { ...this.record.acts }
      const rest = withoutOpening(state)
      if (Object.keys(rest).length === 0) delete acts[key]
      else acts[key] = rest
    }
    if (acts !== null) this.set({ acts })
    for (const { item, position } of asked(standing)) {
      const supply = this.record.items[item.name]?.s?.[positionKey(position)]
      if (supply?.o === undefined) this.setSupply(item.name, position, { ...supply, o: time })
    }
  }
}

/** What stays of an act that is not open any more. */
export function withoutOpening(state: ActState): ActState {
  const { o: _o, h: _h, l: _l, q: _q, z: _z, x: _x, ...rest } = state
  return rest
}

/** The case that a command is about, opened for a change; or why it cannot be. */
export function draftOf(
  question: Question<unknown>,
  id: string,
  allowed: readonly CaseRecord['state'][] = ['open'],
): Draft | Refusal {
  const record = readRecord<CaseRecord>(question.view, caseKey(id))
  if (record === undefined) return no('processes/unknown-case', 'body.case')
  if (!allowed.includes(record.state)) return no('processes/case-closed', 'body.case')
  const compiled = blueprintOf(question.view, record.blueprint)
  assert(compiled !== undefined, 'a case is pinned to a published blueprint')
  return new Draft(question, { id, record, compiled })
}

/** What one giver gives of one item in place of what it gave before. */
type Given = {
  readonly isMine: (part: Part) => boolean
  readonly fresh: readonly Part[]
  readonly values: readonly (Json | null)[]
  /** What it takes the place of is kept: an act that cannot be undone gave it. */
  readonly keeps?: true
}

/** Superseded parts of final acts that an item keeps, at most. */
const historyMax = 256

/** Puts parts in the place of others of the same giver; the item has a new generation. */
export function replaceParts(draft: Draft, item: CompiledItem, given: Given): void {
  const record = draft.itemRecord(item.name)
  const texts = given.values.map((value) =>
    value === null ? '' : base64urlEncode(utf8Encode(encodeCanonical(value))),
  )
  const rows = record.parts.map((part, at) => ({ part, text: record.public?.[at] ?? '' }))
  const fresh = given.fresh.map((part, at) => ({ part, text: texts[at] ?? '' }))
  const next = [...rows.filter(({ part }) => !given.isMine(part)), ...fresh]
  // The order of parts is that of their elements, whoever comes first.
  next.sort((a, b) => rankOf(a.part) - rankOf(b.part) || compareText(a.part.from, b.part.from))
  const history = given.keeps === true ? record.parts.filter((part) => given.isMine(part)) : []
  const kept = [...(record.history ?? []), ...history].slice(-historyMax)
  const state = draft.record.items[item.name] ?? { g: 0 }
  const gen = state.g + 1
  const isPublic = item.fields.length > 0
  const changed: ItemRecord = {
    gen,
    parts: next.map(({ part }) => part),
    asOf: draft.context.time,
    ...(isPublic ? { public: next.map(({ text }) => text) } : {}),
    ...(kept.length === 0 ? {} : { history: kept }),
  }
  draft.putItem(item.name, changed)
  unbind(draft, item.name)
  const filled = isPublic ? next.filter(({ text }) => text !== '').length : next.length
  const { d: _d, ...rest } = state
  draft.setItem(item.name, { ...rest, g: gen, ...(item.many ? { n: filled } : {}) })
}

function rankOf({ element: at }: Part): number {
  return at ?? -1
}

/** Whoever was bound from an item is not any more: it says something else now, or nothing. */
function unbind(draft: Draft, name: string): void {
  const { members } = draft.record
  if (members === undefined) return
  const { blueprint } = draft.compiled
  const left = Object.entries(members).filter(([party]) => bindingOf(blueprint, party) !== name)
  draft.set({ members: Object.fromEntries(left) })
}

/** Takes the mark of voidness off a part. */
export function unvoid(draft: Draft, name: string, part: string): void {
  const state = draft.record.items[name]
  if (state?.v?.includes(part) !== true) return
  const { v, ...rest } = state
  const left = v.filter((each) => each !== part)
  draft.setItem(name, left.length === 0 ? rest : { ...rest, v: left })
  draft.touch(name)
}

/** Marks parts as void: whoever gave them must give them again. */
export function voidParts(draft: Draft, name: string, gone: readonly string[]): void {
  const state = draft.record.items[name] ?? { g: 0 }
  const v = [...new Set([...(state.v ?? []), ...gone])].sort((a, b) => (a < b ? -1 : 1))
  const s = Object.fromEntries(
    Object.entries(state.s ?? {}).map(([position, { o: _o, l: _l, ...each }]) => [position, each]),
  )
  draft.setItem(name, { ...state, v, ...(state.s === undefined ? {} : { s }) })
  unbind(draft, name)
  draft.touch(name)
}
