// The write path in process: single commands and envelopes, against V in the same minute.
import { join } from 'node:path'
import type { Ceiling } from './ceiling.ts'
import { commitAll, freshLedger } from './ledger.ts'
import type { Figure } from './stats.ts'
import { median } from './stats.ts'
import { envelopes, singles } from './workload.ts'

export type WriteSizes = {
  readonly rounds: number
  readonly singles: number
  readonly envelopes: number
}

const hour = 3_600_000

/** Committed commands a second over V, for single commands and envelopes of sixteen. */
export async function writePath(
  directory: string,
  ceiling: Ceiling,
  sizes: WriteSizes,
): Promise<Figure[]> {
  const ledger = freshLedger(join(directory, 'write'))
  const alone: number[] = []
  const together: number[] = []
  const ceilings: number[] = []
  const cpu: number[] = []
  for (let round = 0; round <= sizes.rounds; round += 1) {
    const notAfter = Date.now() + hour
    const texts = singles(sizes.singles, notAfter)
    const bundles = envelopes(sizes.envelopes, 16, notAfter)
    const before = await ceiling.measure()
    const used = process.cpuUsage()
    const single = sizes.singles / (await commitAll(ledger.host, texts))
    const { user, system } = process.cpuUsage(used)
    const bundled = (sizes.envelopes * 16) / (await commitAll(ledger.host, bundles))
    const v = (before + (await ceiling.measure())) / 2
    // The first round warms the compiler and is not counted.
    if (round === 0) continue
    ceilings.push(v)
    alone.push(single / v)
    together.push(bundled / v)
    cpu.push((user + system) / sizes.singles)
  }
  await ledger.close()
  const v = median(ceilings)
  return [
    { name: 'V: verifications/s of two threads', value: v, unit: '/s', samples: ceilings },
    {
      name: 'single commands committed durably, in process',
      value: median(alone),
      unit: 'V',
      floor: 0.7,
      goal: 0.85,
      samples: alone,
      note: `${Math.round(median(alone) * v)}/s`,
    },
    {
      name: 'processor time a single command, all threads',
      value: median(cpu),
      unit: 'us',
      samples: cpu,
      below: true,
    },
    {
      name: 'envelopes of 16 under one signature, in process',
      value: median(together),
      unit: 'V',
      floor: 2,
      goal: 3,
      samples: together,
      note: `${Math.round(median(together) * v)}/s`,
    },
  ]
}
