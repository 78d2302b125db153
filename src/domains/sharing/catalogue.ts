// The catalogue of what departments have: from duty to item to resource, each with law, class,
// promise of update, and a steward by kid. What lacks a word is not published. A change names the
// version that it takes the place of; a withdrawal needs a second member's signature. The owner
// attests again and again that a resource is still what its item says, and the ledger says of each
// attestation whether it is green, red or announced.
import type { Refusal } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Context, View } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import { keyInForce, readKey } from '#ledger/validate'
import { memberOf, officersRequired } from '#domains/members'
import { addMonths, dayOfInstant, endOfDay, parseSpan } from '#blueprint/time'
import type { CatalogueDocument, SharingClass } from './catalogue-document.ts'
import { decodeCatalogue } from './catalogue-document.ts'
import type { Decided } from './plan.ts'
import { commandType, digest, id, index, name, no } from './plan.ts'
import { Draft, readRecord } from './records.ts'

/** What the ledger decides over of a catalogue item; the rest stands in its document. */
export type CatalogueRecord = {
  readonly document: string
  readonly entry: number
  readonly class: SharingClass
  readonly update: string
  readonly steward: string
  readonly types: readonly string[]
  readonly resource: string
  readonly schema: string
  /** The owner has signed its withdrawal, in this entry. */
  readonly withdrawing?: number
}

/** Whose resource it is, and in which item. */
export type ResourceRecord = { readonly member: string; readonly item: string }

export const driftStates = ['green', 'red', 'announced'] as const
export type DriftState = (typeof driftStates)[number]

/** The last attestation of a resource. Times are milliseconds. */
export type Drift = {
  readonly state: DriftState
  /** Since when it has been in this state. */
  readonly since: number
  readonly schema: string
  readonly rows: number
  readonly changed: number
  readonly asOf: number
  readonly entry: number
  /** Until when a change has been announced. */
  readonly announced?: number
}

const itemKey = (member: string, item: string): string => `sharing/item/${member}/${item}`
const resourceKey = (resource: string): string => `sharing/resource/${resource}`
const driftKey = (resource: string): string => `sharing/drift/${resource}`

/** The published item of a member, or undefined. */
export function catalogueItemOf(
  view: Reading,
  member: string,
  item: string,
): CatalogueRecord | undefined {
  return readRecord<CatalogueRecord>(view, itemKey(member, item))
}

/** Whose a resource is, or undefined. */
export function resourceOf(view: Reading, resource: string): ResourceRecord | undefined {
  return readRecord<ResourceRecord>(view, resourceKey(resource))
}

/** The last attestation of a resource, or undefined. */
export function driftOf(view: Reading, resource: string): Drift | undefined {
  return readRecord<Drift>(view, driftKey(resource))
}

type PublishBody = { readonly document: string; readonly replaces?: string }

const publish = commandType<PublishBody>({
  name: 'catalogue.publish',
  body: { fields: { document: digest, replaces: digest }, optional: ['replaces'] },
  budget: 'catalogue',
  approved: true,
  documents: ({ document }) => [document],
  outcome: { fields: { item: name, resource: id } },
  decide: ({ view, body, context }) => {
    const bytes = view.document(body.document)
    if (bytes === undefined) return no('sharing/bad-document', 'body.document')
    const document = decodeCatalogue(bytes)
    if (isRefusal(document)) return document
    const unsigned = stewardRefusal(view, document, context)
    if (unsigned !== null) return unsigned
    return publishItem(view, { body, document }, context)
  },
})

/** The steward is an officer of the department with a key in force, and signs for his item. */
function stewardRefusal(
  view: View,
  { item }: CatalogueDocument,
  { member, height, approvals }: Context,
): Refusal | null {
  const key = readKey(view, item.steward)
  const known =
    key !== undefined && key.use === 'approve' && key.member === member && keyInForce(key, height)
  if (!known) return no('sharing/steward-unknown', 'document.item.steward')
  const signed = approvals.some(({ officer }) => officer === key.officer)
  return signed || !officersRequired(view, member) ? null : no('sharing/steward-not-signed')
}

function publishItem(
  view: View,
  given: { readonly body: PublishBody; readonly document: CatalogueDocument },
  { member, entry }: Context,
): Decided | Refusal {
  const { item, resource } = given.document
  const { document } = given.body
  const before = catalogueItemOf(view, member, item.id)
  if (before?.document !== given.body.replaces)
    return no('sharing/changed-meanwhile', 'body.replaces')
  const taken = resourceOf(view, resource.id)
  if (taken !== undefined && (taken.member !== member || taken.item !== item.id)) {
    return no('sharing/resource-known', 'document.resource.id')
  }
  const draft = new Draft(view)
  if (before !== undefined && before.resource !== resource.id) {
    draft.put(resourceKey(before.resource), null)
    draft.put(driftKey(before.resource), null)
  }
  const record: CatalogueRecord = {
    document,
    entry,
    class: item.class,
    update: item.update,
    steward: item.steward,
    types: item.types ?? [],
    resource: resource.id,
    schema: resource.schema,
  }
  draft.put(itemKey(member, item.id), record)
  draft.put(resourceKey(resource.id), { member, item: item.id })
  return { writes: draft.writes(), outcome: { item: item.id, resource: resource.id } }
}

