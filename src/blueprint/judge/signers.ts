// Who must sign an act, who may sign for whom, and who may not stand on two sides. Persons are told
// apart by code and name; an agent is held to each bound of his mandate.
import type { Json } from '#base/canonical'
import { encodeCanonical, isSafeJson } from '#base/canonical'
import { fieldOfPath, itemOfPath } from '#blueprint/check'
import type { Mandate } from '#blueprint/grammar'
import { isSubject } from '#blueprint/grammar'
import type { Whole } from './act.ts'
import type { Subject } from './bind.ts'
import { boundTo, isSameSubject, subjectOf } from './bind.ts'
import type { Refusal } from './codes.ts'
import { refusal } from './codes.ts'
import type { Judge } from './compile.ts'
import { dueOf } from './settle.ts'
import type { Known, Rec } from './known.ts'
import { holdsValue, memberOf } from './known.ts'

/** Somebody who signed for a party: a person or firm, or a member by its code. */
export type Signer = {
  readonly party: string
  readonly code: string
  readonly name: string
  /** Whoever signed in the place of that person, under a mandate. */
  readonly agent?: Subject
  /** What was signed, if it is known one by one. */
  readonly value?: Json
}

/** Everything that is wrong about who signed what. */
export function signerFaults(judge: Judge, known: Known, whole: Whole): readonly Refusal[] {
  const { proposal } = whole
  const signed = proposal.value === undefined ? '' : encodeCanonical(proposal.value)
  const differing = proposal.signers.filter(
    ({ value }) => value !== undefined && (!isSafeJson(value) || encodeCanonical(value) !== signed),
  )
  return [
    ...differing.map(({ party }) => refusal('judge/values-differ', party)),
    ...actingOf(judge, known, whole).flatMap((party) => partyFaults(judge, known, whole, party)),
    ...strangers(judge, known, whole),
    ...doubles(judge, known, proposal.signers),
    ...proposal.signers.flatMap((signer) => agentFaults(judge, known, whole, signer)),
  ]
}

/** Whoever does the act: its parties, or where money is paid back the one that pays back. */
function actingOf(judge: Judge, known: Known, { judged, proposal }: Whole): readonly string[] {
  const { by } = judged.act
  const due = dueOf(judge, known, proposal)
  return due?.by ?? (typeof by === 'string' ? [by] : by)
}

function strangers(judge: Judge, known: Known, whole: Whole): readonly Refusal[] {
  const acting = actingOf(judge, known, whole)
  return whole.proposal.signers
    .filter(({ party }) => !acting.includes(party))
    .map(({ party }) => refusal('judge/not-bound', party))
}

function partyFaults(
  judge: Judge,
  known: Known,
  { judged, proposal }: Whole,
  party: string,
): readonly Refusal[] {
  const declared = judge.blueprint.parties[party]
  // The ledger knows by which member's key a command came; content adds nothing to that.
  if (declared === undefined || declared.member !== undefined) return []
  const own = proposal.signers.filter((signer) => signer.party === party)
  const bound = boundTo(judge, known, party, proposal.element)
  if (!isSubject(declared)) {
    if (bound.kind === 'unknown' && own.length > 0) return [refusal('judge/binding-unknown', party)]
    if (bound.kind === 'member') {
      const stranger = own.some(({ code }) => code !== bound.member)
      if (stranger) return [refusal('judge/not-bound', party)]
    }
    const silent = own.length === 0 && judged.act.through !== undefined
    return silent ? [refusal('judge/missing-signer', party)] : []
  }
  if (own.length === 0) return [refusal('judge/missing-signer', party)]
  if (bound.kind === 'nobody') return [refusal('judge/not-bound', party)]
  // Whoever records must have seen whom the evidence names.
  if (bound.kind !== 'subjects') return [refusal('judge/binding-unknown', party)]
  const { subjects } = bound
  const strange = own.some((signer) => !subjects.some((each) => isSameSubject(each, signer)))
  if (strange) return [refusal('judge/not-bound', party)]
  const missing = subjects.some((each) => !own.some((signer) => isSameSubject(each, signer)))
  return declared.all === true && missing ? [refusal('judge/missing-signer', party)] : []
}

type Standing = { readonly party: string; readonly code: string }

/** Everybody who is known to stand somewhere in the case. */
function standing(judge: Judge, known: Known, signers: readonly Signer[]): readonly Standing[] {
  const { parties } = judge.blueprint
  const filed = Object.entries(known.slots).flatMap(([party, all]) => {
    const declared = Object.hasOwn(parties, party) ? parties[party] : undefined
    if (declared === undefined || !isSubject(declared)) return []
    return all.flatMap(({ code }) => (typeof code === 'string' ? [{ party, code }] : []))
  })
  const bound = Object.keys(parties).flatMap((party) => {
    const found = boundTo(judge, known, party)
    return found.kind === 'subjects' ? found.subjects.map(({ code }) => ({ party, code })) : []
  })
  return [...filed, ...bound, ...signers.map(({ party, code }) => ({ party, code }))]
}

