// A mapping says where a department's own system holds what the vocabulary asks for: which table,
// which columns, how a cell becomes a field, and in which table a decision is handed back. It is
// data, read strictly: a member that means nothing is a misunderstanding and is refused with its
// path. Nothing in it is executed.
import type { Json } from '#base/canonical'
import type { MappingCode, MappingFault } from './codes.ts'

/** How a cell becomes a value, and how a key is written in a question. */
export type Form =
  | 'text'
  | 'code'
  | 'citizen'
  | 'holder'
  | 'name'
  | 'int'
  | 'fen'
  | 'yuan'
  | 'day'
  | 'bool'
  | 'present'

/** All forms. */
export const forms: readonly Form[] = Object.freeze([
  'text',
  'code',
  'citizen',
  'holder',
  'name',
  'int',
  'fen',
  'yuan',
  'day',
  'bool',
  'present',
])

/** What a column must equal: a key of the slot, a cell of the row found before, or a constant. */
export type Wanted =
  | { readonly key: string; readonly as?: Form }
  | { readonly column: string; readonly as?: Form }
  | { readonly constant: string | number }

/** Columns and what they must equal. */
export type Where = { readonly [column: string]: Wanted }

/** One cell: its column, how it is read, and other words for what stands there. */
export type Cell = {
  readonly column: string
  readonly as?: Form
  /** What a text of the column means. A text that is not named is a doubt. */
  readonly words?: { readonly [text: string]: Json }
  /** The value where the cell is empty; without it the field is absent. */
  readonly empty?: Json
}

/** A question of its own: how many rows, whether any, one cell or all rows. */
export type Look = {
  readonly table: string
  readonly where: Where
  readonly take: 'count' | 'any' | 'one' | 'all'
  /** For `one` and `all`: the cell, or the cells of a subject or record. */
  readonly cell?: Cell
  readonly fields?: { readonly [field: string]: Cell | { readonly constant: Json } }
  /** For `all`: rows are put in the order of this column. */
  readonly order?: string
}

/** How a field is found. */
export type FieldMapping = Cell | Look | { readonly constant: Json }

/** How an item of a type is found. Without a table it is always found. */
export type ItemMapping = {
  /** The register's name in the department's configuration; else `main`. */
  readonly register?: string
  readonly table?: string
  readonly where?: Where
  /** What the row must agree in besides; disagreement is a doubt and never an answer. */
  readonly agree?: Where
  readonly fields: { readonly [field: string]: FieldMapping }
}

/** What a column of a handed-in decision holds. */
export type Handed =
  | { readonly field: string }
  | { readonly key: string }
  | { readonly constant: string | number | null }
  | { readonly about: 'case' | 'act' | 'day' }

/** Where a deciding act is handed in. */
export type SinkMapping = {
  /** The sink's name in the department's configuration; else `main`. */
  readonly sink?: string
  readonly table: string
  readonly values: { readonly [column: string]: Handed }
}

/** A department's mapping: items by type, or by `application/item` where that differs. */
export type Mapping = {
  readonly format: 'lianban/mapping/1'
  readonly items: { readonly [name: string]: ItemMapping }
  /** By `application/act`. */
  readonly acts?: { readonly [name: string]: SinkMapping }
}

type Members = { readonly [name: string]: Json }
type Check = (value: Json, path: string, faults: MappingFault[]) => void

/** The mapping of a value that was read, or every fault. Untrusted. */
export function decodeMapping(value: Json): Mapping | readonly MappingFault[] {
  const faults: MappingFault[] = []
  const spec = { format: oneOf(['lianban/mapping/1']), items: mapOf(itemMapping) }
  record(spec, { acts: mapOf(sinkMapping) })(value, '', faults)
  return faults.length > 0 ? faults : (value as unknown as Mapping)
}

/** Whether decoding gave a mapping. */
export function isMapping(result: Mapping | readonly MappingFault[]): result is Mapping {
  return !Array.isArray(result)
}

function fault(code: MappingCode, path: string, detail?: string): MappingFault {
  return detail === undefined ? { path, code } : { path, code, detail }
}

