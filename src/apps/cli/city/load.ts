// `lianban city load`: public files into the registers of a practice city, and a report of what was
// left out and why. Where the city is not there yet it is begun. The files are only read; what a
// second person has to look at first is not written.
import fs from 'node:fs'
import { join } from 'node:path'
import { Failure } from '#adapters/sources'
import { loadAll, LoadRunning, NoColumn, NoPartner } from '#apps/node/loading'
import { OtherSteward, OtherTable } from '#apps/node/loading'
import type { LoadFile, LoadOptions, LoadResult } from '#apps/node/loading'
import { memberLayout } from '#apps/node/city'
import { countOption, usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { exits, pathStop, replaceWith, Stop, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { ledgerNamed } from '#apps/cli/directory'
import { openSource, stopOfSource } from '#apps/cli/source'
import { lookersOf, needConfirmed, officeOf, packLoadFiles } from '#apps/cli/steward'
import { readLoadFile } from '#apps/cli/steward'
import type { City } from '#apps/node/city'
import { attestAll, attestElsewhere, waitingBefore } from './attest.ts'
import type { Attested } from './attest.ts'
import { needDirectory, openUnlessRunning } from './city-directory.ts'
import { meaningOf } from './report-words.ts'
import { loadScreen, plain } from './load-screen.ts'
import { reportOf } from './report.ts'
import type { LoadReport } from './report.ts'
import { reportPage } from './report-page.ts'

const mostDefault = 5

/** Runs `city load`. Ends with the code of a conflict while something waits for a second person. */
export async function loadCity(ask: Ask): Promise<Answer> {
  const began = performance.now()
  const data = ask.values['data'] ?? ''
  const directory = needDirectory(ask)
  const files = chosenOf(ask, loadFilesOf(ask))
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
    const waiting = await waitingBefore(directory, city, present)
    results = await loadPresent(ask, present, { directory, data, looked })
    const asOf = ({ file }: LoadResult): number => {
      return Math.floor(fs.statSync(join(data, file.file)).mtimeMs)
    }
    attested =
      city === null
        ? await attestElsewhere(directory, results, { ledger: of.ledger, asOf, waiting })
        : await tellAll(city, results, { asOf, waiting })
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
  return waiting.map(({ file, look }) => {
    const office = officeOf(directory, null, file.steward)
    const names = office?.names.join(' ') ?? '-'
    const signed = look === undefined ? -1 : (office?.kids.indexOf(look.by) ?? -1)
    const first = office?.names[signed]
    return first === undefined
      ? terminal.words(
          `${plain(file.zh)}：${file.steward} 的工作人员任选两位：${names}`,
          `${plain(file.en)}: any two officers of ${file.steward}: ${names}`,
        )
      : terminal.words(
          `${plain(file.zh)}：${first} 已签字，另一位以 --second 签字：${names}`,
          `${plain(file.en)}: ${first} has signed; another one signs with --second: ${names}`,
        )
  })
}

/** Departments attest what was loaded, and look at their systems again: whoever watches is told. */
async function tellAll(
  city: City,
  results: readonly LoadResult[],
  of: Parameters<typeof attestAll>[2],
): Promise<readonly Attested[]> {
  const attested = await attestAll(city, results, of)
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
  const most = countOption(ask, 'most', mostDefault)
  if (most > mostDefault) {
    throw usage('cli/bad-value', '--most', [
      `至多 ${mostDefault}：变动更多时须第二人查看`,
      `at most ${mostDefault}: of more a second person has to look`,
    ])
  }
  let current = ''
  const tell = new Telling(ask.terminal)
  try {
    const results = await loadAll(files, {
      directory: of.directory,
      sourceOf: ({ file }) => {
        current = join(of.data, file)
        return openSource(current)
      },
      pathOf: (member) => memberLayout(of.directory, member, false).source,
      now: Date.now(),
      looked: of.looked,
      most,
      ...tell.hooks,
    })
    tell.next()
    return results
  } catch (error) {
    tell.next()
    if (error instanceof Failure) throw stopOfSource(error, current)
    if (error instanceof NoColumn) {
      throw noColumn(error, current)
    }
    if (error instanceof NoPartner) throw noPartner(error)
    if (error instanceof OtherTable) throw otherTable(error)
    if (error instanceof OtherSteward) throw otherSteward(error)
    if (error instanceof LoadRunning) throw running(error, of.directory)
    throw error
  }
}

/** Tells whoever looks which source is read or written, and how far it is. */
class Telling {
  readonly #terminal: Ask['terminal']
  #name: LoadFile | null = null
  #done = ''
  #tell: (rows?: number, of?: number) => void = () => undefined
  readonly hooks: Pick<LoadOptions, 'onFile' | 'onRows' | 'onWritten'> = {
    onFile: (file) => {
      this.#name = file
      this.#begin('分三遍读取', 'reading three times')
    },
    onRows: (rows, of) => this.#tell(rows, of),
    onWritten: (rows, of) => {
      if (this.#done !== 'writing') this.#begin('写入', 'writing')
      this.#tell(rows, of)
    },
  }

  constructor(terminal: Ask['terminal']) {
    this.#terminal = terminal
  }

  #begin(zh: string, en: string): void {
    this.next()
    this.#done = en
    const { zh: nameZh = '', en: nameEn = '' } = this.#name ?? {}
    this.#tell = this.#terminal.progress(`${zh} ${plain(nameZh)}`, `${en} ${plain(nameEn)}`)
  }

  /** What was told of is done. */
  next(): void {
    this.#tell()
    this.#tell = () => undefined
  }
}

function noColumn({ code, column, known }: NoColumn, path: string): Stop {
  const names = known.slice(0, 40).map(plain).join('、')
  const { zh, en } = meaningOf(code)
  return new Stop({
    code,
    exit: exits.failure,
    at: `${path}: ${plain(column)}`,
    text: text(`${zh}；有：${names}`, `${en}; there are: ${names}`),
    remedy: text(
      '在载入文件中改用其中的列名；表头若不在预想的行，先用 source try 查看',
      'name one of them in the load file; source try says where the header was found',
    ),
  })
}

function noPartner({ code, file: { name, join: wanted } }: NoPartner): Stop {
  const partner = wanted?.load ?? ''
  return new Stop({
    code,
    exit: exits.usage,
    at: name,
    text: text(
      `与之关联的 ${partner} 没有一并载入`,
      `${partner}, with which it is joined, is missing`,
    ),
    remedy: text(
      `一并载入：--only ${partner},${name}，文件也要在数据目录中`,
      `load both: --only ${partner},${name}, with the files of both in the data directory`,
    ),
  })
}

function otherTable({ code, at, known }: OtherTable): Stop {
  const names = known.slice(0, 40).map(plain).join('、')
  const list = known.length === 0 ? text('', '') : text(`；有：${names}`, `; there are: ${names}`)
  const { zh, en } = meaningOf(code)
  return new Stop({
    code,
    exit: exits.failure,
    at: plain(at),
    text: text(`${zh}${list.zh}`, `${en}${list.en}`),
    remedy: text(
      '在载入文件的 tables 中改用已有的列、另一张表或另一部门',
      'name one of them, another table or another department under tables of the load file',
    ),
  })
}

function otherSteward({ code, file: { name }, steward }: OtherSteward): Stop {
  return new Stop({
    code,
    exit: exits.conflict,
    at: name,
    text: text(
      `此名称的数据已由 ${steward} 负责`,
      `${steward} answers for the source of this name already`,
    ),
    remedy: text('在载入文件中另取名称', 'give the source another name in the load file'),
  })
}

function running({ code }: LoadRunning, directory: string): Stop {
  return new Stop({
    code,
    exit: exits.conflict,
    at: directory,
    text: text('另一进程正在向此城市载入', 'another process loads into this city'),
    remedy: text('等它完成后再载入', 'wait until it has ended, then load again'),
  })
}

/** The load files of the pack, or the one that is given. */
function loadFilesOf(ask: Ask): readonly LoadFile[] {
  const given = ask.values['load']
  return given === undefined ? packLoadFiles() : [readLoadFile(given)]
}

/** The load files that are asked for by name; all where none is named. */
function chosenOf(ask: Ask, files: readonly LoadFile[]): readonly LoadFile[] {
  const only = ask.values['only']?.split(',')
  if (only === undefined) return files
  const names = files.map(({ name }) => name)
  const unknown = only.find((each) => !names.includes(each))
  if (unknown === undefined) return files.filter(({ name }) => only.includes(name))
  const list = names.join(' ')
  throw usage('cli/bad-value', '--only', [
    `没有 ${unknown}；有：${list}`,
    `no ${unknown}; there are: ${list}`,
  ])
}

function nothingThere(data: string, missing: readonly LoadFile[]): Stop {
  if (!fs.existsSync(data)) return pathStop('cli/not-read', data, { code: 'ENOENT' })
  const list = missing.map(({ file }) => plain(file)).join(', ')
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
