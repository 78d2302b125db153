// Rules and conditions: each is checked against exactly what its act reads, so that an operand that
// nobody was allowed to read is an unknown name. Where several acts give one item, their conditions
// are tried on every combination of values that can make a difference.
import type { Json } from '#base/canonical'
import type { Act, Blueprint, EvidenceType, Fault, Field } from '#blueprint/grammar'
import type { Rule, TypeBook } from '#blueprint/grammar'
import { classOf, intMax, isSubject, listOf, subjectFields } from '#blueprint/grammar'
import type { Checked, Fault as RuleFault, Kind } from '#blueprint/rules'
import { checkExpression, checkRule, decodeSchema, isChecked } from '#blueprint/rules'
import { isRule, isSchema } from '#blueprint/rules'
import { fault } from './faults.ts'
import type { Draft, ReadAt } from './graph.ts'

/** The declaration of a kind, as #blueprint/rules reads it. */
export type KindJson = { readonly [member: string]: Json }
export type Names = { readonly [name: string]: KindJson }

/** The kind of a field in a rule. A rule sees values, so classes and units say nothing here. */
function kindOfField(field: Field): KindJson {
  if (field.many === undefined) return kindOfOne(field, field.optional === true)
  return { is: 'list', of: kindOfOne(field, false) }
}

function kindOfOne(field: Field, isOptional: boolean): KindJson {
  const optional: KindJson = isOptional ? { optional: true } : {}
  switch (field.is) {
    case 'bool':
      return { is: 'boolean', ...optional }
    case 'int':
    case 'fen':
      return { is: 'integer', min: field.min ?? 0, max: field.max ?? intMax, ...optional }
    case 'day':
      return { is: 'date', ...optional }
    case 'enum':
      return { is: 'text', values: field.of ?? [], ...optional }
    case 'record':
      return { is: 'record', fields: kindsOf(field.fields ?? []), ...optional }
    case 'firm':
    case 'holder':
    case 'person':
      return { is: 'record', fields: kindsOf(subjectFields), ...optional }
    case 'certificate-id':
    case 'citizen-id':
    case 'file':
    case 'member':
    case 'real-estate-unit':
    case 'service-item':
    case 'text':
    case 'uscc':
      return { is: 'text', ...optional }
  }
}

/** Names and kinds of fields. */
export function kindsOf(fields: readonly Field[]): Names {
  return Object.fromEntries(fields.map((field) => [field.id, kindOfField(field)]))
}

type Source = { readonly blueprint: Blueprint; readonly types: TypeBook }

/** Whether an item is a list where an act reads it: not if the act is done for each element. */
function isListFor({ blueprint }: Source, item: string, act: Act): boolean {
  const { evidence, acts, parties } = blueprint
  if (item === act.for) return false
  if (evidence[item]?.many === true) return true
  // What registers say about all of several persons they say of each of them.
  const { from, about = '' } = evidence[item] ?? {}
  if (from !== undefined && parties[about]?.all === true) return true
  // What an act gives for each element is a list to whoever reads it for none of them.
  const each = Object.values(acts).find((other) => listOf(other.gives).includes(item))?.for
  return each !== undefined && each !== act.for
}

function kindOfItem(source: Source, item: string, wanted: readonly string[] | null): Names {
  const type = source.types.get(source.blueprint.evidence[item]?.type ?? '')
  const fields = (type?.fields ?? []).filter((field) =>
    wanted === null ? classOf(field) !== 'sealed' : wanted.includes(field.id),
  )
  return kindsOf(fields)
}

function kindOfSlot({ blueprint }: Source, slot: string, wanted: readonly string[] | null): Names {
  const object = blueprint.objects?.[slot]
  const party = blueprint.parties[slot]
  const subject = party !== undefined && isSubject(party)
  const keys =
    object !== undefined ? Object.keys(object.key) : subject ? ['code', 'name'] : ['code']
  const read = keys.filter((key) => wanted === null || wanted.includes(key))
  return Object.fromEntries(read.map((key) => [key, { is: 'text' }]))
}

