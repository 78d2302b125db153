// Whether tables are complete, without overlap and without dead rows: the checker against asking
// every case, and its bounds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import type { Inputs, Rule, Schema } from './index.ts'
import { bindInputs, checkRule, decodeSchema, isFault, isInputs, isRule } from './index.ts'
import { isSchema, runRule, toJson } from './index.ts'

type Cell = { readonly text: string; readonly takes: (value: Json) => boolean }
type Column = {
  readonly name: string
  readonly domain: readonly Json[]
  readonly cell: fc.Arbitrary<Cell>
}

const declared: Json = {
  yes: { is: 'boolean' },
  maybe: { is: 'boolean', optional: true },
  n: { is: 'integer', min: -1, max: 4 },
  gone: { is: 'integer', min: 0, max: 3, optional: true },
  kind: { is: 'text', values: ['firm', 'person', 'state'] },
  day: { is: 'date' },
}

function schemaOf(): Schema {
  const found = decodeSchema(declared)
  assert.ok(isSchema(found))
  return found
}
const schema = schemaOf()
function inputsOf(given: { readonly [name: string]: Json }): Inputs {
  const usual = { yes: true, n: 0, kind: 'firm', day: '2024-01-01' }
  const found = bindInputs(schema, { ...usual, ...given })
  assert.ok(isInputs(found), JSON.stringify(found))
  return found
}

const any: Cell = { text: '-', takes: () => true }
const equal = (text: string, value: Json): Cell => ({ text, takes: (each) => each === value })

const numberCell = (low: number, high: number, optional: boolean): fc.Arbitrary<Cell> => {
  const bound = fc.integer({ min: low, max: high })
  const is = (each: Json): each is number => typeof each === 'number'
  const single = fc.oneof(
    bound.map((n) => equal(`${n}`, n)),
    bound.map((n): Cell => ({ text: `< ${n}`, takes: (each) => is(each) && each < n })),
    bound.map((n): Cell => ({ text: `<= ${n}`, takes: (each) => is(each) && each <= n })),
    bound.map((n): Cell => ({ text: `> ${n}`, takes: (each) => is(each) && each > n })),
    bound.map((n): Cell => ({ text: `>= ${n}`, takes: (each) => is(each) && each >= n })),
    fc
      .tuple(bound, bound)
      .map(([a, b]): Cell => ({ text: `[${a}..${b}]`, takes: (x) => is(x) && x >= a && x <= b })),
    fc
      .tuple(bound, bound)
      .map(([a, b]): Cell => ({ text: `(${a}..${b})`, takes: (x) => is(x) && x > a && x < b })),
    ...(optional ? [fc.constant(equal('null', null))] : []),
  )
  return fc.oneof(
    { arbitrary: fc.constant(any), weight: 2 },
    { arbitrary: single, weight: 4 },
    fc.tuple(single, single).map(([a, b]): Cell => ({
      text: `${a.text}, ${b.text}`,
      takes: (x) => a.takes(x) || b.takes(x),
    })),
    // Of what is missing, `not` knows only that it equals nothing that is there.
    fc
      .tuple(bound, bound)
      .map(([a, b]): Cell => ({ text: `not(${a}, ${b})`, takes: (x) => x !== a && x !== b })),
  )
}

const columns: readonly Column[] = [
  {
    name: 'yes',
    domain: [true, false],
    cell: fc.constantFrom(any, equal('true', true), equal('false', false)),
  },
  {
    name: 'maybe',
    domain: [true, false, null],
    cell: fc.constantFrom(any, equal('true', true), equal('false', false), equal('null', null)),
  },
  { name: 'n', domain: [-1, 0, 1, 2, 3, 4], cell: numberCell(-1, 4, false) },
  { name: 'gone', domain: [0, 1, 2, 3, null], cell: numberCell(0, 3, true) },
  {
    name: 'kind',
    domain: ['firm', 'person', 'state'],
    cell: fc.constantFrom<Cell>(
      any,
      equal('"firm"', 'firm'),
      equal('"person"', 'person'),
      { text: '"firm", "state"', takes: (each) => each !== 'person' },
      { text: 'not("firm")', takes: (each) => each !== 'firm' },
    ),
  },
]

type Table = { readonly columns: readonly Column[]; readonly rows: readonly (readonly Cell[])[] }

const table: fc.Arbitrary<Table> = fc
  .subarray([...columns], { minLength: 1, maxLength: 3 })
  .chain((chosen) =>
    fc
      .array(fc.tuple(...chosen.map(({ cell }) => cell)), { minLength: 1, maxLength: 6 })
      .map((rows) => ({ columns: chosen, rows })),
  )

/** Every case of the columns' domains. */
function cases(chosen: readonly Column[]): readonly (readonly Json[])[] {
  let all: readonly (readonly Json[])[] = [[]]
  for (const { domain } of chosen)
    all = all.flatMap((each) => domain.map((value) => [...each, value]))
  return all
}

function hitsOf({ rows }: Table, given: readonly Json[]): readonly number[] {
  return rows.flatMap((row, at) =>
    row.every((cell, column) => cell.takes(given[column] ?? null)) ? [at] : [],
  )
}

function ruleOf(hit: string, { columns: chosen, rows }: Table): Json {
  return {
    hit,
    in: chosen.map(({ name }) => name),
    out: ['row'],
    rows: rows.map((row, at) => [...row.map(({ text }) => text), String(at)]),
  }
}

