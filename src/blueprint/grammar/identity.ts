// Identity: what exactly a case is pinned to. A publication is one canonical text that holds the
// blueprint, the hash of every type that it names, and the hash of its scenarios. The hash of that
// text is the name of the application's version, and the text travels as a document under it. Texts
// for people are outside; an approval binds them by what was shown.
import type { Json } from '#base/canonical'
import { decodeCanonical, encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import type { Blueprint } from './blueprint.ts'
import { listOf } from './blueprint.ts'
import { decodeBlueprint, isDecoded } from './decode.ts'
import type { Fault, GrammarCode } from './faults.ts'
import { grammarFault } from './faults.ts'
import type { Scenario } from './scenario.ts'
import type { Shape } from './shape.ts'
import { shapeFaults } from './shape.ts'
import type { EvidenceType } from './type.ts'

/** Types by their name and version, as a folder or a ledger holds them. */
export type TypeBook = ReadonlyMap<string, EvidenceType>

/** What is published: its text, the identity, and the types by hash. */
export type Publication = {
  readonly blueprint: Blueprint
  readonly types: { readonly [type: string]: string }
  readonly scenarios: string
}

/** Longest canonical text of a blueprint, in bytes of UTF-8: what a lawyer reads in an hour. */
export const blueprintBytesMax = 16_384

const publicationShape: Shape = {
  k: 'record',
  fields: {
    format: { k: 'enum', of: ['lianban/publication/1'] },
    blueprint: { k: 'any' },
    scenarios: { k: 'leaf', leaf: 'hash' },
    types: { k: 'map', key: 'typeName', of: { k: 'leaf', leaf: 'hash' }, max: 128 },
  },
}

/** The canonical text of a document of the language. */
export function textOf(document: Blueprint | EvidenceType | readonly Scenario[]): string {
  return encodeCanonical(document as unknown as Json)
}

/** Base64url SHA-256 of the canonical text: the name under which a document travels. */
export function hashOf(document: Blueprint | EvidenceType | readonly Scenario[]): string {
  return sha256Text(textOf(document), 'base64url')
}

/** The names of all types that the items of a blueprint have, each once, in order. */
export function typesNamed(blueprint: Blueprint): readonly string[] {
  const names = new Set(Object.values(blueprint.evidence).map(({ type }) => type))
  return [...names].sort((a, b) => (a < b ? -1 : 1))
}

/** A blueprint with what it is judged by, or the types that nobody has given. */
export function publish(
  blueprint: Blueprint,
  types: TypeBook,
  scenarios: readonly Scenario[],
): Publication | readonly Fault<GrammarCode>[] {
  const names = typesNamed(blueprint)
  const missing = names.filter((name) => !types.has(name))
  if (missing.length > 0) {
    return missing.map((name) =>
      grammarFault('grammar/missing-type', typePath(blueprint, name), name),
    )
  }
  const hashes = names.map((name) => [name, hashOf(types.get(name) as EvidenceType)] as const)
  return { blueprint, types: Object.fromEntries(hashes), scenarios: hashOf(scenarios) }
}

function typePath({ evidence }: Blueprint, type: string): string {
  const item = Object.keys(evidence).find((id) => evidence[id]?.type === type) ?? ''
  return `evidence.${item}.type`
}

/** The text of a publication; its SHA-256 is the identity. */
export function publicationText({ blueprint, types, scenarios }: Publication): string {
  const whole = { format: 'lianban/publication/1', blueprint, scenarios, types }
  return encodeCanonical(whole as unknown as Json)
}

/** The identity of an application's version: base64url SHA-256 of its publication's text. */
export function identityOf(publication: Publication): string {
  return sha256Text(publicationText(publication), 'base64url')
}

/** The publication of a text that came as a document, or every fault. Untrusted. */
export function decodePublication(text: string): Publication | readonly Fault<GrammarCode>[] {
  const value = decodeCanonical(text, { lengthMax: 65_536 })
  if (value === null) return [grammarFault('grammar/not-canonical', '')]
  const found = shapeFaults(publicationShape, value)
  if (found.length > 0) return found
  const { blueprint, types, scenarios } = value as unknown as Publication
  const decoded = decodeBlueprint(blueprint as unknown as Json)
  if (!isDecoded(decoded)) return decoded
  const names = typesNamed(decoded)
  const stray = listOf(Object.keys(types)).find((name) => !names.includes(name))
  if (stray !== undefined) return [grammarFault('grammar/unknown-member', `types.${stray}`, stray)]
  const missing = names.find((name) => types[name] === undefined)
  if (missing !== undefined)
    return [grammarFault('grammar/missing-type', `types.${missing}`, missing)]
  return { blueprint: decoded, types, scenarios }
}
