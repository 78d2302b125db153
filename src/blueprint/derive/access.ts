// Who sees which field of what, by which act and on what ground. The table is complete: nothing
// else is ever disclosed in this application. Registers that look something up see its keys.
import type { Act } from '#blueprint/grammar'
import { listOf } from '#blueprint/grammar'
import { byName, fieldOfPath, itemOfPath } from '#blueprint/check'
import { wholeOf } from './form.ts'
import type { Source } from './source.ts'
import { citesOf } from './source.ts'

/** One disclosure: a party sees these fields of an item, for an act or to look an item up. */
export type Access = {
  readonly party: string
  readonly item: string
  readonly fields: readonly string[]
  /** The act that reads, or the item that is looked up. */
  readonly for: string
  readonly kind: 'act' | 'lookup'
  readonly law: readonly string[]
  /** The item of the consent, or null. */
  readonly consent: string | null
  /** How long the reader may keep its copy; null while the law of its file says so. */
  readonly keep: string | null
}

/** The access matrix, by party, item and purpose. */
export function accessOf(source: Source): readonly Access[] {
  const rows = [...actRows(source), ...lookupRows(source)]
  const key = (row: Access): string => `${row.party} ${row.item} ${row.kind} ${row.for}`
  return rows.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

function actRows(source: Source): Access[] {
  const { blueprint, graph } = source
  return graph.acts.flatMap((name) => {
    const act = blueprint.acts[name] as Act
    // Whoever records the act for another relays it sealed and is no reader.
    return byName(listOf(act.by)).flatMap((party) =>
      (graph.reads.get(name) ?? []).map((read): Access => ({
        party,
        item: read.item,
        fields: read.fields ?? byName(wholeOf(source, read.item)),
        for: name,
        kind: 'act',
        law: citesOf(blueprint, listOf(act.law)),
        consent: act.consent ?? null,
        keep: read.keep === null ? null : `${read.keep.count}${read.keep.unit}`,
      })),
    )
  })
}

function lookupRows({ blueprint }: Source): Access[] {
  const { evidence } = blueprint
  return byName(Object.keys(evidence)).flatMap((item) => {
    const { from, key = [] } = evidence[item] as (typeof evidence)[string]
    if (from === undefined) return []
    const slots = byName(key.map(itemOfPath))
    return slots.map((slot): Access => ({
      party: from,
      item: slot,
      fields: byName(key.filter((path) => itemOfPath(path) === slot).map(fieldOfPath)),
      for: item,
      kind: 'lookup',
      law: [],
      consent: null,
      keep: null,
    }))
  })
}

/** Fields by item that a party sees in all its acts together. */
export function seenBy(source: Source, party: string): ReadonlyMap<string, readonly string[]> {
  const seen = new Map<string, readonly string[]>()
  for (const row of accessOf(source)) {
    if (row.party !== party || row.kind !== 'act') continue
    seen.set(row.item, byName([...(seen.get(row.item) ?? []), ...row.fields]))
  }
  return seen
}
