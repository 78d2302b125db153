// Who has looked at a difference. Up to two officers of the department sign the same statement of
// it; only signatures that were verified come out, and the same officer never counts twice.
import type { Refusal } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { Difference, DifferenceStatement, Registry, Signed, Signing } from './statement.ts'
import { signersOf, signStatement } from './statement.ts'

/** Officers' kids: who loads, and who has looked besides; each may be nobody. */
export type Lookers = { readonly by: string | null; readonly second: string | null }

/** Verified signatures over a difference. */
export type Looked = Lookers & { readonly signed: Signed<DifferenceStatement> }

/** Has the officers sign what differs; null where nobody is named. */
export async function lookedAt(
  difference: Difference,
  of: {
    readonly ledger: string
    readonly member: string
    readonly lookers: Lookers
    readonly sign: Signing
    readonly registry: Registry
  },
): Promise<Looked | Refusal | null> {
  const { ledger, member, lookers, sign, registry } = of
  const kids = [lookers.by, lookers.second].filter((kid) => kid !== null)
  if (kids.length === 0) return null
  const format = 'lianban/difference-approval/1'
  const signed = await signStatement({ format, ledger, member, ...difference }, kids, sign)
  const signers = signersOf(signed, registry)
  return isRefusal(signers) ? signers : { ...lookers, signed }
}
