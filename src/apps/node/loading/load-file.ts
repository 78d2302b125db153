// A load file says how a public file fills the tables of sectors: which columns are read (all
// others never are), how each cell is normalised and what it must be, what is the key, what is made
// beside it, and into which tables of which member it goes. It is data, read strictly: a member
// that means nothing is a misunderstanding and is refused with its path. Nothing in it is executed.
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import type { NameRule, Subject } from '#apps/node/matching'

/** Declared ways in which a cell is changed before it is judged; applied in the order written. */
export const normalisations = ['trim', 'blanks', 'width', 'brackets', 'upper', '15-18'] as const
export type Normalisation = (typeof normalisations)[number]

/**
 * What a cell must be. Money in `yuan` or `wan-yuan` (units of 10,000) is kept as fen, an area in
 * square decimetres, a volume in cubic ones, all exactly: more decimals than the unit has are
 * refused, not rounded.
 */
export const cellForms = [
  'text',
  'uscc',
  'citizen-id',
  'code',
  'int',
  'day',
  'yuan',
  'wan-yuan',
  'square-metre',
  'cubic-metre',
] as const
export type CellForm = (typeof cellForms)[number]

/** A field: one column of the source. */
export type LoadColumn = {
  readonly column: string
  readonly as: CellForm
  readonly normal?: readonly Normalisation[]
  /** For days: which part comes first in the source. */
  readonly order?: 'year-first' | 'day-first'
  /** An empty cell is allowed. */
  readonly empty?: true
}

/** What is made for each accepted row, by name. */
export const makings = ['person', 'home', 'firm'] as const
export type Making = (typeof makings)[number]

/** What a table's column gets: `field`, `name.part` of something made, or a constant. */
export type LoadValue = string | { readonly constant: string | number | null }

/** A table of a member's own system. */
export type LoadTable = {
  readonly member: string
  readonly table: string
  /** Columns of the table, in its order. */
  readonly columns: { readonly [column: string]: LoadValue }
  /** Columns of integers; all others are text. Counts where the table is not there yet. */
  readonly integers?: readonly string[]
  /** Columns that tell its rows apart. */
  readonly identify: readonly string[]
  /**
   * Other sources fill it too: a row of the same firm under the same name is not written twice, and
   * one code under two names is a ticket. Names the columns of code and name; what names may differ
   * in, blanks and width when absent; and whether it is persons that are told apart.
   */
  readonly firms?: {
    readonly code: string
    readonly name: string
    readonly about?: Subject
    readonly names?: readonly NameRule[]
  }
}

/** A field that must stand in another source. */
export type LoadJoin = {
  readonly load: string
  readonly field: string
  /** The field of the other source. */
  readonly with: string
  /** Without a partner the row is left out, or written without what is made beside it. */
  readonly unmatched: 'refuse' | 'note'
  /** Tables that only rows with a partner fill, once for each value of the field. */
  readonly tables?: readonly LoadTable[]
}

/** Terms of use of a source. */
export type LoadTerms = string | { readonly zh: string; readonly en: string }

export type LoadFile = {
  readonly format: 'lianban/load/1'
  readonly name: string
  readonly zh: string
  readonly en: string
  /** What whoever reads the report of it must know: what is made, and why. */
  readonly note?: { readonly zh: string; readonly en: string }
  /** Path of the file below the data directory. */
  readonly file: string
  /** Whom its terms ask to be named, and the terms: in one language as they stand, or in both. */
  readonly source: { readonly name: string; readonly terms: LoadTerms }
  readonly fields: { readonly [field: string]: LoadColumn }
  readonly key: readonly string[]
  readonly make?: { readonly [name: string]: Making }
  readonly join?: LoadJoin
  readonly tables: readonly LoadTable[]
  /** The resource of the catalogue that this is, by the member that attests it. */
  readonly steward: string
}

/** Parts of made things that a table may take. */
export const partsOfMade: { readonly [making in Making]: readonly string[] } = {
  person: ['code', 'name', 'oldCode', 'phone', 'letters', 'marriage', 'taxYears', 'fund'],
  home: ['unit', 'certNo', 'address', 'area', 'issued'],
  firm: ['code', 'name', 'taxNo', 'days'],
}

/** The name of a column as a database tells it from others: small letters are as capitals. */
export function folded(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** What a load file is known by: base64url SHA-256 of its canonical JSON (RFC 8785). */
export function loadFileHash(file: LoadFile): string {
  return sha256Text(encodeCanonical(file as unknown as Json), 'base64url')
}
