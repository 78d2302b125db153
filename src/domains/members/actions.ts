// What members can decide together: a closed list. Each action says whom it concerns (they do not
// vote), how long it waits after the vote, what must hold (asked when it is proposed and again when
// it is carried out) and what it changes. Nothing else is open to a vote.
import type { PublicJwk } from '#base/crypto'
import type { Fields, Refusal, Schema } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { Context, Write } from '#ledger/apply'
import type { KeyRecord, Reading } from '#ledger/validate'
import { readKey } from '#ledger/validate'
import type { MemberStep } from './lifecycle.ts'
import { memberTable, step } from './lifecycle.ts'
import { no, refused, threshold } from './authority.ts'
import type { CodeFrom, Handover, MarkKind } from './records.ts'
import { codeKey, Draft, handoverKey, keyWrites, memberOf, memberWrites } from './records.ts'
import {
  officersKey,
  officersOf,
  pendingKey,
  pendingOf,
  readRecord,
  redactionKey,
} from './records.ts'
import { rollOf, settingsKey, settingsOf, successionKey, write } from './records.ts'
import {
  algSchema,
  custodySchema,
  endKeys,
  hashSchema,
  handleSchema,
  heightSchema,
} from './keys.ts'
import { heightsAheadMax, jwkSchema, keyStatusAt, offeredKey, proofSchema } from './keys.ts'
import { endMember, isLastReplica, memberStatusOf } from './joining.ts'
import { accreditationSpan, clearMark, endAccreditation, giveAccreditation } from './standing.ts'
import { appointAccreditor, hasMark, markKinds } from './standing.ts'
import { recordOutage } from './clock.ts'

type Of<Kind extends string, Body> = { readonly kind: Kind } & Body
type MemberBody = { readonly member: string }
type TypeBody = MemberBody & { readonly type: string }
type SpanBody = { readonly from: number; readonly until: number }

/** An action by its kind; the shape is checked at admission. */
export type Action =
  | Of<'suspend', MemberBody & { readonly ground: string }>
  | Of<'reinstate', MemberBody>
  | Of<'succeed', { readonly from: readonly string[]; readonly to: string; readonly act: string }>
  | Of<
      'rekey',
      MemberBody & {
        readonly alg: KeyRecord['alg']
        readonly jwk: PublicJwk
        readonly custody: KeyRecord['custody']
        readonly proof: string
      }
    >
  | Of<'lower-officers', MemberBody>
  | Of<'appoint-accreditor', TypeBody & { readonly until: number }>
  | Of<'accredit', TypeBody & SpanBody>
  | Of<'end-accreditation', TypeBody>
  | Of<'upgrade', { readonly code: string; readonly fromHeight: number }>
  | Of<'handover', Handover>
  | Of<'redact', { readonly entry: number; readonly leaf: string; readonly law: string }>
  | Of<'clear-mark', { readonly handle: string; readonly mark: MarkKind; readonly setter: string }>
  | Of<'record-outage', SpanBody>

/** Why a member is suspended. */
export const suspensionGrounds = ['compromised', 'misuse', 'unreachable', 'own-wish'] as const
/** Under which law an entry's bytes are withheld. */
export const redactionLaws = ['pipl-47', 'state-secrets', 'court-order'] as const
/** A stolen department key is replaced no sooner than this after the vote, in milliseconds. */
export const rekeyDelayMs = 86_400_000

const member: Schema = { k: 'member' }
const type: Schema = { k: 'name' }
const time: Schema = { k: 'int', min: 0, max: Number.MAX_SAFE_INTEGER }
const index: Schema = { k: 'int', min: 0, max: Number.MAX_SAFE_INTEGER }

const fieldsOf: { readonly [kind in Action['kind']]: Fields } = {
  suspend: { fields: { member, ground: { k: 'enum', of: suspensionGrounds } } },
  reinstate: { fields: { member } },
  succeed: {
    fields: { from: { k: 'list', of: member, min: 1, max: 8 }, to: member, act: hashSchema },
  },
  rekey: {
    fields: { member, alg: algSchema, jwk: jwkSchema, custody: custodySchema, proof: proofSchema },
  },
  'lower-officers': { fields: { member } },
  'appoint-accreditor': { fields: { member, type, until: time } },
  accredit: { fields: { member, type, from: time, until: time } },
  'end-accreditation': { fields: { member, type } },
  upgrade: { fields: { code: hashSchema, fromHeight: heightSchema } },
  handover: {
    fields: {
      engine: hashSchema,
      members: { k: 'list', of: member, min: 1, max: 64 },
      logKeys: { k: 'map', key: 'member', of: hashSchema, max: 64 },
      quorum: { k: 'int', min: 1, max: 64 },
      initialHeight: heightSchema,
    },
  },
  redact: {
    fields: { entry: index, leaf: hashSchema, law: { k: 'enum', of: redactionLaws } },
  },
  'clear-mark': {
    fields: { handle: handleSchema, mark: { k: 'enum', of: markKinds }, setter: member },
  },
  'record-outage': { fields: { from: time, until: time } },
}

