// Whether a table answers every case, once, and uses every row. Each column's domain falls into
// classes within which no cell of the column tells values apart; one value of a class stands for
// all of it, and the same function that matches cells in a case matches them here. Columns are
// taken as independent: a combination that the facts exclude still wants an answer. The work is
// bounded, and a table beyond the bound is refused rather than believed.
import { dayMax, dayMin } from '#blueprint/time'
import { constantValue } from './calls.ts'
import { meets } from './evaluate.ts'
import type { Cell } from './parse.ts'
import { operandsOfTest } from './parse.ts'
import type { Kind } from './schema.ts'
import { integerMax, integerMin, isOptional } from './schema.ts'
import type { Expression, Test } from './syntax.ts'
import { printExpression } from './syntax.ts'
import type { RuleCode } from './texts.ts'
import type { Value } from './value.ts'

/** How rows are used: U one, A equals, F the first, C all, C+ C< C> all of them as one. */
export type HitPolicy = 'U' | 'A' | 'F' | 'C' | 'C+' | 'C<' | 'C>'

/** What is wrong with a table as a whole: the row to blame, if any, and cells that show it. */
export type Finding = {
  readonly code: RuleCode
  readonly row: number | null
  readonly detail?: string
}

/** An input column: its kind, and its cell in each row. */
export type Column = { readonly kind: Kind; readonly cells: readonly Cell[] }

/** Steps of the search, and findings that are reported. */
export const coverStepsMax = 200_000
const findingsMax = 8

/** Whether a cell takes a value. What cannot be decided does not match, as in FEEL. */
export function matches(cell: Cell, value: Value): boolean {
  if (cell.is === 'any') return true
  let found: boolean | null = false
  for (const test of cell.tests) {
    const met = meets(value, test, operandsOfTest(test).map(constantValue))
    if (met === true) found = true
    else if (met === null && found === false) found = null
  }
  return found === !cell.not
}

/** A class of values, by one of them, and the cell that describes it. */
type Class = { readonly value: Value; readonly text: string }

type Grid = {
  /** Texts of the classes of each column. */
  readonly texts: readonly (readonly string[])[]
  /** For each column and class, the rows that take it, as bits. */
  readonly rows: readonly (readonly bigint[])[]
  /** For each column and row, the classes that it takes, as bits. */
  readonly classes: readonly (readonly bigint[])[]
  steps: number
}

/** Everything that is wrong with a table; `outputs` are texts, equal where rows give the same. */
export function findingsOf(
  hit: HitPolicy,
  columns: readonly Column[],
  outputs: readonly string[],
): readonly Finding[] {
  const grid = gridOf(columns)
  const all = (1n << BigInt(outputs.length)) - 1n
  const findings: Finding[] = []
  for (const row of outputs.keys()) {
    const before = hit === 'F' ? (1n << BigInt(row)) - 1n : 0n
    const free = openCase(grid, before, row)
    if (free === null) findings.push({ code: 'rules/unreachable-row', row })
  }
  if (hit === 'U' || hit === 'A') findings.push(...overlaps(grid, hit, outputs))
  if (hit === 'U' || hit === 'A' || hit === 'F') {
    const open = openCase(grid, all, null)
    if (open !== null) findings.push({ code: 'rules/incomplete', row: null, detail: show(open) })
  }
  if (grid.steps > coverStepsMax) return [{ code: 'rules/table-too-large', row: null }]
  return findings.slice(0, findingsMax)
}

function show(texts: readonly string[]): string {
  return texts.join(' | ')
}

function gridOf(columns: readonly Column[]): Grid {
  const found = columns.map((column) => {
    const classes = classesOf(column)
    const taken = classes.map(({ value }) => column.cells.map((cell) => matches(cell, value)))
    const rows = taken.map(bits)
    const byRow = column.cells.map((_, row) => bits(taken.map((each) => each[row] === true)))
    return { texts: classes.map(({ text }) => text), rows, byRow }
  })
  return {
    texts: found.map(({ texts }) => texts),
    rows: found.map(({ rows }) => rows),
    classes: found.map(({ byRow }) => byRow),
    steps: 0,
  }
}

function bits(flags: readonly boolean[]): bigint {
  let sum = 0n
  for (const [at, flag] of flags.entries()) if (flag) sum |= 1n << BigInt(at)
  return sum
}

/**
 * A case that none of the rows takes (within the cases of one row, if one is given), as a cell for
 * each column; or null when there is none. Rows that take the same are looked at once.
 */
function openCase(grid: Grid, among: bigint, inRow: number | null): readonly string[] | null {
  const closed = new Set<string>()
  const search = (column: number, rows: bigint): readonly string[] | null => {
    grid.steps += 1
    if (grid.steps > coverStepsMax) return null
    const texts = grid.texts[column]
    if (texts === undefined) return rows === 0n ? [] : null
    const key = `${column} ${rows}`
    if (closed.has(key)) return null
    for (const [at, text] of texts.entries()) {
      const own = inRow === null ? 1n : ((grid.classes[column]?.[inRow] ?? 0n) >> BigInt(at)) & 1n
      if (own === 0n) continue
      const rest = search(column + 1, rows & (grid.rows[column]?.[at] ?? 0n))
      if (rest !== null) return [text, ...rest]
    }
    closed.add(key)
    return null
  }
  return search(0, among)
}

