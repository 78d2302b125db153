// A process of the bench that is the practice city with all its members: it files sales until they
// are open cases, carries some through to the title, and says what it holds in memory.
import { readConfig } from '#apps/node/config'
import type { City } from '#apps/node/city'
import { openCity } from '#apps/node/city'
import { countersOf, PlainSale } from '#test/plain-sale'
import { answerJobs } from './child.ts'
import type { Held } from './memory.ts'
import { heldBy } from './memory.ts'

export type CityJobs = {
  readonly open: {
    readonly in: { readonly directory: string; readonly sales: number }
    readonly out: null
  }
  /** Files sales from one on, so many at once; gives the seconds until every robot was idle. */
  readonly file: {
    readonly in: { readonly from: number; readonly count: number; readonly atOnce: number }
    readonly out: number
  }
  /** Carries one sale from filing to title; seconds. */
  readonly sell: { readonly in: number; readonly out: number }
  readonly memory: { readonly in: null; readonly out: Held & { readonly cases: number } }
  readonly close: { readonly in: null; readonly out: null }
}

let city: City | null = null

function the(): City {
  if (city === null) throw new Error('the city was not opened')
  return city
}

answerJobs<CityJobs>({
  open: async ({ directory, sales }) => {
    const words = ['--directory', directory, '--listen-port', '0', '--verify-threads', '0']
    const config = readConfig({ words, env: {}, cwd: directory })
    city = await openCity({ config, log: () => undefined, sales, officers: true })
    await city.settle()
    return null
  },
  file: async ({ from, count, atOnce }) => {
    const { plain } = the().population
    const began = performance.now()
    const counters = countersOf(the())
    for (let at = from; at < from + count; at += atOnce) {
      const some = plain.slice(at, Math.min(at + atOnce, from + count))
      await Promise.all(some.map((sale) => PlainSale.file(counters, sale)))
    }
    await the().settle()
    return (performance.now() - began) / 1000
  },
  sell: async (at) => {
    const sale = the().population.plain[at]
    if (sale === undefined) throw new Error('there are fewer sales')
    const began = performance.now()
    await soldThrough(countersOf(the()), sale, at)
    return (performance.now() - began) / 1000
  },
  memory: async () => {
    const cases = Math.max(...[...the().members.values()].map((each) => each.department.cases.size))
    globalThis.gc?.()
    return { ...heldBy(process.pid), cases }
  },
  close: async () => {
    await the().stop()
    city = null
    return null
  },
})

async function soldThrough(
  counters: ReturnType<typeof countersOf>,
  sale: Parameters<typeof PlainSale.file>[1],
  serial: number,
): Promise<void> {
  const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)
  const filed = await PlainSale.file(counters, sale)
  await filed.sign(day)
  await filed.pay(serial)
  await filed.register(serial, day)
}
