// Schemas of commands.
import { assert } from '#base/assert'
import type { Refusal } from './refusal.ts'
import type { Value } from './tokenizer.ts'

/** Registered codes of organisations, items and certificate types; never of persons or things. */
export type RegisteredCode = 'uscc' | 'serviceItem' | 'certificateType'

/** Fields of a record or of one variant; those named in `optional` may be absent. */
export type Fields = {
  readonly fields: { readonly [name: string]: Schema }
  readonly optional?: readonly string[]
}

/** The shape of a command's body as plain data. No free string can be expressed. */
export type Schema =
  | { readonly k: 'int'; readonly min: number; readonly max: number }
  | { readonly k: 'bool' }
  | { readonly k: 'enum'; readonly of: readonly string[] }
  | { readonly k: 'bytes'; readonly length: number }
  | { readonly k: 'bytesUpTo'; readonly max: number }
  | { readonly k: 'member' }
  | { readonly k: 'name' }
  | { readonly k: 'code'; readonly kind: RegisteredCode }
  | { readonly k: 'origin' }
  | { readonly k: 'kid' }
  | { readonly k: 'list'; readonly of: Schema; readonly min: number; readonly max: number }
  | ({ readonly k: 'record' } & Fields)
  | { readonly k: 'map'; readonly key: MapKey; readonly of: Schema; readonly max: number }
  | { readonly k: 'variant'; readonly on: string; readonly of: { readonly [tag: string]: Fields } }

/** What the keys of a map are. */
export type MapKey = 'name' | 'member' | 'kid' | 'id'

export function checkValue(schema: Schema, value: Value): Refusal | null {
  assert(schema.k === 'bool' && value === 0, 'the schema checker is being written')
  return null
}

export function membersNamed(schema: Schema, value: Value): string[] {
  assert(schema.k === 'bool' && value === 0, 'the schema checker is being written')
  return []
}
