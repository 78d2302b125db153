// Standing: who may issue which type of certificate, and what stands against a thing. Accreditation
// has intervals that never reach back; marks lie on random handles, so that they name nothing, and
// are taken off by whoever set them or by the members together.
import type { Refusal, Schema } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Write } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import { commandType, no } from './authority.ts'
import type { AccreditationRecord, Interval, Mark, MarkKind } from './records.ts'
import { accreditationKey, accreditorKey, markKey, memberOf, readRecord, write } from './records.ts'
import { handleSchema } from './keys.ts'

export const markKinds: readonly MarkKind[] = ['hold', 'disputed', 'frozen']
/** Accreditations of one member for one type, ended ones included. */
export const intervalsMax = 64

const member: Schema = { k: 'member' }
const type: Schema = { k: 'name' }
const time: Schema = { k: 'int', min: 0, max: Number.MAX_SAFE_INTEGER }

/** Whether the member may issue the type at a time in milliseconds: that of the issuance. */
export function accredited(view: Reading, code: string, type: string, timeMs: number): boolean {
  return accreditationAt(view, { member: code, type }, timeMs) !== undefined
}

/** The accreditation that covers a time, with who gave it; or undefined. */
export function accreditationAt(
  view: Reading,
  of: { readonly member: string; readonly type: string },
  timeMs: number,
): Interval | undefined {
  const endedAt = memberOf(view, of.member)?.endedAt
  if (endedAt !== undefined && timeMs >= endedAt) return undefined
  return intervalsOf(view, of).find(({ from, until }) => from <= timeMs && timeMs < until)
}

/**
 * Whether a member belongs to a class of members (bank, carrier, hospital) at a time in
 * milliseconds: members accredit each other for a class as they do for a type of certificate, under
 * the name that `classType` gives it. Whoever is asked for no class belongs to it.
 */
export function isOfClass(
  view: Reading,
  code: string,
  of: string | undefined,
  timeMs: number,
): boolean {
  return of === undefined || accredited(view, code, classType(of), timeMs)
}

/** The name under which members accredit for a class. */
export function classType(of: string): string {
  return `class-${of}`
}

/** All accreditations of the member for the type, in the order in which they were given. */
export function intervalsOf(
  view: Reading,
  of: { readonly member: string; readonly type: string },
): readonly Interval[] {
  const key = accreditationKey(of.member, of.type)
  return readRecord<AccreditationRecord>(view, key)?.intervals ?? []
}

/** The part of an interval that is still to come, or the refusal when there is none. */
export function accreditationSpan(
  span: { readonly from: number; readonly until: number },
  now: number,
): { readonly from: number; readonly until: number } | Refusal {
  const from = Math.max(span.from, now)
  return span.until <= from ? no('members/bad-interval', 'body.until') : { from, until: span.until }
}

/** Adds an interval that meets no other. */
export function giveAccreditation(
  view: Reading,
  given: { readonly member: string; readonly type: string } & Interval,
): readonly Write[] | Refusal {
  const { member: code, type: of, from, until, by, height } = given
  const intervals = intervalsOf(view, { member: code, type: of })
  // One that ended before it began is empty and meets nothing.
  if (intervals.some((e) => e.from < e.until && e.from < until && from < e.until)) {
    return no('members/already-accredited')
  }
  if (intervals.length >= intervalsMax) return no('members/history-full')
  const next = [...intervals, { from, until, by, height }]
  return [write(accreditationKey(code, of), { member: code, type: of, intervals: next })]
}

/** Ends what is running or still to come; what was issued before stays as it was. */
export function endAccreditation(
  view: Reading,
  of: { readonly member: string; readonly type: string },
  now: number,
): readonly Write[] | Refusal {
  const intervals = intervalsOf(view, of)
  if (!intervals.some(({ until }) => until > now)) return no('members/not-accredited')
  const next = intervals.map((each) =>
    each.until > now ? { ...each, until: Math.max(each.from, now) } : each,
  )
  const { member: code, type: name } = of
  return [write(accreditationKey(code, name), { member: code, type: name, intervals: next })]
}

