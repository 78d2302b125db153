// Loading public files into a city: each is read by its load file, compared with what was loaded of
// it before, and written into the sectors' tables if that may be. It promises that loading the same
// again changes nothing, that a state which differs in more than a share of its rows waits for a
// second person, and that everything left out is named by row and code.
import type { Source } from '#adapters/sources'
import { madeFirm, madeHome, madePerson } from '#apps/node/residents'
import { LoadBook } from './book.ts'
import type { Entered, Written } from './book.ts'
import { Filling } from './filling.ts'
import type { LoadTicket, Value } from './filling.ts'
import type { LoadFile, LoadTable, LoadValue, Making } from './load-file.ts'
import { readSource } from './reading.ts'
import type { Accepted, Fields, ReadSource, Refused } from './reading.ts'

/** What a new state is against the last one. */
export type StateDifference = {
  readonly first: boolean
  readonly added: number
  readonly changed: number
  readonly vanished: number
  readonly same: number
  readonly columns: boolean
  readonly percent: number
}

/** What became of one source. */
export type LoadResult = {
  readonly file: LoadFile
  readonly read: Omit<ReadSource, 'accepted' | 'all' | 'refused'>
  readonly accepted: number
  readonly refused: readonly Refused[]
  /** Rows that count although the source they are joined with has no partner. */
  readonly unmatched: readonly Refused[]
  /** Rows of the source, repeated ones among them, that have a partner. */
  readonly joined: number
  readonly difference: StateDifference
  /** `waits`: a second person has to look first; nothing of it was written. */
  readonly state: 'loaded' | 'unchanged' | 'waits'
  /** Why it waits. */
  readonly code?: 'node/load-second-person'
  readonly written: { readonly [table: string]: number }
  readonly made: { readonly [making: string]: number }
  readonly tickets: readonly LoadTicket[]
}

export type LoadOptions = {
  /** The city's directory. */
  readonly directory: string
  readonly sourceOf: (file: LoadFile) => Promise<Source>
  /** The database of a member. */
  readonly pathOf: (member: string) => string
  readonly now: number
  readonly by: string | null
  /** Who else has looked at what differs. */
  readonly second: string | null
  /** More differing rows than this share, in percent, wait for a second person. */
  readonly most: number
  readonly onFile?: (file: LoadFile) => void
}

/** Loads sources in the order of their joins, each whole or not. Throws what reading throws. */
export async function loadAll(
  files: readonly LoadFile[],
  options: LoadOptions,
): Promise<readonly LoadResult[]> {
  const book = new LoadBook(options.directory)
  const reads = new Map<string, readonly Accepted[]>()
  const results: LoadResult[] = []
  try {
    for (const file of ordered(files)) {
      options.onFile?.(file)
      const read = await readSource(file, await options.sourceOf(file))
      const joined = join(file, read, reads)
      reads.set(file.name, joined.accepted)
      results.push(loadOne({ file, read, joined, book, options }))
    }
  } finally {
    book.close()
  }
  return results
}

/** Sources that others are joined with come first; the rest as they are given. */
function ordered(files: readonly LoadFile[]): readonly LoadFile[] {
  const joined = files.filter(({ name }) => files.some((each) => each.join?.load === name))
  return [...joined, ...files.filter((each) => !joined.includes(each))]
}

type Joined = {
  readonly accepted: readonly Accepted[]
  readonly refused: readonly Refused[]
  readonly unmatched: readonly Refused[]
  /** Whether a value has a partner; absent without a join. */
  readonly partner?: (fields: Fields) => string | null
}

function join(
  { join: wish, fields }: LoadFile,
  read: ReadSource,
  reads: ReadonlyMap<string, readonly Accepted[]>,
): Joined {
  if (wish === undefined) {
    return { accepted: read.accepted, refused: read.refused, unmatched: [] }
  }
  const others = reads.get(wish.load) ?? []
  const known = new Set(others.map((each) => String(each.fields[wish.with] ?? '')))
  const partner = (of: Fields): string | null => {
    const value = String(of[wish.field] ?? '')
    return known.has(value) ? value : null
  }
  const alone = read.accepted.filter(({ fields: of }) => partner(of) === null)
  const column = fields[wish.field]?.column ?? null
  const unmatched = alone.map(({ row }): Refused => {
    return { row, at: `${row}`, column, code: 'node/load-unmatched' }
  })
  if (wish.unmatched === 'note') {
    return { accepted: read.accepted, refused: read.refused, unmatched, partner }
  }
  const accepted = read.accepted.filter((each) => !alone.includes(each))
  return { accepted, refused: [...read.refused, ...unmatched], unmatched: [], partner }
}

type One = {
  readonly file: LoadFile
  readonly read: ReadSource
  readonly joined: Joined
  readonly book: LoadBook
  readonly options: LoadOptions
}

