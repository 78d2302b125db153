// Writing loaded rows into sectors' own databases. A row is written once however often it is
// loaded; where several sources name one firm its row stands once, and one code under two names
// stays two rows and becomes a ticket: whoever looks the code up then meets a doubt and no guess.
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { match } from '#apps/node/matching'
import type { MatchingRules } from '#apps/node/matching'
import type { Written } from './book.ts'
import type { LoadTable } from './load-file.ts'

/** A value of a table. */
export type Value = string | number | null

/** Why rows are a matter for a steward; rows are numbers in the source, never values. */
export type LoadTicket = {
  readonly why: 'codes-differ' | 'names-differ'
  readonly load: string
  readonly row: number
  readonly table: string
}

/** Names of firms may differ in blanks and width and in nothing else. */
const rules: MatchingRules = {
  format: 'lianban/matching/1',
  about: 'firm',
  names: [{ rule: 'blanks' }, { rule: 'width' }],
}

type Firms = {
  readonly byCode: Map<string, string[]>
  readonly byName: Map<string, string>
}

/** The databases of a city's sectors while something is loaded into them. */
export class Filling {
  readonly #pathOf: (member: string) => string
  readonly #databases: Map<string, DatabaseSync> = new Map()
  readonly #firms: Map<string, Firms> = new Map()
  readonly #made: Set<string> = new Set()
  readonly #statements: Map<string, StatementSync> = new Map()
  readonly tickets: LoadTicket[] = []

  constructor(pathOf: (member: string) => string) {
    this.#pathOf = pathOf
  }

  /** Writes one row; gives what tells it apart, or null where it stands there already. */
  write(
    table: LoadTable,
    values: { readonly [column: string]: Value },
    from: { readonly load: string; readonly row: number },
  ): Written | null {
    const { member, table: name, identify } = table
    const database = this.#database(member)
    this.#prepare(database, table)
    const where = Object.fromEntries(identify.map((column) => [column, values[column] ?? null]))
    if (this.#stands(member, name, where)) return null
    if (table.firms !== undefined && !this.#firm(database, table, { values, from })) return null
    const columns = Object.keys(values)
    const places = columns.map(() => '?').join(', ')
    const into = `${quoted(name)} (${columns.map(quoted).join(', ')})`
    const text = `INSERT INTO ${into} VALUES (${places})`
    this.#statement(member, text).run(...(Object.values(values) as SQLInputValue[]))
    return { member, table: name, where }
  }

  /** Takes rows back that an earlier state had written. */
  remove(written: readonly Written[]): void {
    for (const { member, table, where } of written) {
      const columns = Object.keys(where)
      const wanted = columns.map((column) => `${quoted(column)} IS ?`).join(' AND ')
      this.#statement(member, `DELETE FROM ${quoted(table)} WHERE ${wanted}`).run(
        ...Object.values(where),
      )
    }
    if (written.length > 0) this.#firms.clear()
  }

  /** Ends well: everything that was written counts. */
  commit(): void {
    for (const database of this.#databases.values()) database.exec('COMMIT')
    this.#close()
  }

  /** Ends without a trace. */
  rollback(): void {
    for (const database of this.#databases.values()) database.exec('ROLLBACK')
    this.#close()
  }

  #close(): void {
    for (const database of this.#databases.values()) database.close()
    this.#databases.clear()
    this.#firms.clear()
    this.#made.clear()
    this.#statements.clear()
  }

  #statement(member: string, text: string): StatementSync {
    const id = `${member}/${text}`
    const known = this.#statements.get(id)
    if (known !== undefined) return known
    const made = this.#database(member).prepare(text)
    this.#statements.set(id, made)
    return made
  }

  #database(member: string): DatabaseSync {
    const open = this.#databases.get(member)
    if (open !== undefined) return open
    const path = this.#pathOf(member)
    if (!existsSync(path)) throw new Error(`${member} has no system of its own to load into`)
    const database = new DatabaseSync(path)
    database.exec('PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE')
    this.#databases.set(member, database)
    return database
  }

  #prepare(
    database: DatabaseSync,
    { member, table, columns, identify, integers }: LoadTable,
  ): void {
    const id = `${member}/${table}`
    if (this.#made.has(id)) return
    const declared = Object.keys(columns).map((column) => {
      return `${quoted(column)} ${integers?.includes(column) === true ? 'INTEGER' : 'TEXT'}`
    })
    database.exec(`CREATE TABLE IF NOT EXISTS ${quoted(table)} (${declared.join(', ')})`)
    const index = quoted(`${table}_loaded`)
    const by = identify.map(quoted).join(', ')
    database.exec(`CREATE INDEX IF NOT EXISTS ${index} ON ${quoted(table)} (${by})`)
    this.#made.add(id)
  }

  #stands(member: string, table: string, where: Written['where']): boolean {
    const wanted = Object.keys(where).map((column) => `${quoted(column)} IS ?`)
    const text = `SELECT 1 FROM ${quoted(table)} WHERE ${wanted.join(' AND ')} LIMIT 1`
    return this.#statement(member, text).get(...Object.values(where)) !== undefined
  }

  /** Whether a firm's row is to be written; takes note of doubts. */
  #firm(
    database: DatabaseSync,
    table: LoadTable,
    of: {
      readonly values: { readonly [column: string]: Value }
      readonly from: { readonly load: string; readonly row: number }
    },
  ): boolean {
    const { firms } = table
    if (firms === undefined) return true
    const known = this.#known(database, table)
    const code = String(of.values[firms.code] ?? '')
    const name = String(of.values[firms.name] ?? '')
    const names = known.byCode.get(code) ?? []
    const same = names.some((other) => {
      const verdict = match(rules, { row: 1, code, name }, { row: 2, code, name: other })
      return verdict.is === 'same'
    })
    if (same) return false
    const ticket = { ...of.from, table: table.table }
    if (names.length > 0) this.tickets.push({ why: 'names-differ', ...ticket })
    const other = known.byName.get(name)
    if (other !== undefined && other !== code) this.tickets.push({ why: 'codes-differ', ...ticket })
    known.byCode.set(code, [...names, name])
    known.byName.set(name, code)
    return true
  }

  #known(database: DatabaseSync, { member, table, firms }: LoadTable): Firms {
    const id = `${member}/${table}`
    const before = this.#firms.get(id)
    if (before !== undefined) return before
    const known: Firms = { byCode: new Map(), byName: new Map() }
    const columns = [firms?.code ?? '', firms?.name ?? ''].map(quoted)
    const rows = database.prepare(
      `SELECT ${columns[0]} AS code, ${columns[1]} AS name FROM ${quoted(table)}`,
    )
    for (const row of rows.all()) {
      const { code, name } = row as { readonly code: string; readonly name: string }
      known.byCode.set(code, [...(known.byCode.get(code) ?? []), name])
      known.byName.set(name, code)
    }
    this.#firms.set(id, known)
    return known
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
