// A process that is given spoilt files one after the other and says what became of each. It tells
// its parent of every file before it opens it, so that a file that never ends can be named.
import fs from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import process from 'node:process'
import {
  DelimitedReader,
  restored,
  sourceCodes,
  trySource,
  wordsOf,
  writeRow,
} from '#adapters/sources'
import type { Row, Source } from '#adapters/sources'
import { openSource, remedyOf } from '#apps/cli/source'
import { readLoadFile } from '#apps/cli/steward'
import { decodeMapping, isMapping, mappingCodes, mappingFaults } from '#apps/node/mapping'
import { mappingFaultTexts } from '#apps/node/mapping'
import { wordsOfFault } from '#apps/node/declared'
import type { DeclaredFault } from '#apps/node/declared'
import { nearestOf } from '#apps/cli/command'
import { incoming, outgoing, worklistCodes } from '#apps/node/worklist'
import type { Sheet, WorkDesk, WorkOf } from '#apps/node/worklist'
import { registerWordsOf } from '#adapters/registers'
import { sourceOf } from '#blueprint/derive'
import { readJsonText } from '#blueprint/grammar'
import { shippedFolder, shippedTypes } from '#test/blueprints'
import { peakOf } from '#test/held-memory'
import { Chance } from '#test/mutants'
import { listText, makersIn, mutated, spoiltJson } from '#test/mutated-files'

/** So many mutants of a type, or files that already stand there. */
export type Job = {
  readonly type: string
  readonly folder: string
  readonly seed: number
  readonly from: number
  readonly to: number
  readonly files?: readonly string[]
}

export type Said =
  | { readonly type: string; readonly at: number }
  | { readonly type: string; readonly at: number; readonly end: string; readonly ms: number }
  | { readonly type: string; readonly at: number; readonly fault: string }
  | { readonly peakMib: number }

/** What became of one mutant: `tried`, or the code of the refusal. Throws for everything else. */
type Judge = (chance: Chance) => Promise<string>

/** The code of a refusal that a person can act on, or the error itself. */
function refusalOf(error: unknown): string {
  const { code, text } = error as { code?: unknown; text?: { zh?: string; en?: string } }
  if (typeof code !== 'string') throw error
  const meaning = wordsOf(code)?.meaning ?? registerWordsOf(code) ?? text
  if (!meaning?.zh || !meaning.en) throw error
  const isFile = code.startsWith('sources/') || code.startsWith('registers/')
  if (isFile && remedyOf(code) === remedyOf('')) throw new Error(`${code} has no remedy`)
  return code
}

async function judged(address: string): Promise<string> {
  try {
    const source = await openSource(address)
    const { bad } = await trySource(source)
    const stray = Object.keys(bad.byCode).find((code) => !sourceCodes.includes(code))
    if (stray !== undefined) throw new Error(`${stray} is no code`)
    await comesBack(source)
    return 'tried'
  } catch (error) {
    return refusalOf(error)
  }
}

const backRows = 100

/** What is exported is harmless in a spreadsheet, and is the same when it is read again. */
async function comesBack(source: Source): Promise<void> {
  const sound: Row[] = []
  await source.rows.scan((row) => {
    const isSound = row.flaw === undefined && row.cells.every(({ sort }) => sort !== 'bad')
    if (sound.length < backRows && isSound && row.cells.length > 0) sound.push(row)
  })
  for (const encoding of ['utf-8', 'gb18030'] as const) {
    for (const { cells } of sound) {
      const texts = cells.map(({ text }) => text)
      const bytes = writeRow(texts, { encoding, delimiter: ',' })
      if (bytes === null) continue
      const back: string[][] = []
      const take = (row: Row): void => void back.push(row.cells.map(({ text }) => text))
      const reader = new DelimitedReader({ encoding, delimiter: ',', take })
      reader.push(Buffer.concat([Buffer.from('x\r\n'), bytes]))
      reader.end()
      const read = back[1] ?? []
      const runs = read.find(
        (text) => /^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text),
      )
      if (runs !== undefined) throw new Error('an exported cell would run')
      const isSame =
        read.length === texts.length && read.every((text, at) => restored(text) === texts[at])
      if (!isSame) throw new Error('an exported row is read otherwise')
    }
  }
}

