// The two deeds of which a case consists once it is filed: sources answer, parties act. An act is
// completed by one command, whatever is inside its commitments; the ledger sees that it was open,
// that its party recorded it, and on which generations it rests.
import type { Json } from '#base/canonical'
import { isRefusal } from '#ledger/command'
import type { CommandType } from '#ledger/apply'
import { elseOf } from '#blueprint/check'
import { b32, commandType, element, gensByName, id16, name, no } from './records.ts'
import { officersRefused, parts, partsByName, time } from './records.ts'
import type { ProcessesCode } from './records.ts'
import type { CompiledAct, CompiledItem } from './compile.ts'
import { documentText, publicValues } from './compile.ts'
import type { ActState, Answer, Part, SupplyState } from './records.ts'
import { actKey, positionKey } from './records.ts'
import type { Draft } from './case.ts'
import { draftOf, isAskable, slotGens, sourceOf, speakerOf, staleInputs } from './case.ts'
import { replaceParts, unvoid, withoutOpening } from './case.ts'
import { isOfClasses, namingRefused } from './turns.ts'

/**
 * Commitments of one item by one giver, and elements of a list, at most: each command on a case
 * looks at all of its elements, so what is longer goes into several cases.
 */
const listMax = 256

type SupplyBody = {
  readonly case: string
  readonly item: string
  readonly slots: { readonly [slot: string]: number }
  readonly answer: Answer | 'down'
  readonly parts: readonly string[]
  readonly asOf: number
  readonly element?: number
  readonly last?: boolean
  readonly public?: string
}

const answers: readonly SupplyBody['answer'][] = [
  'register',
  'original',
  'copy',
  'declared',
  'pledged',
  'owed',
  'down',
]

const supply = commandType<SupplyBody>({
  name: 'case.supply',
  body: {
    fields: {
      case: id16,
      item: name,
      slots: gensByName,
      answer: { k: 'enum', of: answers },
      parts,
      asOf: time,
      element,
      last: { k: 'bool' },
      public: b32,
    },
    optional: ['element', 'last', 'public'],
  },
  budget: 'cases',
  documents: (body) => (body.public === undefined ? [] : [body.public]),
  decide: (question) => {
    const { body } = question
    const draft = draftOf(question, body.case)
    if (isRefusal(draft)) return draft
    const item = draft.compiled.items.get(body.item)
    if (item?.from === undefined) return no('processes/no-such-name', 'body.item')
    const code = supplyRefused(draft, item, body)
    if (code !== null) return no(code)
    return body.answer === 'down' ? down(draft, item, body) : answer(draft, item, body)
  },
})

function positionOf(body: { readonly element?: number }): string {
  return body.element === undefined ? '' : `${body.element}`
}

function supplyRefused(draft: Draft, item: CompiledItem, body: SupplyBody): ProcessesCode | null {
  const standing = draft.standing()
  const position = positionOf(body)
  if (!isAskable(standing, item)) return 'processes/not-asked'
  if (!standing.positions(item).includes(position)) return 'processes/bad-element'
  const source = sourceRefused(draft, item, body)
  if (source !== null) return source
  const gens = slotGens(standing, item)
  const names = Object.keys(gens)
  const same = names.every((slot) => body.slots[slot] === gens[slot])
  if (!same || Object.keys(body.slots).length !== names.length) return 'processes/wrong-slot'
  return body.asOf > draft.context.time ? 'processes/bad-time' : null
}

