// What persons do by the node that hosts them: they file and join, withdraw, dispute and appeal;
// and what a source says to a dispute. Nothing is asked about a person before she filed, and no
// name, number or key of hers stands here: a slot is a commitment with a host.
import type { Refusal, Schema } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Context, View } from '#ledger/apply'
import { keyInForce, readKey } from '#ledger/validate'
import type { Blueprint, Identified } from '#blueprint/grammar'
import { isActive, officersRequired } from '#domains/members'
import { b32, commandType, element, id16, member, name, no } from './records.ts'
import { blueprintOf } from './compile.ts'
import type { CompiledItem } from './compile.ts'
import type { BlueprintRecord, CaseRecord, Dispute, SlotRecord } from './records.ts'
import { blueprintKey, caseKey, readRecord, speaksFor } from './records.ts'
import { Draft, draftOf } from './case.ts'
import { hasPassed } from './reads.ts'

/** How somebody was identified, and by which officers. */
type Identification = {
  readonly method: Identified
  readonly officer?: string
  readonly second?: string
}

/** From the surest to the least sure. */
const methods: readonly Identified[] = ['holder-key', 'idp', 'window']

const identified: Schema = {
  k: 'record',
  fields: { method: { k: 'enum', of: methods }, officer: { k: 'kid' }, second: { k: 'kid' } },
  optional: ['officer', 'second'],
}

const slotList: Schema = { k: 'list', of: b32, min: 1, max: 1 }

type FileBody = {
  readonly case: string
  readonly blueprint: string
  readonly party: string
  readonly slots: { readonly [slot: string]: readonly string[] }
  readonly identified: Identification
  readonly notice: string
}

const file = commandType<FileBody>({
  name: 'case.file',
  body: {
    fields: {
      case: id16,
      blueprint: b32,
      party: name,
      slots: { k: 'map', key: 'name', of: slotList, max: 9 },
      identified,
      notice: b32,
    },
  },
  budget: 'cases',
  decide: (question) => {
    const { view, body, context } = question
    if (view.get(caseKey(body.case)) !== undefined) return no('processes/already-filed')
    const published = readRecord<BlueprintRecord>(view, blueprintKey(body.blueprint))
    const compiled = blueprintOf(view, body.blueprint)
    if (published === undefined || compiled === undefined) return no('processes/unknown-blueprint')
    if (published.state !== 'active') return no('processes/not-active', 'body.blueprint')
    const refusal = filingRefused(compiled.blueprint, question)
    if (refusal !== null) return refusal
    const record: CaseRecord = {
      blueprint: body.blueprint,
      host: context.member,
      filedAt: context.time,
      entry: context.entry,
      state: 'open',
      slots: filedSlots({}, body.slots, context.member),
      items: {},
      acts: {},
      heard: context.time,
    }
    return new Draft(question, { id: body.case, record, compiled }).writes()
  },
})

/** Why somebody cannot file as this party and with these slots, or null. */
function filingRefused(
  blueprint: Blueprint,
  { view, body, context }: { view: View; body: Omit<FileBody, 'blueprint'>; context: Context },
): Refusal | null {
  const party = Object.hasOwn(blueprint.parties, body.party)
    ? blueprint.parties[body.party]
    : undefined
  if (party?.files !== true) return no('processes/no-such-name', 'body.party')
  const wanted = [body.party, ...objectsOf(blueprint, body.party)]
  const isWhole = wanted.every((slot) => body.slots[slot] !== undefined)
  if (!isWhole || Object.keys(body.slots).length !== wanted.length) {
    return no('processes/wrong-slot', 'body.slots')
  }
  return identificationRefused(view, context, {
    ...body.identified,
    least: party.identified ?? 'window',
  })
}

function objectsOf({ objects = {} }: Blueprint, party: string): readonly string[] {
  return Object.keys(objects).filter((object) => objects[object]?.by === party)
}

// At the counter of a department that has officers, the two who looked at the person are named.
function identificationRefused(
  view: View,
  context: Context,
  { method, officer, second, least }: Identification & { readonly least: Identified },
): Refusal | null {
  const tooLow = no('processes/identification-too-low', 'body.identified')
  if (methods.indexOf(method) > methods.indexOf(least)) return tooLow
  if (method !== 'window' || !officersRequired(view, context.member)) return null
  const officers = [officer, second].map((kid) => {
    const key = kid === undefined ? undefined : readKey(view, kid)
    const inForce = key !== undefined && keyInForce(key, context.height)
    return inForce && key.member === context.member && key.use === 'approve' ? key.officer : null
  })
  // Two persons and not two keys of one: nobody opens a case for a victim alone.
  const [first, other] = officers
  return typeof first === 'string' && typeof other === 'string' && first !== other ? null : tooLow
}

