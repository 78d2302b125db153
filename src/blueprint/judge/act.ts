// Whether content lets an act be completed as it is proposed: that it applies, that its value fits
// and is the rule's, that everybody signed whom evidence names, that an agent stays inside his
// mandate, that nothing guarded is superseded, and that money is settled to the fen. Says every no
// at once.
import type { Json } from '#base/canonical'
import { encodeCanonical, isSafeJson } from '#base/canonical'
import { fieldOfPath } from '#blueprint/check'
import { valueFaults } from '#blueprint/grammar'
import { applicability, assess, holds } from './assess.ts'
import type { Refusal } from './codes.ts'
import { refusal } from './codes.ts'
import type { Judge, JudgedAct } from './compile.ts'
import { givesOf } from './compile.ts'
import type { Known } from './known.ts'
import { itemOf, memberOf } from './known.ts'
import { dueOf } from './settle.ts'
import type { Signer } from './signers.ts'
import { signerFaults } from './signers.ts'

/** How an act is proposed to be completed. Untrusted. */
export type Proposal = {
  readonly act: string
  readonly element?: number
  /** `done` if nothing is said; else `na` or `no/<code>`. */
  readonly state?: string
  /** The item that it gives, or an object of its items; of a list all elements. */
  readonly value?: Json
  /** Persons and firms who signed, and members that evidence names. */
  readonly signers: readonly Signer[]
  /** What earlier rounds of a final act have settled in sum, in fen; 0 if there was none. */
  readonly settled?: number
  /** The case was refused, so everything that was settled is paid back. */
  readonly refunds?: true
}

/** Every reason why an act may not be completed so; none if it may. */
export function judgeAct(judge: Judge, known: Known, proposal: Proposal): readonly Refusal[] {
  const { act, element, state = 'done' } = proposal
  const judged = judge.acts.get(act)
  if (judged === undefined) return [refusal('judge/unknown-name', act)]
  const applies = applicability(judge, known, { judged, element })
  if (state === 'na') return applies === true ? [refusal('judge/applies', act)] : []
  if (applies === false) return [refusal('judge/not-applicable', act)]
  if (state.startsWith('no/')) {
    const declared = Object.hasOwn(judged.act.no?.codes ?? {}, state.slice(3))
    return declared ? [] : [refusal('judge/unknown-name', `acts.${act}.no`)]
  }
  if (state !== 'done') return [refusal('judge/unknown-name', 'state')]
  const faults = misfits(judge, judged, proposal.value)
  if (faults.length > 0) return faults
  const items = itemsOf(judged, proposal.value ?? null)
  const whole = { judged, items, proposal }
  return [
    ...ruleFaults(judge, known, proposal),
    ...grantFaults(whole),
    ...objectFaults(judge, known, items),
    ...signerFaults(judge, known, whole),
    ...guardFaults(judge, known, whole),
    ...amountFaults(judge, known, whole),
  ]
}

/** Items by name, of the value of an act. */
export type Items = { readonly [item: string]: Json }

/** A proposal that fits, taken apart. */
export type Whole = {
  readonly judged: JudgedAct
  readonly items: Items
  readonly proposal: Proposal
}

/** The items of a value: of one item the value itself, of several the members of an object. */
export function itemsOf({ act }: JudgedAct, value: Json): Items {
  const [only, ...others] = givesOf(act)
  if (only === undefined) return {}
  if (others.length === 0) return { [only]: value }
  return value as Items
}

/** Everything in which the value of an act does not fit the types of what it gives. */
export function misfits(
  judge: Judge,
  judged: JudgedAct,
  value: Json | undefined,
): readonly Refusal[] {
  const gives = givesOf(judged.act)
  if (gives.length === 0) return value === undefined || value === null ? [] : [misfit('')]
  if (value === undefined || !isSafeJson(value)) return [misfit('')]
  const [only = ''] = gives
  if (gives.length === 1) return itemMisfits(judge, only, value, '')
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [misfit('')]
  const members = value as Items
  const strange = Object.keys(members).filter((item) => !gives.includes(item))
  return [
    ...strange.map(() => misfit('')),
    ...gives.flatMap((item) => {
      const given = Object.hasOwn(members, item) ? members[item] : undefined
      return given === undefined ? [misfit(item)] : itemMisfits(judge, item, given, item)
    }),
  ]
}

/** Most elements of a list that an act gives or a source supplies at once. */
export const elementsMax = 1_000

