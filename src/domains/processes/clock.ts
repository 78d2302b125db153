// Time that has an effect. Clocks start where the ledger saw an act open or a source asked; they
// stand while the law lets them, and are read by the working days that the ledger has published.
// Silence acts through a signed tick alone, whose entry names everything that it caused; what was
// never delivered, or fell into a declared outage, deems nothing (protocol §22).
import type { Refusal, Schema } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType } from '#ledger/apply'
import { parseSpan } from '#blueprint/time'
import { overlaps, settingsOf } from '#domains/members'
import type { ProcessesCode } from './records.ts'
import { actKey, b32, commandType, element, id16, name, no, positionKey } from './records.ts'
import type { CompiledAct } from './compile.ts'
import type { ActState, Dispute } from './records.ts'
import type { Draft } from './case.ts'
import { asked, draftOf, voidParts } from './case.ts'
import { settle } from './deeds.ts'
import { dueSince, hasPassed } from './reads.ts'

type ActBody = { readonly case: string; readonly act: string; readonly element?: number }

const actFields = { case: id16, act: name, element } as const

/** The open act of a body with its state, for whoever may record it. */
function ownAct(
  draft: Draft,
  body: ActBody,
): { readonly act: CompiledAct; readonly key: string; readonly state: ActState } | Refusal {
  const act = draft.compiled.acts.get(body.act)
  if (act === undefined) return no('processes/no-such-name', 'body.act')
  const standing = draft.standing()
  const closed = standing.closed(act, body.element)
  if (closed !== null) return no(closed)
  if (!standing.recorders(act, body.element).includes(draft.context.member)) {
    return no('processes/not-party')
  }
  return {
    act,
    key: actKey(act.name, body.element),
    state: standing.stateOf(act.name, body.element) ?? {},
  }
}

const take = commandType<ActBody>({
  name: 'case.take',
  body: { fields: actFields, optional: ['element'] },
  budget: 'clocks',
  decide: (question) => {
    const draft = draftOf(question, question.body.case)
    if (isRefusal(draft)) return draft
    const own = ownAct(draft, question.body)
    if ('code' in own) return own
    if (own.state.q !== undefined) return no('processes/wrong-clock')
    draft.setAct(own.key, { ...own.state, q: question.context.time })
    return draft.writes()
  },
})

/** Times in which one clock stood, at most. */
const stopsMax = 64

const suspend = commandType<ActBody & { readonly ground: string }>({
  name: 'case.suspend',
  body: { fields: { ...actFields, ground: name }, optional: ['element'] },
  budget: 'clocks',
  decide: (question) => {
    const { body, context } = question
    const draft = draftOf(question, body.case)
    if (isRefusal(draft)) return draft
    const own = ownAct(draft, body)
    if ('code' in own) return own
    if (clockOf(draft, body.act)?.grounds?.includes(body.ground) !== true) {
      return no('processes/no-such-name', 'body.ground')
    }
    const stops = own.state.z ?? []
    if (stops.at(-1)?.[1] === 0 || stops.length >= stopsMax) return no('processes/wrong-clock')
    if (isOver(draft, own)) return no('processes/too-late')
    draft.setAct(own.key, { ...own.state, z: [...stops, [context.time, 0]] })
    return draft.writes()
  },
})

function clockOf(
  draft: Draft,
  act: string,
): { readonly grounds?: readonly string[]; readonly extension?: string } | undefined {
  const { clocks = {} } = draft.compiled.blueprint
  return Object.values(clocks).find(({ acts }) => acts.includes(act))
}

// What changes a limit comes before it has passed: after that, rights rest on it.
function isOver(
  draft: Draft,
  { act, state }: { readonly act: CompiledAct; readonly state: ActState },
): boolean {
  if (state.o === undefined) return false
  const due = dueSince(draft.standing(), act, state, state.o)
  return due !== undefined && draft.context.time > due.lastMs
}

const resume = commandType<ActBody>({
  name: 'case.resume',
  body: { fields: actFields, optional: ['element'] },
  budget: 'clocks',
  decide: (question) => {
    const draft = draftOf(question, question.body.case)
    if (isRefusal(draft)) return draft
    const own = ownAct(draft, question.body)
    if ('code' in own) return own
    const stops = own.state.z ?? []
    const last = stops.at(-1)
    if (last === undefined || last[1] !== 0) return no('processes/wrong-clock')
    const ended: readonly [number, number] = [last[0], question.context.time]
    draft.setAct(own.key, { ...own.state, z: [...stops.slice(0, -1), ended] })
    return draft.writes()
  },
})

/** A span as a command carries it. */
export type SpanBody = { readonly count: number; readonly unit: 'wd' | 'd' | 'm' | 'y' }

