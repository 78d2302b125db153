// What the engine says to those who wait: one answer an intent, exactly once, whatever became of
// its block.
import { assert } from '#base/assert'
import type { Command, Refusal } from '#ledger/command'
import type { Applied, AppliedIntent } from '#ledger/apply'
import type { AdmissionOutcome, Filled } from '#ledger/order'

/** The answer to one intent: its entry, or why it has none. */
export type Answer =
  | {
      readonly applied: AppliedIntent
      readonly height: number
      /** Ledger time in milliseconds. */
      readonly time: number
    }
  | { readonly refused: Refusal }

/** A command that was taken and has no answer yet. */
export type Waiting = {
  readonly command: Command
  readonly done: (answers: readonly Answer[]) => void
}

/** Answers all intents of all these commands with one refusal. */
export function refuseAll(waiting: readonly Waiting[], refused: Refusal): void {
  for (const one of waiting) one.done(one.command.intents.map(() => ({ refused })))
}

/** Answers the commands of a block: each intent its entry, or why it was not admitted. */
export function answerAll(
  taken: readonly Waiting[],
  filled: Filled,
  applied: Applied | null,
): void {
  for (const [i, waiting] of taken.entries()) {
    const outcomes: readonly AdmissionOutcome[] = filled.outcomes[i] ?? []
    waiting.done(outcomes.map((outcome) => answerOf(outcome, applied)))
  }
}

function answerOf(outcome: AdmissionOutcome, applied: Applied | null): Answer {
  if ('code' in outcome) return { refused: outcome }
  const intent = applied?.intents[outcome.intent]
  assert(applied !== null && intent !== undefined, 'every admitted intent was applied')
  const { height, time } = applied.head
  return { applied: intent, height, time }
}

/** Why the confirming command of a block would not be applied, or null. */
export function denialOf(applied: Applied): Refusal | null {
  const [intent] = applied.intents
  assert(intent !== undefined, 'a confirmation was admitted')
  if (intent.code === 'ok') return null
  return intent.at === undefined ? { code: intent.code } : { code: intent.code, at: intent.at }
}
