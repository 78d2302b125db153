// A department's private book of its sources: the last state of each that counted, as fingerprints
// under a key that lies in the vault, so that the book is no list of persons. Besides, what waits
// for a second person, what the department itself has handed in since, why a change was announced,
// and wishes of other processes of the same owner. Nothing of it is evidence; a book that was lost
// is found out, because the ledger knows that there was a state.
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import type { Moved, Print } from './comparing.ts'

/** A state that counted. */
export type Kept = { readonly schema: string; readonly rows: number; readonly digest: string }

/** A state that waits for a second person. Times are Unix milliseconds. */
export type Waiting = Kept & {
  readonly added: number
  readonly changed: number
  readonly vanished: number
  readonly since: number
}

/** Something that another process of the owner asks for, and what came of it. */
export type Wish = { readonly id: number; readonly wish: string }

/** Outcomes that nobody has fetched are kept for so many later wishes. */
const wishesKept = 100

const tables = `PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS kept (resource TEXT PRIMARY KEY, schema TEXT, rows INTEGER,
    digest TEXT) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS prints (resource TEXT, key TEXT, print TEXT, n INTEGER,
    PRIMARY KEY (resource, key, print)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS waiting (resource TEXT PRIMARY KEY, schema TEXT, rows INTEGER,
    digest TEXT, added INTEGER, changed INTEGER, vanished INTEGER, since INTEGER) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS own (resource TEXT, key TEXT, PRIMARY KEY (resource, key))
    WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS announced (resource TEXT, until INTEGER, reason TEXT, entry INTEGER);
  CREATE TABLE IF NOT EXISTS wishes (id INTEGER PRIMARY KEY, wish TEXT, outcome TEXT)`

const seen = `PRAGMA cache_size = -8192; DROP TABLE IF EXISTS temp.seen;
  DROP TABLE IF EXISTS temp.moved;
  CREATE TEMP TABLE seen (key TEXT, print TEXT);
  CREATE TEMP TABLE moved (key TEXT, print TEXT, n INTEGER)`

/** The book of one department. */
export class RefreshBook {
  readonly #database: DatabaseSync
  readonly #statements: Map<string, StatementSync> = new Map()

  constructor(path: string) {
    closeSync(openSync(path, 'a', 0o600))
    this.#database = new DatabaseSync(path)
    this.#database.exec(tables)
  }

  /** The last state of a resource that counted. */
  kept(resource: string): Kept | null {
    const row = this.#statement('SELECT schema, rows, digest FROM kept WHERE resource = ?')
    return (row.get(resource) as Kept | undefined) ?? null
  }

  /** Begins to take the rows of a state. */
  begin(): void {
    this.#statements.clear()
    this.#database.exec(seen)
  }

  /** Takes a row of it. */
  take(key: string, print: string): void {
    this.#statement('INSERT INTO temp.seen VALUES (?, ?)').run(key, print)
  }

  /** The fingerprints that counted, in order. */
  before(resource: string): Iterator<Print> {
    const text = 'SELECT key, print, n FROM prints WHERE resource = ? ORDER BY key, print'
    return this.#database.prepare(text).iterate(resource) as Iterator<unknown> as Iterator<Print>
  }

  /** The fingerprints that were taken, in order. */
  now(): Iterator<Print> {
    const text = `SELECT key, print, count(*) AS n FROM temp.seen
      GROUP BY key, print ORDER BY key, print`
    return this.#database.prepare(text).iterate() as Iterator<unknown> as Iterator<Print>
  }

  /** Notes a fingerprint of which there are other rows by now. */
  moved({ key, print, n }: Moved): void {
    this.#statement('INSERT INTO temp.moved VALUES (?, ?, ?)').run(key, print, n)
  }

