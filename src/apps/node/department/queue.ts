// Which cases are looked at next. A case is looked at after an entry about it became durable, after
// a failure when its pause is over, and when something of it falls due. The queue stores nothing:
// it is made again at every start, and whoever keeps the place of the department asks it what it
// has. Promises: a case is looked at by one worker at a time, a case that changed while it was
// looked at is looked at again, and an idle queue has at most one timer.
import type { Clock } from '#apps/node/casework'

/** When a case wants to be looked at again by itself; null for not before something happens. */
export type Again = number | null

export type QueueOptions = {
  readonly clock: Clock
  /** Looks at a case; what it throws was not foreseen. */
  readonly look: (id: string) => Promise<Again>
  readonly failed: (failure: unknown) => void
  /** A case came into the queue, or a look at it has ended. */
  readonly touched?: (id: string) => void
  /** Cases looked at at one time. */
  readonly workers?: number
}

const workersDefault = 8
const pauseFirstMs = 500
const pauseMaxMs = 60_000
/** Timers of Node count at most so far. */
const timerMaxMs = 2_000_000_000

/** The queue of one department. */
export class Queue {
  readonly #options: QueueOptions
  readonly #waiting: Set<string> = new Set()
  readonly #running: Set<string> = new Set()
  readonly #later: Map<string, number> = new Map()
  readonly #pauses: Map<string, number> = new Map()
  #idle: (() => void)[] = []
  /** Told whenever a look has ended. */
  #ended: (() => void)[] = []
  #timer: { readonly at: number; readonly forget: () => void } | null = null
  #closed = false
  /** What was to be looked at when the queue was closed. */
  readonly #left: Set<string> = new Set()

  constructor(options: QueueOptions) {
    this.#options = options
  }

  /** Has a case looked at soon. */
  add(id: string): void {
    this.#options.touched?.(id)
    if (this.#closed) {
      this.#left.add(id)
      return
    }
    this.#waiting.add(id)
    this.#start()
  }

  /** Has a case looked at not before a time. */
  addAt(id: string, at: number): void {
    const before = this.#later.get(id)
    if (this.#closed) this.#left.add(id)
    if (this.#closed || (before !== undefined && before <= at)) return
    this.#later.set(id, at)
    this.#arm()
  }

  /** Whether a case is looked at, or will be by itself, or would have been but for the end. */
  has(id: string): boolean {
    if (this.#waiting.has(id) || this.#running.has(id)) return true
    return this.#later.has(id) || this.#left.has(id)
  }

  /** Resolves when nothing waits and nothing runs; what is later is not waited for. */
  async idle(): Promise<void> {
    if (this.#waiting.size === 0 && this.#running.size === 0) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** Resolves when a case neither waits nor is looked at. */
  async idleOf(id: string): Promise<void> {
    while (this.#waiting.has(id) || this.#running.has(id)) {
      await new Promise<void>((resolve) => this.#ended.push(resolve))
    }
  }

  /** Starts nothing more and resolves when what runs has ended. */
  async close(): Promise<void> {
    this.#closed = true
    for (const id of [...this.#waiting, ...this.#later.keys()]) this.#left.add(id)
    this.#waiting.clear()
    this.#later.clear()
    this.#timer?.forget()
    this.#timer = null
    await this.idle()
  }

  #start(): void {
    const most = this.#options.workers ?? workersDefault
    for (const id of this.#waiting) {
      if (this.#running.size >= most) return
      if (this.#running.has(id)) continue
      this.#waiting.delete(id)
      this.#running.add(id)
      void this.#run(id)
    }
  }

  async #run(id: string): Promise<void> {
    try {
      const again = await this.#options.look(id)
      this.#pauses.delete(id)
      // The newest look knows best: a case that is over has no time left to wait for.
      this.#later.delete(id)
      if (again !== null) this.addAt(id, again)
    } catch (failure) {
      this.#options.failed(failure)
      const pause = Math.min(this.#pauses.get(id) ?? pauseFirstMs, pauseMaxMs)
      this.#pauses.set(id, pause * 2)
      this.addAt(id, this.#options.clock.wallMs() + pause)
    }
    this.#running.delete(id)
    this.#options.touched?.(id)
    this.#start()
    const ended = this.#ended
    this.#ended = []
    for (const resolve of ended) resolve()
    if (this.#waiting.size > 0 || this.#running.size > 0) return
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }

  #arm(): void {
    let first = Infinity
    for (const at of this.#later.values()) if (at < first) first = at
    if (first === Infinity || (this.#timer !== null && this.#timer.at <= first)) return
    this.#timer?.forget()
    const { clock } = this.#options
    const ms = Math.min(Math.max(1, first - clock.wallMs()), timerMaxMs)
    this.#timer = { at: first, forget: clock.after(ms, () => this.#ring()) }
  }

  #ring(): void {
    this.#timer = null
    const now = this.#options.clock.wallMs()
    for (const [id, at] of this.#later) {
      if (at > now) continue
      this.#later.delete(id)
      this.#waiting.add(id)
    }
    this.#start()
    this.#arm()
  }
}

/** The system's clock; its timers keep no process alive. */
export const systemClock: Clock = Object.freeze({
  wallMs: () => Date.now(),
  after: (ms: number, call: () => void) => {
    const timer = setTimeout(call, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
})
