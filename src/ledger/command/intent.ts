// Intents.
import { assert } from '#base/assert'
import type { Refusal } from './refusal.ts'
import type { Value } from './tokenizer.ts'

/** What a member wants, decoded, together with the exact bytes that were signed and approved. */
export type Intent = {
  /** The log's origin. */
  readonly ledger: string
  /** 16 random bytes chosen by the member, base64url (22 characters). */
  readonly id: string
  /** Name of the command type, such as `case.read`. */
  readonly type: string
  readonly body: { readonly [key: string]: Value }
  /** Last block time at which this may be admitted, in milliseconds since 1970. */
  readonly notAfter: number
  /** The exact bytes, as ASCII. */
  readonly text: string
  /** SHA-256 of the bytes, base64url. */
  readonly hash: string
}

/** The five members of an intent, before they are bytes. */
export type IntentMembers = Pick<Intent, 'ledger' | 'id' | 'type' | 'body' | 'notAfter'>

export function decodeIntent(text: string): Intent | Refusal {
  assert(text.length < 0, 'the decoder is being written')
  return { code: '' }
}

export function encodeIntent(intent: IntentMembers): string {
  assert(intent.notAfter < 0, 'the encoder is being written')
  return ''
}
