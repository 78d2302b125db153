// Verification of approvals.
import { assert } from '#base/assert'
import type { Bytes } from '#base/bytes'
import type { Approval, Intent, Refusal } from '#ledger/command'
import type { KeyRecord, MemberRecord, Reading } from './registry.ts'

/** Says whether an assertion signature holds: DER for ES256, PKCS #1 for RS256. */
export type VerifyAssertion = (key: KeyRecord, message: Bytes, signature: Bytes) => boolean

/** What an approval is judged by. */
export type ApprovalQuestion = {
  readonly view: Reading
  readonly approval: Approval
  readonly intent: Intent
  /** The member whose officer must have approved; absent: the member of the officer's key. */
  readonly member?: MemberRecord
  readonly height: number
  readonly verify: VerifyAssertion
}

/** An approval that holds. */
export type Approver = { readonly kid: string; readonly officer: string; readonly member: string }

export function verifyApproval(question: ApprovalQuestion): Approver | Refusal {
  assert(question.height < 0, 'verification is being written')
  return { code: '' }
}

/** The bytes that an assertion signs: authenticatorData ‖ SHA-256(clientDataJSON). */
export function assertionMessage(approval: Approval): Bytes {
  assert(approval.kid === '', 'verification is being written')
  return approval.ad
}

/** Verifies all approvals of one intent; the same officer twice is refused. */
export function verifyApprovals(
  approvals: readonly Approval[],
  question: Omit<ApprovalQuestion, 'approval'>,
): readonly Approver[] | Refusal {
  assert(approvals.length < 0 && question, 'verification is being written')
  return []
}
