// Signature checks in worker threads. Checks are handed over in batches through shared memory: what
// has gathered in one turn of the event loop is split over the idle threads, so batches are small
// when the load is small and grow with it. Handing one check over costs the main thread less than a
// microsecond in large batches.
import { MessageChannel, Worker } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { latin1Write } from '#base/bytes'
import type { KeyRecord } from '#ledger/validate'
import { batchBytes, batchMax, checkWords, control, regionBytes, regionOf } from './pool-layout.ts'
import type { Region } from './pool-layout.ts'
import type { Check, Verifier } from './verifier.ts'
import { KeyRing, verdict } from './verifier.ts'

type Waiting = { readonly check: Check; readonly done: (holds: boolean) => void }

type Lane = {
  readonly worker: Worker
  readonly region: Region
  readonly keys: MessagePort
  readonly done: MessagePort
  readonly known: Map<string, number>
  turn: number
  busy: Waiting[]
}

export type PoolOptions = {
  readonly threads: number
  /** Called when a thread has died; its checks were answered in the main thread. */
  readonly failed?: (error: unknown) => void
}

/** A verifier over `threads` worker threads. */
export class PoolVerifier implements Verifier {
  readonly #lanes: Lane[]
  readonly #ring = new KeyRing()
  #queue: Waiting[] = []
  #soon = false
  #closed = false

  constructor(options: PoolOptions) {
    this.#lanes = Array.from({ length: options.threads }, () => this.#open(options))
  }

  check(check: Check, done: (holds: boolean) => void): void {
    if (this.#closed) return done(false)
    if (bytesOf(check) > batchBytes) return done(verdict(this.#ring, check))
    this.#queue.push({ check, done })
    if (this.#soon) return
    this.#soon = true
    setImmediate(() => {
      this.#soon = false
      this.#dispatch()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const waiting of this.#queue.splice(0)) waiting.done(false)
    for (const lane of this.#lanes) {
      for (const waiting of lane.busy.splice(0)) waiting.done(false)
      Atomics.store(lane.region.control, control.turn, -1)
      Atomics.notify(lane.region.control, control.turn)
      lane.keys.close()
      lane.done.close()
    }
    await Promise.all(this.#lanes.map((lane) => lane.worker.terminate()))
  }

  #open(options: PoolOptions): Lane {
    const memory = new SharedArrayBuffer(regionBytes)
    const keys = new MessageChannel()
    const done = new MessageChannel()
    const worker = new Worker(new URL('./pool-worker.ts', import.meta.url), {
      workerData: { memory, keys: keys.port2, done: done.port2 },
      transferList: [keys.port2, done.port2],
    })
    const lane: Lane = {
      worker,
      region: regionOf(memory),
      keys: keys.port1,
      done: done.port1,
      known: new Map(),
      turn: 0,
      busy: [],
    }
    lane.done.on('message', () => this.#answered(lane))
    worker.on('error', (error) => this.#died(lane, options, error))
    worker.unref()
    lane.done.unref()
    lane.keys.unref()
    return lane
  }

  #dispatch(): void {
    const idle = this.#lanes.filter((lane) => lane.busy.length === 0)
    if (idle.length === 0 || this.#queue.length === 0) {
      if (this.#lanes.length === 0) this.#inline()
      return
    }
    const share = Math.min(Math.ceil(this.#queue.length / idle.length), batchMax)
    for (const lane of idle) {
      if (this.#queue.length === 0) break
      this.#send(lane, share)
    }
  }

  #send(lane: Lane, share: number): void {
    const { region } = lane
    let at = 0
    let count = 0
    for (const waiting of this.#queue) {
      const bytes = bytesOf(waiting.check)
      if (count === share || at + bytes > batchBytes) break
      writeCheck(lane, waiting.check, count, at)
      at += bytes
      count += 1
    }
    lane.busy = this.#queue.splice(0, count)
    lane.turn = (lane.turn + 1) & 0x3fffffff
    lane.done.ref()
    region.control[control.count] = count
    Atomics.store(region.control, control.turn, lane.turn)
    Atomics.notify(region.control, control.turn)
  }

  #answered(lane: Lane): void {
    const { busy } = lane
    lane.busy = []
    const verdicts = busy.map((_, i) => lane.region.verdicts[i] === 1)
    lane.done.unref()
    if (this.#queue.length > 0) this.#dispatch()
    for (const [i, waiting] of busy.entries()) waiting.done(verdicts[i] === true)
  }

  /** A thread that died takes no verdict with it: its checks are answered here. */
  #died(lane: Lane, options: PoolOptions, error: unknown): void {
    const at = this.#lanes.indexOf(lane)
    if (at >= 0) this.#lanes.splice(at, 1)
    // An open port that is being waited on would keep the process from ending.
    lane.keys.close()
    lane.done.close()
    options.failed?.(error)
    for (const waiting of lane.busy.splice(0)) waiting.done(verdict(this.#ring, waiting.check))
    this.#dispatch()
  }

  #inline(): void {
    for (const waiting of this.#queue.splice(0)) waiting.done(verdict(this.#ring, waiting.check))
  }
}

function bytesOf(check: Check): number {
  return check.message.length + check.signature.length
}

function writeCheck(lane: Lane, check: Check, index: number, at: number): void {
  const { region } = lane
  const { message, signature } = check
  const word = index * checkWords
  region.checks[word] = numberOf(lane, check.key)
  region.checks[word + 1] = check.form === 'der' ? 1 : 0
  region.checks[word + 2] = message.length
  region.checks[word + 3] = signature.length
  if (typeof message === 'string') latin1Write(region.bytes, message, at)
  else region.bytes.set(message, at)
  region.bytes.set(signature, at + message.length)
}

/** The thread's number of a key; a new one is sent before the batch that uses it. */
function numberOf(lane: Lane, key: KeyRecord): number {
  const id = `${key.kid}/${key.alg}`
  const known = lane.known.get(id)
  if (known !== undefined) return known
  const number = lane.known.size
  lane.known.set(id, number)
  lane.keys.postMessage({ alg: key.alg, jwk: key.jwk })
  return number
}
