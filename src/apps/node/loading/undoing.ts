// How a load is undone, as it stands in the city's book before any table of a member changes: the
// places at which it writes, and the rows that it takes back, as they stood. Which databases are
// held meanwhile stands there too, until they are held no longer.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Kept, Written } from './book.ts'

/** What may stand at a place that a load has changed, and what stood there; null: nothing. */
export type Undo = { readonly place: Written; readonly row: Kept['values'] | null }

/** The part of a book that says how what is under way is undone. */
export class Undoing {
  readonly #database: DatabaseSync
  #put: StatementSync | null = null

  constructor(database: DatabaseSync) {
    this.#database = database
    database.exec(`CREATE TABLE IF NOT EXISTS undoing (n INTEGER PRIMARY KEY, place TEXT, row TEXT);
      CREATE TABLE IF NOT EXISTS held (member TEXT PRIMARY KEY) WITHOUT ROWID`)
  }

  /** A new state is taken: nothing is taken back for it yet. */
  begin(): void {
    this.#database.exec(`DROP TABLE IF EXISTS temp.removed;
      CREATE TEMP TABLE removed (place TEXT, row TEXT)`)
    this.#put = this.#database.prepare('INSERT INTO temp.removed VALUES (?, ?)')
  }

  /** Notes a row that is taken back, as it stands. */
  note(place: Written, row: Kept['values']): void {
    this.#put?.run(JSON.stringify(place), JSON.stringify(row))
  }

  /** Says, durable at the return, how what was noted and written is undone, and in whom. */
  intend(): readonly string[] {
    this.#database.exec(`INSERT INTO undoing (place, row)
      SELECT w.value, NULL FROM temp.outgoing o, json_each(o.written) w
      UNION ALL SELECT place, row FROM temp.removed`)
    return this.members()
  }

  /** What is to be undone, in the order in which it was done. */
  *all(): Generator<Undo> {
    const rows = this.#database.prepare('SELECT place, row FROM undoing ORDER BY n').iterate()
    for (const { place, row } of rows) {
      yield {
        place: JSON.parse(String(place)) as Written,
        row: row === null ? null : (JSON.parse(String(row)) as Kept['values']),
      }
    }
  }

  /** Members whose databases may be held. */
  members(): readonly string[] {
    const rows = this.#database
      .prepare(
        `SELECT json_extract(place, '$.member') AS member FROM undoing
         UNION SELECT member FROM held`,
      )
      .all()
    return rows.map(({ member }) => String(member))
  }

  /** Nothing is to be undone: what stands in the tables counts. One transaction, or part of one. */
  over(): void {
    this.#database.exec(`INSERT OR IGNORE INTO held
        SELECT DISTINCT json_extract(place, '$.member') FROM undoing WHERE place IS NOT NULL;
      DELETE FROM undoing`)
  }

  /** No database is held any longer. */
  released(): void {
    this.#database.exec('DELETE FROM held')
  }
}
