// The match tickets of a department, in a file of its own that nobody else reads: what a steward is
// asked, what stewards have decided, when and why. It promises that the same question is one ticket
// however often it comes up; that a decision counts as a steward signed it, while the rows are the
// ones about which he did, and no longer; and that it holds no code and no name: rows and questions
// are known by marks, which are hashes under a key of this file.
import { createHmac, randomBytes } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { encodeCanonical } from '#base/canonical'
import type { MatchCode } from './codes.ts'
import { Decisions } from './decisions.ts'
import type { Doubted, Word } from './decisions.ts'
import { rulingOf } from './ruling.ts'
import type { Candidate, Question, Settled, TicketReason } from './ruling.ts'
import { emptyBench, statementOf, wantsRow } from './signing.ts'
import type { Bench, Signature, TicketStatement } from './signing.ts'
import type { Columns, Decided, Deciding, LookedUp, MatchTicket } from './tickets.ts'
import type { Origin, Ruled, TicketRow } from './tickets.ts'

type Row = { readonly [column: string]: unknown }

const markBytes = 16
const idDigits = 12
const wordsMax = 400
const letters = 'abcdefghijklmnopqrstuvwxyz'

/** The tickets of one department. Two processes may have it open. */
export class MatchBook {
  readonly #database: DatabaseSync
  readonly #key: string
  readonly #now: () => number
  readonly #bench: Bench
  readonly #decisions: Decisions
  readonly #statements: Map<string, StatementSync> = new Map()

