// `lianban source try FILE`: what a file truly is and what is wrong with it, cell by cell. The
// file is only read. Every bad cell can be written to a file of its own, one JSON object a line.
import { Failure, sourceCodes, trySource, wordsOf } from '#adapters/sources'
import type { Bad, Trial, TrialOptions } from '#adapters/sources'
import { countOption } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { NewFile } from '#apps/cli/output'
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
  const out = list === undefined ? null : new NewFile(list)
  const options: TrialOptions = {
    ...formOptions(ask),
    first: Math.min(firstMax, countOption(ask, 'first', 10)),
    onRows: progress,
    ...(out === null
      ? {}
      : { onBad: (bad: Bad) => out.write(Buffer.from(`${JSON.stringify(bad)}\n`)) }),
  }
  try {
    const trial = await trySource(await opened(path, options), options)
    out?.keep()
    progress()
    return { data: dataOf(path, trial), lines: screenOf(ask.terminal, path, trial) }
  } catch (error) {
    throw error instanceof Failure ? stopOf(error, path) : error
  } finally {
    out?.drop()
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
