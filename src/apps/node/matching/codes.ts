// The codes of match tickets: why a row is no answer yet, and why a steward's word is not taken.
// None carries a value of a row.
import type { CodeLine } from '#ledger/command'

/** Every code of this room with its meaning; docs/protocol/codes.md is checked against it. */
export const matchCodes: readonly CodeLine[] = Object.freeze([
  ['node/match-withheld', 'a steward has said that the source is wrong: it waits to be mended'],
  ['node/match-other-name', 'the register has this code under another name, a steward has looked'],
  ['node/match-unknown-ticket', 'the department has no match ticket of this id'],
  ['node/match-mended', 'the source says something else by now: nothing is to be decided'],
  ['node/match-decided', 'a steward has decided this already'],
  ['node/match-no-row', 'the decision needs one of the ticket’s rows'],
  ['node/match-row-not-asked', 'a decision of this kind names no row'],
  ['node/match-unsigned', 'a decision has the name of whoever decides, and a reason'],
] as const)

/** Why a steward's word is not taken. */
export type MatchCode =
  | 'node/match-unknown-ticket'
  | 'node/match-mended'
  | 'node/match-decided'
  | 'node/match-no-row'
  | 'node/match-row-not-asked'
  | 'node/match-unsigned'
