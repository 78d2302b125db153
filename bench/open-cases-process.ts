// The process in which the practice city runs with all of its members: home transfers are filed
// until so many are open, and what is measured is what they cost and what they leave in memory.
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
  close: { in: null; out: null }
}

const atOnce = 10
const pauseMs = 200
const pausesMax = 150
let world: CityWorld
let filed = 0

answerJobs<OpenCasesJobs>({
  open: async ({ cases }) => {
    world = await openCityWorld({ sales: cases })
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
      await Promise.all(sales.map((sale) => begin(new Transfer(city, sale))))
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
  close: async () => {
    await world.close()
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
