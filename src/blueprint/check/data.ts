// Data: nothing is sealed and read, nothing about persons is public, every register knows about
// whom and by which key it is asked, no read asks for more sureness than there can be, and the
// impact sheet says exactly what a replica sees of a case.
import type { Act, Blueprint, EvidenceType, Fault, Sureness, TypeBook } from '#blueprint/grammar'
import { classOf, fieldOf, isKind, isPersonal, isSubject, listOf } from '#blueprint/grammar'
import { parseRead, isRead, surenesses } from '#blueprint/grammar'
import type { Checked } from '#blueprint/rules'
import { isChecked } from '#blueprint/rules'
import { fault } from './faults.ts'
import type { Draft } from './graph.ts'
import { byName, fieldOfPath, itemOfPath } from './graph.ts'
import { checkOver, isAnswerOf, namesOfType } from './rules.ts'

type Item = Blueprint['evidence'][string]

/** Everything that is wrong about data. */
export function dataFaults(draft: Draft): readonly Fault[] {
  const { blueprint, graph } = draft
  return [
    ...byName(Object.keys(blueprint.evidence)).flatMap((name) => itemFaults(draft, name)),
    ...joinedFaults(draft),
    ...graph.acts.flatMap((name) => readFaults(draft, name)),
    ...graph.acts.flatMap((name) => actFaults(draft, name)),
    ...watchFaults(draft),
    ...impactFaults(draft),
    ...kindFaults(draft),
  ]
}

/** Everything that is wrong with a type by itself. */
export function typeFaults(type: EvidenceType): readonly Fault[] {
  const place = `types.${type.type}`
  const own = namesOfType(type)
  const open = type.fields.flatMap((field, at) => {
    const isOpen = isPersonal(type) && classOf(field) === 'public'
    return isOpen ? [fault('check/public-about-persons', `${place}.fields.${at}`, field.id)] : []
  })
  const answers = type.fields.flatMap((field, at) => {
    if (field.answer === undefined) return []
    const checked = checkOver(field.answer, own, `${place}.fields.${at}.answer`)
    if (!isChecked(checked)) return [...checked]
    const spot = `${place}.fields.${at}.answer`
    if (!isAnswerOf(field, checked)) return [fault('check/rule-misfit', spot, field.answer)]
    return isTooWide(type, checked) ? [fault('check/answer-too-wide', spot, field.answer)] : []
  })
  const guards = byName(Object.keys(type.guards ?? {})).flatMap((name) => {
    const { holds } = (type.guards ?? {})[name] as { readonly holds: string }
    const checked = checkOver(holds, own, `${place}.guards.${name}.holds`)
    if (!isChecked(checked)) return [...checked]
    const plain = checked.kind.is === 'boolean' && !checked.kind.optional
    return plain ? [] : [fault('check/not-yes-or-no', checked.path, holds)]
  })
  return [...open, ...answers, ...guards]
}

/** Different things that an answer over sealed fields may say, at most. */
const answersMax = 1_000

// A count that could be any number is the sealed field under another name.
function isTooWide(type: EvidenceType, { kind, operands }: Checked): boolean {
  const isSealed = operands.values.some((id) => fieldOf(type, id)?.class === 'sealed')
  return isSealed && kind.is === 'integer' && kind.max - kind.min >= answersMax
}

function itemFaults(draft: Draft, name: string): Fault[] {
  const { blueprint, types } = draft
  const { parties } = blueprint
  const item = blueprint.evidence[name] as Item
  const type = types.get(item.type) as EvidenceType
  const place = `evidence.${name}`
  const found: Fault[] = []
  if (!suits(blueprint, type, item.about)) {
    found.push(fault('check/about-mismatch', `${place}.about`, `${type.about}, ${item.about}`))
  }
  const source = parties[item.from ?? '']
  const isRegister = source !== undefined && !isSubject(source)
  const { key } = item
  if (isRegister) {
    if (key === undefined) found.push(fault('check/register-without-key', place, item.from))
    else if (!key.some((path) => itemOfPath(path) === item.about)) {
      found.push(fault('check/key-of-another', `${place}.key`, item.about))
    }
    if (type.dispute === undefined && type.about !== 'measure') {
      found.push(fault('check/no-dispute-time', `${place}.type`, item.type))
    }
  } else if (key !== undefined)
    found.push(fault('check/key-without-register', `${place}.key`, name))
  return found
}

/** Whether a type can say something about a slot. */
function suits(
  { parties, objects = {} }: Blueprint,
  { about }: EvidenceType,
  slot: string,
): boolean {
  if (Object.hasOwn(objects, slot)) return about === 'object' || about === 'measure'
  const party = parties[slot]
  if (party === undefined) return false
  if (about === 'person' || about === 'household') return isKind(party, 'person')
  return about === 'organisation' && !(party.is === 'person')
}

