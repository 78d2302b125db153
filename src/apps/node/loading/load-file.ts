// A load file says how a public file fills the tables of sectors: which columns are read (all
// others never are), how each cell is normalised and what it must be, what is the key, what is made
// beside it, and into which tables of which member it goes. It is data, read strictly: a member
// that means nothing is a misunderstanding and is refused with its path. Nothing in it is executed.
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import type { LoadFault } from './codes.ts'

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
   * one code under two names is a ticket. Names the columns of code and name.
   */
  readonly firms?: { readonly code: string; readonly name: string }
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

/** What a load file is known by: base64url SHA-256 of its canonical JSON (RFC 8785). */
export function loadFileHash(file: LoadFile): string {
  return sha256Text(encodeCanonical(file as unknown as Json), 'base64url')
}

type Members = { readonly [name: string]: Json }
type Check = (value: Json | undefined, path: string, faults: LoadFault[]) => void

const nameForm = /^[a-z][a-z0-9_-]{0,47}$/
const textMax = 400
const entriesMax = 64

/** The load file of a value that was read, or every fault. Untrusted. */
export function decodeLoadFile(value: Json): LoadFile | readonly LoadFault[] {
  const faults: LoadFault[] = []
  record(
    {
      format: oneOf(['lianban/load/1']),
      name,
      zh: text,
      en: text,
      file: filePath,
      source: record({ name: text, terms }),
      fields: mapOf(record({ column: text, as: oneOf(cellForms) }, columnMore)),
      key: listOf(name, 1),
      tables: listOf(table, 0),
      steward: name,
    },
    {
      note: record({ zh: text, en: text }),
      make: mapOf(oneOf(makings)),
      join: record(
        { load: name, field: name, with: name, unmatched: oneOf(['refuse', 'note']) },
        { tables: listOf(table, 0) },
      ),
    },
  )(value, '', faults)
  if (faults.length > 0) return faults
  const file = value as unknown as LoadFile
  faults.push(...nameFaults(file))
  return faults.length > 0 ? faults : file
}

/** Whether decoding gave a load file. */
export function isLoadFile(result: LoadFile | readonly LoadFault[]): result is LoadFile {
  return !Array.isArray(result)
}

const columnMore: { readonly [name: string]: Check } = {
  normal: (value, path, faults) => listOf(oneOf(normalisations), 1)(value, path, faults),
  order: (value, path, faults) => oneOf(['year-first', 'day-first'])(value, path, faults),
  empty: (value, path, faults) => {
    if (value !== true) faults.push(fault(path, 'true, or nothing'))
  },
}

/** Parts of made things that a table may take. */
const parts: { readonly [making in Making]: readonly string[] } = {
  person: ['code', 'name', 'oldCode', 'phone', 'letters', 'marriage', 'taxYears', 'fund'],
  home: ['unit', 'certNo', 'address', 'area', 'issued'],
  firm: ['code', 'name', 'taxNo', 'days'],
}

/** Names that stand for nothing. */
function nameFaults(file: LoadFile): readonly LoadFault[] {
  const faults: LoadFault[] = []
  const fields = Object.keys(file.fields)
  const made = Object.entries(file.make ?? {}).flatMap(([as, making]) => {
    return parts[making].map((part) => `${as}.${part}`)
  })
  const known = [...fields, ...made]
  const want = (path: string, word: string, of: readonly string[]): void => {
    if (!of.includes(word)) faults.push(fault(path, `one of ${of.join(', ')}`))
  }
  for (const [at, key] of file.key.entries()) want(`key[${at}]`, key, fields)
  if (file.join !== undefined) want('join.field', file.join.field, fields)
  for (const [field, { as, order }] of Object.entries(file.fields)) {
    if ((as === 'day') !== (order !== undefined)) {
      faults.push(fault(`fields.${field}.order`, 'an order where it is a day, and nowhere else'))
    }
  }
  const tables = [
    ...file.tables.map((each, at) => [`tables[${at}]`, each] as const),
    ...(file.join?.tables ?? []).map((each, at) => [`join.tables[${at}]`, each] as const),
  ]
  for (const [path, { columns, identify, integers = [], firms }] of tables) {
    const names = Object.keys(columns)
    for (const [column, value] of Object.entries(columns)) {
      if (typeof value === 'string') want(`${path}.columns.${column}`, value, known)
    }
    for (const column of identify) want(`${path}.identify`, column, names)
    for (const column of integers) want(`${path}.integers`, column, names)
    if (firms !== undefined) want(`${path}.firms.code`, firms.code, names)
    if (firms !== undefined) want(`${path}.firms.name`, firms.name, names)
  }
  return faults
}