/** Any action of the list. */
export const actionSchema: Schema = { k: 'variant', on: 'kind', of: fieldsOf }

/** The members whom the action concerns: as long as there are others, they do not vote on it. */
export function subjectsOf(action: Action): readonly string[] {
  switch (action.kind) {
    case 'suspend':
    case 'reinstate':
    case 'rekey':
    case 'lower-officers':
    case 'appoint-accreditor':
    case 'accredit':
    case 'end-accreditation':
      return [action.member]
    case 'succeed':
      return [...action.from, action.to]
    case 'clear-mark':
      return [action.setter]
    case 'upgrade':
    case 'handover':
    case 'redact':
    case 'record-outage':
      return []
  }
}

/** How long after the vote the action may be carried out, in milliseconds. */
export function delayOf(action: Action): number {
  return action.kind === 'rekey' ? rekeyDelayMs : 0
}

/** What the action changes, or why it cannot be: the same question before and after the vote. */
export function carryOut(
  view: Reading,
  action: Action,
  context: Context,
): readonly Write[] | Refusal {
  switch (action.kind) {
    case 'suspend':
      if (isLastReplica(view, action.member)) return no('members/last-replica')
      return changeState(view, action.member, 'suspend', context)
    case 'reinstate':
      return changeState(view, action.member, 'reinstate', context)
    case 'succeed':
      return succeed(view, action, context)
    case 'rekey':
      return rekey(view, action, context)
    case 'lower-officers':
      return lowerOfficers(view, action.member)
    case 'appoint-accreditor':
      if (memberOf(view, action.member) === undefined) return no('members/unknown-member')
      if (action.until <= context.time) return no('members/bad-interval', 'body.action.until')
      return appointAccreditor(action, context.height)
    case 'accredit':
      return accredit(view, action, context)
    case 'end-accreditation':
      return endAccreditation(view, action, context.time)
    case 'upgrade':
      return upgrade(view, action, context)
    case 'handover':
      return handOver(view, action, context)
    case 'redact':
      return redact(action, context)
    case 'clear-mark': {
      const { handle, mark, setter } = action
      const set = hasMark(view, { handle, kind: mark, by: setter })
      return set ? clearMark(view, { handle, kind: mark, by: setter }) : no('members/not-marked')
    }
    case 'record-outage':
      if (action.until > context.time) return no('members/bad-interval', 'body.action.until')
      return recordOutage(view, action)
  }
}

function changeState(
  view: Reading,
  code: string,
  kind: MemberStep,
  context: Context,
): readonly Write[] | Refusal {
  const outcome = step(memberTable, memberStatusOf(view, code), kind)
  const record = memberOf(view, code)
  if ('refuse' in outcome || record === undefined || outcome.to === 'none') {
    return refused(outcome) ?? no('members/unknown-member')
  }
  return memberWrites(view, { ...record, state: outcome.to, since: context.height + 1 })
}

function succeed(
  view: Reading,
  action: Extract<Action, { readonly kind: 'succeed' }>,
  context: Context,
): readonly Write[] | Refusal {
  const { from, to, act } = action
  const heir = memberOf(view, to)
  if (heir === undefined) return no('members/unknown-member', 'body.action.to')
  if (heir.state !== 'active') return no('members/not-active', 'body.action.to')
  if (from.includes(to) || new Set(from).size !== from.length) return no('members/own-affair')
  const draft = new Draft(view)
  for (const code of from) {
    const stop = refused(step(memberTable, memberStatusOf(draft, code), 'succeed'))
    if (stop !== null) return stop
    if (isLastReplica(draft, code)) return no('members/last-replica')
    draft.put(endMember(draft, { code, context, to }))
    if (settingsOf(draft).operator === code) {
      draft.put([write(settingsKey, { ...settingsOf(draft), operator: to })])
    }
  }
  const height = context.height + 1
  const before = readRecord<readonly object[]>(view, successionKey(to)) ?? []
  const facts = from.map((code) => ({ member: code, act, height }))
  draft.put([write(successionKey(to), [...before, ...facts])])
  draft.put(memberWrites(draft, { ...heir, succeeds: [...(heir.succeeds ?? []), ...from] }))
  return draft.writes()
}