const span: Schema = {
  k: 'record',
  fields: {
    count: { k: 'int', min: 1, max: 999 },
    unit: { k: 'enum', of: ['wd', 'd', 'm', 'y'] },
  },
}

const extend = commandType<ActBody & { readonly span: SpanBody }>({
  name: 'case.extend',
  body: { fields: { ...actFields, span }, optional: ['element'] },
  budget: 'clocks',
  decide: (question) => {
    const { body } = question
    const draft = draftOf(question, body.case)
    if (isRefusal(draft)) return draft
    const own = ownAct(draft, body)
    if ('code' in own) return own
    const most = parseSpan(clockOf(draft, body.act)?.extension ?? '')
    const within = parseSpan(own.act.act.within ?? '')
    if (most === null || own.state.x !== undefined) return no('processes/wrong-clock')
    const fits = body.span.unit === most.unit && body.span.unit === within?.unit
    if (!fits || body.span.count > most.count) return no('processes/wrong-clock', 'body.span')
    if (isOver(draft, own)) return no('processes/too-late')
    draft.setAct(own.key, { ...own.state, x: body.span.count })
    return draft.writes()
  },
})

type SupplementBody = {
  readonly case: string
  readonly items: readonly string[]
  readonly note: string
}

const supplement = commandType<SupplementBody>({
  name: 'case.supplement',
  body: { fields: { case: id16, items: { k: 'list', of: name, min: 1, max: 16 }, note: b32 } },
  budget: 'clocks',
  decide: (question) => {
    const { view, body, context } = question
    const draft = draftOf(question, body.case)
    if (isRefusal(draft)) return draft
    const standing = draft.standing()
    const { clocks = {} } = draft.compiled.blueprint
    const clock = Object.values(clocks).find(
      ({ acts, notice }) =>
        notice !== undefined &&
        acts.some((act) => standing.recorders(standing.act(act)).includes(context.member)),
    )
    if (clock?.notice === undefined) return no('processes/not-party')
    if (draft.record.notice !== undefined) return no('processes/notice-given')
    const { filedAt } = draft.record
    if (hasPassed(view, clock.notice.within, filedAt, context.time)) return no('processes/too-late')
    for (const each of body.items) {
      const item = draft.compiled.items.get(each)
      if (item?.from === undefined) return no('processes/no-such-name', 'body.items')
      const answered = standing
        .positions(item)
        .filter((position) => standing.supplyOf(each, position)?.t !== undefined)
      if (answered.length > 0)
        voidParts(
          draft,
          each,
          answered.map((at) => `supply/${at}`),
        )
    }
    draft.set({ notice: context.time })
    return draft.writes()
  },
})

/** What a tick can cause. */
export const tickEffects = ['deemed', 'lapsed', 'late', 'still-disputed', 'still-owed'] as const

/** Effects of one tick, at most: what is left comes with the next one. */
const effectsMax = 128

type Effect = {
  readonly effect: (typeof tickEffects)[number]
  /** An act or an item; nothing for the case itself. */
  readonly name?: string
  readonly element?: number
}

const tick = commandType<{ readonly case: string }>({
  name: 'case.tick',
  body: { fields: { case: id16 } },
  budget: 'clocks',
  outcome: {
    fields: {
      effects: {
        k: 'list',
        min: 1,
        max: effectsMax,
        of: {
          k: 'record',
          fields: { effect: { k: 'enum', of: tickEffects }, name, element },
          optional: ['name', 'element'],
        },
      },
    },
  },
  decide: (question) => {
    const draft = draftOf(question, question.body.case)
    if (isRefusal(draft)) return draft
    const acts = actEffects(draft)
    const { effects } = acts
    addSourceEffects(draft, effects)
    addDisputeEffects(draft, effects)
    if (effects.length === 0 && hasLapsed(draft)) {
      draft.set({ state: 'lapsed' })
      effects.push({ effect: 'lapsed' })
    }
    if (effects.length === 0) return no(acts.blocked ?? 'processes/not-due')
    const writes = draft.writes()
    return isRefusal(writes) ? writes : { writes, outcome: { effects } }
  },
})

function at(position: number | string | undefined): { readonly element?: number } {
  return position === undefined || position === '' ? {} : { element: Number(position) }
}

