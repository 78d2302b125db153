// What was loaded into a city, beside its sectors' own databases: of each source the rows that
// count, as fingerprints under their keys, with what was made for them and where they were written.
// It is what the next state of a source is compared with. Serials of what is made are written down
// before they are used, so that a load that was cut off makes the same people again.
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import type { Json } from '#base/canonical'
import type { Accepted, Fields, Taken } from './reading.ts'
import { Undoing } from './undoing.ts'

/** A written row of a table: the values that tell it apart. */
export type Written = {
  readonly member: string
  readonly table: string
  readonly where: { readonly [column: string]: string | number | null }
}

/** A row of a source that counts. */
export type Entered = {
  readonly key: string
  readonly print: string
  /** Serials of what was made for it, by name. */
  readonly made: { readonly [name: string]: number }
  readonly written: readonly Written[]
  /** Rows of tables that stood already and that it says too. */
  readonly shared: readonly Written[]
}

/** A row that was taken back although another row of a source says it too. */
export type Kept = {
  readonly place: Written
  readonly values: { readonly [column: string]: string | number | null }
}

/** One load of one source. */
export type Loaded = {
  readonly source: string
  /** Unix milliseconds. */
  readonly at: number
  readonly rows: number
  readonly schema: string
  /** Base64url SHA-256 of the load file through which it came. */
  readonly mapping: string
  /** The member that answers for the source; empty in books of before. */
  readonly steward: string
  /** Who had looked at it, with what they signed. */
  readonly look: Look | null
}

type Look = {
  /** Officers' kids. */
  readonly by: string
  readonly second: string | null
  readonly signed: Json
}

/** Another process loads into the same city. */
export class LoadRunning extends Error {
  override readonly name = 'LoadRunning'
  readonly code = 'node/load-running'
}

/** What SQLite says where another connection has the file for itself. */
const sqliteBusy = 5

/** The book of a city, for one load at a time. */
export class LoadBook {
  readonly #database: DatabaseSync
  /** How what is under way is undone. */
  readonly undoing: Undoing
  readonly #statements: Map<string, StatementSync> = new Map()

