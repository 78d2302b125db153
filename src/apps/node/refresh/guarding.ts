// Between a department and its own system: a table of which nobody has accepted the state answers
// nothing, as if it were down, and what the department hands in itself is noted before, because it
// is no news when the table shows it. Everything else passes as it is.
import type { Rows } from '#apps/node/mapping'
import type { Sink } from '#apps/node/casework'
import { SourceHeld } from './codes.ts'

type Decision = Parameters<Sink['request']>[1]

/** What stands between a department and its registers and sinks. */
export class Guard {
  readonly #held: Set<string> = new Set()
  #noting: (decision: Decision) => void = () => undefined

  /** Holds a table, or lets it answer again. Says whether that is a change. */
  hold(register: string, table: string, isHeld: boolean): boolean {
    const place = JSON.stringify([register, table])
    if (!isHeld) return this.#held.delete(place)
    const size = this.#held.size
    this.#held.add(place)
    return this.#held.size > size
  }

  /** Whom decisions are told that are about to be handed in. */
  noteWith(noting: (decision: Decision) => void): void {
    this.#noting = noting
  }

  /** The same registers, without what is held: asking there throws `SourceHeld`. */
  registers<R extends Rows>(registers: { readonly [name: string]: R }): { [name: string]: Rows } {
    return Object.fromEntries(
      Object.entries(registers).map(([name, register]): [string, Rows] => [
        name,
        {
          find: async (question) => {
            if (this.#held.size > 0 && this.#held.has(JSON.stringify([name, question.table]))) {
              throw new SourceHeld()
            }
            return register.find(question)
          },
        },
      ]),
    )
  }

  /** The same sinks; what is handed in is noted before. */
  sinks(sinks: { readonly [name: string]: Sink }): { [name: string]: Sink } {
    return Object.fromEntries(
      Object.entries(sinks).map(([name, sink]): [string, Sink] => [
        name,
        {
          request: async (id, decision) => {
            this.#noting(decision)
            await sink.request(id, decision)
          },
          outcome: async (id) => sink.outcome(id),
        },
      ]),
    )
  }
}