// The source itself; or, once it has said that it cannot answer or is late, whoever stands in.
function sourceRefused(draft: Draft, item: CompiledItem, body: SupplyBody): ProcessesCode | null {
  const standing = draft.standing()
  const position = positionOf(body)
  const { member } = draft.context
  const isPerson = draft.compiled.blueprint.parties[item.from ?? '']?.files === true
  const own: readonly SupplyBody['answer'][] = isPerson
    ? ['declared', 'copy', 'original']
    : ['register', 'down']
  const isSource = sourceOf(standing, item, position) === member
  if (isSource && own.includes(body.answer)) return null
  const other = draft.compiled.blueprint.evidence[item.name]?.else
  const { kind, by } = elseOf(other)
  if (by === undefined || speakerOf(standing, by, position === '' ? '0' : position) !== member) {
    return 'processes/not-the-source'
  }
  const state = standing.supplyOf(item.name, position)
  const hasAnswered = state?.u === 'register' && standing.answered(item, position) === 'yes'
  if (hasAnswered) return 'processes/answered'
  if (state?.x === undefined && state?.l === undefined) return 'processes/not-the-source'
  const stands: { readonly [kind: string]: readonly SupplyBody['answer'][] } = {
    ask:
      other !== undefined && 'ask' in other && other.ask.least === 'original'
        ? ['original']
        : ['original', 'copy'],
    owe: ['owed', 'declared', 'copy', 'original'],
    pledge: ['pledged'],
  }
  return stands[kind]?.includes(body.answer) === true ? null : 'processes/not-the-source'
}

function down(draft: Draft, item: CompiledItem, body: SupplyBody): ReturnType<Draft['writes']> {
  if (body.parts.length > 0) return no('processes/wrong-parts', 'body.parts')
  const position = positionOf(body)
  const { time: now } = draft.context
  const state = draft.record.items[item.name]
  const before = state?.s?.[positionKey(position)]
  // What was voided is no answer; the failure says that there will be none for now.
  const isVoid = state?.v?.includes(`supply/${position}`) === true
  const kept: SupplyState = isVoid ? {} : (before ?? {})
  if (isVoid) unvoid(draft, item.name, `supply/${position}`)
  draft.setSupply(item.name, position, { ...kept, x: now })
  return draft.writes()
}

function answer(draft: Draft, item: CompiledItem, body: SupplyBody): ReturnType<Draft['writes']> {
  const position = positionOf(body)
  const standing = draft.standing()
  const state = draft.record.items[item.name] ?? { g: 0 }
  const before = state.s?.[positionKey(position)]
  const part = `supply/${position}`
  const isVoid = state.v?.includes(part) === true
  const record = draft.itemRecord(item.name)
  const isMine = (each: Part): boolean => positionOf(each) === position
  const own = record.parts.filter(isMine)
  const goesOn = item.many && before?.p === 1 && !isVoid
  const old = goesOn ? own : []
  const isOpen = item.many && body.last !== true && body.answer !== 'owed'
  const wrong = supplyCount(item, body, old.length)
  if (wrong !== null) return no(wrong, 'body.parts')
  const values = publicOf(draft, [{ item, count: body.parts.length }], body.public)
  if (values === null) return no('processes/bad-public', 'body.public')
  const named = namingRefused(draft, item, values[0] ?? [])
  if (named !== null) return no(named, 'body.public')
  const isSame =
    !goesOn &&
    !isVoid &&
    before?.t !== undefined &&
    before.p === undefined &&
    !isOpen &&
    own.length === body.parts.length &&
    own.every(({ c }, at) => c === body.parts[at])
  if (!isSame) {
    const gen = (own[0]?.gen ?? 0) + 1
    const by = draft.context.member
    const fresh = body.parts.map((c): Part => {
      const plain: Part = { c, from: 'supply', by, gen }
      return body.element === undefined ? plain : { ...plain, element: body.element }
    })
    replaceParts(draft, item, {
      isMine: goesOn ? () => false : isMine,
      fresh,
      values: values[0] ?? [],
    })
    unvoid(draft, item.name, part)
  }
  const bindings = item.bindings.map((each) => [each, standing.record.items[each]?.g ?? 0] as const)
  draft.setSupply(item.name, position, {
    t: body.asOf,
    u: body.answer as Answer,
    ...(bindings.length === 0 ? {} : { r: Object.fromEntries(bindings) }),
    ...(isOpen ? { p: 1 } : {}),
    // A source that failed stays marked until it answers itself, so that it is asked again.
    ...(body.answer === 'register' || before?.x === undefined ? {} : { x: before.x }),
  })
  draft.putItem(item.name, { ...draft.itemRecord(item.name), asOf: body.asOf })
  if (draft.compiled.blueprint.parties[item.from ?? '']?.files === true) draft.hear()
  return draft.writes()
}