function rekey(
  view: Reading,
  action: Extract<Action, { readonly kind: 'rekey' }>,
  context: Context,
): readonly Write[] | Refusal {
  const { member: code, alg, jwk, custody, proof } = action
  const stop = refused(step(memberTable, memberStatusOf(view, code), 'rekey'))
  if (stop !== null) return stop
  const offered = { use: 'command', alg, jwk, custody, proof } as const
  const key = offeredKey(view, { context, member: code, bound: '' }, offered)
  if (isRefusal(key)) return key
  const { height } = context
  return keyWrites(view, code, height, [...endKeys(view, code, height, 'command'), key])
}

function lowerOfficers(view: Reading, code: string): readonly Write[] | Refusal {
  if (memberOf(view, code) === undefined) return no('members/unknown-member')
  if (!officersOf(view, code).required) return no('members/officer-unknown')
  return [write(officersKey(code), { required: false, enrolled: 0 })]
}

function accredit(
  view: Reading,
  action: Extract<Action, { readonly kind: 'accredit' }>,
  context: Context,
): readonly Write[] | Refusal {
  if (memberOf(view, action.member) === undefined) return no('members/unknown-member')
  const span = accreditationSpan(action, context.time)
  if (isRefusal(span)) return span
  const { height } = context
  return giveAccreditation(view, { ...action, ...span, by: 'governance', height })
}

function upgrade(
  view: Reading,
  action: Extract<Action, { readonly kind: 'upgrade' }>,
  context: Context,
): readonly Write[] | Refusal {
  const { code, fromHeight: from } = action
  if (from <= context.height) return no('members/not-in-the-future', 'body.action.fromHeight')
  if (from > context.height + heightsAheadMax)
    return no('members/too-far', 'body.action.fromHeight')
  const versions = readRecord<readonly CodeFrom[]>(view, codeKey) ?? []
  const last = versions.at(-1)
  if (last !== undefined && last.from >= from) return no('members/bad-interval')
  if (last?.code === code) return no('members/same-code')
  if (versions.length >= codeVersionsMax) return no('members/history-full')
  const pending = pendingOf(view)
  const next = { code, from }
  return [
    write(codeKey, [...versions, next]),
    write(pendingKey, { ...pending, upgrades: [...pending.upgrades, next] }),
  ]
}

/** Code versions that one ledger can name; each is a release that a city has installed. */
const codeVersionsMax = 1_024

function handOver(
  view: Reading,
  action: Extract<Action, { readonly kind: 'handover' }>,
  context: Context,
): readonly Write[] | Refusal {
  const { engine, members, logKeys, quorum, initialHeight } = action
  if (readRecord(view, handoverKey) !== undefined) return no('members/handover-known')
  // The block before the first of the new engine carries the record, so it must still be to come.
  if (initialHeight < context.height + 2) {
    return no('members/not-in-the-future', 'body.action.initialHeight')
  }
  if (initialHeight > context.height + heightsAheadMax) {
    return no('members/too-far', 'body.action.initialHeight')
  }
  const { replicas } = rollOf(view)
  const named = new Set(members)
  const sound =
    named.size === members.length &&
    members.every((code) => replicas.includes(code)) &&
    Object.keys(logKeys).length === members.length &&
    members.every((code) => isLogKeyOf(view, logKeys[code], code, context.height)) &&
    quorum >= Math.max(threshold(members.length), cosigningQuorum(members.length)) &&
    quorum <= members.length
  if (!sound) return no('members/bad-handover')
  const plan: Handover = { engine, members, logKeys, quorum, initialHeight }
  return [write(handoverKey, plan), write(pendingKey, { ...pendingOf(view), handover: plan })]
}

/** More than two thirds: with as many cosignatures no two views of the log can both be signed. */
function cosigningQuorum(members: number): number {
  return Math.floor((2 * members) / 3) + 1
}

function isLogKeyOf(view: Reading, kid: string | undefined, code: string, height: number): boolean {
  const record = kid === undefined ? undefined : readKey(view, kid)
  if (record === undefined || record.member !== code || record.use !== 'log') return false
  return keyStatusAt(record, height) !== 'ended'
}

function redact(
  action: Extract<Action, { readonly kind: 'redact' }>,
  context: Context,
): readonly Write[] | Refusal {
  const { entry, leaf, law } = action
  if (entry >= context.entry) return no('members/not-in-the-future', 'body.action.entry')
  return [write(redactionKey(entry), { entry, leaf, law, height: context.height })]
}
