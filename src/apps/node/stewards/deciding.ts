// Match tickets decided by a steward's signature. One officer of the department signs what he
// decides, and where it has filled the post of steward one who holds it. A department that has
// enrolled no officers has nobody who could sign: its word counts without a signature and is shown
// as such, by the same rule by which the ledger takes its commands without an approval, and no
// longer once it has enrolled one.
import type { Value } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { Reading } from '#ledger/validate'
import { keyKey, memberKey, readKey } from '#ledger/validate'
import { officerOf, officersRequired } from '#domains/members'
import type { Bench, MatchBook, Signature, TicketDecision } from '#apps/node/matching'
import type { TicketStatement } from '#apps/node/matching'
import type { StewardCode } from './codes.ts'
import type { Registry, Signed, Signing } from './statement.ts'
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

/** The same while another process has the ledger: by the keys of its officers, if it has any. */
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
  const judge = (signed: Signed<TicketStatement> | null, at: Registry): string | null => {
    if (signed === null) return needsOfficer() ? 'node/match-unsigned' : null
    const signers = signersOf(signed, at)
    if (isRefusal(signers)) return signers.code
    return signers.length === 1 ? null : 'node/match-unsigned'
  }
  const whole = (
    statement: TicketStatement,
    signature: Signature | null,
  ): Signed<TicketStatement> | null => (signature === null ? null : { statement, ...signature })
  return {
    ledger,
    member,
    height: () => registry().height,
    takes: (statement, signature) => judge(whole(statement, signature), registry()),
    holds: (statement, signature) => {
      const kid = signature?.approvals[0]?.kid
      return judge(whole(statement, signature), sinceThen(registry(), member, kid))
    },
  }
}

/**
 * Keys as they count for what was signed earlier. A word stands when its officer takes a new key or
 * leaves the department. It falls with a key that he has lost, and with the post where it is filled
 * and he is there without it.
 */
function sinceThen({ view, height }: Registry, member: string, kid: unknown): Registry {
  const key = typeof kid === 'string' ? readKey(view, kid) : undefined
  if (typeof kid !== 'string' || key?.officer === undefined) return { view, height }
  const state = officerOf(view, key.officer)?.state
  if (state === 'lost') return { view, height }
  const get = (name: string): Value | undefined => {
    const record = view.get(name)
    if (name === keyKey(kid)) return { ...(record as object), until: null }
    const isPast = name === memberKey(member) && state === 'retired'
    return isPast ? { ...(record as object), posts: {} } : record
  }
  return { view: { get }, height }
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
