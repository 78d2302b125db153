// A sector's own database as a file: written once by the generator, corrected later by the sector's
// own staff. The node reads it through a register and never through here.
import { DatabaseSync } from 'node:sqlite'
import { existsSync, renameSync, rmSync } from 'node:fs'
import type { Cell, Table } from './tables.ts'

/**
 * Writes the tables into a new database. A file that stands there already is left as it is. Says
 * whether there is a database now: without tables there is none.
 */
export function writeSource(path: string, make: () => readonly Table[]): boolean {
  if (existsSync(path)) return true
  const tables = make()
  if (tables.length === 0) return false
  // Under its name stands either nothing or everything: a start that was cut off begins again.
  const draft = `${path}.new`
  rmSync(draft, { force: true })
  const database = new DatabaseSync(draft)
  try {
    database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN')
    for (const table of tables) writeTable(database, table)
    database.exec('COMMIT; PRAGMA journal_mode = WAL')
  } finally {
    database.close()
  }
  renameSync(draft, path)
  return true
}

function writeTable(database: DatabaseSync, table: Table): void {
  const { name, columns, key, rows, takes } = table
  const declared = Object.entries(columns).map(([column, type]) => `"${column}" ${type}`)
  database.exec(`CREATE TABLE "${name}" (${declared.join(', ')})`)
  database.exec(`CREATE INDEX "${name}_key" ON "${name}" (${key.map(quoted).join(', ')})`)
  const places = declared.map(() => '?').join(', ')
  const insert = database.prepare(`INSERT INTO "${name}" VALUES (${places})`)
  for (const row of rows) insert.run(...row)
  if (takes === undefined) return
  database.exec(inbox)
  // The sector's own system: it takes what is handed in at once, and says so.
  database.exec(
    `CREATE TRIGGER "take_${name}" AFTER INSERT ON lianban_decisions WHEN NEW.target = '${name}'
     BEGIN ${takes.join('; ')};
     UPDATE lianban_decisions SET standing = 'confirmed' WHERE id = NEW.id; END`,
  )
}

/** The table of what is handed in, as `adapters/registers` describes it. */
const inbox = `CREATE TABLE IF NOT EXISTS lianban_decisions (
  id VARCHAR(64) NOT NULL PRIMARY KEY, target VARCHAR(128) NOT NULL, decision TEXT NOT NULL,
  standing VARCHAR(16) NOT NULL, asked_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)`

/** A change that the sector's own staff make in their own system. */
export type Change = {
  readonly table: string
  readonly where: { readonly [column: string]: Cell }
  readonly set: { readonly [column: string]: Cell }
}

/** Makes a change and gives how many rows it met. */
export function changeSource(path: string, { table, where, set }: Change): number {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA busy_timeout = 5000')
    const named = (names: object): string[] =>
      Object.keys(names).map((name) => `${quoted(name)} = ?`)
    const text = `UPDATE ${quoted(table)} SET ${named(set).join(', ')}`
    const statement = database.prepare(`${text} WHERE ${named(where).join(' AND ')}`)
    return Number(statement.run(...Object.values(set), ...Object.values(where)).changes)
  } finally {
    database.close()
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
