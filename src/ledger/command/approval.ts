// Approvals: an officer's WebAuthn assertion whose challenge binds the exact intent and a salted
// hash of what the officer was shown. Decoded here; ledger/validate says whether one holds.
import { assert } from '#base/assert'
import { base64urlDecode, base64urlEncode, concat, latin1Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256 } from '#base/crypto'
import { isDigest, isKid } from './leaf.ts'
import { approvalsMax, assertionSignatureBytesMax } from './limits.ts'
import { authenticatorDataBytesMax, clientDataBytesMax } from './limits.ts'
import { isRefusal, refuse, within } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import { hasMembers, isList, isMembers } from './tokenizer.ts'
import type { Value } from './tokenizer.ts'

/** An officer's WebAuthn assertion over an intent and over what was shown; not yet verified. */
export type Approval = {
  /** The officer key's random registry id. */
  readonly kid: string
  /** authenticatorData (WebAuthn §6.1). */
  readonly ad: Bytes
  /** clientDataJSON (WebAuthn §5.8.1). */
  readonly cd: Bytes
  /** The assertion's signature: DER for ES256, PKCS #1 v1.5 for RS256. */
  readonly sig: Bytes
  /** 32 bytes, base64url: the salted hash of what was shown. */
  readonly shown: string
}

const hashBytes = 32
const prefix = latin1Encode('lianban/approve/v1\0')

/**
 * The challenge that an approval must have signed, base64url (43 characters):
 * SHA-256("lianban/approve/v1\0" ‖ SHA-256(intent) ‖ shown), both given as base64url of 32 bytes.
 */
export function challengeOf(intentHash: string, shown: string): string {
  const intent = base64urlDecode(intentHash)
  const seen = base64urlDecode(shown)
  assert(intent?.length === hashBytes && seen?.length === hashBytes, 'both hashes have 32 bytes')
  return base64urlEncode(sha256(concat([prefix, intent, seen])))
}

/** Decodes the approvals of one intent: 1 to 8. Untrusted. */
export function decodeApprovals(value: Value): readonly Approval[] | Refusal {
  if (!isList(value) || value.length < 1 || value.length > approvalsMax) {
    return refuse('command/approvals-count')
  }
  const approvals: Approval[] = []
  for (let at = 0; at < value.length; at += 1) {
    const approval = decodeApproval(value[at] as Value)
    if (isRefusal(approval)) return within(`[${at}]`, approval)
    approvals.push(approval)
  }
  return approvals
}

const order: readonly string[] = ['kid', 'ad', 'cd', 'sig', 'shown']

function decodeApproval(value: Value): Approval | Refusal {
  if (!isMembers(value) || !hasMembers(value, order)) return refuse('command/bad-members')
  const { kid, shown } = value
  if (typeof kid !== 'string' || !isKid(kid)) return refuse('command/bad-member', 'kid')
  const ad = decodeBytes(value['ad'], authenticatorDataBytesMax)
  if (isRefusal(ad)) return within('ad', ad)
  const cd = decodeBytes(value['cd'], clientDataBytesMax)
  if (isRefusal(cd)) return within('cd', cd)
  const sig = decodeBytes(value['sig'], assertionSignatureBytesMax)
  if (isRefusal(sig)) return within('sig', sig)
  if (typeof shown !== 'string' || !isDigest(shown)) {
    return refuse('command/bad-member', 'shown')
  }
  return { kid, ad, cd, sig, shown }
}

function decodeBytes(value: Value | undefined, max: number): Bytes | Refusal {
  if (typeof value !== 'string' || value === '') return refuse('command/bad-member')
  const bytes = base64urlDecode(value)
  if (bytes === null) return refuse('command/bad-base64url')
  return bytes.length > max ? refuse('command/oversized') : bytes
}
