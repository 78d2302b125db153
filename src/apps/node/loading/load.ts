// Loading public files into a city: each is read by its load file, compared with what was loaded of
// it before, and written into the sectors' tables if that may be. It promises that loading the same
// again changes nothing, that a state which differs in more than a share of its rows waits for a
// second person, and that everything left out is named by row and code.
import type { Json } from '#base/canonical'
import type { Source } from '#adapters/sources'
import { madeFirm, madeHome, madePerson } from '#apps/node/residents'
import { LoadBook } from './book.ts'
import type { Written } from './book.ts'
import { hold, release, undoCutOff } from './cut-off.ts'
import { Filling, openTickets } from './filling.ts'
import type { LoadTicket, Value } from './filling.ts'
import { loadFileHash } from './load-file.ts'
import type { LoadFile, LoadTable, LoadValue, Making } from './load-file.ts'
import { readSource } from './reading.ts'
import type { Accepted, Fields, ReadSource, Taken } from './reading.ts'
import { Refusals } from './refusals.ts'
import type { Refused } from './refusals.ts'

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

/** What is shown of a new state to whoever accepts it: counts and digests, never a value. */
export type Seen = {
  readonly load: string
  /** States of the source that counted before: what is signed of one is nothing in another. */
  readonly earlier: number
  /** Base64url SHA-256 of the load file. */
  readonly mapping: string
  /** Base64url SHA-256 over the names of the columns. */
  readonly schema: string
  /** Base64url SHA-256 over the rows that would count, in their order. */
  readonly content: string
  readonly rows: number
  readonly accepted: number
  readonly added: number
  readonly changed: number
  readonly vanished: number
  readonly same: number
}

/** Officers whose signatures over what they saw hold, by kid, and these signatures as kept. */
export type LoadLook = {
  readonly by: string
  readonly second: string | null
  readonly signed: Json
}

/** What became of one source. */
export type LoadResult = {
  readonly file: LoadFile
  /** Base64url SHA-256 of the load file: which mapping the rows came through. */
  readonly mapping: string
  readonly read: Omit<ReadSource, 'accepted' | 'refused'>
  readonly accepted: number
  readonly refused: Refusals
  /** Rows that count although the source they are joined with has no partner. */
  readonly unmatched: Refusals
  /** Rows that count of which a table has other values already, by table; those stay. */
  readonly otherwise: { readonly [table: string]: Refusals }
  /** Rows of the source, repeated ones among them, that have a partner. */
  readonly joined: number
  readonly difference: StateDifference
  /** `waits`: a second person has to look first; nothing of it was written. */
  readonly state: 'loaded' | 'unchanged' | 'waits'
  /** Why it waits. */
  readonly code?: 'node/load-partner-waits' | 'node/load-second-person'
  readonly written: { readonly [table: string]: number }
  readonly made: { readonly [making: string]: number }
  readonly tickets: readonly LoadTicket[]
  /** Tickets about its tables that wait for a steward when all is loaded, by member and id. */
  readonly ticketsOpen: readonly string[]
  /** Who looked at it, where somebody did; then it is kept in the book. */
  readonly look?: LoadLook
}

export type LoadOptions = {
  /** The city's directory. */
  readonly directory: string
  readonly sourceOf: (file: LoadFile) => Promise<Source>
  /** The database of a member. */
  readonly pathOf: (member: string) => string
  readonly now: number
  /**
   * Who has looked at what is to be written, beside whoever has at what waits; signatures are
   * verified before anything is written.
   */
  readonly looked?: (file: LoadFile, seen: Seen, kept: LoadLook | null) => Promise<LoadLook | null>
  /** More differing rows than this share, in percent, wait for a second person. */
  readonly most: number
  readonly onFile?: (file: LoadFile) => void
  /** Rows of a file that have been read, of how many. */
  readonly onRows?: (rows: number, of?: number) => void
  /** Rows of a file that have been written, of how many. */
  readonly onWritten?: (rows: number, of: number) => void
}

/** A source under the name of one for which another member answers. */
export class OtherSteward extends Error {
  override readonly name = 'OtherSteward'
  readonly code = 'node/load-other-steward'
  readonly file: LoadFile
  readonly steward: string

  constructor(file: LoadFile, steward: string) {
    super(`node/load-other-steward: ${file.name}`)
    this.file = file
    this.steward = steward
  }
}

/** A source that is to be joined with one which is not loaded with it. */
export class NoPartner extends Error {
  override readonly name = 'NoPartner'
  readonly code = 'node/load-no-partner'
  readonly file: LoadFile

  constructor(file: LoadFile) {
    super(`node/load-no-partner: ${file.name}`)
    this.file = file
  }
}

/**
 * Loads sources in the order of their joins, each whole or not. Throws `NoPartner` before anything
 * is read, `OtherSteward` before that source is, `LoadRunning`, and what reading throws.
 */
