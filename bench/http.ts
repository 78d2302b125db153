// The same over HTTP: streams of single commands in batches, single commands one by one, and the
// latency at half of the rate that was measured one by one.
import { join } from 'node:path'
import type { Ceiling } from './ceiling.ts'
import { measureSync } from './ceiling.ts'
import { Child } from './child.ts'
import type { LedgerJobs } from './ledger-process.ts'
import type { Load, LoadJobs } from './load.ts'
import { Maker } from './maker.ts'
import type { Sizes } from './sizes.ts'
import type { Figure } from './stats.ts'
import { median, quantile } from './stats.ts'

const oneByOneConnections = 128
/** Commands in flight in batches: at least four connections, so that none waits for the others. */
const batchedInFlight = 1024

type Row = {
  readonly name: string
  readonly batch: number
  readonly bounds: readonly [floor: number, goal: number]
  readonly ratios: number[]
  /** Commands a second, and processor microseconds of the node for each. */
  readonly rates: number[]
  readonly costs: number[]
}

/** A served ledger, and who sends to it. */
class Site {
  readonly #directory: string
  readonly ledger: Child<LedgerJobs> = new Child('./ledger-process.ts')
  readonly #load: Child<LoadJobs> = new Child('./load.ts')
  readonly #maker: Maker
  #port = 0

  constructor(directory: string) {
    this.#directory = directory
    this.#maker = new Maker(directory)
  }

  async open(): Promise<void> {
    await this.ledger.ask('open', { directory: join(this.#directory, 'http'), fresh: true })
    this.#port = (await this.ledger.ask('serve', null)).port
  }

  /** Signs the commands of one run; what sends them. */
  async signed(commands: number, batch: number): Promise<Load> {
    const bodies = await this.#maker.make({ commands, of: 1 })
    const connections = batch === 1 ? oneByOneConnections : Math.ceil(batchedInFlight / batch)
    const contentType = batch === 1 ? 'application/jose' : 'application/x-ndjson'
    return { port: this.#port, connections, post: { contentType, bodies, batch } }
  }

  async send(load: Load): Promise<{ seconds: number; latencies: readonly number[]; us: number }> {
    const before = await this.ledger.ask('usage', null)
    const { seconds, latencies } = await this.#load.ask('run', load)
    const after = await this.ledger.ask('usage', null)
    return { seconds, latencies, us: after.all - before.all }
  }

  async close(): Promise<void> {
    await this.ledger.ask('close', null)
    await Promise.all([this.ledger.end(), this.#load.end(), this.#maker.end()])
  }
}

export type HttpParts = { readonly rates: boolean; readonly latency: boolean }

/** Throughput against V, then latency against F; the second needs the first's rate. */
export async function overHttp(
  directory: string,
  ceiling: Ceiling,
  sizes: Sizes,
  wanted: HttpParts,
): Promise<Figure[]> {
  const site = new Site(directory)
  await site.open()
  const rows = [
    row('over HTTP, batches of 16', 16, [0.6, 0.75]),
    row('over HTTP, batches of 256', 256, [0.6, 0.75]),
    row('over HTTP, one by one', 1, [0.33, 0.45]),
  ].filter(({ batch }) => wanted.rates || batch === 1)
  for (let round = 0; round <= sizes.rounds; round += 1) {
    for (const each of rows) await measure(site, ceiling, each, { sizes, counted: round > 0 })
  }
  const figures = wanted.rates ? rows.map(figureOf) : []
  const rate = median(rows.find(({ batch }) => batch === 1)?.rates ?? []) / 2
  if (wanted.latency) figures.push(...(await latency(directory, site, sizes, rate)))
  await site.close()
  return figures
}

function row(name: string, batch: number, bounds: Row['bounds']): Row {
  return { name, batch, bounds, ratios: [], rates: [], costs: [] }
}

async function measure(
  site: Site,
  ceiling: Ceiling,
  each: Row,
  { sizes, counted }: { readonly sizes: Sizes; readonly counted: boolean },
): Promise<void> {
  const commands = each.batch === 1 ? sizes.oneByOne : sizes.batched
  const load = await site.signed(commands, each.batch)
  const { got, v } = await ceiling.around(() => site.send(load))
  if (!counted) return
  each.rates.push(commands / got.seconds)
  each.ratios.push(commands / got.seconds / v)
  each.costs.push(got.us / commands)
}

function figureOf({ name, ratios, rates, costs, bounds: [floor, goal] }: Row): Figure {
  const note = `${Math.round(median(rates))}/s, ${median(costs).toFixed(0)} us in the node`
  return { name, value: median(ratios), unit: 'V', floor, goal, samples: ratios, note }
}

async function latency(
  directory: string,
  site: Site,
  sizes: Sizes,
  rate: number,
): Promise<Figure[]> {
  const middles: number[] = []
  const tails: number[] = []
  const syncs: number[] = []
  const commands = Math.max(16, Math.round(rate * sizes.latencySeconds))
  for (let round = 0; round <= sizes.rounds; round += 1) {
    const load = { ...(await site.signed(commands, 1)), rate }
    syncs.push(measureSync(directory))
    const { latencies } = await site.send(load)
    if (round === 0) continue
    middles.push(quantile(latencies, 0.5))
    tails.push(quantile(latencies, 0.99))
  }
  const f = median(syncs)
  const note = `${Math.round(rate)}/s, F ${f.toFixed(3)} ms`
  const common = { unit: 'ms', below: true, note } as const
  return [
    {
      ...common,
      name: 'latency at half load, p50',
      value: median(middles),
      floor: 2.5 * f + 2,
      goal: 2 * f + 1,
      samples: middles,
    },
    {
      ...common,
      name: 'latency at half load, p99',
      value: median(tails),
      floor: 5 * f + 12,
      goal: 5 * f + 5,
      samples: tails,
    },
  ]
}