type WithdrawBody = { readonly member: string; readonly item: string }

const withdraw = commandType<WithdrawBody>({
  name: 'catalogue.withdraw',
  body: { fields: { member: { k: 'member' }, item: name } },
  budget: 'catalogue',
  approved: true,
  outcome: { fields: { withdrawn: { k: 'bool' } } },
  decide: ({ view, body, context }) => {
    const record = catalogueItemOf(view, body.member, body.item)
    if (record === undefined) return no('sharing/unknown-item')
    const draft = new Draft(view)
    const own = body.member === context.member
    if (own && record.withdrawing !== undefined) return no('sharing/own-counter-signature')
    if (!own && record.withdrawing === undefined) return no('sharing/not-owner')
    if (!own && memberOf(view, context.member)?.kind !== 'replica') return no('sharing/not-owner')
    if (own) {
      draft.put(itemKey(body.member, body.item), { ...record, withdrawing: context.entry })
      return { writes: draft.writes(), outcome: { withdrawn: false } }
    }
    draft.put(itemKey(body.member, body.item), null)
    draft.put(resourceKey(record.resource), null)
    draft.put(driftKey(record.resource), null)
    return { writes: draft.writes(), outcome: { withdrawn: true } }
  },
})

type AttestBody = {
  readonly resource: string
  readonly schema: string
  readonly rows: number
  readonly changed: number
  readonly asOf: number
  readonly state: DriftState
  readonly until?: number
}

/** More changed rows than this share of all wait for a second person, in percent. */
export const changedPercentMax = 10
/** A change is announced for at most so long, in milliseconds: 90 days. */
export const announcedMsMax: number = 90 * 86_400_000

const attest = commandType<AttestBody>({
  name: 'drift.attest',
  body: {
    fields: {
      resource: id,
      schema: digest,
      rows: index,
      changed: index,
      asOf: index,
      state: { k: 'enum', of: driftStates },
      until: index,
    },
    optional: ['until'],
  },
  budget: 'drift',
  approved: true,
  outcome: {
    fields: { member: { k: 'member' }, item: name, state: { k: 'enum', of: driftStates } },
  },
  decide: ({ view, body, context }) => {
    const place = resourceOf(view, body.resource)
    if (place === undefined) return no('sharing/unknown-resource', 'body.resource')
    if (place.member !== context.member) return no('sharing/not-owner')
    const record = catalogueItemOf(view, place.member, place.item)
    if (record === undefined) return no('sharing/unknown-item')
    const { time } = context
    if (body.asOf > time) return no('sharing/bad-time', 'body.asOf')
    const before = driftOf(view, body.resource)
    const announced = announcedUntil(before, body, time)
    if (isRefusal(announced)) return announced
    const state = stateOf(record, body, announced.until, time)
    if (state !== body.state) return no('sharing/state-differs', 'body.state')
    if (state === 'green' && isLarge(body) && needsSecond(view, context)) {
      return no('sharing/second-person')
    }
    const { schema, rows, changed, asOf } = body
    const drift: Drift = {
      state,
      since: before?.state === state ? before.since : time,
      schema,
      rows,
      changed,
      asOf,
      entry: context.entry,
      ...(announced.until > time ? { announced: announced.until } : {}),
    }
    const draft = new Draft(view)
    draft.put(driftKey(body.resource), drift)
    return { writes: draft.writes(), outcome: { member: place.member, item: place.item, state } }
  },
})

/** Until when a change is announced after this attestation; 0 where none is. */
function announcedUntil(
  before: Drift | undefined,
  { until }: AttestBody,
  timeMs: number,
): { readonly until: number } | Refusal {
  if (until === undefined) return { until: before?.announced ?? 0 }
  const bad = until <= timeMs || until > timeMs + announcedMsMax
  return bad ? no('sharing/bad-time', 'body.until') : { until }
}

/**
 * What the attestation says by itself: red when the schema is not the published one or the data are
 * older than promised; announced instead of red, or of green, until the announced change is over.
 */
function stateOf(
  record: CatalogueRecord,
  { schema, asOf }: AttestBody,
  announced: number,
  timeMs: number,
): DriftState {
  if (announced > timeMs) return 'announced'
  const due = freshUntil(asOf, record.update)
  return schema === record.schema && timeMs <= due ? 'green' : 'red'
}

/** The last instant at which data of an instant are as new as promised, milliseconds. */
export function freshUntil(asOfMs: number, update: string): number {
  const span = parseSpan(update)
  const day = dayOfInstant(asOfMs)
  if (span === null) return asOfMs
  if (span.unit === 'd') return endOfDay(day + span.count)
  const last = addMonths(day, span.unit === 'm' ? span.count : 12 * span.count)
  return last === null ? asOfMs : endOfDay(last)
}

function isLarge({ rows, changed }: AttestBody): boolean {
  return changed > Math.floor((rows * changedPercentMax) / 100)
}

function needsSecond(view: View, { member, approvals }: Context): boolean {
  return officersRequired(view, member) && approvals.length === 0
}

export const catalogueTypes: readonly CommandType[] = [publish, withdraw, attest]
