// The process that holds the ledger under measurement, in process or behind HTTP: opens, fills,
// commits, serves and says what it used.
import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import type { Command } from '#ledger/command'
import { openapiText } from '#apps/node/describe'
import { openHttp, routes } from '#apps/node/http'
import type { HttpServer } from '#apps/node/http'
import { Metrics } from '#apps/node/log'
import { problemCodes, statusOf } from '#apps/node/problems'
import type { Used } from './child.ts'
import { answerJobs, usedNow, usedSince } from './child.ts'
import type { BenchLedger, Timed } from './ledger.ts'
import { commitAll, fill, freshLedger, openLedger } from './ledger.ts'
import { submissionsIn } from './maker.ts'
import type { Shares } from './profile.ts'
import { profiled } from './profile.ts'
import { itemKey } from './workload.ts'

export type Committed = Timed & {
  /** Processor microseconds of the main thread and of the whole process. */
  readonly used: Used
}

/** A file of submissions, made before anything is measured. */
export type Commit = { readonly path: string }

export type LedgerJobs = {
  open: {
    in: {
      readonly directory: string
      readonly fresh?: boolean
      readonly readOnly?: boolean
      readonly snapshotEvery?: number
      readonly checkpointMs?: number
    }
    /** Milliseconds that opening took, and since the process began. */
    out: { readonly ms: number; readonly sinceStart: number }
  }
  /** Until the log has so many entries. */
  fill: { in: { readonly entries: number }; out: { readonly seconds: number; readonly used: Used } }
  commit: { in: Commit; out: Committed }
  profile: { in: Commit; out: { readonly shares: Shares } }
  serve: { in: null; out: { readonly port: number } }
  /** Resident bytes after collecting garbage. */
  memory: { in: null; out: { readonly rss: number } }
  usage: { in: null; out: Used }
  /** Keys of some records, and entries that a checkpoint covers, once it covers all. */
  reads: { in: { readonly count: number }; out: { readonly keys: string[]; readonly size: number } }
  snapshot: { in: null; out: { readonly seconds: number } }
  close: { in: null; out: null }
}

let ledger: BenchLedger | null = null
let http: HttpServer | null = null
let keys: string[] = []
/** Where the ledger stands; what belongs to it alone may stand beside it. */
let place = ''

function held(): BenchLedger {
  if (ledger === null) throw new Error('no ledger is open')
  return ledger
}

async function commit(texts: readonly string[]): Promise<Committed> {
  const before = usedNow()
  const timed = await commitAll(held().host, texts)
  return { ...timed, used: usedSince(before) }
}

async function serve(): Promise<number> {
  const { host } = held()
  const metrics = new Metrics({ directory: '.', log: () => undefined, now: () => Date.now() })
  metrics.watch(host)
  http = openHttp({
    // Records of open maps are read without a caller being known, as most reads are.
    ledgers: [{ host, maps: [{ prefix: 'test/item/', map: 'now' }] }],
    operatorToken: randomBytes(32).toString('hex'),
    observer: metrics,
    metrics: () => metrics.text(),
    openapi: openapiText({
      version: 'bench',
      routes,
      types: host.types,
      codes: problemCodes().map((code) => [code, statusOf(code)]),
    }),
  })
  const { port } = await http.listen({ host: '127.0.0.1', port: 0 })
  return port
}

async function close(): Promise<void> {
  await http?.stop(1000)
  await ledger?.close()
  http = null
  ledger = null
  keys = []
}

answerJobs<LedgerJobs>({
  open: async ({ directory, fresh = false, ...more }) => {
    await close()
    place = dirname(directory)
    const start = performance.now()
    ledger = (fresh ? freshLedger : openLedger)(directory, more)
    return { ms: performance.now() - start, sinceStart: performance.now() }
  },
  fill: async ({ entries }) => {
    const start = performance.now()
    const before = usedNow()
    const each = (command: Command): void => {
      const of = command.intents[0]?.body['case']
      if (typeof of === 'string') keys.push(itemKey(of))
    }
    await fill(held().host, entries, { directory: place, each })
    return { seconds: (performance.now() - start) / 1000, used: usedSince(before) }
  },
  commit: ({ path }) => commit(submissionsIn(path)),
  profile: async ({ path }) => {
    const texts = submissionsIn(path)
    return { shares: await profiled(() => commit(texts)) }
  },
  serve: async () => ({ port: await serve() }),
  memory: () => {
    for (let i = 0; i < 3; i += 1) globalThis.gc?.()
    return { rss: process.memoryUsage().rss }
  },
  usage: () => usedNow(),
  reads: async ({ count }) => {
    const { host } = held()
    const { size } = host.head()
    while ((host.proofs.checkpoint()?.size ?? 0) < size) {
      await new Promise((resolve) => {
        setTimeout(resolve, 50)
      })
    }
    const step = Math.max(1, Math.floor(keys.length / count))
    return { keys: keys.filter((_, i) => i % step === 0).slice(0, count), size }
  },
  snapshot: async () => {
    const start = performance.now()
    await held().host.snapshot()
    return { seconds: (performance.now() - start) / 1000 }
  },
  close: async () => {
    await close()
    return null
  },
})
