// Names: everything that a blueprint refers to is declared in it, once, and everything declared is
// used. What fails here is said alone, because the other rules would only repeat it.
import type { Act, Blueprint, Fault } from '#blueprint/grammar'
import {
  fieldOf,
  isKind,
  isRead,
  isSubject,
  listOf,
  parseRead,
  subjectFields,
} from '#blueprint/grammar'
import type { CheckCode } from './faults.ts'
import { fault } from './faults.ts'
import type { Draft, ReadAt } from './graph.ts'
import { byName, fieldOfPath, itemOfPath } from './graph.ts'

/** Every name that leads nowhere. */
export function nameFaults(draft: Draft): readonly Fault[] {
  const { blueprint } = draft
  return [
    ...twice(blueprint),
    ...headFaults(blueprint),
    ...partyNames(draft),
    ...itemNames(draft),
    ...actNames(draft),
    ...restNames(draft),
  ]
}

type Declared = { readonly [name: string]: unknown }

function known(declared: Declared | undefined, name: string): boolean {
  return declared !== undefined && Object.hasOwn(declared, name)
}

function want(
  declared: Declared | undefined,
  code: CheckCode,
  named: readonly (readonly [path: string, name: string | undefined])[],
): Fault[] {
  return named.flatMap(([path, name]) =>
    name === undefined || known(declared, name) ? [] : [fault(code, path, name)],
  )
}

// Items, parties and objects are all read by name, so no two of them may share one.
function twice({ parties, objects = {}, evidence }: Blueprint): Fault[] {
  const inParties = byName(Object.keys(parties)).filter((name) => known(evidence, name))
  const inObjects = byName(Object.keys(objects)).filter(
    (name) => known(evidence, name) || known(parties, name),
  )
  return [
    ...inParties.map((name) => fault('check/name-taken', `parties.${name}`, name)),
    ...inObjects.map((name) => fault('check/name-taken', `objects.${name}`, name)),
  ]
}

function headFaults(blueprint: Blueprint): Fault[] {
  const { lead, parties, law, acts, evidence, result, tail = [], appeal, alike = [] } = blueprint
  return [
    ...want(parties, 'check/no-such-party', [
      ['lead', lead],
      ...alike.flatMap((pair, at) => pair.map((name) => [`alike.${at}`, name] as const)),
    ]),
    ...want(
      evidence,
      'check/no-such-item',
      result.map((item, at) => [`result.${at}`, item]),
    ),
    ...want(
      acts,
      'check/no-such-act',
      tail.map((act, at) => [`tail.${at}`, act]),
    ),
    ...want(law, 'check/no-such-law', [['appeal.law', appeal?.law]]),
  ]
}

/** The slots of a blueprint: persons, firms, members that evidence names, and objects. */
export function isSlot({ parties, objects = {} }: Blueprint, name: string): boolean {
  const party = parties[name]
  return (
    known(objects, name) || (party !== undefined && (isSubject(party) || party.of !== undefined))
  )
}

/** Whether a slot has a key of this name. */
export function hasKey({ parties, objects = {} }: Blueprint, slot: string, key: string): boolean {
  const object = objects[slot]
  if (object !== undefined) return known(object.key, key)
  const party = parties[slot]
  if (party === undefined) return false
  return isSubject(party) ? subjectFields.some(({ id }) => id === key) : key === 'code'
}

/** A path `item.field` that names a field of the type of an item. */
function pathFaults({ blueprint, types }: Draft, path: string, text: string | undefined): Fault[] {
  if (text === undefined) return []
  const item = itemOfPath(text)
  const evidence = blueprint.evidence[item]
  if (evidence === undefined) return [fault('check/no-such-item', path, item)]
  const type = types.get(evidence.type)
  if (type === undefined || fieldOf(type, fieldOfPath(text)) !== undefined) return []
  return [fault('check/no-such-field', path, text)]
}

function partyNames(draft: Draft): Fault[] {
  const { parties, objects = {}, acts, evidence } = draft.blueprint
  const own = byName(Object.keys(parties)).flatMap((name) => {
    const place = `parties.${name}`
    const { of, mandate } = parties[name] as (typeof parties)[string]
    return [
      ...pathFaults(draft, `${place}.of`, of),
      ...want(evidence, 'check/no-such-item', [[`${place}.mandate.item`, mandate?.item]]),
      ...want(objects, 'check/no-such-slot', [[`${place}.mandate.object`, mandate?.object]]),
      ...want(
        acts,
        'check/no-such-act',
        (mandate?.acts ?? []).map((act, at) => [`${place}.mandate.acts.${at}`, act]),
      ),
      ...pathFaults(draft, `${place}.mandate.price`, mandate?.price),
      ...pathFaults(draft, `${place}.mandate.payee`, mandate?.payee),
    ]
  })
  const named = byName(Object.keys(objects)).map(
    (name) => [`objects.${name}.by`, objects[name]?.by] as const,
  )
  return [...own, ...want(parties, 'check/no-such-party', named)]
}

