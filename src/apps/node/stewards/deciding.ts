// Match tickets decided by a steward's signature. One officer of the department signs what he
// decides, and where it has filled the post of steward one who holds it. A department that has
// enrolled no officers has nobody who could sign: its word counts without a signature and is shown
// as such, by the same rule by which the ledger takes its commands without an approval, and no
// longer once it has enrolled one.
import type { Reading } from '#ledger/validate'
import { isRefusal } from '#ledger/command'
import { officersRequired } from '#domains/members'
import type { Bench, MatchBook, TicketDecision } from '#apps/node/matching'
import type { StewardCode } from './codes.ts'
import type { Registry, Signing } from './statement.ts'
import { signersOf, signStatement } from './statement.ts'

/** Whose decisions count in a department, by the keys of the ledger as it stands. */
export function benchOf(of: {
  readonly ledger: string
  readonly member: string
  readonly view: Reading
  readonly height: () => number
}): Bench {
  const { ledger, member, view, height } = of
  return benchIn({
    ledger,
    member,
    registry: () => ({ view, height: height() }),
    needsOfficer: () => officersRequired(view, member),
  })
}

/** The same while another process has the ledger: by what is known of its officers, if it has any. */
export function practiceBench(ledger: string, member: string, officers: Registry | null): Bench {
  const registry: Registry = officers ?? { view: { get: () => undefined }, height: 1 }
  return benchIn({
    ledger,
    member,
    registry: () => registry,
    needsOfficer: () => officers !== null,
  })
}

function benchIn(of: {
  readonly ledger: string
  readonly member: string
  readonly registry: () => Registry
  readonly needsOfficer: () => boolean
}): Bench {
  const { ledger, member, registry, needsOfficer } = of
  return {
    ledger,
    member,
    height: () => registry().height,
    judge: (statement, signature) => {
      if (signature === null) return needsOfficer() ? 'node/match-unsigned' : null
      const signers = signersOf({ statement, ...signature }, registry())
      if (isRefusal(signers)) return signers.code
      return signers.length === 1 ? null : 'node/match-unsigned'
    },
  }
}

/**
 * Has an officer sign a decision and the book take it. Null, or the code for which it is not taken.
 * `kid` is null for a department without officers, which is refused where it has some.
 */
export async function decideBy(
  book: MatchBook,
  deciding: TicketDecision,
  by: { readonly kid: string | null; readonly sign: Signing | null },
): Promise<string | null> {
  const { kid, sign } = by
  const statement = book.prepare(deciding)
  if (typeof statement === 'string') return statement
  if (kid === null) return book.decide(deciding, { statement, signature: null })
  if (sign === null) return 'node/no-officers' satisfies StewardCode
  const { salt, approvals } = await signStatement(statement, [kid], sign)
  if (approvals.length === 0) return 'node/unknown-officer' satisfies StewardCode
  return book.decide(deciding, { statement, signature: { salt, approvals } })
}
