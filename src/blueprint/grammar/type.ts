// Evidence types: the vocabulary that all applications share. A type says whom or what it is about,
// which fields it has and how widely each may be known, how long it is kept, how soon its owner
// answers a dispute, and what forbids its subject to move on. The order of the fields is the order
// of their leaves in a commitment, so it is part of the type.
import type { Json } from '#base/canonical'
import type { CodeKind } from '#base/codes'
import { isCode } from '#base/codes'
import { dayOfText } from '#blueprint/time'
import type { Fault, GrammarCode } from './faults.ts'
import { grammarFault } from './faults.ts'
import { join } from './json-text.ts'
import type { Fields, Shape } from './shape.ts'
import { shapeFaults } from './shape.ts'

/** What an item of a type says something about. */
export type About = 'person' | 'household' | 'organisation' | 'object' | 'measure'

/** Who may know a field: everybody, whoever an act lets read it, or nobody but its owner. */
export type FieldClass = 'public' | 'shared' | 'sealed'

/** Plain kinds of a field. `fen` is money, `file` the SHA-256 of one, `member` a member's code. */
export type PlainKind =
  | 'bool'
  | 'day'
  | 'enum'
  | 'fen'
  | 'file'
  | 'int'
  | 'member'
  | 'text'
  | CodeKind

/** Kinds that name a subject by code and name, so that parties can be bound from them. */
export type SubjectKind = 'person' | 'firm' | 'holder'

export type FieldKind = PlainKind | SubjectKind | 'record'

/** A field of a type. Absent members have the meaning that is written beside them. */
export type Field = {
  readonly id: string
  readonly is: FieldKind
  /** The words of an `enum`. */
  readonly of?: readonly string[]
  /** The fields of a `record`. */
  readonly fields?: readonly Field[]
  /** The field may be absent from an item that was found. */
  readonly optional?: true
  /** A list of at most so many; else one value. */
  readonly many?: number
  /** Bounds of an `int` or `fen` (0 and 2^53 - 1), or the longest `text` (200 characters). */
  readonly min?: number
  readonly max?: number
  /** What an `int` counts: dm2, month, piece. */
  readonly unit?: string
  /** Else shared. */
  readonly class?: 'public' | 'sealed'
  /** Why everybody may know it. */
  readonly why?: string
  /** The field is an answer that the owner computes from its other fields, sealed ones too. */
  readonly answer?: string
}

/** What forbids a supersede of an item, said once for all applications. */
export type Guard = { readonly holds: string; readonly law: string }

export type EvidenceType = {
  readonly format: 'lianban/type/1'
  readonly type: string
  readonly about: About
  readonly fields: readonly Field[]
  /** How long a record is kept at the least and, if there is an end, at the most. */
  readonly retain: { readonly min: string; readonly max?: string; readonly law: string }
  /** Within which time the owner answers a dispute of a field. */
  readonly dispute?: string
  /** Items outlive their case and have a status. */
  readonly certificate?: true
  /** An item needs a signature on paper, because the law excludes electronic ones. */
  readonly form?: 'paper'
  readonly guards?: { readonly [id: string]: Guard }
}

/** Fields of a type, at most. */
export const fieldsMax = 64
/** Largest integer of a field. */
export const intMax: number = Number.MAX_SAFE_INTEGER
/** Characters of a text whose field states no other bound. */
export const textMaxDefault = 200

const codeKinds = [
  'certificate-id',
  'citizen-id',
  'real-estate-unit',
  'service-item',
  'uscc',
] as const
const plainKinds = ['bool', 'day', 'enum', 'fen', 'file', 'int', 'member', 'text'] as const
const subjectKinds = ['firm', 'holder', 'person'] as const

const id: Shape = { k: 'leaf', leaf: 'field' }
const line: Shape = { k: 'leaf', leaf: 'line' }
const span: Shape = { k: 'leaf', leaf: 'span' }

