// How a decision is handed in: the row that a department's own system is asked to take, put
// together from the decided value, the keys of what it is about, and constants.
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import type { Keys, RawRow } from './asking.ts'
import type { RawCell } from './forms.ts'
import type { Handed, SinkMapping } from './mapping.ts'

/** What a decision is about. */
export type Decided = {
  readonly case: string
  readonly act: string
  /** `YYYY-MM-DD`. */
  readonly day: string
  readonly value: Json
  readonly keys: Keys
}

/** The row of a decision. A field that is absent is an empty cell; a list is its canonical text. */
export function rowOf(mapping: SinkMapping, decided: Decided): RawRow {
  const row: { [column: string]: RawCell } = {}
  for (const [column, handed] of Object.entries(mapping.values))
    row[column] = cellOf(handed, decided)
  return row
}

function cellOf(handed: Handed, decided: Decided): RawCell {
  if ('constant' in handed) return handed.constant
  if ('about' in handed) return decided[handed.about]
  if ('key' in handed)
    return Object.hasOwn(decided.keys, handed.key) ? cell(decided.keys[handed.key]) : null
  return cell(at(decided.value, handed.field.split('.')))
}

function at(value: Json, path: readonly string[]): Json | undefined {
  let found: Json | undefined = value
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined
    found = Object.hasOwn(found, name)
      ? (found as { readonly [name: string]: Json })[name]
      : undefined
  }
  return found
}

function cell(value: Json | undefined): RawCell {
  if (value === undefined || value === null) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'object' ? encodeCanonical(value) : value
}
