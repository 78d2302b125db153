// What goes on after a read. A watch tells a reader that something changed, never what: it lives as
// long as the case, the consent or article on which it stands, and its end date. Later views of
// what was once shown are a chain of hashes in the department; its head is anchored here daily.
import type { Refusal } from '#ledger/command'
import type { CommandType } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import { itemOfPath } from '#blueprint/check'
import type { Watch } from '#blueprint/grammar'
import { addMonths, dayOfInstant, parseSpan } from '#blueprint/time'
import type { Application, CaseFacts, Cases } from './cases.ts'
import { isLawInForce, memberOfParty } from './cases.ts'
import { commandType, digest, id, index, name, no } from './plan.ts'
import { readRecord, write } from './records.ts'

/** The last time that a watched item was said to have changed. */
export type Changed = { readonly entry: number; readonly time: number; readonly count: number }

const changedKey = (id: string, watch: string): string => `sharing/watch/${id}/${watch}`
const viewsKey = (member: string): string => `sharing/views/${member}`

/** The last change of what a watch of a case reads, or undefined. */
export function changedOf(view: Reading, id: string, watch: string): Changed | undefined {
  return readRecord<Changed>(view, changedKey(id, watch))
}

type Place = {
  readonly cases: Cases
  readonly view: Reading
  readonly id: string
  readonly facts: CaseFacts
  readonly application: Application
}

/**
 * The members that a watch of a case tells at a time in milliseconds: its reader while the case
 * stands, its ground lives and its end has not come. Undefined where there is no such watch.
 */
export function readersOf(
  cases: Cases,
  view: Reading,
  watch: { readonly case: string; readonly name: string },
  timeMs: number,
): readonly string[] | undefined {
  const place = placeOf(cases, view, watch.case)
  const found = place === null ? undefined : watchIn(place, watch.name)
  return place === null || found === undefined ? undefined : tell(place, found, timeMs)
}

function placeOf(cases: Cases, view: Reading, id: string): Place | null {
  const facts = cases.caseOf(view, id)
  const application = facts === undefined ? undefined : cases.blueprintOf(view, facts.blueprint)
  if (facts === undefined || application === undefined) return null
  return { cases, view, id, facts, application }
}

function watchIn({ application }: Place, watch: string): Watch | undefined {
  const { watches = {} } = application.blueprint
  return Object.hasOwn(watches, watch) ? watches[watch] : undefined
}

function tell(place: Place, watch: Watch, timeMs: number): readonly string[] {
  const { facts, application } = place
  const reader = memberOfParty(application.blueprint, facts, watch.reader)
  // What was delivered is watched on for as long as the ground lives: that is what a watch is for.
  const isDelivered = facts.state === 'delivered' || facts.delivered === true
  const stands = facts.state === 'open' || (isDelivered && facts.state !== 'withdrawn')
  if (reader === undefined || !stands) return []
  const began = groundOf(place, watch.ground, timeMs)
  if (began === null) return []
  const last = lastDay(dayOfInstant(began), watch.until)
  return last !== null && dayOfInstant(timeMs) <= last ? [reader] : []
}

/** Since when the ground of a watch lives, in milliseconds; null while it does not. */
function groundOf(place: Place, ground: string, timeMs: number): number | null {
  const { cases, view, id, facts, application } = place
  const { blueprint, graph } = application
  // An item and an article may have one name: the ground is the item if somebody signs it.
  const givers = graph.givers.get(ground) ?? []
  if (givers.some((act) => blueprint.acts[act]?.does === 'sign')) {
    const lives = cases.consentLives(view, id, ground)
    return lives ? (cases.itemOf(view, id, ground)?.asOf ?? null) : null
  }
  return isLawInForce(blueprint, ground, timeMs) ? facts.filedAt : null
}

/** The last day of a span; working days are counted as days, so that a watch never ends late. */
function lastDay(day: number, until: string): number | null {
  const span = parseSpan(until)
  if (span === null) return null
  if (span.unit === 'd' || span.unit === 'wd') return day + span.count
  return addMonths(day, span.unit === 'm' ? span.count : 12 * span.count)
}

type ChangedBody = { readonly case: string; readonly watch: string }

/** The command `watch.changed` over these cases. */
export function watchType(cases: Cases): CommandType {
  return commandType<ChangedBody>({
    name: 'watch.changed',
    body: { fields: { case: id, watch: name } },
    budget: 'watches',
    outcome: {
      fields: {
        case: id,
        watch: name,
        item: name,
        readers: { k: 'list', of: { k: 'member' }, min: 0, max: 64 },
      },
    },
    decide: ({ view, body, context }) => {
      const place = placeOf(cases, view, body.case)
      if (place === null) return no('sharing/unknown-case', 'body.case')
      const watch = watchIn(place, body.watch)
      if (watch === undefined) return no('sharing/unknown-name', 'body.watch')
      const item = itemOfPath(watch.reads)
      const refusal = notOwner(place, item, context.member)
      if (refusal !== null) return refusal
      const readers = tell(place, watch, context.time)
      const outcome = { case: body.case, watch: body.watch, item, readers }
      if (readers.length === 0) return { writes: [], outcome }
      const count = (changedOf(view, body.case, body.watch)?.count ?? 0) + 1
      const record: Changed = { entry: context.entry, time: context.time, count }
      return { writes: [write(changedKey(body.case, body.watch), record)], outcome }
    },
  })
}

function notOwner(place: Place, item: string, member: string): Refusal | null {
  const { cases, view, id, facts, application } = place
  const held = cases.itemOf(view, id, item)?.parts.some(({ by }) => by === member) === true
  const source = application.blueprint.evidence[item]?.from ?? ''
  const answers = memberOfParty(application.blueprint, facts, source) === member
  return held || answers ? null : no('sharing/not-owner')
}

/** The head of a member's chain of views, and how many views it holds. */
export type Views = { readonly root: string; readonly count: number; readonly entry: number }

/** The last anchor of a member's views, or undefined. */
export function viewsOf(view: Reading, member: string): Views | undefined {
  return readRecord<Views>(view, viewsKey(member))
}

export const viewsType: CommandType = commandType<{
  readonly root: string
  readonly count: number
}>({
  name: 'share.views',
  body: { fields: { root: digest, count: index } },
  budget: 'views',
  decide: ({ view, body, context }) => {
    const before = viewsOf(view, context.member)
    if (before !== undefined && body.count < before.count) return no('sharing/views-shrank')
    // As many views under another head: one of the two chains was written anew.
    if (before?.count === body.count && before.root !== body.root) return no('sharing/views-shrank')
    const { root, count } = body
    return [write(viewsKey(context.member), { root, count, entry: context.entry })]
  },
})
