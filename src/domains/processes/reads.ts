// A case as others read it: how it stands, which acts are open and for whom, what is asked of which
// source, who can open what, and by which id a robot acts. Everything is a function of the state.
import { base64urlEncode, concat, u32be, utf8Encode } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { sha256 } from '#base/crypto'
import type { Json } from '#base/canonical'
import { assert } from '#base/assert'
import type { Reading } from '#ledger/validate'
import type { Calendar, Due } from '#blueprint/time'
import { dayOfInstant, dueDay, isTimeFault, parseSpan, stoppedDays } from '#blueprint/time'
import type { CompiledAct } from './compile.ts'
import { calendarOf } from './compile.ts'
import type { ActState, CaseRecord, CaseState, ItemRecord } from './records.ts'
import { actKey, caseKey, itemKey, readRecord } from './records.ts'
import type { Standing } from './standing.ts'
import { publicValuesOf } from './standing.ts'
import type { At } from './case.ts'
import { asked, byCode, slotGens, sourceOf, staleInputs, standingOf } from './case.ts'

// Where no calendar is published spans in calendar time can still be counted.
const noCalendar: Calendar = {
  name: 'none',
  firstDay: 0,
  lastDay: -1,
  before: new Uint32Array(1),
  practice: new Set(),
}

type Counted = {
  readonly span: string
  readonly from: number
  readonly extended?: number
  readonly stops?: readonly (readonly [number, number])[]
}

/**
 * The end of a span that began at an instant (milliseconds); undefined while the clock stands, or
 * where no published calendar says.
 */
function dueOf(view: Reading, { span, from, extended = 0, stops = [] }: Counted): Due | undefined {
  const parsed = parseSpan(span)
  assert(parsed !== null, 'a published span is one')
  const days = stops.map(([start, until]) => stoppedDays(start, until === 0 ? null : until))
  const due = dueDay({ span: parsed }, extended, {
    calendar: calendarOf(view) ?? noCalendar,
    from: dayOfInstant(from),
    stops: days,
  })
  return typeof due === 'string' || isTimeFault(due) ? undefined : due
}

/** Whether a span that began at an instant has passed. */
export function hasPassed(
  view: Reading,
  span: string | undefined,
  from: number,
  now: number,
): boolean {
  if (span === undefined) return false
  const due = dueOf(view, { span, from })
  return due !== undefined && now > due.lastMs
}

/** The end of an open act's time, counted from an instant (milliseconds), or undefined. */
export function dueSince(
  standing: Standing,
  act: CompiledAct,
  state: ActState,
  from: number,
): Due | undefined {
  const { within } = act.act
  if (within === undefined) return undefined
  const { z, x } = state
  return dueOf(standing.view, {
    span: within,
    from,
    ...(z === undefined ? {} : { stops: z }),
    ...(x === undefined ? {} : { extended: x }),
  })
}

/** The last millisecond in which an open act is in time, or undefined. */
export function dueOfAct(
  standing: Standing,
  act: CompiledAct,
  at: number | undefined,
): number | undefined {
  const state = standing.stateOf(act.name, at)
  return state?.o === undefined ? undefined : dueSince(standing, act, state, state.o)?.lastMs
}

/** How a case stands, for everybody who reads it. */
export type CaseFacts = {
  readonly blueprint: string
  readonly host: string
  readonly filedAt: number
  readonly entry: number
  readonly state: CaseState | 'delivered'
  readonly slots: { readonly [slot: string]: SlotFacts }
  readonly members: { readonly [party: string]: string }
  readonly concluded: boolean
  /** Every item of the result is there. */
  readonly delivered: boolean
  /** The act whose no ended it. */
  readonly refusedBy?: string
  readonly appealed: boolean
  readonly claims: { readonly [object: string]: string }
}

export type SlotFacts = {
  readonly gen: number
  /** Who hosts the first person of the slot; `hosts` has all by position. */
  readonly host: string
  readonly hosts: readonly string[]
  readonly commitments: readonly string[]
  readonly filed: boolean
}