const modifiers: Fields = {
  of: { k: 'list', of: { k: 'leaf', leaf: 'code' }, min: 2, max: 64 },
  many: { k: 'int', min: 1, max: 1_000 },
  optional: { k: 'true' },
  min: { k: 'int', min: -intMax, max: intMax },
  max: { k: 'int', min: 1, max: intMax },
  unit: { k: 'leaf', leaf: 'code' },
  class: { k: 'enum', of: ['public', 'sealed'] },
  why: line,
  answer: { k: 'leaf', leaf: 'feel' },
}

const innerField: Shape = {
  k: 'record',
  fields: { id, is: { k: 'enum', of: [...plainKinds, ...codeKinds, ...subjectKinds] } },
  optional: {
    of: modifiers['of'] as Shape,
    max: modifiers['max'] as Shape,
    unit: modifiers['unit'] as Shape,
    min: modifiers['min'] as Shape,
  },
}

const field: Shape = {
  k: 'record',
  fields: { id, is: { k: 'enum', of: [...plainKinds, ...codeKinds, ...subjectKinds, 'record'] } },
  optional: {
    ...modifiers,
    fields: { k: 'list', of: innerField, min: 1, max: 32 },
  },
}

/** The shape of a type document. */
export const typeShape: Shape = {
  k: 'record',
  fields: {
    format: { k: 'enum', of: ['lianban/type/1'] },
    type: { k: 'leaf', leaf: 'typeName' },
    about: { k: 'enum', of: ['person', 'household', 'organisation', 'object', 'measure'] },
    fields: { k: 'list', of: field, min: 1, max: fieldsMax },
    retain: { k: 'record', fields: { min: span, law: line }, optional: { max: span } },
  },
  optional: {
    dispute: span,
    certificate: { k: 'true' },
    form: { k: 'enum', of: ['paper'] },
    guards: {
      k: 'map',
      key: 'id',
      of: { k: 'record', fields: { holds: { k: 'leaf', leaf: 'feel' }, law: line } },
      max: 8,
    },
  },
}

/** The type of a value that was read, or every fault. Untrusted. */
export function decodeType(value: Json): EvidenceType | readonly Fault<GrammarCode>[] {
  const found = [...shapeFaults(typeShape, value)]
  if (found.length > 0) return found
  const type = value as unknown as EvidenceType
  found.push(...fieldFaults(type.fields, 'fields'))
  return found.length > 0 ? found : type
}

function fieldFaults(fields: readonly Field[], path: string): Fault<GrammarCode>[] {
  return fields.flatMap((each, at) => {
    const place = join(path, `${at}`)
    const found = modifierFaults(each, place)
    if (fields.findIndex((other) => other.id === each.id) < at) {
      found.push(grammarFault('grammar/duplicate', join(place, 'id'), each.id))
    }
    if (each.fields !== undefined) found.push(...fieldFaults(each.fields, join(place, 'fields')))
    return found
  })
}

// Which members go with which kind: a member that would mean nothing is a misunderstanding.
function modifierFaults(field: Field, path: string): Fault<GrammarCode>[] {
  const { is } = field
  const found: Fault<GrammarCode>[] = []
  const needs = (member: keyof Field, wanted: boolean): void => {
    const has = field[member] !== undefined
    if (has && !wanted) found.push(grammarFault('grammar/unknown-member', join(path, member), is))
    if (!has && wanted) found.push(grammarFault('grammar/incomplete', join(path, member), member))
  }
  needs('of', is === 'enum')
  needs('fields', is === 'record')
  needs('why', field.class === 'public')
  const counts = is === 'int' || is === 'fen'
  if (!counts) needs('min', false)
  if (!counts && is !== 'text') needs('max', false)
  if (is !== 'int') needs('unit', false)
  const { min = 0, max = intMax } = field
  if (counts && min > max)
    found.push(grammarFault('grammar/not-in-list', join(path, 'min'), `${min}`))
  if (field.answer !== undefined && (field.class !== undefined || !isAnswerKind(field))) {
    found.push(grammarFault('grammar/not-together', join(path, 'answer'), 'answer'))
  }
  return found
}

