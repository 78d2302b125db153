// Disclosures: how many a second an owner and a reader exchange over mutual TLS, verified, durable
// in both vaults and acknowledged, against a bare server that moves as many bytes in the same run;
// and how long one takes at the rate that is promised.
import { join } from 'node:path'
import { Child } from './child.ts'
import type { DisclosureJobs, Took } from './disclosure-process.ts'
import type { Sizes } from './sizes.ts'
import type { Figure } from './stats.ts'
import { median, quantile } from './stats.ts'

/** Disclosures under way at a time. */
const atOnce = 16
/** The rate that is promised, a second. */
const promised = 200

/** Figures of disclosures between two members of one ledger. */
export async function disclosures(directory: string, sizes: Sizes): Promise<Figure[]> {
  const child = new Child<DisclosureJobs>('./disclosure-process.ts')
  await child.ask('open', { directory: join(directory, 'disclosures') })
  const count = Math.max(16, Math.min(800, Math.floor(sizes.oneByOne / 15)))
  const load = { count, atOnce }
  for (let round = 0; round < sizes.warm; round += 1) await child.ask('disclose', load)
  const rates: number[] = []
  const ratios: number[] = []
  const whole: number[] = []
  const main: number[] = []
  const all: number[] = []
  const p50: number[] = []
  const p95: number[] = []
  for (let round = 0; round < sizes.rounds; round += 1) {
    const bare = rateOf(await child.ask('bare', { count: count * 4, atOnce }))
    const plain = await child.ask('disclose', load)
    const rate = rateOf(plain)
    rates.push(rate)
    main.push(plain.used.main / count)
    all.push(plain.used.all / count)
    ratios.push(rate / bare)
    const paced = await child.ask('disclose', { ...load, perSecond: promised })
    p50.push(quantile(paced.each, 0.5))
    p95.push(quantile(paced.each, 0.95))
    whole.push(rateOf(await child.ask('permitAndDisclose', load)))
  }
  await child.ask('close', null)
  await child.end()
  const name = 'disclosures over mutual TLS'
  const note = 'both sides in one process; signed, encrypted, verified, durable on both disks'
  return [
    { name, value: median(rates), unit: '/s', floor: promised, goal: 400, samples: rates, note },
    { name: `${name}, of a bare exchange`, value: median(ratios), unit: 'bare', samples: ratios },
    {
      name: 'processor time of a disclosure, both sides',
      value: median(all),
      unit: 'us',
      samples: all,
      note: `${Math.round(median(main))} us of it in the main thread`,
    },
    { name: `${name}, p50 at ${promised}/s`, value: median(p50), unit: 'ms', samples: p50 },
    {
      name: `${name}, p95 at ${promised}/s`,
      value: median(p95),
      unit: 'ms',
      floor: 50,
      goal: 20,
      below: true,
      samples: p95,
    },
    {
      name: `${name}, with their permits ordered`,
      value: median(whole),
      unit: '/s',
      samples: whole,
    },
  ]
}

function rateOf({ seconds, each }: Took): number {
  return each.length / seconds
}
