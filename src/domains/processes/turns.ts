// The turns that a case can take beside its deeds. A return, a revocation and an annulment make
// parts void, so that whoever gave them gives them again and what rested on them follows; nothing
// that moved money or the world is undone by a return. Everything else leaves a mark: a binding, a
// delegation, a claim, the outcome.
import type { Refusal, Schema } from '#ledger/command'
import type { Json } from '#base/canonical'
import { isRefusal } from '#ledger/command'
import type { CommandType } from '#ledger/apply'
import { isSubject } from '#blueprint/grammar'
import { isActive, isOfClass } from '#domains/members'
import type { ProcessesCode, Question } from './records.ts'
import { b32, commandType, element, gensByName, id16, member, name, no } from './records.ts'
import { officersRefused } from './records.ts'
import type { CompiledAct, CompiledItem } from './compile.ts'
import { actKey, claimKey, hasAgreed, speaksFor, write } from './records.ts'
import type { Draft } from './case.ts'
import { draftOf, sourceOf, speakerOf, voidParts } from './case.ts'

/** Why an item goes back. The reason in words stands in a vault. */
export const returnReasons = [
  'contradicts',
  'incomplete',
  'outdated',
  'unreadable',
  'wrong',
] as const

type At = { readonly case: string; readonly element?: number }

type ReturnBody = At & {
  readonly act: string
  readonly items: readonly string[]
  readonly reason: (typeof returnReasons)[number]
  readonly note: string
}

const names: Schema = { k: 'list', of: name, min: 1, max: 16 }

const giveBack = commandType<ReturnBody>({
  name: 'case.return',
  body: {
    fields: {
      case: id16,
      act: name,
      element,
      items: names,
      reason: { k: 'enum', of: returnReasons },
      note: b32,
    },
    optional: ['element'],
  },
  budget: 'cases',
  decide: (question) => {
    const { body } = question
    const draft = draftOf(question, body.case)
    if (isRefusal(draft)) return draft
    const act = recordersAct(draft, body)
    if ('code' in act) return act
    for (const each of body.items) {
      const code = returnRefused(draft, act, each)
      if (code !== null) return no(code, 'body.items')
    }
    for (const each of body.items) {
      const item = draft.standing().item(each)
      const only = act.inputs.find((input) => input.name === each)?.each === true
      voidParts(draft, each, partsOf(draft, item, only ? body.element : undefined))
    }
    return draft.writes()
  },
})

/** The open act whose recorder sends this, or the refusal. */
function recordersAct(
  draft: Draft,
  body: { readonly act: string; readonly element?: number },
): CompiledAct | Refusal {
  const act = draft.compiled.acts.get(body.act)
  if (act === undefined) return no('processes/no-such-name', 'body.act')
  const standing = draft.standing()
  const closed = standing.closed(act, body.element)
  if (closed !== null) return no(closed)
  const speaks = standing.recorders(act, body.element).includes(draft.context.member)
  return speaks ? act : no('processes/not-party')
}

function returnRefused(draft: Draft, act: CompiledAct, name: string): ProcessesCode | null {
  const standing = draft.standing()
  const isRead = act.inputs.some((input) => input.name === name && input.is === 'item')
  if (!isRead || standing.available(name) !== 'yes') return 'processes/not-asked'
  const item = standing.item(name)
  if (isFinal(draft, item)) return 'processes/is-final'
  // After the outcome only the tail goes on, so nobody else could give it again.
  const isOver = draft.record.conclusion !== undefined
  return isOver && item.givers.some((each) => !standing.act(each).tail)
    ? 'processes/case-closed'
    : null
}

function isFinal(draft: Draft, item: CompiledItem): boolean {
  return item.givers.some((giver) => draft.standing().act(giver).final !== 'no')
}

/** The keys of an item's parts, or of those of one element. */
function partsOf(draft: Draft, item: CompiledItem, only?: number): readonly string[] {
  const standing = draft.standing()
  if (item.from !== undefined) return standing.positions(item).map((each) => `supply/${each}`)
  return item.givers.flatMap((giver) => {
    const act = standing.act(giver)
    const elements = only === undefined ? standing.elements(act) : [only]
    return elements.map((each) => actKey(giver, each))
  })
}

type ConcludeBody = {
  readonly case: string
  readonly act?: string
  readonly element?: number
  /** The generations on which the no rests; named by whoever read them. */
  readonly reads?: { readonly [name: string]: number }
  readonly outcome: string
}

