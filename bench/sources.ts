// `node bench/sources.ts [--rows 1000000] [--sheet-rows 200000] [--load]`: rows that a trial reads
// in a second from each kind of source, both readings included, or that `--load` writes into a
// sector's table, and the most memory that the process held. Every kind runs in a process of its
// own.
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import { openDatabase, openText, openWorkbook, trySource, writeRow } from '#adapters/sources'
import type { Source } from '#adapters/sources'
import { decodeLoadFile, isLoadFile, loadAll } from '#apps/node/loading'
import { usccCheck } from '#base/codes'
import { bookMembers, makeZip, textRow } from '#test/workbooks'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    'sheet-rows': { type: 'string', default: '200000' },
    load: { type: 'boolean', default: false },
    // Inner use: the kind and the file that this process is to read.
    kind: { type: 'string' },
    file: { type: 'string', default: '' },
  },
})

const names = ['序号', '统一社会信用代码', '企业名称', '核准日期', '金额']

function cellsOf(row: number): readonly string[] {
  const body = `91110108MA${String(row).padStart(7, '0')}`
  const code = body + (usccCheck(body) ?? '')
  const day = String((row % 28) + 1).padStart(2, '0')
  return [
    `${row}`,
    code,
    `北京第${row}科技有限公司`,
    `2026-01-${day}`,
    `${row % 5000}.${(row % 90) + 10}`,
  ]
}

type Kind = {
  readonly rows: number
  readonly make: (file: string, rows: number) => void
  readonly open: (file: string) => Source | Promise<Source>
}

function makeText(encoding: 'utf-8' | 'gb18030'): Kind['make'] {
  return (file, rows) => {
    const lineOf = (cells: readonly string[]): Uint8Array =>
      writeRow(cells, { encoding, delimiter: ',' }) ?? new Uint8Array(0)
    writeFileSync(file, lineOf(names))
    for (let from = 0; from < rows; from += 10_000) {
      const many = Array.from({ length: Math.min(10_000, rows - from) }, (_, at) => from + at)
      appendFileSync(file, Buffer.concat(many.map((row) => lineOf(cellsOf(row)))))
    }
  }
}

function makeBook(file: string, rows: number): void {
  const lines = Array.from({ length: rows }, (_, at) => textRow(at + 2, cellsOf(at)))
  writeFileSync(file, makeZip(bookMembers({ rows: textRow(1, names) + lines.join('') })))
}

function makeDatabase(file: string, rows: number): void {
  const database = new DatabaseSync(file)
  const columns = names.map((name) => `"${name}" TEXT`).join(', ')
  database.exec(`PRAGMA synchronous = OFF; CREATE TABLE list (${columns})`)
  database.exec('BEGIN')
  const insert = database.prepare('INSERT INTO list VALUES (?, ?, ?, ?, ?)')
  for (let row = 0; row < rows; row += 1) insert.run(...cellsOf(row))
  database.exec('COMMIT')
  database.close()
}

const rows = Number(values.rows)
const kinds: { readonly [name: string]: Kind } = {
  'text in UTF-8': { rows, make: makeText('utf-8'), open: async (file) => openText(file, {}) },
  'text in GB 18030': { rows, make: makeText('gb18030'), open: async (file) => openText(file, {}) },
  workbook: {
    rows: Number(values['sheet-rows']),
    make: makeBook,
    open: async (file) => openWorkbook(file, {}),
  },
  SQLite: { rows, make: makeDatabase, open: (file) => openDatabase(file, {}) },
}

async function measure({ open, rows: wanted }: Kind, file: string): Promise<string> {
  const began = performance.now()
  const trial = await trySource(await open(file))
  const seconds = (performance.now() - began) / 1000
  if (trial.rows !== wanted || trial.bad.total > 0) throw new Error('the trial found other rows')
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024)
  return `${Math.round(wanted / seconds)} rows/s, ${wanted} rows in ${seconds.toFixed(1)} s, ${megabytes} MiB`
}

const loadFile = decodeLoadFile({
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
})

async function measureLoad({ open, rows: wanted }: Kind, file: string): Promise<string> {
  if (!isLoadFile(loadFile)) throw new Error(JSON.stringify(loadFile))
  const directory = mkdtempSync(join(dirname(file), 'load-'))
  const path = join(directory, 'market.db')
  const made = new DatabaseSync(path)
  made.exec('PRAGMA journal_mode = WAL')
  made.close()
  const began = performance.now()
  const [result] = await loadAll([loadFile], {
    directory,
    pathOf: () => path,
    sourceOf: async () => open(file),
    now: 0,
    most: 5,
  })
  const seconds = (performance.now() - began) / 1000
  if (result?.accepted !== wanted) throw new Error('the load took other rows')
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024)
  const speed = `${Math.round(wanted / seconds)} rows/s`
  return `${speed} loaded, ${wanted} rows in ${seconds.toFixed(1)} s, ${megabytes} MiB`
}

const one = values.kind === undefined ? undefined : kinds[values.kind]
if (one !== undefined) {
  const measured = values.load ? measureLoad(one, values.file) : measure(one, values.file)
  process.stdout.write(`${await measured}\n`)
} else {
  const folder = mkdtempSync(join(tmpdir(), 'lianban-bench-sources-'))
  try {
    for (const [kind, { make, rows: count }] of Object.entries(kinds)) {
      const file = join(folder, 'source')
      make(file, count)
      const own = [import.meta.filename, '--kind', kind, '--file', file]
      const sizes = ['--rows', values.rows, '--sheet-rows', values['sheet-rows']]
      if (values.load) sizes.push('--load')
      const ran = spawnSync(process.execPath, [...own, ...sizes], { encoding: 'utf8' })
      if (ran.status !== 0) throw new Error(ran.stderr)
      process.stdout.write(`${kind}: ${ran.stdout}`)
      rmSync(file)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
