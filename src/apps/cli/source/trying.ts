// `lianban source try FILE`: what a file truly is and what is wrong with it, cell by cell. The
// file is only read. Every bad cell can be written to a file of its own, one JSON object a line.
import fs from 'node:fs'
import { Failure, sourceCodes, trySource, wordsOf } from '#adapters/sources'
import type { Bad, Trial, TrialOptions } from '#adapters/sources'
import { countOption } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { exits, Stop, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { proposalsOf } from './mapping.ts'
import { formOptions, opened, stopOf } from './opening.ts'
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