function fileJudge(job: Job): Judge {
  const make = makersIn(job.folder)[job.type]
  if (make === undefined) throw new Error(`no type ${job.type}`)
  const file = path.join(job.folder, 'file')
  return async (chance) => {
    fs.writeFileSync(file, make(chance))
    return judged(file)
  }
}

function packFiles(folder: string): readonly Buffer[] {
  const packs = new URL(`../../packs/beijing/${folder}/`, import.meta.url)
  return fs.readdirSync(packs).map((name) => fs.readFileSync(new URL(name, packs)))
}

/** Load files, by the way in which a command reads them. */
function loadJudge({ folder }: Job): Judge {
  const sound = packFiles('load')
  const file = path.join(folder, 'load.json')
  return async (chance) => {
    fs.writeFileSync(file, spoiltJson(chance.of(sound), chance))
    try {
      readLoadFile(file)
      return 'taken'
    } catch (error) {
      return refusalOf(error)
    }
  }
}

/** A fault has a reason and a remedy in both languages, and nothing of it steers a terminal. */
function checkWords(fault: DeclaredFault): void {
  for (const language of ['zh', 'en'] as const) {
    const of = { texts: mappingFaultTexts, nearest: nearestOf }
    const { path: at, reason, remedy } = wordsOfFault(fault, language, of)
    if (reason === '' || remedy === '' || reason.startsWith(fault.code)) {
      throw new Error(`${fault.code} has no words`)
    }
    const said = `${at} ${reason} ${remedy}`
    if (said.length > 4000) throw new Error(`${fault.code} fills the screen`)
    if (/[\0-\u001f\u007f-\u009f]/.test(said)) throw new Error(`${fault.code} steers a terminal`)
  }
}

function mappingJudge(): Judge {
  const sound = packFiles('mappings')
  const types = shippedTypes()
  const known = new Set(mappingCodes.map(([code]) => code))
  return async (chance) => {
    const read = readJsonText(Buffer.from(spoiltJson(chance.of(sound), chance)).toString('utf8'))
    if (!('value' in read)) return read.code
    const mapping = decodeMapping(read.value)
    const faults = isMapping(mapping) ? mappingFaults(mapping, types, ['main']) : mapping
    for (const fault of faults) {
      if (!known.has(fault.code)) throw new Error(`${fault.code} is no code`)
      checkWords(fault)
    }
    return faults[0]?.code ?? 'taken'
  }
}

/** Sheets with answers, for a desk on which one line lies. */
async function answersJudge({ folder }: Job): Promise<Judge> {
  const { blueprint } = shippedFolder('processes/bj.home.transfer')
  const source = sourceOf(blueprint, shippedTypes())
  const of: WorkOf = { source, act: 'moveGas', by: 'o1' }
  const line = { key: 'L1', case: 'C1', reason: 'to-be-decided', act: 'moveGas', at: 0 } as never
  const shown = { slots: {}, items: { newTitle: [{ fields: { address: '练习路1号' } }] } }
  const open = {
    ...(line as object),
    application: blueprint.id,
    isLate: false,
    shown,
    law: [],
    noes: [],
  }
  const desk: WorkDesk = {
    inbox: () => [line],
    open: async () => open as never,
    decide: () => Promise.reject(new Error('nothing is decided by reading')),
  }
  const sheet = await outgoing(desk, of)
  const answered = sheet.map((row, at) =>
    row.map((cell, place) => (at === 1 && place === 4 ? '办理' : cell)),
  )
  const check = answered[1]?.at(-1)
  const sound = (['utf-8', 'gb18030'] as const).map((encoding) =>
    Buffer.concat(
      answered.map((row) => writeRow(row, { encoding, delimiter: ',' }) ?? Buffer.of()),
    ),
  )
  const known = new Set(worklistCodes.map(([code]) => code))
  const file = path.join(folder, 'answers.csv')
  return async (chance) => {
    fs.writeFileSync(file, mutated(chance.of(sound), chance))
    try {
      const rows: string[][] = []
      await (
        await openSource(file)
      ).rows.scan(({ cells }) => {
        if (cells.length > 0) rows.push(cells.map(({ text }) => restored(text)))
      })
      const { decisions, bad } = await incoming(desk, of, rows as Sheet)
      const stray = bad.find(({ code, at }) => !known.has(code) || !/^[A-Z]+\d+$/.test(at))
      if (stray !== undefined) throw new Error(`${stray.code} at ${stray.at}`)
      const isOurs = rows.some((row) => row.some((cell) => cell.trim() === check))
      if (decisions.length > 0 && !isOurs) throw new Error('an answer without its check is taken')
      return bad[0]?.code ?? (decisions.length > 0 ? 'taken' : 'unanswered')
    } catch (error) {
      return refusalOf(error)
    }
  }
}

