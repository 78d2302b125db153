// The codes of mappings: why a mapping is not taken, and why a register's rows are no answer. None
// carries a value of a row.
import type { CodeLine } from '#ledger/command'
import type { DeclaredFault } from '#apps/node/declared'
import type { MappingCode } from './fault-texts.ts'
import { mappingFaultTexts } from './fault-texts.ts'

/** Every code of this room with its meaning; docs/protocol/codes.md is checked against it. */
export const mappingCodes: readonly CodeLine[] = Object.freeze([
  ['node/mapping-faulty', 'a part of the mapping has not the form that is allowed there'],
  ...mappingFaultTexts.map(([code, meaning]): CodeLine => [code, meaning]),
  ['node/mapping-two-rows', 'more than one row has these keys'],
  ['node/mapping-too-many-rows', 'more rows belong to it than a register gives at once'],
  ['node/mapping-other-person', 'the row with this code does not agree in what else is known'],
  ['node/mapping-bad-cell', 'a cell cannot be read as its field'],
  ['node/mapping-misfit', 'what the rows say does not fit the type'],
  ['node/mapping-no-key', 'the slot lacks the key by which to look up'],
])

/** Why rows are no answer: a person of the department has to look. */
export type DoubtCode =
  | 'node/mapping-two-rows'
  | 'node/mapping-too-many-rows'
  | 'node/mapping-other-person'
  | 'node/mapping-bad-cell'
  | 'node/mapping-misfit'
  | 'node/mapping-no-key'
  | 'node/match-withheld'

/** A fault of a mapping at its path. */
export type MappingFault = DeclaredFault<MappingCode>
