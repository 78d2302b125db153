// Writing loaded rows into sectors' own databases. A row is written once however often it is
// loaded; where several sources name one firm its row stands once, and one code under two names
// stays two rows and becomes a ticket in the book of the department: whoever looks the code up then
// meets a doubt and no guess, until a steward has decided.
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { codeOf, match, MatchBook, nameOf, ticketsBeside } from '#apps/node/matching'
import type { MatchingRules, Origin, Question } from '#apps/node/matching'
import type { Kept, Written } from './book.ts'
import { folded } from './load-file.ts'
import type { LoadFile, LoadTable } from './load-file.ts'

/** A value of a table. */
export type Value = string | number | null

/** Why rows are a matter for a steward; rows are numbers in the source, never values. */
export type LoadTicket = {
  readonly why: 'codes-differ' | 'names-differ'
  readonly load: string
  readonly row: number
  readonly table: string
  /** The ticket in the department's book. */
  readonly id: string
}

/** Where a load file declares nothing, names may differ in blanks and width and nothing else. */
function rulesOf({ firms }: LoadTable): MatchingRules {
  const { about = 'firm', names = [{ rule: 'blanks' }, { rule: 'width' }] } = firms ?? {}
  return { format: 'lianban/matching/1', about, names }
}

/** A code in its one form, which an identity number of fifteen digits has too. */
function oneForm({ about }: MatchingRules, code: string): string {
  return codeOf(about, code) ?? code
}

type Firm = { readonly code: string; readonly name: string }

type Firms = {
  readonly byCode: Map<string, Firm[]>
  /** By the form that the rules give a name. */
  readonly byName: Map<string, Firm[]>
}

type Asked = { readonly about: string; readonly rows: readonly Firm[] }

/** Rows whose origins are written down together. */
const originsMax = 4_096

/** The book of a member's match tickets, and what goes into it with the rows. */
type Doubts = {
  readonly book: MatchBook
  readonly questions: Map<string, Asked & Pick<Question, 'why'> & { readonly table: LoadTable }>
  readonly origins: { readonly mark: string; readonly from: Origin }[]
}

/** A table that the load file means and its department has otherwise, or has no system for. */
export class OtherTable extends Error {
  override readonly name = 'OtherTable'
  readonly code: 'node/load-no-system' | 'node/load-other-table'
  /** The member, the table and the column that it lacks. */
  readonly at: string
  /** The columns that it has. */
  readonly known: readonly string[]

  constructor(code: OtherTable['code'], at: string, known: readonly string[] = []) {
    super(`${code}: ${at}`)
    this.code = code
    this.at = at
    this.known = known
  }
}

/** The databases of a city's sectors while something is loaded into them. */
export class Filling {
  readonly #pathOf: (member: string) => string
  readonly #databases: Map<string, DatabaseSync> = new Map()
  readonly #firms: Map<string, Firms> = new Map()
  readonly #doubts: Map<string, Doubts> = new Map()
  readonly #made: Set<string> = new Set()
  readonly #statements: Map<string, StatementSync> = new Map()
  readonly tickets: LoadTicket[] = []

  constructor(pathOf: (member: string) => string) {
    this.#pathOf = pathOf
  }

