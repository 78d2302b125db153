// The data report: what came of each file, for programs. It names rows, columns and codes and holds
// no value of a cell, so that it may go where the values may not.
import { wordsOf } from '#adapters/sources'
import { loadCodes } from '#apps/node/loading'
import type { LoadFile, LoadResult, LoadTicket, Refused } from '#apps/node/loading'
import { remedyOf } from '#apps/cli/source'
import type { Attested } from './attest.ts'
import { text } from '#apps/cli/output'
import type { Text } from '#apps/cli/output'

export type Reason = {
  readonly code: string
  readonly count: number
  readonly meaning: Text
  readonly remedy?: Text
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
  readonly percent: number
  readonly columnsChanged: boolean
  readonly columns: readonly {
    readonly column: string
    readonly as: string
    readonly normal: readonly string[]
    readonly changed: { readonly [normalisation: string]: number }
  }[]
  readonly leftOut: readonly string[]
  readonly reasons: readonly Reason[]
  readonly refused: readonly Refused[]
  readonly unmatched: readonly Refused[]
  readonly joined: number | null
  readonly written: { readonly [table: string]: number }
  readonly made: { readonly [making: string]: number }
  readonly tickets: readonly LoadTicket[]
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
  readonly sources: readonly SourceReport[]
  /** What departments said on the ledger; null while the city ran in another process. */
  readonly attested: readonly Attested[] | null
  readonly missing: readonly { readonly zh: string; readonly en: string; readonly file: string }[]
}

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
    sources,
    missing: missing.map(({ zh, en, file }) => ({ zh, en, file })),
  }
}

function sourceOf(result: LoadResult): SourceReport {
  const { file, read, accepted, refused, unmatched, difference, state } = result
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
    percent,
    columnsChanged: columns,
    columns: Object.entries(file.fields).map(([field, { column, as, normal = [] }]) => {
      return { column, as, normal, changed: read.normalised[field] ?? {} }
    }),
    leftOut: read.leftOut,
    reasons: reasonsOf(refused),
    refused,
    unmatched,
    joined: file.join === undefined ? null : result.joined,
    written: result.written,
    made: result.made,
    tickets: result.tickets,
  }
}

function reasonsOf(refused: readonly Refused[]): readonly Reason[] {
  const counts = new Map<string, number>()
  for (const { code } of refused) counts.set(code, (counts.get(code) ?? 0) + 1)
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([code, count]) => {
      const meaning = meaningOf(code)
      const known = wordsOf(code) !== undefined
      return known ? { code, count, meaning, remedy: remedyOf(code) } : { code, count, meaning }
    })
}

const ownWords: { readonly [code: string]: string } = {
  'node/load-missing': '必需的单元格为空',
  'node/load-inexact': '数字的位数超过其单位所能保留的',
  'node/load-repeated': '键与前面的行相同而内容不同',
  'node/load-again': '与前面的行相同',
  'node/load-unmatched': '在关联的数据中找不到此值',
}

/** A code in words of both languages. */
export function meaningOf(code: string): Text {
  const known = wordsOf(code)?.meaning
  if (known !== undefined) return known
  const [, en = code] = loadCodes.find(([each]) => each === code) ?? []
  return text(ownWords[code] ?? en, en)
}
