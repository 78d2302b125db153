// Flow: every item has one source, nothing waits in a circle, and from every state that a case can
// reach somebody can act or there is an outcome. The last is a rule about the shape alone; why it
// implies the property is argued in docs/decisions.
import type { Json } from '#base/canonical'
import type { Act, Blueprint, Fault } from '#blueprint/grammar'
import { fieldOf, isSubject, listOf } from '#blueprint/grammar'
import type { Checked, Expression, Kind } from '#blueprint/rules'
import { bindInputs, evaluate, isChecked, isFault, isInputs } from '#blueprint/rules'
import { fault } from './faults.ts'
import type { Draft } from './graph.ts'
import { ancestorsOf, byName, fieldOfPath, itemOfPath, itemsBefore } from './graph.ts'
import { isByMember } from './law.ts'
import type { KindJson, Names } from './rules.ts'
import { checkOver, namesOfReads } from './rules.ts'

/** Circles, alone, because no other rule of the flow means anything in one. */
export function cycleFaults({ graph, blueprint }: Draft): readonly Fault[] {
  if (graph.cycle === null) return []
  // The circle is told from its first act, so that every node tells it alike.
  const acts = byName(graph.cycle.filter((name) => Object.hasOwn(blueprint.acts, name)))
  const [first = graph.cycle[0] as string] = acts
  const at = graph.cycle.indexOf(first)
  const round = [...graph.cycle.slice(at), ...graph.cycle.slice(0, at)].join(' ← ')
  return [fault('check/cycle', acts.length > 0 ? `acts.${first}` : `evidence.${first}`, round)]
}

/** Everything that is wrong about sources, order and ends. */
export function flowFaults(draft: Draft): readonly Fault[] {
  return [
    ...sourceFaults(draft),
    ...unreadFaults(draft),
    ...endFaults(draft),
    ...tailFaults(draft),
    ...personFaults(draft),
  ]
}

function sourceFaults(draft: Draft): Fault[] {
  const { blueprint, graph } = draft
  const { evidence, result } = blueprint
  const own = byName(Object.keys(evidence)).flatMap((item) => {
    const givers = graph.givers.get(item) ?? []
    const supplied = evidence[item]?.from !== undefined
    const place = `evidence.${item}`
    if (supplied)
      return givers.length === 0 ? [] : [fault('check/two-sources', place, givers.join(', '))]
    if (givers.length === 0) return [fault('check/no-source', place, item)]
    return overlaps(draft, givers, place)
  })
  const outside = result.flatMap((item, at) =>
    evidence[item]?.from === undefined
      ? []
      : [fault('check/result-not-given', `result.${at}`, item)],
  )
  return [...own, ...outside]
}

// Each pair of givers must be shown to exclude one another by what they read.
function overlaps(draft: Draft, givers: readonly string[], place: string): Fault[] {
  for (const [at, first] of givers.entries()) {
    for (const second of givers.slice(at + 1)) {
      if (exclude(draft, [first, second]).never !== true) {
        return [fault('check/givers-overlap', place, `${first}, ${second}`)]
      }
    }
  }
  return []
}

function unreadFaults({ blueprint, graph }: Draft): Fault[] {
  const { evidence, result, tail = [] } = blueprint
  const used = itemsUsed(blueprint, graph)
  return byName(Object.keys(evidence)).flatMap((item) => {
    if (used.has(item) || result.includes(item)) return []
    if (evidence[item]?.from !== undefined)
      return [fault('check/unread-item', `evidence.${item}`, item)]
    // What the tail gives is its outcome, which nothing in the case needs to read.
    const givers = graph.givers.get(item) ?? []
    const tailed = givers.length > 0 && givers.every((act) => tail.includes(act))
    return tailed ? [] : [fault('check/given-for-nothing', `evidence.${item}`, item)]
  })
}

function itemsUsed(blueprint: Blueprint, graph: Draft['graph']): ReadonlySet<string> {
  const { acts, parties } = blueprint
  const bound = Object.values(parties).flatMap(({ of, mandate }) => [
    ...(of === undefined ? [] : [itemOfPath(of)]),
    ...(mandate === undefined ? [] : [mandate.item]),
  ])
  const read = graph.acts.flatMap((name) =>
    itemsBefore(blueprint, acts[name] as Act, graph.reads.get(name) ?? []),
  )
  return new Set([...bound, ...read])
}

// The result is sure to be decided if each act that it needs can always be completed and what it
// needs always comes: by a giver whose no ends the case, whatever its condition says.
function endFaults(draft: Draft): Fault[] {
  const { blueprint, graph } = draft
  return byName(graph.main).flatMap((name) => {
    const act = blueprint.acts[name] as Act
    const place = `acts.${name}`
    return [
      // Done for each element of a list, a no ends that element, which is an outcome of its own.
      ...(act.no?.ends === 'branch' && act.for === undefined
        ? [fault('check/dead-end', `${place}.no.ends`, name)]
        : []),
      ...conditionFaults(draft, name),
      ...absentParties(draft, act).map((party) =>
        fault('check/waits-for-nobody', `${place}.by`, party),
      ),
    ]
  })
}

