// Hostile files: thousands of mutants of everything that a department hands in, and files with one
// hostile idea each. They are opened in processes of their own, which are watched from outside: for
// ten seconds without a word, for a gigabyte of memory, and for any end that is neither a trial
// nor a refusal with a code, a meaning and a remedy.
import { fork } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { peakOf } from '#test/held-memory'
import { hostileBooks, hostileContainers, hostileTexts } from '#test/hostile-files'
import { hostileDatabases } from '#test/hostile-databases'
import type { Job, Said } from './files-worker.ts'

/** Milliseconds that one file may take, and MiB that one process may hold. */
const mostMs = 10_000
const mostMib = 1024

export const mutantTypes: readonly string[] = [
  'csv-utf8',
  'csv-gb18030',
  'csv-utf16',
  'xlsx',
  'sqlite',
  'load',
  'mapping',
  'answers',
  'http',
]

/** What came of the files of one type. */
export type Tally = {
  readonly type: string
  files: number
  /** How often each end came: `tried`, `taken`, `unanswered`, or a code. */
  readonly ends: Map<string, number>
  slowestMs: number
  peakMib: number
  /** Files that met an unknown error, ended the process, took too long or too much memory. */
  readonly faults: string[]
}

function tallyOf(type: string): Tally {
  return { type, files: 0, ends: new Map(), slowestMs: 0, peakMib: 0, faults: [] }
}

type Tallies = ReadonlyMap<string, Tally>

/** Runs jobs to their end, with a new process after each one that had to be killed. */
async function runJobs(jobs: readonly Job[], tallies: Tallies): Promise<void> {
  let left: readonly Job[] = jobs
  while (left.length > 0) {
    const last = await watched(left, tallies)
    if (last === null) return
    const at = left.findIndex(({ type }) => type === last.type)
    const rest = left.slice(at)
    left = rest.flatMap((job, place) => {
      const from = place === 0 ? last.at + 1 : job.from
      return from < job.to ? [{ ...job, from }] : []
    })
  }
}

type Place = { readonly type: string; readonly at: number }

/** The last file that was begun, if the process did not come to its end. */
function watched(jobs: readonly Job[], tallies: Tallies): Promise<Place | null> {
  const worker = fork(path.join(import.meta.dirname, 'files-worker.ts'), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let place: Place = { type: jobs[0]?.type ?? '', at: jobs[0]?.from ?? 0 }
  let heard = performance.now()
  let isDone = false
  let fault = ''
  let errors = ''
  const tally = (): Tally | undefined => tallies.get(place.type)
  worker.stderr?.on('data', (chunk: Buffer) => {
    if (errors.length < 2000) errors += chunk.toString()
  })
  const held = (mib: number): void => {
    const now = tally()
    if (now !== undefined) now.peakMib = Math.max(now.peakMib, mib)
    if (mib > mostMib && fault === '') fault = `${Math.round(mib)} MiB`
  }
  worker.on('message', (said: Said) => {
    heard = performance.now()
    if ('peakMib' in said) {
      isDone = true
      for (const { type } of jobs) {
        place = { ...place, type }
        held(said.peakMib)
      }
    } else if ('end' in said || 'fault' in said) noted(tally(), jobs, said)
    else place = said
  })
  const watch = setInterval(() => {
    held(peakOf(worker.pid ?? 0))
    if (performance.now() - heard > mostMs * 1.5) fault = 'no end'
    if (fault !== '') worker.kill('SIGKILL')
  }, 100)
  return new Promise((resolve) => {
    worker.once('exit', (code, signal) => {
      clearInterval(watch)
      if (isDone && fault === '') return resolve(null)
      const now = tally()
      const ended = fault === '' ? `the process ended (${code ?? signal}) ${errors}` : fault
      if (now !== undefined) {
        now.files += 1
        now.faults.push(`${nameOf(jobs, place)}: ${ended}`)
      }
      resolve(isDone ? null : place)
    })
    worker.send(jobs)
  })
}

type Ended = Extract<Said, { readonly end: string } | { readonly fault: string }>

function noted(tally: Tally | undefined, jobs: readonly Job[], said: Ended): void {
  if (tally === undefined) return
  tally.files += 1
  if ('fault' in said) {
    tally.faults.push(`${nameOf(jobs, said)}: ${said.fault}`)
    return
  }
  tally.ends.set(said.end, (tally.ends.get(said.end) ?? 0) + 1)
  tally.slowestMs = Math.max(tally.slowestMs, said.ms)
  if (said.ms > mostMs) tally.faults.push(`${nameOf(jobs, said)}: ${Math.round(said.ms)} ms`)
}

function nameOf(jobs: readonly Job[], { type, at }: Place): string {
  const file = jobs.find((job) => job.type === type)?.files?.[at]
  return file === undefined ? `${type} ${at}` : path.basename(file)
}

export type FilesOptions = {
  /** Mutants of each type. */
  readonly count: number
  readonly seed: number
  readonly types?: readonly string[]
  /** Every so many-th of the hostile files; all of them with 1. */
  readonly every: number
  /** Only hostile files whose name has this in it. */
  readonly only?: string
  /** Mutants that one process opens: what one of them leaks must not hide among many. */
  readonly batch: number
}

/** Runs mutants of every type, and the hostile files, and says what came of each type. */
export async function run(options: FilesOptions): Promise<readonly Tally[]> {
  const { count, seed, types = [...mutantTypes, 'hostile'], batch } = options
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lianban-files-'))
  const tallies = new Map(types.map((type) => [type, tallyOf(type)]))
  try {
    const mutants = types.filter((type) => type !== 'hostile')
    const jobs = types.includes('hostile') ? [hostileJob(folder, options)] : []
    if (count <= batch) {
      for (const type of mutants) jobs.push({ type, folder, seed, from: 0, to: count })
      await runJobs(jobs, tallies)
    } else {
      await runJobs(jobs, tallies)
      for (const type of mutants) {
        for (let from = 0; from < count; from += batch) {
          const to = Math.min(count, from + batch)
          await runJobs([{ type, folder, seed, from, to }], tallies)
        }
      }
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
  return [...tallies.values()]
}

/** The hostile files, each made here and opened elsewhere. */
function hostileJob(folder: string, { every, only = '' }: FilesOptions): Job {
  const all = [...hostileTexts, ...hostileBooks, ...hostileContainers, ...hostileDatabases(folder)]
  const chosen = all.filter(({ tries }, at) => at % every === 0 && tries.includes(only))
  const files = chosen.map(({ tries, make }, at) => {
    const file = path.join(folder, `${at} ${tries.replaceAll('/', ' ')}`)
    fs.writeFileSync(file, make())
    return file
  })
  return { type: 'hostile', folder, seed: 0, from: 0, to: files.length, files }
}

/** One line of figures. */
export function told(tallies: readonly Tally[]): string {
  const lines = tallies.map(({ type, files, ends, slowestMs, peakMib, faults }) => {
    const read = ['tried', 'taken', 'unanswered'].reduce(
      (sum, end) => sum + (ends.get(end) ?? 0),
      0,
    )
    return [
      `${type} ${files}: ${read} read and ${files - read - faults.length} refused`,
      `slowest ${Math.round(slowestMs)} ms, ${Math.round(peakMib)} MiB`,
      ...faults.slice(0, 3),
    ].join(', ')
  })
  return lines.join('; ')
}
