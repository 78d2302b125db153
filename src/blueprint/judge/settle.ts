// What a final act still has to settle. Money that moved is never undone: when what it rests on
// changes, the next round settles the difference, so nobody pays twice and nobody waits for a
// refund that nobody owes.
import { fieldOfPath, itemOfPath } from '#blueprint/check'
import type { Judge } from './compile.ts'
import type { Known } from './known.ts'
import { itemOf } from './known.ts'

/** Fen that are due: above 0 to be paid, below 0 to be paid back, 0 if nothing is. */
export type Difference = { readonly due: number; readonly by: readonly string[] }

/**
 * The difference between what a final act with an amount should have settled and what it has, with
 * the parties that settle it; null where the act settles no amount or the amount is not known.
 */
export function difference(
  judge: Judge,
  known: Known,
  act: string,
  settledSoFar: number,
): Difference | null {
  const judged = judge.acts.get(act)
  const final = judged?.act.final
  if (judged === undefined || final === undefined || final === true) return null
  const item = itemOf(judge, known, itemOfPath(final.amount), { judged })
  if (item.is !== 'one' || !Number.isSafeInteger(settledSoFar)) return null
  const field = fieldOfPath(final.amount)
  const amount = Object.hasOwn(item.rec.fields, field) ? item.rec.fields[field] : undefined
  if (typeof amount !== 'number') return null
  const due = amount - settledSoFar
  if (due < 0) return { due, by: [final.refunds] }
  const { by } = judged.act
  return { due, by: typeof by === 'string' ? [by] : by }
}

/** What a round settles: the difference, or of a refused case everything back. */
export function dueOf(
  judge: Judge,
  known: Known,
  round: { readonly act: string; readonly settled?: number; readonly refunds?: true },
): Difference | null {
  const { act, settled = 0, refunds } = round
  const final = judge.acts.get(act)?.act.final
  if (final === undefined || final === true) return null
  return refunds === true
    ? { due: 0 - settled, by: [final.refunds] }
    : difference(judge, known, act, settled)
}
