// Text packs: what people read, in one language, outside the identity. A pack names every party,
// item, act, post and reason of its blueprint and nothing else, so that no screen or letter has a
// gap and no line is left over from an older version.
import type { Json } from '#base/canonical'
import type { Blueprint } from './blueprint.ts'
import { listOf } from './blueprint.ts'
import type { Fault, GrammarCode } from './faults.ts'
import { grammarFault } from './faults.ts'
import type { Shape } from './shape.ts'
import { shapeFaults } from './shape.ts'
import type { EvidenceType } from './type.ts'

type Lines = { readonly [id: string]: string }

/** The texts of a blueprint in a language. */
export type TextPack = {
  readonly format: 'lianban/text/1'
  readonly language: 'en' | 'zh'
  readonly title: string
  /** What the application is for and where its design comes from. */
  readonly about: string
  readonly parties: Lines
  readonly objects?: Lines
  readonly evidence: Lines
  readonly acts: Lines
  /** Reasons of a no by their codes. */
  readonly no: Lines
  readonly posts: Lines
  /** Articles in the words of this language; else they are cited as they stand. */
  readonly law?: Lines
}

/** The texts of the vocabulary in a language: types, their fields, and words of enumerations. */
export type TypeTexts = {
  readonly format: 'lianban/type-text/1'
  readonly language: 'en' | 'zh'
  readonly types: { readonly [type: string]: { readonly title: string; readonly fields: Lines } }
}

const line: Shape = { k: 'leaf', leaf: 'line' }
const language: Shape = { k: 'enum', of: ['en', 'zh'] }
const lines = (key: 'id' | 'code' | 'field' | 'post'): Shape => ({
  k: 'map',
  key,
  of: line,
  max: 256,
})

/** The shape of a text pack. */
export const textPackShape: Shape = {
  k: 'record',
  fields: {
    format: { k: 'enum', of: ['lianban/text/1'] },
    language,
    title: line,
    about: line,
    parties: lines('id'),
    evidence: lines('id'),
    acts: lines('id'),
    no: lines('code'),
    posts: lines('post'),
  },
  optional: { law: lines('id'), objects: lines('id') },
}

/** The shape of the texts of the vocabulary. */
export const typeTextsShape: Shape = {
  k: 'record',
  fields: {
    format: { k: 'enum', of: ['lianban/type-text/1'] },
    language,
    types: {
      k: 'map',
      key: 'typeName',
      of: { k: 'record', fields: { title: line, fields: lines('field') } },
      max: 1_000,
    },
  },
}

/** The pack of a value that was read, or every fault: also each gap and each line left over. */
export function decodeTextPack(
  value: Json,
  blueprint: Blueprint,
): TextPack | readonly Fault<GrammarCode>[] {
  const found = shapeFaults(textPackShape, value)
  if (found.length > 0) return found
  const pack = value as unknown as TextPack
  const { parties, evidence, acts, objects = {}, law } = blueprint
  const codes = Object.values(acts).flatMap(({ no }) => Object.keys(no?.codes ?? {}))
  const posts = Object.values(acts).flatMap(({ post }) => listOf(post))
  const rest = [
    ...gaps('parties', pack.parties, Object.keys(parties)),
    ...gaps('objects', pack.objects ?? {}, Object.keys(objects)),
    ...gaps('evidence', pack.evidence, Object.keys(evidence)),
    ...gaps('acts', pack.acts, Object.keys(acts)),
    ...gaps('no', pack.no, codes),
    ...gaps('posts', pack.posts, posts),
    ...(pack.law === undefined ? [] : gaps('law', pack.law, Object.keys(law))),
  ]
  return rest.length > 0 ? rest : pack
}

/** The texts of a value that was read, or every fault against the vocabulary. */
export function decodeTypeTexts(
  value: Json,
  types: readonly EvidenceType[],
): TypeTexts | readonly Fault<GrammarCode>[] {
  const found = shapeFaults(typeTextsShape, value)
  if (found.length > 0) return found
  const texts = value as unknown as TypeTexts
  const rest = types.flatMap((type) => {
    const fields = texts.types[type.type]?.fields ?? {}
    return gaps(
      `types.${type.type}.fields`,
      fields,
      type.fields.map(({ id }) => id),
    )
  })
  const known = types.map(({ type }) => type)
  rest.push(...gaps('types', texts.types, known))
  return rest.length > 0 ? rest : texts
}

function gaps(
  path: string,
  said: { readonly [id: string]: unknown },
  wanted: readonly string[],
): Fault<GrammarCode>[] {
  const missing = [...new Set(wanted)].filter((id) => said[id] === undefined)
  const extra = Object.keys(said).filter((id) => !wanted.includes(id))
  return [
    ...missing.map((id) => grammarFault('grammar/missing-member', `${path}.${id}`, id)),
    ...extra.map((id) => grammarFault('grammar/unknown-member', `${path}.${id}`, id)),
  ]
}
