// The machine's own limits: V, verifications a second of two threads that do nothing else, and F,
// the median time of making a 600-byte append durable.
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { singles, taxKey } from './workload.ts'
import { median } from './stats.ts'

export const threads = 2

/** Measures V again and again with the same two threads. */
export class Ceiling {
  readonly #workers: Worker[]

  constructor(ms: number) {
    const commands = singles(64, 1)
    this.#workers = Array.from(
      { length: threads },
      () =>
        new Worker(new URL('./ceiling-worker.ts', import.meta.url), {
          workerData: { jwk: taxKey.jwk, commands, ms },
        }),
    )
  }

  async measure(): Promise<number> {
    const rates = await Promise.all(
      this.#workers.map(
        (worker) =>
          new Promise<number>((resolve, reject) => {
            worker.once('message', resolve)
            worker.once('error', reject)
            worker.postMessage('go')
          }),
      ),
    )
    return rates.reduce((sum, rate) => sum + rate, 0)
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}

/** F in milliseconds: the median of 400 appends of 600 bytes with fdatasync. */
export function measureSync(directory: string): number {
  const file = openSync(join(directory, 'sync'), 'w', 0o600)
  const bytes = Buffer.alloc(600, 1)
  const times: number[] = []
  for (let i = 0; i < 400; i += 1) {
    writeSync(file, bytes)
    const start = performance.now()
    fdatasyncSync(file)
    times.push(performance.now() - start)
  }
  closeSync(file)
  return median(times)
}
