// Looking up an item in a department's own system by its mapping. The answer is found, absent or
// ambiguous: two rows, a row that disagrees in what else is known, or a cell that cannot be read
// are a matter for a person of the department and never guessed. Which row is meant a steward
// decides in a match ticket, and then it is an answer. A system that does not answer throws the
// failure of its adapter; that is no answer either.
import type { Json } from '#base/canonical'
import type { EvidenceType, Field } from '#blueprint/grammar'
import { fieldOf, valueFaults } from '#blueprint/grammar'
import type { DoubtCode, MappingFault } from './codes.ts'
import { ask, Doubt, own, rowsAtMost } from './asking.ts'
import type { Asked, Asking, RawRow } from './asking.ts'
import { readCell } from './forms.ts'
import type { RawCell } from './forms.ts'
import type { Cell, FieldMapping, Form, ItemMapping, Look, Mapping } from './mapping.ts'
import type { SinkMapping } from './mapping.ts'
import { candidatesMax, meantOf } from './who.ts'

/** What was found. A doubt says why and in which field, and no value. */
export type Found =
  | { readonly state: 'found'; readonly value: { readonly [field: string]: Json } }
  /** `byWord`: a steward has said that nobody of this name has this code. */
  | { readonly state: 'absent'; readonly byWord?: true }
  | {
      readonly state: 'ambiguous'
      readonly code: DoubtCode
      readonly at: string
      /** The match ticket in which a steward decides. */
      readonly ticket?: string
    }

/** The mapping of an item: by application and name if there is one, else by type. */
export function itemMappingOf(
  mapping: Mapping,
  name: { readonly application: string; readonly item: string; readonly type: string },
): ItemMapping | undefined {
  return own(mapping.items, `${name.application}/${name.item}`) ?? own(mapping.items, name.type)
}

/** Where an act is handed in, if its department has said so. */
export function sinkMappingOf(
  mapping: Mapping,
  application: string,
  act: string,
): SinkMapping | undefined {
  return own(mapping.acts ?? {}, `${application}/${act}`)
}

/**
 * Looks up one item. `keys` are those of its slots by their bare names. Throws what the register
 * throws.
 */
export async function lookUp(item: ItemMapping, type: EvidenceType, asked: Asked): Promise<Found> {
  try {
    const row = await mainRow(item, asked)
    if (row === null) return { state: 'absent' }
    if (row === 'other-name') return { state: 'absent', byWord: true }
    const value: { [field: string]: Json } = {}
    for (const [id, mapped] of Object.entries(item.fields)) {
      const field = fieldOf(type, id)
      if (field === undefined) continue
      const found = await fieldValue(mapped, field, { ...asked, row })
      if (found !== undefined) value[id] = found
    }
    const [misfit] = valueFaults(type, value)
    if (misfit !== undefined) throw new Doubt('node/mapping-misfit', misfit.path)
    return { state: 'found', value }
  } catch (doubt) {
    if (!(doubt instanceof Doubt)) throw doubt
    const { code, at, ticket } = doubt
    return { state: 'ambiguous', code, at, ...(ticket === undefined ? {} : { ticket }) }
  }
}

async function mainRow(item: ItemMapping, asked: Asked): Promise<RawRow | 'other-name' | null> {
  const { table, where } = item
  if (table === undefined || where === undefined) return {}
  const columns = new Set(Object.keys(item.agree ?? {}))
  for (const mapped of Object.values(item.fields)) columnsOf(mapped, columns)
  for (const mapped of Object.values(item.former ?? {})) columnsOf(mapped, columns)
  for (const column of Object.keys(where)) columns.add(column)
  const limit = asked.stewards === undefined ? 2 : candidatesMax + 1
  const rows = await ask({ table, where, columns: [...columns], limit }, { ...asked, row: {} })
  return meantOf(item, asked, rows)
}

// Columns of the main row that a field needs, also those by which a further question is put.
function columnsOf(mapped: FieldMapping, columns: Set<string>): void {
  if ('column' in mapped) columns.add(mapped.column)
  if (!('table' in mapped)) return
  for (const wanted of Object.values(mapped.where)) {
    if ('column' in wanted) columns.add(wanted.column)
  }
}

