// What a gateway keeps in the vault: the answers that it gave, what it received and acknowledged,
// and the keys of its use tags. Answers stand by month, so that whoever starts again finds what is
// still open, and so that the uses of a case in a month can be counted.
import { assert } from '#base/assert'
import { base64urlDecode, base64urlEncode, utf8Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256, sha256Text } from '#base/crypto'
import { monthOf } from '#domains/sharing'

/** A field of a record as the vault keeps it; null is absent. */
export type VaultLeaf = { readonly path: string; readonly value: Json | null }

/** A record of the vault. */
export type VaultRecord = {
  /** 16 bytes, base64url. */
  readonly id: string
  readonly kind: 'own' | 'copy' | 'slot' | 'note' | 'case'
  readonly type: string
  readonly case: string
  readonly name: string
  readonly element?: number
  readonly gen: number
  /** The record's salt, 32 bytes, base64url; copies have none. */
  readonly salt?: string
  readonly leaves: readonly VaultLeaf[]
  readonly more?: Json
  /** Milliseconds. */
  readonly at: number
  readonly keepUntil?: number
}

/** What the vault says of a record without opening it. */
export type VaultHeader = Pick<VaultRecord, 'id' | 'type' | 'name' | 'element'>

/** Port: what a gateway needs of a vault. */
export type GatewayVault = {
  /** Durable when it resolves; the same record again changes nothing. */
  put(record: VaultRecord): Promise<void>
  get(id: string): VaultRecord | null
  find(of: {
    readonly case: string
    readonly name?: string
    readonly kind?: VaultRecord['kind']
  }): readonly VaultRecord[]
  /** The headers of what `find` gives, in the same order. */
  headers(of: {
    readonly case: string
    readonly kind?: VaultRecord['kind']
  }): readonly VaultHeader[]
}

/**
 * Stores a record unless one of its id is there: what a signature or a moment is part of is made
 * anew by whoever tries again, and the first one counts.
 */
export async function putOnce(vault: GatewayVault, record: VaultRecord): Promise<void> {
  if (vault.get(record.id) === null) await vault.put(record)
}

/** An answer as its owner keeps it. */
export type KeptAnswer = {
  readonly permit: number
  readonly case: string
  readonly reader: string
  readonly names: readonly string[]
  readonly tags: { readonly [slot: string]: string }
  /** The statement's JWS. */
  readonly answer: string
  /** The JWE. */
  readonly body: string
  readonly answerBy: number
}

/** An answer as its reader keeps it, with the acknowledgement that it gave. */
export type KeptAcknowledgement = {
  readonly permit: number
  readonly owner: string
  readonly answer: string
  readonly acknowledgement: string
}

/** An acknowledgement as the owner keeps it. */
export type ReceivedAcknowledgement = { readonly permit: number; readonly acknowledgement: string }

const answerType = 'gateway.answer'
const acknowledgementType = 'gateway.ack'
const receivedType = 'gateway.received'
const keyType = 'gateway.use-key'

/** An id of 16 bytes that says the same for the same words. */
export function idFrom(...words: readonly (string | number)[]): string {
  return base64urlEncode(sha256(utf8Encode(encodeCanonical(words))).subarray(0, 16))
}

/** The months in which something may still be open at a time. */
export function openMonths(nowMs: number): readonly string[] {
  return [...new Set([monthOf(nowMs - 20 * dayMs), monthOf(nowMs), monthOf(nowMs + dayMs)])]
}

const dayMs = 86_400_000

/**
 * Headers of the answers, or of the acknowledgements, of the months in which some may be open. Most
 * are not, and the ledger says so: `element` is the permit, so that no record is opened for that.
 * Records of earlier releases have it in their `more` alone.
 */
export function openHeaders(
  vault: GatewayVault,
  whose: Whose,
  kind: 'answers' | 'acks',
  nowMs: number,
): readonly VaultHeader[] {
  const type = kind === 'answers' ? answerType : acknowledgementType
  return openMonths(nowMs).flatMap((month) => {
    const shelf = shelfOf(whose, kind, month)
    return vault.headers({ case: shelf, kind: 'note' }).filter((header) => header.type === type)
  })
}

type Whose = { readonly ledger: string; readonly member: string }

/** The shelf of a month: the vault's `case` under which its records stand. */
export function shelfOf({ ledger, member }: Whose, kind: string, month: string): string {
  return idFrom('lianban/shelf/v1', ledger, member, kind, month)
}

