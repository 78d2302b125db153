// The strict reader of load files: their shape, and what the shape cannot say. Every fault comes
// back with its place, what stands there and what may. A draft whose points are open is no load
// file yet, however sound the rest of it is.
import type { Json } from '#base/canonical'
import type { Check, DeclaredFault, Misfit, MisfitKind } from '#apps/node/declared'
import { below, cellConstant, isMembers, listOf, mapOf, misfit } from '#apps/node/declared'
import { nameOf, oneOf, record, textOf } from '#apps/node/declared'
import { ruleFault } from '#apps/node/matching'
import type { LoadFaultCode } from './fault-texts.ts'
import type { LoadColumn, LoadFile, LoadTable } from './load-file.ts'
import { cellForms, folded, makings, normalisations, partsOfMade } from './load-file.ts'

/** A part of a load file that is wrong. */
export type LoadFault = DeclaredFault<LoadFaultCode>

const textMax = 400
const entriesMax = 64
const stepsMax = 8
const faultsMax = 200

const name = nameOf(/^[a-z][a-z0-9_-]{0,47}$/)
// Names that begin so belong to the database itself, or hold decisions that were handed in.
const tableName = nameOf(/^(?!sqlite_|lianban_)[a-z][a-z0-9_-]{0,47}$/)
const text = textOf(textMax)
const both = record({ zh: text, en: text })

const terms: Check = (value, path, into) => {
  const check = typeof value === 'string' ? text : both
  check(value, path, into)
}

// A load file never reaches out of the data directory.
const filePath: Check = (value, path, into) => {
  const words = typeof value === 'string' ? value.split('/') : ['']
  const bad = words.some((word) => word === '' || word === '.' || word === '..')
  if (bad || words.length > stepsMax) into.push(misfit('bad-path', path, { value }))
}

const loadValue: Check = (value, path, into) => {
  if (typeof value === 'string') return text(value, path, into)
  record({ constant: cellConstant })(value, path, into)
}

const yes: Check = (value, path, into) => {
  if (value !== true) into.push(misfit('unknown-word', path, { value, among: ['true'] }))
}

const column = record(
  { column: text, as: oneOf(cellForms) },
  {
    normal: listOf(oneOf(normalisations), { min: 1, max: entriesMax, once: true }),
    order: oneOf(['year-first', 'day-first']),
    empty: yes,
  },
)

const nameRule: Check = (value, path, into) => {
  const among = ruleFault(value ?? null)
  if (among !== null) into.push(misfit('unknown-word', path, { value, among: [among] }))
}

const firms = record(
  { code: name, name },
  { about: oneOf(['firm', 'person']), names: listOf(nameRule, { max: entriesMax }) },
)

const names = (min: number): Check => listOf(name, { min, max: entriesMax, once: true })

const table = record(
  {
    member: name,
    table: tableName,
    columns: mapOf(loadValue, { min: 1, max: entriesMax }),
    identify: names(1),
  },
  { integers: names(0), firms },
)

const tables = listOf(table, { max: entriesMax })

// Points of a draft; each is named as a fault of its own below.
const open = listOf(record({ at: textOf(textMax), zh: textOf(1_000), en: textOf(1_000) }), {
  max: entriesMax,
})

const whole = record(
  {
    format: oneOf(['lianban/load/1']),
    name,
    zh: text,
    en: text,
    file: filePath,
    source: record({ name: text, terms }),
    fields: mapOf(column, { min: 1, max: entriesMax }),
    key: names(1),
    tables,
    steward: name,
  },
  {
    note: both,
    make: mapOf(oneOf(makings), { min: 1, max: entriesMax }),
    join: record(
      { load: name, field: name, with: name, unmatched: oneOf(['refuse', 'note']) },
      { tables },
    ),
    open,
  },
)

/**
 * The load file of a value that was read, or every fault, at most 200. `members`: codes of the
 * city's departments, where they are known. Untrusted.
 */
export function decodeLoadFile(
  value: Json,
  members?: readonly string[],
): LoadFile | readonly LoadFault[] {
  const found: Misfit[] = []
  whole(value, '', found)
  const faults = found.map(({ kind, ...rest }): LoadFault => ({ ...rest, code: codes[kind] }))
  faults.push(...openFaults(value))
  // Names are looked up in a file whose shape holds; in another one they would mislead.
  if (found.length === 0) faults.push(...nameFaults(value as unknown as LoadFile, members))
  return faults.length > 0 ? faults.slice(0, faultsMax) : (value as unknown as LoadFile)
}

/** Whether decoding gave a load file. */
export function isLoadFile(result: LoadFile | readonly LoadFault[]): result is LoadFile {
  return !Array.isArray(result)
}

const codes: { readonly [kind in MisfitKind]: LoadFaultCode } = {
  'bad-constant': 'node/load-bad-constant',
  'bad-name': 'node/load-bad-name',
  'bad-path': 'node/load-bad-path',
  'missing-member': 'node/load-missing-member',
  'not-a-list': 'node/load-not-a-list',
  'not-a-text': 'node/load-not-a-text',
  'not-an-object': 'node/load-not-an-object',
  // A load file has no alternatives that are told apart by a member.
  'not-one': 'node/load-not-an-object',
  twice: 'node/load-twice',
  'unknown-member': 'node/load-unknown-member',
  'unknown-word': 'node/load-unknown-word',
  'wrong-count': 'node/load-wrong-count',
}