// Types are joined when an act reads or gives both, or when one says who a party of the other is.
// A public quantity beside a person is a fact about that person.
function joinedFaults({ blueprint, types, graph }: Draft): Fault[] {
  const { acts, evidence, parties } = blueprint
  const group = new Map<string, string>()
  const root = (name: string): string => {
    let at = name
    for (let next = group.get(at); next !== undefined; next = group.get(at)) at = next
    return at
  }
  const join = (names: readonly string[]): void => {
    for (const name of names.slice(1)) {
      if (root(name) !== root(names[0] as string)) group.set(root(name), root(names[0] as string))
    }
  }
  for (const name of graph.acts) {
    const { by, gives } = acts[name] as Act
    const read = (graph.reads.get(name) ?? []).map(({ item }) => item)
    join([...read, ...listOf(gives), ...listOf(by).filter((each) => isPerson(blueprint, each))])
  }
  for (const item of byName(Object.keys(evidence))) join([item, (evidence[item] as Item).about])
  for (const name of byName(Object.keys(parties))) {
    const of = parties[name]?.of
    if (of !== undefined) join([name, itemOfPath(of)])
  }
  const persons = new Set(
    [
      ...Object.keys(parties).filter((name) => isPerson(blueprint, name)),
      ...Object.keys(evidence).filter((item) => isPersonal(typeOf(blueprint, types, item))),
    ].map(root),
  )
  return byName(Object.keys(evidence)).flatMap((item) => {
    if (!persons.has(root(item))) return []
    const open = typeOf(blueprint, types, item).fields.find((field) => classOf(field) === 'public')
    if (open === undefined || isPersonal(typeOf(blueprint, types, item))) return []
    return [fault('check/public-joined', `evidence.${item}`, `${item}.${open.id}`)]
  })
}

function isPerson({ parties }: Blueprint, name: string): boolean {
  const party = parties[name]
  return party !== undefined && isKind(party, 'person')
}

function typeOf({ evidence }: Blueprint, types: TypeBook, item: string): EvidenceType {
  return types.get(evidence[item]?.type ?? '') as EvidenceType
}

function readFaults({ blueprint, types, graph }: Draft, name: string): Fault[] {
  return (graph.reads.get(name) ?? []).flatMap((read) => {
    const item = blueprint.evidence[read.item]
    if (item === undefined) return []
    const type = types.get(item.type) as EvidenceType
    const place = `acts.${name}.reads.${read.at}`
    const sealed = (read.fields ?? []).filter((id) => fieldOf(type, id)?.class === 'sealed')
    const found = sealed.map((id) => fault('check/sealed-read', place, `${read.item}.${id}`))
    const best = bestOf(blueprint, item)
    if (read.least !== null && surenesses.indexOf(best) > surenesses.indexOf(read.least)) {
      found.push(fault('check/never-so-sure', place, `${best} < ${read.least}`))
    }
    return found
  })
}

/** How sure an item can be at the best. */
function bestOf({ parties }: Blueprint, { from }: Item): Sureness {
  const source = parties[from ?? '']
  return source !== undefined && isSubject(source) ? 'declared' : 'register'
}

function actFaults({ blueprint, types, graph }: Draft, name: string): Fault[] {
  const act = blueprint.acts[name] as Act
  const place = `acts.${name}`
  const found: Fault[] = []
  if (act.does === 'pay') {
    const { final } = act
    const path = final === undefined || final === true ? '' : final.amount
    const field = fieldOf(
      typeOf(blueprint, types, itemOfPath(path)) ?? { fields: [] },
      fieldOfPath(path),
    )
    const read = (graph.reads.get(name) ?? []).some(
      ({ item, fields }) =>
        item === itemOfPath(path) && (fields === null || fields.includes(fieldOfPath(path))),
    )
    if (field?.is !== 'fen' || !read)
      found.push(fault('check/not-settling', `${place}.final`, path))
  }
  if (act.for !== undefined && !isList(blueprint, act.for)) {
    found.push(fault('check/bad-for', `${place}.for`, act.for))
  }
  // Whom each element of a list names acts for that element.
  const single = listOf(act.by).find((party) => {
    const { of, all } = blueprint.parties[party] ?? {}
    if (of === undefined || all === true || !isList(blueprint, itemOfPath(of))) return false
    return act.for !== itemOfPath(of)
  })
  if (single !== undefined) found.push(fault('check/bad-for', `${place}.by`, single))
  return found
}

/** Whether an item has several elements: a list, or what is given once for each of a list. */
function isList({ evidence, acts }: Blueprint, item: string): boolean {
  if (evidence[item]?.many === true) return true
  return Object.values(acts).some(
    (act) => act.for !== undefined && listOf(act.gives).includes(item),
  )
}