function itemNames({ blueprint, types }: Draft): Fault[] {
  const { evidence, parties, law } = blueprint
  return byName(Object.keys(evidence)).flatMap((name) => {
    const place = `evidence.${name}`
    const item = evidence[name] as (typeof evidence)[string]
    const other = elseOf(item.else)
    return [
      ...(types.has(item.type) ? [] : [fault('check/no-such-type', `${place}.type`, item.type)]),
      ...(isSlot(blueprint, item.about)
        ? []
        : [fault('check/no-such-slot', `${place}.about`, item.about)]),
      ...want(parties, 'check/no-such-party', [
        [`${place}.from`, item.from],
        [`${place}.else.${other.kind}.by`, other.by],
      ]),
      ...want(law, 'check/no-such-law', [[`${place}.else.${other.kind}.law`, other.law]]),
      ...want(evidence, 'check/no-such-item', [[`${place}.supersedes`, item.supersedes]]),
      ...keyFaults(blueprint, item.key ?? [], place),
    ]
  })
}

/** What opens when a source fails, whichever it is. */
export function elseOf(other: Blueprint['evidence'][string]['else']): {
  readonly kind: string
  readonly by?: string
  readonly law?: string
} {
  if (other === undefined) return { kind: '' }
  if ('ask' in other) return { kind: 'ask', by: other.ask.by }
  if ('owe' in other) return { kind: 'owe', by: other.owe.by, law: other.owe.law }
  return { kind: 'pledge', by: other.pledge.by, law: other.pledge.law }
}

function keyFaults(blueprint: Blueprint, keys: readonly string[], place: string): Fault[] {
  return keys.flatMap((path, at) => {
    const slot = itemOfPath(path)
    const spot = `${place}.key.${at}`
    if (!isSlot(blueprint, slot)) return [fault('check/no-such-slot', spot, slot)]
    return hasKey(blueprint, slot, fieldOfPath(path))
      ? []
      : [fault('check/no-such-key', spot, path)]
  })
}

function actNames(draft: Draft): Fault[] {
  const { blueprint, graph } = draft
  return graph.acts.flatMap((name) => {
    const act = blueprint.acts[name] as Act
    return [
      ...ownNames(blueprint, act, `acts.${name}`),
      ...(graph.reads.get(name) ?? []).flatMap((read) => readNames(draft, read, `acts.${name}`)),
      ...settleNames(draft, act, `acts.${name}`),
    ]
  })
}

function ownNames(
  { parties, evidence, acts, law, rules }: Blueprint,
  act: Act,
  place: string,
): Fault[] {
  const by = listOf(act.by)
  const gives = listOf(act.gives)
  return [
    ...want(parties, 'check/no-such-party', [
      ...by.map((party) => [`${place}.by`, party] as const),
      [`${place}.through`, act.through],
    ]),
    ...want(evidence, 'check/no-such-item', [
      ...gives.map((item) => [`${place}.gives`, item] as const),
      [`${place}.for`, act.for],
      [`${place}.consent`, act.consent],
    ]),
    ...want(
      acts,
      'check/no-such-act',
      (act.after ?? []).map((each, at) => [`${place}.after.${at}`, each]),
    ),
    ...want(rules, 'check/no-such-rule', [[`${place}.rule`, act.rule]]),
    ...want(law, 'check/no-such-law', [
      ...listOf(act.law).map((each) => [`${place}.law`, each] as const),
      [`${place}.no.law`, act.no?.law],
    ]),
  ]
}

function readNames({ blueprint, types }: Draft, read: ReadAt, place: string): Fault[] {
  const spot = `${place}.reads.${read.at}`
  const fields = read.fields ?? []
  const item = blueprint.evidence[read.item]
  if (item === undefined) {
    if (!isSlot(blueprint, read.item)) return [fault('check/no-such-item', spot, read.item)]
    const strange = fields.find((key) => !hasKey(blueprint, read.item, key))
    return strange === undefined ? [] : [fault('check/no-such-key', spot, strange)]
  }
  const type = types.get(item.type)
  if (type === undefined) return []
  const strange = fields.find((field) => fieldOf(type, field) === undefined)
  return strange === undefined
    ? []
    : [fault('check/no-such-field', spot, `${read.item}.${strange}`)]
}

function settleNames(draft: Draft, { final }: Act, place: string): Fault[] {
  if (final === undefined || final === true) return []
  const { parties } = draft.blueprint
  return [
    ...pathFaults(draft, `${place}.final.amount`, final.amount),
    ...want(parties, 'check/no-such-party', [[`${place}.final.refunds`, final.refunds]]),
  ]
}

