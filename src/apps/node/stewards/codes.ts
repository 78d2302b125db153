// The codes of stewards: why a load file or a difference does not count yet. None names a person.
import type { CodeLine } from '#ledger/command'

/** Every code of this room with its meaning; docs/protocol/codes.md is checked against it. */
export const stewardCodes: readonly CodeLine[] = Object.freeze([
  ['node/unconfirmed', 'no steward of the department has confirmed this load file'],
  ['node/confirmed-otherwise', 'the load file was changed after its steward had confirmed it'],
  ['node/confirmation-damaged', 'the kept confirmation cannot be read, or is that of another file'],
  ['node/not-the-steward', 'the load file names another department as its steward'],
  ['node/no-steward-post', 'the officer does not hold the post of steward in the department'],
  ['node/unknown-officer', 'no officer of the department is known by this name'],
  ['node/no-officers', 'the department has enrolled no officers who could sign'],
] as const)

/** A code of this room. */
export type StewardCode =
  | 'node/confirmation-damaged'
  | 'node/confirmed-otherwise'
  | 'node/no-officers'
  | 'node/no-steward-post'
  | 'node/not-the-steward'
  | 'node/unconfirmed'
  | 'node/unknown-officer'