function openFaults(value: Json): readonly LoadFault[] {
  const points = isMembers(value) ? value['open'] : undefined
  if (!Array.isArray(points)) return []
  return points.slice(0, entriesMax).flatMap((point: Json, at): LoadFault[] => {
    if (!isMembers(point)) return []
    const { at: place, zh, en } = point
    if (typeof place !== 'string' || typeof zh !== 'string' || typeof en !== 'string') return []
    const detail = { zh: `${place}：${zh}`, en: `${place}: ${en}` }
    return [{ path: `open[${at}]`, code: 'node/load-open', detail }]
  })
}

type Names = {
  readonly fields: LoadFile['fields']
  /** Fields, and parts of what is made. */
  readonly known: readonly string[]
  readonly members: readonly string[] | undefined
  readonly into: LoadFault[]
}

/** Names that stand for nothing, and what does not go together. */
function nameFaults(file: LoadFile, members: readonly string[] | undefined): readonly LoadFault[] {
  const into: LoadFault[] = []
  const { fields, key, join, make = {}, steward } = file
  const own = Object.keys(fields)
  const made = Object.entries(make).flatMap(([as, making]) => {
    return partsOfMade[making].map((part) => `${as}.${part}`)
  })
  const of: Names = { fields, known: [...own, ...made], members, into }
  department(steward, 'steward', of)
  for (const [at, each] of key.entries()) among(each, `key[${at}]`, { words: own, into })
  for (const [field, each] of Object.entries(fields)) orderFault(each, `fields.${field}`, into)
  for (const as of Object.keys(make)) {
    if (own.includes(as)) into.push(faultOf('node/load-twice', `make.${as}`, as))
  }
  if (join !== undefined) {
    among(join.field, 'join.field', { words: own, into })
    if (join.load === file.name) {
      into.push(faultOf('node/load-joins-itself', 'join.load', join.load))
    }
  }
  for (const [at, each] of file.tables.entries()) tableFaults(each, `tables[${at}]`, of)
  for (const [at, each] of (join?.tables ?? []).entries()) {
    tableFaults(each, `join.tables[${at}]`, of)
  }
  return into
}

function faultOf(
  code: LoadFaultCode,
  path: string,
  value: Json,
  words?: readonly string[],
): LoadFault {
  const { kind: _, ...rest } = misfit('', path, {
    value,
    ...(words === undefined ? {} : { among: words }),
  })
  return { ...rest, code }
}

function among(
  word: string,
  path: string,
  {
    words,
    into,
    code = 'node/load-unknown-field',
  }: {
    readonly words: readonly string[]
    readonly into: LoadFault[]
    readonly code?: LoadFaultCode
  },
): void {
  if (!words.includes(word)) into.push(faultOf(code, path, word, words))
}

function department(code: string, path: string, { members, into }: Names): void {
  if (members === undefined) return
  among(code, path, { words: members, into, code: 'node/load-unknown-department' })
}

function orderFault({ as, order }: LoadColumn, path: string, into: LoadFault[]): void {
  const place = below(path, 'order')
  if (as === 'day' && order === undefined) {
    into.push({ path: place, code: 'node/load-order-missing', among: ['year-first', 'day-first'] })
  }
  if (as !== 'day' && order !== undefined) {
    into.push(faultOf('node/load-order-idle', place, order))
  }
}

/** Forms of a cell that become a whole number in the table. */
const wholeForms: readonly string[] = ['int', 'yuan', 'wan-yuan', 'square-metre', 'cubic-metre']

function tableFaults(
  { member, columns, identify, integers = [], firms }: LoadTable,
  path: string,
  of: Names,
): void {
  const { fields, known, into } = of
  department(member, `${path}.member`, of)
  const words = Object.keys(columns)
  for (const [name, value] of Object.entries(columns)) {
    if (typeof value === 'string') among(value, `${path}.columns.${name}`, { words: known, into })
  }
  for (const [at, name] of words.entries()) {
    const isTwice = words.slice(0, at).some((other) => folded(other) === folded(name))
    if (isTwice) into.push(faultOf('node/load-twice', `${path}.columns.${name}`, name))
  }
  const code = 'node/load-unknown-column'
  for (const [at, name] of identify.entries()) {
    among(name, `${path}.identify[${at}]`, { words, into, code })
  }
  for (const [at, name] of integers.entries()) {
    among(name, `${path}.integers[${at}]`, { words, into, code })
    const value = columns[name]
    const field = typeof value === 'string' ? fields[value] : undefined
    const constant = typeof value === 'object' ? value.constant : null
    const isWhole =
      field === undefined ? typeof constant !== 'string' : wholeForms.includes(field.as)
    if (!isWhole) {
      into.push(faultOf('node/load-not-whole', `${path}.integers[${at}]`, name))
    }
  }
  if (firms === undefined) return
  among(firms.code, `${path}.firms.code`, { words, into, code })
  among(firms.name, `${path}.firms.name`, { words, into, code })
}