function codesOf(
  found: Rule | readonly { readonly code: string; readonly path: string }[],
): string[] {
  return isRule(found as Rule)
    ? []
    : (found as readonly { code: string; path: string }[]).map(
        ({ code, path }) => `${code} ${path}`,
      )
}

test('a table is found complete, unique and alive exactly when every case says so', () => {
  let fine = 0
  fc.assert(
    fc.property(table, fc.constantFrom('U', 'F', 'C'), (given, hit) => {
      const all = cases(given.columns).map((each) => ({ each, hits: hitsOf(given, each) }))
      const found = checkRule(ruleOf(hit, given), schema)
      const codes = codesOf(found)
      const open = hit !== 'C' && all.some(({ hits }) => hits.length === 0)
      const double = hit === 'U' && all.some(({ hits }) => hits.length > 1)
      const used = new Set(all.flatMap(({ hits }) => (hit === 'F' ? hits.slice(0, 1) : hits)))
      const rows = given.rows.map((_, row) => row)
      const dead = rows
        .filter((row) => !used.has(row))
        .map((row) => `rules/unreachable-row rows.${row}`)
      assert.equal(
        codes.includes('rules/incomplete rows') || codes.length === 8,
        open || codes.length === 8,
      )
      assert.equal(
        codes.some((code) => code.startsWith('rules/overlap')),
        double,
      )
      assert.deepEqual(
        codes.filter((code) => code.startsWith('rules/unreachable-row')),
        dead,
      )
      if (!isRule(found as Rule)) return
      fine += 1
      for (const { each, hits } of all) {
        const named = Object.fromEntries(
          given.columns.map(({ name }, at) => [name, each[at] ?? null]),
        )
        const outcome = runRule(found as Rule, inputsOf(named))
        assert.ok(!isFault(outcome))
        const wanted = hit === 'C' ? hits : (hits[0] ?? null)
        assert.deepEqual(toJson(outcome.value), wanted)
      }
    }),
    { numRuns: 1_500 },
  )
  assert.ok(fine > 100, `${fine} tables were sound`)
})

test('a table never decides without exactly one row, whatever its check has said', () => {
  const rule = checkRule(ruleOf('U', { columns: columns.slice(0, 1), rows: [[any]] }), schema)
  assert.ok(isRule(rule) && rule.form.is === 'table')
  const { rows } = rule.form
  const given = inputsOf({})
  const holed = runRule({ ...rule, form: { ...rule.form, rows: [] } }, given)
  assert.deepEqual(holed, { path: 'rows', code: 'rules/no-row' })
  const doubled = runRule({ ...rule, form: { ...rule.form, rows: [...rows, ...rows] } }, given)
  assert.deepEqual(doubled, { path: 'rows', code: 'rules/many-rows' })
})

test('gas of a table counts cells and outputs', () => {
  const rule = checkRule(
    ruleOf('C', { columns: columns.slice(0, 1), rows: [[any], [any]] }),
    schema,
  )
  assert.ok(isRule(rule))
  const inputs = inputsOf({})
  const outcome = runRule(rule, inputs)
  assert.ok(!isFault(outcome))
  // The column, two cells, two outputs.
  const trace = '{"columns":[true],"gas":5,"operands":{"yes":true},"rows":[0,1],"value":[0,1]}'
  assert.equal(encodeCanonical(outcome.trace), trace)
  const less = runRule(rule, inputs, 4)
  assert.ok(isFault(less) && less.code === 'rules/out-of-gas')
})

test('a table whose check would take too long is refused rather than believed', () => {
  const names = Array.from({ length: 15 }, (_, at) => `c${at}`)
  const wide = decodeSchema(
    Object.fromEntries(names.map((name) => [name, { is: 'integer', min: 0, max: 99 }])),
  )
  assert.ok(isSchema(wide))
  const rows = Array.from({ length: 200 }, (_, row) => [
    ...names.map((_, at) =>
      (row * 7 + at * 13) % 5 < 3 ? '-' : `[${(row * 31 + at * 17) % 60}..${60 + (row % 40)}]`,
    ),
    `${row}`,
  ])
  const found = checkRule({ hit: 'F', in: names, out: ['x'], rows }, wide)
  assert.ok(!isRule(found))
  assert.equal(found[0]?.code, 'rules/table-too-large')
})

test('a full table of eight yes-or-no columns is checked and used', () => {
  const names = Array.from({ length: 8 }, (_, at) => `c${at}`)
  const flags = decodeSchema(Object.fromEntries(names.map((name) => [name, { is: 'boolean' }])))
  assert.ok(isSchema(flags))
  const rows = Array.from({ length: 256 }, (_, row) => [
    ...names.map((_, at) => String(((row >> at) & 1) === 1)),
    String(row),
  ])
  const rule = checkRule({ hit: 'U', in: names, out: ['row'], rows }, flags)
  assert.ok(isRule(rule), JSON.stringify(rule))
  const inputs = bindInputs(
    flags,
    Object.fromEntries(names.map((name, at) => [name, ((165 >> at) & 1) === 1])),
  )
  assert.ok(isInputs(inputs))
  const outcome = runRule(rule, inputs)
  assert.ok(!isFault(outcome) && outcome.value === 165)
  const holed = checkRule(
    { hit: 'U', in: names, out: ['row'], rows: rows.toSpliced(165, 1) },
    flags,
  )
  assert.ok(!isRule(holed))
  assert.equal(holed[0]?.detail, 'true | false | true | false | false | true | false | true')
})