function conditionFaults(draft: Draft, name: string): Fault[] {
  const { blueprint, graph } = draft
  const act = blueprint.acts[name] as Act
  if (act.when === undefined) return []
  const covered = listOf(act.gives).every(
    (item) => exclude(draft, graph.givers.get(item) ?? []).always === true,
  )
  return covered ? [] : [fault('check/dead-end', `acts.${name}.when`, act.when)]
}

/** Parties of an act whom a found item need not name. */
function absentParties({ blueprint, types }: Draft, act: Act): readonly string[] {
  return listOf(act.by).filter((name) => {
    const of = blueprint.parties[name]?.of
    if (of === undefined) return false
    const type = types.get(blueprint.evidence[itemOfPath(of)]?.type ?? '')
    return type !== undefined && fieldOf(type, fieldOfPath(of))?.optional === true
  })
}

/** The acts that the result waits for, also those that it could do without. */
function awaitedOf(graph: Draft['graph']): ReadonlySet<string> {
  return new Set([...graph.main].flatMap((name) => [name, ...ancestorsOf(graph, name)]))
}

function tailFaults({ blueprint, graph }: Draft): Fault[] {
  const { tail = [], acts, result } = blueprint
  const awaited = awaitedOf(graph)
  const found = graph.acts.flatMap((name) => {
    if (tail.includes(name) || awaited.has(name)) return []
    return [fault('check/not-in-tail', `acts.${name}`, name)]
  })
  const rest = tail.flatMap((name, at) => {
    if (awaited.has(name)) return [fault('check/needed-in-tail', `tail.${at}`, name)]
    const given = listOf(acts[name]?.gives).find((item) => result.includes(item))
    if (given !== undefined) return [fault('check/needed-in-tail', `tail.${at}`, given)]
    if (acts[name]?.no?.ends !== 'case') return []
    return [fault('check/tail-ends-case', `acts.${name}.no.ends`, name)]
  })
  return [...found, ...rest]
}

// Persons may always stay away. Before money or the world has moved the case lapses; after that
// nothing that the result waits for may wait for them, so each final act comes after all of it.
function personFaults({ blueprint, graph }: Draft): Fault[] {
  const { acts, parties, evidence, lapse } = blueprint
  const awaited = awaitedOf(graph)
  const finals = byName(awaited).filter((name) => acts[name]?.final !== undefined)
  const earlier = finals.map((name) => new Set([name, ...ancestorsOf(graph, name)]))
  const late = byName(awaited).filter(
    (name) =>
      !isByMember(blueprint, acts[name] as Act) && earlier.some((before) => !before.has(name)),
  )
  const unsupplied = byName(Object.keys(evidence)).filter((item) => {
    const source = parties[evidence[item]?.from ?? '']
    if (source === undefined || !isSubject(source)) return false
    const readers = [...awaited].filter((name) =>
      graph.reads.get(name)?.some((read) => read.item === item),
    )
    return readers.length > 0 && earlier.some((before) => !readers.some((name) => before.has(name)))
  })
  const found = [
    ...late.map((name) => fault('check/person-after-final', `acts.${name}`, name)),
    ...unsupplied.map((item) => fault('check/person-after-final', `evidence.${item}`, item)),
  ]
  const persons = [
    ...graph.acts.filter((name) => !isByMember(blueprint, acts[name] as Act)),
    ...Object.values(evidence).flatMap(({ from }) => {
      const party = parties[from ?? '']
      return party !== undefined && isSubject(party) ? [from as string] : []
    }),
  ]
  const endless = lapse === undefined && persons.length > 0
  return endless ? [...found, fault('check/no-lapse', 'lapse', persons[0])] : found
}

/** What is known of several conditions together: never two at once, always one of them. */
export type Exclusion = { readonly never: boolean; readonly always: boolean }

/** Combinations of values that are tried at most. */
const combinationsMax = 1_024

/**
 * Whether the conditions of acts exclude one another and whether they cover everything, found by
 * trying every combination of the values that can make a difference. Both are false where this
 * cannot be shown: a list, a date, or too many combinations.
 */
