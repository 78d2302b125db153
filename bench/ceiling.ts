// The machine's own limits: V, verifications a second of two threads that do nothing else, and F,
// the median time of making a 600-byte append durable.
import { spawn } from 'node:child_process'
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Verified } from './ceiling-worker.ts'
import { singles, taxKey } from './workload.ts'
import { median } from './stats.ts'

export const threads = 2

/** Measures V again and again with the same two threads. */
export class Ceiling {
  readonly #workers: Worker[]
  /** Every V of this run, in verifications a second. */
  readonly seen: number[] = []
  /** Processor microseconds of one verification, as often. */
  readonly costs: number[] = []

  constructor(ms: number) {
    const commands = singles(64)
    this.#workers = Array.from(
      { length: threads },
      () =>
        new Worker(new URL('./ceiling-worker.ts', import.meta.url), {
          workerData: { jwk: taxKey.jwk, commands, ms },
        }),
    )
  }

  async measure(): Promise<number> {
    const each = await Promise.all(
      this.#workers.map(async (worker) => {
        const answer = once(worker, 'message')
        worker.postMessage('go')
        const [verified] = (await answer) as [Verified]
        return verified
      }),
    )
    const rate = each.reduce((sum, one) => sum + one.rate, 0)
    this.seen.push(rate)
    this.costs.push(...each.map(({ cpuMicros }) => cpuMicros))
    return rate
  }

  /** Runs something between two measurements of V; gives what it gave and the V around it. */
  async around<T>(what: () => Promise<T>): Promise<{ readonly got: T; readonly v: number }> {
    const before = await this.measure()
    const got = await what()
    return { got, v: (before + (await this.measure())) / 2 }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}

/** F in milliseconds: the median of 400 appends of 600 bytes with fdatasync. */
export function measureSync(directory: string): number {
  const path = join(directory, 'sync')
  const file = openSync(path, 'w', 0o600)
  const bytes = Buffer.alloc(600, 1)
  const times: number[] = []
  for (let i = 0; i < 400; i += 1) {
    writeSync(file, bytes)
    const start = performance.now()
    fdatasyncSync(file)
    times.push(performance.now() - start)
  }
  closeSync(file)
  rmSync(path)
  return median(times)
}

/** What OpenSSL's own command says of two processes, in verifications a second; null without it. */
export async function opensslSpeed(seconds: number): Promise<number | null> {
  const args = ['speed', '-multi', String(threads), '-seconds', String(seconds), 'ecdsap256']
  const child = spawn('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (part: string) => {
    text += part
  })
  const ended = await new Promise<boolean>((resolve) => {
    child.on('error', () => resolve(false))
    child.on('close', (code) => resolve(code === 0))
  })
  // `256 bits ecdsa (nistp256)   0.0000s   0.0001s  44321.0  15123.0`: the last column.
  const found = /ecdsa \(nistp256\).*?([\d.]+)\s*$/m.exec(text)
  return ended && found !== null ? Number(found[1]) : null
}
