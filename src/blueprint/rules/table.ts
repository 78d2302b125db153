// Rules as a blueprint states them: one expression, or a decision table with a hit policy. A rule
// is checked once, at publication, against the names and kinds that its act reads. After that it
// gives a value with a trace, or a fault, which means that a person decides.
import type { Json } from '#base/canonical'
import { constantKind } from './calls.ts'
import type { Checked, Operands } from './check.ts'
import { checkExpression, isChecked } from './check.ts'
import type { HitPolicy } from './cover.ts'
import { findingsOf, matches } from './cover.ts'
import { evaluate, gasMax } from './evaluate.ts'
import type { Cell } from './parse.ts'
import { operandsOfTest, parseCell } from './parse.ts'
import type { Kind, Schema } from './schema.ts'
import { compareRefused, isOptional, isOrdered, isScalar, unify, withOptional } from './schema.ts'
import { printExpression } from './syntax.ts'
import type { Fault, RuleCode } from './texts.ts'
import { isFault, ruleFault } from './texts.ts'
import { isName } from './token.ts'
import type { Inputs, Value } from './value.ts'
import { isList, isRecord, order, toJson } from './value.ts'

type Row = { readonly cells: readonly Cell[]; readonly outputs: readonly Checked[] }

type Table = {
  readonly hit: HitPolicy
  readonly inputs: readonly Checked[]
  readonly names: readonly string[]
  readonly rows: readonly Row[]
}

declare const checkedRule: unique symbol
/** A rule that was checked: the kind of what it gives, and what it reads. */
export type Rule = {
  readonly form:
    | { readonly is: 'feel'; readonly tree: Checked }
    | ({ readonly is: 'table' } & Table)
  readonly kind: Kind
  readonly operands: Operands
  readonly path: string
  readonly [checkedRule]: true
}

/** What a rule gave, and how: operands, rows that were hit, gas. It may hold data of a person. */
export type Outcome = { readonly value: Value; readonly trace: Json }

export const tableRowsMax = 256
export const tableColumnsMax = 16

const hits: readonly string[] = ['U', 'A', 'F', 'C', 'C+', 'C<', 'C>']

type Members = { readonly [name: string]: Json }

/**
 * Checks `{feel}` or `{hit, in, out, rows}`; a member `law` is another room's. Gives the rule or
 * everything that is wrong with it.
 */
export function checkRule(json: Json, schema: Schema, path = ''): Rule | readonly Fault[] {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return [ruleFault('rules/bad-rule', path)]
  }
  const members = json as Members
  const names = Object.keys(members).filter((name) => name !== 'law')
  const { feel } = members
  if (typeof feel === 'string' && names.length === 1) {
    const tree = checkExpression(feel, schema, join(path, 'feel'))
    if (!isChecked(tree)) return tree
    return rule({ form: { is: 'feel', tree }, kind: tree.kind, operands: tree.operands, path })
  }
  const wanted = ['hit', 'in', 'out', 'rows']
  if (names.length !== wanted.length || !wanted.every((name) => Object.hasOwn(members, name))) {
    return [ruleFault('rules/bad-rule', path)]
  }
  return tableOf(members, schema, path)
}

/** Tells a rule from its faults. */
export function isRule(result: Rule | readonly Fault[]): result is Rule {
  return !Array.isArray(result)
}

function rule(parts: Pick<Rule, 'form' | 'kind' | 'operands' | 'path'>): Rule {
  return parts as unknown as Rule
}

function join(path: string, ...names: readonly (string | number)[]): string {
  return [...(path === '' ? [] : [path]), ...names].join('.')
}

function tableOf(members: Members, schema: Schema, path: string): Rule | readonly Fault[] {
  const shape = shapeOf(members, path)
  if (Array.isArray(shape)) return shape
  const { hit, ins, outs, rows } = shape as Shape
  const faults: Fault[] = []
  const inputs = ins.map((text, at) =>
    inputOf(faults, checkExpression(text, schema, join(path, 'in', at))),
  )
  const cells = rows.map((row, at) =>
    ins.map((_, column) =>
      cellOf(faults, row[column] as string, {
        kind: inputs[column]?.kind ?? null,
        path: join(path, 'rows', at, column),
      }),
    ),
  )
  const outputs = rows.map((row, at) =>
    outs.map((_, column) => {
      const place = ins.length + column
      const found = checkExpression(row[place] as string, schema, join(path, 'rows', at, place))
      return isChecked(found) ? found : note(faults, found)
    }),
  )
  const kinds = outs.map((_, column) =>
    outputKind(faults, outputs, { column, path, skip: ins.length }),
  )
  if (faults.length > 0) return faults
  const table = {
    hit,
    inputs,
    names: outs,
    rows: outputs.map((each, at) => ({ cells: cells[at], outputs: each })),
  }
  return finish(table as Table, kinds as readonly Kind[], path)
}

