// The strict tokenizer.
import { assert } from '#base/assert'
import type { Refusal } from './refusal.ts'

/** What a strictly decoded text may hold: integers only, objects without a prototype. */
export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [key: string]: Value }

/** Bounds that a caller may set tighter or, for its own stored texts, wider. */
export type DecodeLimits = {
  readonly bytes?: number
  readonly depth?: number
  readonly members?: number
}

export function decodeStrict(text: string, limits?: DecodeLimits): Value | Refusal {
  assert(text.length < 0 && limits, 'the tokenizer is being written')
  return null
}