  /**
   * Writes one row unless it stands there already; gives what tells it apart. Of one that stands,
   * `isOther` says that it has other values than the source or its load file says; they stay.
   */
  write(
    table: LoadTable,
    values: { readonly [column: string]: Value },
    from: { readonly load: string; readonly row: number },
  ): { readonly place: Written; readonly isNew: boolean; readonly isOther: boolean } {
    const { member, table: name, identify } = table
    const database = this.#database(member)
    this.#prepare(database, table)
    const where = Object.fromEntries(identify.map((column) => [column, values[column] ?? null]))
    const place = { member, table: name, where }
    if (this.stands(place)) {
      return { place, isNew: false, isOther: this.#differs(table, place, values) }
    }
    const same = this.#firm(database, table, { values, from })
    if (same !== null) {
      const there = placeOf(table, where, same)
      return { place: there, isNew: false, isOther: this.#differs(table, there, values) }
    }
    this.restore({ place, values })
    return { place, isNew: true, isOther: false }
  }

  /** Whether the row at a place says something else than a source; what is made says nothing. */
  #differs({ columns, firms }: LoadTable, place: Written, values: Kept['values']): boolean {
    const row = this.rowAt(place)
    const said = Object.entries(columns).filter(([column, value]) => {
      const isMade = typeof value === 'string' && value.includes('.')
      return !isMade && column !== firms?.name && column !== firms?.code
    })
    return said.some(([column]) => textOf(row?.[column]) !== textOf(values[column]))
  }

  /** Writes a row as it was, or as it is to be. */
  restore({ place: { member, table }, values }: Pick<Kept, 'place' | 'values'>): void {
    const columns = Object.keys(values)
    const places = columns.map(() => '?').join(', ')
    const into = `${quoted(table)} (${columns.map(quoted).join(', ')})`
    const text = `INSERT INTO ${into} VALUES (${places})`
    this.#statement(member, text).run(...(Object.values(values) as SQLInputValue[]))
  }

  /** The row at a place; null where none stands. */
  rowAt({ member, table, where }: Written): Kept['values'] | null {
    const text = `SELECT * FROM ${quoted(table)} WHERE ${wantedOf(where)} LIMIT 1`
    const row = this.#statement(member, text).get(...Object.values(where))
    return row === undefined ? null : (row as Kept['values'])
  }

  /** Whether a row stands at a place. */
  stands({ member, table, where }: Written): boolean {
    const text = `SELECT 1 FROM ${quoted(table)} WHERE ${wantedOf(where)} LIMIT 1`
    return this.#statement(member, text).get(...Object.values(where)) !== undefined
  }

  /** All rows at a place: somebody else may have written more than one. */
  rowsAt({ member, table, where }: Written): readonly Kept['values'][] {
    const text = `SELECT * FROM ${quoted(table)} WHERE ${wantedOf(where)}`
    return this.#statement(member, text).all(...Object.values(where)) as Kept['values'][]
  }

  /** Whether a member has a table. */
  has({ member, table }: Pick<Written, 'member' | 'table'>): boolean {
    const text = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"
    return this.#statement(member, text).get(table) !== undefined
  }

  /** Takes rows back that an earlier state had written. */
  remove(written: readonly Written[]): void {
    for (const { member, table, where } of written) {
      const text = `DELETE FROM ${quoted(table)} WHERE ${wantedOf(where)}`
      this.#statement(member, text).run(...Object.values(where))
    }
    if (written.length > 0) this.#firms.clear()
  }

  /** Ends well: everything that was written counts. */
  commit(): void {
    // A ticket without its rows is found to be over; rows without their ticket would be forgotten.
    for (const { book, questions, origins } of this.#doubts.values()) {
      book.note(origins)
      for (const { why, about, rows, table } of questions.values()) {
        const marks = rows.map((row) => markIn(book, table, row))
        const asked = { why, table: table.table, subject: [about], marks }
        book.open(asked, { by: 'load', columns: columnsOf(table) })
      }
    }
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
    for (const { book } of this.#doubts.values()) book.close()
    this.#databases.clear()
    this.#doubts.clear()
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
    if (!existsSync(path)) throw new OtherTable('node/load-no-system', member)
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
    const names = database.prepare('SELECT name FROM pragma_table_info(?)').all(table)
    const known = names.map(({ name }) => String(name))
    const there = new Set(known.map(folded))
    const lacking = Object.keys(columns).find((column) => !there.has(folded(column)))
    if (lacking !== undefined) {
      throw new OtherTable('node/load-other-table', `${member}.${table}.${lacking}`, known)
    }
    const index = quoted(`${table}_loaded`)
    const by = identify.map(quoted).join(', ')
    database.exec(`CREATE INDEX IF NOT EXISTS ${index} ON ${quoted(table)} (${by})`)
    this.#made.add(id)
  }

  /** The row of the same firm that stands already, or null; takes note of doubts. */
  #firm(
    database: DatabaseSync,
    table: LoadTable,
    of: {
      readonly values: { readonly [column: string]: Value }
      readonly from: { readonly load: string; readonly row: number }
    },
  ): Firm | null {
    const { firms } = table
    if (firms === undefined) return null
    const known = this.#known(database, table)
    const rules = rulesOf(table)
    const code = String(of.values[firms.code] ?? '')
    const name = String(of.values[firms.name] ?? '')
    const about = oneForm(rules, code)
    const called = nameOf(rules, name)
    // The same firm stands in both lists; one of them is short however many codes or names are odd.
    const same = shorter(known.byCode.get(about), known.byName.get(called)).find((other) => {
      const verdict = match(rules, { row: 1, code, name }, { row: 2, ...other })
      return verdict.is === 'same'
    })
    if (same !== undefined) return same
    const { book, origins } = this.#doubtsOf(table.member)
    const row = { code, name }
    const rowsOfCode = pushed(known.byCode, about, row)
    const namesakes = pushed(known.byName, called, row)
    if (origins.push({ mark: markIn(book, table, row), from: of.from }) >= originsMax) {
      book.note(origins.splice(0))
    }
    // Rows without a code are nobody's: only another row of the name is a doubt about them.
    const isOther = (each: Firm): boolean => {
      return about === '' ? each !== row : oneForm(rules, each.code) !== about
    }
    // Two persons of one name are two persons; two firms of one name are a question.
    const isTwo = rules.about === 'firm' && called !== '' && namesakes.some(isOther)
    const { from } = of
    if (about !== '' && rowsOfCode.length > 1) {
      this.#ask(table, { why: 'names-differ', about, rows: rowsOfCode, from })
    }
    if (isTwo) this.#ask(table, { why: 'codes-differ', about: called, rows: namesakes, from })
    return null
  }

  #ask(
    table: LoadTable,
    { why, about, rows, from }: Pick<LoadTicket, 'why'> & Asked & { readonly from: Origin },
  ): void {
    const { book, questions } = this.#doubtsOf(table.member)
    const id = book.idOf({ why, table: table.table, subject: [about] })
    questions.set(id, { why, about, rows, table })
    this.tickets.push({ why, ...from, table: table.table, id })
  }

