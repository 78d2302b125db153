// What stewards have decided of match tickets, one row of the department's file for each word. It
// promises that a word counts while its signature verifies, judged anew as keys change; that of two
// words the later one is meant, also where it does not count; and that of each that does not count
// its node is told once.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { readJsonText } from '#blueprint/grammar'
import type { Outcome, Settled } from './ruling.ts'
import { statementOf } from './signing.ts'
import type { Bench, Signature, TicketStatement } from './signing.ts'
import type { Decided } from './tickets.ts'

/** A word about rows: `uncounted` says why it does not count. */
export type Word = Settled &
  Pick<Decided, 'at' | 'by' | 'reason'> & { readonly uncounted: string | null }

/** Told of a word that does not count: of which ticket it is, and why. */
export type Doubted = (ticket: string, code: string) => void

type Row = { readonly [column: string]: unknown }

const judgedMax = 10_000

/** The words in one file. */
export class Decisions {
  readonly #bench: Bench
  readonly #doubted: Doubted
  readonly #latest: StatementSync
  readonly #put: StatementSync
  readonly #count: StatementSync
  readonly #countOf: StatementSync
  /** Judgements at one height, by everything that was judged. */
  readonly #judged: Map<string, string | null> = new Map()
  #judgedAt = 0
  readonly #told: Set<string> = new Set()

  constructor(database: DatabaseSync, bench: Bench, doubted: Doubted) {
    this.#bench = bench
    this.#doubted = doubted
    database.exec(`CREATE TABLE IF NOT EXISTS decisions (n INTEGER PRIMARY KEY, id TEXT,
        marks TEXT, outcome TEXT, current TEXT, by_whom TEXT, reason TEXT, at INTEGER, signed TEXT);
      CREATE INDEX IF NOT EXISTS decisions_by_id ON decisions (id, marks)`)
    // Words of a book that was kept before anybody signed have no signature.
    const columns = database.prepare('PRAGMA table_info(decisions)').all()
    if (!columns.some(({ name }) => name === 'signed')) {
      database.exec('ALTER TABLE decisions ADD COLUMN signed TEXT')
    }
    this.#latest = database.prepare(
      'SELECT * FROM decisions WHERE id = ? AND marks = ? ORDER BY n DESC LIMIT 1',
    )
    this.#put = database.prepare(
      `INSERT INTO decisions (id, marks, outcome, current, by_whom, reason, at, signed)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#count = database.prepare('SELECT count(*) AS n FROM decisions')
    this.#countOf = database.prepare(
      'SELECT count(*) AS n, total(marks = ?) AS mine FROM decisions WHERE id = ?',
    )
  }

  /** The last word about these rows of a ticket, whether it counts or not. */
  latest(id: string, marks: string): Word | null {
    const row = this.#latest.get(id, marks)
    if (row === undefined) return null
    const current = row['current'] === null ? null : textIn(row, 'current')
    const [outcome, reason] = [textIn(row, 'outcome') as Outcome, textIn(row, 'reason')]
    const at = Number.isSafeInteger(row['at']) ? Number(row['at']) : 0
    const signature = row['signed'] === null ? null : signatureIn(textIn(row, 'signed'))
    const statement = statementOf(this.#bench, { id, marks, outcome, current, reason, at })
    const uncounted = this.#judge(statement, signature)
    if (uncounted !== null) this.#tell(id, uncounted, Number(row['n']))
    return { outcome, current, by: signerOf(signature), reason, at, uncounted }
  }

  /** Writes a word down; null, or the code for which its signature does not count. */
  put(
    statement: TicketStatement,
    of: {
      readonly marks: string
      readonly reason: string
      readonly signature: Signature | null
    },
  ): string | null {
    const { marks, reason, signature } = of
    const refused = this.#bench.takes(statement, signature)
    if (refused !== null) return refused
    const { ticket, outcome, current, at } = statement
    const signed = signature === null ? null : JSON.stringify(signature)
    this.#put.run(ticket, marks, outcome, current, signerOf(signature), reason, at, signed)
    return null
  }

  /** How many there are. */
  count(): number {
    return Number(this.#count.get()?.['n'] ?? 0)
  }

  /** How many there are of a ticket's rows as they stood before. */
  earlier(id: string, marks: string): number {
    const row = this.#countOf.get(marks, id)
    return Number(row?.['n'] ?? 0) - Number(row?.['mine'] ?? 0)
  }

  /** Keys change with the ledger's height and not between: a signature is verified once at each. */
  #judge(statement: TicketStatement, signature: Signature | null): string | null {
    const height = this.#bench.height()
    if (height !== this.#judgedAt || this.#judged.size >= judgedMax) this.#judged.clear()
    this.#judgedAt = height
    const all = JSON.stringify([encodeCanonical(statement), signature])
    const known = this.#judged.get(all)
    if (known !== undefined) return known
    const code = this.#bench.holds(statement, signature)
    this.#judged.set(all, code)
    return code
  }

  #tell(id: string, code: string, n: number): void {
    const fact = `${n} ${code}`
    if (this.#told.has(fact)) return
    this.#told.add(fact)
    this.#doubted(id, code)
  }
}

function signerOf(signature: Signature | null): string | null {
  const kid: unknown = signature?.approvals[0]?.kid
  return typeof kid === 'string' ? kid : null
}

function textIn(row: Row, column: string): string {
  const cell = row[column]
  return typeof cell === 'string' ? cell : ''
}

/** A signature as the file has it; what is none is one that nobody gave. Untrusted. */
function signatureIn(text: string): Signature {
  const read = readJsonText(text)
  const value = 'value' in read ? (read.value as Json) : null
  const { salt, approvals } = (value ?? {}) as Partial<Signature>
  const isWhole = typeof salt === 'string' && Array.isArray(approvals)
  return isWhole ? { salt, approvals } : { salt: '', approvals: [] }
}