function fault(path: string, expected: string): LoadFault {
  return { path, code: 'node/load-misfit', expected }
}

const name: Check = (value, path, faults) => {
  if (typeof value !== 'string' || !nameForm.test(value)) {
    faults.push(fault(path, 'a name of small letters, digits, _ and -'))
  }
}

const text: Check = (value, path, faults) => {
  if (typeof value !== 'string' || value === '' || value.length > textMax) {
    faults.push(fault(path, `a text of 1 to ${textMax} characters`))
  }
}

const terms: Check = (value, path, faults) => {
  const check = typeof value === 'string' ? text : record({ zh: text, en: text })
  check(value, path, faults)
}

// A load file never reaches out of the data directory.
const filePath: Check = (value, path, faults) => {
  const words = typeof value === 'string' ? value.split('/') : ['']
  const bad = words.some((word) => word === '' || word === '.' || word === '..')
  if (bad || words.length > 8) faults.push(fault(path, 'a path below the data directory'))
}

const scalar: Check = (value, path, faults) => {
  const fits = value === null || typeof value === 'string' || Number.isSafeInteger(value)
  if (!fits) faults.push(fault(path, 'a text, a whole number or null'))
}

const loadValue: Check = (value, path, faults) => {
  if (typeof value === 'string') return text(value, path, faults)
  record({ constant: scalar })(value, path, faults)
}

const table: Check = (value, path, faults) => {
  record(
    { member: name, table: name, columns: mapOf(loadValue), identify: listOf(name, 1) },
    { integers: listOf(name, 0), firms: record({ code: name, name }) },
  )(value, path, faults)
}

function oneOf(words: readonly string[]): Check {
  return (value, path, faults) => {
    const known = typeof value === 'string' && words.includes(value)
    if (!known) faults.push(fault(path, `one of ${words.join(', ')}`))
  }
}

function listOf(check: Check, least: number): Check {
  return (value, path, faults) => {
    if (!Array.isArray(value) || value.length < least || value.length > entriesMax) {
      faults.push(fault(path, `a list of ${least} to ${entriesMax}`))
      return
    }
    for (const [at, each] of value.entries()) check(each, `${path}[${at}]`, faults)
  }
}

function isMembers(value: Json | undefined): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mapOf(check: Check): Check {
  return (value, path, faults) => {
    const names = isMembers(value) ? Object.keys(value) : []
    if (!isMembers(value) || names.length === 0 || names.length > entriesMax) {
      faults.push(fault(path, `an object of 1 to ${entriesMax} members`))
      return
    }
    for (const each of names) check(value[each], `${path}.${each}`, faults)
  }
}

function record(
  needed: { readonly [name: string]: Check },
  more: { readonly [name: string]: Check } = {},
): Check {
  return (value, path, faults) => {
    if (!isMembers(value)) {
      faults.push(fault(path, 'an object'))
      return
    }
    const below = (of: string): string => (path === '' ? of : `${path}.${of}`)
    for (const of of Object.keys(value)) {
      const known = Object.hasOwn(needed, of) || Object.hasOwn(more, of)
      const words = [...Object.keys(needed), ...Object.keys(more)]
      if (!known) faults.push(fault(below(of), `no such member; there are ${words.join(', ')}`))
    }
    for (const [of, check] of Object.entries(needed)) check(value[of], below(of), faults)
    for (const [of, check] of Object.entries(more)) {
      if (value[of] !== undefined) check(value[of], below(of), faults)
    }
  }
}