  /** The state that was taken and compared counts from now on. */
  keep(resource: string, { schema, rows, digest }: Kept): void {
    this.#together(() => {
      this.#statement(
        `DELETE FROM prints WHERE resource = ?
         AND (key, print) IN (SELECT key, print FROM temp.moved)`,
      ).run(resource)
      this.#statement('INSERT INTO prints SELECT ?, key, print, n FROM temp.moved WHERE n > 0').run(
        resource,
      )
      this.#statement('INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)').run(
        resource,
        schema,
        rows,
        digest,
      )
      this.#statement('DELETE FROM waiting WHERE resource = ?').run(resource)
      this.#statement('DELETE FROM own WHERE resource = ?').run(resource)
    })
  }

  /** What waits for a second person. */
  waiting(resource: string): Waiting | null {
    const row = this.#statement('SELECT * FROM waiting WHERE resource = ?').get(resource)
    return (row as Waiting | undefined) ?? null
  }

  /** A state waits, or null: nothing does any longer. */
  wait(resource: string, state: Waiting | null): void {
    if (state === null) {
      this.#statement('DELETE FROM waiting WHERE resource = ?').run(resource)
      return
    }
    const { schema, rows, digest, added, changed, vanished, since } = state
    this.#statement('INSERT OR REPLACE INTO waiting VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
      resource,
      schema,
      rows,
      digest,
      added,
      changed,
      vanished,
      since,
    )
  }

  /** The department itself hands in a decision about rows under this key. */
  own(resource: string, key: string): void {
    this.#statement('INSERT OR IGNORE INTO own VALUES (?, ?)').run(resource, key)
  }

  isOwn(resource: string, key: string): boolean {
    const row = this.#statement('SELECT 1 FROM own WHERE resource = ? AND key = ?')
    return row.get(resource, key) !== undefined
  }

  /** Why a change was announced; the ledger holds no text. */
  announced(of: {
    readonly resource: string
    readonly until: number
    readonly reason: string
    readonly entry: number
  }): void {
    this.#statement('INSERT INTO announced VALUES (?, ?, ?, ?)').run(
      of.resource,
      of.until,
      of.reason,
      of.entry,
    )
  }

  /** The reason of the last announcement. */
  reason(resource: string): string | null {
    const row = this.#statement(
      'SELECT reason FROM announced WHERE resource = ? ORDER BY rowid DESC LIMIT 1',
    ).get(resource)
    return row === undefined ? null : String(row['reason'])
  }

  /** Leaves a wish for the process that runs the department. */
  leave(wish: string): number {
    const row = this.#statement('INSERT INTO wishes (wish) VALUES (?) RETURNING id').get(wish)
    // Whoever went away has left its outcome behind.
    this.#statement('DELETE FROM wishes WHERE outcome IS NOT NULL AND id < ?').run(
      Number(row?.['id']) - wishesKept,
    )
    return Number(row?.['id'])
  }

  /** Wishes without an outcome, the oldest first. */
  wishes(): readonly Wish[] {
    const rows = this.#statement('SELECT id, wish FROM wishes WHERE outcome IS NULL ORDER BY id')
    return rows.all() as unknown as readonly Wish[]
  }

  /** Says what came of a wish. */
  answer(id: number, outcome: string): void {
    this.#statement('UPDATE wishes SET outcome = ? WHERE id = ?').run(outcome, id)
  }

  /** What came of a wish; the wish goes with its outcome. */
  outcome(id: number): string | null {
    const row = this.#statement(
      'DELETE FROM wishes WHERE id = ? AND outcome IS NOT NULL RETURNING outcome',
    ).get(id)
    return row === undefined ? null : String(row['outcome'])
  }

  /** Takes a wish back that nobody has looked at. Says whether it was still there. */
  takeBack(id: number): boolean {
    const taken = this.#statement('DELETE FROM wishes WHERE id = ? AND outcome IS NULL').run(id)
    return Number(taken.changes) > 0
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  #statement(text: string): StatementSync {
    const known = this.#statements.get(text)
    if (known !== undefined) return known
    const made = this.#database.prepare(text)
    this.#statements.set(text, made)
    return made
  }

  #together(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#database.exec('COMMIT')
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
  }
}