/** A service whose answers are spoilt, one of them each time. */
async function httpJudge(): Promise<Judge> {
  const names = ['序号', '名称', '统一社会信用代码', '日期']
  const list = listText.split('\r\n').slice(1, -1)
  const rows = list.map((line, at) => ({ 序号: at, 名称: line, 日期: '2026-01-02' }))
  const sound: { readonly [url: string]: Buffer } = {
    '/tables': Buffer.from(JSON.stringify({ tables: ['list'] })),
    '/describe': Buffer.from(
      JSON.stringify({
        columns: names.map((name) => ({ name, type: 'text' })),
        rows: 40,
        state: 'a',
      }),
    ),
    '/rows': Buffer.from(JSON.stringify({ rows: rows.slice(0, 20), next: 'b', state: 'a' })),
    next: Buffer.from(JSON.stringify({ rows: rows.slice(20), state: 'a' })),
  }
  let spoilt = ''
  let how: (bytes: Buffer) => Uint8Array = (bytes) => bytes
  let status = 200
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      // No file lies there: the questions of a service are what is spoilt here.
      if (request.method === 'GET') return response.writeHead(404).end()
      const isNext = request.url === '/rows' && Buffer.concat(chunks).includes('"after"')
      const asked = isNext ? 'next' : (request.url ?? '')
      const bytes = sound[asked] ?? Buffer.of()
      const isSpoilt = asked === spoilt
      response.writeHead(isSpoilt ? status : 200)
      return response.end(isSpoilt ? how(bytes) : bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return async (chance) => {
    spoilt = chance.of(Object.keys(sound))
    status = chance.below(20) === 0 ? chance.of([204, 301, 400, 404, 429, 500, 503]) : 200
    how = (bytes) => spoiltJson(bytes, chance)
    return judged(url)
  }
}

async function judgeOf(job: Job): Promise<Judge> {
  if (job.type === 'load') return loadJudge(job)
  if (job.type === 'mapping') return mappingJudge()
  if (job.type === 'answers') return answersJudge(job)
  return job.type === 'http' ? httpJudge() : fileJudge(job)
}

function say(said: Said): void {
  process.send?.(said)
}

async function run(job: Job): Promise<void> {
  const { type } = job
  const judge = job.files === undefined ? await judgeOf(job) : null
  for (let at = job.from; at < job.to; at += 1) {
    say({ type, at })
    const began = performance.now()
    try {
      // Every mutant depends on its place alone, so that each one can be made again.
      const chance = new Chance(job.seed + at * 7919)
      const end = judge === null ? await judged(job.files?.[at] ?? '') : await judge(chance)
      say({ type, at, end, ms: performance.now() - began })
    } catch (error) {
      const fault = error instanceof Error ? (error.stack ?? error.message) : String(error)
      say({ type, at, fault })
    }
  }
}

async function runAll(jobs: readonly Job[]): Promise<void> {
  for (const job of jobs) await run(job)
  // What was said before is heard before the process ends.
  process.send?.({ peakMib: peakOf('self') } satisfies Said, () => process.exit(0))
}

process.once('message', (jobs: readonly Job[]) => {
  void runAll(jobs)
})
