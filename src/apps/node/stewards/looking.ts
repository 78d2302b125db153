// Who has looked at a difference. Two officers of the department sign the same statement of it, at
// once or one after the other: what the first has signed is kept and counts for this very
// difference and for no other. Only verified signatures come out, and nobody counts twice.
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import type { Refusal } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { Difference, DifferenceStatement, Registry, Signed, Signing } from './statement.ts'
import { signersOf, signStatement } from './statement.ts'

/** Verified signatures over a difference: who looked first, and who after him. */
export type Looked = {
  /** Kid of an officer. */
  readonly by: string
  readonly second: string | null
  readonly signed: Signed<DifferenceStatement>
}

/** Has officers sign what differs, beside whoever has; null where nobody does. */
export async function lookedAt(
  difference: Difference,
  of: {
    readonly ledger: string
    readonly member: string
    /** Officers who sign now. */
    readonly kids: readonly string[]
    /** What was signed before, perhaps over another difference. */
    readonly kept: Signed<DifferenceStatement> | null
    readonly sign: Signing
    readonly registry: Registry
  },
): Promise<Looked | Refusal | null> {
  const { ledger, member, kids, kept, sign, registry } = of
  const format = 'lianban/difference-approval/1'
  const statement = { format, ledger, member, ...difference } as const
  const before = kept !== null && isOver(kept, statement, registry) ? kept : null
  const [first, ...rest] = before?.approvals ?? []
  const fresh = kids.filter((kid) => kid !== first?.kid)
  if (first === undefined && fresh.length === 0) return null
  const more = await signStatement(statement, fresh, sign, before?.salt)
  const approvals = [...(first === undefined ? [] : [first, ...rest]), ...more.approvals]
  const signed = { ...more, approvals }
  const signers = signersOf(signed, registry)
  if (isRefusal(signers)) return signers
  const [by, second] = approvals
  return by === undefined ? null : { by: by.kid, second: second?.kid ?? null, signed }
}

function isOver(kept: Signed, statement: DifferenceStatement, registry: Registry): boolean {
  const [left, right] = [kept.statement, statement].map((each) => {
    return encodeCanonical(each as unknown as Json)
  })
  return left === right && !isRefusal(signersOf(kept, registry))
}
