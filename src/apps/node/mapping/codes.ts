// The codes of mappings: why a mapping is not taken, and why a register's rows are no answer. None
// carries a value of a row.
import type { CodeLine } from '#ledger/command'

/** Every code of this room with its meaning; docs/protocol/codes.md is checked against it. */
export const mappingCodes: readonly CodeLine[] = Object.freeze([
  ['mapping/not-an-object', 'here stands an object'],
  ['mapping/not-a-text', 'here stands a text that is not empty'],
  ['mapping/unknown-member', 'the format has no such member here'],
  ['mapping/missing-member', 'a member that is needed is absent'],
  ['mapping/unknown-word', 'the word is none of those that are allowed here'],
  ['mapping/not-one', 'exactly one way of finding a value is stated'],
  ['mapping/too-deep', 'a look-up stands inside a look-up inside a look-up'],
  ['mapping/unknown-field', 'the type has no such field, or computes it itself'],
  ['mapping/missing-field', 'the type has a field for which nothing is stated'],
  ['mapping/unknown-type', 'no type of this name is known'],
  ['mapping/unknown-register', 'the department has no register of this name'],
  ['mapping/two-rows', 'more than one row has these keys'],
  ['mapping/other-person', 'the row with this code does not agree in what else is known'],
  ['mapping/bad-cell', 'a cell cannot be read as its field'],
  ['mapping/misfit', 'what the rows say does not fit the type'],
  ['mapping/no-key', 'the slot lacks the key by which to look up'],
] as const)

/** A code of this room. */
export type MappingCode =
  | 'mapping/not-an-object'
  | 'mapping/not-a-text'
  | 'mapping/unknown-member'
  | 'mapping/missing-member'
  | 'mapping/unknown-word'
  | 'mapping/not-one'
  | 'mapping/too-deep'
  | 'mapping/unknown-field'
  | 'mapping/missing-field'
  | 'mapping/unknown-type'
  | 'mapping/unknown-register'

/** Why rows are no answer: a person of the department has to look. */
export type DoubtCode =
  | 'mapping/two-rows'
  | 'mapping/other-person'
  | 'mapping/bad-cell'
  | 'mapping/misfit'
  | 'mapping/no-key'

/** A fault of a mapping at its path. */
export type MappingFault = {
  readonly path: string
  readonly code: MappingCode
  readonly detail?: string
}
