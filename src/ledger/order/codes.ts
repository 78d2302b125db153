// The refusal codes of this room, one line each: why an engine, whichever it is, did not order a
// command. None of them leaves an entry. The table in docs/protocol/codes.md is checked against
// this list.
import type { CodeLine } from '#ledger/command'

/** Every code that ordering can give. */
export const orderCodes: readonly CodeLine[] = Object.freeze([
  ['order/overloaded', 'too many commands are waiting; send it again later'],
  ['order/no-space', 'the disk is full; reads go on, and writing resumes by itself'],
  ['order/closing', 'the node is stopping; send it again later or to another'],
  ['order/stopped', 'the node has stopped after a failure and takes nothing more'],
  ['order/outcome-unknown', 'the disk failed under this command; ask for its receipt by its id'],
  [
    'order/clock-unconfirmed',
    'the clock jumped; two officers of the operator must confirm the time',
  ],
] as const)
