// Three members with systems of their own, two lists that share firms, and what stands everywhere
// when they have been loaded: rows, the book, serials of made persons, match tickets.
import fs from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Json } from '#base/canonical'
import { usccCheck } from '#base/codes'
import { openText } from '#adapters/sources'
import { decodeLoadFile, isLoadFile, loadAll } from '#apps/node/loading'
import type { LoadFile, LoadResult } from '#apps/node/loading'
import { MatchBook, ticketsBeside } from '#apps/node/matching'
import type { Random } from '#simulation/random'

/** One state of both lists: lines of text by the name of the list. */
export type Lists = { readonly [list: string]: readonly string[] }

export const members = ['market', 'police', 'tax'] as const
export const lists = ['park', 'club'] as const
const header = '名称,代码,电话'
const pool = 24

export function pathOf(directory: string): (member: string) => string {
  return (member) => join(directory, `${member}.db`)
}

/** Empty systems, as a practice city makes them: with a log of their own beside the file. */
export function begin(directory: string): void {
  fs.mkdirSync(directory, { recursive: true })
  for (const member of members) {
    const database = new DatabaseSync(pathOf(directory)(member))
    database.exec('PRAGMA journal_mode = WAL')
    database.close()
  }
}

/** The next state of both lists: rows come, go and change, and firms change hands between them. */
export function draw(random: Random): Lists {
  const linesOf = (): readonly string[] => {
    const codes = Array.from({ length: pool }, (_, at) => at).filter(() => random.below(3) > 0)
    return codes.map((at) => {
      // Blanks are another spelling of the name; another ending is another name, and a doubt.
      const name = `练习${at}${random.pick(['号公司', '号公司', '号 公司', '号集团'])}`
      return `${name},${codeOf(at)},${random.below(3)}`
    })
  }
  return { park: linesOf(), club: linesOf() }
}

function codeOf(at: number): string {
  const body = `91000000TXT${String(at).padStart(6, '0')}`
  return body + (usccCheck(body) ?? '')
}

/** Loads one state of both lists, or of some. */
export function load(
  directory: string,
  state: Lists,
  names: readonly string[] = lists,
): Promise<readonly LoadResult[]> {
  return loadAll(names.map(fileOf), {
    directory,
    pathOf: pathOf(directory),
    sourceOf: async ({ name, file }) => {
      const path = join(directory, file)
      fs.writeFileSync(path, [header, ...(state[name] ?? [])].join('\r\n'))
      return openText(path, {})
    },
    now: 1,
    most: 5,
    looked: async () => ({ by: 'a', second: 'b', signed: {} }),
  })
}

function fileOf(name: string): LoadFile {
  const identify = ['uscc', 'name']
  const file = decodeLoadFile({
    format: 'lianban/load/1',
    name,
    zh: name,
    en: name,
    steward: 'market',
    file: `${name}.csv`,
    source: { name: 'a test', terms: 'none' },
    fields: {
      uscc: { column: '代码', as: 'uscc' },
      name: { column: '名称', as: 'text' },
      state: { column: '电话', as: 'text' },
    },
    key: ['uscc'],
    make: { rep: 'person' },
    tables: [
      {
        member: 'market',
        table: 'firm',
        identify,
        firms: { code: 'uscc', name: 'name' },
        columns: { uscc: 'uscc', name: 'name', state: 'state', rep: 'rep.code' },
      },
      {
        member: 'tax',
        table: 'registration',
        identify: ['uscc'],
        columns: { uscc: 'uscc', state: 'state' },
      },
      {
        member: 'police',
        table: 'person',
        identify: ['id_no'],
        columns: { id_no: 'rep.code', name: 'rep.name' },
      },
    ],
  } as unknown as Json)
  if (isLoadFile(file)) return file
  throw new Error(JSON.stringify(file))
}

/** The table of a member. */
export const tables = { market: 'firm', police: 'person', tax: 'registration' } as const

/** Rows of the tables of the members, as one text for each. */
export function tablesIn(directory: string): readonly string[] {
  return members.map((member) => rowsIn(pathOf(directory)(member), [tables[member]]))
}

/** Everything that loading has left, as one text: rows, the book, serials, tickets. */
export function everythingIn(directory: string): string {
  const book = ['entered', 'shared', 'made', 'serials', 'loads', 'undoing', 'held']
  const doubts = members.map((member) => ticketsIn(directory, member))
  return [...tablesIn(directory), rowsIn(join(directory, 'loaded.db'), book), ...doubts].join('\n')
}

function rowsIn(path: string, tables: readonly string[]): string {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const known = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
    return tables
      .filter((table) => known.some(({ name }) => name === table))
      .flatMap((table) => {
        const rows = database.prepare(`SELECT * FROM ${table}`).all()
        return [table, ...rows.map((row) => JSON.stringify(row)).toSorted((a, b) => order(a, b))]
      })
      .join('\n')
  } finally {
    database.close()
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : 1
}

/** Tickets, without their times and without what hangs on the secret of each city. */
function ticketsIn(directory: string, member: string): string {
  const path = ticketsBeside(pathOf(directory)(member))
  if (!fs.existsSync(path)) return ''
  const book = new MatchBook(path, () => 0)
  try {
    return book
      .tickets()
      .map(({ why, table, by, state, rows }) => {
        const from = rows.map((row) => JSON.stringify(row.from)).toSorted((a, b) => order(a, b))
        return JSON.stringify([why, table, by, state, from])
      })
      .toSorted((a, b) => order(a, b))
      .join('\n')
  } finally {
    book.close()
  }
}
