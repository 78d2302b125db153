// The clock that the engine reads and waits on. Time enters the ledger here and nowhere else, so a
// simulator that replaces this port owns all time.

/** Port: wall time in Unix milliseconds, monotonic time, and two ways of waiting. */
export interface Clock {
  wallMs(): number
  /** Milliseconds from any origin; never steps. */
  monotonicMs(): number
  /** Calls once after at least so many milliseconds; the result cancels. */
  after(ms: number, call: () => void): () => void
  /** Calls once after the work that is already waiting in this turn. */
  soon(call: () => void): void
}

/** The machine's own clocks. Timers do not keep the process alive. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
  soon: (call) => {
    setImmediate(call)
  },
}
