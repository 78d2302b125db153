// The codes of mappings: why a mapping is not taken, and why a register's rows are no answer. None
// carries a value of a row.
import type { CodeLine } from '#ledger/command'

/** Every code of this room with its meaning; docs/protocol/codes.md is checked against it. */
export const mappingCodes: readonly CodeLine[] = Object.freeze([
  ['node/mapping-not-an-object', 'here stands an object'],
  ['node/mapping-not-a-text', 'here stands a text that is not empty'],
  ['node/mapping-unknown-member', 'the format has no such member here'],
  ['node/mapping-missing-member', 'a member that is needed is absent'],
  ['node/mapping-unknown-word', 'the word is none of those that are allowed here'],
  ['node/mapping-not-one', 'exactly one way of finding a value is stated'],
  ['node/mapping-unknown-field', 'the type has no such field, or computes it itself'],
  ['node/mapping-missing-field', 'the type has a field for which nothing is stated'],
  ['node/mapping-unknown-type', 'no type of this name is known'],
  ['node/mapping-unknown-register', 'the department has no register of this name'],
  ['node/mapping-two-rows', 'more than one row has these keys'],
  ['node/mapping-other-person', 'the row with this code does not agree in what else is known'],
  ['node/mapping-bad-cell', 'a cell cannot be read as its field'],
  ['node/mapping-misfit', 'what the rows say does not fit the type'],
  ['node/mapping-no-key', 'the slot lacks the key by which to look up'],
] as const)

/** A code of this room. */
export type MappingCode =
  | 'node/mapping-not-an-object'
  | 'node/mapping-not-a-text'
  | 'node/mapping-unknown-member'
  | 'node/mapping-missing-member'
  | 'node/mapping-unknown-word'
  | 'node/mapping-not-one'
  | 'node/mapping-unknown-field'
  | 'node/mapping-missing-field'
  | 'node/mapping-unknown-type'
  | 'node/mapping-unknown-register'

/** Why rows are no answer: a person of the department has to look. */
export type DoubtCode =
  | 'node/mapping-two-rows'
  | 'node/mapping-other-person'
  | 'node/mapping-bad-cell'
  | 'node/mapping-misfit'
  | 'node/mapping-no-key'
  | 'node/match-withheld'

/** A fault of a mapping at its path. */
export type MappingFault = {
  readonly path: string
  readonly code: MappingCode
  readonly detail?: string
}