  /** Throws `LoadRunning` where another process has it for so many milliseconds. */
  constructor(directory: string, waitMs = 1_000) {
    const path = join(directory, 'loaded.db')
    // What tells a written row apart may be a name: the book is its owner's alone.
    closeSync(openSync(path, 'a', 0o600))
    this.#database = new DatabaseSync(path)
    try {
      this.#prepare(waitMs)
      this.undoing = new Undoing(this.#database)
    } catch (error) {
      this.#database.close()
      const { errcode } = error as { readonly errcode?: unknown }
      throw errcode === sqliteBusy ? new LoadRunning('node/load-running') : error
    }
  }

  #prepare(waitMs: number): void {
    // What one load has compared, another one must not change before it is written. The lock goes
    // with the process, however that ends.
    this.#database.exec(`PRAGMA busy_timeout = ${waitMs}; PRAGMA locking_mode = EXCLUSIVE;
      BEGIN EXCLUSIVE;
      CREATE TABLE IF NOT EXISTS loads (source TEXT, at INTEGER, by_whom TEXT, second TEXT,
        rows INTEGER, schema TEXT);
      CREATE TABLE IF NOT EXISTS entered (source TEXT, key TEXT, print TEXT, made TEXT,
        written TEXT, PRIMARY KEY (source, key)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS looks (source TEXT PRIMARY KEY, by_whom TEXT, signed TEXT);
      CREATE TABLE IF NOT EXISTS serials (making TEXT PRIMARY KEY, next INTEGER) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS made (source TEXT, key TEXT, name TEXT, serial INTEGER,
        PRIMARY KEY (source, key, name)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS shared (place TEXT, source TEXT, key TEXT,
        PRIMARY KEY (place, source, key)) WITHOUT ROWID;
      COMMIT`)
    const columns = this.#database.prepare('PRAGMA table_info(loads)').all()
    for (const name of ['mapping', 'signed', 'steward']) {
      if (columns.some((column) => column['name'] === name)) continue
      this.#database.exec(`ALTER TABLE loads ADD COLUMN ${name} TEXT`)
    }
  }

  /** The last load of a source. */
  last(source: string): Loaded | null {
    const row = this.#database
      .prepare('SELECT * FROM loads WHERE source = ? ORDER BY rowid DESC LIMIT 1')
      .get(source)
    if (row === undefined) return null
    const { at, by_whom: by, second, rows, schema, mapping, signed, steward } = row
    const look =
      signed === null ? null : { by, second, signed: JSON.parse(String(signed)) as unknown }
    const known = { mapping: mapping ?? '', steward: steward ?? '' }
    return { source, at, rows, schema, ...known, look } as unknown as Loaded
  }

  /** How many states of a source have counted. */
  states(source: string): number {
    const row = this.#statement('SELECT count(*) AS n FROM loads WHERE source = ?').get(source)
    return Number(row?.['n'] ?? 0)
  }

  /** Keeps what one officer has signed of a state that waits for another one. */
  keepLook(source: string, { by, signed }: Look): void {
    this.#statement('INSERT OR REPLACE INTO looks VALUES (?, ?, ?)').run(
      source,
      by,
      JSON.stringify(signed),
    )
  }

  /** What one officer has signed of a state of this source that waits, or null. */
  lookKept(source: string): Look | null {
    const row = this.#statement('SELECT by_whom, signed FROM looks WHERE source = ?').get(source)
    if (row === undefined) return null
    const signed = JSON.parse(String(row['signed'])) as Json
    return { by: String(row['by_whom']), second: null, signed }
  }

  /** How many rows of a source count. */
  size(source: string): number {
    const row = this.#statement('SELECT count(*) AS n FROM entered WHERE source = ?').get(source)
    return Number(row?.['n'] ?? 0)
  }

  /** Begins to take the rows of a new state; they lie beside the book until `enter`. */
  begin(): void {
    this.#database.exec(`DROP TABLE IF EXISTS temp.incoming; DROP TABLE IF EXISTS temp.outgoing;
      DROP TABLE IF EXISTS temp.kept;
      CREATE TEMP TABLE kept (place TEXT PRIMARY KEY, row TEXT, source TEXT, key TEXT,
        restored INTEGER);
      CREATE TEMP TABLE incoming (key TEXT PRIMARY KEY, print TEXT, row INTEGER, fields TEXT);
      CREATE TEMP TABLE outgoing (key TEXT, print TEXT, made TEXT, written TEXT, shared TEXT)`)
    this.#statements.clear()
    this.undoing.begin()
  }

  /** Takes a row of the new state, unless one with its key is there. */
  take({ key, print, row, fields }: Accepted): Taken {
    const put = this.#statement(
      'INSERT INTO temp.incoming VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    )
    if (put.run(key, print, row, JSON.stringify(fields)).changes > 0) return 'taken'
    const before = this.#statement('SELECT print FROM temp.incoming WHERE key = ?').get(key)
    return before?.['print'] === print ? 'again' : 'repeated'
  }

  /** The new state against the one that counts. */
  differences(source: string): {
    readonly added: number
    readonly changed: number
    readonly vanished: number
    readonly same: number
  } {
    const row = this.#statement(
      `SELECT count(*) AS taken, sum(e.key IS NULL) AS added, sum(e.print <> i.print) AS changed
       FROM temp.incoming i LEFT JOIN entered e ON e.source = ? AND e.key = i.key`,
    ).get(source)
    const gone = this.#statement(
      `SELECT count(*) AS n FROM entered e WHERE source = ?
       AND NOT EXISTS (SELECT 1 FROM temp.incoming i WHERE i.key = e.key)`,
    ).get(source)
    const [taken, added] = [Number(row?.['taken'] ?? 0), Number(row?.['added'] ?? 0)]
    const changed = Number(row?.['changed'] ?? 0)
    return { added, changed, vanished: Number(gone?.['n'] ?? 0), same: taken - added - changed }
  }

  /** Rows of the new state that are new or changed, with what an earlier state had written. */
  *fresh(source: string): Generator<Accepted & { readonly before: readonly Written[] }> {
    const rows = this.#database
      .prepare(
        `SELECT i.key, i.print, i.row, i.fields, e.written FROM temp.incoming i
         LEFT JOIN entered e ON e.source = ? AND e.key = i.key
         WHERE e.key IS NULL OR e.print <> i.print ORDER BY i.row`,
      )
      .iterate(source)
    for (const { key, print, row, fields, written } of rows) {
      yield {
        key: String(key),
        print: String(print),
        row: Number(row),
        fields: JSON.parse(String(fields)) as Fields,
        before: written === null ? [] : (JSON.parse(String(written)) as readonly Written[]),
      }
    }
  }

  /** What was written for rows that are no more. */
  *vanished(source: string): Generator<readonly Written[]> {
    const rows = this.#database
      .prepare(
        `SELECT e.written FROM entered e WHERE source = ?
         AND NOT EXISTS (SELECT 1 FROM temp.incoming i WHERE i.key = e.key)`,
      )
      .iterate(source)
    for (const { written } of rows) yield JSON.parse(String(written)) as readonly Written[]
  }

  /** Gives serials to what has none yet, durable at the return. */
  number(
    source: string,
    wanted: Iterable<{ readonly key: string; readonly name: string; readonly making: string }>,
  ): void {
    const next = this.#statement(
      `INSERT INTO serials VALUES (?, 1) ON CONFLICT (making) DO UPDATE SET next = next + 1
       RETURNING next - 1 AS serial`,
    )
    const put = this.#statement('INSERT INTO made VALUES (?, ?, ?, ?)')
    this.#together(() => {
      for (const { key, name, making } of wanted) {
        if (this.serial(source, key, name) !== null) continue
        put.run(source, key, name, Number(next.get(making)?.['serial'] ?? 0))
      }
    })
  }

  /** The serial of something made; null where there is none. */
  serial(source: string, key: string, name: string): number | null {
    const row = this.#statement(
      'SELECT serial FROM made WHERE source = ? AND key = ? AND name = ?',
    ).get(source, key, name)
    return row === undefined ? null : Number(row['serial'])
  }

  /** Notes what was written for a row; it counts with `enter`. */
  note({ key, print, made, written, shared }: Entered): void {
    this.#statement('INSERT INTO temp.outgoing VALUES (?, ?, ?, ?, ?)').run(
      key,
      print,
      JSON.stringify(made),
      JSON.stringify(written),
      JSON.stringify(shared.map(placeText)),
    )
  }

  /**
   * Keeps what stands at a place that is about to be taken back, where another row that stays, of
   * this source or of another, says it too, until it is known whether it is written anew.
   */
  keep(source: string, place: Written, standing: (place: Written) => Kept['values'] | null): void {
    const heir = this.#statement(
      `SELECT s.source, s.key FROM shared s WHERE s.place = ? AND (s.source <> ? OR EXISTS (
         SELECT 1 FROM temp.incoming i JOIN entered e ON e.source = s.source AND e.key = i.key
         WHERE i.key = s.key AND i.print = e.print)) LIMIT 1`,
    ).get(placeText(place), source)
    const values = heir === undefined ? null : standing(place)
    if (heir === undefined || values === null) return
    this.#statement('INSERT OR REPLACE INTO temp.kept VALUES (?, ?, ?, ?, 0)').run(
      placeText(place),
      JSON.stringify(values),
      String(heir['source']),
      String(heir['key']),
    )
  }

  /** What is kept, of which `isGone` says that nobody has written it anew. */
  *kept(isGone: (place: Written) => boolean): Generator<Kept> {
    const restore = this.#statement('UPDATE temp.kept SET restored = 1 WHERE place = ?')
    for (const { place, row } of this.#statement('SELECT place, row FROM temp.kept').all()) {
      const there = JSON.parse(String(place)) as Written
      if (!isGone(there)) continue
      restore.run(String(place))
      yield { place: there, values: JSON.parse(String(row)) as Kept['values'] }
    }
  }

  /** What a load that was cut off had done is undone. */
  undone(): void {
    this.#together(() => this.undoing.over())
  }

  /** The new state counts: it has been written into the sectors' tables. */
  enter({ source, at, rows, schema, mapping, steward, look }: Loaded): void {
    this.#together(() => {
      this.#statement(
        `DELETE FROM entered WHERE source = ?
         AND NOT EXISTS (SELECT 1 FROM temp.incoming i WHERE i.key = entered.key)`,
      ).run(source)
      this.#statement(
        'INSERT OR REPLACE INTO entered SELECT ?, key, print, made, written FROM temp.outgoing',
      ).run(source)
      this.#share(source)
      this.undoing.over()
      this.#statement('DELETE FROM looks WHERE source = ?').run(source)
      this.#statement(
        `INSERT INTO loads (source, at, by_whom, second, rows, schema, mapping, signed, steward)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        source,
        at,
        look?.by ?? null,
        look?.second ?? null,
        rows,
        schema,
        mapping,
        look === null ? null : JSON.stringify(look.signed),
        steward,
      )
    })
  }

  /** Who says which row too, after a load; a row whose writer has left it has a new one. */
  #share(source: string): void {
    this.#statement(
      `DELETE FROM shared WHERE source = ? AND (key IN (SELECT key FROM temp.outgoing)
       OR NOT EXISTS (SELECT 1 FROM temp.incoming i WHERE i.key = shared.key))`,
    ).run(source)
    this.#statement(
      `INSERT OR IGNORE INTO shared
       SELECT s.value, ?, o.key FROM temp.outgoing o, json_each(o.shared) s`,
    ).run(source)
    this.#statement(
      `UPDATE entered SET written = json_insert(written, '$[#]', json(k.place)) FROM temp.kept k
       WHERE k.restored = 1 AND entered.source = k.source AND entered.key = k.key`,
    ).run()
    this.#statement(
      `DELETE FROM shared WHERE EXISTS (SELECT 1 FROM temp.kept k WHERE k.restored = 1
       AND k.place = shared.place AND k.source = shared.source AND k.key = shared.key)`,
    ).run()
  }

  close(): void {
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

/** One place has one text, whoever wrote it. */
function placeText({ member, table, where }: Written): string {
  return JSON.stringify({ member, table, where })
}
