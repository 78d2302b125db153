// A catalogue item as a document: the duty in whose performance the data arise, the item that is
// shared, and the resource in which it lies. It is read strictly, and what lacks a word that every
// item must have is refused with that word. Texts for people stand here and nowhere in the state.
import type { Bytes } from '#base/bytes'
import { utf8Decode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { decodeCanonical } from '#base/canonical'
import type { Refusal } from '#ledger/command'
import { parseSpan } from '#blueprint/time'
import type { Code } from './plan.ts'
import { no } from './plan.ts'

/** How widely an item is shared: with every duty that needs it, on a condition, or not. */
export const sharingClasses = ['unconditional', 'conditional', 'none'] as const
export type SharingClass = (typeof sharingClasses)[number]

export const resourceKinds = ['table', 'file', 'service'] as const

/** A duty: its text, whose it is, and the act of government that says so. */
export type Duty = {
  readonly text: string
  readonly organisation: string
  readonly approval: string
}

export type CatalogueItem = {
  readonly id: string
  readonly title: string
  readonly class: SharingClass
  /** Only of a conditional one. */
  readonly condition?: string
  readonly law: string
  /** Within which time a change of the world stands in the resource: `1d`, `1m`, `1y`. */
  readonly update: string
  /** Kid of the officer who answers for it. */
  readonly steward: string
  /** Evidence types that are supplied from it. */
  readonly types?: readonly string[]
}

export type Resource = {
  /** A random id: the resource's name in attestations. */
  readonly id: string
  readonly title: string
  readonly kind: (typeof resourceKinds)[number]
  readonly system: string
  /** Base64url SHA-256 of the observed schema. */
  readonly schema: string
  readonly fields: readonly { readonly name: string; readonly is: string }[]
  /** Base64url SHA-256 of the confirmed file that says how it is read into the register. */
  readonly mapping?: string
}

/** Duty, item and resource of one entry of the catalogue. */
export type CatalogueDocument = {
  readonly format: 'lianban/catalogue/1'
  readonly duty: Duty
  readonly item: CatalogueItem
  readonly resource: Resource
}

/** Longest document, in bytes of UTF-8. */
export const catalogueBytesMax = 32_768
const fieldsMax = 256
const textMax = 1_000

type Members = { readonly [key: string]: Json }
type Check = (value: Json) => boolean

/** Each member: its check, whether it may be absent, and the code of its word. */
type Part = readonly [name: string, check: Check, code: Code | null, optional?: 'optional']

const isText: Check = (value) =>
  typeof value === 'string' && value.length <= textMax && /^\S(?:[^\u0000-\u001f]*\S)?$/.test(value)
const matches =
  (form: RegExp): Check =>
  (value) =>
    typeof value === 'string' && form.test(value)
const oneOf =
  (words: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value)
const listOf =
  (check: Check, max: number): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= max && value.every(check)
const isPromise: Check = (value) => {
  const span = typeof value === 'string' ? parseSpan(value) : null
  return span !== null && span.unit !== 'wd'
}
const isHash = matches(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)
const isKid = matches(/^(?:[A-Za-z0-9_-]{21}[AQgw]|[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])$/)
const isField: Check = (value) =>
  isMembers(value) &&
  Object.keys(value).length === 2 &&
  isText(value['name'] ?? null) &&
  isText(value['is'] ?? null)

const duty: readonly Part[] = [
  ['text', isText, 'sharing/no-duty'],
  ['organisation', isText, 'sharing/no-duty'],
  ['approval', isText, 'sharing/no-duty'],
]

const item: readonly Part[] = [
  ['id', matches(/^[a-z][A-Za-z0-9.-]{0,63}$/), null],
  ['title', isText, null],
  ['class', oneOf(sharingClasses), 'sharing/no-class'],
  ['condition', isText, null, 'optional'],
  ['law', isText, 'sharing/no-law'],
  ['update', isPromise, 'sharing/no-update'],
  ['steward', isKid, 'sharing/no-steward'],
  ['types', listOf(matches(/^[a-z][a-z0-9-]{0,42}@[1-9]\d{0,3}$/), 64), null, 'optional'],
]

const resource: readonly Part[] = [
  ['id', matches(/^[A-Za-z0-9_-]{21}[AQgw]$/), 'sharing/no-resource'],
  ['title', isText, 'sharing/no-resource'],
  ['kind', oneOf(resourceKinds), 'sharing/no-resource'],
  ['system', isText, 'sharing/no-resource'],
  ['schema', isHash, 'sharing/no-resource'],
  ['fields', listOf(isField, fieldsMax), 'sharing/no-resource'],
  ['mapping', isHash, null, 'optional'],
]

/**
 * The document in these bytes, or the refusal that names the missing word. Untrusted. Canonical
 * JSON (RFC 8785), exactly the members of the form.
 */
export function decodeCatalogue(untrusted: Bytes): CatalogueDocument | Refusal {
  const bad = no('sharing/bad-document', 'document')
  if (untrusted.length > catalogueBytesMax) return bad
  const text = utf8Decode(untrusted)
  const limits = { lengthMax: catalogueBytesMax, depthMax: 5, membersMax: 1_024 }
  const value = text === null ? null : decodeCanonical(text, limits)
  if (!isMembers(value) || value['format'] !== 'lianban/catalogue/1') return bad
  const parts = { duty, item, resource }
  for (const [name, of] of Object.entries(parts)) {
    const refusal = partRefusal(value[name], name, of)
    if (refusal !== null) return refusal
  }
  if (Object.keys(value).length !== 4) return bad
  const document = value as unknown as CatalogueDocument
  const conditional = document.item.class === 'conditional'
  if (conditional !== (document.item.condition !== undefined)) {
    return no('sharing/no-class', 'document.item.condition')
  }
  return document
}

function partRefusal(value: Json | undefined, at: string, of: readonly Part[]): Refusal | null {
  const members = isMembers(value) ? value : {}
  let known = 0
  for (const [name, check, code, optional] of of) {
    const member = members[name]
    if (member === undefined && optional !== undefined) continue
    known += 1
    if (member === undefined || !check(member)) {
      return no(code ?? 'sharing/bad-document', `document.${at}.${name}`)
    }
  }
  return Object.keys(members).length === known ? null : no('sharing/bad-document', `document.${at}`)
}

function isMembers(value: Json | undefined): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