export async function loadAll(
  files: readonly LoadFile[],
  options: LoadOptions,
): Promise<readonly LoadResult[]> {
  const names = files.map(({ name }) => name)
  const alone = files.find(({ join }) => join !== undefined && !names.includes(join.load))
  if (alone !== undefined) throw new NoPartner(alone)
  const book = new LoadBook(options.directory)
  undoCutOff(book, options.pathOf)
  const known = new Map<string, Set<string>>()
  const results: LoadResult[] = []
  try {
    for (const file of ordered(files)) {
      options.onFile?.(file)
      const { steward = '' } = book.last(file.name) ?? {}
      if (steward !== '' && steward !== file.steward) throw new OtherSteward(file, steward)
      const joining = new Joining(file, files, known)
      book.begin()
      const read = await readSource(file, await options.sourceOf(file), {
        all: (fields) => joining.see(fields),
        against: (row) => joining.against(row),
        take: (row) => joining.taken(row, book.take(row)),
        ...(options.onRows === undefined ? {} : { onRows: options.onRows }),
      })
      const partner = results.find((result) => result.file.name === file.join?.load)
      const isOpen = partner?.state === 'waits'
      results.push(await loadOne({ file, read, joining, book, options, isOpen }))
    }
  } finally {
    book.close()
  }
  return results.map((each) => ({ ...each, ticketsOpen: openTickets(each.file, options.pathOf) }))
}

/** Sources that others are joined with come first; the rest as they are given. */
function ordered(files: readonly LoadFile[]): readonly LoadFile[] {
  const joined = files.filter(({ name }) => files.some((each) => each.join?.load === name))
  return [...joined, ...files.filter((each) => !joined.includes(each))]
}

/** One source as it stands to those with which it is joined. */
class Joining {
  readonly #file: LoadFile
  /** Values of this source that others ask for, by its field. */
  readonly #wanted: ReadonlyMap<string, Set<string>>
  /** Values of the source with which this one is joined. */
  readonly #others: ReadonlySet<string>
  readonly unmatched: Refusals = new Refusals()
  /** Rows, repeated ones among them, that have a partner. */
  joined = 0

