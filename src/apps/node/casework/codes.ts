// The codes with which a department's node says no to its own people and to other members, or why a
// case waits. They speak of no content; what content forbids is said by the judge.
import type { CodeLine } from '#ledger/command'

/** Every code of casework, department, desk and messages; docs/protocol/codes.md is checked. */
export const deskCodes: readonly CodeLine[] = Object.freeze([
  ['node/act-not-open', 'the act is not open for this department now'],
  ['node/changed', 'what the decision rests on has changed while it was made'],
  ['node/handed-in', 'the own system has taken another decision already'],
  ['node/under-way', 'the decision is kept and not carried out yet'],
  ['node/by-hand', 'a post has to decide'],
  ['node/rejected', 'the department’s own system has rejected the decision'],
  ['node/refused-often', 'the ledger has refused the decision again and again'],
  ['node/no-sink', 'the department has no way of this name into its own system'],
  ['node/source-failed', 'a register failed without saying how'],
  ['node/own-signature-needed', 'the act needs the person’s own key'],
  ['node/not-at-a-counter', 'the act is done online and not at a counter'],
  ['node/second-officer-needed', 'an assisted signature needs two different officers'],
  ['node/key-missing', 'a key of an object is absent'],
  ['node/record-lost', 'the vault lacks a record to which the ledger holds a commitment'],
  ['node/not-shown', 'the owner did not show what it was asked for'],
  ['node/too-many-permits', 'one attempt was given as many permits as it may'],
  ['node/unknown-task', 'the task means nothing here'],
  ['node/unknown-notice', 'the notice means nothing here'],
] as const)
