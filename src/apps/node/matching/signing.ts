// What a steward signs when he decides a match ticket. The statement names the ledger, the member,
// the ticket and the very rows, by a hash over their marks, so what was signed of one question is
// nothing for another one. It is made anew out of what the book holds each time it is used:
// whatever was changed there, the signature does not fit any more. Who may sign is not known here.
import { utf8Encode } from '#base/bytes'
import { sha256Text } from '#base/crypto'
import type { ApprovalText } from '#ledger/command'
import type { Outcome, TicketReason } from './ruling.ts'

/** A decision as it is signed: canonical JSON with a format of its own, and no command. */
export type TicketStatement = {
  readonly format: 'lianban/ticket-decision/1'
  readonly ledger: string
  readonly member: string
  readonly ticket: string
  /** Base64url SHA-256 over the marks of the ticket's rows, in their order. */
  readonly rows: string
  readonly outcome: Outcome
  /** The mark of the row that counts. */
  readonly current: string | null
  /** Base64url SHA-256 of the reason. */
  readonly reason: string
  /** Unix milliseconds. */
  readonly at: number
}

/** Approvals of a statement, with the salt of what was shown. */
export type Signature = { readonly salt: string; readonly approvals: readonly ApprovalText[] }

/** Whose words count in a department. The rooms above have its officers and the ledger's keys. */
export type Bench = {
  readonly ledger: string
  readonly member: string
  /** As of which height keys are known: a judgement of a signature holds no longer. */
  height(): number
  /** Null where a word is taken that is given now, or why it is not; null signs for nobody. */
  takes(statement: TicketStatement, signature: Signature | null): string | null
  /** Null where a word that was given earlier still counts, or why it does not. */
  holds(statement: TicketStatement, signature: Signature | null): string | null
}

/** Where nobody's word counts: for whoever opens a book to ask and not to decide. */
export const emptyBench: Bench = {
  ledger: '',
  member: '',
  height: () => 0,
  takes: () => 'node/match-unsigned',
  holds: () => 'node/match-unsigned',
}

/** The statement of what a book has, or is about to have. */
export function statementOf(
  { ledger, member }: Bench,
  of: {
    readonly id: string
    /** Marks of the ticket's rows as the book keeps them. */
    readonly marks: string
    readonly outcome: Outcome
    readonly current: string | null
    readonly reason: string
    readonly at: number
  },
): TicketStatement {
  const { id: ticket, outcome, current, at } = of
  const [rows, reason] = [of.marks, of.reason].map((text) => {
    return sha256Text(utf8Encode(text), 'base64url')
  }) as [string, string]
  const format = 'lianban/ticket-decision/1'
  return { format, ledger, member, ticket, rows, outcome, current, reason, at }
}

/** Whether a decision names the row that counts. */
export function wantsRow(why: TicketReason, outcome: Outcome): 'maybe' | 'none' | 'one' {
  // Of an application's name against a register's rows there is nothing to choose.
  if (why === 'name-unlike') return 'none'
  if (outcome === 'same') return 'one'
  return why === 'codes-differ' && outcome === 'different' ? 'none' : 'maybe'
}
