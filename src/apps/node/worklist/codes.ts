// The codes of worklists: why an act has no sheet, and why a cell that came back is no answer. None
// carries what stands in a cell.
import type { CodeLine } from '#ledger/command'

/** Every code of this room with its meaning; docs/protocol/codes.md is checked against it. */
export const worklistCodes: readonly CodeLine[] = Object.freeze([
  ['node/worklist-no-sheet', 'what the act gives has no form in cells'],
  ['node/worklist-other-columns', 'the columns are not those that went out'],
  ['node/worklist-unknown-line', 'no line of the desk has this number'],
  ['node/worklist-twice', 'the line stands in the file before'],
  ['node/worklist-changed', 'the line says something else now, or the row was altered'],
  ['node/worklist-bad-answer', 'the answer is none of those that are allowed'],
  ['node/worklist-bad-cell', 'the cell cannot be read as its field'],
  ['node/worklist-not-asked', 'the cell says something that the answer does not ask for'],
] as const)

/** A code of a cell or row that came back. */
export type WorklistCode =
  | 'node/worklist-bad-answer'
  | 'node/worklist-bad-cell'
  | 'node/worklist-changed'
  | 'node/worklist-not-asked'
  | 'node/worklist-other-columns'
  | 'node/worklist-twice'
  | 'node/worklist-unknown-line'

/** A cell or row that is no answer, by its address as a spreadsheet names it. */
export type BadCell = { readonly at: string; readonly code: WorklistCode }