function supplyCount(item: CompiledItem, body: SupplyBody, before: number): ProcessesCode | null {
  const count = body.parts.length
  if (body.answer === 'owed') return count <= 1 ? null : 'processes/wrong-parts'
  if (!item.many) return count === 1 ? null : 'processes/wrong-parts'
  if (before + count > listMax) return 'processes/too-many'
  return count > 0 || body.last === true ? null : 'processes/wrong-parts'
}

type Wanted = { readonly item: CompiledItem; readonly count: number }

/** Public values by item out of one document over all of them, or null where it does not fit. */
function publicOf(
  draft: Draft,
  wanted: readonly Wanted[],
  hash: string | undefined,
): readonly (readonly (Json | null)[])[] | null {
  const open = wanted.filter(({ item, count }) => item.fields.length > 0 && count > 0)
  if (open.length === 0) return hash === undefined ? wanted.map(() => []) : null
  const text = hash === undefined ? null : documentText(draft.view.document(hash))
  const [first] = open
  if (first === undefined || open.length > 1) return null
  const values = publicValues(first.item, text, first.count)
  return values === null ? null : wanted.map((each) => (each === first ? values : []))
}

type ActBody = {
  readonly case: string
  readonly act: string
  readonly element?: number
  readonly reads: { readonly [name: string]: number }
  readonly gives: { readonly [item: string]: readonly string[] }
  readonly approval?: string
  readonly rule?: string
  readonly public?: string
}

const act = commandType<ActBody>({
  name: 'case.act',
  body: {
    fields: {
      case: id16,
      act: name,
      element,
      reads: gensByName,
      gives: partsByName,
      approval: b32,
      rule: b32,
      public: b32,
    },
    optional: ['element', 'approval', 'rule', 'public'],
  },
  budget: 'cases',
  documents: (body) => (body.public === undefined ? [] : [body.public]),
  decide: (question) => {
    const { body, context, view } = question
    const draft = draftOf(question, body.case, ['open', 'ended', 'withdrawn', 'lapsed'])
    if (isRefusal(draft)) return draft
    const compiled = draft.compiled.acts.get(body.act)
    if (compiled === undefined) return no('processes/no-such-name', 'body.act')
    const code = actRefused(draft, compiled, body)
    if (code !== null) return no(code)
    const officers = officersRefused(view, context, compiled.posts)
    if (officers !== null) return officers
    const misfit = complete(draft, compiled, body)
    return misfit === null ? draft.writes() : no(misfit)
  },
})

function actRefused(draft: Draft, compiled: CompiledAct, body: ActBody): ProcessesCode | null {
  const standing = draft.standing()
  const closed = standing.closed(compiled, body.element)
  if (closed !== null) return closed
  const { member, time: now } = draft.context
  if (!standing.recorders(compiled, body.element).includes(member)) return 'processes/not-party'
  if (!standing.isCurrent(compiled, body.element, body.reads)) return 'processes/stale-read'
  if (standing.paysBack(compiled, body.element)) return null
  // Whoever lost its licence on the way does nothing more under it.
  if (!isOfClasses(draft, compiled, member)) return 'processes/not-of-class'
  const stale = staleInputs(standing, { act: compiled, element: body.element, time: now })
  return stale.length > 0 ? 'processes/stale-evidence' : null
}

