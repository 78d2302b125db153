// The body of an answer: the openings of what a permit names, as one canonical text that only the
// reader's key opens. It promises that what comes out was bound by the ledger: every commitment is
// one that stands there, in the ledger's order, and every field shown is one that was asked for.
import { base64urlDecode, utf8Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { isOpening, verifyOpening } from '#base/commitment'
import type { Opening } from '#base/commitment'
import type { HeldPart, ShownField } from './facts.ts'

/** One record as it is disclosed. */
export type ShownRecord = {
  readonly commitment: string
  readonly from: string
  readonly element?: number
  readonly openings: readonly Opening[]
}

/** Records by name. */
export type ShownRecords = { readonly [name: string]: readonly ShownRecord[] }

/** Longest body before encryption, bytes. */
export const bodyMax = 1_048_576

/** What the ledger says must be in a body, by name. */
export type Expected = {
  readonly [name: string]: {
    readonly parts: readonly HeldPart[]
    /** The fields shown, or null for all. */
    readonly fields: readonly ShownField[] | null
  }
}

/**
 * The records of a decrypted body, when they are exactly what the ledger says; null otherwise.
 * Untrusted: an owner may send anything.
 */
export function readBody(untrusted: Bytes, expected: Expected): ShownRecords | null {
  if (untrusted.length > bodyMax) return null
  const text = utf8Decode(untrusted)
  const value = text === null ? null : decodeCanonical(text, bodyLimits)
  if (!isObject(value) || !isObject(value['records']) || keysOf(value) !== 'records') return null
  const records = value['records']
  if (keysOf(records) !== Object.keys(expected).toSorted().join(' ')) return null
  for (const [name, { parts, fields }] of Object.entries(expected)) {
    const list = records[name]
    if (!Array.isArray(list) || list.length !== parts.length) return null
    for (const [at, part] of parts.entries()) {
      if (!isRecordOf(list[at] as Json, part, fields)) return null
    }
  }
  return records as unknown as ShownRecords
}

const bodyLimits = { lengthMax: bodyMax, membersMax: 65_536, depthMax: 8 }

function isRecordOf(value: Json, part: HeldPart, fields: readonly ShownField[] | null): boolean {
  if (!isObject(value)) return false
  const { commitment, from, element, openings } = value
  if (keysOf(value) !== keysOf(shape(part))) return false
  if (commitment !== part.commitment || from !== part.from || element !== part.element) return false
  if (!Array.isArray(openings)) return false
  const root = base64urlDecode(part.commitment)
  if (root === null) return false
  return fields === null ? holdsAll(root, openings) : holdsExactly(root, openings, fields)
}

/** Every leaf of the record, each in its place. */
function holdsAll(root: Bytes, openings: readonly unknown[]): boolean {
  return (
    openings.length > 0 &&
    openings.every(
      (opening, index) =>
        isOpening(opening) && verifyOpening(root, opening, { index, size: openings.length }),
    )
  )
}

/** The fields that were asked for, in their order, and no other. */
function holdsExactly(
  root: Bytes,
  openings: readonly unknown[],
  fields: readonly ShownField[],
): boolean {
  return (
    openings.length === fields.length &&
    fields.every(({ path, index, size }, at) => {
      const opening = openings[at]
      if (!isOpening(opening) || opening.path !== path) return false
      return index === undefined || size === undefined
        ? verifyOpening(root, opening)
        : verifyOpening(root, opening, { index, size })
    })
  )
}

/** The members that a record of this part has. */
function shape({ element }: HeldPart): { readonly [key: string]: Json } {
  const always = { commitment: '', from: '', openings: [] }
  return element === undefined ? always : { ...always, element }
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function keysOf(value: { readonly [key: string]: Json }): string {
  return Object.keys(value).toSorted().join(' ')
}
