// A mapping says where a department's own system holds what the vocabulary asks for: which table,
// which columns, how a cell becomes a field, and in which table a decision is handed back. It is
// data, read strictly: a member that means nothing is a misunderstanding and is refused with its
// path. Nothing in it is executed.
import type { Json } from '#base/canonical'
import type { Check, Misfit, MisfitKind } from '#apps/node/declared'
import { below, cellConstant, choice, isMembers, mapOf, misfit } from '#apps/node/declared'
import { oneOf, record, textOf } from '#apps/node/declared'
import { ruleFault } from '#apps/node/matching'
import type { NameRule } from '#apps/node/matching'
import type { MappingFault } from './codes.ts'

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
  /** By columns of `agree`: where the register itself has what stood there formerly. */
  readonly former?: { readonly [column: string]: Cell | Look }
  /** What names of `agree` may differ in besides what their form leaves out. */
  readonly names?: readonly NameRule[]
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

/** The mapping of a value that was read, or every fault. Untrusted. */
export function decodeMapping(value: Json): Mapping | readonly MappingFault[] {
  const found: Misfit<MappingMisfit>[] = []
  whole(value, '', found as Misfit[])
  const faults = found.map(({ kind, ...rest }): MappingFault => {
    return { ...rest, code: codes[kind] }
  })
  return faults.length > 0 ? faults.slice(0, faultsMax) : (value as unknown as Mapping)
}

/** Whether decoding gave a mapping. */
export function isMapping(result: Mapping | readonly MappingFault[]): result is Mapping {
  return !Array.isArray(result)
}

/** What this format can be otherwise in. */
const codes = {
  'bad-constant': 'node/mapping-bad-constant',
  'missing-member': 'node/mapping-missing-member',
  'not-a-text': 'node/mapping-not-a-text',
  'not-an-object': 'node/mapping-not-an-object',
  'not-one': 'node/mapping-not-one',
  'unknown-member': 'node/mapping-unknown-member',
  'unknown-word': 'node/mapping-unknown-word',
  'wrong-count': 'node/mapping-wrong-count',
} as const satisfies { readonly [kind in MisfitKind]?: MappingFault['code'] }
type MappingMisfit = keyof typeof codes

const faultsMax = 200
const textMax = 400
const rulesMax = 64

const text = textOf(textMax)
const anything: Check = () => undefined
const form = oneOf(forms)

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

const lookWhole: Check = (value, path, into) => {
  look(value, path, into)
  const { take, cell: one, fields } = value as unknown as Partial<Look>
  const rows = take === 'one' || take === 'all'
  const ways = (one === undefined ? 0 : 1) + (fields === undefined ? 0 : 1)
  if (ways === (rows ? 1 : 0)) return
  into.push(misfit('not-one', path, { among: rows ? ['cell', 'fields'] : [] }))
}

// Rules on names, as files of rules have them.
const names: Check = (value, path, into) => {
  const rules = Array.isArray(value) && value.length <= rulesMax ? value : [null]
  for (const [at, rule] of rules.entries()) {
    const among = ruleFault(rule)
    if (among === null) continue
    into.push(misfit('unknown-word', `${path}[${at}]`, { value: rule, among: [among] }))
  }
}

// Names that stood in a column before: in a cell, or a row for each.
const formerRows = { table: text, where: mapOf(wanted), take: oneOf(['all']), cell }
const former = mapOf(choice({ column: cell, table: record(formerRows) }))

const fields = mapOf(choice({ column: cell, table: lookWhole, constant }))
const item = record(
  { fields },
  {
    register: text,
    table: text,
    where: mapOf(wanted),
    agree: mapOf(wanted),
    former,
    names,
  },
)

const itemMapping: Check = (value, path, into) => {
  item(value, path, into)
  if (!isMembers(value)) return
  const { table, where, agree } = value
  const missing = (name: string): void => {
    into.push(misfit('missing-member', below(path, name)))
  }
  if ((table === undefined) !== (where === undefined)) {
    missing(table === undefined ? 'table' : 'where')
  }
  if (agree !== undefined && table === undefined) missing('table')
  const agreed = isMembers(agree) ? Object.keys(agree) : []
  const before = isMembers(value['former']) ? Object.keys(value['former']) : []
  for (const column of before) if (!agreed.includes(column)) missing(`agree.${column}`)
}

const handed = choice({
  field: record({ field: text }),
  key: record({ key: text }),
  constant: record({ constant: cellConstant }),
  about: record({ about: oneOf(['case', 'act', 'day']) }),
})

const sinkMapping = record({ table: text, values: mapOf(handed) }, { sink: text })

const whole = record(
  { format: oneOf(['lianban/mapping/1']), items: mapOf(itemMapping) },
  { acts: mapOf(sinkMapping) },
)