function filedSlots(
  slots: CaseRecord['slots'],
  filed: FileBody['slots'],
  host: string,
): { readonly [slot: string]: SlotRecord } {
  const next: { [slot: string]: SlotRecord } = { ...slots }
  for (const [slot, commitments] of Object.entries(filed)) {
    const before = slots[slot] ?? { g: 0, c: [], h: [] }
    const hosts = commitments.map(() => host)
    next[slot] = { g: before.g + 1, c: [...before.c, ...commitments], h: [...before.h, ...hosts] }
  }
  return next
}

type JoinBody = {
  readonly case: string
  readonly party: string
  readonly slot: string
  readonly slots?: FileBody['slots']
  readonly identified: Identification
  readonly notice: string
}

/** Members that one case invites, at most. */
const invitedMax = 16

const invite = commandType<{ readonly case: string; readonly member: string }>({
  name: 'case.invite',
  body: { fields: { case: id16, member } },
  budget: 'cases',
  decide: (question) => {
    const { view, body, context } = question
    const draft = draftOf(question, body.case)
    if (isRefusal(draft)) return draft
    const { host, invited = [] } = draft.record
    if (!speaksFor(view, context.member, [host])) return no('processes/not-party')
    if (!isActive(view, body.member)) return no('processes/not-active', 'body.member')
    if (invited.includes(body.member)) return no('processes/already-filed', 'body.member')
    if (invited.length >= invitedMax) return no('processes/too-many')
    draft.set({ invited: [...invited, body.member] })
    return draft.writes()
  },
})

/** Persons of one slot, at most. */
const personsMax = 64

const join = commandType<JoinBody>({
  name: 'case.join',
  body: {
    fields: {
      case: id16,
      party: name,
      slot: b32,
      slots: { k: 'map', key: 'name', of: slotList, max: 8 },
      identified,
      notice: b32,
    },
    optional: ['slots'],
  },
  budget: 'cases',
  decide: (question) => {
    const { body, context } = question
    const draft = draftOf(question, body.case)
    if (isRefusal(draft)) return draft
    const { blueprint } = draft.compiled
    // Whoever hosts a person reads what she signs, so nobody takes a place in a case by himself.
    const { host, invited = [] } = draft.record
    if (!speaksFor(question.view, context.member, [host, ...invited])) {
      return no('processes/not-party')
    }
    const before = draft.record.slots[body.party]
    // Whoever comes later of several names only himself: the objects are named.
    const isLater = before !== undefined
    const objects = isLater ? objectsOf(blueprint, body.party) : []
    const known = Object.fromEntries(objects.map((object) => [object, ['']]))
    const slots = { ...body.slots, [body.party]: [body.slot] }
    const refusal = filingRefused(blueprint, {
      ...question,
      body: { ...body, slots: { ...slots, ...known } },
    })
    if (refusal !== null) return refusal
    if (isLater && blueprint.parties[body.party]?.all !== true) {
      return no('processes/already-filed')
    }
    if (isLater && body.slots !== undefined) return no('processes/wrong-slot', 'body.slots')
    if ((before?.c.length ?? 0) >= personsMax) return no('processes/too-many')
    draft.set({ slots: filedSlots(draft.record.slots, slots, context.member) })
    draft.hear()
    return draft.writes()
  },
})

type WithdrawBody = {
  readonly case: string
  readonly element?: number
  readonly party: string
  readonly approval: string
}

const withdraw = commandType<WithdrawBody>({
  name: 'case.withdraw',
  body: { fields: { case: id16, party: name, element, approval: b32 }, optional: ['element'] },
  budget: 'cases',
  decide: (question) => {
    const { body, context } = question
    const draft = draftOf(question, body.case)
    if (isRefusal(draft)) return draft
    const { slots } = draft.record
    const slot = Object.hasOwn(slots, body.party) ? slots[body.party] : undefined
    if (slot === undefined || draft.compiled.blueprint.parties[body.party] === undefined) {
      return no('processes/no-such-name', 'body.party')
    }
    const host = slot.h[body.element ?? 0] ?? ''
    if (!speaksFor(question.view, context.member, [host])) return no('processes/not-party')
    // What was delivered has its effect, whether or not an act of it was called final.
    const standing = draft.standing()
    if (standing.hasFinal() || standing.delivered()) return no('processes/is-final')
    draft.set({ state: 'withdrawn' })
    return draft.writes()
  },
})