function overlaps(grid: Grid, hit: HitPolicy, outputs: readonly string[]): readonly Finding[] {
  const findings: Finding[] = []
  for (let later = 1; later < outputs.length; later += 1) {
    for (let row = 0; row < later && findings.length < findingsMax; row += 1) {
      if (hit === 'A' && outputs[row] === outputs[later]) continue
      const both = common(grid, row, later)
      if (both === null) continue
      const detail = `${row}, ${later}: ${show(both)}`
      findings.push({ code: 'rules/overlap', row: later, detail })
    }
  }
  return findings
}

/** A case that two rows take, as a cell for each column, or null. */
function common(grid: Grid, a: number, b: number): readonly string[] | null {
  const texts: string[] = []
  for (const [column, classes] of grid.classes.entries()) {
    const both = (classes[a] ?? 0n) & (classes[b] ?? 0n)
    if (both === 0n) return null
    let at = 0
    while (((both >> BigInt(at)) & 1n) === 0n) at += 1
    texts.push(grid.texts[column]?.[at] ?? '-')
  }
  return texts
}

function testsOf({ cells }: Column): readonly Test[] {
  return cells.flatMap((cell) => (cell.is === 'any' ? [] : cell.tests))
}

function classesOf(column: Column): readonly Class[] {
  const { kind } = column
  const classes = decided(kind, testsOf(column))
  return isOptional(kind) ? [...classes, { value: null, text: 'null' }] : classes
}

function decided(kind: Kind, tests: readonly Test[]): readonly Class[] {
  if (kind.is === 'text') return texts(kind, tests.flatMap(operandsOfTest))
  if (kind.is !== 'boolean') return intervals(kind, tests)
  return [true, false].map((value) => ({ value, text: String(value) }))
}

function texts(
  { values }: Extract<Kind, { readonly is: 'text' }>,
  operands: readonly Expression[],
): readonly Class[] {
  if (values !== null) return [...values].map((value) => ({ value, text: `"${value}"` }))
  const named = new Set(operands.map(constantValue).filter((value) => typeof value === 'string'))
  const classes = [...named].map((value) => ({ value, text: `"${value}"` }))
  // One more stands for all texts that no cell names.
  let other = 'x'
  while (named.has(other)) other += 'x'
  const listed = classes.map(({ text }) => text).join(', ')
  return [...classes, { value: other, text: classes.length === 0 ? '-' : `not(${listed})` }]
}

/** The intervals between the places where some test of the column begins or ends. */
function intervals(kind: Kind, tests: readonly Test[]): readonly Class[] {
  const { unit, min, max } = domainOf(kind)
  const cuts = [...new Set(tests.flatMap(cutsOf))].filter((each) => each > min && each <= max)
  cuts.sort((a, b) => a - b)
  return [min, ...cuts].map((low, at) => {
    const high = (cuts[at] ?? max + 1) - 1
    return { value: valueOf(unit, low), text: label({ unit, low, high }) }
  })
}

// The first numbers on the other side of a test's ends.
function cutsOf(test: Test): readonly number[] {
  const [low, high] = operandsOfTest(test).map((operand) => numberOf(constantValue(operand)))
  if (low === undefined) return []
  if (test.is === 'equals') return [low, low + 1]
  if (test.is === 'compare')
    return [test.operator === '<' || test.operator === '>=' ? low : low + 1]
  const begins = test.lowOut ? low + 1 : low
  return high === undefined ? [begins] : [begins, test.highOut ? high : high + 1]
}

type Unit = 'integer' | 'date' | 'days' | 'months'

function domainOf(kind: Kind): { readonly unit: Unit; readonly min: number; readonly max: number } {
  if (kind.is === 'integer') return { unit: kind.is, min: kind.min, max: kind.max }
  if (kind.is === 'date') return { unit: kind.is, min: dayMin, max: dayMax }
  return { unit: kind.is === 'days' ? 'days' : 'months', min: integerMin, max: integerMax }
}

function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value
  return value !== null && typeof value === 'object' && 'unit' in value ? value.count : undefined
}

function valueOf(unit: Unit, count: number): Value {
  return unit === 'integer' ? count : { unit, count }
}

type Interval = { readonly unit: Unit; readonly low: number; readonly high: number }

function label({ unit, low, high }: Interval): string {
  const text = (count: number): string => {
    if (unit === 'integer') return String(count)
    const tree =
      unit === 'date'
        ? { is: 'date' as const, day: count, at: 0 }
        : { is: 'duration' as const, unit, count, at: 0 }
    return printExpression(tree)
  }
  if (low === high) return text(low)
  const opens = low === integerMin || (unit === 'date' && low === dayMin)
  const ends = high === integerMax || (unit === 'date' && high === dayMax)
  if (opens) return ends ? '-' : `<= ${text(high)}`
  return ends ? `>= ${text(low)}` : `[${text(low)}..${text(high)}]`
}
