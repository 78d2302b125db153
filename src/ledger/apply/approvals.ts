// Approvals of an intent, verified where the state is known: officers come and go by commands, so
// only the state at this very place says whose assertion counts. No officer counts twice.
import type { Refusal } from '#ledger/command'
import type { Admitted, Reading, VerifyAssertion } from '#ledger/validate'
import { verifyApprovals } from '#ledger/validate'
import type { VerifiedApproval } from './domain.ts'

const none: readonly VerifiedApproval[] = []

/** All approvals of the intent, or the refusal of the first that does not hold. */
export function approvalsOf(
  view: Reading,
  verify: VerifyAssertion,
  admitted: Admitted,
  height: number,
): readonly VerifiedApproval[] | Refusal {
  const given = admitted.command.approvals[admitted.position]
  if (given === undefined || given.length === 0) return none
  return verifyApprovals(given, { view, intent: admitted.intent, height, verify })
}
