// What a supervisor and the process of a member say to each other, over the channel that only they
// have: where gateways listen, and what people do at the counter of a member in practice. No key
// and no record crosses it but what a person at the counter says or is shown.
import type { Json } from '#base/canonical'
import type { Desk } from '#apps/node/desk'

/** What may be done at a member's counter. */
export type CounterCall = Extract<
  keyof Desk,
  | 'file'
  | 'join'
  | 'say'
  | 'sign'
  | 'inbox'
  | 'open'
  | 'decide'
  | 'answer'
  | 'answerTask'
  | 'giveBack'
  | 'uphold'
  | 'withdraw'
  | 'revoke'
  | 'dispute'
  | 'appeal'
  | 'toldAbout'
>

export const counterCalls: readonly CounterCall[] = [
  'file',
  'join',
  'say',
  'sign',
  'inbox',
  'open',
  'decide',
  'answer',
  'answerTask',
  'giveBack',
  'uphold',
  'withdraw',
  'revoke',
  'dispute',
  'appeal',
  'toldAbout',
]

/** What a member's process is asked besides. */
export type Care =
  /** Resolves when nothing is to be done; gives the entries that it has read. */
  | 'idle'
  /** Puts every receipt that is due on the ledger. */
  | 'flush'
  /** Its own system was changed: objects under a claim are looked up again. */
  | 'changed'
  /** Random ids of its officers' keys. */
  | 'officers'
  /** Bytes of memory, after everything that can go is gone where the process may collect. */
  | 'memory'

export type Question = {
  readonly kind: 'ask'
  readonly number: number
  readonly what: { readonly counter: CounterCall; readonly with: readonly Json[] } | Care
}

/** From the supervisor. */
export type Order =
  | Question
  /** Where the gateways of all members listen now. */
  | { readonly kind: 'addresses'; readonly addresses: { readonly [member: string]: string } }
  | { readonly kind: 'stop' }

/** From a member's process. */
export type Report =
  | { readonly kind: 'opened'; readonly address: string; readonly size: number }
  | { readonly kind: 'answer'; readonly number: number; readonly value?: Json }
  | { readonly kind: 'answer'; readonly number: number; readonly failed: string }

/** What a member's process holds in memory, bytes. */
export type Memory = { readonly rss: number; readonly heap: number; readonly outside: number }