  constructor(file: LoadFile, files: readonly LoadFile[], known: Map<string, Set<string>>) {
    this.#file = file
    const { join } = file
    const wanted = files.flatMap(({ join: wish }) => (wish?.load === file.name ? [wish.with] : []))
    this.#wanted = new Map(wanted.map((field) => [field, new Set()]))
    for (const [field, values] of this.#wanted) known.set(`${file.name}.${field}`, values)
    this.#others = (join && known.get(`${join.load}.${join.with}`)) ?? new Set()
  }

  /** The value by which a row has a partner, or null. */
  partner(fields: Fields): string | null {
    const { join } = this.#file
    const value = String(fields[join?.field ?? ''] ?? '')
    return this.#others.has(value) ? value : null
  }

  see(fields: Fields): void {
    if (this.#file.join !== undefined && this.partner(fields) !== null) this.joined += 1
  }

  against({ row, fields }: Accepted): Refused | null {
    if (this.#file.join?.unmatched !== 'refuse' || this.partner(fields) !== null) return null
    return this.#alone(row)
  }

  taken({ row, fields }: Accepted, taken: Taken): Taken {
    if (taken !== 'taken') return taken
    for (const [field, values] of this.#wanted) values.add(String(fields[field] ?? ''))
    const isNoted = this.#file.join?.unmatched === 'note'
    if (isNoted && this.partner(fields) === null) this.unmatched.add(this.#alone(row))
    return taken
  }

  /** What is made beside a joined value is made once for it, whoever of its rows comes first. */
  keyOf({ key, fields }: Accepted): string | null {
    return this.#file.join?.tables === undefined ? key : this.partner(fields)
  }

  #alone(row: number): Refused {
    const column = this.#file.fields[this.#file.join?.field ?? '']?.column ?? null
    return { row, at: `${row}`, column, code: 'node/load-unmatched' }
  }
}

type One = {
  readonly file: LoadFile
  readonly read: ReadSource
  readonly joining: Joining
  readonly book: LoadBook
  readonly options: LoadOptions
  /** The source with which it is joined has a state that nobody has accepted. */
  readonly isOpen: boolean
}

async function loadOne(one: One): Promise<LoadResult> {
  const { file, read, joining, book, options, isOpen } = one
  const last = book.last(file.name)
  const before = book.size(file.name)
  const counts = book.differences(file.name)
  const differing = counts.added + counts.changed + counts.vanished
  const columns = last !== null && last.schema !== read.schema
  const percent = Math.round((100 * differing) / Math.max(1, before))
  const { accepted, refused, ...said } = read
  const base = {
    file,
    mapping: loadFileHash(file),
    read: said,
    accepted,
    refused,
    unmatched: joining.unmatched,
    otherwise: {},
    joined: joining.joined,
    difference: { first: last === null, ...counts, columns, percent },
    written: {},
    made: {},
    tickets: [],
    ticketsOpen: [],
  }
  if (isOpen) return { ...base, state: 'waits', code: 'node/load-partner-waits' }
  const isSame = last !== null && differing === 0 && !columns
  if (isSame) return { ...base, state: 'unchanged' }
  const isLarge = last !== null && (columns || differing * 100 > before * options.most)
  const kept = book.lookKept(file.name)
  const look =
    (await options.looked?.(
      file,
      seenOf(base, { ...counts, earlier: book.states(file.name) }),
      kept,
    )) ?? null
  const looks = look === null ? {} : { look }
  if (isLarge && (look === null || look.second === null)) {
    if (look !== null) book.keepLook(file.name, look)
    return { ...base, state: 'waits', code: 'node/load-second-person', ...looks }
  }
  const made = numbered(one)
  const filled = fill(one)
  const { schema, rows } = read
  const { mapping } = base
  const { name: source, steward } = file
  book.enter({ source, at: options.now, rows, schema, mapping, steward, look })
  release(book, options.pathOf)
  return { ...base, state: 'loaded', made, ...filled, ...looks }
}

function seenOf(
  { file, mapping, read, accepted }: Pick<LoadResult, 'accepted' | 'file' | 'mapping' | 'read'>,
  counts: Pick<Seen, 'added' | 'changed' | 'earlier' | 'same' | 'vanished'>,
): Seen {
  const { schema, content, rows } = read
  return { load: file.name, mapping, schema, content, rows, accepted, ...counts }
}

/** Gives serials to everything that is to be made, and says how many of each. */
function numbered({ file, joining, book }: One): { readonly [making: string]: number } {
  const makings = Object.entries(file.make ?? {})
  const made: { [making: string]: number } = {}
  if (makings.length === 0) return made
  const seen = new Set<string>()
  const wanted = function* (): Generator<{ key: string; name: string; making: string }> {
    for (const row of book.fresh(file.name)) {
      const key = joining.keyOf(row)
      if (key === null || seen.has(key)) continue
      if (file.join?.tables !== undefined) seen.add(key)
      for (const [name, making] of makings) {
        made[making] = (made[making] ?? 0) + 1
        yield { key, name, making }
      }
    }
  }
  book.number(file.name, wanted())
  return made
}

function fill(one: One): Pick<LoadResult, 'otherwise' | 'tickets' | 'written'> {
  const { file, read, joining, book, options } = one
  const makings = file.make ?? {}
  const filling = new Filling(options.pathOf)
  const written: { [table: string]: number } = {}
  const otherwise: { [table: string]: Refusals } = {}
  let rows = 0
  try {
    const takeBack = (places: readonly Written[]): void => {
      for (const place of places) {
        book.keep(file.name, place, (at) => filling.rowAt(at))
        for (const row of filling.rowsAt(place)) book.undoing.note(place, row)
      }
      filling.remove(places)
    }
    for (const gone of book.vanished(file.name)) takeBack(gone)
    // All that goes goes first: what is written then meets nothing of an earlier state.
    for (const { before } of book.fresh(file.name)) takeBack(before)
    for (const row of book.fresh(file.name)) {
      const key = joining.keyOf(row)
      const made: { [name: string]: number } = {}
      for (const name of key === null ? [] : Object.keys(makings)) {
        made[name] = book.serial(file.name, key ?? '', name) ?? 0
      }
      const own = key === null ? [] : (file.join?.tables ?? [])
      const places: Written[] = []
      const shared: Written[] = []
      for (const table of [...file.tables, ...own]) {
        const values = valuesOf(table, row.fields, { made, makings })
        const from = { load: file.name, row: row.row }
        const { place, isNew, isOther } = filling.write(table, values, from)
        ;(isNew ? places : shared).push(place)
        const id = `${table.member}.${table.table}`
        const { row: number } = row
        const other = { row: number, at: `${number}`, column: null, code: 'node/load-otherwise' }
        if (isOther) (otherwise[id] ??= new Refusals()).add(other)
        if (!isNew) continue
        written[id] = (written[id] ?? 0) + 1
      }
      book.note({ key: row.key, print: row.print, made, written: places, shared })
      rows += 1
      if (rows % 1024 === 0) options.onWritten?.(rows, read.accepted)
    }
    for (const each of book.kept((place) => !filling.stands(place))) filling.restore(each)
    // Until the state is entered the tables may be those of none that counts: they answer nothing.
    hold(book.undoing.intend(), options.pathOf)
    filling.commit()
  } catch (error) {
    filling.rollback()
    throw error
  }
  return { written, otherwise, tickets: filling.tickets }
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
