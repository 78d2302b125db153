// Work that waits for its turn: one at a time under one name, many names at once; and what goes
// through many things lets whoever waits for an answer have a turn in between.

/** Things that are looked at between two such turns. */
export const atATime = 8

/** Lets everything else that is due have its turn. */
export function breath(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** A queue by name; a name costs nothing when nobody waits under it. */
export class Turns {
  readonly #last: Map<string, Promise<unknown>> = new Map()

  /** Does the work after all that was given before it under this name, however those ended. */
  take<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(name)
    const done = before === undefined ? work() : before.then(work, work)
    const settled = done.then(ignore, ignore)
    this.#last.set(name, settled)
    void settled.then(() => {
      if (this.#last.get(name) === settled) this.#last.delete(name)
      return undefined
    })
    return done
  }

  /** Names under which something is being done. */
  get size(): number {
    return this.#last.size
  }
}

function ignore(): void {
  return undefined
}