function note(faults: Fault[], found: readonly Fault[]): null {
  faults.push(...found)
  return null
}

type Shape = {
  readonly hit: HitPolicy
  readonly ins: readonly string[]
  readonly outs: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** The form of a table: policy, columns, and a text in every cell. */
function shapeOf(members: Members, path: string): Shape | readonly Fault[] {
  const { hit, in: ins, out: outs, rows } = members
  const fault = (code: RuleCode, ...place: readonly (string | number)[]): readonly Fault[] => [
    ruleFault(code, join(path, ...place)),
  ]
  if (typeof hit !== 'string' || !hits.includes(hit)) return fault('rules/bad-hit-policy', 'hit')
  if (!isTexts(ins) || ins.length === 0) return fault('rules/bad-rule', 'in')
  if (!isTexts(outs) || outs.length === 0) return fault('rules/bad-rule', 'out')
  const columns = ins.length + outs.length
  if (columns > tableColumnsMax) return fault('rules/table-too-large', 'in')
  for (const [at, name] of outs.entries()) {
    if (!isName(name)) return fault('rules/bad-name', 'out', at)
    if (outs.indexOf(name) < at) return fault('rules/duplicate-name', 'out', at)
  }
  if (!Array.isArray(rows) || rows.length === 0) return fault('rules/bad-rule', 'rows')
  if (rows.length > tableRowsMax) return fault('rules/table-too-large', 'rows')
  for (const [at, row] of rows.entries()) {
    if (!isTexts(row) || row.length !== columns) return fault('rules/bad-row', 'rows', at)
  }
  return { hit: hit as HitPolicy, ins, outs, rows: rows as readonly (readonly string[])[] }
}

function isTexts(json: Json | undefined): json is readonly string[] {
  return Array.isArray(json) && json.every((each) => typeof each === 'string')
}

function inputOf(faults: Fault[], found: Checked | readonly Fault[]): Checked | null {
  if (!isChecked(found)) return note(faults, found)
  if (isScalar(found.kind) && found.kind.is !== 'null') return found
  return note(faults, [ruleFault('rules/bad-column', found.path)])
}

function cellOf(
  faults: Fault[],
  text: string,
  { kind, path }: { readonly kind: Kind | null; readonly path: string },
): Cell | null {
  const cell = parseCell(text, path)
  if (isFault(cell)) return note(faults, [cell])
  if (cell.is === 'any' || kind === null) return cell
  for (const test of cell.tests) {
    for (const operand of operandsOfTest(test)) {
      const constant = constantKind(operand)
      const ordered = isOrdered(kind) && kind.is === constant.is
      const code = test.is === 'equals' ? compareRefused(kind, constant) : null
      const refused = test.is !== 'equals' && !ordered ? 'rules/not-comparable' : code
      if (refused !== null) faults.push(ruleFault(refused, `${path}@${operand.at}`))
    }
  }
  return cell
}

type Outputs = readonly (readonly (Checked | null)[])[]

function outputKind(
  faults: Fault[],
  outputs: Outputs,
  { column, path, skip }: { readonly column: number; readonly path: string; readonly skip: number },
): Kind | null {
  let kind: Kind | null = null
  for (const [at, row] of outputs.entries()) {
    const next = row[column]?.kind
    if (next === undefined) return null
    kind = kind === null ? next : unify(kind, next)
    if (kind === null) {
      return note(faults, [
        ruleFault('rules/different-kinds', join(path, 'rows', at, skip + column)),
      ])
    }
  }
  return kind
}

function finish(table: Table, kinds: readonly Kind[], path: string): Rule | readonly Fault[] {
  const { hit, inputs, names, rows } = table
  const fields = new Map(names.map((name, at) => [name, kinds[at] as Kind]))
  const single = kinds.length === 1 ? (kinds[0] as Kind) : null
  const kind = collected(hit, single ?? { is: 'record', fields, optional: false })
  if (kind === null) return [ruleFault('rules/wrong-kind', join(path, 'hit'))]
  const columns = inputs.map((input, column) => ({
    kind: input.kind,
    cells: rows.map(({ cells }) => cells[column] as Cell),
  }))
  const texts = rows.map(({ outputs }) =>
    outputs.map(({ tree }) => printExpression(tree)).join(' | '),
  )
  const findings = findingsOf(hit, columns, texts)
  if (findings.length > 0) {
    return findings.map(({ code, row, detail }) =>
      ruleFault(code, row === null ? join(path, 'rows') : join(path, 'rows', row), detail),
    )
  }
  const read = [...inputs, ...rows.flatMap(({ outputs }) => outputs)].map(
    ({ operands }) => operands,
  )
  const values = sorted(read.flatMap((operands) => operands.values))
  const presence = sorted(read.flatMap((operands) => operands.presence))
  const operands = { values, presence: presence.filter((each) => !values.includes(each)) }
  return rule({ form: { is: 'table', ...table }, kind, operands, path })
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort((a, b) => (a < b ? -1 : 1))
}

/** What a policy makes of the kind of a row's result, or null where it cannot. */
function collected(hit: HitPolicy, kind: Kind): Kind | null {
  if (hit === 'U' || hit === 'A' || hit === 'F') return kind
  if (hit === 'C') return { is: 'list', of: kind, filled: false }
  if (isOptional(kind)) return null
  if (hit !== 'C+') return isOrdered(kind) ? withOptional(kind, true) : null
  return kind.is === 'integer' ? { is: 'integer', ...safe, optional: false } : null
}

const safe = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }

/** The value of a rule over inputs, with its trace, or why it has none. */
export function runRule(given: Rule, inputs: Inputs, gas: number = gasMax): Outcome | Fault {
  const { form } = given
  if (form.is === 'table') return runTable(given, form, { inputs, gas: Math.min(gas, gasMax) })
  const result = evaluate(form.tree, inputs, gas)
  if (isFault(result)) return result
  return outcome(given, inputs, { ...result, more: {} })
}

type Given = { readonly inputs: Inputs; readonly gas: number }
type Traced = { readonly value: Value; readonly gas: number; readonly more: Members }

function outcome(given: Rule, inputs: Inputs, { value, gas, more }: Traced): Outcome {
  const operands: { [path: string]: Json } = Object.create(null)
  for (const path of given.operands.values) operands[path] = toJson(valueAt(inputs, path))
  return { value, trace: { gas, operands, value: toJson(value), ...more } }
}

/** What stands at a path of operands: through lists, all of it. */
function valueAt(inputs: Inputs, path: string): Value {
  let found: Value = inputs.values
  for (const name of path.split('.')) found = step(found, name)
  return found
}

// Lists lie in lists no deeper than the schema.
function step(value: Value, name: string): Value {
  if (isList(value)) return value.map((each) => step(each, name))
  return isRecord(value) ? (value.get(name) ?? null) : null
}

function runTable(given: Rule, table: Table, { inputs, gas }: Given): Outcome | Fault {
  let left = gas
  const columns: Value[] = []
  for (const input of table.inputs) {
    const result = evaluate(input, inputs, left)
    if (isFault(result)) return result
    left -= result.gas
    columns.push(result.value)
  }
  const hit: number[] = []
  const results: Value[] = []
  for (const [at, row] of table.rows.entries()) {
    left -= row.cells.length
    if (left < 0) return ruleFault('rules/out-of-gas', join(given.path, 'rows', at))
    if (!row.cells.every((cell, column) => matches(cell, columns[column] ?? null))) continue
    hit.push(at)
    const result = rowResult(table, row, { inputs, gas: left })
    if (isFault(result)) return result
    left -= result.gas
    results.push(result.value)
    if (table.hit === 'F') break
  }
  const value = taken(table.hit, results)
  if (typeof value === 'object' && value !== null && 'refused' in value) {
    return ruleFault(value.refused, join(given.path, 'rows'))
  }
  const more = { columns: columns.map(toJson), rows: hit }
  return outcome(given, inputs, { value, gas: gas - left, more })
}

type Paid = { readonly value: Value; readonly gas: number }

function rowResult(table: Table, row: Row, { inputs, gas }: Given): Paid | Fault {
  let left = gas
  const values: Value[] = []
  for (const output of row.outputs) {
    const result = evaluate(output, inputs, left)
    if (isFault(result)) return result
    left -= result.gas
    values.push(result.value)
  }
  const [only = null] = values
  if (values.length === 1) return { value: only, gas: gas - left }
  const record = new Map(table.names.map((name, at) => [name, values[at] ?? null]))
  return { value: record, gas: gas - left }
}

/** What a policy makes of the results of the rows that were hit, or why nothing. */
function taken(hit: HitPolicy, results: readonly Value[]): Value | { readonly refused: RuleCode } {
  const [first] = results
  if (hit === 'C') return results
  if (hit === 'C+') {
    let sum = 0
    for (const each of results) {
      sum += each as number
      if (!Number.isSafeInteger(sum)) return { refused: 'rules/overflow' }
    }
    return sum
  }
  if (hit === 'C<' || hit === 'C>') {
    const sign = hit === 'C<' ? -1 : 1
    const better = (a: Value, b: Value): Value => ((order(a, b) ?? 0) * sign > 0 ? a : b)
    return first === undefined ? null : results.reduce(better)
  }
  if (first === undefined) return { refused: 'rules/no-row' }
  // Rows that overlap under A were checked to give the same.
  return hit === 'U' && results.length > 1 ? { refused: 'rules/many-rows' } : first
}