const conclude = commandType<ConcludeBody>({
  name: 'case.conclude',
  body: {
    fields: { case: id16, act: name, element, reads: gensByName, outcome: b32 },
    optional: ['act', 'element', 'reads'],
  },
  budget: 'cases',
  decide: (question) => {
    const { body, context } = question
    const draft = draftOf(question, body.case)
    if (isRefusal(draft)) return draft
    if (draft.record.conclusion !== undefined) return no('processes/case-closed')
    const conclusion = { c: body.outcome, t: context.time }
    if (body.act !== undefined) {
      const act = recordersAct(draft, { ...body, act: body.act })
      if ('code' in act) return act
      if (act.act.no?.ends !== 'case') return no('processes/no-such-name', 'body.act')
      const { reads, element: at } = body
      const isStale = reads !== undefined && !draft.standing().isCurrent(act, at, reads)
      if (isStale) return no('processes/stale-read')
      const officers = officersRefused(question.view, context, act.handPosts)
      if (officers !== null) return officers
      draft.set({ state: 'ended', conclusion: { ...conclusion, act: body.act } })
      return draft.writes()
    }
    const lead = draft.standing().memberOf(draft.compiled.blueprint.lead)
    if (lead !== context.member) return no('processes/not-party')
    if (!draft.standing().delivered()) return no('processes/not-delivered')
    draft.set({ conclusion })
    return draft.writes()
  },
})

type RevokeBody = { readonly case: string; readonly item: string; readonly approval: string }

const revoke = commandType<RevokeBody>({
  name: 'case.revoke',
  body: { fields: { case: id16, item: name, approval: b32 } },
  budget: 'cases',
  decide: (question) => {
    const { body, context } = question
    // A consent can be taken back as long as anybody may read under it: after the outcome too.
    const draft = draftOf(question, body.case, ['open', 'ended'])
    if (isRefusal(draft)) return draft
    const item = draft.compiled.items.get(body.item)
    if (item === undefined) return no('processes/no-such-name', 'body.item')
    const { acts, watches = {} } = draft.compiled.blueprint
    const isConsent =
      Object.values(acts).some(({ consent }) => consent === body.item) ||
      Object.values(watches).some(({ ground }) => ground === body.item)
    if (!isConsent) return no('processes/not-a-consent', 'body.item')
    const standing = draft.standing()
    const signers = item.givers.flatMap((giver) => standing.act(giver).persons)
    const hosts = signers.flatMap((party) => draft.record.slots[party]?.h ?? [])
    if (!speaksFor(question.view, context.member, hosts)) return no('processes/not-party')
    if (standing.available(body.item) !== 'yes') return no('processes/no-consent')
    voidParts(draft, body.item, partsOf(draft, item))
    draft.hear()
    return draft.writes()
  },
})

type AnnulBody = {
  readonly case: string
  readonly item: string
  readonly law: string
  readonly note: string
}

const annul = commandType<AnnulBody>({
  name: 'case.annul',
  body: { fields: { case: id16, item: name, law: name, note: b32 } },
  budget: 'cases',
  decide: (question) => {
    const { body, context } = question
    const draft = draftOf(question, body.case, ['open', 'ended'])
    if (isRefusal(draft)) return draft
    const item = draft.compiled.items.get(body.item)
    if (item === undefined || item.from !== undefined) {
      return no('processes/no-such-name', 'body.item')
    }
    const { blueprint } = draft.compiled
    if (!Object.hasOwn(blueprint.law, body.law)) return no('processes/no-such-name', 'body.law')
    const record = draft.itemRecord(body.item)
    const owners = record.parts.map(({ by }) => by)
    const own = speaksFor(question.view, context.member, owners)
    const lead = draft.standing().memberOf(blueprint.lead)
    const appeals = draft.record.appealed !== undefined && blueprint.appeal?.to === context.member
    // A counter that took signatures down has not decided anything that it could take back.
    const isDecided = item.givers.some((each) => draft.standing().act(each).persons.length === 0)
    if (!(own && isDecided) && lead !== context.member && !appeals) {
      return no('processes/not-party')
    }
    const officers = officersRefused(question.view, context, 1)
    if (officers !== null) return officers
    const refusedBy = draft.record.conclusion?.act
    const isGiven = (draft.record.items[body.item]?.g ?? 0) > 0
    // A no has given nothing: what is annulled is the outcome, and its act is open again.
    if (!isGiven && (refusedBy === undefined || !item.givers.includes(refusedBy))) {
      return no('processes/not-asked')
    }
    if (isGiven) voidParts(draft, body.item, partsOf(draft, item))
    draft.reopen()
    return draft.writes()
  },
})

/** Whether a path names a public field of an item. */
function isNamedOpenly(item: CompiledItem, path: string): boolean {
  return item.fields.some(({ id }) => `${item.name}.${id}` === path)
}

/** Whether a member is of the classes that an act asks of those who do it themselves. */
export function isOfClasses(
  { view, compiled, context }: Draft,
  act: CompiledAct,
  code: string,
): boolean {
  if (act.act.through !== undefined) return true
  const { parties } = compiled.blueprint
  return act.by.every((party) => isOfClass(view, code, parties[party]?.class, context.time))
}

/** Why a member is not one that evidence may name for a party of this class, or null. */
function namedRefused(draft: Draft, code: string, of: string | undefined): ProcessesCode | null {
  const { view, record, context } = draft
  if (!isOfClass(view, code, of, context.time)) return 'processes/not-of-class'
  return hasAgreed(view, record.blueprint, code) ? null : 'processes/not-agreed'
}

