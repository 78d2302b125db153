// Intents: what a member wants, as bytes that nobody ever serialises again. The bytes are what is
// hashed, signed and approved; the decoded members stand beside them and are never turned back.
import { assert } from '#base/assert'
import { encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import { isId, isName, isOrigin } from './leaf.ts'
import { intentBytesMax } from './limits.ts'
import { isRefusal, refuse, within } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import { decodeStrict, hasMembers, isMembers } from './tokenizer.ts'
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

const order: readonly string[] = ['ledger', 'id', 'type', 'body', 'notAfter']

/** Decodes an intent: exactly its five members in their order (protocol §3.1). Untrusted. */
export function decodeIntent(text: string): Intent | Refusal {
  const value = decodeStrict(text, intentLimits)
  if (isRefusal(value)) return within('intent', value)
  if (!isMembers(value) || !hasMembers(value, order)) {
    return refuse('command/bad-members', 'intent')
  }
  const { ledger, id, type, body, notAfter } = value
  if (typeof ledger !== 'string' || !isOrigin(ledger)) return bad('ledger')
  if (typeof id !== 'string' || !isId(id)) return bad('id')
  if (typeof type !== 'string' || !isName(type)) return bad('type')
  if (!isMembers(body)) return bad('body')
  if (typeof notAfter !== 'number' || notAfter < 0) return bad('notAfter')
  return { ledger, id, type, body, notAfter, text, hash: sha256Text(text, 'base64url') }
}

const intentLimits = { bytes: intentBytesMax }

function bad(member: string): Refusal {
  return refuse('command/bad-member', `intent.${member}`)
}

/** The bytes of an intent, for whoever makes one: members in order, the body canonical. */
export function encodeIntent(intent: IntentMembers): string {
  const { ledger, id, type, body, notAfter } = intent
  const head = `{"ledger":"${ledger}","id":"${id}","type":"${type}"`
  const text = `${head},"body":${encodeCanonical(body)},"notAfter":${notAfter}}`
  assert(!isRefusal(decodeIntent(text)), 'an intent that is made can be decoded')
  return text
}