function itemMisfits(judge: Judge, item: string, value: Json, path: string): readonly Refusal[] {
  const judged = judge.items.get(item)
  if (judged === undefined) return [misfit(path)]
  if (judge.blueprint.evidence[item]?.many !== true) {
    return valueFaults(judged.type, value, path).map((fault) => misfit(fault.path))
  }
  if (!Array.isArray(value) || value.length > elementsMax) return [misfit(path)]
  return value.flatMap((each: Json, at) =>
    valueFaults(judged.type, each, path === '' ? `${at}` : `${path}.${at}`).map((fault) =>
      misfit(fault.path),
    ),
  )
}

function misfit(at: string): Refusal {
  return refusal('judge/value-misfit', at)
}

// A decision that the condition of its robot does not allow is a no, with its reason and appeal.
function grantFaults({ judged, items }: Whole): readonly Refusal[] {
  const { act, auto } = judged
  if (act.does !== 'decide' || act.no === undefined || auto === null) return []
  return holds(auto, items) === true ? [] : [refusal('judge/must-refuse')]
}

function ruleFaults(judge: Judge, known: Known, proposal: Proposal): readonly Refusal[] {
  const { value } = assess(judge, known, proposal.act, proposal.element)
  if (value === undefined || proposal.value === undefined) return []
  const same = encodeCanonical(value) === encodeCanonical(proposal.value)
  return same ? [] : [refusal('judge/not-the-rule')]
}

/**
 * Values that name another object than the one that was filed: a field of the type that is called
 * like a key of the object says which it is about.
 */
export function objectFaults(judge: Judge, known: Known, items: Items): readonly Refusal[] {
  const { objects = {}, evidence } = judge.blueprint
  return Object.entries(items).flatMap(([item, value]) => {
    const about = evidence[item]?.about ?? ''
    const object = Object.hasOwn(objects, about) ? objects[about] : undefined
    const filed = Object.hasOwn(known.slots, about) ? known.slots[about]?.[0] : undefined
    if (object === undefined || filed === undefined) return []
    const values: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : [value]
    return Object.keys(object.key).flatMap((key) => {
      const isOther = values.some((each) => {
        const own = memberOf(each, key)
        return own !== undefined && filed[key] !== undefined && own !== filed[key]
      })
      return isOther ? [refusal('judge/other-object', `${item}.${key}`)] : []
    })
  })
}

function guardFaults(judge: Judge, known: Known, { judged, items }: Whole): readonly Refusal[] {
  return Object.keys(items).flatMap((item) => {
    const old = judge.blueprint.evidence[item]?.supersedes
    const guards = judge.items.get(old ?? '')?.guards ?? []
    if (old === undefined || guards.length === 0) return []
    const found = itemOf(judge, known, old, { judged })
    if (found.is !== 'one') return [refusal('judge/guard-unknown', old)]
    const { fields } = found.rec
    return guards.flatMap(([id, guard]) => {
      const said = holds(guard, present(fields))
      if (said === true) return []
      return [refusal(said === false ? 'judge/guarded' : 'judge/guard-unknown', `${old}.${id}`)]
    })
  })
}

// What is absent has no member in the inputs of a rule.
function present(fields: Items): Items {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}

function amountFaults(judge: Judge, known: Known, whole: Whole): readonly Refusal[] {
  const { final } = whole.judged.act
  if (final === undefined || final === true) return []
  const found = dueOf(judge, known, whole.proposal)
  if (found === null || found.due === 0) return []
  const paid = Object.entries(whole.items).flatMap(([item, value]) => {
    const field = amountField(judge, item, fieldOfPath(final.amount))
    const amount = field === undefined ? undefined : memberOf(value, field)
    return amount === undefined ? [] : [{ at: `${item}.${field}`, amount }]
  })
  const wanted = found.due < 0 ? 0 - found.due : found.due
  return paid
    .filter(({ amount }) => amount !== wanted)
    .map(({ at }) => refusal('judge/wrong-amount', at))
}

/** The field of an item that says what was paid: that of the amount's name, else the only money. */
function amountField(judge: Judge, item: string, name: string): string | undefined {
  const fields = judge.items.get(item)?.type.fields.filter(({ is }) => is === 'fen') ?? []
  const same = fields.find(({ id }) => id === name)
  return same?.id ?? (fields.length === 1 ? fields[0]?.id : undefined)
}
