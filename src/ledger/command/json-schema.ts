// JSON Schema of command bodies.
import { assert } from '#base/assert'
import type { Schema } from './schema.ts'
import type { Value } from './tokenizer.ts'

export function jsonSchemaOf(schema: Schema): Value {
  assert(schema === null, 'the derivation is being written')
  return null
}

export function hasFreeString(schema: Schema): boolean {
  assert(schema === null, 'the walk is being written')
  return false
}
