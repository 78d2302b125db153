// Records that this department commits to, in its vault before anything of them stands on the
// ledger. Promises: what is said twice is one record; content that did not change keeps its salt,
// so that its commitment stays the same and nothing that rests on it is done again; what the ledger
// names is found by its commitment.
import { randomBytes } from 'node:crypto'
import { assert } from '#base/assert'
import { base64urlDecode, base64urlEncode, utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { Json } from '#base/canonical'
import { decodeCanonical, encodeCanonical } from '#base/canonical'
import { commitRecord, commitValue, isOpening, openFields } from '#base/commitment'
import { verifyOpening } from '#base/commitment'
import type { Leaf } from '#base/commitment'
import { spanEnd } from './cases.ts'
import { idOf } from './ids.ts'
import type { Vault, VaultRecord } from './ports.ts'

const SALT_BYTES = 32

/** What is committed to, and for which attempt: an attempt has one record of each part. */
export type Committing = {
  readonly case: string
  readonly name: string
  readonly kind: 'own' | 'slot'
  /** Type of evidence, or `slot`. */
  readonly type: string
  /** The act that gives it, or `supply` or `slot`. */
  readonly from: string
  readonly element?: number
  /** Position in a list that is given whole. */
  readonly at?: number
  /** Names the attempt; a later one may commit to something else. */
  readonly attempt: string
  readonly leaves: readonly Leaf[]
  readonly more?: { readonly [name: string]: Json }
  readonly now: number
  /** How long the type keeps its records. */
  readonly retain?: { readonly min: string; readonly max?: string }
}

/** A record with its commitment, base64url. */
export type Committed = { readonly record: VaultRecord; readonly commitment: string }

/** Writes a record of this member, or finds the one that this attempt has written before. */
export async function commit(vault: Vault, wanted: Committing): Promise<Committed> {
  const { name, from, element, at, attempt, leaves } = wanted
  const id = idOf('record', wanted.case, name, from, element, at, attempt)
  const written = vault.get(id)
  if (written !== null) return { record: written, commitment: commitmentOf(written) }
  const stored = storedLeaves(leaves)
  const until = spanEnd(wanted.retain?.max, wanted.now)
  const atLeast = spanEnd(wanted.retain?.min, wanted.now)
  const salt = sameBefore(vault, wanted, stored) ?? base64urlEncode(randomBytes(SALT_BYTES))
  const commitment = base64urlEncode(commitRecord(bytesOf(salt), leaves))
  const record: VaultRecord = {
    id,
    kind: wanted.kind,
    type: wanted.type,
    case: wanted.case,
    name,
    ...(element === undefined ? {} : { element }),
    gen: 0,
    salt,
    leaves: stored,
    more: { ...wanted.more, from, c: commitment, ...(at === undefined ? {} : { at }) },
    at: wanted.now,
    ...(until === undefined ? {} : { keepUntil: until }),
    ...(atLeast === undefined ? {} : { keepAtLeast: atLeast }),
  }
  await vault.put(record)
  return { record, commitment }
}

/** The salt of an earlier record of the same giver with the same content. */
function sameBefore(
  vault: Vault,
  { name, kind, from, element, at, case: id }: Committing,
  leaves: VaultRecord['leaves'],
): string | undefined {
  const text = encodeCanonical(leaves as Json)
  const earlier = vault.find({ case: id, name, kind })
  const same = earlier.find(
    (record) =>
      moreOf(record, 'from') === from &&
      record.element === element &&
      moreOf(record, 'at') === at &&
      encodeCanonical(record.leaves as Json) === text,
  )
  return same?.salt
}

/** A note: bytes under a salt, with the commitment to them. It is one for each attempt. */
export async function commitNote(
  vault: Vault,
  note: {
    readonly case: string
    readonly name: string
    readonly type: string
    readonly attempt: string
    readonly value: Json
    readonly now: number
  },
): Promise<string> {
  const id = idOf('note', note.case, note.name, note.type, note.attempt)
  const written = vault.get(id)
  if (written !== null) return moreOf(written, 'c') as string
  const salt = base64urlEncode(randomBytes(SALT_BYTES))
  const c = base64urlEncode(commitValue(bytesOf(salt), utf8Encode(encodeCanonical(note.value))))
  await vault.put({
    id,
    kind: 'note',
    type: note.type,
    case: note.case,
    name: note.name,
    gen: 0,
    salt,
    leaves: [],
    more: { c, value: note.value },
    at: note.now,
  })
  return c
}

/** Writes a record unless one of its id is there. */
export async function putOnce(vault: Vault, record: VaultRecord): Promise<void> {
  if (vault.get(record.id) === null) await vault.put(record)
}

/** The commitment of a record of this member, computed from what is stored. */
export function commitmentOf(record: VaultRecord): string {
  const known = moreOf(record, 'c')
  if (typeof known === 'string') return known
  assert(record.salt !== undefined, 'a record of the member’s own has its salt')
  return base64urlEncode(commitRecord(bytesOf(record.salt), record.leaves.map(leafOf)))
}

/** A member of what a record has besides its leaves. */
export function moreOf({ more }: VaultRecord, name: string): Json | undefined {
  if (typeof more !== 'object' || more === null || Array.isArray(more)) return undefined
  const members = more as { readonly [name: string]: Json }
  return Object.hasOwn(members, name) ? members[name] : undefined
}

/** The leaves of a person's slot, in their order. */
const slotPaths = ['$', 'code', 'name', 'tag'] as const

/** Openings of a person's slot by the member that hosts her, for whoever must be sure of her. */
export function slotOpenings(record: VaultRecord): Json {
  assert(record.salt !== undefined, 'the host has the salt of a slot')
  const leaves = record.leaves.map(leafOf)
  return openFields(bytesOf(record.salt), leaves, slotPaths) as unknown as Json
}

/** Code, name and tag that a slot's commitment binds; null for anything else. Untrusted. */
export function openedSlot(
  commitment: string,
  untrusted: Json | undefined,
): { readonly code: string; readonly name: string; readonly tag: string } | null {
  const root = base64urlDecode(commitment)
  if (root === null || !Array.isArray(untrusted) || untrusted.length !== slotPaths.length) {
    return null
  }
  const values = slotPaths.map((path, index) => {
    const opening: unknown = untrusted[index]
    const isOne = isOpening(opening) && opening.path === path
    const place = { index, size: slotPaths.length }
    const text = isOne && verifyOpening(root, opening, place) ? opening.value : null
    return text === null ? null : decodeCanonical(text)
  })
  const [state, code, name, tag] = values
  if (state !== 'slot' || typeof code !== 'string' || typeof name !== 'string') return null
  return typeof tag === 'string' ? { code, name, tag } : null
}

/** The leaf of a stored one. */
export function leafOf({ path, value }: VaultRecord['leaves'][number]): Leaf {
  return { path, value: value === null ? null : utf8Encode(encodeCanonical(value)) }
}

/** Leaves as they lie in the vault. */
export function storedLeaves(leaves: readonly Leaf[]): VaultRecord['leaves'] {
  return leaves.map(jsonLeaf)
}

function jsonLeaf({ path, value }: Leaf): VaultRecord['leaves'][number] {
  if (value === null) return { path, value: null }
  const text = utf8Decode(value)
  const json = text === null ? null : decodeCanonical(text)
  assert(text !== null && json !== null, 'a leaf holds canonical JSON')
  return { path, value: json }
}

/** Bytes of canonical base64url. */
export function bytesOf(text: string): Bytes {
  const bytes = base64urlDecode(text)
  assert(bytes !== null, 'stored bytes are canonical base64url')
  return bytes
}
