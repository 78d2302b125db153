// Why a department does not go on where it stopped, or where it stands could not be written.
import type { CodeLine } from '#ledger/command'

/** Every code of this room with its meaning; docs/protocol/codes.md is checked against it. */
export const placeCodes: readonly CodeLine[] = Object.freeze([
  ['node/place-missing', 'nothing says how far the department has read'],
  ['node/place-damaged', 'what says how far the department has read cannot be read itself'],
  ['node/place-other', 'what says how far the department has read is about another ledger'],
  ['node/place-ahead', 'the department has read further than the ledger reaches'],
  ['node/place-not-written', 'how far the department has read could not be written down'],
] as const)

/** Why a department reads from the beginning. */
export type PlaceLost =
  | 'node/place-ahead'
  | 'node/place-damaged'
  | 'node/place-missing'
  | 'node/place-other'
