// What the evidence types of a city ask for and where it stands: every column of a department's
// own system that a mapping reads, as something that a column of a list could fill. What nobody
// looks up is no target, so nothing is proposed that nobody asks for.
import type { ColumnType } from '#adapters/sources'
import type { EvidenceType, Field, TypeBook } from '#blueprint/grammar'
import type { ItemMapping, Look, Mapping } from '#apps/node/mapping'

/** A place that a column could fill. */
export type Target = {
  readonly type: string
  readonly member: string
  readonly table: string
  readonly column: string
  /** The field of the type, with the part of a subject after a dot; null for a mere key. */
  readonly field: string | null
  /** By which header words are looked up: `type.field`, and `about.key` where it is a key. */
  readonly names: readonly string[]
  /** What columns of a list may hold to fill it. */
  readonly accepts: readonly ColumnType[]
  /** The kind of code that it is, where its kind alone speaks for it. */
  readonly code: ColumnType | null
  /** It tells the rows of the table apart. */
  readonly isKey: boolean
  /** It is a whole number in the table. */
  readonly isWhole: boolean
}

/** An item of a type in a department: the main table and what can be filled of it. */
export type Wanted = {
  readonly type: EvidenceType
  readonly member: string
  readonly mapping: ItemMapping
  readonly targets: readonly Target[]
}

const coded = ['code', 'digits', 'integer', 'certificate-id', 'service-item'] as const
const texts: readonly ColumnType[] = ['text', 'uscc', 'real-estate-unit', ...coded]

/** Everything that departments of a city look up in tables. */
export function wantedOf(
  mappings: ReadonlyMap<string, Mapping>,
  types: TypeBook,
): readonly Wanted[] {
  return [...mappings].flatMap(([member, { items }]) => {
    return Object.entries(items).flatMap(([name, mapping]): Wanted[] => {
      const type = types.get(name)
      if (type === undefined || mapping.table === undefined) return []
      return [{ type, member, mapping, targets: targetsOf(member, type, mapping) }]
    })
  })
}

function targetsOf(member: string, type: EvidenceType, mapping: ItemMapping): readonly Target[] {
  const { table = '', fields, where = {}, agree = {} } = mapping
  const found = new Map<string, Target>()
  const add = (target: Target): void => {
    const id = `${target.table}.${target.column}`
    const before = found.get(id)
    found.set(id, before === undefined ? target : both(before, target))
  }
  const of = { type: type.type, member }
  for (const [column, wanted] of Object.entries({ ...where, ...agree })) {
    if (!('key' in wanted)) continue
    const code = codeOfKey(type, wanted.key)
    const accepts = code === null ? texts : [code]
    const names = [`${type.about}.${wanted.key}`]
    const isKey = Object.hasOwn(where, column)
    add({ ...of, table, column, field: null, names, accepts, code, isKey, isWhole: false })
  }
  for (const [id, mapped] of Object.entries(fields)) {
    const field = type.fields.find((each) => each.id === id)
    if (field === undefined || 'constant' in mapped) continue
    if ('column' in mapped) {
      const { column } = mapped
      const names = [`${type.type}.${id}`]
      const isWhole = field.is === 'int' || field.is === 'fen'
      const code = codeOfField(field)
      const parts = { names, accepts: acceptsOf(field), code, isKey: false, isWhole }
      add({ ...of, table, column, field: id, ...parts })
    } else for (const target of partsOf(id, mapped, of)) add(target)
  }
  return [...found.values()]
}

function both(a: Target, b: Target): Target {
  return {
    ...a,
    field: a.field ?? b.field,
    names: [...a.names, ...b.names],
    accepts: a.accepts.filter((each) => b.accepts.includes(each)),
    code: a.code ?? b.code,
    isKey: a.isKey || b.isKey,
    isWhole: a.isWhole || b.isWhole,
  }
}

/** Code and name of a person or firm that stand in a table of their own. */
function partsOf(
  id: string,
  { table, fields = {} }: Look,
  of: { readonly type: string; readonly member: string },
): readonly Target[] {
  return Object.entries(fields).flatMap(([part, mapped]): Target[] => {
    if (!('column' in mapped)) return []
    const field = `${id}.${part}`
    const names = [`${of.type}.${field}`]
    const accepts: readonly ColumnType[] = part === 'code' ? ['citizen-id', 'uscc'] : ['text']
    const { column } = mapped
    const rest = { names, accepts, code: null, isKey: false, isWhole: false }
    return [{ ...of, table, column, field, ...rest }]
  })
}

function codeOfKey({ about }: EvidenceType, key: string): ColumnType | null {
  if (key === 'unit') return 'real-estate-unit'
  if (key !== 'code') return null
  if (about === 'organisation') return 'uscc'
  return about === 'person' || about === 'household' ? 'citizen-id' : null
}

function codeOfField({ is }: Field): ColumnType | null {
  return is === 'uscc' || is === 'citizen-id' || is === 'real-estate-unit' ? is : null
}

function acceptsOf(field: Field): readonly ColumnType[] {
  const code = codeOfField(field)
  if (code !== null) return [code]
  if (field.is === 'day') return ['date']
  return field.is === 'fen' || field.is === 'int' ? ['integer', 'decimal'] : texts
}