/** Why whom the public values of an item name cannot be the parties that they name, or null. */
export function namingRefused(
  draft: Draft,
  item: CompiledItem,
  values: readonly (Json | null)[],
): ProcessesCode | null {
  for (const party of Object.values(draft.compiled.blueprint.parties)) {
    if (party.of === undefined || isSubject(party) || !isNamedOpenly(item, party.of)) continue
    const field = party.of.slice(item.name.length + 1)
    for (const value of values) {
      const named = (value as { readonly [field: string]: Json } | null)?.[field]
      const code = typeof named === 'string' ? namedRefused(draft, named, party.class) : null
      if (code !== null) return code
    }
  }
  return null
}

type BindBody = { readonly case: string; readonly party: string; readonly member: string }

const bind = commandType<BindBody>({
  name: 'case.bind',
  body: { fields: { case: id16, party: name, member } },
  budget: 'cases',
  decide: (question) => {
    const { view, body, context } = question
    const draft = draftOf(question, body.case)
    if (isRefusal(draft)) return draft
    const party = draft.compiled.blueprint.parties[body.party]
    if (party?.of === undefined || party.files === true) {
      return no('processes/no-such-name', 'body.party')
    }
    const [named = ''] = party.of.split('.')
    const item = draft.standing().item(named)
    // Whom a public field names, nobody else names.
    if (draft.standing().available(named) !== 'yes' || isNamedOpenly(item, party.of)) {
      return no('processes/not-asked')
    }
    const owners = draft.itemRecord(named).parts.map(({ by }) => by)
    const source = sourceOf(draft.standing(), item, '')
    const knowing = [...owners, draft.record.host]
    const mayBind = source === context.member || speaksFor(view, context.member, knowing)
    if (!mayBind) return no('processes/not-party')
    if (!isActive(view, body.member)) return no('processes/not-active', 'body.member')
    const code = namedRefused(draft, body.member, party.class)
    if (code !== null) return no(code, 'body.member')
    draft.set({ members: { ...draft.record.members, [body.party]: body.member } })
    return draft.writes()
  },
})

type DelegateBody = { readonly case: string; readonly act: string; readonly member: string }

const delegate = commandType<DelegateBody>({
  name: 'case.delegate',
  body: { fields: { case: id16, act: name, member } },
  budget: 'cases',
  decide: (question) => {
    const { view, body, context } = question
    const draft = draftOf(question, body.case)
    if (isRefusal(draft)) return draft
    const act = draft.compiled.acts.get(body.act)
    if (act === undefined) return no('processes/no-such-name', 'body.act')
    const own = draft.standing().elements(act)
    const speaks = own.some((at) => draft.standing().recorders(act, at).includes(context.member))
    if (!speaks) return no('processes/not-party')
    if (!isActive(view, body.member)) return no('processes/not-active', 'body.member')
    if (!isOfClasses(draft, act, body.member)) return no('processes/not-of-class', 'body.member')
    if (!hasAgreed(view, draft.record.blueprint, body.member)) {
      return no('processes/not-agreed', 'body.member')
    }
    draft.set({ delegates: { ...draft.record.delegates, [body.act]: body.member } })
    return draft.writes()
  },
})

type ClaimBody = { readonly case: string; readonly object: string; readonly handle?: string }

const grant = commandType<ClaimBody>({
  name: 'claim.grant',
  body: { fields: { case: id16, object: name, handle: id16 } },
  budget: 'cases',
  decide: (question) => {
    const { view, body } = question
    const draft = claimed(question)
    if (isRefusal(draft)) return draft
    const handle = body.handle ?? ''
    if (view.get(claimKey(handle)) !== undefined) return no('processes/claimed', 'body.handle')
    draft.set({ claims: { ...draft.record.claims, [body.object]: handle } })
    draft.also(write(claimKey(handle), { case: body.case, object: body.object }))
    return draft.writes()
  },
})

const deny = commandType<ClaimBody>({
  name: 'claim.deny',
  body: { fields: { case: id16, object: name } },
  budget: 'cases',
  decide: (question) => {
    const draft = claimed(question)
    if (isRefusal(draft)) return draft
    draft.set({ claims: { ...draft.record.claims, [question.body.object]: '' } })
    return draft.writes()
  },
})

/** The case of a claim that its register has not granted; a denied one may be granted later. */
function claimed(question: Question<ClaimBody>): Draft | Refusal {
  const { body, context } = question
  const draft = draftOf(question, body.case)
  if (isRefusal(draft)) return draft
  const { claims = {} } = draft.compiled.blueprint
  const claim = Object.hasOwn(claims, body.object) ? claims[body.object] : undefined
  if (claim === undefined) return no('processes/no-such-name', 'body.object')
  if (draft.record.slots[body.object] === undefined) return no('processes/not-asked')
  const held = draft.record.claims?.[body.object]
  if (held !== undefined && held !== '') return no('processes/already-filed')
  const register = speakerOf(draft.standing(), claim.by, '0')
  return register === context.member ? draft : no('processes/not-the-source')
}

export const turnTypes: readonly CommandType[] = [
  giveBack,
  conclude,
  revoke,
  annul,
  bind,
  delegate,
  grant,
  deny,
]
