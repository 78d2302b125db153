// Questions to a register as mappings put them: which columns equal what, a key in every way in
// which it may be written, and what is a doubt and no answer.
import type { LookedUp, Ruled } from '#apps/node/matching'
import type { DoubtCode } from './codes.ts'
import { spellings } from './forms.ts'
import type { RawCell } from './forms.ts'
import type { Form, Wanted, Where } from './mapping.ts'

/** A row by its column names. */
export type RawRow = { readonly [column: string]: RawCell }

/** What a look-up asks of a register; `#adapters/registers` has ports of this shape. */
export type Rows = {
  find(question: {
    readonly table: string
    readonly where: { readonly [column: string]: string | number }
    readonly columns: readonly string[]
    readonly limit: number
  }): Promise<readonly RawRow[]>
}

/** Keys of a slot by name, as the slot's host opened them. */
export type Keys = { readonly [key: string]: string | number }

/** Stewards of the department: they have decided which row is meant, or a ticket is opened. */
export type Stewards = { rule(found: LookedUp): Ruled }

/** Rows of one answer. */
export const rowsAtMost = 1000
/** Why rows are no answer. */
export class Doubt extends Error {
  readonly code: DoubtCode
  readonly at: string
  readonly ticket: string | undefined
  constructor(code: DoubtCode, at: string, ticket?: string) {
    super(code)
    this.code = code
    this.at = at
    this.ticket = ticket
  }
}

/** Through what is asked, and for whom. */
export type Asked = {
  readonly rows: Rows
  readonly keys: Keys
  readonly stewards?: Stewards | undefined
}

/** The same, after a row was found. */
export type Asking = Asked & { readonly row: RawRow }

/** A member of its own, or undefined. */
export function own<T>(members: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined
}

type Question = {
  readonly table: string
  readonly where: Where
  readonly columns: readonly string[]
  readonly limit: number
}

/** A key that may be written in two ways is asked for in both: no row is written in both. */
export async function ask(question: Question, asking: Asking): Promise<readonly RawRow[]> {
  let wheres: { [column: string]: string | number }[] = [{}]
  for (const [column, wanted] of Object.entries(question.where)) {
    const { value, form } = wantedOf(wanted, asking)
    const ways = spellings(form, value)
    if (ways.length === 0) throw new Doubt('node/mapping-no-key', column)
    wheres = wheres.flatMap((where) => ways.map((way) => ({ ...where, [column]: way })))
  }
  const found: RawRow[] = []
  for (const where of wheres) {
    const { table, columns, limit } = question
    const asked = columns.length === 0 ? Object.keys(where) : columns
    found.push(...(await asking.rows.find({ table, where, columns: asked, limit })))
  }
  return found
}

/** What a column must equal, and the form in which it is written. */
export function wantedOf(
  wanted: Wanted,
  { keys, row }: Pick<Asking, 'keys' | 'row'>,
): { readonly value: string | number; readonly form: Form } {
  if ('constant' in wanted) return { value: wanted.constant, form: formWanted(wanted) }
  const name = 'key' in wanted ? wanted.key : wanted.column
  const value = 'key' in wanted ? own(keys, name) : own(row, name)
  if (value === undefined || value === null) throw new Doubt('node/mapping-no-key', name)
  return { value, form: formWanted(wanted) }
}

/** The form in which something is wanted. */
export function formWanted(wanted: Wanted): Form {
  return 'constant' in wanted ? 'text' : (wanted.as ?? 'text')
}