  #doubtsOf(member: string): Doubts {
    const open = this.#doubts.get(member)
    if (open !== undefined) return open
    const book = new MatchBook(ticketsBeside(this.#pathOf(member)), () => Date.now())
    const doubts: Doubts = { book, questions: new Map(), origins: [] }
    this.#doubts.set(member, doubts)
    return doubts
  }

  #known(database: DatabaseSync, of: LoadTable): Firms {
    const { member, table, firms } = of
    const rules = rulesOf(of)
    const id = `${member}/${table}`
    const before = this.#firms.get(id)
    if (before !== undefined) return before
    const known: Firms = { byCode: new Map(), byName: new Map() }
    const columns = [firms?.code ?? '', firms?.name ?? ''].map(quoted)
    const rows = database.prepare(
      `SELECT ${columns[0]} AS code, ${columns[1]} AS name FROM ${quoted(table)}`,
    )
    for (const row of rows.all()) {
      // A register has rows without a code or name, and numbers, that no load has written.
      const [code, name] = [row['code'], row['name']].map((cell) => String(cell ?? '')) as [
        string,
        string,
      ]
      pushed(known.byCode, oneForm(rules, code), { code, name })
      pushed(known.byName, nameOf(rules, name), { code, name })
    }
    this.#firms.set(id, known)
    return known
  }
}

/** Tickets about the tables of a load file that wait for a steward, by member and id. */
export function openTickets(
  { tables, join }: LoadFile,
  pathOf: (member: string) => string,
): readonly string[] {
  const all = [...tables, ...(join?.tables ?? [])]
  return [...new Set(all.map(({ member }) => member))].flatMap((member) => {
    const path = ticketsBeside(pathOf(member))
    if (!existsSync(path)) return []
    const names = all.flatMap((each) => (each.member === member ? [each.table] : []))
    const book = new MatchBook(path, () => Date.now())
    try {
      const open = book
        .tickets()
        .filter(({ state, table }) => state === 'open' && names.includes(table))
      return open.map(({ id }) => `${member}/${id}`)
    } finally {
      book.close()
    }
  })
}

/** Where the row of a firm stands that another source has under another spelling. */
function placeOf(table: LoadTable, where: Written['where'], { code, name }: Firm): Written {
  const { member, table: of, firms } = table
  const own = { [firms?.code ?? '']: code, [firms?.name ?? '']: name }
  const found = Object.entries(where).map(([column, value]) => [column, own[column] ?? value])
  return { member, table: of, where: Object.fromEntries(found) as Written['where'] }
}

function wantedOf(where: Written['where']): string {
  return Object.keys(where)
    .map((column) => `${quoted(column)} IS ?`)
    .join(' AND ')
}

function textOf(value: Value | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}

function shorter<T>(a: readonly T[] = [], b: readonly T[] = []): readonly T[] {
  return a.length <= b.length ? a : b
}

function pushed(rows: Map<string, Firm[]>, key: string, row: Firm): readonly Firm[] {
  const known = rows.get(key) ?? []
  rows.set(key, known)
  known.push(row)
  return known
}

function markIn(book: MatchBook, table: LoadTable, { code, name }: Firm): string {
  return book.mark(table.table, [oneForm(rulesOf(table), code)], [name])
}

function columnsOf({ firms }: LoadTable): Parameters<MatchBook['open']>[1]['columns'] {
  const { code = '', name = '', about } = firms ?? {}
  return { code: [{ column: code, as: about === 'person' ? 'citizen' : 'code' }], names: [name] }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