async function fieldValue(
  mapped: FieldMapping,
  field: Field,
  asking: Asking,
): Promise<Json | undefined> {
  if ('constant' in mapped) return mapped.constant
  if ('column' in mapped) return cellValue(mapped, field, asking.row)
  const { take, where, table } = mapped
  const limit = take === 'any' ? 1 : take === 'one' ? 2 : rowsAtMost
  const columns = [...lookColumns(mapped)]
  const rows = await ask({ table, where, columns, limit }, asking)
  // As many as a register gives at once: how many there are nobody knows.
  const isCut = (take === 'count' || take === 'all') && rows.length >= rowsAtMost
  if (isCut) throw new Doubt('node/mapping-too-many-rows', table)
  if (take === 'count') return rows.length
  if (take === 'any') return rows.length > 0
  if (take === 'one' && rows.length > 1) throw new Doubt('node/mapping-two-rows', table)
  const ordered = mapped.order === undefined ? rows : inOrder(rows, mapped.order)
  const values = ordered.map((row) => partValue(mapped, field, row))
  return take === 'one' ? values[0] : values.filter((value) => value !== undefined)
}

function lookColumns({ cell, fields = {}, order }: Look): Set<string> {
  const columns = new Set<string>(order === undefined ? [] : [order])
  if (cell !== undefined) columns.add(cell.column)
  for (const part of Object.values(fields)) if ('column' in part) columns.add(part.column)
  return columns
}

function inOrder(rows: readonly RawRow[], column: string): readonly RawRow[] {
  const place = (row: RawRow): RawCell => row[column] ?? null
  return [...rows].sort((a, b) => {
    const [left, right] = [place(a), place(b)]
    if (left === right) return 0
    if (left === null || right === null) return left === null ? -1 : 1
    return left < right ? -1 : 1
  })
}

function partValue({ cell, fields }: Look, field: Field, row: RawRow): Json | undefined {
  if (cell !== undefined) return cellValue(cell, field, row)
  const value: { [name: string]: Json } = {}
  for (const [name, part] of Object.entries(fields ?? {})) {
    const inner = field.fields?.find(({ id }) => id === name)
    const found =
      'constant' in part ? part.constant : cellValue(part, inner ?? textField(name), row)
    if (found !== undefined) value[name] = found
  }
  return value
}

function textField(id: string): Field {
  return { id, is: 'text' }
}

function cellValue(cell: Cell, field: Field, row: RawRow): Json | undefined {
  const raw = row[cell.column] ?? null
  const form = cell.as ?? formOf(field)
  if (raw === null || raw === '') return form === 'present' ? false : cell.empty
  if (cell.words !== undefined) {
    const word = own(cell.words, String(raw).trim())
    if (word === undefined) throw new Doubt('node/mapping-bad-cell', cell.column)
    return word
  }
  const value = readCell(form, raw)
  if (value === undefined) throw new Doubt('node/mapping-bad-cell', cell.column)
  return value
}

/** The form that a field's kind suggests where the mapping states none. */
function formOf({ is }: Field): Form {
  if (is === 'bool' || is === 'day' || is === 'fen' || is === 'int') return is
  if (is === 'citizen-id') return 'citizen'
  return is === 'uscc' || is === 'real-estate-unit' ? 'code' : 'text'
}

/** What a mapping says wrongly about the types that it names, each with its path. */
export function mappingFaults(
  mapping: Mapping,
  types: ReadonlyMap<string, EvidenceType>,
  registers: readonly string[],
): readonly MappingFault[] {
  return Object.entries(mapping.items).flatMap(([name, item]): readonly MappingFault[] => {
    const path = `items.${name}`
    const register = item.register ?? 'main'
    const unknown: MappingFault[] = registers.includes(register)
      ? []
      : [faultOf('node/mapping-unknown-register', `${path}.register`, register, registers)]
    if (name.includes('/')) return unknown
    const type = types.get(name)
    if (type === undefined) {
      return [...unknown, faultOf('node/mapping-unknown-type', path, name, [...types.keys()])]
    }
    return [...unknown, ...fieldFaults(item, type, path)]
  })
}

function fieldFaults(item: ItemMapping, type: EvidenceType, path: string): readonly MappingFault[] {
  const stated = Object.keys(item.fields)
  const odd = stated.filter((id) => {
    const field = fieldOf(type, id)
    return field === undefined || field.answer !== undefined
  })
  const missing = type.fields.filter(
    ({ id, optional, answer }) => optional !== true && answer === undefined && !stated.includes(id),
  )
  const known = type.fields.flatMap(({ id, answer }) => (answer === undefined ? [id] : []))
  return [
    ...odd.map((id): MappingFault => {
      return faultOf('node/mapping-unknown-field', `${path}.fields.${id}`, id, known)
    }),
    ...missing.map(({ id }): MappingFault => {
      return { path: `${path}.fields`, code: 'node/mapping-missing-field', detail: id }
    }),
  ]
}

function faultOf(
  code: MappingFault['code'],
  path: string,
  value: string,
  among: readonly string[],
): MappingFault {
  return { path, code, found: JSON.stringify(value), among }
}
