// Where a department stands, in a private file: how many entries it has read, which cases still
// concern it, and of which sources it has heard. Nothing of it is evidence, and whoever deletes it
// has the department read from the beginning. It promises that what is written is there whole or
// not at all, also when power fails, and that a file with a changed bit is not believed.
import { closeSync, openSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import type { PlaceLost } from './codes.ts'

/**
 * How a case concerns a department that is opened again. `open`: it is not over. `waiting`: it is
 * over, or others work on it, and something is left to look at. `watched`: it is over, and somebody
 * watches on. What is none of these is forgotten.
 */
export type Stand = 'open' | 'waiting' | 'watched'

/** Where a department stands. */
export type Place = {
  /** Entries that were read: the index of the next one. */
  readonly next: number
  /** Says which entry stands before it, so that another history is not taken for this one. */
  readonly mark: string
  readonly cases: ReadonlyMap<string, Stand>
  /** Resources of which the ledger has an attestation. */
  readonly sources: readonly string[]
}

/** What is different from what was written last; null: the case is forgotten. */
export type PlaceChange = Omit<Place, 'cases'> & {
  readonly cases: ReadonlyMap<string, Stand | null>
}

type Row = { readonly [column: string]: unknown }

const format = 'lianban/place/1'
const stands: ReadonlySet<unknown> = new Set(['open', 'waiting', 'watched'])

const tables = `PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), whose TEXT,
    next INTEGER, mark TEXT, sources TEXT, sum TEXT);
  CREATE TABLE IF NOT EXISTS cases (id TEXT PRIMARY KEY, stand TEXT) WITHOUT ROWID`

/** The file of one department; one process has it open. */
export class PlaceBook {
  readonly #path: string
  #database: DatabaseSync
  #isDamaged = false
  /** What stands in the file. */
  #cases: Map<string, Stand> = new Map()
  #sum = 0n

  constructor(path: string) {
    this.#path = path
    try {
      this.#database = openAt(path)
    } catch (error) {
      if (!isDamage(error)) throw error
      this.#isDamaged = true
      this.#database = this.#anew()
    }
  }

  /**
   * The place that was written for `whose`, or why there is none: then `forget` comes before the
   * next `write`.
   */
  read(whose: string): Place | PlaceLost {
    return this.#isDamaged ? 'node/place-damaged' : this.#found(whose)
  }

  /** How a case stands in the file. */
  stand(id: string): Stand | null {
    return this.#cases.get(id) ?? null
  }

  /** Writes what has changed, on disk when this returns. Throws what SQLite throws. */
  write(whose: string, { next, mark, sources, cases }: PlaceChange): void {
    const rows = [...cases].filter(([id, stand]) => this.stand(id) !== stand)
    const sum = rows.reduce((before, [id, stand]) => {
      return before ^ weight(id, this.stand(id)) ^ weight(id, stand)
    }, this.#sum)
    const place = { whose, next, mark, sources: encodeCanonical([...sources]) }
    const together = this.#database
    together.exec('BEGIN IMMEDIATE')
    try {
      const put = together.prepare('INSERT OR REPLACE INTO cases VALUES (?, ?)')
      const drop = together.prepare('DELETE FROM cases WHERE id = ?')
      for (const [id, stand] of rows) {
        if (stand === null) drop.run(id)
        else put.run(id, stand)
      }
      together
        .prepare('INSERT OR REPLACE INTO place VALUES (1, ?, ?, ?, ?, ?)')
        .run(whose, next, mark, place.sources, sealOf(place, sum))
      together.exec('COMMIT')
    } catch (error) {
      undo(together)
      throw error
    }
    this.#sum = sum
    for (const [id, stand] of rows) {
      if (stand === null) this.#cases.delete(id)
      else this.#cases.set(id, stand)
    }
  }

  /** Begins the file anew. */
  forget(): void {
    this.#database.close()
    this.#database = this.#anew()
    this.#isDamaged = false
  }

  close(): void {
    this.#database.close()
  }

  #found(whose: string): Place | PlaceLost {
    try {
      // A header may be damaged so that reading is allowed and writing is not.
      this.#database.exec('BEGIN IMMEDIATE; ROLLBACK')
      const row = this.#database.prepare('SELECT * FROM place').get()
      if (row === undefined) return 'node/place-missing'
      if (row['whose'] !== whose) return 'node/place-other'
      const place = this.#placeIn(row, this.#database.prepare('SELECT * FROM cases').all())
      return place ?? 'node/place-damaged'
    } catch (error) {
      if (!isDamage(error)) throw error
      return 'node/place-damaged'
    }
  }

  /** The place of a row and its cases, all of it as it was written; null otherwise. */
  #placeIn(row: Row, rows: readonly Row[]): Place | null {
    const { whose, next, mark, sources, sum } = row
    const cases = new Map<string, Stand>()
    let weights = 0n
    for (const { id, stand } of rows) {
      if (typeof id !== 'string' || !stands.has(stand)) return null
      cases.set(id, stand as Stand)
      weights ^= weight(id, stand as Stand)
    }
    const place = { whose, next, mark, sources } as { readonly [name: string]: Json }
    if (sum !== sealOf(place, weights)) return null
    this.#cases = cases
    this.#sum = weights
    return {
      next: next as number,
      mark: mark as string,
      cases: new Map(cases),
      sources: JSON.parse(sources as string) as readonly string[],
    }
  }

  #anew(): DatabaseSync {
    for (const end of ['', '-wal', '-shm']) rmSync(`${this.#path}${end}`, { force: true })
    this.#cases = new Map()
    this.#sum = 0n
    return openAt(this.#path)
  }
}

function openAt(path: string): DatabaseSync {
  closeSync(openSync(path, 'a', 0o600))
  const database = new DatabaseSync(path)
  try {
    database.exec(tables)
  } catch (error) {
    database.close()
    throw error
  }
  return database
}

function undo(database: DatabaseSync): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // A disk without room has undone it already.
    return
  }
}

/** What a row of a case adds to the sum of all rows, whatever their order. */
function weight(id: string, stand: Stand | null): bigint {
  return stand === null ? 0n : BigInt(`0x${sha256Text(`${id} ${stand}`, 'hex')}`)
}

/** One text for everything that stands in the file. */
function sealOf(place: { readonly [name: string]: Json }, sum: bigint): string {
  return sha256Text(encodeCanonical({ format, ...place, cases: sum.toString(16) }), 'hex')
}

/** Result codes of SQLite that pass: another process, lack of memory, lack of room. */
const passing: ReadonlySet<number> = new Set([5, 6, 7, 13])

/** Whether SQLite finds the file itself wrong. */
function isDamage(error: unknown): boolean {
  const code = (error as { readonly errcode?: number } | null)?.errcode
  return code !== undefined && !passing.has(code & 0xff)
}
