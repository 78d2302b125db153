// What a source is called and shown as: its item in the catalogue, its line on the desk, and the
// code by which a person names the state that he has seen. Texts for people stand in the document
// alone.
import { base64urlEncode, utf8Encode } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { sha256 } from '#base/crypto'
import type { Duty, Resource } from '#domains/sharing'
import { idOf } from '#apps/node/casework'
import type { Item } from './speaking.ts'

/** A source as its department knows it. Times are Unix milliseconds; no value of a row. */
export type SourceState = {
  readonly item: string
  /** Absent where it is a file that was loaded. */
  readonly table?: string
  readonly resource: string
  /** By the ledger; or that a second person has to look, or that it is not in the catalogue. */
  readonly state: 'announced' | 'green' | 'red' | 'unpublished' | 'waits'
  readonly rows: number
  readonly added: number
  readonly changed: number
  readonly vanished: number
  /** Names the state that was seen; whoever confirms says it again. */
  readonly seen?: string
  readonly since?: number
  readonly entry?: number
  /** By when a second person is to look. */
  readonly due?: number
  /** Until when a change is announced. */
  readonly until?: number
  /** Why nothing could be read or said. */
  readonly code?: string
}

/** The law under which departments keep a catalogue of what they share. */
const law = '政务数据共享条例（国务院令第809号）'
const columnsMax = 256

/** What is published of a table: the columns that are read, and no other. */
export function itemOfTable(
  {
    item,
    table,
    types,
  }: { readonly item: string; readonly table: string; readonly types: readonly string[] },
  of: {
    readonly title: string
    readonly resource: string
    readonly schema: string
    readonly fields: Resource['fields']
  },
): { readonly duty: Duty; readonly item: Item; readonly resource: Resource } {
  const { title, resource: id, schema, fields } = of
  const named = fields.length === 0 ? [{ name: table, is: 'any' }] : fields.slice(0, columnsMax)
  return {
    duty: { text: `${title}：依映射答复提问所据的登记`, organisation: title, approval: law },
    item: {
      id: item,
      title: table,
      class: 'unconditional',
      law,
      update: '1d',
      ...(types.length === 0 ? {} : { types: types.slice(0, 64) }),
    },
    resource: { id, title: table, kind: 'table', system: title, schema, fields: named },
  }
}

/** Eight characters that name a state of a source: its columns and its rows. */
export function seenCode({
  schema,
  digest,
}: {
  readonly schema: string
  readonly digest: string
}): string {
  const text = encodeCanonical({ schema, digest })
  return base64urlEncode(sha256(utf8Encode(text)))
    .replaceAll(/[-_]/g, '')
    .slice(0, 8)
}

/** The desk's key of a source. */
export function sourceKey(resource: string): string {
  return idOf('source', resource)
}
