// Budgets: how many commands of a class a member has had applied in the hour of ledger time, and
// how many of them were refused. One record a member and class, written once a block, so that the
// counters stay bounded and a flood cannot fill the ledger.
import type { Write } from './domain.ts'
import type { Reading } from '#ledger/validate'
import type { BudgetRecord } from '#ledger/validate'
import { budgetKey } from '#ledger/validate'

type Counter = { readonly hour: number; used: number; refused: number }

const hourMs = 60 * 60 * 1000

/** The counters of one block. */
export class Budgets {
  readonly #view: Reading
  readonly #hour: number
  readonly #counters: Map<string, Counter> = new Map()

  /** `time` is the block's, in milliseconds. */
  constructor(view: Reading, time: number) {
    this.#view = view
    this.#hour = (time - (time % hourMs)) / hourMs
  }

  /** Counts one applied command of `member` in class `budget`. */
  count(member: string, budget: string, refused: boolean): void {
    const key = budgetKey(member, budget)
    let counter = this.#counters.get(key)
    if (counter === undefined) {
      const before = this.#view.get(key) as BudgetRecord | undefined
      const same = before?.hour === this.#hour
      counter = {
        hour: this.#hour,
        used: same ? before.used : 0,
        refused: same ? before.refused : 0,
      }
      this.#counters.set(key, counter)
    }
    counter.used += 1
    if (refused) counter.refused += 1
  }

  /** One write a member and class that had a command in this block. */
  writes(): readonly Write[] {
    return [...this.#counters].map(([key, { hour, used, refused }]) => [
      key,
      { hour, refused, used },
    ])
  }
}