/** The facts of a case, or undefined. */
export function caseOf(view: Reading, id: string): CaseFacts | undefined {
  const standing = standingOf(view, id)
  if (standing === undefined) return undefined
  const { record } = standing
  const delivered = standing.delivered()
  const { conclusion } = record
  return {
    blueprint: record.blueprint,
    host: record.host,
    filedAt: record.filedAt,
    entry: record.entry,
    state: record.state === 'open' && delivered ? 'delivered' : record.state,
    slots: Object.fromEntries(
      Object.entries(record.slots).map(([slot, { g, c, h }]) => [
        slot,
        { gen: g, host: h[0] ?? record.host, hosts: h, commitments: c, filed: g > 0 },
      ]),
    ),
    members: record.members ?? {},
    concluded: conclusion !== undefined,
    delivered,
    ...(conclusion?.act === undefined ? {} : { refusedBy: conclusion.act }),
    appealed: record.appealed !== undefined,
    claims: record.claims ?? {},
  }
}

/** What is known of an item. */
export type ItemFacts = {
  readonly gen: number
  readonly available: boolean
  /** Some part of it was returned, revoked or annulled. */
  readonly void: boolean
  readonly sure: string
  /** Of when its oldest answer is, in milliseconds. */
  readonly asOf: number
  readonly disputed: boolean
  readonly parts: ItemRecord['parts']
  readonly public?: readonly Json[]
}

/** The facts of an item of a case, or undefined while there is none. */
export function itemOf(view: Reading, id: string, name: string): ItemFacts | undefined {
  const standing = standingOf(view, id)
  const item = standing?.compiled.items.get(name)
  const record = readRecord<ItemRecord>(view, itemKey(id, name))
  if (standing === undefined || item === undefined || record === undefined) return undefined
  const answers = standing.positions(item).map((each) => standing.supplyOf(name, each)?.u)
  return {
    gen: record.gen,
    available: standing.available(name) === 'yes',
    void: (standing.record.items[name]?.v ?? []).length > 0,
    sure: item.from === undefined ? 'register' : (answers[0] ?? 'none'),
    asOf: standing.asOf(item),
    disputed: (standing.record.items[name]?.d ?? 0) > 0,
    parts: record.parts,
    ...(item.fields.length === 0 ? {} : { public: publicValuesOf(standing, item, record) }),
  }
}

/** An act that somebody can do now. */
export type OpenAct = {
  readonly act: string
  readonly element?: number
  /** 1 for the first time, one more with each completion. */
  readonly round: number
  readonly recorders: readonly string[]
  /** When it opened, in milliseconds, and at which height. */
  readonly openedAt: number
  readonly openedHeight: number
  /** The last millisecond in time; absent where nothing is stated or no calendar says. */
  readonly due?: number
  readonly late: boolean
  readonly taken: boolean
  readonly reads: { readonly [name: string]: number }
  /** It was completed before and settles the difference of an amount. */
  readonly difference: boolean
  /** The case was refused, and what was paid goes back. */
  readonly refund: boolean
  /** An input must be answered anew before it can be done. */
  readonly stale: boolean
}

/** The open acts of a case at a time in milliseconds, in the order of the graph. */
export function openActs(view: Reading, id: string, time: number): readonly OpenAct[] {
  const standing = standingOf(view, id)
  if (standing === undefined) return []
  return standing.open().map(({ act, element }) => openAct(standing, { act, element, time }))
}

function openAct(standing: Standing, { act, element, time }: At): OpenAct {
  const state = standing.stateOf(act.name, element) ?? {}
  const due = dueOfAct(standing, act, element)
  const refund = standing.paysBack(act, element)
  return {
    act: act.name,
    ...(element === undefined ? {} : { element }),
    round: (state.n ?? 0) + 1,
    recorders: standing.recorders(act, element),
    openedAt: state.o ?? time,
    openedHeight: state.h ?? 0,
    ...(due === undefined ? {} : { due }),
    late: state.l !== undefined,
    taken: state.q !== undefined,
    reads: standing.readsOf(act, element),
    difference: act.final === 'amount' && state.n !== undefined,
    refund,
    stale: !refund && staleInputs(standing, { act, element, time }).length > 0,
  }
}

