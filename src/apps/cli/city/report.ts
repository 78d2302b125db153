// The data report: what came of each file, for programs. It names rows, columns and codes and holds
// no value of a cell, so that it may go where the values may not. Rows stand as ranges, a list for
// each reason and column, so that a column of a million bad cells takes a line.
import type { LoadFile, LoadResult, LoadTicket, Refusal, RowRange } from '#apps/node/loading'
import { readPack } from '#apps/node/city'
import type { Text } from '#apps/cli/output'
import { text } from '#apps/cli/output'
import type { Attested } from './attest.ts'
import { meaningOf, needsPerson, reportRemedyOf } from './report-words.ts'

/** Cells of one column, or whole rows where the column is null, with one reason against them. */
export type Places = {
  readonly column: string | null
  /** The column as spreadsheets name it. */
  readonly letter: string | null
  readonly count: number
  readonly rows: readonly RowRange[]
}

export type Reason = {
  readonly code: string
  readonly count: number
  readonly meaning: Text
  readonly remedy: Text
  /** False where nothing has to be done. */
  readonly needsPerson: boolean
  readonly places: readonly Places[]
}

export type Tickets = {
  readonly why: LoadTicket['why']
  readonly table: string
  readonly count: number
  readonly rows: readonly RowRange[]
  /** Tickets in the department's book, in the order of rows. */
  readonly ids: readonly string[]
}

export type SourceReport = {
  readonly name: string
  readonly zh: string
  readonly en: string
  readonly file: string
  readonly source: LoadFile['source']
  readonly type: string
  readonly encoding: string | null
  readonly state: LoadResult['state']
  readonly rows: number
  readonly accepted: number
  readonly refusedRows: number
  readonly first: boolean
  readonly added: number
  readonly changed: number
  readonly vanished: number
  readonly same: number
  /** Share of the last state's rows that differ; null where there is none. */
  readonly percent: number | null
  readonly columnsChanged: boolean
  readonly columns: readonly {
    readonly column: string
    readonly as: string
    readonly normal: readonly string[]
    readonly changed: { readonly [normalisation: string]: number }
  }[]
  readonly leftOut: readonly string[]
  /** What its load file says to whoever reads of it. */
  readonly note: Text | null
  /** Masked cells of columns that are never read, by column. */
  readonly masked: { readonly [column: string]: number }
  /** Every refused row and cell, the most frequent reason first. */
  readonly reasons: readonly Reason[]
  /** Rows that count although no row of the joined source has their value. */
  readonly unmatched: readonly Places[]
  /** Rows that count of which a table has other values already, which stay. */
  readonly otherwise: readonly (Pick<Places, 'count' | 'rows'> & { readonly table: string })[]
  readonly joined: number | null
  readonly written: { readonly [table: string]: number }
  readonly made: { readonly [making: string]: number }
  /** Tickets that this load has asked for. */
  readonly tickets: readonly Tickets[]
  /** Tickets about its tables that wait for a steward now, whoever has opened them. */
  readonly ticketsOpen: number
}

export type LoadReport = {
  readonly format: 'lianban/load-report/1'
  readonly practice: true
  /** Unix milliseconds. */
  readonly at: number
  readonly seconds: number
  readonly by: string | null
  readonly second: string | null
  /** Whose data they are, as their terms ask. */
  readonly named: readonly string[]
  readonly rows: number
  readonly accepted: number
  readonly refusedRows: number
  /** Tickets about the tables of these sources that wait for a steward now. */
  readonly ticketsOpen: number
  readonly sources: readonly SourceReport[]
  /** What departments said on the ledger; null while the city ran in another process. */
  readonly attested: readonly Attested[] | null
  readonly missing: readonly { readonly zh: string; readonly en: string; readonly file: string }[]
  /** Names of the members that are spoken of, by code. */
  readonly members: { readonly [code: string]: Text }
}

/** The pack whose members are loaded for. */
const city = 'beijing'

type Head = Pick<LoadReport, 'at' | 'attested' | 'by' | 'second' | 'seconds'> & {
  readonly missing: readonly LoadFile[]
}