  constructor(
    path: string,
    now: () => number,
    { bench = emptyBench, doubted = () => undefined }: { bench?: Bench; doubted?: Doubted } = {},
  ) {
    closeSync(openSync(path, 'a', 0o600))
    this.#now = now
    this.#bench = bench
    this.#database = new DatabaseSync(path)
    this.#database.exec(`PRAGMA busy_timeout = 10000;
      CREATE TABLE IF NOT EXISTS secret (one INTEGER PRIMARY KEY CHECK (one = 1), key TEXT);
      CREATE TABLE IF NOT EXISTS tickets (id TEXT PRIMARY KEY, why TEXT, tab TEXT, marks TEXT,
        columns TEXT, opened INTEGER, origin TEXT, mended INTEGER);
      CREATE TABLE IF NOT EXISTS origins (mark TEXT PRIMARY KEY, load TEXT, row INTEGER)
        WITHOUT ROWID`)
    this.#decisions = new Decisions(this.#database, bench, doubted)
    const fresh = randomBytes(32).toString('base64url')
    this.#statement('INSERT INTO secret VALUES (1, ?) ON CONFLICT DO NOTHING').run(fresh)
    this.#key = String(this.#statement('SELECT key FROM secret').get()?.['key'])
  }

  /** The mark of a row: its table, its code in one form, and what it is called as it stands. */
  mark(table: string, code: readonly string[], names: readonly string[]): string {
    return this.#hash(['row', table, ...code, '', ...names])
      .subarray(0, markBytes)
      .toString('hex')
  }

  /** Which of the rows is meant, or the ticket that has been opened. */
  rule({ table, code, called, rows, columns }: LookedUp): Ruled {
    const candidates = rows.map(({ names, agrees }): Candidate => {
      return { mark: this.mark(table, code, names), agrees }
    })
    const ruling = rulingOf({ table, code, called, rows: candidates }, (question) =>
      this.#settled(question),
    )
    if (ruling.is === 'open') {
      return { is: 'open', ticket: this.open(ruling.question, { by: 'look-up', columns }) }
    }
    if (ruling.is === 'withheld') return { is: 'withheld', ticket: this.#idOf(ruling.question) }
    const [found] = ruling.is === 'row' ? candidates.slice(ruling.at, ruling.at + 1) : []
    if (found === undefined) return ruling
    if (candidates.length === 1) this.#mendIf({ why: 'names-differ', table, subject: code })
    const subject = [...code, ...called]
    if (found.agrees) this.#mendIf({ why: 'name-unlike', table, subject })
    return this.#barred(found.mark) ?? ruling
  }

  /** Opens a ticket; one that is there stays, and knows the rows of now. Gives its id. */
  open(
    question: Question,
    from: { readonly by: 'load' | 'look-up'; readonly columns: Columns },
  ): string {
    const id = this.#idOf(question)
    const marks = factsOf(question.marks)
    const known = this.#statement('SELECT marks, mended FROM tickets WHERE id = ?').get(id)
    if (known?.['marks'] === marks && known['mended'] === null) return id
    this.#statement(
      `INSERT INTO tickets VALUES (?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (id) DO UPDATE SET
       marks = excluded.marks, columns = excluded.columns, mended = NULL`,
    ).run(
      id,
      question.why,
      question.table,
      marks,
      JSON.stringify(from.columns),
      this.#now(),
      from.by,
    )
    return id
  }

  /** Notes from which row of which source rows of a register come. */
  note(origins: Iterable<{ readonly mark: string; readonly from: Origin }>): void {
    const put = this.#statement('INSERT OR REPLACE INTO origins VALUES (?, ?, ?)')
    this.#together(() => {
      for (const { mark, from } of origins) put.run(mark, from.load, from.row)
    })
  }

  /** All tickets, those that wait for a decision first, each in the order in which they came. */
  tickets(): readonly MatchTicket[] {
    const rows = this.#statement('SELECT * FROM tickets ORDER BY opened, id').all()
    const all = rows.map((row) => this.#ticketOf(row))
    const place = { open: 0, decided: 1, mended: 2 }
    return all.toSorted((a, b) => place[a.state] - place[b.state])
  }

  /** One ticket, or null. */
  ticket(id: string): MatchTicket | null {
    const row = this.#statement('SELECT * FROM tickets WHERE id = ?').get(id)
    return row === undefined ? null : this.#ticketOf(row)
  }

  /** What a steward signs for this word to count, or the code for which it is not taken. */
  prepare(deciding: Deciding): MatchCode | TicketStatement {
    return this.#drafted(deciding, this.#now())
  }

  /**
   * Takes a steward's word over what was prepared, with his signature; null where the department
   * has nobody who could sign. Null, or the code for which it is not taken.
   */
  decide(
    deciding: Deciding,
    of: { readonly statement: TicketStatement; readonly signature: Signature | null },
  ): string | null {
    const { statement, signature } = of
    return this.#together(() => {
      const now = this.#drafted(deciding, statement.at)
      if (typeof now === 'string') return now
      // The rows may have become others while somebody signed.
      if (factOf(now) !== factOf(statement)) return 'node/match-rows-changed'
      const marks = this.#marksNow(statement.ticket)
      return this.#decisions.put(statement, { marks, reason: deciding.reason.trim(), signature })
    })
  }

  /** How many words stewards have given: more whenever there is another one. */
  words(): number {
    return this.#decisions.count()
  }

  /** Says of a ticket that its source leaves nothing in doubt any more. */
  mend(id: string): void {
    this.#statement('UPDATE tickets SET mended = ? WHERE id = ? AND mended IS NULL').run(
      this.#now(),
      id,
    )
  }

  /** The rows of a ticket are others now. */
  restate(id: string, marks: readonly string[]): void {
    this.#statement('UPDATE tickets SET marks = ?, mended = NULL WHERE id = ?').run(
      factsOf(marks),
      id,
    )
  }

  /** The id of a question: no more can be learned from it than that it is this one. */
  idOf(question: Omit<Question, 'marks'>): string {
    return this.#idOf(question)
  }

  close(): void {
    this.#database.close()
    this.#statements.clear()
  }

  #idOf({ why, table, subject }: Omit<Question, 'marks'>): string {
    const hash = this.#hash(['ticket', why, table, ...subject])
    return hash.toString('hex').slice(0, idDigits)
  }

  #mendIf(question: Omit<Question, 'marks'>): void {
    const id = this.#idOf(question)
    const known = this.#statement('SELECT mended FROM tickets WHERE id = ?').get(id)
    if (known?.['mended'] === null) this.mend(id)
  }

  #hash(words: readonly string[]): Buffer {
    return createHmac('sha256', this.#key).update(JSON.stringify(words)).digest()
  }

  #drafted(deciding: Deciding, at: number): MatchCode | TicketStatement {
    const { id, outcome, current, again = false } = deciding
    const reason = deciding.reason.trim()
    const ticket = this.ticket(id)
    if (ticket === null) return 'node/match-unknown-ticket'
    if (ticket.state === 'mended') return 'node/match-mended'
    if (ticket.state === 'decided' && !again) return 'node/match-decided'
    if (reason === '' || reason.length > wordsMax) return 'node/match-no-reason'
    const row = ticket.rows.find((each) => each.row === current)
    if (current !== undefined && row === undefined) return 'node/match-no-row'
    const wants = wantsRow(ticket.why, outcome)
    if (wants === 'one' && row === undefined) return 'node/match-no-row'
    if (wants === 'none' && row !== undefined) return 'node/match-row-not-asked'
    const marks = factsOf(ticket.rows.map(({ mark }) => mark))
    return statementOf(this.#bench, {
      id,
      marks,
      outcome,
      current: row?.mark ?? null,
      reason,
      at,
    })
  }

  #marksNow(id: string): string {
    return String(this.#statement('SELECT marks FROM tickets WHERE id = ?').get(id)?.['marks'])
  }

  #settled(question: Question): Settled | null {
    const word = this.#decisions.latest(this.#idOf(question), factsOf(question.marks))
    return word?.uncounted === null ? word : null
  }

  /** Whether a steward has said of two codes of one name that this row's does not count. */
  #barred(mark: string): Ruled | null {
    const rows = this.#statement(
      "SELECT id, marks FROM tickets WHERE why = 'codes-differ' AND instr(marks, ?) > 0",
    ).all(mark)
    for (const row of rows) {
      const id = String(row['id'])
      const word = this.#decisions.latest(id, String(row['marks']))
      if (word === null || word.uncounted !== null) continue
      if (word.outcome === 'different' || word.current === mark) continue
      return word.outcome === 'same' ? { is: 'none' } : { is: 'withheld', ticket: id }
    }
    return null
  }

  #ticketOf(row: Row): MatchTicket {
    const id = String(row['id'])
    const marks = String(row['marks'])
    const from = this.#statement('SELECT load, row FROM origins WHERE mark = ?')
    const rows = (JSON.parse(marks) as readonly string[]).map((mark, at): TicketRow => {
      const origin = from.get(mark)
      return {
        row: rowName(at),
        mark,
        from:
          origin === undefined
            ? null
            : { load: String(origin['load']), row: Number(origin['row']) },
      }
    })
    const word = this.#decisions.latest(id, marks)
    const decision = word?.uncounted === null ? decidedOf(word, rows) : null
    return {
      id,
      why: row['why'] as TicketReason,
      table: String(row['tab']),
      opened: Number(row['opened']),
      by: row['origin'] as 'load' | 'look-up',
      state: row['mended'] !== null ? 'mended' : decision === null ? 'open' : 'decided',
      rows,
      decision,
      uncounted: word?.uncounted ?? null,
      earlier: this.#decisions.earlier(id, marks),
      columns: JSON.parse(String(row['columns'])) as Columns | null,
    }
  }

  #statement(text: string): StatementSync {
    const known = this.#statements.get(text)
    if (known !== undefined) return known
    const made = this.#database.prepare(text)
    this.#statements.set(text, made)
    return made
  }

  #together<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const done = work()
      this.#database.exec('COMMIT')
      return done
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
  }
}

/** Where a department keeps its tickets: beside its own system. */
export function ticketsBeside(source: string): string {
  return `${source.replace(/\.db$/, '')}.tickets.db`
}

/** The letter of a row: a to z, and then a1, b1 and so on. */
function rowName(at: number): string {
  const round = Math.floor(at / letters.length)
  return `${letters.charAt(at % letters.length)}${round === 0 ? '' : round}`
}

function factsOf(marks: readonly string[]): string {
  return JSON.stringify([...marks].sort((a, b) => (a < b ? -1 : 1)))
}

function factOf(statement: TicketStatement): string {
  return encodeCanonical(statement)
}

function decidedOf(word: Word, rows: readonly TicketRow[]): Decided {
  const { outcome, by, reason, at } = word
  const current = rows.find(({ mark }) => mark === word.current)?.row ?? null
  return { outcome, current, by, reason, at }
}