/** Lets a member accredit others for a type until a time in milliseconds. */
export function appointAccreditor(
  given: { readonly member: string; readonly type: string; readonly until: number },
  height: number,
): readonly Write[] {
  const { member: code, type: of, until } = given
  return [write(accreditorKey(code, of), { member: code, type: of, until, height })]
}

/** Whether the member may accredit others for the type at a time in milliseconds. */
export function isAccreditor(view: Reading, code: string, of: string, timeMs: number): boolean {
  const right = readRecord<{ readonly until: number }>(view, accreditorKey(code, of))
  return right !== undefined && timeMs < right.until
}

type GiveBody = {
  readonly member: string
  readonly type: string
  readonly from: number
  readonly until: number
}

const give = commandType<GiveBody>({
  name: 'accreditation.give',
  body: { fields: { member, type, from: time, until: time } },
  budget: 'accreditation',
  officers: 1,
  decide: ({ view, body, context }) => {
    if (body.member === context.member) return no('members/self-accreditation')
    if (!isAccreditor(view, context.member, body.type, context.time)) {
      return no('members/not-accreditor')
    }
    const receiver = memberOf(view, body.member)
    if (receiver === undefined) return no('members/unknown-member')
    if (receiver.state === 'left') return no('members/has-left')
    const span = accreditationSpan(body, context.time)
    if (isRefusal(span)) return span
    const { height, member: by } = context
    return giveAccreditation(view, { ...body, ...span, by, height })
  },
})

type EndBody = { readonly member: string; readonly type: string }

const end = commandType<EndBody>({
  name: 'accreditation.end',
  body: { fields: { member, type } },
  budget: 'accreditation',
  officers: 1,
  decide: ({ view, body, context }) => {
    const intervals = intervalsOf(view, body)
    const running = intervals.filter(({ until }) => until > context.time)
    if (running.length === 0) return no('members/not-accredited')
    // The holder may give it back; otherwise only who gave it may take it.
    const own = body.member === context.member
    if (!own && running.some(({ by }) => by !== context.member)) return no('members/not-accreditor')
    return endAccreditation(view, body, context.time)
  },
})

/** Marks on a random handle: kind, who set it, and from which height. */
export function marks(view: Reading, handle: string): readonly Mark[] {
  return readRecord<readonly Mark[]>(view, markKey(handle)) ?? []
}

/** A mark of one kind by one member on one handle. */
export type MarkOf = { readonly handle: string; readonly kind: MarkKind; readonly by: string }

/** Whether this member has set this mark. */
export function hasMark(view: Reading, of: MarkOf): boolean {
  return marks(view, of.handle).some(({ kind, by }) => kind === of.kind && by === of.by)
}

/** Effect: sets a mark. Setting it again changes nothing. */
export function setMark(view: Reading, of: MarkOf, height: number): readonly Write[] {
  if (hasMark(view, of)) return []
  const mark: Mark = { kind: of.kind, by: of.by, height }
  return [write(markKey(of.handle), [...marks(view, of.handle), mark])]
}

/** Effect: takes off the mark that this member set. Where there is none nothing changes. */
export function clearMark(view: Reading, of: MarkOf): readonly Write[] {
  if (!hasMark(view, of)) return []
  const left = marks(view, of.handle).filter(({ kind, by }) => kind !== of.kind || by !== of.by)
  return [write(markKey(of.handle), left.length === 0 ? null : left)]
}

type MarkBody = { readonly handle: string; readonly kind: MarkKind }

const markFields = {
  fields: { handle: handleSchema, kind: { k: 'enum', of: markKinds } },
} as const

const set = commandType<MarkBody>({
  name: 'mark.set',
  body: markFields,
  budget: 'marks',
  officers: 1,
  replicasOnly: true,
  decide: ({ view, body, context }) =>
    setMark(view, { ...body, by: context.member }, context.height),
})

const clear = commandType<MarkBody>({
  name: 'mark.clear',
  body: markFields,
  budget: 'marks',
  officers: 1,
  replicasOnly: true,
  decide: ({ view, body, context }) => {
    const of = { ...body, by: context.member }
    if (hasMark(view, of)) return clearMark(view, of)
    const others = marks(view, body.handle).some(({ kind }) => kind === body.kind)
    return no(others ? 'members/not-setter' : 'members/not-marked')
  },
})

export const standingTypes: readonly CommandType[] = [give, end, set, clear]