function doubles(judge: Judge, known: Known, signers: readonly Signer[]): readonly Refusal[] {
  const all = standing(judge, known, signers)
  const found = signers.filter(({ party, code }) =>
    all.some((other) => other.code === code && mayNotBe(judge, party, other.party)),
  )
  return found.map(({ party }) => refusal('judge/same-person', party))
}

/** Whether two parties must be different persons. */
export function mayNotBe({ blueprint }: Judge, a: string, b: string): boolean {
  if (a === b) return false
  const pairs = blueprint.alike ?? []
  return !pairs.some((pair) => pair.includes(a) && pair.includes(b))
}

function agentFaults(judge: Judge, known: Known, whole: Whole, signer: Signer): readonly Refusal[] {
  const { party, agent } = signer
  if (agent === undefined) return []
  const mandate = judge.blueprint.parties[party]?.mandate
  const bad = (code: 'judge/outside-mandate' | 'judge/counterparty'): readonly Refusal[] => [
    refusal(code, party),
  ]
  // An agent stands on no other side, neither himself nor for another party.
  const others = [
    ...standing(judge, known, whole.proposal.signers),
    ...whole.proposal.signers.flatMap((each) =>
      each.agent === undefined ? [] : [{ party: each.party, code: each.agent.code }],
    ),
  ]
  if (others.some((other) => other.party !== party && other.code === agent.code)) {
    return bad('judge/counterparty')
  }
  if (mandate === undefined) return bad('judge/outside-mandate')
  const given = (Object.hasOwn(known.items, mandate.item) ? known.items[mandate.item] : []) ?? []
  const own = given.filter((rec) => isBetween(rec, signer, agent))
  const tried = own.map((rec) => boundFaults(known, whole, { mandate, rec, party }))
  // One mandate that covers the act is enough; else the reasons of the first are told.
  if (tried.some((faults) => faults.length === 0)) return []
  return tried[0] ?? bad('judge/outside-mandate')
}

function isBetween(rec: Rec, principal: Subject, agent: Subject): boolean {
  const named = (field: string): Subject | null => {
    const value = Object.hasOwn(rec.fields, field) ? rec.fields[field] : undefined
    return value === undefined ? null : subjectOf(value)
  }
  const from = named('principal')
  const to = named('agent')
  if (!holdsValue(rec) || from === null || to === null) return false
  return isSameSubject(from, principal) && isSameSubject(to, agent)
}

type Held = { readonly mandate: Mandate; readonly rec: Rec; readonly party: string }

/** Each bound of a mandate that an act does not keep. */
function boundFaults(
  known: Known,
  { items, proposal }: Whole,
  { mandate, rec, party }: Held,
): readonly Refusal[] {
  const { fields } = rec
  const acts = fields['acts']
  const until = fields['until']
  const object = known.slots[mandate.object ?? '']?.[0]
  const outside =
    !mandate.acts.includes(proposal.act) ||
    !Array.isArray(acts) ||
    !acts.includes(proposal.act) ||
    typeof until !== 'string' ||
    until < known.day ||
    (mandate.object !== undefined && !isObject(fields, object))
  if (outside) return [refusal('judge/outside-mandate', party)]
  const found: Refusal[] = []
  const price = valueAt(known, items, mandate.price)
  const { floor, payee } = fields
  if (mandate.price !== undefined) {
    const isHeld = typeof price === 'number' && typeof floor === 'number' && price >= floor
    if (!isHeld) found.push(refusal('judge/below-floor', mandate.price))
  }
  if (mandate.payee !== undefined) {
    const isOwn = typeof payee === 'string' && valueAt(known, items, mandate.payee) === payee
    if (!isOwn) found.push(refusal('judge/not-the-payee', mandate.payee))
  }
  return found
}

/** Whether a mandate names the object: each of its keys, as the object was filed. */
function isObject(
  fields: { readonly [field: string]: Json },
  object: { readonly [key: string]: Json } | undefined,
): boolean {
  if (object === undefined) return false
  const keys = Object.keys(object)
  return keys.length > 0 && keys.every((key) => fields[key] === object[key])
}

/** What stands at a path: in what the act gives, else in what is known. */
function valueAt(
  known: Known,
  items: { readonly [item: string]: Json },
  path: string | undefined,
): Json | undefined {
  if (path === undefined) return undefined
  const item = itemOfPath(path)
  const field = fieldOfPath(path)
  if (Object.hasOwn(items, item)) return memberOf(items[item], field)
  const rec = known.items[item]?.find(holdsValue)
  return rec === undefined ? undefined : memberOf(rec.fields, field)
}
