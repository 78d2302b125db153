// Receipts: what a sender holds after its command, for ever. A receipt is read out of the entry
// itself, so it says nothing that the log does not prove; only its grade rises with time.
import { asciiDecode, base64urlDecode } from '#base/bytes'
import { assert } from '#base/assert'
import type { Intent, Refusal, Value } from '#ledger/command'
import { commandBytesMax, commandTyp, decodeIntent, decodeJws } from '#ledger/command'
import { decodeStrict, envelopeTyp, isRefusal } from '#ledger/command'
import type { Entry } from '#ledger/apply'
import { decodeEntry, entryHash } from '#ledger/apply'

/** The answer to one admitted intent. Times are ledger milliseconds, hashes base64url SHA-256. */
export type Receipt = {
  readonly ledger: string
  readonly member: string
  readonly id: string
  readonly type: string
  /** Hash of the intent's bytes. */
  readonly intent: string
  /** Index of the entry in the log. */
  readonly entry: number
  readonly height: number
  readonly time: number
  /** `ok`, or the address of the refusal. */
  readonly code: string
  readonly at?: string
  readonly outcome?: Value
  /** RFC 6962 leaf hash of the entry. */
  readonly leaf: string
  /** For an intent that travelled in an envelope: the envelope's entry and the position in it. */
  readonly envelope?: { readonly entry: number; readonly position: number }
}

/** What an entry carries: the intent as signed, and whose key signed it. */
export type SignedIntent = { readonly intent: Intent; readonly kid: string }

/**
 * The intent of an entry. `text` is the entry's own text and `envelope` that of the entry that its
 * `e` names, for an intent of an envelope. Entries of the journal are ours and checked: anything
 * else is a defect. Null for envelopes and system entries, which answer nobody.
 */
export function signedIntentOf(text: string, envelope?: string): SignedIntent | null {
  const entry = decodeEntry(text)
  assert(!isRefusal(entry), 'an entry of the log decodes')
  return signedIntentIn(entry, envelope)
}

/** The same of an entry that was decoded already. */
export function signedIntentIn(entry: Entry, envelope?: string): SignedIntent | null {
  if (entry.kind !== 'intent') return signedIntentUnder(entry, null)
  assert(envelope !== undefined, 'an intent of an envelope is read with its envelope')
  return signedIntentUnder(entry, envelopeKid(envelope))
}

/** The same for whoever knows the kid that signed the envelope of an intent. */
export function signedIntentUnder(entry: Entry, kid: string | null): SignedIntent | null {
  if (entry.kind === 'system' || entry.kind === 'envelope') return null
  if (entry.kind === 'single') {
    const jws = decodeJws(entry.jws, commandTyp, commandBytesMax)
    assert(!isRefusal(jws), 'a command of the log decodes')
    const payload = decodeStrict(jws.payload)
    assert(!isRefusal(payload) && isRecord(payload), 'a payload of the log decodes')
    return { intent: intentOf(payload['intent']), kid: jws.kid }
  }
  assert(kid !== null, 'an intent of an envelope is read with its envelope')
  return { intent: intentOf(entry.intent), kid }
}

/** The kid that signed the envelope in this entry. */
export function envelopeKid(text: string): string {
  const entry = decodeEntry(text)
  assert(!isRefusal(entry), 'an entry of the log decodes')
  return envelopeKidIn(entry)
}

/** The same of an entry that was decoded already. */
export function envelopeKidIn(entry: Entry): string {
  assert(entry.kind === 'envelope', 'the entry is an envelope')
  const jws = decodeJws(entry.jws, envelopeTyp, commandBytesMax)
  assert(!isRefusal(jws), 'an envelope of the log decodes')
  return jws.kid
}

/** The envelope that an entry's intent travelled in, or null. */
export function envelopeOf(text: string): { entry: number; position: number } | null {
  const entry = decodeEntry(text)
  assert(!isRefusal(entry), 'an entry of the log decodes')
  return entry.kind === 'intent' ? { entry: entry.envelope, position: entry.position } : null
}

/** The receipt of the intent that stands in entry `index`; null where nobody is answered. */
export function receiptOf(read: {
  readonly text: string
  readonly index: number
  readonly envelope?: string
  readonly memberOf: (kid: string) => string | undefined
}): Receipt | null {
  const entry = decodeEntry(read.text)
  assert(!isRefusal(entry), 'an entry of the log decodes')
  const signed = signedIntentIn(entry, read.envelope)
  if (signed === null || !('result' in entry)) return null
  const member = read.memberOf(signed.kid)
  assert(member !== undefined, 'the key of an applied command is registered')
  const { result } = entry
  return {
    ledger: signed.intent.ledger,
    member,
    id: signed.intent.id,
    type: signed.intent.type,
    intent: signed.intent.hash,
    entry: read.index,
    height: entry.h,
    time: entry.t,
    code: result.code,
    ...(result.at === undefined ? {} : { at: result.at }),
    ...(result.o === undefined ? {} : { outcome: result.o }),
    leaf: entryHash(read.text, 'base64url'),
    ...(entry.kind === 'intent'
      ? { envelope: { entry: entry.envelope, position: entry.position } }
      : {}),
  }
}

/** Whether a retry asks for the same thing: same id and same intent, never the same signature. */
export function sameCommand(receipt: Receipt, intent: Intent): boolean {
  return receipt.id === intent.id && receipt.intent === intent.hash
}

/** The refusal of a second, different intent under a used id. */
export const idReused: Refusal = { code: 'read/id-reused', at: 'id' }

function intentOf(text: Value | undefined): Intent {
  const bytes = typeof text === 'string' ? base64urlDecode(text) : null
  const ascii = bytes === null ? null : asciiDecode(bytes)
  const intent = ascii === null ? null : decodeIntent(ascii)
  assert(intent !== null && !isRefusal(intent), 'an intent of the log decodes')
  return intent
}

function isRecord(value: unknown): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
