// The document in which public values travel beside their command: a canonical list with one record
// for each part, null where a part holds no value.
import { utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import type { Field } from '#blueprint/grammar'
import { memberOf } from '#apps/node/casework'

/** A document with its SHA-256 in base64url. */
export type Document = { readonly bytes: Bytes; readonly hash: string }

/** The public values of some parts; null where the type has no public field. */
export function publicDocument(
  fields: readonly Field[],
  values: readonly (Json | undefined)[],
): Document | null {
  if (fields.length === 0) return null
  const list = values.map((value): Json => {
    if (value === undefined || value === null) return null
    const shown = fields.flatMap(({ id }): [string, Json][] => {
      const each = memberOf(value, id)
      return each === undefined ? [] : [[id, each]]
    })
    return Object.fromEntries(shown)
  })
  const bytes = utf8Encode(encodeCanonical(list))
  return { bytes, hash: sha256Text(bytes, 'base64url') }
}
