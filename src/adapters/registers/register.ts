// A department's own system as a port: rows are looked up by key, and decisions are handed in and
// come back confirmed or rejected. Reading and writing are two ports over two accounts, so that the
// one that answers questions has no right to change anything.

/** A value of a row. Whole numbers beyond 2^53 and all fractions come as their decimal text. */
export type Cell = string | number | null

/** A row by its column names. */
export type Row = { readonly [column: string]: Cell }

/** A question: rows of a table in which all of these columns equal these values. */
export type Question = {
  readonly table: string
  readonly where: { readonly [column: string]: string | number }
  readonly columns: readonly string[]
  /** Rows at most, 1 to `rowsMax`; ask for one more than is wanted to learn that there are more. */
  readonly limit: number
}

/** Most rows of one answer. */
export const rowsMax = 1000

/** What a table is: for drift, which compares it with what was promised. */
export type Described = {
  /** Columns in the table's order, with the type that the system declares. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: number
}

/** Rights of an account beyond reading: what an operator is warned about. */
export type Rights = { readonly canWrite: boolean; readonly grants: readonly string[] }

/** Takes a row of a scan: its cells in the table's order, and the places of those without text. */
export type Take = (cells: readonly Cell[], unread: readonly number[]) => void

/**
 * Look-ups in a system. Every method throws `Failure`: `registers/unavailable` when the system
 * does not answer in time, `registers/unknown-table`, `registers/unknown-column`,
 * `registers/bad-answer` when a value has no form that a row may hold.
 */
export type Register = {
  find(question: Question): Promise<readonly Row[]>
  describe(table: string): Promise<Described>
  /** The tables that the account sees, by name. */
  tables(): Promise<readonly string[]>
  /**
   * Gives every row of a table from its beginning, in bounded memory, as of one moment; a system
   * that cannot hold one still is `registers/changed`. Cells that hold bytes come as null, and
   * `unread` has their places.
   */
  scan(table: string, take: Take): Promise<void>
  /** What the account could do besides reading, as far as the system tells. */
  rights(): Promise<Rights>
  close(): Promise<void>
}

/** Where a decision stands in the department's own system. */
export type Standing = 'unknown' | 'requested' | 'confirmed' | 'rejected'

/** A decision for the department's own system. */
export type Decision = { readonly table: string; readonly values: Row }

/**
 * The way of decisions into a system. Asking twice under one id is asking once: after a crash the
 * caller asks again. An id that stands there with another decision is `registers/other-decision`.
 */
export type Sink = {
  request(id: string, decision: Decision): Promise<void>
  outcome(id: string): Promise<Standing>
  close(): Promise<void>
}