/** The id of the one answer of an owner to a permit. */
export function answerId({ ledger, member }: Whose, permit: number): string {
  return idFrom('lianban/answer/v1', ledger, member, permit)
}

/** The record of an answer. `nowMs` is ledger time. */
export function answerRecord(whose: Whose, kept: KeptAnswer, nowMs: number): VaultRecord {
  return {
    id: answerId(whose, kept.permit),
    kind: 'note',
    type: answerType,
    case: shelfOf(whose, 'answers', monthOf(kept.answerBy)),
    name: kept.case,
    element: kept.permit,
    gen: 1,
    leaves: [],
    more: kept as unknown as Json,
    at: nowMs,
  }
}

/** The answer in a record of the vault. */
export function keptAnswer(record: VaultRecord): KeptAnswer | null {
  return record.type === answerType ? (record.more as unknown as KeptAnswer) : null
}

/** The id of the acknowledgement of an answer, at the owner. */
export function receivedId({ ledger, member }: Whose, permit: number): string {
  return idFrom('lianban/received-ack/v1', ledger, member, permit)
}

/** The record of an acknowledgement that the owner was given. */
export function receivedRecord(
  whose: Whose,
  kept: ReceivedAcknowledgement,
  nowMs: number,
): VaultRecord {
  return {
    id: receivedId(whose, kept.permit),
    kind: 'note',
    type: receivedType,
    case: shelfOf(whose, 'received', monthOf(nowMs)),
    name: idFrom(kept.permit),
    gen: 1,
    leaves: [],
    more: kept,
    at: nowMs,
  }
}

/** The acknowledgement in a record of the vault. */
export function receivedAcknowledgement(record: VaultRecord): ReceivedAcknowledgement | null {
  return record.type === receivedType ? (record.more as ReceivedAcknowledgement) : null
}

/** The id of what a reader received of an owner under a permit. */
export function acknowledgementId(
  { ledger, member }: Whose,
  permit: number,
  owner: string,
): string {
  return idFrom('lianban/ack/v1', ledger, member, permit, owner)
}

/** The record of what a reader received and acknowledges. */
export function acknowledgementRecord(
  whose: Whose,
  kept: KeptAcknowledgement,
  of: { readonly case: string; readonly answerBy: number; readonly at: number },
): VaultRecord {
  return {
    id: acknowledgementId(whose, kept.permit, kept.owner),
    kind: 'note',
    type: acknowledgementType,
    case: shelfOf(whose, 'acks', monthOf(of.answerBy)),
    name: of.case,
    element: kept.permit,
    gen: 1,
    leaves: [],
    more: kept,
    at: of.at,
  }
}

/** What a reader received, in a record of the vault. */
export function keptAcknowledgement(record: VaultRecord): KeptAcknowledgement | null {
  return record.type === acknowledgementType ? (record.more as KeptAcknowledgement) : null
}

/**
 * The member's key for the use tags of a month, 32 bytes: random, made at the first use and
 * destroyed with its record, which unlinks the month for ever (protocol §19). Readers and owners
 * count apart, so each role has a key of its own.
 */
export async function monthKey(
  vault: GatewayVault,
  whose: Whose,
  of: {
    readonly role: 'reader' | 'owner'
    readonly month: string
    readonly fresh: () => Uint8Array
    readonly at: number
  },
): Promise<Uint8Array> {
  const shelf = shelfOf(whose, `use-key/${of.role}`, of.month)
  const known = vault.get(shelf)
  if (known !== null) return keyIn(known)
  const place = { id: shelf, kind: 'note', type: keyType, case: shelf, name: 'use-key' } as const
  const key = base64urlEncode(of.fresh())
  try {
    await vault.put({ ...place, gen: 1, leaves: [], more: { key }, at: of.at })
  } catch (failure) {
    // Somebody who came at the same moment was first.
    if (vault.get(shelf) === null) throw failure
  }
  const made = vault.get(shelf)
  assert(made !== null, 'what was stored is found')
  return keyIn(made)
}

function keyIn(record: VaultRecord): Uint8Array {
  const key = base64urlDecode((record.more as { readonly key: string }).key)
  assert(key?.length === 32, 'the key of a month has 32 bytes')
  return key
}

/**
 * The root that a receipt puts on the ledger, of the hashes (base64url) of the answer's statement
 * and, unless it is one-sided, of the acknowledgement.
 */
export function receiptRoot(answer: string, acknowledgement: string | null): string {
  return sha256Text(`lianban/receipt/v1\n${answer}\n${acknowledgement ?? ''}`, 'base64url')
}
