// What a trial finds in published files of real departments, and what a few lines of Python count
// in the same files, agree. The files are no part of this house; without them nothing is asked.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { gbDecode, gbEncode, kindOfFile, openText, openWorkbook } from '#adapters/sources'
import { trySource } from '#adapters/sources'
import type { Bad, Trial } from '#adapters/sources'

const data = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'data')
const counter = path.join(import.meta.dirname, 'sources.py')
const python = spawnSync('python3', ['--version']).status === 0
const skip = !existsSync(data)
  ? 'the published files do not lie beside this house'
  : !python && 'python3 is not on the path'

type Facts = {
  readonly type: string
  readonly encoding: string | null
  readonly rows: number
  readonly columns: number
  /** Filled, valid and empty cells of each column of unified social credit codes. */
  readonly uscc: { readonly [letter: string]: readonly number[] }
  readonly masked: number
  readonly outer_blank: number
  readonly repeated_rows: number
  readonly wrong_width: number
  readonly unique_columns: readonly string[]
}

async function factsOf(file: string): Promise<{ readonly facts: Facts; readonly trial: Trial }> {
  const all: Bad[] = []
  const options = { onBad: (bad: Bad) => void all.push(bad) }
  const open = (await kindOfFile(file)) === 'xlsx' ? openWorkbook : openText
  const trial = await trySource(await open(file, options), options)
  const count = (code: string): number => trial.bad.byCode[code] ?? 0
  assert.equal(all.length, trial.bad.total)
  const codes = trial.columns
    .filter(({ name }) => ['uscc', '统一社会信用代码'].includes(name))
    .map(({ letter, name, filled, empty }) => {
      const wrong = all.filter(({ column, mendable }) => column === name && !mendable)
      return [letter, [filled, filled - wrong.length, empty]] as const
    })
  const { encoding } = trial.form
  const mark = encoding?.mark === true ? '+mark' : ''
  const facts = {
    type: trial.form.type,
    encoding: encoding === null ? null : `${encoding.encoding}${mark}`,
    rows: trial.rows,
    columns: trial.columns.length,
    uscc: Object.fromEntries(codes),
    masked: count('sources/masked'),
    outer_blank: count('sources/outer-blank'),
    repeated_rows: count('sources/duplicate-row'),
    wrong_width: count('sources/short-row') + count('sources/long-row'),
    unique_columns: trial.columns
      .filter(({ repeated, empty }) => repeated === 0 && empty === 0)
      .map(({ letter }) => letter),
  }
  return { facts, trial }
}

test('a trial of each published file finds what Python counts in it', { skip }, async () => {
  const { status, stdout, stderr } = spawnSync('python3', [counter, data], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  const counted = JSON.parse(stdout) as { readonly [name: string]: Facts }
  const files = globSync('**/*.csv', { cwd: data })
  assert.equal(files.length, Object.keys(counted).length)
  for (const file of files) {
    const { facts, trial } = await factsOf(path.join(data, file))
    assert.deepEqual(facts, counted[path.basename(file).normalize('NFC')], file)
    assert.deepEqual([trial.header.row, trial.header.certain, trial.blank], [1, true, 0], file)
  }
})

test(
  'keys, types and orders of dates of the published files are those of their makers',
  { skip },
  async () => {
    const expected: { readonly [file: string]: readonly [key: string | null, types: string] } = {
      'agencies.csv': ['A', 'uscc text integer'],
      '上市公司名录.csv': ['C', 'text text code day-first uscc'],
      '内资企业设立登记公告数据.csv': ['B', 'text uscc year-first'],
      '北京市司法查封项目信息.csv': [null, 'code code text text code year-first year-first'],
      '新建商品房预售许可信息.csv': ['D', 'text text text code year-first text'],
      '海淀区中关村高新技术企业库.csv': ['B', 'integer uscc code text text text code'],
      'service-items.csv': ['D', 'text text text code code integer'],
    }
    for (const file of globSync('**/*.csv', { cwd: data })) {
      const wanted = expected[path.basename(file).normalize('NFC')]
      if (wanted === undefined) continue
      const { trial } = await factsOf(path.join(data, file))
      const types = trial.columns.map(({ type, order }) => order ?? type)
      assert.deepEqual([trial.key?.column ?? null, types.join(' ')], wanted, file)
    }
  },
)

test('published texts in GB 18030 come back byte for byte', { skip }, () => {
  const files = ['北京市司法查封项目信息.csv', '海淀区中关村高新技术企业库.csv']
  for (const file of files) {
    const bytes = readFileSync(path.join(data, 'beijing-open-data', file))
    const text = gbDecode(bytes)
    assert.ok(typeof text === 'string', `${file}: a bad sequence at ${text}`)
    assert.equal(Buffer.compare(bytes, Buffer.from(gbEncode(text) as Uint8Array)), 0)
  }
})