export function exclude(draft: Draft, acts: readonly string[]): Exclusion {
  const { blueprint, graph } = draft
  const unknown = { never: acts.length < 2, always: false }
  const conditions: Checked[] = []
  const domains = new Map<string, readonly Json[]>()
  for (const name of acts) {
    const act = blueprint.acts[name] as Act
    // An act without a condition always gives.
    if (act.when === undefined) return { never: acts.length < 2, always: true }
    const names = namesOfReads(draft, act, graph.reads.get(name) ?? [])
    const checked = narrowed(act.when, names)
    if (checked === null) return unknown
    conditions.push(checked)
    if (!gather(domains, checked)) return unknown
  }
  return tryAll(conditions, domains) ?? unknown
}

// The condition over nothing but its own operands, so that nothing else needs a value.
function narrowed(text: string, names: Names): Checked | null {
  const whole = checkOver(text, names, '')
  if (!isChecked(whole)) return null
  const paths = [...whole.operands.values, ...whole.operands.presence]
  if (paths.some((path) => path.split('.').length > 2)) return null
  const few: { [name: string]: KindJson } = {}
  for (const path of paths) {
    const [item = '', field] = path.split('.')
    const kind = names[item]
    if (kind === undefined || kind['is'] !== 'record') return null
    const before = (few[item]?.['fields'] ?? {}) as Names
    const own = field === undefined ? {} : { [field]: (kind['fields'] as Names)[field] as KindJson }
    few[item] = { ...kind, fields: { ...before, ...own } }
  }
  const checked = checkOver(text, few, '')
  return isChecked(checked) ? checked : null
}

/** Adds to each operand the values at which its conditions can change; false if there is no end. */
function gather(domains: Map<string, readonly Json[]>, { schema, tree }: Checked): boolean {
  const literals = literalsOf(tree)
  for (const [item, kind] of schema.names) {
    if (kind.is !== 'record') return false
    if (kind.optional) domains.set(item, [true, false])
    for (const [field, inner] of kind.fields) {
      const values = valuesOf(inner, literals)
      if (values === null) return false
      const path = `${item}.${field}`
      domains.set(path, [...new Set([...(domains.get(path) ?? []), ...values])])
    }
  }
  return true
}

function valuesOf(kind: Kind, literals: readonly Json[]): readonly Json[] | null {
  const none: readonly Json[] =
    kind.is !== 'null' && kind.is !== 'list' && kind.optional ? [null] : []
  if (kind.is === 'boolean') return [true, false, ...none]
  if (kind.is === 'text') {
    const texts = literals.filter((each) => typeof each === 'string')
    // A text that no condition names stands for all others.
    return [...(kind.values ?? [...texts, '…']), ...none]
  }
  if (kind.is !== 'integer') return null
  const near = literals.flatMap((each) =>
    typeof each === 'number' ? [each - 1, each, each + 1] : [],
  )
  const inside = [kind.min, kind.max, ...near].filter(
    (each) => each >= kind.min && each <= kind.max,
  )
  return [...inside, ...none]
}

function literalsOf(tree: Expression): readonly Json[] {
  const found: Json[] = []
  const queue: unknown[] = [tree]
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (typeof node !== 'object' || node === null) continue
    if (Array.isArray(node)) queue.push(...(node as readonly unknown[]))
    else {
      const { is, value } = node as { readonly is?: string; readonly value?: Json }
      if (is === 'literal' && value !== undefined) found.push(value)
      queue.push(...Object.values(node))
    }
  }
  return found
}

function tryAll(
  conditions: readonly Checked[],
  domains: ReadonlyMap<string, readonly Json[]>,
): Exclusion | null {
  const paths = [...domains.keys()]
  const count = paths.reduce((product, path) => product * (domains.get(path)?.length ?? 1), 1)
  if (count > combinationsMax) return null
  let never = true
  let always = true
  for (let number = 0; number < count; number += 1) {
    const inputs = combination(domains, paths, number)
    const holding = conditions.filter((each) => holds(each, inputs)).length
    never &&= holding < 2
    always &&= holding > 0
  }
  return { never, always }
}

/** One combination of values, as inputs. */
function combination(
  domains: ReadonlyMap<string, readonly Json[]>,
  paths: readonly string[],
  number: number,
): { readonly [item: string]: Json } {
  const inputs: { [item: string]: { [field: string]: Json } } = {}
  const absent: string[] = []
  let rest = number
  for (const path of paths) {
    const values = domains.get(path) ?? []
    const value = values[rest % values.length] as Json
    rest = Math.floor(rest / values.length)
    const [item = '', field] = path.split('.')
    inputs[item] ??= {}
    if (field !== undefined) inputs[item][field] = value
    else if (value === false) absent.push(item)
  }
  const given = Object.entries(inputs).filter(([item]) => !absent.includes(item))
  return Object.fromEntries(given)
}

function holds(condition: Checked, json: { readonly [item: string]: Json }): boolean {
  const inputs = bindInputs(condition.schema, json)
  if (!isInputs(inputs)) return false
  const result = evaluate(condition, inputs)
  return !isFault(result) && result.value === true
}
