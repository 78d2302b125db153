// The process in which the practice city runs with all of its members: home transfers are filed
// until so many are open, and what is measured is what they cost and what they leave in memory.
// Then all of them are withdrawn, and the city is opened again.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCityWorld } from '#test/city-world'
import type { CityWorld } from '#test/city-world'
import { Transfer } from '#test/transfer-world'
import { answerJobs, usedNow, usedSince } from './child.ts'

/** What some open cases cost: processor microseconds, seconds, entries, resident bytes. */
export type Filed = {
  readonly used: number
  readonly seconds: number
  readonly entries: number
  readonly resident: number
  /** Cases that wait for their persons, as each should when its robots have done their part. */
  readonly waiting: number
}

export type OpenCasesJobs = {
  open: {
    in: { readonly cases: number }
    out: { readonly members: number; readonly resident: number }
  }
  /** Files so many more, and waits until no robot has anything to do. */
  file: { in: { readonly cases: number }; out: Filed }
  /** Processor microseconds of so many milliseconds in which nothing happens. */
  rest: { in: { readonly ms: number }; out: number }
  /** Withdraws every case; entries of the ledger then. */
  end: { in: null; out: number }
  /** Seconds until a city that is opened again is at rest; `anew`: without places to go on from. */
  again: { in: { readonly anew: boolean }; out: number }
  close: { in: null; out: null }
}

const atOnce = 10
const pauseMs = 200
const pausesMax = 150
const directory = mkdtempSync(join(tmpdir(), 'lianban-open-cases-'))
const transfers: Transfer[] = []
let world: CityWorld
let filed = 0

answerJobs<OpenCasesJobs>({
  open: async ({ cases }) => {
    world = await openCityWorld({ sales: cases, directory })
    return { members: world.city.members.size, resident: residentNow() }
  },
  file: async ({ cases }) => {
    const { city } = world
    const { host } = city.node
    const sizeBefore = host.head().size
    const before = usedNow()
    const started = performance.now()
    for (let at = 0; at < cases; at += atOnce) {
      const sales = city.population.plain.slice(filed, filed + Math.min(atOnce, cases - at))
      filed += sales.length
      const now = sales.map((sale) => new Transfer(city, sale))
      transfers.push(...now)
      await Promise.all(now.map(begin))
    }
    await city.settle()
    // One that came upon another member in the middle of something looks again after a pause.
    for (let left = pausesMax; left > 0 && waitingNow() < filed; left -= 1) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      await city.settle()
    }
    const { all } = usedSince(before)
    const seconds = (performance.now() - started) / 1000
    const waiting = waitingNow()
    const entries = host.head().size - sizeBefore
    return { used: all, seconds, entries, resident: residentNow(), waiting }
  },
  rest: async ({ ms }) => {
    const before = usedNow()
    await new Promise((resolve) => setTimeout(resolve, ms))
    return usedSince(before).all
  },
  end: async () => {
    const { city } = world
    const { desk } = city.member('planning')
    const approval = { withdrawn: true }
    for (const { id } of transfers) await desk.withdraw({ case: id, party: 'seller', approval })
    await city.settle()
    return city.node.host.head().size
  },
  again: async ({ anew }) => {
    const begins = world.clock.wallMs() + 60_000
    const places = [...world.city.members.values()].map(({ layout }) => layout.place)
    await world.close()
    if (anew) for (const place of places) rmSync(place)
    const started = performance.now()
    world = await openCityWorld({ directory, begins })
    await world.city.settle()
    return (performance.now() - started) / 1000
  },
  close: async () => {
    await world.close()
    rmSync(directory, { recursive: true, force: true })
    return null
  },
})

async function begin(transfer: Transfer): Promise<void> {
  const { sale } = transfer
  await transfer.file()
  await transfer.join('buyer', sale.buyer)
  await transfer.say('offer', { fen: sale.fen, way: sale.way })
  await transfer.say('plan', { fundLoan: false })
}

/** Cases whose persons have to sign. */
function waitingNow(): number {
  const lines = world.city.member('planning').department.dept.inbox.lines()
  return lines.filter(({ reason }) => reason === 'to-be-signed').length
}

function residentNow(): number {
  globalThis.gc?.()
  return process.memoryUsage().rss
}
