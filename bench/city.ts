// The practice city with many open cases: what all members hold in memory in one process, and with
// a process for each; and how long a plain transfer takes from filing to title in both, with nobody
// waiting for a person. The ledger, all vaults and their indexes, and the made-up people are in it.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { superviseCity } from '#apps/node/children'
import type { Supervisor } from '#apps/node/children'
import { drawPopulation } from '#apps/node/residents'
import type { Sale } from '#apps/node/residents'
import { countersOver, PlainSale } from '#test/plain-sale'
import { Child } from './child.ts'
import type { CityJobs } from './city-process.ts'
import { heldBy } from './memory.ts'
import type { Sizes } from './sizes.ts'
import type { Figure } from './stats.ts'
import { median } from './stats.ts'

const atOnce = 8
/** What 1,000 open cases may take in one process, MiB. */
const floorMiB = 1024

/** Figures of the city with all its members in one process. */
export function cityInOne(directory: string, sizes: Sizes): Promise<Figure[]> {
  return inOne(join(directory, 'one'), loadOf(sizes))
}

/** Figures of the city with a process for the ledger and one for each member. */
export function cityInMany(directory: string, sizes: Sizes): Promise<Figure[]> {
  return inMany(join(directory, 'many'), loadOf(sizes))
}

function loadOf({ cityCases: openCases, transfers }: Sizes): Load {
  return { openCases, transfers, sales: openCases + transfers }
}

type Load = { readonly openCases: number; readonly transfers: number; readonly sales: number }

async function inOne(directory: string, { openCases, transfers, sales }: Load): Promise<Figure[]> {
  mkdirSync(directory, { recursive: true })
  const first = new Child<CityJobs>('./city-process.ts')
  await first.ask('open', { directory, sales })
  const empty = await first.ask('memory', null)
  const each: number[] = []
  for (let at = 0; at < transfers; at += 1) each.push(await first.ask('sell', at))
  const seconds = await first.ask('file', { from: transfers, count: openCases, atOnce })
  const busy = await first.ask('memory', null)
  await first.ask('close', null)
  await first.end()
  const again = new Child<CityJobs>('./city-process.ts')
  await again.ask('open', { directory, sales })
  const rested = await again.ask('memory', null)
  await again.ask('close', null)
  await again.end()
  const name = `${openCases} open cases, all members in one process`
  const note = `${round(empty.rss)} MiB before the first; filed in ${round(seconds)} s`
  return [
    {
      name,
      value: busy.rss,
      unit: 'MiB',
      floor: floorMiB,
      goal: 512,
      below: true,
      samples: [busy.rss],
      note,
    },
    { name: `${name}, opened again`, value: rested.rss, unit: 'MiB', samples: [rested.rss] },
    {
      name: 'a plain transfer, all members in one process',
      value: median(each),
      unit: 's',
      samples: each,
    },
  ]
}

async function inMany(directory: string, { openCases, transfers, sales }: Load): Promise<Figure[]> {
  mkdirSync(directory, { recursive: true })
  const supervisor = await superviseCity({
    directory,
    listenPort: 0,
    membersPort: 0,
    sales,
    settings: ['--verify-threads', '0'],
    log: () => undefined,
  })
  try {
    const empty = memoryOf(supervisor)
    const people = peopleOf(supervisor, sales)
    const each: number[] = []
    for (let at = 0; at < transfers; at += 1) each.push(await sell(supervisor, people, at))
    const counters = countersOver(supervisor)
    for (let at = transfers; at < sales; at += atOnce) {
      const some = people.slice(at, Math.min(at + atOnce, sales))
      await Promise.all(some.map((sale) => PlainSale.file(counters, sale)))
    }
    await supervisor.settle()
    const busy = memoryOf(supervisor)
    const processes = busy.rss.length
    const name = `${openCases} open cases, ${processes} processes`
    const pss = busy.pss === null ? 'not known here' : `${round(busy.pss)} MiB`
    const idle = `${round(sum(empty.rss))} MiB before the first`
    return [
      {
        name: `${name}, all together`,
        value: sum(busy.rss),
        unit: 'MiB',
        samples: busy.rss,
        note: `${idle}; shared pages counted once: ${pss}`,
      },
      {
        name: `${name}, one process`,
        value: median(busy.rss),
        unit: 'MiB',
        samples: busy.rss,
        note: `the largest ${round(Math.max(...busy.rss))} MiB`,
      },
      {
        name: `a plain transfer, ${processes} processes`,
        value: median(each),
        unit: 's',
        samples: each,
      },
    ]
  } finally {
    await supervisor.stop()
  }
}

/** The ledger's process and all members'. */
function memoryOf({ pids }: Supervisor): { readonly rss: number[]; readonly pss: number | null } {
  const held = [...pids.values()].map((pid) => heldBy(pid))
  const shares = held.map(({ pss }) => pss)
  const known = shares.every((pss) => pss !== null)
  return { rss: held.map(({ rss }) => rss), pss: known ? sum(shares.map(Number)) : null }
}

function peopleOf({ pack }: Supervisor, sales: number): readonly Sale[] {
  const banks = pack.members.flatMap(({ code, class: of }) => (of === 'bank' ? [code] : []))
  return drawPopulation({ seed: 'beijing', sales, banks }).plain
}

async function sell(supervisor: Supervisor, people: readonly Sale[], at: number): Promise<number> {
  const sale = people[at]
  if (sale === undefined) throw new Error('there are fewer sales')
  const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)
  const began = performance.now()
  const filed = await PlainSale.file(countersOver(supervisor), sale)
  await filed.sign(day)
  await filed.pay(at)
  await filed.register(at, day)
  return (performance.now() - began) / 1000
}

function sum(values: readonly number[]): number {
  return values.reduce((all, each) => all + each, 0)
}

function round(value: number): number {
  return Math.round(value)
}
