// `lianban source try FILE`: what a file truly is and what is wrong with it, cell by cell. The
// file is only read. Every bad cell can be written to a file of its own, one JSON object a line.
import { Failure, sourceCodes, trySource, wordsOf } from '#adapters/sources'
import type { Bad, Trial, TrialOptions } from '#adapters/sources'
import type { Fitting } from '#apps/node/proposing'
import { countOption } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { NewFile } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'

import { proposalsOf } from './mapping.ts'
import { formOptions, opened, stopOf } from './opening.ts'
import { CellCounting, draftLines, fittingData, fittingIn, fittingLines } from './proposing.ts'
import { writeDraft } from './proposing.ts'
import { remedyOf } from './remedies.ts'
import { screenOf } from './screen.ts'

const firstMax = 10_000

type Proposed = { readonly trial: Trial; readonly fitting: Fitting }

/** Tries a file and answers on one screen. */
export async function trySourceFile(ask: Ask): Promise<Answer> {
  const path = ask.operands['FILE'] ?? ''
  const progress = ask.terminal.progress('已读行（共两遍）', 'rows read, in two readings')
  const list = ask.values['bad']
  const out = list === undefined ? null : new NewFile(list)
  const cells = new CellCounting()
  const options: TrialOptions = {
    ...formOptions(ask),
    first: Math.min(firstMax, countOption(ask, 'first', 10)),
    onRows: progress,
    onBad: (bad: Bad) => {
      cells.add(bad)
      out?.write(Buffer.from(`${JSON.stringify(bad)}\n`))
    },
  }
  try {
    const trial = await trySource(await opened(path, options), options)
    out?.keep()
    progress()
    const proposed = { trial, fitting: fittingIn(ask, trial), found: cells.byColumn }
    const draft = ask.values['propose']
    const written = draft === undefined ? null : writeDraft(ask, path, proposed)
    const lines = screenOf(ask.terminal, path, trial, fittingLines(ask.terminal, trial, proposed))
    return {
      data: { ...dataOf(path, proposed), ...(written === null ? {} : { draft: written }) },
      lines: [
        ...lines,
        ...(written === null ? [] : draftLines(ask.terminal, draft ?? '', written)),
      ],
    }
  } catch (error) {
    throw error instanceof Failure ? stopOf(error, path) : error
  } finally {
    out?.drop()
  }
}

function dataOf(path: string, { trial, fitting }: Proposed): Answer['data'] {
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
    proposal: { confirmed: false, columns: proposalsOf(trial), ...fittingData(fitting) },
  }
}
