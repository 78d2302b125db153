// The figures of a node: what it commits and how long that takes, what it refuses by code, how
// large and how old what it keeps is. Nothing here is by member, by command or by person.
import { statfsSync } from 'node:fs'
import { Counter, gauge, Histogram } from './figures.ts'
import type { Log } from './log.ts'
import { codeOfFailure } from './log.ts'

/** A ledger as its figures are read. */
export type Measured = {
  readonly ledger: string
  head(): { readonly height: number; readonly time: number; readonly size: number }
  state(): string
  waiting(): number
  /** Why no checkpoint may be signed now; null when it may. */
  held(): string | null
  readonly proofs: { checkpoint(): { readonly size: number } | null }
  subscribe(listener: (head: { readonly size: number }) => void): () => void
}

export type MetricsOptions = {
  /** Directory whose file system holds the ledger. */
  readonly directory: string
  readonly log: Log
  /** Wall time in Unix milliseconds. */
  readonly now: () => number
}

type Watched = { readonly host: Measured; size: number; signed: number; signedAt: number }

const states = ['open', 'no-space', 'failed', 'closed', 'reading'] as const
const lookMs = 500
const msBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000] as const
const syncBounds = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000] as const
const sizeBounds = [1, 4, 16, 64, 256, 1024, 4096] as const

/** Counts what the server and the stores do, and prints it. */
export class Metrics {
  readonly #options: MetricsOptions
  readonly #asked = new Counter('lianban_http_requests_total', 'Requests by route', 'route')
  readonly #refused = new Counter('lianban_refused_total', 'Refusals before admission', 'code')
  readonly #failures = new Counter('lianban_failures_total', 'Failures while answering', 'code')
  readonly #commit = new Histogram(
    'lianban_commit_ms',
    'Milliseconds from a decoded submission to its durable answer',
    msBounds,
  )
  readonly #sync = new Histogram('lianban_fsync_ms', 'Milliseconds of one fsync', syncBounds)
  readonly #block = new Histogram('lianban_block_entries', 'Entries in a block', sizeBounds)
  readonly #ledgers: Watched[] = []
  #intents = 0
  #streams = 0
  #soon = false

  constructor(options: MetricsOptions) {
    this.#options = options
  }

  /** Begins to watch a ledger. */
  watch(host: Measured): void {
    const now = this.#options.now()
    const signed = host.proofs.checkpoint()?.size ?? 0
    const watched = { host, size: host.head().size, signed, signedAt: now }
    this.#ledgers.push(watched)
    host.subscribe((head) => {
      this.#block.observe(head.size - watched.size)
      watched.size = head.size
      this.#lookSoon()
    })
  }

  asked(route: string): void {
    this.#asked.add(route)
  }

  refused(code: string): void {
    this.#refused.add(code)
  }

  committed(intents: number, ms: number): void {
    this.#intents += intents
    this.#commit.observe(ms)
  }

  streams(change: 1 | -1): void {
    this.#streams += change
  }

  failed(route: string, failure: unknown): void {
    const code = codeOfFailure(failure)
    this.#failures.add(code)
    this.#options.log({ level: 'error', event: 'answer-failed', route, code })
  }

  /** One fsync took so many milliseconds. */
  synced(ms: number): void {
    this.#sync.observe(ms)
  }

  /** Everything in the text format of Prometheus. */
  text(): string {
    for (const watched of this.#ledgers) this.#lookAtCheckpoint(watched)
    return [
      this.#asked.text(),
      this.#refused.text(),
      this.#failures.text(),
      this.#commit.text(),
      this.#sync.text(),
      this.#block.text(),
      this.#gauges(),
    ].join('')
  }

  /** A checkpoint is kept a moment after its block, and nobody tells of it. */
  #lookSoon(): void {
    if (this.#soon) return
    this.#soon = true
    setTimeout(() => {
      this.#soon = false
      for (const watched of this.#ledgers) this.#lookAtCheckpoint(watched)
    }, lookMs).unref()
  }

  #lookAtCheckpoint(watched: Watched): void {
    const size = watched.host.proofs.checkpoint()?.size ?? 0
    if (size === watched.signed) return
    watched.signed = size
    watched.signedAt = this.#options.now()
  }

  #gauges(): string {
    const now = this.#options.now()
    const of = (read: (host: Measured) => number): { labels: string; value: number }[] =>
      this.#ledgers.map(({ host }) => ({ labels: `{ledger="${host.ledger}"}`, value: read(host) }))
    return [
      gauge(
        'lianban_log_entries',
        'Entries in the log',
        of((host) => host.head().size),
      ),
      gauge(
        'lianban_height',
        'Height of the last durable block',
        of((host) => host.head().height),
      ),
      gauge(
        'lianban_waiting',
        'Commands that wait for their answer',
        of((host) => host.waiting()),
      ),
      gauge(
        'lianban_block_age_ms',
        'Milliseconds since the time of the last block',
        of((host) => now - host.head().time),
      ),
      gauge(
        'lianban_checkpoint_entries',
        'Entries under the newest checkpoint',
        of((host) => host.proofs.checkpoint()?.size ?? 0),
      ),
      gauge(
        'lianban_checkpoints_held',
        '1 while no checkpoint may be signed: an older copy, or cosigners that were not heard',
        of((host) => (host.held() === null ? 0 : 1)),
      ),
      gauge(
        'lianban_checkpoint_age_seconds',
        'Seconds since this process saw a new checkpoint',
        this.#ledgers.map(({ host, signedAt }) => ({
          labels: `{ledger="${host.ledger}"}`,
          value: Math.max(0, (now - signedAt) / 1000),
        })),
      ),
      gauge(
        'lianban_state',
        'The state of the engine: 1 for the one that it is in',
        this.#states(),
      ),
      gauge('lianban_intents_answered', 'Intents answered since the start', [
        { value: this.#intents },
      ]),
      gauge('lianban_event_streams', 'Open event streams', [{ value: this.#streams }]),
      gauge('lianban_free_bytes', 'Free space of the file system', [{ value: this.#free() }]),
      gauge('lianban_memory_bytes', 'Resident memory of the process', [
        { value: process.memoryUsage.rss() },
      ]),
    ].join('')
  }

  #states(): { labels: string; value: number }[] {
    return this.#ledgers.flatMap(({ host }) =>
      states.map((state) => ({
        labels: `{ledger="${host.ledger}",state="${state}"}`,
        value: host.state() === state ? 1 : 0,
      })),
    )
  }

  #free(): number {
    try {
      const { bavail, bsize } = statfsSync(this.#options.directory)
      return bavail * bsize
    } catch {
      return -1
    }
  }
}
