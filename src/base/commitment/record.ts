// Commitments to records: 32 bytes that bind every field of a record and say nothing about any of
// them, and openings that show one field and nothing of its siblings. The bytes are those of
// docs/protocol/commitments.md. Promises: one record and salt have one commitment; an opening
// verifies for the field and value that were committed to and for no other; verification says yes
// or no to any input, in bounded work.
import { assert } from '#base/assert'
import {
  base64urlDecode,
  base64urlEncode,
  base64urlIsCanonical,
  concat,
  equal,
  u16be,
} from '#base/bytes'
import { utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeCanonical, encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { hmacSha256, sha256 } from '#base/crypto'
import { rootOf, rootVia, siblingsOf } from './leaves-tree.ts'

/** Most leaves of a record: its state, and a field each. */
export const LEAVES_MAX = 256
/** Bytes of a path in UTF-8. */
export const PATH_BYTES_MAX = 255
/** UTF-16 code units of a value's canonical text. */
export const VALUE_LENGTH_MAX = 1_048_576

/** A field: its path and the canonical JSON text of its value in UTF-8, or null if absent. */
export type Leaf = { readonly path: string; readonly value: Bytes | null }

/** Where a field stands: the reader of a type knows both. */
export type Place = { readonly index: number; readonly size: number }

/** What shows one field to one reader. Salt and siblings are 32 bytes in base64url. */
export type Opening = Place & {
  readonly path: string
  /** The value's canonical JSON text; null says that the field is absent. */
  readonly value: string | null
  readonly salt: string
  /** The leaf's sibling first. */
  readonly siblings: readonly string[]
}

const STATE_PATH = '$'
const FIELD_WORD = utf8Encode('lianban/field/v1')
const LEAF_WORD = concat([Uint8Array.of(0), utf8Encode('lianban/leaf/v1')])
// No JSON text: a text that says `absent` has quotes.
const ABSENT = utf8Encode('absent')
const SALT_BYTES = 32
const HASH_BYTES = 32
const SIBLINGS_MAX = 8
const SALT_LENGTH = 43
const OPENING_MEMBERS = 6

/** The leaf of a value; null is an absent field, JSON's null is nobody's value. */
export function leafOf(path: string, value: Json): Leaf {
  return { path, value: value === null ? null : utf8Encode(encodeCanonical(value)) }
}

/**
 * The salt of one field: HMAC-SHA-256 under the record's salt (32 bytes that never leave the
 * vault). Whoever is shown one field learns this, which says nothing of its siblings' salts.
 */
export function fieldSalt(recordSalt: Bytes, path: string): Bytes {
  assert(recordSalt.length === SALT_BYTES, 'the salt of a record has 32 bytes')
  return hmacSha256(recordSalt, concat([FIELD_WORD, utf8Encode(path)]))
}

/**
 * The commitment to a record, 32 bytes: the root over its leaves in the order given (RFC 6962
 * §2.1). The first leaf has the path `$` and says the state; paths are distinct.
 */
export function commitRecord(recordSalt: Bytes, leaves: readonly Leaf[]): Bytes {
  return rootOf(recordHashes(recordSalt, leaves))
}

/** The opening of one field. Asking for a path that the record does not have is a defect. */
export function openField(recordSalt: Bytes, leaves: readonly Leaf[], path: string): Opening {
  const [opening] = openFields(recordSalt, leaves, [path])
  assert(opening !== undefined, 'a path that was asked for is opened')
  return opening
}

/** The openings of several fields, as of one, in the order of the paths. */
export function openFields(
  recordSalt: Bytes,
  leaves: readonly Leaf[],
  paths: readonly string[],
): readonly Opening[] {
  const hashes = recordHashes(recordSalt, leaves)
  return paths.map((path) => {
    const index = leaves.findIndex((leaf) => leaf.path === path)
    const leaf = leaves[index]
    assert(leaf !== undefined, 'the field that is opened is one of the record')
    return {
      path,
      value: textOf(leaf.value),
      salt: base64urlEncode(fieldSalt(recordSalt, path)),
      index,
      size: leaves.length,
      siblings: siblingsOf(hashes, index).map(base64urlEncode),
    }
  })
}

/**
 * Whether a value of unknown origin is an opening: exactly its members, each in its one form and
 * within its bound. Untrusted value.
 */
export function isOpening(untrusted: unknown): untrusted is Opening {
  if (typeof untrusted !== 'object' || untrusted === null) return false
  const { path, value, salt, index, size, siblings } = untrusted as Record<keyof Opening, unknown>
  if (Object.keys(untrusted).length !== OPENING_MEMBERS) return false
  if (typeof path !== 'string' || !isPath(path)) return false
  if (value !== null && (typeof value !== 'string' || !isCanonical(value))) return false
  if (!isCount(index) || !isCount(size) || index >= size || size > LEAVES_MAX) return false
  if (!isHashText(salt) || !Array.isArray(siblings) || siblings.length > SIBLINGS_MAX) return false
  return siblings.every(isHashText)
}

/**
 * Whether the opening shows what the commitment binds. `place` is where the field's type has it:
 * with it, a commitment has one value for a field; without it, a giver who committed to two leaves
 * of one path may show either, and an index may pass for another of the same shape. Untrusted
 * opening.
 */
export function verifyOpening(commitment: Bytes, untrusted: Opening, place?: Place): boolean {
  if (commitment.length !== HASH_BYTES || !isOpening(untrusted)) return false
  const { path, value, index, size } = untrusted
  if (place !== undefined && (index !== place.index || size !== place.size)) return false
  // The first leaf and no other is the state's.
  if ((path === STATE_PATH) !== (index === 0)) return false
  const salt = base64urlDecode(untrusted.salt) as Bytes
  const siblings = untrusted.siblings.map((text) => base64urlDecode(text) as Bytes)
  const leaf = leafHash(path, salt, value === null ? null : utf8Encode(value))
  const root = rootVia(leaf, { index, size }, siblings)
  return root !== null && equal(root, commitment)
}

/**
 * The commitment to bytes that are no record (a note, an approval, an outcome): a single leaf with
 * an empty path, which no record has. Whoever is shown the bytes is shown the salt (32 bytes).
 */
export function commitValue(salt: Bytes, value: Bytes): Bytes {
  return leafHash('', fieldSalt(salt, ''), value)
}

/** Whether these are the bytes and the salt of `commitValue`. Untrusted salt and value. */
export function verifyValue(commitment: Bytes, salt: Bytes, value: Bytes): boolean {
  return salt.length === SALT_BYTES && equal(commitValue(salt, value), commitment)
}

function recordHashes(recordSalt: Bytes, leaves: readonly Leaf[]): readonly Bytes[] {
  assert(leaves.length >= 1 && leaves.length <= LEAVES_MAX, 'a record has 1 to 256 leaves')
  assert(leaves[0]?.path === STATE_PATH, 'the first leaf of a record is its state')
  assert(new Set(leaves.map(({ path }) => path)).size === leaves.length, 'paths are distinct')
  return leaves.map(({ path, value }) => {
    assert(isPath(path), 'a path has 1 to 255 bytes')
    return leafHash(path, fieldSalt(recordSalt, path), value)
  })
}

function leafHash(path: string, salt: Bytes, value: Bytes | null): Bytes {
  const name = utf8Encode(path)
  return sha256(concat([LEAF_WORD, u16be(name.length), name, salt, value ?? ABSENT]))
}

function textOf(value: Bytes | null): string | null {
  if (value === null) return null
  const text = utf8Decode(value)
  assert(text !== null && isCanonical(text), 'the value of a leaf is canonical JSON, not null')
  return text
}

function isPath(text: string): boolean {
  if (text.length === 0 || text.length > PATH_BYTES_MAX || !text.isWellFormed()) return false
  return utf8Encode(text).length <= PATH_BYTES_MAX
}

function isCanonical(text: string): boolean {
  return decodeCanonical(text, { lengthMax: VALUE_LENGTH_MAX }) !== null
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isHashText(value: unknown): value is string {
  if (typeof value !== 'string' || value.length !== SALT_LENGTH) return false
  return base64urlIsCanonical(value)
}
