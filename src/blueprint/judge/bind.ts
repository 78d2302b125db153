// Who a party is in this case: the member that the blueprint names, whom evidence names, or who
// filed. Nobody is bound by what an applicant types about another.
import type { Json } from '#base/canonical'
import { fieldOfPath, itemOfPath } from '#blueprint/check'
import { isSubject } from '#blueprint/grammar'
import type { Judge } from './compile.ts'
import type { Item, Known, Rec } from './known.ts'
import { itemOf, recordAt } from './known.ts'

/** A person or firm as evidence or a filing names it. */
export type Subject = { readonly code: string; readonly name: string }

/** Whom a party stands for, as far as it is known. */
export type BoundTo =
  | { readonly kind: 'subjects'; readonly subjects: readonly Subject[] }
  | { readonly kind: 'member'; readonly member: string }
  /** The evidence was given and names nobody, or was not given at all. */
  | { readonly kind: 'nobody' }
  | { readonly kind: 'unknown' }

/**
 * Whom a party stands for. For a party that a list names, `element` says which element. A party
 * that files is whom the evidence names, else who filed.
 */
export function boundTo(judge: Judge, known: Known, party: string, element?: number): BoundTo {
  const declared = Object.hasOwn(judge.blueprint.parties, party)
    ? judge.blueprint.parties[party]
    : undefined
  if (declared === undefined) return { kind: 'nobody' }
  if (declared.member !== undefined) return { kind: 'member', member: declared.member }
  if (declared.of !== undefined) {
    return fromEvidence(judge, known, { of: declared.of, party, element })
  }
  const filed = Object.hasOwn(known.slots, party) ? known.slots[party] : undefined
  const subjects = (filed ?? []).flatMap((keys) => subjectOf(keys) ?? [])
  return subjects.length === 0 ? { kind: 'unknown' } : { kind: 'subjects', subjects }
}

type Binding = {
  readonly of: string
  readonly party: string
  readonly element: number | undefined
}

function fromEvidence(judge: Judge, known: Known, { of, party, element }: Binding): BoundTo {
  const item = itemOf(judge, known, itemOfPath(of))
  if (item.is === 'unknown') return { kind: 'unknown' }
  if (item.is === 'not-given' || item.is === 'empty') return { kind: 'nobody' }
  const recs = element === undefined ? recordsIn(item) : recordsAt(judge, known, of, element)
  const values = valuesAt(recs, fieldOfPath(of))
  if (values === null) return { kind: 'unknown' }
  const declared = judge.blueprint.parties[party]
  if (declared !== undefined && isSubject(declared)) {
    const subjects = values.flatMap((value) => subjectOf(value) ?? [])
    return subjects.length === 0 ? { kind: 'nobody' } : { kind: 'subjects', subjects }
  }
  const members = [...new Set(values)]
  const [member] = members
  if (member === undefined) return { kind: 'nobody' }
  // A list that names several members names one for each element, not one for all.
  if (members.length > 1 || typeof member !== 'string') return { kind: 'unknown' }
  return { kind: 'member', member }
}

function recordsIn(item: Extract<Item, { readonly is: 'one' | 'list' }>): readonly Rec[] {
  return item.is === 'one' ? [item.rec] : item.recs
}

function recordsAt(judge: Judge, known: Known, of: string, element: number): readonly Rec[] {
  const item = itemOf(judge, known, itemOfPath(of))
  if (item.is === 'one') return [item.rec]
  const rec = recordAt(judge, known, itemOfPath(of), element)
  return rec === undefined ? [] : [rec]
}

/** The values of a field in all records, lists taken apart; null if one was not shown. */
function valuesAt(recs: readonly Rec[], field: string): readonly Json[] | null {
  const values: Json[] = []
  for (const { fields } of recs) {
    const value = Object.hasOwn(fields, field) ? fields[field] : undefined
    if (value === undefined) return null
    if (Array.isArray(value)) values.push(...(value as readonly Json[]))
    else if (value !== null) values.push(value)
  }
  return values
}

/** The code and name of a value, if it has both. */
export function subjectOf(value: Json): Subject | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { code, name } = value as { readonly [key: string]: Json }
  return typeof code === 'string' && typeof name === 'string' ? { code, name } : null
}

/** Whether two subjects are the same: by code and by name. */
export function isSameSubject(a: Subject, b: Subject): boolean {
  return a.code === b.code && a.name === b.name
}
