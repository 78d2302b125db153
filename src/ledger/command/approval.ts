// Approvals.
import { assert } from '#base/assert'
import type { Bytes } from '#base/bytes'
import type { Refusal } from './refusal.ts'
import type { Value } from './tokenizer.ts'

/** An officer's WebAuthn assertion over an intent and over what was shown; not yet verified. */
export type Approval = {
  /** The officer key's random registry id. */
  readonly kid: string
  /** authenticatorData. */
  readonly ad: Bytes
  /** clientDataJSON. */
  readonly cd: Bytes
  /** The assertion's signature: DER for ES256, PKCS #1 for RS256. */
  readonly sig: Bytes
  /** 32 bytes, base64url: the salted hash of what was shown. */
  readonly shown: string
}

/** The challenge that an approval of this intent must have signed, base64url (43 characters). */
export function challengeOf(intentHash: string, shown: string): string {
  assert(intentHash === shown, 'challengeOf is being written')
  return ''
}

export function decodeApprovals(value: Value): readonly Approval[] | Refusal {
  assert(value === 0, 'the decoder is being written')
  return []
}
