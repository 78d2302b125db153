// The write path in process: single commands and envelopes, against V in the same minute.
import { join } from 'node:path'
import type { Ceiling } from './ceiling.ts'
import { Child } from './child.ts'
import { Maker } from './maker.ts'
import type { Committed, LedgerJobs } from './ledger-process.ts'
import type { Sizes } from './sizes.ts'
import type { Figure } from './stats.ts'
import { median } from './stats.ts'

type Rows = { readonly ratios: number[]; readonly main: number[]; readonly all: number[] }

/** Committed commands a second over V, for single commands and envelopes of sixteen. */
export async function writePath(
  directory: string,
  ceiling: Ceiling,
  sizes: Sizes,
): Promise<Figure[]> {
  const ledger = new Child<LedgerJobs>('./ledger-process.ts')
  const maker = new Maker(directory)
  await ledger.ask('open', { directory: join(directory, 'write'), fresh: true })
  const alone: Rows = { ratios: [], main: [], all: [] }
  const together: Rows = { ratios: [], main: [], all: [] }
  const phases = [
    [alone, { commands: sizes.singles, of: 1 }],
    [together, { commands: sizes.enveloped, of: 16 }],
  ] as const
  // The compiler learns both forms first, or it would learn while it is measured.
  for (let round = 0; round < sizes.warm; round += 1) {
    for (const [, order] of phases) await ledger.ask('commit', { path: await maker.make(order) })
  }
  for (const [rows, order] of phases) {
    for (let round = 0; round < sizes.rounds; round += 1) {
      const path = await maker.make(order)
      const { got, v } = await ceiling.around(() => ledger.ask('commit', { path }))
      take(rows, got, v)
    }
  }
  await ledger.ask('close', null)
  await Promise.all([ledger.end(), maker.end()])
  return [
    ratio('single commands committed durably, in process', alone, [0.7, 0.85]),
    ratio('envelopes of 16 under one signature, in process', together, [2, 3]),
    ...costs('a single command', alone),
    ...costs('a command of an envelope', together),
  ]
}

function take(rows: Rows, { commands, seconds, used }: Committed, v: number): void {
  rows.ratios.push(commands / seconds / v)
  rows.main.push(used.main / commands)
  rows.all.push(used.all / commands)
}

function ratio(name: string, { ratios }: Rows, [floor, goal]: readonly [number, number]): Figure {
  return { name, value: median(ratios), unit: 'V', floor, goal, samples: ratios }
}

function costs(of: string, { main, all }: Rows): Figure[] {
  return [
    { name: `processor time of ${of}`, value: median(all), unit: 'us', samples: all },
    {
      name: `  of this, in the main thread`,
      value: median(main),
      unit: 'us',
      samples: main,
    },
  ]
}
