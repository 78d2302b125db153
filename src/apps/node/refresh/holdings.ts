// What a department holds: the tables that its mapping names. Of each table the columns that the
// mapping reads are the resource, and no other: what nobody is ever shown cannot drift. It promises
// the same holdings, in the same order, for the same mapping.
import { base64urlEncode, utf8Encode } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { sha256 } from '#base/crypto'
import type { Described } from '#adapters/registers'
import { idOf } from '#apps/node/casework'
import type { Cell, FieldMapping, Mapping, Where } from '#apps/node/mapping'

/** A table that a mapping reads. */
export type Holding = {
  /** Name of its item in the catalogue. */
  readonly item: string
  readonly register: string
  readonly table: string
  /** Columns that are read, in the order of their names. */
  readonly columns: readonly string[]
  /** Columns by which its rows are found; without any a row is its own key. */
  readonly key: readonly string[]
  /** Evidence types that are supplied from it. */
  readonly types: readonly string[]
}

type Reading = {
  readonly columns: Set<string>
  readonly types: Set<string>
  key: readonly string[]
}

/** The tables of a mapping. */
export function holdingsOf(mapping: Mapping): readonly Holding[] {
  const tables = new Map<string, Reading>()
  const reading = (register: string, table: string): Reading => {
    const place = JSON.stringify([register, table])
    const known = tables.get(place) ?? { columns: new Set(), types: new Set(), key: [] }
    tables.set(place, known)
    return known
  }
  for (const [name, item] of Object.entries(mapping.items)) {
    const { register = 'main', table, where, agree, former = {}, fields } = item
    const main = table === undefined ? null : reading(register, table)
    if (main !== null) {
      seek(main, where ?? {}, name)
      for (const column of Object.keys(agree ?? {})) main.columns.add(column)
    }
    for (const field of [...Object.values(fields), ...Object.values(former)]) {
      if ('column' in field) main?.columns.add(field.column)
      if (!('table' in field)) continue
      const other = reading(register, field.table)
      seek(other, field.where, name)
      for (const column of columnsOf(field)) other.columns.add(column)
      for (const wanted of Object.values(field.where)) {
        if ('column' in wanted) main?.columns.add(wanted.column)
      }
    }
  }
  return [...tables].map(([place, { columns, types, key }]) => {
    const [register = '', table = ''] = JSON.parse(place) as readonly string[]
    const item = itemOf(register, table)
    return { item, register, table, columns: ordered(columns), key, types: ordered(types) }
  })
}

/** Columns by which a table is asked, and the type that is answered from it. */
function seek(reading: Reading, where: Where, name: string): void {
  const sought = Object.entries(where)
  for (const [column] of sought) reading.columns.add(column)
  const key = sought.flatMap(([column, wanted]) => ('constant' in wanted ? [] : [column]))
  if (reading.key.length === 0) reading.key = key
  if (/^[a-z][a-z0-9-]{0,42}@[1-9]\d{0,3}$/.test(name)) reading.types.add(name)
}

function columnsOf(field: Exclude<FieldMapping, Cell | { readonly constant: unknown }>): string[] {
  const {
    cell,
    fields = {},
    order,
  } = field as {
    readonly cell?: Cell
    readonly fields?: { readonly [name: string]: Cell | { readonly constant: unknown } }
    readonly order?: string
  }
  const parts = Object.values(fields).flatMap((part) => ('column' in part ? [part.column] : []))
  return [...(cell === undefined ? [] : [cell.column]), ...parts, ...(order ? [order] : [])]
}

function ordered(words: ReadonlySet<string>): readonly string[] {
  return [...words].toSorted((a, b) => (a < b ? -1 : 1))
}

/** A name for the catalogue: the table's own where it has the form, else one made of it. */
function itemOf(register: string, table: string): string {
  const plain = register === 'main' && /^[A-Za-z][A-Za-z0-9_]{0,47}$/.test(table)
  return `table.${plain ? table.replaceAll('_', '-') : idOf(register, table).replaceAll('_', '.')}`
}

/** Hash of what a system declares of the columns that are read, base64url. */
export function schemaOf({ columns }: Holding, described: Described): string {
  const declared = described.columns
    .filter(({ name }) => columns.includes(name))
    .map(({ name, type }) => [name, type])
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))
  return base64urlEncode(sha256(utf8Encode(encodeCanonical(declared))))
}

/** The id of a resource: one on one ledger, so that saying it again speaks of the same. */
export function resourceIdOf(ledger: string, member: string, item: string): string {
  const source = item.startsWith('loaded.') ? item.slice('loaded.'.length) : `/${item}`
  const text = `lianban/loaded/${ledger}/${member}/${source}`
  return base64urlEncode(sha256(utf8Encode(text)).subarray(0, 16))
}
