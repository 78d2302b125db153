// A published application made ready for judgement: conditions, rules, answers and guards are read
// and checked once, each over nothing but its own operands, so that judging needs only what these
// name. Compiling depends on the documents alone, so every node judges alike.
import { assert } from '#base/assert'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import type { Graph, KindJson, Names, ReadAt } from '#blueprint/check'
import { graphOf, namesOfGives, namesOfReads, namesOfType } from '#blueprint/check'
import type { Act, Blueprint, EvidenceType, TypeBook } from '#blueprint/grammar'
import { listOf } from '#blueprint/grammar'
import type { Checked, Rule, Schema } from '#blueprint/rules'
import { checkExpression, checkRule, decodeSchema, isChecked, isRule } from '#blueprint/rules'
import { isSchema } from '#blueprint/rules'

/** An expression or rule with the schema over which it is bound: its operands and nothing else. */
export type Bound<T> = { readonly schema: Schema; readonly code: T }

/** What of an act was compiled. */
export type JudgedAct = {
  readonly act: Act
  readonly reads: readonly ReadAt[]
  /** Items and slots that it reads as a list. */
  readonly lists: ReadonlySet<string>
  readonly when: Bound<Checked> | null
  readonly rule: Bound<Rule> | null
  /** The canonical text of the rule, for the digest of its use. */
  readonly ruleText: string
  /** The condition over the result under which the robot gives it; null if there is none. */
  readonly auto: Bound<Checked> | null
}

/** What of a type was compiled. */
export type JudgedType = {
  readonly type: EvidenceType
  readonly answers: ReadonlyMap<string, Bound<Checked>>
  readonly guards: readonly (readonly [id: string, condition: Bound<Checked>])[]
}

/** An application that can be judged. */
export type Judge = {
  readonly blueprint: Blueprint
  readonly types: TypeBook
  readonly graph: Graph
  readonly acts: ReadonlyMap<string, JudgedAct>
  readonly items: ReadonlyMap<string, JudgedType>
}

/**
 * The judge of an application that passed the publication check; anything else is a defect of the
 * caller. Work grows with the documents, so callers keep it.
 */
export function judgeOf(blueprint: Blueprint, types: TypeBook): Judge {
  const graph = graphOf(blueprint)
  const source = { blueprint, types }
  const acts = new Map<string, JudgedAct>()
  for (const name of graph.acts) acts.set(name, judgedAct(source, graph, name))
  const byType = new Map<string, JudgedType>()
  const items = new Map<string, JudgedType>()
  for (const [item, { type }] of Object.entries(blueprint.evidence)) {
    const found = types.get(type)
    assert(found !== undefined, 'every type of a published blueprint is known')
    const judged = byType.get(type) ?? judgedType(found)
    byType.set(type, judged)
    items.set(item, judged)
  }
  return { blueprint, types, graph, acts, items }
}

type Source = { readonly blueprint: Blueprint; readonly types: TypeBook }

function judgedAct(source: Source, graph: Graph, name: string): JudgedAct {
  const act = source.blueprint.acts[name]
  assert(act !== undefined, 'the graph names acts that there are')
  const reads = graph.reads.get(name) ?? []
  const names = namesOfReads(source, act, reads)
  const lists = new Set(Object.keys(names).filter((each) => names[each]?.['is'] === 'list'))
  const rule = act.rule === undefined ? undefined : source.blueprint.rules?.[act.rule]
  return {
    act,
    reads,
    lists,
    when: act.when === undefined ? null : expressionOver(act.when, names),
    rule: rule === undefined ? null : ruleOver(rule as unknown as Json, names),
    ruleText: rule === undefined ? '' : encodeCanonical(rule as unknown as Json),
    auto: typeof act.auto === 'string' ? expressionOver(act.auto, namesOfGives(source, act)) : null,
  }
}

function judgedType(type: EvidenceType): JudgedType {
  const names = namesOfType(type)
  const answers = type.fields.flatMap(({ id, answer }) =>
    answer === undefined ? [] : [[id, expressionOver(answer, names)] as const],
  )
  const guards = Object.entries(type.guards ?? {}).map(
    ([id, { holds }]) => [id, expressionOver(holds, names)] as const,
  )
  return { type, answers: new Map(answers), guards }
}

function schemaOf(names: Names): Schema {
  const schema = decodeSchema(names)
  assert(isSchema(schema), 'names of a published blueprint make a schema')
  return schema
}

function expressionOver(text: string, names: Names): Bound<Checked> {
  const whole = checkExpression(text, schemaOf(names))
  assert(isChecked(whole), 'an expression of a published blueprint is sound')
  const schema = schemaOf(narrow(names, whole.operands))
  const code = checkExpression(text, schema)
  assert(isChecked(code), 'an expression is sound over its own operands')
  return { schema, code }
}

function ruleOver(json: Json, names: Names): Bound<Rule> {
  const whole = checkRule(json, schemaOf(names))
  assert(isRule(whole), 'a rule of a published blueprint is sound')
  const schema = schemaOf(narrow(names, whole.operands))
  const code = checkRule(json, schema)
  assert(isRule(code), 'a rule is sound over its own operands')
  return { schema, code }
}

type Paths = { readonly values: readonly string[]; readonly presence: readonly string[] }

/**
 * The names that operands use, with no more of their fields than these use. Deeper parts come
 * whole.
 */
function narrow(names: Names, { values, presence }: Paths): Names {
  const wanted = new Map<string, Set<string> | null>()
  for (const path of [...values, ...presence]) {
    const [name = '', field] = path.split('.')
    const before = wanted.get(name)
    if (field !== undefined) wanted.set(name, before === null ? null : new Set(before).add(field))
    // A record that is used itself is used whole; one that is only asked about needs no field.
    else if (values.includes(path)) wanted.set(name, null)
    else if (before === undefined) wanted.set(name, new Set())
  }
  const few = [...wanted].map(([name, fields]): readonly [string, KindJson] => {
    const kind = names[name]
    assert(kind !== undefined, 'operands are names of the schema')
    return [name, fields === null ? kind : withFields(kind, fields)]
  })
  return Object.fromEntries(few)
}

function withFields(kind: KindJson, fields: ReadonlySet<string>): KindJson {
  if (kind['is'] === 'list') return { ...kind, of: withFields(kind['of'] as KindJson, fields) }
  if (kind['is'] !== 'record') return kind
  const all = kind['fields'] as Names
  const few = Object.entries(all).filter(([id]) => fields.has(id))
  return { ...kind, fields: Object.fromEntries(few) }
}

/** The items that an act gives. */
export function givesOf(act: Act): readonly string[] {
  return listOf(act.gives)
}