/** Completes an act on its inputs as they are; a code where what it gives does not fit. */
function complete(draft: Draft, compiled: CompiledAct, body: ActBody): ProcessesCode | null {
  const { gives } = compiled
  const standing = draft.standing()
  const isWhole = gives.every((item) => body.gives[item] !== undefined)
  if (!isWhole || Object.keys(body.gives).length !== gives.length) return 'processes/wrong-parts'
  const wanted = gives.map((item) => ({
    item: standing.item(item),
    count: body.gives[item]?.length ?? 0,
  }))
  const fits = wanted.every(({ item, count }) =>
    item.many && compiled.act.for === undefined ? count <= listMax : count === 1,
  )
  if (!fits) return 'processes/wrong-parts'
  const values = publicOf(draft, wanted, body.public)
  if (values === null) return 'processes/bad-public'
  for (const [at, { item }] of wanted.entries()) {
    const named = namingRefused(draft, item, values[at] ?? [])
    if (named !== null) return named
  }
  settle(draft, compiled, body, {
    gives: wanted.map(({ item }, at) => ({
      item,
      parts: body.gives[item.name] ?? [],
      values: values[at] ?? [],
    })),
  })
  return null
}

/** What an act gives, and that silence gave it. */
type Settled = {
  readonly gives: readonly {
    readonly item: CompiledItem
    readonly parts: readonly string[]
    readonly values: readonly (Json | null)[]
  }[]
  readonly deemed?: true
}

/** Records that an act is done on its inputs as they are now. */
export function settle(
  draft: Draft,
  compiled: CompiledAct,
  { element: at }: { readonly element?: number },
  settled: Settled,
): void {
  const key = actKey(compiled.name, at)
  const standing = draft.standing()
  const gens = compiled.inputs.map((input) => standing.genOf(input, at))
  const refund = standing.paysBack(compiled, at)
  const before = draft.record.acts[key] ?? {}
  const { k: _k, m: _m, y: _y, ...rest } = withoutOpening(before)
  const own: { [item: string]: number } = {}
  for (const { item, parts: given, values } of settled.gives) {
    const gen = give(
      draft,
      { compiled, key, at, deemed: settled.deemed === true },
      {
        item,
        given,
        values,
      },
    )
    if (item.list !== undefined) own[item.name] = gen
  }
  const state: ActState = {
    ...rest,
    g: gens,
    n: (before.n ?? 0) + 1,
    t: draft.context.time,
    ...(Object.keys(own).length === 0 ? {} : { k: own }),
    ...(settled.deemed === true ? { m: 1 } : {}),
    ...(refund ? { y: 1 } : {}),
  }
  draft.setAct(key, state)
  if (compiled.persons.length > 0) draft.hear()
}

type Giver = {
  readonly compiled: CompiledAct
  readonly key: string
  readonly at: number | undefined
  readonly deemed: boolean
}

/** Gives one item; the generation of this giver's part, which stays where nothing is new. */
function give(
  draft: Draft,
  { compiled, key, at, deemed }: Giver,
  of: {
    readonly item: CompiledItem
    readonly given: readonly string[]
    readonly values: readonly (Json | null)[]
  },
): number {
  const { item, given, values } = of
  const isMine = ({ from, element: own }: Part): boolean => from === compiled.name && own === at
  const old = draft.itemRecord(item.name).parts.filter(isMine)
  const isVoid = draft.standing().isVoid(item.name, key)
  const gen = old[0]?.gen ?? 0
  const wasGiven = draft.record.acts[key]?.g !== undefined
  const isEqual = old.length === given.length && old.every(({ c }, each) => c === given[each])
  if (wasGiven && isEqual && !isVoid && !deemed) return gen
  const by = draft.context.member
  const fresh = given.map((c): Part => {
    const plain = { c, from: compiled.name, by, gen: gen + 1 }
    return at === undefined ? plain : { ...plain, element: at }
  })
  replaceParts(draft, item, {
    isMine,
    fresh,
    values,
    ...(compiled.final === 'no' ? {} : { keeps: true }),
  })
  unvoid(draft, item.name, key)
  return gen + 1
}

export const deedTypes: readonly CommandType[] = [supply, act]
