// Match tickets as stewards and look-ups know them: what is asked, which rows it is about, and what
// has been decided.
import type { Outcome, Question, Ruling, TicketReason } from './ruling.ts'

/** Where a row came from when it was loaded: the row of a source. */
export type Origin = { readonly load: string; readonly row: number }

/** A row of a ticket. `row` is the letter by which a decision names it. */
export type TicketRow = {
  readonly row: string
  readonly mark: string
  readonly from: Origin | null
}

/** What a steward has decided. */
export type Decided = {
  readonly outcome: Outcome
  /** The letter of the row that counts. */
  readonly current: string | null
  /** Kid of the officer who signed; null for a department that has enrolled none. */
  readonly by: string | null
  readonly reason: string
  /** Unix milliseconds. */
  readonly at: number
}

/** A ticket. `mended`: the source has been changed so that nothing is in doubt. */
export type MatchTicket = {
  readonly id: string
  readonly why: TicketReason
  readonly table: string
  readonly opened: number
  readonly by: 'load' | 'look-up'
  readonly state: 'decided' | 'mended' | 'open'
  readonly rows: readonly TicketRow[]
  readonly decision: Decided | null
  /** Why the last decision about these rows does not count, where there is one. */
  readonly uncounted: string | null
  /** Decisions about rows as they stood before. */
  readonly earlier: number
  readonly columns: Columns | null
}

/** Columns by which a table's rows are told apart, with the form of each code. */
export type Columns = {
  readonly code: readonly { readonly column: string; readonly as: string }[]
  readonly names: readonly string[]
}

/** What a look-up has found, before it is known which row is meant. */
export type LookedUp = {
  readonly table: string
  readonly code: readonly string[]
  readonly called: readonly string[]
  /** Of each row what it is called, as it stands, and whether that agrees. */
  readonly rows: readonly { readonly names: readonly string[]; readonly agrees: boolean }[]
  readonly columns: Columns
}

/** A ruling for a look-up; a ticket's id goes with what is a steward's to decide. */
export type Ruled =
  | Exclude<Ruling, { readonly question: Question }>
  | { readonly is: 'open' | 'withheld'; readonly ticket: string }

/** What a steward says of a ticket. */
export type Deciding = {
  readonly id: string
  readonly outcome: Outcome
  readonly current?: string
  readonly reason: string
  /** Decides anew what has been decided. */
  readonly again?: boolean
}