function loadOne({ file, read, joined, book, options }: One): LoadResult {
  const before = book.entered(file.name)
  const last = book.last(file.name)
  const now = new Set(joined.accepted.map(({ key }) => key))
  const fresh = joined.accepted.filter(({ key, print }) => before.get(key)?.print !== print)
  const vanished = [...before.keys()].filter((key) => !now.has(key))
  const changed = fresh.filter(({ key }) => before.has(key)).length
  const added = fresh.length - changed
  const differing = added + changed + vanished.length
  const columns = last !== null && last.schema !== read.schema
  const difference: StateDifference = {
    first: last === null,
    added,
    changed,
    vanished: vanished.length,
    same: joined.accepted.length - fresh.length,
    columns,
    percent: Math.round((100 * differing) / Math.max(1, before.size)),
  }
  const { accepted: _, refused: __, all, ...said } = read
  const { partner } = joined
  const base = {
    file,
    read: { ...said, refusedRows: new Set(joined.refused.map(({ row }) => row)).size },
    accepted: joined.accepted.length,
    refused: joined.refused,
    unmatched: joined.unmatched,
    joined: partner === undefined ? 0 : all.filter((each) => partner(each) !== null).length,
    difference,
    written: {},
    made: {},
    tickets: [],
  }
  const large = last !== null && (columns || differing * 100 > before.size * options.most)
  if (large && options.second === null) {
    return { ...base, state: 'waits', code: 'node/load-second-person' }
  }
  if (last !== null && differing === 0 && !columns) return { ...base, state: 'unchanged' }
  const parts = { file, fresh, vanished, before, joined, book, options, read }
  return { ...base, state: 'loaded', ...fill(parts) }
}

type Fill = {
  readonly file: LoadFile
  readonly fresh: readonly Accepted[]
  readonly vanished: readonly string[]
  readonly before: ReadonlyMap<string, Entered>
  readonly joined: Joined
  readonly book: LoadBook
  readonly options: LoadOptions
  readonly read: ReadSource
}

function fill(parts: Fill): Pick<LoadResult, 'made' | 'tickets' | 'written'> {
  const { file, fresh, vanished, before, joined, book, options, read } = parts
  const makings = Object.entries(file.make ?? {})
  const joining = file.join?.tables === undefined ? [] : makings
  // What is made beside a joined value is made once for it, whoever of its rows comes first.
  const keyOf = ({ key, fields }: Accepted): string | null =>
    joining.length === 0 ? key : (joined.partner?.(fields) ?? null)
  const wanted = fresh.flatMap((each) => {
    const key = keyOf(each)
    return key === null ? [] : makings.map(([name, making]) => ({ key, name, making }))
  })
  const serial = book.serials(file.name, wanted)
  const filling = new Filling(options.pathOf)
  const written: { [table: string]: number } = {}
  const entered: Entered[] = []
  try {
    for (const key of vanished) filling.remove(before.get(key)?.written ?? [])
    for (const { key } of fresh) filling.remove(before.get(key)?.written ?? [])
    for (const accepted of fresh) {
      const key = keyOf(accepted)
      const made: { [name: string]: number } = {}
      if (key !== null) for (const [name] of makings) made[name] = serial(key, name)
      const own = key === null ? [] : (file.join?.tables ?? [])
      const rows: Written[] = []
      for (const table of [...file.tables, ...own]) {
        const values = valuesOf(table, accepted.fields, { made, makings: file.make ?? {} })
        const place = filling.write(table, values, { load: file.name, row: accepted.row })
        if (place === null) continue
        rows.push(place)
        const id = `${table.member}.${table.table}`
        written[id] = (written[id] ?? 0) + 1
      }
      entered.push({ key: accepted.key, print: accepted.print, made, written: rows })
    }
    filling.commit()
  } catch (error) {
    filling.rollback()
    throw error
  }
  const { now: at, by, second } = options
  const loaded = { source: file.name, at, by, second, rows: read.rows, schema: read.schema }
  book.enter(loaded, { put: entered, drop: vanished })
  const kinds = new Map<string, Set<number>>()
  for (const { key, name, making } of wanted) {
    kinds.set(making, (kinds.get(making) ?? new Set()).add(serial(key, name)))
  }
  const made = Object.fromEntries([...kinds].map(([making, { size }]) => [making, size]))
  return { written, made, tickets: filling.tickets }
}

type Made = {
  readonly made: { readonly [name: string]: number }
  readonly makings: { readonly [name: string]: Making }
}

function valuesOf(
  { columns }: LoadTable,
  fields: Fields,
  of: Made,
): { readonly [column: string]: Value } {
  const values: { [column: string]: Value } = {}
  for (const [column, value] of Object.entries(columns)) values[column] = valueOf(value, fields, of)
  return values
}

function valueOf(value: LoadValue, fields: Fields, { made, makings }: Made): Value {
  if (typeof value !== 'string') return value.constant
  const [name = '', part] = value.split('.')
  if (part === undefined) return fields[name] ?? null
  const thing = thingOf(makings[name], made[name] ?? 0)
  return (thing as { readonly [part: string]: Value })[part] ?? null
}

function thingOf(making: Making | undefined, serial: number): object {
  if (making === 'home') return madeHome(serial)
  return making === 'firm' ? madeFirm(serial) : madePerson(serial)
}