function at(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function isObject(value: Json): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function record(needed: { readonly [name: string]: Check }, more: typeof needed = {}): Check {
  return (value, path, faults) => {
    if (!isObject(value)) return void faults.push(fault('node/mapping-not-an-object', path))
    for (const [name, inner] of Object.entries(value)) {
      const check = Object.hasOwn(needed, name)
        ? needed[name]
        : Object.hasOwn(more, name) && more[name]
      if (check) check(inner, at(path, name), faults)
      else faults.push(fault('node/mapping-unknown-member', at(path, name), name))
    }
    for (const name of Object.keys(needed)) {
      if (!Object.hasOwn(value, name))
        faults.push(fault('node/mapping-missing-member', at(path, name), name))
    }
  }
}

function mapOf(check: Check): Check {
  return (value, path, faults) => {
    if (!isObject(value)) return void faults.push(fault('node/mapping-not-an-object', path))
    for (const [name, inner] of Object.entries(value)) check(inner, at(path, name), faults)
  }
}

const text: Check = (value, path, faults) => {
  if (typeof value !== 'string' || value === '') faults.push(fault('node/mapping-not-a-text', path))
}

const anything: Check = () => undefined

const cellConstant: Check = (value, path, faults) => {
  if (typeof value !== 'string' && typeof value !== 'number' && value !== null) {
    faults.push(fault('node/mapping-not-a-text', path))
  }
}

function oneOf(words: readonly string[]): Check {
  return (value, path, faults) => {
    if (typeof value === 'string' && words.includes(value)) return
    faults.push(fault('node/mapping-unknown-word', path, words.join(', ')))
  }
}

const form = oneOf(forms)

// Alternatives are told apart by the one member that each has and no other.
function choice(ways: { readonly [member: string]: Check }): Check {
  return (value, path, faults) => {
    if (!isObject(value)) return void faults.push(fault('node/mapping-not-an-object', path))
    const named = Object.keys(ways).filter((member) => Object.hasOwn(value, member))
    const way = named.length === 1 ? ways[named[0] as string] : undefined
    if (way === undefined) {
      faults.push(fault('node/mapping-not-one', path, Object.keys(ways).join(', ')))
    } else way(value, path, faults)
  }
}

const wanted = choice({
  key: record({ key: text }, { as: form }),
  column: record({ column: text }, { as: form }),
  constant: record({ constant: cellConstant }),
})

const cell = record({ column: text }, { as: form, words: mapOf(anything), empty: anything })
const constant = record({ constant: anything })

const look = record(
  { table: text, where: mapOf(wanted), take: oneOf(['count', 'any', 'one', 'all']) },
  { cell, fields: mapOf(choice({ column: cell, constant })), order: text },
)

const lookWhole: Check = (value, path, faults) => {
  look(value, path, faults)
  const { take, cell: one, fields } = value as unknown as Partial<Look>
  const rows = take === 'one' || take === 'all'
  const ways = (one === undefined ? 0 : 1) + (fields === undefined ? 0 : 1)
  if (ways !== (rows ? 1 : 0)) faults.push(fault('node/mapping-not-one', path, 'cell, fields'))
}

const itemMapping: Check = (value, path, faults) => {
  const fields = mapOf(choice({ column: cell, table: lookWhole, constant }))
  const more = { register: text, table: text, where: mapOf(wanted), agree: mapOf(wanted) }
  record({ fields }, more)(value, path, faults)
  if (!isObject(value)) return
  const { table, where, agree } = value
  if ((table === undefined) !== (where === undefined)) {
    faults.push(
      fault('node/mapping-missing-member', at(path, table === undefined ? 'table' : 'where')),
    )
  }
  if (agree !== undefined && table === undefined) {
    faults.push(fault('node/mapping-missing-member', at(path, 'table')))
  }
}

const handed = choice({
  field: record({ field: text }),
  key: record({ key: text }),
  constant: record({ constant: cellConstant }),
  about: record({ about: oneOf(['case', 'act', 'day']) }),
})

const sinkMapping = record({ table: text, values: mapOf(handed) }, { sink: text })
