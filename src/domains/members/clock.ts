// What people confirm about the machine: its clock after a jump, its outages, its size after a
// restore. Deadlines change rights, so none of these is the node's own opinion; each is a command
// of the operating member, and silence during an outage is never consent.
import { assert } from '#base/assert'
import type { Refusal, Schema } from '#ledger/command'
import type { CommandType, View, Write } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import { outageTable, step } from './lifecycle.ts'
import { commandType, no, refused } from './authority.ts'
import type { Outage } from './records.ts'
import { openOutageKey, outageKey, readRecord, restoreKey, settingsOf, timeKey } from './records.ts'
import { write } from './records.ts'
import { hashSchema } from './keys.ts'

/** The block of a confirmation has the confirmed time, but for this many milliseconds. */
export const confirmedDriftMsMax = 60_000
/** An outage may be declared this long after it began, in milliseconds: 7 days. */
export const outageAgeMsMax = 604_800_000
/** A planned outage begins at most this much later, and lasts at most this long: 30 days. */
export const outagePlannedMsMax = 2_592_000_000
/** Outages that touch the same 30 days. */
export const outagesPerSlotMax = 256

const slotMs = 2_592_000_000
/** Longest outage and longest question, in slots: about forty years. */
const slotsMax = 512

const time: Schema = { k: 'int', min: 0, max: Number.MAX_SAFE_INTEGER }

function operatorsOfficers(view: View): number {
  return settingsOf(view).practice ? 0 : 2
}

type ConfirmBody = { readonly time: number; readonly practice: boolean }

const confirmTime = commandType<ConfirmBody>({
  name: 'time.confirm',
  body: { fields: { time, practice: { k: 'bool' } } },
  budget: 'clock',
  officers: operatorsOfficers,
  replicasOnly: true,
  alone: true,
  confirmsTime: true,
  decide: ({ view, body, context }) => {
    const settings = settingsOf(view)
    if (settings.operator !== context.member) return no('members/not-operator')
    // A practice ledger confirms by itself and may move its clock; its entries say so.
    if (body.practice !== settings.practice) return no('members/not-practice')
    const drift = context.time - body.time
    if (drift > confirmedDriftMsMax || drift < -confirmedDriftMsMax) {
      return no('members/time-differs')
    }
    const { height, member: by } = context
    return [write(timeKey, { time: body.time, practice: body.practice, height, by })]
  },
})

type RestoreBody = { readonly size: number; readonly root: string }

const confirmRestore = commandType<RestoreBody>({
  name: 'restore.confirm',
  body: {
    fields: { size: { k: 'int', min: 1, max: Number.MAX_SAFE_INTEGER }, root: hashSchema },
  },
  budget: 'clock',
  officers: operatorsOfficers,
  replicasOnly: true,
  alone: true,
  decide: ({ view, body, context }) => {
    if (settingsOf(view).operator !== context.member) return no('members/not-operator')
    if (body.size > context.entry) return no('members/too-far', 'body.size')
    const { height, member: by } = context
    return [write(restoreKey, { size: body.size, root: body.root, height, by })]
  },
})

/** Whether a declared outage touches the interval (milliseconds, `toMs` exclusive). */
export function overlaps(view: Reading, fromMs: number, toMs: number): boolean {
  const open = readRecord<{ readonly from: number }>(view, openOutageKey)
  if (open !== undefined && open.from < toMs) return true
  const last = Math.floor(toMs / slotMs)
  const first = Math.floor(fromMs / slotMs)
  assert(last - first <= slotsMax, 'a question about outages spans forty years at most')
  for (let slot = first; slot <= last; slot += 1) {
    const met = outagesIn(view, slot).some(({ from, until }) => from < toMs && fromMs < until)
    if (met) return true
  }
  return false
}

function outagesIn(view: Reading, slot: number): readonly Outage[] {
  return readRecord<readonly Outage[]>(view, outageKey(slot)) ?? []
}

/** Records an outage whose end is known, in every slot that it touches. */
export function recordOutage(view: Reading, outage: Outage): readonly Write[] | Refusal {
  const { from, until } = outage
  if (until <= from) return no('members/bad-interval', 'body.until')
  const first = Math.floor(from / slotMs)
  const last = Math.floor((until - 1) / slotMs)
  if (last - first > slotsMax) return no('members/too-far', 'body.until')
  const writes: Write[] = []
  for (let slot = first; slot <= last; slot += 1) {
    const known = outagesIn(view, slot)
    if (known.length >= outagesPerSlotMax) return no('members/history-full')
    writes.push(write(outageKey(slot), [...known, { from, until }]))
  }
  return writes
}

type DeclareBody = { readonly from: number; readonly until?: number }

const declare = commandType<DeclareBody>({
  name: 'outage.declare',
  body: { fields: { from: time, until: time }, optional: ['until'] },
  budget: 'clock',
  officers: 1,
  replicasOnly: true,
  decide: ({ view, body, context }) => {
    if (settingsOf(view).operator !== context.member) return no('members/not-operator')
    const status = readRecord(view, openOutageKey) === undefined ? 'none' : 'open'
    const kind = body.until === undefined ? 'declare' : 'record'
    const stop = refused(step(outageTable, status, kind))
    if (stop !== null) return stop
    const { time: now } = context
    if (body.from < now - outageAgeMsMax) return no('members/too-far', 'body.from')
    if (body.until === undefined) {
      if (body.from > now) return no('members/bad-interval', 'body.from')
      return [write(openOutageKey, { from: body.from, height: context.height })]
    }
    if (body.from > now + outagePlannedMsMax) return no('members/too-far', 'body.from')
    if (body.until > Math.max(now, body.from) + outagePlannedMsMax) {
      return no('members/too-far', 'body.until')
    }
    return recordOutage(view, { from: body.from, until: body.until })
  },
})

type EndBody = { readonly until: number }

const end = commandType<EndBody>({
  name: 'outage.end',
  body: { fields: { until: time } },
  budget: 'clock',
  officers: 1,
  replicasOnly: true,
  decide: ({ view, body, context }) => {
    if (settingsOf(view).operator !== context.member) return no('members/not-operator')
    const open = readRecord<{ readonly from: number }>(view, openOutageKey)
    const stop = refused(step(outageTable, open === undefined ? 'none' : 'open', 'end'))
    if (stop !== null || open === undefined) return stop ?? no('members/no-outage')
    if (body.until > context.time) return no('members/bad-interval', 'body.until')
    const recorded = recordOutage(view, { from: open.from, until: body.until })
    return 'code' in recorded ? recorded : [...recorded, write(openOutageKey, null)]
  },
})

export const clockTypes: readonly CommandType[] = [confirmTime, confirmRestore, declare, end]
