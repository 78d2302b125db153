// Virtual time. Everything that waits waits here, and one run after another is called in order of
// its time, so a run of hours takes milliseconds and is the same each time.
import type { Clock } from '#adapters/consensus'

type Timer = { readonly at: number; readonly number: number; readonly call: () => void }

/** A clock and scheduler in one; the wall may step against the monotonic time. */
export class SimClock implements Clock {
  #now = 0
  #number = 0
  #wall: number
  #timers: Timer[] = []

  constructor(wallMs: number) {
    this.#wall = wallMs
  }

  wallMs(): number {
    return this.#wall
  }

  monotonicMs(): number {
    return this.#now
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#now + ms, number: this.#number, call }
    this.#number += 1
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  soon(call: () => void): void {
    this.after(0, call)
  }

  /** The wall clock steps by so many milliseconds; monotonic time does not. */
  step(ms: number): void {
    this.#wall += ms
  }

  /** Forgets everything that waits: the process is gone. */
  clear(): void {
    this.#timers = []
  }

  /** Lets so much time pass, calling what is due, and lets every promise settle in between. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (;;) {
      const due = this.#timers
        .filter((timer) => timer.at <= end)
        .toSorted((a, b) => a.at - b.at || a.number - b.number)[0]
      if (due === undefined) break
      this.#timers = this.#timers.filter((other) => other !== due)
      this.#wall += Math.max(0, due.at - this.#now)
      this.#now = Math.max(this.#now, due.at)
      due.call()
      await settle()
    }
    this.#wall += end - this.#now
    this.#now = end
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 12; i += 1) await Promise.resolve()
}
