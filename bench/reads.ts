// Reads over HTTP, each against a process with node:http alone that answers with a body of the same
// size to the same load generator.
import { join } from 'node:path'
import { Child } from './child.ts'
import type { BareJobs } from './bare-process.ts'
import type { LedgerJobs } from './ledger-process.ts'
import type { LoadJobs } from './load.ts'
import type { Sizes } from './sizes.ts'
import type { Figure } from './stats.ts'
import { median } from './stats.ts'

const connections = 64
const pathsMax = 4096

type Row = {
  readonly name: string
  readonly paths: readonly string[]
  readonly bounds?: readonly [floor: number, goal: number]
}

type Processes = {
  readonly ledger: Child<LedgerJobs>
  readonly bare: Child<BareJobs>
  readonly load: Child<LoadJobs>
}

/** Seconds of one run, and processor microseconds a request in the server and in the load. */
type Spent = { readonly seconds: number; readonly node: number; readonly load: number }

/** State reads and proof reads a second over those of the bare server. */
export async function reads(directory: string, sizes: Sizes): Promise<Figure[]> {
  const processes: Processes = {
    ledger: new Child('./ledger-process.ts'),
    bare: new Child('./bare-process.ts'),
    load: new Child('./load.ts'),
  }
  const { ledger, bare, load } = processes
  const path = join(directory, 'reads')
  await ledger.ask('open', { directory: path, fresh: true, checkpointMs: 1000 })
  await ledger.ask('fill', { entries: sizes.readEntries })
  const { keys, size } = await ledger.ask('reads', { count: pathsMax })
  const { port } = await ledger.ask('serve', null)
  const step = Math.max(1, Math.floor(size / pathsMax))
  const rows: readonly Row[] = [
    {
      name: 'state read over HTTP',
      paths: keys.map((key) => `/v1/records/${key}`),
      bounds: [0.8, 1],
    },
    {
      name: 'proof read over HTTP (tlog-proof of an entry)',
      paths: spread(size, step).map((index) => `/v1/entries/${index}/proof`),
      bounds: [0.5, 0.8],
    },
  ]
  const figures: Figure[] = []
  for (const row of rows) figures.push(await compare(processes, port, row, sizes))
  await ledger.ask('close', null)
  await Promise.all([ledger.end(), bare.end(), load.end()])
  return figures
}

/** Indexes over the whole log, in an order without locality. */
function spread(size: number, step: number): number[] {
  const count = Math.floor(size / step)
  return Array.from({ length: count }, (_, i) => ((i * 7919) % count) * step)
}

async function compare(
  { ledger, bare, load }: Processes,
  port: number,
  row: Row,
  { rounds, reads: count }: Sizes,
): Promise<Figure> {
  const get = { paths: row.paths, count }
  const { bodyBytes } = await load.ask('run', { port, connections, get })
  const barePort = (await bare.ask('serve', { bytes: bodyBytes })).port
  const ratios: number[] = []
  const costs = { ours: [] as number[], bare: [] as number[], load: [] as number[] }
  const spent = async (of: Child<BareJobs> | Child<LedgerJobs>, at: number): Promise<Spent> => {
    const node = of as Child<BareJobs>
    const before = [await node.ask('usage', null), await load.ask('usage', null)] as const
    const { seconds } = await load.ask('run', { port: at, connections, get })
    const after = [await node.ask('usage', null), await load.ask('usage', null)] as const
    const perRead = (i: 0 | 1): number => (after[i].all - before[i].all) / count
    return { seconds, node: perRead(0), load: perRead(1) }
  }
  for (let round = 0; round <= rounds; round += 1) {
    const ours = await spent(ledger, port)
    const theirs = await spent(bare, barePort)
    if (round === 0) continue
    ratios.push(theirs.seconds / ours.seconds)
    costs.ours.push(ours.node)
    costs.bare.push(theirs.node)
    costs.load.push(theirs.load)
  }
  const us = (values: readonly number[]): string => `${median(values).toFixed(1)} us`
  const note =
    `${bodyBytes} B; the node ${us(costs.ours)}, bare ${us(costs.bare)}, ` +
    `load generator ${us(costs.load)}`
  const [floor, goal] = row.bounds ?? []
  const bounds = floor === undefined || goal === undefined ? {} : { floor, goal }
  return { name: row.name, value: median(ratios), unit: 'bare', samples: ratios, note, ...bounds }
}
