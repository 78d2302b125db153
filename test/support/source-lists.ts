// Long lists of made-up firms as departments bring them, and the two things that are done with one:
// trying it and loading it. What benches measure and what runs about memory bound.
import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { trySource, writeRow } from '#adapters/sources'
import { openSource } from '#apps/cli/source'
import { decodeLoadFile, isLoadFile, loadAll } from '#apps/node/loading'
import { usccCheck } from '#base/codes'
import { bookMembers, makeZip, textRow } from '#test/workbooks'

export const listNames: readonly string[] = [
  '序号',
  '统一社会信用代码',
  '企业名称',
  '核准日期',
  '金额',
]

/** The cells of a row, counted from 0. */
export function listRow(row: number): readonly string[] {
  const body = `91110108MA${String(row).padStart(7, '0')}`
  const code = body + (usccCheck(body) ?? '')
  const day = String((row % 28) + 1).padStart(2, '0')
  const amount = `${row % 5000}.${(row % 90) + 10}`
  return [`${row}`, code, `北京第${row}科技有限公司`, `2026-01-${day}`, amount]
}

const block = 10_000

/** Gives all rows in blocks, so that a long list is never whole in memory. */
export function* listBlocks(rows: number): Generator<readonly (readonly string[])[]> {
  for (let from = 0; from < rows; from += block) {
    yield Array.from({ length: Math.min(block, rows - from) }, (_, at) => listRow(from + at))
  }
}

export function writeText(file: string, rows: number, encoding: 'utf-8' | 'gb18030'): void {
  const lineOf = (cells: readonly string[]): Uint8Array =>
    writeRow(cells, { encoding, delimiter: ',' }) ?? new Uint8Array(0)
  writeFileSync(file, lineOf(listNames))
  for (const many of listBlocks(rows)) appendFileSync(file, Buffer.concat(many.map(lineOf)))
}

export function writeBook(file: string, rows: number): void {
  const lines = Array.from({ length: rows }, (_, at) => textRow(at + 2, listRow(at)))
  writeFileSync(file, makeZip(bookMembers({ rows: textRow(1, listNames) + lines.join('') })))
}

export function writeDatabase(file: string, rows: number): void {
  const database = new DatabaseSync(file)
  const columns = listNames.map((name) => `"${name}" TEXT`).join(', ')
  database.exec(`PRAGMA synchronous = OFF; CREATE TABLE list (${columns}); BEGIN`)
  const insert = database.prepare('INSERT INTO list VALUES (?, ?, ?, ?, ?)')
  for (const many of listBlocks(rows)) for (const row of many) insert.run(...row)
  database.exec('COMMIT')
  database.close()
}

/** Seconds in which the list at an address is tried: both readings of it. */
export async function tryList(address: string, rows: number): Promise<number> {
  const began = performance.now()
  const trial = await trySource(await openSource(address))
  const seconds = (performance.now() - began) / 1000
  assert.deepEqual([trial.rows, trial.bad.total], [rows, 0])
  return seconds
}

const loadFile = {
  format: 'lianban/load/1',
  name: 'bench',
  zh: '名单',
  en: 'a list',
  steward: 'market',
  file: 'source',
  source: { name: 'bench', terms: 'made up' },
  fields: {
    uscc: { column: '统一社会信用代码', as: 'uscc' },
    name: { column: '企业名称', as: 'text' },
    approved: { column: '核准日期', as: 'day', order: 'year-first' },
  },
  key: ['uscc'],
  tables: [
    {
      member: 'market',
      table: 'list',
      identify: ['uscc'],
      columns: { uscc: 'uscc', name: 'name', approved: 'approved' },
    },
  ],
}

/** Seconds in which the list at an address is tried and written into a register. */
export async function loadList(address: string, rows: number): Promise<number> {
  const file = decodeLoadFile(loadFile)
  assert.ok(isLoadFile(file), JSON.stringify(file))
  const directory = mkdtempSync(join(tmpdir(), 'lianban-list-'))
  const path = join(directory, 'market.db')
  const made = new DatabaseSync(path)
  made.exec('PRAGMA journal_mode = WAL')
  made.close()
  try {
    const began = performance.now()
    const [result] = await loadAll([file], {
      directory,
      pathOf: () => path,
      sourceOf: () => openSource(address),
      now: 0,
      most: 5,
    })
    const seconds = (performance.now() - began) / 1000
    assert.equal(result?.accepted, rows)
    return seconds
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