/** Open disputes of one item. */
const disputesMax = 16

type DisputeBody = {
  readonly case: string
  readonly element?: number
  readonly item: string
  readonly field: string
  readonly statement: string
}

const dispute = commandType<DisputeBody>({
  name: 'case.dispute',
  body: {
    fields: { case: id16, item: name, element, field: b32, statement: b32 },
    optional: ['element'],
  },
  budget: 'cases',
  decide: (question) => {
    const { body, context } = question
    const draft = draftOf(question, body.case, ['open', 'ended'])
    if (isRefusal(draft)) return draft
    const state = draft.record.items[body.item]
    const item = draft.compiled.items.get(body.item)
    if (item === undefined || state === undefined) return no('processes/no-such-name', 'body.item')
    if (!isAffected(draft, item, context.member)) return no('processes/not-party')
    const record = draft.itemRecord(body.item)
    const before = record.disputes ?? []
    if (before.length >= disputesMax) return no('processes/too-many')
    const { field, statement } = body
    const plain: Dispute = { field, statement, by: context.member, at: context.time }
    const next = body.element === undefined ? plain : { ...plain, element: body.element }
    draft.putItem(body.item, { ...record, disputes: [...before, next] })
    draft.setItem(body.item, { ...state, d: before.length + 1 })
    return draft.writes()
  },
})

// Hosts speak for the persons of the case; whoever reads the item may doubt it as well.
function isAffected(draft: Draft, item: CompiledItem, code: string): boolean {
  const hosts = Object.values(draft.record.slots).flatMap(({ h }) => h)
  if (speaksFor(draft.view, code, hosts)) return true
  const standing = draft.standing()
  return draft.compiled.order.some((each) => {
    const act = standing.act(each)
    if (!act.inputs.some((input) => input.name === item.name)) return false
    return standing.elements(act).some((at) => standing.recorders(act, at).includes(code))
  })
}

type UpholdBody = {
  readonly case: string
  readonly element?: number
  readonly item: string
  readonly statement: string
}

const uphold = commandType<UpholdBody>({
  name: 'case.uphold',
  body: { fields: { case: id16, item: name, element, statement: b32 }, optional: ['element'] },
  budget: 'cases',
  decide: (question) => {
    const { body, context } = question
    const draft = draftOf(question, body.case, ['open', 'ended'])
    if (isRefusal(draft)) return draft
    const state = draft.record.items[body.item]
    if (state?.d === undefined) return no('processes/not-disputed')
    const record = draft.itemRecord(body.item)
    const owners = record.parts.map(({ by }) => by)
    if (!speaksFor(question.view, context.member, owners)) return no('processes/not-the-source')
    const { disputes: _disputes, ...rest } = record
    const { d: _d, ...still } = state
    draft.putItem(body.item, rest)
    draft.setItem(body.item, still)
    return draft.writes()
  },
})

type AppealBody = { readonly case: string; readonly statement: string }

const appeal = commandType<AppealBody>({
  name: 'case.appeal',
  body: { fields: { case: id16, statement: b32 } },
  budget: 'cases',
  decide: (question) => {
    const { body, context } = question
    const draft = draftOf(question, body.case, ['open', 'ended'])
    if (isRefusal(draft)) return draft
    const { conclusion, appealed, slots } = draft.record
    if (draft.compiled.blueprint.appeal === undefined || conclusion === undefined) {
      return no('processes/not-concluded')
    }
    if (appealed !== undefined) return no('processes/already-filed')
    const { within } = draft.compiled.blueprint.appeal
    if (hasPassed(question.view, within, conclusion.t, context.time)) {
      return no('processes/too-late')
    }
    const hosts = Object.values(slots).flatMap(({ h }) => h)
    if (!speaksFor(question.view, context.member, hosts)) return no('processes/not-party')
    draft.set({ appealed: context.time })
    return draft.writes()
  },
})

export const peopleTypes: readonly CommandType[] = [
  file,
  invite,
  join,
  withdraw,
  dispute,
  uphold,
  appeal,
]