function watchFaults({ blueprint, types, graph }: Draft): Fault[] {
  const { watches = {}, law, acts } = blueprint
  return byName(Object.keys(watches)).flatMap((name) => {
    const { ground, reads, reader } = watches[name] as NonNullable<Blueprint['watches']>[string]
    const place = `watches.${name}`
    const read = parseRead(reads)
    if (!isRead(read)) return []
    const signed = (graph.givers.get(ground) ?? []).some((act) => acts[act]?.does === 'sign')
    const found: Fault[] = []
    if (!signed && !Object.hasOwn(law, ground)) {
      found.push(fault('check/watch-without-ground', `${place}.ground`, ground))
    }
    // Nobody is told of a change in what he was never allowed to read.
    const allowed = graph.acts.some(
      (act) =>
        listOf(acts[act]?.by).includes(reader) &&
        (graph.reads.get(act) ?? []).some(
          (each) => each.item === read.item && covers(each.fields, read.fields),
        ),
    )
    if (!allowed) found.push(fault('check/watch-unread', `${place}.reads`, reads))
    const type = typeOf(blueprint, types, read.item)
    const sealed = (read.fields ?? []).find((id) => fieldOf(type, id)?.class === 'sealed')
    if (sealed !== undefined) found.push(fault('check/sealed-read', `${place}.reads`, sealed))
    return found
  })
}

function covers(wide: readonly string[] | null, narrow: readonly string[] | null): boolean {
  if (wide === null) return true
  return narrow !== null && narrow.every((field) => wide.includes(field))
}

/** What a replica sees of a case, in the words of the impact sheet, in order. */
export function visibleOf(blueprint: Blueprint, types: TypeBook): readonly string[] {
  const { acts, evidence, claims, tail, parties } = blueprint
  const all = Object.values(acts)
  const opens = Object.keys(evidence).flatMap((item) =>
    (types.get(evidence[item]?.type ?? '')?.fields ?? [])
      .filter((field) => classOf(field) === 'public')
      .map((field) => `public ${item}.${field.id}`),
  )
  const classed = Object.values(parties).some(
    ({ of, member }) => of !== undefined && member === undefined,
  )
  const shown = all.some(
    ({ by, through }) =>
      through === undefined &&
      listOf(by).some(
        (name) => !isSubject(parties[name] ?? { is: 'dept' }) && parties[name]?.of !== undefined,
      ),
  )
  return byName([
    'acting-members',
    'application',
    'times',
    ...(all.some(({ no }) => no?.ends === 'case') ? ['ended-early'] : []),
    ...(all.some(({ auto }) => typeof auto === 'string') ? ['by-hand'] : []),
    ...(all.some((act) => act.for !== undefined) ? ['counts'] : []),
    ...(claims === undefined ? [] : ['claims']),
    ...(tail === undefined ? [] : ['open-tail']),
    ...(classed && shown ? ['chosen-member'] : []),
    ...(Object.values(parties).some(({ mandate }) => mandate !== undefined) ? ['represented'] : []),
    ...opens,
  ])
}

function impactFaults({ blueprint, types }: Draft): Fault[] {
  const visible = visibleOf(blueprint, types)
  const missing = visible.filter((each) => !blueprint.impact.includes(each))
  const extra = blueprint.impact.filter((each) => !visible.includes(each))
  if (missing.length + extra.length === 0) return []
  const detail = [...missing.map((each) => `+ ${each}`), ...extra.map((each) => `- ${each}`)]
  return [fault('check/impact-differs', 'impact', detail.join(', '))]
}

// One graph, three kinds: a certificate outlives its case, in sharing somebody reads what another
// member supplies, in processes several members act.
function kindFaults({ blueprint, types, graph }: Draft): Fault[] {
  const { kind, evidence, acts, parties } = blueprint
  const members = (names: readonly string[]): string[] =>
    names.filter((name) => !isSubject(parties[name] ?? { is: 'person' }))
  if (kind === 'certificates') {
    const gives = Object.keys(evidence).some(
      (item) =>
        evidence[item]?.from === undefined && typeOf(blueprint, types, item).certificate === true,
    )
    return gives ? [] : [fault('check/kind-mismatch', 'kind', kind)]
  }
  if (kind === 'processes') {
    const acting = new Set(graph.acts.flatMap((name) => members(listOf(acts[name]?.by))))
    return acting.size > 1 ? [] : [fault('check/kind-mismatch', 'kind', kind)]
  }
  const shared = graph.acts.some((name) => {
    const by = listOf(acts[name]?.by)
    return (graph.reads.get(name) ?? []).some(({ item }) => {
      const [source] = members(listOf(evidence[item]?.from))
      return source !== undefined && members(by).some((reader) => reader !== source)
    })
  })
  return shared ? [] : [fault('check/kind-mismatch', 'kind', kind)]
}
