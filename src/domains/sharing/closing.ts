// How a permit ends: with a receipt of its owner that the reader has countersigned, with one of the
// owner alone once the time for that has passed, with a refusal for a listed reason, or with
// silence, which counts against the owner. What is closed by an owner alone counts as disclosed and
// against the reader, until it acknowledges. Tags that a reader could not know before it was shown
// something come after.
import type { Refusal } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { CommandType, Context, View, Write } from '#ledger/apply'
import { commandType, digest, index, no, tags } from './plan.ts'
import { useTags } from './permit.ts'
import type { Closing, DeclineCode, Permit } from './records.ts'
import { acknowledgeMs, declineCodes, Draft, keepPermit, permitOf } from './records.ts'

/**
 * Most permits that one command closes, acknowledges or tags. How many fit depends on their tags:
 * the members and the bytes of an intent are bounded as well.
 */
export const receiptsMax = 256

type Tags = { readonly [slot: string]: string }

/** An owner's statement that it has answered under a permit. */
export type Receipt = {
  readonly permit: number
  readonly tags: Tags
  /** Merkle root of the openings that were shown. */
  readonly root: string
  /** The reader has not signed that it received them. */
  readonly oneSided: boolean
}

type OfOwner = { readonly permit: Permit; readonly member: string }

/** The permit as one of whose owners this member signs, or the refusal. */
function ofOwner(draft: Draft, entry: number, context: Context): OfOwner | Refusal {
  const permit = permitOf(draft, entry)
  if (permit === undefined) return no('sharing/unknown-permit')
  const { member } = context
  return permit.owners[member] === undefined ? no('sharing/not-owner') : { permit, member }
}

function closedAs({ permit, member }: OfOwner, how: Closing): Permit {
  return { ...permit, closed: { ...permit.closed, [member]: how } }
}

/** Each of a list in its turn; the first refusal refuses the whole. */
function each<T>(
  asked: { readonly view: View; readonly context: Context; readonly field: string },
  list: readonly T[],
  one: (draft: Draft, item: T, context: Context) => Refusal | null,
): readonly Write[] | Refusal {
  const draft = new Draft(asked.view)
  for (const [at, item] of list.entries()) {
    const refusal = one(draft, item, asked.context)
    if (refusal !== null) return { code: refusal.code, at: `body.${asked.field}[${at}]` }
  }
  return draft.writes()
}

const receipts = commandType<{ readonly receipts: readonly Receipt[] }>({
  name: 'share.receipts',
  body: {
    fields: {
      receipts: {
        k: 'list',
        of: { k: 'record', fields: { permit: index, tags, root: digest, oneSided: { k: 'bool' } } },
        min: 1,
        max: receiptsMax,
      },
    },
  },
  budget: 'receipts',
  decide: ({ view, body, context }) =>
    each({ view, context, field: 'receipts' }, body.receipts, closeByReceipt),
})

function closeByReceipt(draft: Draft, receipt: Receipt, context: Context): Refusal | null {
  const of = ofOwner(draft, receipt.permit, context)
  if (isRefusal(of)) return of
  const { permit, member } = of
  const before = permit.closed[member]
  // A countersignature that comes late takes the place of what the owner had closed alone.
  const late = before === 'one-sided' && !receipt.oneSided
  if (before !== undefined && !late) return no('sharing/already-closed')
  if (receipt.oneSided && context.time < permit.answerBy + acknowledgeMs) {
    return no('sharing/too-early')
  }
  const { entry, time } = context
  const use = { tags: receipt.tags, slots: permit.slots, entry, permit: receipt.permit }
  const given = useTags(draft, use, time)
  if (isRefusal(given)) return given
  const by = (receipt.oneSided ? 1 : 0) - (late ? 1 : 0)
  if (by !== 0) draft.countAlone(permit.reader, member, by)
  const how = receipt.oneSided ? 'one-sided' : 'receipt'
  keepPermit(draft, receipt.permit, closedAs(of, how), time)
  return null
}