function restNames(draft: Draft): Fault[] {
  const { law, rules = {}, clocks = {}, claims = {}, watches = {} } = draft.blueprint
  const { parties, acts, objects, evidence } = draft.blueprint
  return [
    ...want(
      law,
      'check/no-such-law',
      byName(Object.keys(rules)).map((name) => [`rules.${name}.law`, rules[name]?.law]),
    ),
    ...byName(Object.keys(clocks)).flatMap((name) => {
      const clock = clocks[name] as (typeof clocks)[string]
      return [
        ...want(
          acts,
          'check/no-such-act',
          clock.acts.map((act, at) => [`clocks.${name}.acts.${at}`, act]),
        ),
        ...want(law, 'check/no-such-law', [
          [`clocks.${name}.law`, clock.law],
          [`clocks.${name}.notice.law`, clock.notice?.law],
        ]),
      ]
    }),
    ...byName(Object.keys(claims)).flatMap((name) => [
      ...want(objects, 'check/no-such-slot', [[`claims.${name}`, name]]),
      ...want(parties, 'check/no-such-party', [[`claims.${name}.by`, claims[name]?.by]]),
      ...want(acts, 'check/no-such-act', [[`claims.${name}.at`, claims[name]?.at]]),
    ]),
    ...byName(Object.keys(watches)).flatMap((name) => {
      const { reader, ground, reads } = watches[name] as (typeof watches)[string]
      const read = parseRead(reads)
      const isGround = known(law, ground) || known(evidence, ground)
      return [
        ...want(parties, 'check/no-such-party', [[`watches.${name}.reader`, reader]]),
        ...(isGround
          ? []
          : [fault('check/watch-without-ground', `watches.${name}.ground`, ground)]),
        ...(isRead(read) ? readNames(draft, { ...read, at: 0 }, `watches.${name}`) : [read]),
      ]
    }),
  ]
}

/** Everything that is declared and never used. */
export function idleFaults({ blueprint }: Draft): readonly Fault[] {
  const { parties, law, rules = {}, objects = {}, evidence } = blueprint
  const busy = partiesAtWork(blueprint)
  const cited = lawsCited(blueprint)
  const ruled = Object.values(blueprint.acts).map(({ rule }) => rule)
  const about = Object.values(evidence).map((item) => item.about)
  const idle = (code: CheckCode, place: string, names: readonly string[]): Fault[] =>
    byName(names).map((name) => fault(code, `${place}.${name}`, name))
  return [
    ...idle(
      'check/idle-party',
      'parties',
      Object.keys(parties).filter((name) => !busy.has(name)),
    ),
    ...idle(
      'check/unused-law',
      'law',
      Object.keys(law).filter((name) => !cited.has(name)),
    ),
    ...idle(
      'check/unused-rule',
      'rules',
      Object.keys(rules).filter((name) => !ruled.includes(name)),
    ),
    ...idle(
      'check/unused-object',
      'objects',
      Object.keys(objects).filter((name) => !about.includes(name)),
    ),
  ]
}

function partiesAtWork({
  acts,
  evidence,
  watches = {},
  claims = {},
}: Blueprint): ReadonlySet<string> {
  return new Set([
    ...Object.values(acts).flatMap(({ by, through, final }) => [
      ...listOf(by),
      ...listOf(through),
      ...(final === undefined || final === true ? [] : [final.refunds]),
    ]),
    ...Object.values(evidence).flatMap((item) => [item.from, elseOf(item.else).by].filter(isText)),
    ...Object.values(watches).map(({ reader }) => reader),
    ...Object.values(claims).map(({ by }) => by),
  ])
}

/** Every article on which something rests. */
export function lawsCited(blueprint: Blueprint): ReadonlySet<string> {
  const { acts, evidence, rules = {}, clocks = {}, watches = {}, appeal } = blueprint
  return new Set([
    ...Object.values(acts).flatMap(({ law, no }) => [...listOf(law), ...listOf(no?.law)]),
    ...Object.values(evidence).flatMap((item) => listOf(elseOf(item.else).law)),
    ...Object.values(rules).map(({ law }) => law),
    ...Object.values(clocks).flatMap(({ law, notice }) => [law, ...listOf(notice?.law)]),
    ...Object.values(watches).map(({ ground }) => ground),
    ...listOf(appeal?.law),
  ])
}

function isText(value: string | undefined): value is string {
  return value !== undefined
}

/** Whether a party is a member that is no department: it has no duty to share and none to know. */
export function isOutside({ parties }: Blueprint, name: string): boolean {
  const party = parties[name]
  return party !== undefined && !isSubject(party) && !isKind(party, 'dept')
}
