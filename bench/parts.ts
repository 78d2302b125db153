// Where the processor's time of one command goes: the main thread by part, as samples of its stack
// divide what it used without being sampled; the verification, as measured beside it; and what the
// other threads do besides.
import { join } from 'node:path'
import type { Ceiling } from './ceiling.ts'
import { threads } from './ceiling.ts'
import { Child } from './child.ts'
import type { LedgerJobs } from './ledger-process.ts'
import { Maker } from './maker.ts'
import { parts } from './profile.ts'
import type { Sizes } from './sizes.ts'
import type { Figure } from './stats.ts'
import { median } from './stats.ts'

/** Microseconds a command by part, for single commands and for envelopes of 16. */
export async function byPart(directory: string, ceiling: Ceiling, sizes: Sizes): Promise<Figure[]> {
  const ledger = new Child<LedgerJobs>('./ledger-process.ts')
  const maker = new Maker(directory)
  await ledger.ask('open', { directory: join(directory, 'parts'), fresh: true })
  const figures: Figure[] = []
  for (const [of, commands, name] of [
    [1, sizes.singles, 'single'],
    [16, sizes.enveloped, 'of an envelope'],
  ] as const) {
    const samples = new Map<string, number[]>(parts.map((part) => [part, []]))
    const verifying: number[] = []
    const besides: number[] = []
    const order = { commands, of }
    for (let round = 0; round < sizes.warm; round += 1) {
      await ledger.ask('commit', { path: await maker.make(order) })
    }
    for (let round = 0; round < sizes.rounds; round += 1) {
      await ceiling.measure()
      const plain = await ledger.ask('commit', { path: await maker.make(order) })
      const { shares } = await ledger.ask('profile', { path: await maker.make(order) })
      const main = plain.used.main / plain.commands
      for (const part of parts) samples.get(part)?.push(shares[part] * main)
      const verification = median(ceiling.costs.slice(-threads)) / of
      verifying.push(verification)
      besides.push(plain.used.all / plain.commands - main - verification)
    }
    samples.set('verification in workers (as in V)', verifying)
    samples.set('other threads besides', besides)
    for (const [part, values] of samples) {
      figures.push({ name: `${name}: ${part}`, value: median(values), unit: 'us', samples: values })
    }
  }
  await ledger.ask('close', null)
  await Promise.all([ledger.end(), maker.end()])
  return figures
}
