// `lianban source try FILE`: what a file truly is and what is wrong with it, cell by cell. The
// file is only read. Every bad cell can be written to a file of its own, one JSON object a line.
import fs from 'node:fs'
import {
  delimiters,
  encodings,
  Failure,
  kindOfFile,
  openDatabase,
  openText,
  openWorkbook,
  sourceCodes,
  trySource,
  wordsOf,
} from '#adapters/sources'
import type { Bad, Delimiter, Encoding, Source, Trial, TrialOptions } from '#adapters/sources'
import { countOption } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { exits, Stop, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { proposalsOf } from './mapping.ts'
import { remedyOf } from './remedies.ts'
import { screenOf } from './screen.ts'

const firstMax = 10_000

/** Tries a file and answers on one screen. */
export async function trySourceFile(ask: Ask): Promise<Answer> {
  const path = ask.operands['FILE'] ?? ''
  const progress = ask.terminal.progress('已读行', 'rows read')
  const list = ask.values['bad']
  const out = list === undefined ? null : new BadList(list)
  const options: TrialOptions = {
    ...formOptions(ask),
    first: Math.min(firstMax, countOption(ask, 'first', 10)),
    onRows: progress,
    ...(out === null ? {} : { onBad: (bad: Bad) => out.add(bad) }),
  }
  try {
    const trial = await trySource(await opened(path, options), options)
    progress()
    return { data: dataOf(path, trial), lines: screenOf(ask.terminal, path, trial) }
  } catch (error) {
    throw error instanceof Failure ? stopOf(error, path) : error
  } finally {
    out?.close()
  }
}

async function opened(path: string, options: TrialOptions): Promise<Source> {
  const kind = await kindOfFile(path)
  if (kind === 'xlsx') return openWorkbook(path, options)
  return kind === 'sqlite' ? openDatabase(path, options) : openText(path, options)
}

function formOptions(ask: Ask): TrialOptions {
  const encoding = encodings.find((each) => each === ask.values['encoding'])
  const given = ask.values['delimiter'] === 'tab' ? '\t' : ask.values['delimiter']
  const delimiter = delimiters.find((each) => each === given)
  if (ask.values['encoding'] !== undefined && encoding === undefined)
    throw badValue('--encoding', encodings)
  if (given !== undefined && delimiter === undefined)
    throw badValue('--delimiter', [',', 'tab', ';', '|'])
  return {
    ...chosen(encoding, delimiter),
    ...(ask.values['sheet'] === undefined ? {} : { sheet: ask.values['sheet'] }),
  }
}

function chosen(encoding: Encoding | undefined, delimiter: Delimiter | undefined): TrialOptions {
  return {
    ...(encoding === undefined ? {} : { encoding }),
    ...(delimiter === undefined ? {} : { delimiter }),
  }
}

function badValue(at: string, known: readonly string[]): Stop {
  const list = known.join(' ')
  return new Stop({
    code: 'cli/bad-value',
    exit: exits.usage,
    at,
    text: text(`可用：${list}`, `one of: ${list}`),
  })
}

/** The end of a trial whose file cannot be read as rows: its own code, and what to do. */
function stopOf({ code, message }: Failure, path: string): Stop {
  const meaning = wordsOf(code)?.meaning ?? text(message, message)
  const detail = message.slice(code.length + 2).replaceAll(/[\p{Cc}\p{Cf}]/gu, '\ufffd')
  return new Stop({
    code,
    exit: exits.failure,
    at: path,
    text: text(`${meaning.zh}（${detail}）`, `${meaning.en} (${detail})`),
    remedy: remedyOf(code),
  })
}

function dataOf(path: string, trial: Trial): Answer['data'] {
  const reasons = sourceCodes.flatMap((code) => {
    const count = trial.bad.byCode[code]
    const known = wordsOf(code)
    return count === undefined || known === undefined
      ? []
      : [{ code, count, mendable: known.mendable, meaning: known.meaning, remedy: remedyOf(code) }]
  })
  const { byCode: _, ...bad } = trial.bad
  return {
    file: path,
    ...trial,
    bad: { ...bad, reasons },
    proposal: { confirmed: false, columns: proposalsOf(trial) },
  }
}

/** A file of its own with every bad cell and row, one JSON object a line; it must not exist yet. */
class BadList {
  readonly #file: number
  #lines: string[] = []

  constructor(path: string) {
    try {
      this.#file = fs.openSync(path, 'wx', 0o600)
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException
      throw new Stop({
        code: 'cli/not-written',
        exit: exits.failure,
        at: path,
        text: text(`无法写入（${code}）`, `cannot be written (${code})`),
      })
    }
  }

  add(bad: Bad): void {
    this.#lines.push(`${JSON.stringify(bad)}\n`)
    if (this.#lines.length >= 1000) this.#flush()
  }

  #flush(): void {
    fs.writeFileSync(this.#file, this.#lines.join(''))
    this.#lines = []
  }

  close(): void {
    this.#flush()
    fs.closeSync(this.#file)
  }
}
