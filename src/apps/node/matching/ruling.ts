// What may be answered out of rows that have one code. One row that agrees with the name is an
// answer; everything else is a steward's to decide, and until one has decided it there is none. It
// promises that no row is taken which a steward has not named where more than one could be meant.

/** What a steward is asked about a register. */
export type TicketReason =
  /** One code, and rows under several names. */
  | 'names-differ'
  /** One name, and rows under several valid codes. */
  | 'codes-differ'
  /** One code, and an application under a name that no row of it has. */
  | 'name-unlike'

/** What a steward says: they are one, they are not, or the register is wrong. */
export type Outcome = 'different' | 'same' | 'wrong'

/** A steward's word about a question, while the rows are those about which it was given. */
export type Settled = {
  readonly outcome: Outcome
  /** The mark of the row that counts. */
  readonly current: string | null
}

/** A question to a steward. Marks say which row is which and nothing of what is in it. */
export type Question = {
  readonly why: TicketReason
  readonly table: string
  /** What it is about: a code, a name, or a code and the name of an application. */
  readonly subject: readonly string[]
  readonly marks: readonly string[]
}

/** A row that was found by a code. */
export type Candidate = {
  readonly mark: string
  /** Whether its name agrees with the one of the application. */
  readonly agrees: boolean
}

/** What was looked up: rows by a code, for somebody who says what he is called. */
export type Asked = {
  readonly table: string
  readonly code: readonly string[]
  readonly called: readonly string[]
  readonly rows: readonly Candidate[]
}

export type Ruling =
  /** The row at this position is meant. */
  | { readonly is: 'row'; readonly at: number }
  /** Nobody of this name has this code. */
  | { readonly is: 'none' }
  /** A steward has not decided yet. */
  | { readonly is: 'open'; readonly question: Question }
  /** A steward has said that the source is wrong. */
  | { readonly is: 'withheld'; readonly question: Question }
  /** Rows that nothing tells apart: not a matter of who is who. */
  | { readonly is: 'twins' }

/** Gives a ruling out of what stewards have decided. `settled` answers null for what is open. */
export function rulingOf(asked: Asked, settled: (question: Question) => Settled | null): Ruling {
  const { table, code, called, rows } = asked
  const marks = [...new Set(rows.map(({ mark }) => mark))]
  const about = { table, marks }
  const subject = code
  const standing = standingOf(asked, { why: 'names-differ', ...about, subject }, settled)
  if (!('names' in standing)) return standing
  const { at, names, others } = standing
  const agrees = (mark: string): boolean => rows.some((row) => row.mark === mark && row.agrees)
  if (names.some(agrees)) return meant(rows, at)
  const other = others.some(agrees)
  if (other && standing.outcome === 'different') return { is: 'none' }
  if (other) return { is: 'withheld', question: { why: 'names-differ', ...about, subject } }
  const unlike: Question = { why: 'name-unlike', ...about, subject: [...code, ...called] }
  const word = settled(unlike)
  if (word === null) return { is: 'open', question: unlike }
  if (word.outcome === 'wrong') return { is: 'withheld', question: unlike }
  return word.outcome === 'same' ? meant(rows, at) : { is: 'none' }
}

/** The row that has a code, the names by which it goes, and rows that have the code wrongly. */
type Standing = {
  readonly at: string
  readonly names: readonly string[]
  readonly others: readonly string[]
  readonly outcome: Outcome | null
}

function standingOf(
  { rows }: Asked,
  question: Question,
  settled: (question: Question) => Settled | null,
): Ruling | Standing {
  const { marks } = question
  const [only] = marks
  if (only === undefined) return { is: 'none' }
  if (marks.length === 1) {
    return rows.length > 1 ? { is: 'twins' } : { at: only, names: marks, others: [], outcome: null }
  }
  const word = settled(question)
  if (word === null) return { is: 'open', question }
  const { outcome, current } = word
  if (current === null) return outcome === 'wrong' ? { is: 'withheld', question } : { is: 'none' }
  if (outcome === 'same') return { at: current, names: marks, others: [], outcome }
  const others = marks.filter((mark) => mark !== current)
  return { at: current, names: [current], others, outcome }
}

function meant(rows: readonly Candidate[], mark: string): Ruling {
  const places = rows.flatMap((row, at) => (row.mark === mark ? [at] : []))
  const [at] = places
  return at === undefined || places.length > 1 ? { is: 'twins' } : { is: 'row', at }
}
