// The practice clock: it runs like any other and can be put forward, so that a story of a week is
// told in a minute. Wall and monotonic time move together, so the ledger sees a long silence and no
// jump; whoever shows its times marks them as practice.
import type { Clock } from '#adapters/consensus'

type Waiting = { readonly at: number; readonly call: () => void; timer: NodeJS.Timeout }

/** A clock that begins at a moment and is put forward by whoever holds it. */
export class PracticeClock implements Clock {
  readonly #origin: number
  readonly #began: number = performance.now()
  readonly #waiting: Set<Waiting> = new Set()
  #ahead = 0

  /** `origin` is Unix milliseconds. */
  constructor(origin: number) {
    this.#origin = origin
  }

  wallMs(): number {
    return this.#origin + Math.floor(this.monotonicMs())
  }

  monotonicMs(): number {
    return performance.now() - this.#began + this.#ahead
  }

  after(ms: number, call: () => void): () => void {
    const at = this.monotonicMs() + ms
    const waiting: Waiting = { at, call, timer: this.#timer(ms, () => this.#ring(waiting)) }
    this.#waiting.add(waiting)
    return () => {
      clearTimeout(waiting.timer)
      this.#waiting.delete(waiting)
    }
  }

  soon(call: () => void): void {
    setImmediate(call)
  }

  /** Puts the clock forward by so many milliseconds; what falls due is called in its order. */
  advance(ms: number): void {
    this.#ahead += ms
    const now = this.monotonicMs()
    for (const waiting of [...this.#waiting].toSorted((a, b) => a.at - b.at)) {
      clearTimeout(waiting.timer)
      waiting.timer = this.#timer(waiting.at - now, () => this.#ring(waiting))
    }
  }

  /** Puts the clock forward to a moment, if it is later than now. */
  advanceTo(wallMs: number): void {
    this.advance(Math.max(0, wallMs - this.wallMs()))
  }

  #ring(waiting: Waiting): void {
    if (this.#waiting.delete(waiting)) waiting.call()
  }

  /** Timers keep no process alive. */
  #timer(ms: number, call: () => void): NodeJS.Timeout {
    const timer = setTimeout(call, Math.min(Math.max(0, ms), 2 ** 31 - 1))
    timer.unref()
    return timer
  }
}