/** The names that a rule or condition of an act may use, as #blueprint/rules declares them. */
export function namesOfReads(source: Source, act: Act, reads: readonly ReadAt[]): Names {
  const kinds = reads.map(({ item, fields, optional }): readonly [string, KindJson] => {
    const isItem = Object.hasOwn(source.blueprint.evidence, item)
    const inner = isItem ? kindOfItem(source, item, fields) : kindOfSlot(source, item, fields)
    const record: KindJson = { is: 'record', fields: inner }
    const party = source.blueprint.parties[item]
    if (isItem ? isListFor(source, item, act) : party?.all === true) {
      return [item, { is: 'list', of: record }]
    }
    return [item, optional ? { ...record, optional: true } : record]
  })
  return Object.fromEntries(kinds)
}

/** The names of what an act gives: for the condition under which its robot may complete it. */
export function namesOfGives(source: Source, act: Act): Names {
  const items = listOf(act.gives).map((item): readonly [string, KindJson] => {
    const record: KindJson = { is: 'record', fields: rowOf(source, item) }
    const isList = source.blueprint.evidence[item]?.many === true
    return [item, isList ? { is: 'list', of: record } : record]
  })
  return Object.fromEntries(items)
}

/** The fields that whoever gives an item writes: all but the answers. */
function rowOf({ blueprint, types }: Source, item: string): Names {
  const type = types.get(blueprint.evidence[item]?.type ?? '')
  return kindsOf((type?.fields ?? []).filter(({ answer }) => answer === undefined))
}

/** The names of a type's own expressions: its guards, and the answers that its owner computes. */
export function namesOfType(type: EvidenceType): Names {
  return kindsOf(type.fields.filter(({ answer }) => answer === undefined))
}

/**
 * What a rule's result gives, by item. A table with one column of results gives values, and as an
 * item each is a record of that column.
 */
export function itemsOfResult(
  { rules = {} }: Blueprint,
  act: Act,
  result: Json,
): { readonly [item: string]: Json } {
  const rule = rules[act.rule ?? '']
  const [name, ...others] = rule !== undefined && 'out' in rule ? rule.out : []
  const named = (value: Json): Json =>
    name === undefined || others.length > 0 ? value : { [name]: value }
  const value = Array.isArray(result) ? result.map((each: Json) => named(each)) : named(result)
  const [only, ...rest] = listOf(act.gives)
  if (only !== undefined && rest.length === 0) return { [only]: value }
  return value as { readonly [item: string]: Json }
}

/** Everything that is wrong with rules and conditions. */
export function ruleFaults(draft: Draft): readonly Fault[] {
  const { blueprint, graph } = draft
  return [
    ...graph.acts.flatMap((name) => {
      const act = blueprint.acts[name] as Act
      const reads = namesOfReads(draft, act, graph.reads.get(name) ?? [])
      const place = `acts.${name}`
      return [
        ...resultFaults(draft, act, { names: reads, place }),
        ...conditionFaults(draft, act.when, { names: reads, place: `${place}.when` }),
        ...(typeof act.auto === 'string'
          ? conditionFaults(draft, act.auto, {
              names: namesOfGives(draft, act),
              place: `${place}.auto`,
            })
          : []),
      ]
    }),
    ...holdFaults(draft),
  ]
}

type Place = { readonly names: Names; readonly place: string }

/** A condition that has no kind, or one that is not a plain yes or no. */
function conditionFaults(draft: Draft, text: string | undefined, { names, place }: Place): Fault[] {
  if (text === undefined) return []
  const checked = checkOver(text, names, place)
  if (!isChecked(checked)) return checked.map((found) => operandFault(draft, found))
  const { kind } = checked
  return kind.is === 'boolean' && !kind.optional ? [] : [fault('check/not-yes-or-no', place, text)]
}

/** An unknown name that is an item of the blueprint is one that the act does not read. */
function operandFault({ blueprint }: Draft, found: RuleFault): Fault {
  const unknown = found.code === 'rules/unknown-name' || found.code === 'rules/unknown-field'
  const name = found.detail?.split('.')[0] ?? ''
  const declared = Object.hasOwn(blueprint.evidence, name) || Object.hasOwn(blueprint.parties, name)
  if (!unknown || !declared) return found
  return fault('check/operand-unread', found.path, found.detail)
}

/** An expression over declared names. */
export function checkOver(
  text: string,
  names: Names,
  path: string,
): Checked | readonly RuleFault[] {
  const schema = decodeSchema(names, path)
  return isSchema(schema) ? checkExpression(text, schema, path) : schema
}

