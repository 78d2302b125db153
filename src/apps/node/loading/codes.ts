// The codes of loading: why a load file is not taken, and why a row of a source is left out. None
// carries a value of a row.
import type { CodeLine } from '#ledger/command'
import { loadFaultTexts } from './fault-texts.ts'

/** Every code of this room with its meaning; docs/protocol/codes.md is checked against it. */
export const loadCodes: readonly CodeLine[] = Object.freeze([
  ...loadFaultTexts.map(([code, meaning]): CodeLine => [code, meaning]),
  ['node/load-misfit', 'a part of the load file has not the form that is allowed there'],
  ['node/load-no-column', 'the source has no column of this name, or two of them'],
  ['node/load-missing', 'a cell that the load file needs is empty'],
  ['node/load-inexact', 'a number with more digits than its unit keeps'],
  ['node/load-repeated', 'an earlier row of the source has the same key and other content'],
  ['node/load-again', 'an earlier row of the source says the same'],
  ['node/load-unmatched', 'no row of the source that this one is joined with has this value'],
  ['node/load-no-system', 'the department has no system of its own to load into'],
  ['node/load-other-table', 'the table that is there has no column of this name'],
  ['node/load-other-steward', 'another department answers for the source of this name'],
  ['node/load-otherwise', 'the register says something else of this row already, and that stays'],
  ['node/load-no-partner', 'the source with which this one is joined is not loaded with it'],
  [
    'node/load-partner-waits',
    'nobody has accepted the state of the source this one is joined with',
  ],
  ['node/load-running', 'another process loads into this city'],
  ['node/load-second-person', 'more has changed than one person may accept'],
])