type DeclineBody = { readonly permit: number; readonly code: DeclineCode; readonly tags?: Tags }

const decline = commandType<DeclineBody>({
  name: 'share.decline',
  body: {
    fields: { permit: index, code: { k: 'enum', of: declineCodes }, tags },
    optional: ['tags'],
  },
  budget: 'receipts',
  outcome: { fields: { reader: { k: 'member' } } },
  decide: ({ view, body, context }) => {
    const draft = new Draft(view)
    const of = ofOwner(draft, body.permit, context)
    if (isRefusal(of)) return of
    const { permit, member } = of
    if (permit.closed[member] !== undefined) return no('sharing/already-closed')
    const { entry, time } = context
    const use = { tags: body.tags ?? {}, slots: permit.slots, entry, permit: body.permit }
    const given = useTags(draft, use, time)
    if (isRefusal(given)) return given
    draft.count(member, { declined: 1 })
    keepPermit(draft, body.permit, closedAs(of, body.code), time)
    return { writes: draft.writes(), outcome: { reader: permit.reader } }
  },
})

type Acknowledged = { readonly permit: number; readonly owner: string }

const acknowledge = commandType<{ readonly permits: readonly Acknowledged[] }>({
  name: 'share.acknowledge',
  body: {
    fields: {
      permits: {
        k: 'list',
        of: { k: 'record', fields: { permit: index, owner: { k: 'member' } } },
        min: 1,
        max: receiptsMax,
      },
    },
  },
  budget: 'receipts',
  decide: ({ view, body, context }) =>
    each({ view, context, field: 'permits' }, body.permits, acknowledgeOne),
})

function acknowledgeOne(draft: Draft, given: Acknowledged, context: Context): Refusal | null {
  const permit = permitOf(draft, given.permit)
  if (permit === undefined) return no('sharing/unknown-permit')
  if (permit.reader !== context.member) return no('sharing/not-reader')
  if (permit.closed[given.owner] !== 'one-sided') return no('sharing/not-one-sided')
  draft.countAlone(permit.reader, given.owner, -1)
  const next = closedAs({ permit, member: given.owner }, 'receipt')
  keepPermit(draft, given.permit, next, context.time)
  return null
}

type Tagged = { readonly permit: number; readonly tags: Tags }

const tag = commandType<{ readonly uses: readonly Tagged[] }>({
  name: 'share.tag',
  body: {
    fields: {
      uses: {
        k: 'list',
        of: { k: 'record', fields: { permit: index, tags } },
        min: 1,
        max: receiptsMax,
      },
    },
  },
  budget: 'receipts',
  decide: ({ view, body, context }) => each({ view, context, field: 'uses' }, body.uses, tagOne),
})

function tagOne(draft: Draft, given: Tagged, context: Context): Refusal | null {
  const permit = permitOf(draft, given.permit)
  if (permit === undefined) return no('sharing/unknown-permit')
  if (permit.reader !== context.member) return no('sharing/not-reader')
  const { entry, time } = context
  const use = { tags: given.tags, slots: permit.slots, entry, permit: given.permit }
  const slots = useTags(draft, use, time)
  if (isRefusal(slots)) return slots
  if (slots.some((slot) => !permit.untagged.includes(slot))) return no('sharing/already-tagged')
  const untagged = permit.untagged.filter((slot) => !slots.includes(slot))
  const { overdue, ...rest } = permit
  const cleared = overdue === true && untagged.length === 0
  if (cleared) draft.count(permit.reader, { untagged: -1 })
  const next = { ...rest, untagged, ...(overdue === undefined || cleared ? {} : { overdue }) }
  keepPermit(draft, given.permit, next, time)
  return null
}

/** What ends permits. */
export const closingTypes: readonly CommandType[] = [receipts, decline, acknowledge, tag]