/** Something that a source is asked for now. */
export type Owed = {
  readonly item: string
  /** The person of a slot of several. */
  readonly element?: number
  readonly by: string
  readonly about: string
  readonly key: readonly string[]
  /** Slots that the answer must name, each with its generation. */
  readonly slots: { readonly [slot: string]: number }
  /** It was answered, and an open act needs an answer of today. */
  readonly fresh: boolean
  /** When it was first asked, in milliseconds. */
  readonly since: number
}

/** Everything that is asked for now, in the order of items; `time` in milliseconds. */
export function owed(view: Reading, id: string, time: number = 0): readonly Owed[] {
  const standing = standingOf(view, id)
  if (standing === undefined) return []
  const open = standing.open()
  const stale = new Set(
    open.flatMap(({ act, element }) =>
      standing.paysBack(act, element)
        ? []
        : staleInputs(standing, { act, element, time }).map(({ name }) => name),
    ),
  )
  const first = asked(standing).map((each) => ({ ...each, fresh: false }))
  const again = [...stale].flatMap((name) => {
    const item = standing.item(name)
    if (item.from === undefined) return []
    return standing.positions(item).map((position) => ({ item, position, fresh: true }))
  })
  return [...first, ...again].flatMap(({ item, position, fresh }) => {
    const by = sourceOf(standing, item, position)
    if (by === undefined) return []
    return [
      {
        item: item.name,
        ...(position === '' ? {} : { element: Number(position) }),
        by,
        about: item.about,
        key: standing.compiled.blueprint.evidence[item.name]?.key ?? [],
        slots: slotGens(standing, item),
        fresh,
        since: standing.supplyOf(item.name, position)?.o ?? time,
      },
    ]
  })
}

/** The member that can open an item's parts or a slot, or undefined. */
export function owned(view: Reading, id: string, name: string): string | undefined {
  const record = readRecord<CaseRecord>(view, caseKey(id))
  if (record?.slots[name] !== undefined) return record.slots[name].h[0]
  return readRecord<ItemRecord>(view, itemKey(id, name))?.parts[0]?.by
}

/** Whether a consent of a case is given and was not withdrawn. */
export function consentLives(view: Reading, id: string, item: string): boolean {
  const standing = standingOf(view, id)
  return standing?.compiled.items.has(item) === true && standing.available(item) === 'yes'
}

/** What the id of an automatic act is made of (protocol §12). */
export type AutoAct = {
  readonly ledger: string
  readonly case: string
  readonly act: string
  readonly element?: number
  readonly member: string
  /** Inputs with generation and, in milliseconds, of when they are. */
  readonly reads: { readonly [name: string]: { readonly gen: number; readonly asOf: number } }
  readonly openedHeight: number
  /** How often the ledger has refused this act since it opened. */
  readonly refusals: number
}

/** The id of the one command by which a robot does an act: 16 bytes, base64url. */
export function autoId(auto: AutoAct): string {
  const names = Object.keys(auto.reads).sort(byCode)
  const reads = names.map((each) => [each, auto.reads[each]?.gen ?? 0, auto.reads[each]?.asOf ?? 0])
  const parts = [
    'auto',
    auto.ledger,
    auto.case,
    actKey(auto.act, auto.element),
    auto.member,
    encodeCanonical(reads),
    `${auto.openedHeight}`,
    `${auto.refusals}`,
  ].map((part) => utf8Encode(part))
  const whole = concat(parts.flatMap((part) => [u32be(part.length), part]))
  return base64urlEncode(sha256(whole).slice(0, 16))
}

const autoStepMs = 518_400_000
const autoMarginMs = 3_600_000

/**
 * Until when a robot's command may be admitted, in milliseconds: a multiple of six days after its
 * act opened, at least an hour ahead. The same for every attempt within these days.
 */
export function autoNotAfter(openedAt: number, time: number): number {
  const steps = Math.floor((time + autoMarginMs - openedAt) / autoStepMs) + 1
  return openedAt + Math.max(1, steps) * autoStepMs
}