// An invariant over what not everybody can see is one that nobody can keep.
function holdFaults(draft: Draft): Fault[] {
  const { blueprint, types } = draft
  const open: Names = Object.fromEntries(
    Object.entries(blueprint.evidence).map(([item, { type, many }]) => {
      const fields = (types.get(type)?.fields ?? []).filter((field) => classOf(field) === 'public')
      const record: KindJson = { is: 'record', fields: kindsOf(fields) }
      const each = isListFor(draft, item, {} as Act)
      return [
        item,
        many === true || each ? { is: 'list', of: record } : { ...record, optional: true },
      ]
    }),
  )
  return (blueprint.holds ?? []).flatMap((text, at) => {
    const place = `holds.${at}`
    const checked = checkOver(text, open, place)
    if (isChecked(checked)) {
      const { kind } = checked
      const plain = kind.is === 'boolean' && !kind.optional
      return plain ? [] : [fault('check/not-yes-or-no', place, text)]
    }
    return checked.map((found) =>
      found.code === 'rules/unknown-field'
        ? fault('check/hold-not-public', found.path, found.detail)
        : found,
    )
  })
}

// The result of a rule is what its act gives: an item by its fields, several by their names.
function resultFaults(draft: Draft, act: Act, { names, place }: Place): Fault[] {
  const rule = (draft.blueprint.rules ?? {})[act.rule ?? '']
  if (rule === undefined) return []
  const path = `rules.${act.rule ?? ''}`
  const schema = decodeSchema(names, place)
  if (!isSchema(schema)) return [...schema]
  const checked = checkRule(rule as unknown as Json, schema, path)
  if (!isRule(checked)) return checked.map((found) => operandFault(draft, found))
  const wanted = decodeSchema(namesOfGives(draft, act), place)
  if (!isSchema(wanted)) return [...wanted]
  const [only] = [...wanted.names.values()]
  const whole: Kind = { is: 'record', fields: wanted.names, optional: false }
  const fitting = wanted.names.size === 1 && only !== undefined ? only : whole
  const misfit = fault('check/rule-misfit', path, listOf(act.gives).join(', '))
  return fits(namedResult(rule, checked.kind), fitting) ? [] : [misfit]
}

/** A table with one column of results gives a value; as an item it is a record of that column. */
function namedResult(rule: Rule, kind: Kind): Kind {
  const [name, ...others] = 'out' in rule ? rule.out : []
  if (name === undefined || others.length > 0) return kind
  const record = (of: Kind): Kind => ({
    is: 'record',
    fields: new Map([[name, of]]),
    optional: false,
  })
  return kind.is === 'list' ? { ...kind, of: record(kind.of) } : record(kind)
}

/** Whether every value of an answer is one of its field: a word of its list, a number in bounds. */
export function isAnswerOf(field: Field, { kind }: Checked): boolean {
  const schema = decodeSchema(kindsOf([field]), '')
  const wanted = isSchema(schema) ? schema.names.get(field.id) : undefined
  if (wanted === undefined || !fits(kind, wanted)) return false
  if (kind.is !== 'integer' || wanted.is !== 'integer') return true
  return kind.min >= wanted.min && kind.max <= wanted.max
}

/** Whether a kind of a rule's result can stand where a field is wanted. */
function fits(kind: Kind, wanted: Kind): boolean {
  if (wanted.is === 'list')
    return kind.is === 'list' && (kind.of.is === 'null' || fits(kind.of, wanted.of))
  if (kind.is === 'null' || wanted.is === 'null') return wanted.is !== 'null' && wanted.optional
  if (kind.is === 'list' || (kind.optional && !wanted.optional)) return false
  if (kind.is !== wanted.is) return false
  if (kind.is === 'text' && wanted.is === 'text') {
    if (wanted.values === null) return true
    return kind.values !== null && [...kind.values].every((each) => wanted.values?.has(each))
  }
  if (kind.is === 'record' && wanted.is === 'record') {
    const known = [...kind.fields.keys()].every((name) => wanted.fields.has(name))
    return (
      known &&
      [...wanted.fields].every(([name, each]) => {
        const given = kind.fields.get(name)
        return given === undefined
          ? each.is !== 'null' && each.is !== 'list' && each.optional
          : fits(given, each)
      })
    )
  }
  return true
}
