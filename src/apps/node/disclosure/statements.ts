// The statements that gateways exchange: an owner's answer, a reader's acknowledgement, and what
// departments tell each other, each a JWS by a key of use `receipt`. Bytes and bounds are those of
// docs/protocol/disclosure.md. It promises that whatever was not signed by a key in force, or has
// not its one form, is refused before anything is done with it.
import { encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import { importPublicKey, verifySignature } from '#base/crypto'
import type { PublicKey } from '#base/crypto'
import { decodeJws, decodeStrict, isDigest, isList, isMembers, isName } from '#ledger/command'
import { isRefusal, refuse } from '#ledger/command'
import type { Members, Refusal, Value } from '#ledger/command'
import type { KeyRecord } from '#ledger/validate'
import type { KeyStore } from '#adapters/keys'
import { signJws } from '#adapters/keys'
import { heldInForce, keyInForceOf } from '#apps/node/ledger-port'
import type { LedgerPort } from '#apps/node/ledger-port'

export const answerTyp = 'lianban-answer+jws'
export const acknowledgementTyp = 'lianban-ack+jws'
export const tellTyp = 'lianban-tell+jws'

/** Longest statement, characters. */
export const statementMax = 32_768

/** What an owner says with an answer. */
export type AnswerStatement = {
  readonly ledger: string
  /** Entry of the permit. */
  readonly permit: number
  /** SHA-256 of the JWE, base64url. */
  readonly body: string
  /** The commitments that the body opens, by name, in the ledger's order. */
  readonly roots: { readonly [name: string]: readonly string[] }
  /** The owner's one-time use tags by slot. */
  readonly tags: { readonly [slot: string]: string }
  /** Ledger time in milliseconds. */
  readonly time: number
}

/** What a reader says when it holds an answer. */
export type AcknowledgementStatement = {
  readonly ledger: string
  readonly permit: number
  /** SHA-256 of the answer's JWS, base64url. */
  readonly answer: string
}

/** What a department tells another: the hash of a text that travels beside it. */
export type TellStatement = {
  readonly ledger: string
  readonly to: string
  readonly path: 'notices' | 'tasks'
  /** SHA-256 of the text's UTF-8, base64url. */
  readonly hash: string
  /** Milliseconds. */
  readonly time: number
}

/** Signs a statement as the port's member; null while no `receipt` key is held and in force. */
export function signStatement(
  keys: KeyStore,
  port: LedgerPort,
  typ: string,
  statement: AnswerStatement | AcknowledgementStatement | TellStatement,
): string | null {
  const key = heldInForce(keys, port, 'receipt')
  if (key === null) return null
  return signJws(keys, { kid: key.kid, use: 'receipt', typ, payload: encodeCanonical(statement) })
}

/** The SHA-256 of a text of ASCII, base64url. */
export function hashOf(text: string): string {
  return sha256Text(text, 'base64url')
}

/** An answer by this member. Untrusted. */
export function readAnswer(
  port: LedgerPort,
  from: string,
  untrusted: string,
): AnswerStatement | Refusal {
  const value = verified(port, from, answerTyp, untrusted)
  if (isRefusal(value)) return value
  const { ledger, permit, body, roots, tags, time } = value
  const known = ledger === port.ledger && isCount(permit) && isCount(time)
  if (!known || !has(value, 6) || typeof body !== 'string' || !isDigest(body)) return bad
  if (!isRoots(roots) || !isTags(tags)) return bad
  return { ledger: port.ledger, permit, body, roots, tags, time }
}

/** An acknowledgement by this member. Untrusted. */
export function readAcknowledgement(
  port: LedgerPort,
  from: string,
  untrusted: string,
): AcknowledgementStatement | Refusal {
  const value = verified(port, from, acknowledgementTyp, untrusted)
  if (isRefusal(value)) return value
  const { ledger, permit, answer } = value
  if (ledger !== port.ledger || !isCount(permit) || !has(value, 3)) return bad
  if (typeof answer !== 'string' || !isDigest(answer)) return bad
  return { ledger, permit, answer }
}

/** What this member tells us. Untrusted. */
export function readTell(
  port: LedgerPort,
  from: string,
  untrusted: string,
): TellStatement | Refusal {
  const value = verified(port, from, tellTyp, untrusted)
  if (isRefusal(value)) return value
  const { ledger, to, path, hash, time } = value
  if (ledger !== port.ledger || to !== port.member || !has(value, 5) || !isCount(time)) return bad
  if (path !== 'notices' && path !== 'tasks') return bad
  if (typeof hash !== 'string' || !isDigest(hash)) return bad
  return { ledger, to, path, hash, time }
}

/** Whether a value is an index, a count or a time. */
export function isCount(value: Value | undefined): value is number {
  return typeof value === 'number' && value >= 0
}

/** A list of 1 to 64 names, rising, none twice: one set has one text. */
export function isNames(value: Value | undefined): value is readonly string[] {
  if (!isList(value) || value.length === 0 || value.length > namesMax) return false
  let before = ''
  return value.every((name) => {
    const rises = typeof name === 'string' && isName(name) && before < name
    if (rises) before = name
    return rises
  })
}

const namesMax = 64
const partsMax = 256
const bad: Refusal = refuse('node/bad-statement')

function verified(port: LedgerPort, member: string, typ: string, text: string): Members | Refusal {
  const jws = decodeJws(text, typ, statementMax)
  if (isRefusal(jws)) return bad
  const record = keyInForceOf(port, jws.kid, { member, use: 'receipt' })
  const key = record === null || record === undefined ? null : importedKey(record)
  if (key === null || !verifySignature(key, jws.signingInput, jws.signature)) {
    return refuse('node/bad-signature')
  }
  const value = decodeStrict(jws.payload, { bytes: statementMax })
  if (isRefusal(value) || !isMembers(value) || encodeCanonical(value) !== jws.payload) return bad
  return value
}

function has(value: Members, count: number): boolean {
  return Object.keys(value).length === count
}

function isRoots(value: Value | undefined): value is AnswerStatement['roots'] {
  if (!isMembers(value)) return false
  return Object.entries(value).every(
    ([name, parts]) =>
      isName(name) &&
      isList(parts) &&
      parts.length <= partsMax &&
      parts.every((part) => typeof part === 'string' && isDigest(part)),
  )
}

function isTags(value: Value | undefined): value is AnswerStatement['tags'] {
  if (!isMembers(value)) return false
  return Object.entries(value).every(
    ([slot, tag]) => isName(slot) && typeof tag === 'string' && isDigest(tag),
  )
}

// Registered keys never change, so one that was read is read for good; the bound keeps a registry
// of many members from filling memory.
const imported = new Map<string, PublicKey>()
const importedMax = 4_096

function importedKey({ kid, alg, jwk }: KeyRecord): PublicKey | null {
  const known = imported.get(kid)
  if (known !== undefined) return known
  const key = importPublicKey(alg, jwk)
  if (key === null) return null
  if (imported.size >= importedMax) imported.clear()
  imported.set(kid, key)
  return key
}
