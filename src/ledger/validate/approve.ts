// Verification of officers' approvals (protocol §3.2, WebAuthn Level 3 §7.2). What holds proves
// that this key signed this challenge with its user present and verified, at an origin of this
// department. It does not prove what the officer's screen showed.
import { assert } from '#base/assert'
import { concat, equal, latin1Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256 } from '#base/crypto'
import type { Approval, Intent, Refusal } from '#ledger/command'
import { challengeOf, isRefusal, refuse, within } from '#ledger/command'
import { admitMember } from './admit.ts'
import { isAssertionClientData, isClientDataFor } from './client-data.ts'
import { isClientDataOf, isCrossOrigin } from './client-data.ts'
import { keyInForce, readKey } from './registry.ts'
import type { KeyRecord, MemberRecord, Reading } from './registry.ts'

/** Says whether an assertion signature holds: DER for ES256, PKCS #1 v1.5 for RS256. */
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

/**
 * Verifies one approval: an approve key in force, of an active member (of the given one), ES256 or
 * RS256; `webauthn.get`, the exact challenge, a registered origin without a foreign frame, the
 * registered RP ID, user present and verified; and the signature, last because it costs the most.
 */
export function verifyApproval(question: ApprovalQuestion): Approver | Refusal {
  const { view, approval, intent, height, verify } = question
  const key = readKey(view, approval.kid)
  if (key === undefined) return refuse('validate/approval-unknown-key', 'kid')
  if (key.use !== 'approve') return refuse('validate/approval-wrong-key-use', 'kid')
  if (key.alg === 'Ed25519') return refuse('validate/approval-wrong-algorithm', 'kid')
  if (!keyInForce(key, height)) return refuse('validate/approval-key-not-in-force', 'kid')
  if (question.member !== undefined && question.member.code !== key.member) {
    return refuse('validate/approval-other-member', 'kid')
  }
  const member = admitMember(key.member, view, height)
  if (isRefusal(member)) return within('kid', member)
  if (member.rp === undefined) return refuse('validate/approval-no-relying-party', 'kid')
  const refusal =
    checkClientData(approval, challengeOf(intent.hash, approval.shown), member.rp.origins) ??
    checkAuthenticatorData(approval.ad, member.rp.id)
  if (refusal !== null) return refusal
  if (!verify(key, assertionMessage(approval), approval.sig)) {
    return refuse('validate/approval-bad-signature', 'sig')
  }
  assert(key.officer !== undefined, 'an approve key names its officer')
  return { kid: key.kid, officer: key.officer, member: key.member }
}

/** The bytes that an assertion signs: authenticatorData ‖ SHA-256(clientDataJSON). */
export function assertionMessage(approval: Approval): Bytes {
  return concat([approval.ad, sha256(approval.cd)])
}

function checkClientData(
  approval: Approval,
  challenge: string,
  origins: readonly string[],
): Refusal | null {
  const { cd } = approval
  if (origins.some((origin) => isClientDataFor(cd, challenge, origin))) return null
  if (!isAssertionClientData(cd)) return refuse('validate/approval-not-an-assertion', 'cd')
  if (!isClientDataOf(cd, challenge)) return refuse('validate/approval-other-challenge', 'cd')
  if (origins.some((origin) => isCrossOrigin(cd, challenge, origin))) {
    return refuse('validate/approval-cross-origin', 'cd')
  }
  return refuse('validate/approval-other-origin', 'cd')
}

// Authenticator data (WebAuthn §6.1): 32 bytes RP ID hash, flags, a 32-bit counter, extensions.
const flagsAt = 32
const headBytes = 37
const userPresent = 0x01
const userVerified = 0x04
const backupEligible = 0x08
const backedUp = 0x10
const attestedCredential = 0x40
const extensions = 0x80

function checkAuthenticatorData(ad: Bytes, rpId: string): Refusal | null {
  const flags = ad[flagsAt] ?? 0
  const has = (flag: number): boolean => (flags & flag) === flag
  const longer = ad.length > headBytes
  if (ad.length < headBytes || longer !== has(extensions) || has(attestedCredential)) {
    return refuse('validate/approval-authenticator-data', 'ad')
  }
  if (has(backedUp) && !has(backupEligible)) {
    return refuse('validate/approval-authenticator-data', 'ad')
  }
  if (!equal(ad.subarray(0, flagsAt), sha256(latin1Encode(rpId)))) {
    return refuse('validate/approval-other-relying-party', 'ad')
  }
  if (!has(userPresent)) return refuse('validate/approval-user-absent', 'ad')
  return has(userVerified) ? null : refuse('validate/approval-user-not-verified', 'ad')
}

/**
 * Verifies all approvals of one intent. The same officer twice is refused, with whichever of its
 * keys: two approvals mean two people.
 */
export function verifyApprovals(
  approvals: readonly Approval[],
  question: Omit<ApprovalQuestion, 'approval'>,
): readonly Approver[] | Refusal {
  const approvers: Approver[] = []
  const officers = new Set<string>()
  for (const [at, approval] of approvals.entries()) {
    const approver = verifyApproval({ ...question, approval })
    if (isRefusal(approver)) return within(`approvals[${at}]`, approver)
    const officer = `${approver.member}/${approver.officer}`
    if (officers.has(officer)) return refuse('validate/same-officer', `approvals[${at}].kid`)
    officers.add(officer)
    approvers.push(approver)
  }
  return approvers
}