// An answer says yes or no, names a band, or counts; it never carries a value of its source.
function isAnswerKind({ is, many }: Field): boolean {
  return many === undefined && (is === 'bool' || is === 'enum' || is === 'int')
}

/** The class of a field. */
export function classOf(field: Field): FieldClass {
  return field.class ?? 'shared'
}

/** The field of a type by its name. */
export function fieldOf(type: EvidenceType, id: string): Field | undefined {
  return type.fields.find((each) => each.id === id)
}

/** Whether a type is about persons, so that none of its fields may be public (protocol §17). */
export function isPersonal(type: EvidenceType): boolean {
  return type.about === 'person' || type.about === 'household'
}

type Members = { readonly [key: string]: Json }

/**
 * Every fault of a value that should be an item of a type. Untrusted. An absent field is a leaf
 * of the commitment like any other, so a field is missed only where the type says that it must be.
 */
export function valueFaults(
  type: EvidenceType,
  value: Json,
  path = '',
): readonly Fault<GrammarCode>[] {
  return membersFaults(type.fields, value, path)
}

function membersFaults(fields: readonly Field[], value: Json, path: string): Fault<GrammarCode>[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [grammarFault('grammar/wrong-kind', path, 'object')]
  }
  const members = value as Members
  const given = Object.keys(members).flatMap((key) => {
    const field = fields.find(({ id }) => id === key)
    // An answer is computed by its owner; nobody gives one.
    if (field === undefined || field.answer !== undefined) {
      return [grammarFault('grammar/unknown-member', join(path, key), key)]
    }
    return fieldValueFaults(field, members[key] as Json, join(path, key))
  })
  const missing = fields.filter(
    ({ id, optional, answer }) =>
      optional !== true && answer === undefined && members[id] === undefined,
  )
  return given.concat(
    missing.map(({ id }) => grammarFault('grammar/missing-member', join(path, id), id)),
  )
}

function fieldValueFaults(field: Field, value: Json, path: string): Fault<GrammarCode>[] {
  const { many, ...one } = field
  if (many === undefined) return oneValueFaults(one, value, path)
  if (!Array.isArray(value)) return [grammarFault('grammar/wrong-kind', path, 'list')]
  const list = value as readonly Json[]
  if (list.length > many) return [grammarFault('grammar/too-many', path, `${many}`)]
  return list.flatMap((each, at) => oneValueFaults(one, each, join(path, `${at}`)))
}

function oneValueFaults(field: Field, value: Json, path: string): Fault<GrammarCode>[] {
  if (field.is === 'record') return membersFaults(field.fields ?? [], value, path)
  if (field.is === 'person' || field.is === 'firm' || field.is === 'holder') {
    return membersFaults(subjectFields, value, path)
  }
  return fits(field, value) ? [] : [grammarFault('grammar/bad-value', path, field.is)]
}

/** What every subject has, whoever names it. */
export const subjectFields: readonly Field[] = [
  { id: 'code', is: 'text', max: 32 },
  { id: 'name', is: 'text' },
]

function fits(field: Field, value: Json): boolean {
  const { is, min = 0, max = intMax } = field
  if (is === 'bool') return typeof value === 'boolean'
  if (is === 'int' || is === 'fen') return typeof value === 'number' && value >= min && value <= max
  if (typeof value !== 'string') return false
  switch (is) {
    case 'text':
      return value.length <= (field.max ?? textMaxDefault)
    case 'enum':
      return field.of?.includes(value) === true
    case 'day':
      return dayOfText(value) !== null
    case 'file':
      return /^[A-Za-z0-9_-]{43}$/.test(value)
    case 'member':
      return /^[a-z][a-z0-9-]{1,31}$/.test(value)
    case 'certificate-id':
    case 'citizen-id':
    case 'real-estate-unit':
    case 'service-item':
    case 'uscc':
      return isCode(is, value)
    case 'person':
    case 'firm':
    case 'holder':
    case 'record':
      return false
  }
}
