// The codes of keeping sources fresh: why a register does not answer, and why a word about a source
// is not taken. None carries a value of a row.
import type { CodeLine } from '#ledger/command'

/** Every code of this room with its meaning; docs/protocol/codes.md is checked against it. */
export const refreshCodes: readonly CodeLine[] = Object.freeze([
  ['node/source-held', 'so much of the table has changed that a second person looks at it first'],
  ['node/source-unknown', 'the department has no such source in the catalogue'],
  ['node/source-not-waiting', 'nothing of this source waits for a second person'],
  ['node/source-other-state', 'the source has another state by now than the one that was seen'],
  ['node/source-no-officer', 'nobody is enrolled who could answer for the source'],
] as const)

/** Thrown by a look-up in a table of which nobody has accepted the state. */
export class SourceHeld extends Error {
  override readonly name = 'SourceHeld'
  readonly code = 'node/source-held'
  readonly fatal = false
}
