// `lianban city load`: public files into the registers of a practice city, and a report of what was
// left out and why. Where the city is not there yet it is begun. The files are only read; what a
// second person has to look at first is not written.
import fs from 'node:fs'
import { join } from 'node:path'
import { Failure } from '#adapters/sources'
import { loadAll, NoColumn } from '#apps/node/loading'
import type { LoadFile, LoadOptions, LoadResult } from '#apps/node/loading'
import { memberLayout } from '#apps/node/city'
import { countOption } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { exits, pathStop, replaceWith, Stop, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { ledgerNamed } from '#apps/cli/directory'
import { openSource, stopOfSource } from '#apps/cli/source'
import { lookersOf, needConfirmed, officeOf, packLoadFiles } from '#apps/cli/steward'
import { readLoadFile } from '#apps/cli/steward'
import type { City } from '#apps/node/city'
import { attestAll, attestElsewhere } from './attest.ts'
import type { Attested } from './attest.ts'
import { needDirectory, openUnlessRunning } from './city-directory.ts'
import { loadScreen } from './load-screen.ts'
import { reportOf } from './report.ts'
import type { LoadReport } from './report.ts'
import { reportPage } from './report-page.ts'

const mostDefault = 5

/** Runs `city load`. Ends with the code of a conflict while something waits for a second person. */
export async function loadCity(ask: Ask): Promise<Answer> {
  const began = performance.now()
  const data = ask.values['data'] ?? ''
  const directory = needDirectory(ask)
  const files = loadFilesOf(ask).filter((file) => isChosen(ask, file))
  const missing = files.filter(({ file }) => !fs.existsSync(join(data, file)))
  if (missing.length === files.length) throw nothingThere(data, missing)
  const present = files.filter((file) => !missing.includes(file))
  const city = await openUnlessRunning(directory)
  let results: readonly LoadResult[] = []
  let attested: readonly Attested[] | null = null
  try {
    const of = { directory, city, ledger: ledgerNamed(directory) }
    const given = ask.values['load']
    if (given !== undefined) for (const file of present) needConfirmed(file, given, of)
    const looked = lookersOf(ask, present, of)
    results = await loadPresent(ask, present, { directory, data, looked })
    const asOf = ({ file }: LoadResult): number => {
      return Math.floor(fs.statSync(join(data, file.file)).mtimeMs)
    }
    attested =
      city === null
        ? await attestElsewhere(directory, results, { ledger: of.ledger, asOf })
        : await tellAll(city, results, asOf)
  } finally {
    await city?.stop()
  }
  const report = reportOf(results, {
    missing,
    attested,
    at: Date.now(),
    seconds: Math.round((performance.now() - began) / 100) / 10,
    by: ask.values['by'] ?? null,
    second: ask.values['second'] ?? null,
  })
  const written = writeReport(ask, directory, report)
  const waiting = results.filter(({ state }) => state === 'waits')
  return {
    data: { ok: waiting.length === 0, directory, report: written, ...report },
    lines: [
      ...loadScreen(ask.terminal, report, written.html),
      ...whoCouldSign(ask, directory, waiting),
    ],
    exit: waiting.length === 0 ? exits.ok : exits.conflict,
  }
}

/** The officers of departments whose new state waits. */
function whoCouldSign(
  { terminal }: Ask,
  directory: string,
  waiting: readonly LoadResult[],
): readonly string[] {
  const stewards = [...new Set(waiting.map(({ file }) => file.steward))]
  return stewards.map((member) => {
    const names = officeOf(directory, null, member)?.names.join(' ') ?? '-'
    return terminal.words(
      `${member} 的工作人员（任选两位）：${names}`,
      `officers of ${member}, any two of them: ${names}`,
    )
  })
}

/** Departments attest what was loaded, and look at their systems again: whoever watches is told. */
async function tellAll(
  city: City,
  results: readonly LoadResult[],
  asOf: (result: LoadResult) => number,
): Promise<readonly Attested[]> {
  const attested = await attestAll(city, results, asOf)
  const tables = results.flatMap(({ written }) => Object.keys(written))
  for (const member of new Set(tables.map((name) => name.split('.')[0] ?? ''))) {
    await city.members.get(member)?.department.lookAgain()
  }
  await city.settle()
  return attested
}

async function loadPresent(
  ask: Ask,
  files: readonly LoadFile[],
  of: {
    readonly directory: string
    readonly data: string
    readonly looked: NonNullable<LoadOptions['looked']>
  },
): Promise<readonly LoadResult[]> {
  let current = ''
  try {
    return await loadAll(files, {
      directory: of.directory,
      sourceOf: ({ file }) => {
        current = join(of.data, file)
        return openSource(current)
      },
      pathOf: (member) => memberLayout(of.directory, member, false).source,
      now: Date.now(),
      looked: of.looked,
      most: countOption(ask, 'most', mostDefault),
    })
  } catch (error) {
    if (error instanceof Failure) throw stopOfSource(error, current)
    if (error instanceof NoColumn) {
      throw new Stop({ code: error.code, exit: exits.failure, at: `${current}: ${error.column}` })
    }
    throw error
  }
}

/** The load files of the pack, or the one that is given. */
function loadFilesOf(ask: Ask): readonly LoadFile[] {
  const given = ask.values['load']
  return given === undefined ? packLoadFiles() : [readLoadFile(given)]
}

function isChosen(ask: Ask, { name }: LoadFile): boolean {
  const only = ask.values['only']?.split(',')
  return only === undefined || only.includes(name)
}

function nothingThere(data: string, missing: readonly LoadFile[]): Stop {
  if (!fs.existsSync(data)) return pathStop('cli/not-read', data, { code: 'ENOENT' })
  const list = missing.map(({ file }) => file).join(', ')
  return new Stop({
    code: 'cli/not-read',
    exit: exits.failure,
    at: data,
    text: text(`目录中没有要载入的文件：${list}`, `none of the files lies there: ${list}`),
    remedy: text('用 --data 指明目录', 'name the directory with --data'),
  })
}

function writeReport(
  ask: Ask,
  directory: string,
  report: LoadReport,
): { readonly html: string; readonly json: string } {
  const base = ask.values['report'] ?? join(directory, 'load-report')
  const paths = { html: `${base}.html`, json: `${base}.json` }
  replaceWith(paths.html, reportPage(report, ask.terminal.language))
  replaceWith(paths.json, `${JSON.stringify(report, null, 1)}\n`)
  return paths
}
