// The form of an act: a page for each item that it gives, beside what it reads, and the reasons
// with which it can say no. What a rule computes is shown and not typed.
import type { Act, EvidenceType, Field, Next } from '#blueprint/grammar'
import { classOf, listOf } from '#blueprint/grammar'
import type { Source } from './source.ts'
import { citesOf } from './source.ts'

/** What is shown beside the form, and how it may be used. */
export type Shown = {
  readonly item: string
  readonly fields: readonly string[]
  readonly optional: boolean
}

/** One page: the fields of an item that are typed in, in the order of the type. */
export type Page = {
  readonly item: string
  readonly type: string
  readonly many: boolean
  readonly fields: readonly Field[]
}

export type Form = {
  readonly act: string
  readonly shown: readonly Shown[]
  readonly pages: readonly Page[]
  /** The rule gives the value; whoever acts confirms it or does it by hand. */
  readonly computed: boolean
  /** Only if this holds does the act apply; else it is completed as not applicable. */
  readonly when: string | null
  readonly where: Act['where'] | null
  readonly law: readonly string[]
  readonly no: readonly { readonly code: string; readonly next: Next }[]
}

/** The form of an act. */
export function formOf(source: Source, name: string): Form {
  const { blueprint, graph } = source
  const act = blueprint.acts[name] as Act
  const shown = (graph.reads.get(name) ?? []).map(({ item, fields, optional }) => ({
    item,
    fields: fields ?? wholeOf(source, item),
    optional,
  }))
  return {
    act: name,
    shown,
    pages: listOf(act.gives).map((item) => pageOf(source, item)),
    computed: act.rule !== undefined,
    when: act.when ?? null,
    where: act.where ?? null,
    law: citesOf(blueprint, listOf(act.law)),
    no: Object.entries(act.no?.codes ?? {}).map(([code, next]) => ({ code, next })),
  }
}

/** The form with which a person supplies an item. */
export function pageOf({ blueprint, types }: Source, item: string): Page {
  const { type, many } = blueprint.evidence[item] as (typeof blueprint.evidence)[string]
  const fields = (types.get(type) as EvidenceType).fields
  return {
    item,
    type,
    many: many === true,
    fields: fields.filter(({ answer }) => answer === undefined),
  }
}

/** All fields that a read without fields shows: whatever is not sealed. */
export function wholeOf({ blueprint, types }: Source, item: string): readonly string[] {
  const type = types.get(blueprint.evidence[item]?.type ?? '')
  if (type !== undefined) {
    return type.fields.filter((field) => classOf(field) !== 'sealed').map(({ id }) => id)
  }
  const object = blueprint.objects?.[item]
  return object === undefined ? ['code', 'name'] : Object.keys(object.key)
}