/** The report of a load. */
export function reportOf(results: readonly LoadResult[], { missing, ...head }: Head): LoadReport {
  const sources = results.map(sourceOf)
  const sum = (of: (source: SourceReport) => number): number =>
    sources.reduce((total, source) => total + of(source), 0)
  return {
    format: 'lianban/load-report/1',
    practice: true,
    ...head,
    named: [...new Set(sources.map(({ source }) => source.name))],
    rows: sum(({ rows }) => rows),
    accepted: sum(({ accepted }) => accepted),
    refusedRows: sum(({ refusedRows }) => refusedRows),
    ticketsOpen: new Set(results.flatMap(({ ticketsOpen }) => ticketsOpen)).size,
    sources,
    missing: missing.map(({ zh, en, file }) => ({ zh, en, file })),
    members: Object.fromEntries(
      readPack(city).members.map(({ code, zh, en }) => [code, text(zh, en)]),
    ),
  }
}

function sourceOf(result: LoadResult): SourceReport {
  const { file, read, accepted, refused, unmatched, otherwise, difference, state } = result
  const { first, added, changed, vanished, same, percent, columns } = difference
  return {
    name: file.name,
    zh: file.zh,
    en: file.en,
    file: file.file,
    source: file.source,
    type: read.type,
    encoding: read.encoding,
    state,
    rows: read.rows,
    accepted,
    refusedRows: read.refusedRows,
    first,
    added,
    changed,
    vanished,
    same,
    percent: first ? null : percent,
    columnsChanged: columns,
    columns: Object.entries(file.fields).map(([field, { column, as, normal = [] }]) => {
      return { column, as, normal, changed: read.normalised[field] ?? {} }
    }),
    leftOut: read.leftOut,
    note: file.note === undefined ? null : text(file.note.zh, file.note.en),
    masked: read.masked,
    reasons: reasonsOf(refused.groups()),
    unmatched: placesOf(unmatched.groups()),
    otherwise: Object.entries(otherwise).flatMap(([table, of]) => {
      return of.groups().map(({ count, rows }) => ({ table, count, rows }))
    }),
    joined: file.join === undefined ? null : result.joined,
    written: result.written,
    made: result.made,
    tickets: ticketsOf(result.tickets),
    ticketsOpen: result.ticketsOpen.length,
  }
}

function reasonsOf(refused: readonly Refusal[]): readonly Reason[] {
  const reasons = [...groupedBy(refused, ({ code }) => code)].map(([code, all]) => ({
    code,
    count: all.reduce((sum, { count }) => sum + count, 0),
    meaning: meaningOf(code),
    remedy: reportRemedyOf(code),
    needsPerson: needsPerson(code),
    places: placesOf(all),
  }))
  return reasons.toSorted((a, b) => b.count - a.count)
}

function placesOf(refused: readonly Refusal[]): readonly Places[] {
  return refused.map(({ column, letter, count, rows }) => ({ column, letter, count, rows }))
}

function ticketsOf(tickets: readonly LoadTicket[]): readonly Tickets[] {
  const alike = groupedBy(tickets, ({ why, table }) => `${why} ${table}`)
  return [...alike.values()].flatMap((all) => {
    const [first] = all
    if (first === undefined) return []
    const { why, table } = first
    const ids = all.map(({ id }) => id)
    return [{ why, table, count: all.length, rows: rangesOf(all), ids }]
  })
}

function groupedBy<T>(all: readonly T[], wordOf: (each: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const each of all) {
    const word = wordOf(each)
    const group = groups.get(word)
    if (group === undefined) groups.set(word, [each])
    else group.push(each)
  }
  return groups
}

/** How many tickets sources have together. */
export function ticketsIn(sources: readonly SourceReport[]): number {
  return sources.flatMap(({ tickets }) => tickets).reduce((sum, { count }) => sum + count, 0)
}

/** Row numbers as ranges; rows that come twice stand once. */
export function rangesOf(all: readonly { readonly row: number }[]): readonly RowRange[] {
  const ranges: [number, number][] = []
  for (const { row } of all.toSorted((a, b) => a.row - b.row)) {
    const last = ranges.at(-1)
    if (last !== undefined && row <= last[1] + 1) last[1] = row
    else ranges.push([row, row])
  }
  return ranges
}