// Each act is found late once; one whose silence has an effect then has it, or something is in the
// way, which is said if nothing else happens.
function actEffects(draft: Draft): {
  readonly effects: Effect[]
  readonly blocked: ProcessesCode | null
} {
  const effects: Effect[] = []
  let blocked: ProcessesCode | null = null
  for (const { act, element: each } of draft.standing().open()) {
    if (effects.length >= effectsMax) break
    const key = actKey(act.name, each)
    const state = draft.record.acts[key] ?? {}
    const { o } = state
    const due = o === undefined ? undefined : dueSince(draft.standing(), act, state, o)
    if (due === undefined || o === undefined || draft.context.time <= due.lastMs) continue
    const isDeemed = act.act.late === 'consent' || act.act.late === 'grant'
    const obstacle = isDeemed ? deemingRefused(draft, act, state) : null
    if (isDeemed && obstacle === null) {
      const gives = act.gives.map((item) => ({
        item: draft.standing().item(item),
        parts: [],
        values: [],
      }))
      settle(draft, act, at(each), { gives, deemed: true })
      effects.push({ effect: 'deemed', name: act.name, ...at(each) })
    } else if (state.l === undefined) {
      draft.setAct(key, { ...state, l: draft.context.time })
      effects.push({ effect: 'late', name: act.name, ...at(each) })
    } else blocked = obstacle ?? blocked
  }
  return { effects, blocked }
}

/** Why silence has no effect: the task was not delivered in time, an outage, a practice year. */
function deemingRefused(draft: Draft, act: CompiledAct, state: ActState): ProcessesCode | null {
  const { o, q } = state
  const { time: now } = draft.context
  if (o === undefined || q === undefined) return 'processes/not-taken'
  // Whoever was told late has the whole time from then.
  const due = dueSince(draft.standing(), act, state, Math.max(o, q))
  if (due === undefined || now <= due.lastMs) return 'processes/not-due'
  if (overlaps(draft.view, o, now)) return 'processes/outage'
  return due.practice && !settingsOf(draft.view).practice ? 'processes/not-due' : null
}

// Sources that were asked and are silent; and what somebody owes and has not brought.
function addSourceEffects(draft: Draft, effects: Effect[]): void {
  const { view, context, compiled } = draft
  const { answers } = compiled.blueprint
  for (const { item, position } of asked(draft.standing())) {
    if (effects.length >= effectsMax) return
    const supply = draft.record.items[item.name]?.s?.[positionKey(position)] ?? {}
    const isPerson = compiled.blueprint.parties[item.from ?? '']?.files === true
    if (isPerson || supply.l !== undefined || supply.o === undefined) continue
    if (!hasPassed(view, answers, supply.o, context.time)) continue
    draft.setSupply(item.name, position, { ...supply, l: context.time })
    effects.push({ effect: 'late', name: item.name, ...at(position) })
  }
  for (const item of compiled.items.values()) {
    const other = compiled.blueprint.evidence[item.name]?.else
    if (other === undefined || !('owe' in other)) continue
    for (const position of draft.standing().positions(item)) {
      if (effects.length >= effectsMax) return
      const supply = draft.record.items[item.name]?.s?.[positionKey(position)]
      if (supply?.u !== 'owed' || supply.l !== undefined || supply.t === undefined) continue
      if (!hasPassed(view, other.owe.within, supply.t, context.time)) continue
      draft.setSupply(item.name, position, { ...supply, l: context.time })
      effects.push({ effect: 'still-owed', name: item.name, ...at(position) })
    }
  }
}

function addDisputeEffects(draft: Draft, effects: Effect[]): void {
  for (const item of draft.compiled.items.values()) {
    if ((draft.record.items[item.name]?.d ?? 0) === 0) continue
    const record = draft.itemRecord(item.name)
    const disputes = (record.disputes ?? []).map((each): Dispute => {
      const isNew = each.late === undefined && effects.length < effectsMax
      if (!isNew || !hasPassed(draft.view, item.type.dispute, each.at, draft.context.time)) {
        return each
      }
      effects.push({ effect: 'still-disputed', name: item.name, ...at(each.element) })
      return { ...each, late: true }
    })
    draft.putItem(item.name, { ...record, disputes })
  }
}

// A case lapses when it waits for nobody but its persons, and they have been silent for so long.
// What they paid is paid back then; what cannot be made good with money keeps it open.
function hasLapsed(draft: Draft): boolean {
  const { lapse, parties } = draft.compiled.blueprint
  const standing = draft.standing()
  if (lapse === undefined || standing.hasFinal('plain') || standing.delivered()) return false
  if (draft.record.conclusion !== undefined) return false
  const open = standing.open()
  const wanted = asked(standing)
  const isPersons =
    open.every(({ act }) => act.persons.length > 0) &&
    wanted.every(({ item }) => parties[item.from ?? '']?.files === true)
  if (!isPersons) return false
  const since = [
    draft.record.heard,
    ...open.map(({ act, element: each }) => standing.stateOf(act.name, each)?.o ?? 0),
    ...wanted.map(({ item, position }) => standing.supplyOf(item.name, position)?.o ?? 0),
  ]
  return hasPassed(draft.view, lapse, Math.max(...since), draft.context.time)
}

export const clockTypes: readonly CommandType[] = [take, suspend, resume, extend, supplement, tick]
