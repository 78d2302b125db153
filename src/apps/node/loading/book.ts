// What was loaded into a city, beside its sectors' own databases: of each source the rows that
// count, as fingerprints under their keys, with what was made for them and where they were written.
// It is what the next state of a source is compared with. Serials of what is made are written down
// before they are used, so that a load that was cut off makes the same people again.
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

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
}

/** One load of one source. */
export type Loaded = {
  readonly source: string
  /** Unix milliseconds. */
  readonly at: number
  readonly by: string | null
  readonly second: string | null
  readonly rows: number
  readonly schema: string
}

/** The book of a city. */
export class LoadBook {
  readonly #database: DatabaseSync

  constructor(directory: string) {
    const path = join(directory, 'loaded.db')
    // What tells a written row apart may be a name: the book is its owner's alone.
    closeSync(openSync(path, 'a', 0o600))
    this.#database = new DatabaseSync(path)
    this.#database.exec(`PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS loads (source TEXT, at INTEGER, by_whom TEXT, second TEXT,
        rows INTEGER, schema TEXT);
      CREATE TABLE IF NOT EXISTS entered (source TEXT, key TEXT, print TEXT, made TEXT,
        written TEXT, PRIMARY KEY (source, key)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS serials (making TEXT PRIMARY KEY, next INTEGER) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS made (source TEXT, key TEXT, name TEXT, serial INTEGER,
        PRIMARY KEY (source, key, name)) WITHOUT ROWID`)
  }

  /** The last load of a source. */
  last(source: string): Loaded | null {
    const row = this.#database
      .prepare('SELECT * FROM loads WHERE source = ? ORDER BY rowid DESC LIMIT 1')
      .get(source)
    if (row === undefined) return null
    const { at, by_whom: by, second, rows, schema } = row
    return { source, at, by, second, rows, schema } as unknown as Loaded
  }

  /** Rows of a source that count, by key. */
  entered(source: string): ReadonlyMap<string, Entered> {
    const rows = this.#database.prepare('SELECT * FROM entered WHERE source = ?').all(source)
    return new Map(
      rows.map((row) => {
        const { key, print, made, written } = row as { readonly [name: string]: string }
        const entered = {
          key: String(key),
          print: String(print),
          made: JSON.parse(String(made)) as Entered['made'],
          written: JSON.parse(String(written)) as readonly Written[],
        }
        return [entered.key, entered]
      }),
    )
  }

  /** Serials for rows that have none yet, durable at the return. */
  serials(
    source: string,
    wanted: readonly { readonly key: string; readonly name: string; readonly making: string }[],
  ): (key: string, name: string) => number {
    const database = this.#database
    const find = database.prepare(
      'SELECT serial FROM made WHERE source = ? AND key = ? AND name = ?',
    )
    const next = database.prepare(
      `INSERT INTO serials VALUES (?, 1) ON CONFLICT (making) DO UPDATE SET next = next + 1
       RETURNING next - 1 AS serial`,
    )
    const put = database.prepare('INSERT INTO made VALUES (?, ?, ?, ?)')
    const found = new Map<string, number>()
    this.#together(() => {
      for (const { key, name, making } of wanted) {
        const before = find.get(source, key, name) as { readonly serial: number } | undefined
        const { serial } = before ?? (next.get(making) as { readonly serial: number })
        if (before === undefined) put.run(source, key, name, serial)
        found.set(`${name}\u001f${key}`, serial)
      }
    })
    return (key, name) => found.get(`${name}\u001f${key}`) ?? -1
  }

  /** A load that has been written into the sectors' tables. */
  enter(
    loaded: Loaded,
    { put, drop }: { readonly put: readonly Entered[]; readonly drop: readonly string[] },
  ): void {
    const database = this.#database
    const { source, at, by, second, rows, schema } = loaded
    this.#together(() => {
      const remove = database.prepare('DELETE FROM entered WHERE source = ? AND key = ?')
      for (const key of drop) remove.run(source, key)
      const write = database.prepare('INSERT OR REPLACE INTO entered VALUES (?, ?, ?, ?, ?)')
      for (const { key, print, made, written } of put) {
        write.run(source, key, print, JSON.stringify(made), JSON.stringify(written))
      }
      database
        .prepare('INSERT INTO loads VALUES (?, ?, ?, ?, ?, ?)')
        .run(source, at, by, second, rows, schema)
    })
  }

  close(): void {
    this.#database.close()
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
