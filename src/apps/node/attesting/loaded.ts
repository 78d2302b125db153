// A source that was loaded from a file, as it is said on the ledger: by the process that loaded it,
// or by the one that runs the department. The load has compared it with its last state already, and
// where too much differed, its officers have looked and signed.
import type { Json } from '#base/canonical'
import type { Duty, Resource } from '#domains/sharing'
import type { Attestation, By, Item, Speaker, Spoken } from './speaking.ts'
import { attest, publish, stewardOf } from './speaking.ts'

/** What is said of a load; no value of a row. */
export type Loaded = {
  readonly duty: Duty
  readonly item: Item
  readonly resource: Resource
  readonly rows: number
  readonly changed: number
  /** When the file was last changed, Unix milliseconds. */
  readonly asOf: number
  /** Officers who have looked at a large difference, and the hash of what they were shown. */
  readonly look: { readonly kids: readonly string[]; readonly shown: Json } | null
  /** Tables of the department that it fills. */
  readonly tables: readonly string[]
}

/** Publishes the item where it is another one, and attests what was loaded. */
export async function sayLoaded(
  speaker: Speaker,
  loaded: Loaded,
  types: readonly string[],
): Promise<Spoken & { readonly state?: Attestation['state'] }> {
  const { duty, resource, rows, changed, asOf, look } = loaded
  const item = types.length === 0 ? loaded.item : { ...loaded.item, types }
  const published = await publish(speaker, { duty, item, resource })
  if (published !== null && 'code' in published) return published
  const { id, schema } = resource
  const by: By = look ?? stewardOf(speaker)
  let said: Spoken = { code: 'sharing/state-differs' }
  for (const state of ['green', 'red', 'announced'] as const) {
    said = await attest(speaker, { resource: id, schema, rows, changed, asOf, state }, by)
    if ('entry' in said) return { ...said, state }
    if (said.code !== 'sharing/state-differs') break
  }
  return said
}
