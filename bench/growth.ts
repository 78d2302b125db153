// What a ledger costs as it grows: write throughput at ten thousand and at a million entries,
// memory, and the time of a start.
import { join } from 'node:path'
import type { Ceiling } from './ceiling.ts'
import { Child } from './child.ts'
import type { LedgerJobs } from './ledger-process.ts'
import { Maker } from './maker.ts'
import type { Sizes } from './sizes.ts'
import type { Figure } from './stats.ts'
import { median } from './stats.ts'

type Ledger = Child<LedgerJobs>

const spawn = (): Ledger => new Child('./ledger-process.ts')

/** Fills a ledger to `sizes.large` and compares it with one of `sizes.small`. */
export async function growth(directory: string, ceiling: Ceiling, sizes: Sizes): Promise<Figure[]> {
  const path = join(directory, 'large')
  const maker = new Maker(directory)
  const large = spawn()
  await large.ask('open', { directory: path, fresh: true })
  // The base of the memory is a process whose code is warm.
  await large.ask('fill', { entries: sizes.small })
  await large.ask('commit', { path: await maker.make({ commands: sizes.singles, of: 1 }) })
  const base = (await large.ask('memory', null)).rss
  const filled = await fillTo(large, sizes)
  const resident = await memoryOf(large, base, sizes)
  const throughput = await compare({ directory, large, ceiling, maker }, sizes)
  await large.ask('snapshot', null)
  await large.ask('close', null)
  await large.end()
  const started = await starts({ directory, maker }, path, sizes)
  await maker.end()
  return [...throughput, filled, ...resident, ...started]
}

/** Fills in ten steps; the cost of an entry in the last step over that in the second. */
async function fillTo(large: Ledger, { small, large: entries }: Sizes): Promise<Figure> {
  const steps: number[] = []
  let seconds = 0
  for (let step = 1; step <= 10; step += 1) {
    const from = small + ((entries - small) * (step - 1)) / 10
    const to = small + ((entries - small) * step) / 10
    const { used, seconds: took } = await large.ask('fill', { entries: Math.round(to) })
    steps.push(used.main / (to - from))
    seconds += took
  }
  const [, second = 0] = steps
  const last = steps.at(-1) ?? 0
  return {
    name: 'main thread per entry of the fill, last tenth over second',
    value: last / second,
    unit: 'x',
    samples: steps,
    note: `${second.toFixed(1)} us, then ${last.toFixed(1)} us; ${seconds.toFixed(0)} s in all`,
  }
}

async function memoryOf(large: Ledger, base: number, sizes: Sizes): Promise<Figure[]> {
  const perMillion: number[] = []
  for (let i = 0; i < Math.max(5, sizes.rounds); i += 1) {
    const { rss } = await large.ask('memory', null)
    perMillion.push((rss - base) / sizes.large)
  }
  return [
    {
      name: 'memory per million entries beyond the base process',
      value: median(perMillion),
      unit: 'MB',
      floor: 250,
      goal: 100,
      below: true,
      samples: perMillion,
      note: `base ${(base / 1e6).toFixed(0)} MB`,
    },
  ]
}

type Parts = {
  readonly directory: string
  readonly large: Ledger
  readonly ceiling: Ceiling
  readonly maker: Maker
}

/** Single commands on the large ledger and, in turns, on fresh ones of the small size. */
async function compare(
  { directory, large, ceiling, maker }: Parts,
  sizes: Sizes,
): Promise<Figure[]> {
  const small = spawn()
  const order = { commands: Math.min(sizes.singles, sizes.small), of: 1 }
  const ratios = { small: [] as number[], large: [] as number[] }
  const costs = { small: [] as number[], large: [] as number[] }
  await small.ask('open', { directory: join(directory, 'small'), fresh: true })
  for (let round = 0; round < sizes.warm; round += 1) {
    await small.ask('commit', { path: await maker.make(order) })
    await small.ask('commit', { path: await maker.make({ ...order, of: 64 }) })
  }
  for (let round = 0; round <= sizes.rounds; round += 1) {
    await small.ask('open', { directory: join(directory, 'small'), fresh: true })
    await small.ask('fill', { entries: sizes.small })
    for (const [which, ledger] of [
      ['small', small],
      ['large', large],
    ] as const) {
      const path = await maker.make(order)
      const { got, v } = await ceiling.around(() => ledger.ask('commit', { path }))
      if (round === 0) continue
      ratios[which].push(got.commands / got.seconds / v)
      costs[which].push(got.used.main / got.commands)
    }
  }
  await small.end()
  const samples = ratios.large.map((ratio, i) => ratio / (ratios.small[i] as number))
  return [
    {
      name: `write throughput at ${sizes.large} entries over that at ${sizes.small}`,
      value: median(samples),
      unit: 'x',
      floor: 0.9,
      goal: 0.95,
      samples,
      note:
        `main thread ${median(costs.small).toFixed(1)} us, ` +
        `then ${median(costs.large).toFixed(1)} us a command`,
    },
  ]
}

/** Starts in fresh processes: with a snapshot at the end, and with entries after it. */
async function starts(
  { directory, maker }: Pick<Parts, 'directory' | 'maker'>,
  path: string,
  sizes: Sizes,
): Promise<Figure[]> {
  const rounds = Math.max(sizes.rounds, 1)
  const empty = join(directory, 'empty')
  const nothing = await start(empty, rounds)
  const whole = await start(path, rounds)
  // A crash leaves entries that no snapshot holds.
  const victim = spawn()
  await victim.ask('open', { directory: path, snapshotEvery: Number.MAX_SAFE_INTEGER })
  await victim.ask('commit', { path: await maker.make({ commands: sizes.after, of: 1 }) })
  await victim.kill()
  const behind = await start(path, rounds)
  const base = median(nothing.resident)
  const perMillion = whole.resident.map((bytes) => (bytes - base) / sizes.large)
  return [
    {
      name: 'start with a snapshot at the end',
      value: median(whole.total),
      unit: 's',
      floor: 2,
      goal: 0.5,
      below: true,
      samples: whole.total,
      note: `opening the ledger alone ${median(whole.opening).toFixed(2)} s`,
    },
    {
      name: `start with ${sizes.after} entries after the snapshot`,
      value: median(behind.total),
      unit: 's',
      floor: 2,
      goal: 0.5 + (8 * sizes.after) / 1e6,
      below: true,
      samples: behind.total,
      note: `opening the ledger alone ${median(behind.opening).toFixed(2)} s`,
    },
    {
      name: 'memory per million entries after a start',
      value: median(perMillion),
      unit: 'MB',
      below: true,
      samples: perMillion,
      note: `a process with an empty ledger ${(base / 1e6).toFixed(0)} MB`,
    },
  ]
}

type Starts = {
  /** Seconds of opening, and from the beginning of the process until the ledger was open. */
  readonly opening: number[]
  readonly total: number[]
  /** Bytes of memory of the process with the ledger open. */
  readonly resident: number[]
}

async function start(path: string, rounds: number): Promise<Starts> {
  const opening: number[] = []
  const total: number[] = []
  const resident: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const process = spawn()
    const { ms, sinceStart } = await process.ask('open', { directory: path, readOnly: true })
    resident.push((await process.ask('memory', null)).rss)
    await process.end()
    opening.push(ms / 1000)
    total.push(sinceStart / 1000)
  }
  return { opening, total, resident }
}
