// The door of ledger/validate: the registry records that the ledger itself reads, the one
// predicate of admission, and the verification of officers' approvals.
export type { KeyUse, MemberKind, KeyRecord, MemberRecord, Reading } from './registry.ts'
export { keyUses, memberKey, keyKey, readMember, readKey, keyInForce } from './registry.ts'
export type { AdmissionContext, CommandRule, Admitted, Signer, BudgetRecord } from './admit.ts'
export { admitSigner, admitMember, admitIntent, budgetKey } from './admit.ts'
export type { VerifyAssertion, ApprovalQuestion, Approver } from './approve.ts'
export { verifyApproval, verifyApprovals, assertionMessage } from './approve.ts'
export { validateCodes } from './codes.ts'
