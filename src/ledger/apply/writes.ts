// Writes: the only change of the state, in their one canonical form, and the digest that chains
// them. State is rebuilt from these texts alone, so they must say everything.
import type { Bytes } from '#base/bytes'
import { compareText, concat } from '#base/bytes'
import { sha256, sha256Text } from '#base/crypto'
import { encodeCanonical } from '#base/canonical'
import { assert } from '#base/assert'
import type { Value } from '#ledger/command'
import { decodeStrict, isRefusal } from '#ledger/command'
import type { Write } from './domain.ts'

/** One write with the canonical text of its value; `text` is null when the record is removed. */
export type WriteText = {
  readonly key: string
  readonly value: Value
  readonly text: string | null
}

/** The canonical text of no writes, and its base64url SHA-256. */
export const noWrites = '[]'
export const noWritesHash: string = sha256Text(noWrites, 'base64url')

export const writeKeyMax = 200
/** Longest canonical text of one record; the stores hold no longer one. */
export const recordBytesMax: number = 512 * 1024
/** Longest canonical text of all writes of one command. */
export const writesBytesMax: number = 1024 * 1024

// Stored texts are our own: bounded by the frame, not by what a command may hold, and as deep as
// the deepest canonical value within the list of writes.
const storedLimits = { bytes: 64 * 1024 * 1024, depth: 34, members: 4_000_000 }

const keyForm = /^[a-z][a-z-]*\/[!#-[\]-~]+$/
/** What the strict reader of stored texts takes: printable ASCII without backslash. */
const textForm = /^[!-[\]-~]*$/

/**
 * Sorts and checks the writes of one entry. Keys are printable ASCII without quote and backslash,
 * unique, and begin with the name of the domain that owns them: anything else is a defect of ours.
 */
export function canonicalWrites(writes: readonly Write[]): {
  readonly text: string
  readonly parts: readonly WriteText[]
} {
  if (writes.length === 0) return { text: noWrites, parts: [] }
  const parts = writes.map(([key, value]) => {
    assert(key.length <= writeKeyMax && keyForm.test(key), 'a state key is well formed')
    const text = value === null ? null : encodeCanonical(value)
    assert(text === null || textForm.test(text), 'a record is printable ASCII')
    return { key, value, text }
  })
  if (parts.length > 1) parts.sort((a, b) => compareText(a.key, b.key))
  let text = ''
  let last = ''
  for (const part of parts) {
    assert(part.key !== last, 'a state key is written once an entry')
    last = part.key
    text += `${text === '' ? '' : ','}["${part.key}",${part.text ?? 'null'}]`
  }
  return { text: `[${text}]`, parts }
}

/** Whether the stores can hold these writes; what is longer is refused before it is a frame. */
export function fitsStores(whole: string, parts: readonly WriteText[]): boolean {
  if (whole.length <= recordBytesMax) return true
  if (whole.length > writesBytesMax) return false
  return parts.every(({ text }) => text === null || text.length <= recordBytesMax)
}

/** The value of a record's canonical text, as every reader after this block will see it. */
export function decodeRecord(text: string): Value {
  const value = decodeStrict(text, storedLimits)
  assert(!isRefusal(value), 'a record reads back')
  return frozen(value)
}

function frozen(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const each of Object.values(value)) frozen(each as Value)
  return Object.freeze(value) as Value
}

/** Reads back the canonical text of an entry's writes; null when it is not one. */
export function decodeWrites(text: string): readonly Write[] | null {
  if (text === noWrites) return []
  const value = decodeStrict(text, storedLimits)
  if (isRefusal(value) || !Array.isArray(value)) return null
  const writes: Write[] = []
  for (const pair of value as readonly Value[]) {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') return null
    writes.push([pair[0], pair[1] as Value])
  }
  return writes
}

/** stateDigest_h = SHA-256(stateDigest_{h-1} ‖ SHA-256(writes texts, each followed by LF)). */
export function nextDigest(previous: Bytes, writes: readonly string[]): Bytes {
  const hash = sha256(`${writes.join('\n')}\n`)
  return sha256(concat([previous, hash]))
}
