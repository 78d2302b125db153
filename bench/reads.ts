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

/** State reads and proof reads a second over those of the bare server. */
export async function reads(directory: string, sizes: Sizes): Promise<Figure[]> {
  const processes: Processes = {
    ledger: new Child('./ledger-process.ts'),
    bare: new Child('./bare-process.ts'),
    load: new Child('./load.ts'),
  }
  const { ledger, bare, load } = processes
  await ledger.ask('open', { directory: join(directory, 'reads'), fresh: true })
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
  await Promise.all([ledger.kill(), bare.kill(), load.kill()])
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
  const costs: number[] = []
  const bareCosts: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const before = [await ledger.ask('usage', null), await bare.ask('usage', null)] as const
    const ours = await load.ask('run', { port, connections, get })
    const theirs = await load.ask('run', { port: barePort, connections, get })
    const after = [await ledger.ask('usage', null), await bare.ask('usage', null)] as const
    if (round === 0) continue
    ratios.push(theirs.seconds / ours.seconds)
    costs.push((after[0].all - before[0].all) / count)
    bareCosts.push((after[1].all - before[1].all) / count)
  }
  const note = `${bodyBytes} B, ${median(costs).toFixed(1)} us against ${median(bareCosts).toFixed(1)}`
  const [floor, goal] = row.bounds ?? []
  const bounds = floor === undefined || goal === undefined ? {} : { floor, goal }
  return { name: row.name, value: median(ratios), unit: 'bare', samples: ratios, note, ...bounds }
}
