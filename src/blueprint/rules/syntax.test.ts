// Texts and trees: one text for a tree, one tree for a text, and an end to reading in any case.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json } from '#base/canonical'
import type { Expression, Inputs, Schema, Test } from './index.ts'
import { bindInputs, checkExpression, decodeSchema, evaluate, isChecked } from './index.ts'
import { isFault, isInputs, isSchema, parseCell, parseExpression } from './index.ts'
import { printExpression, reservedWords } from './index.ts'
import { expressionDepthMax, expressionNodesMax, expressionTextMax } from './index.ts'

// Trees of every form, well-typed or not.
type Bare = Expression extends infer Tree
  ? Tree extends Expression
    ? Omit<Tree, 'at'>
    : never
  : never
const at = 0
const tree = (bare: Bare): Expression => ({ ...bare, at })
const name = fc.constantFrom('a', 'b', 'x1', '申请人', 'holdings')
const field = fc.constantFrom('area', 'count', 'if', 'in', 'not', '面积', 'constructor')
const integer = fc.oneof(fc.nat({ max: 20 }), fc.constantFrom(0, 10_000, Number.MAX_SAFE_INTEGER))
const words = fc.constantFrom('', 'firm', '办理', "it's", '{}[]', 'a // b')
const day = fc.integer({ min: -141_000, max: 2_932_000 })
const literal = fc
  .oneof(fc.constantFrom(null, true, false), integer, words)
  .map((value) => tree({ is: 'literal', value }))
const timed = fc.oneof(
  day.map((count) => tree({ is: 'date', day: count })),
  fc.nat({ max: 99_999 }).map((count) => tree({ is: 'duration', unit: 'days', count })),
  fc.nat({ max: 11_999 }).map((count) => tree({ is: 'duration', unit: 'months', count })),
)
const path = fc
  .tuple(name, fc.array(field, { maxLength: 2 }))
  .map(([first, rest]) =>
    rest.reduce(
      (of, each) => tree({ is: 'member', of, name: each }),
      tree({ is: 'name', name: first }),
    ),
  )
const end = fc.oneof(
  integer.map((value) => tree({ is: 'literal', value })),
  integer.map((value) => tree({ is: 'negate', of: tree({ is: 'literal', value }) })),
  timed,
  path,
)
const calls = [
  'count',
  'sum',
  'min',
  'max',
  'list contains',
  'not',
  'floor',
  'round half up',
] as const

const { any } = fc.letrec<{ any: Expression; test: Test }>((tie) => {
  const one = tie('any')
  const two = fc.tuple(one, one)
  const bound = fc.record({ name, over: one })
  return {
    test: fc.oneof(
      one.map((to): Test => ({ is: 'equals', to })),
      fc
        .tuple(fc.constantFrom('<', '<=', '>', '>='), one)
        .map(([operator, to]): Test => ({ is: 'compare', operator, to })),
      fc
        .record({ low: end, high: end, lowOut: fc.boolean(), highOut: fc.boolean() })
        .map((range): Test => ({ is: 'range', ...range })),
    ),
    any: fc.oneof(
      { maxDepth: 4 },
      literal,
      timed,
      path,
      fc.tuple(one, field).map(([of, each]) => tree({ is: 'member', of, name: each })),
      two.map(([of, where]) => tree({ is: 'filter', of, where })),
      fc
        .tuple(fc.constantFrom(...calls), fc.array(one, { maxLength: 3 }))
        .map(([call, given]) => tree({ is: 'call', name: call, given })),
      one.map((of) => tree({ is: 'negate', of })),
      fc
        .tuple(fc.constantFrom('+', '-', '*', '/'), two)
        .map(([operator, [left, right]]) => tree({ is: 'arithmetic', operator, left, right })),
      fc
        .tuple(fc.constantFrom('=', '!=', '<', '<=', '>', '>='), two)
        .map(([operator, [left, right]]) => tree({ is: 'comparison', operator, left, right })),
      fc.tuple(one, two).map(([of, [low, high]]) => tree({ is: 'between', of, low, high })),
      fc
        .tuple(one, fc.array(tie('test'), { minLength: 1, maxLength: 3 }))
        .map(([of, tests]) => tree({ is: 'in', of, tests })),
      fc
        .tuple(fc.constantFrom('and', 'or'), two)
        .map(([operator, [left, right]]) => tree({ is: 'logic', operator, left, right })),
      fc.tuple(one, two).map(([condition, [yes, no]]) => tree({ is: 'if', condition, yes, no })),
      fc.tuple(bound, one).map(([head, result]) => tree({ is: 'for', ...head, result })),
      fc
        .tuple(fc.constantFrom('some', 'every'), bound, one)
        .map(([is, head, condition]) => tree({ is, ...head, condition })),
      fc.array(one, { maxLength: 3 }).map((items) => tree({ is: 'list', items })),
      fc
        .uniqueArray(fc.tuple(field, one), { maxLength: 3, selector: ([each]) => each })
        .map((pairs) => pairs.map(([each, value]) => ({ name: each, value })))
        .map((members) => tree({ is: 'record', members })),
    ),
  }
})

/** The tree without places. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([key]) => key !== 'at')
  return Object.fromEntries(members.map(([key, each]) => [key, bare(each)]))
}

test('reading the text of a tree gives the tree', () => {
  fc.assert(
    fc.property(any, (given) => {
      const text = printExpression(given)
      const read = parseExpression(text)
      if (isFault(read)) {
        const giants = ['rules/too-long', 'rules/too-complex', 'rules/too-deep']
        assert.ok(giants.includes(read.code), `${text}: ${JSON.stringify(read)}`)
        return
      }
      assert.deepEqual(bare(read), bare(given), text)
      assert.equal(printExpression(read), text)
    }),
    { numRuns: 4_000 },
  )
})

const pieces = [
  ...reservedWords,
  ...'a b1 offer lots 申请人 day 0 1 42 1.5 007 1e3 "x" "firm" "2020-01-01" "P1Y" @ ( ) [ ] { } , . ..'.split(
    ' ',
  ),
  ...': = != < <= > >= + - * / ** // ? “ \\ " \u0000 \ud800 ~ & | ! ; __proto__ constructor'.split(
    ' ',
  ),
]
const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((each) => each.join(' '))

const declared: Json = {
  offer: {
    is: 'record',
    fields: { fen: { is: 'integer', min: 0, max: 1_000 }, ok: { is: 'boolean' } },
  },
  lots: { is: 'list', of: { is: 'record', fields: { qty: { is: 'integer', min: 0, max: 9 } } } },
  a: { is: 'integer' },
  b1: { is: 'integer', optional: true },
  day: { is: 'date' },
}
function schemaOf(json: Json): Schema {
  const found = decodeSchema(json)
  assert.ok(isSchema(found), JSON.stringify(found))
  return found
}
function inputsOf(given: Schema, json: Json): Inputs {
  const found = bindInputs(given, json)
  assert.ok(isInputs(found), JSON.stringify(found))
  return found
}
const schema = schemaOf(declared)
const inputs = inputsOf(schema, {
  offer: { fen: 7, ok: true },
  lots: [{ qty: 1 }, { qty: 4 }],
  a: 3,
  day: '2024-02-29',
})

test('any text is read or refused, without an exception', () => {
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ maxLength: 30 })), (text) => {
      const found = checkExpression(text, schema)
      if (isChecked(found)) evaluate(found, inputs)
      else assert.ok(found.length > 0)
      parseCell(text)
    }),
    { numRuns: 6_000 },
  )
})

test('giants are refused before anything recurses over them', () => {
  const code = (text: string): string => {
    const found = parseExpression(text)
    return isFault(found) ? found.code : 'read'
  }
  assert.equal(code('1'.padEnd(expressionTextMax + 1)), 'rules/too-long')
  assert.equal(code('1'.padEnd(expressionTextMax)), 'read')
  const sum = (terms: number): string => Array.from({ length: terms }, () => '1').join('+')
  assert.equal(code(sum((expressionNodesMax + 1) / 2)), 'read')
  assert.equal(code(sum(expressionNodesMax / 2 + 1)), 'rules/too-complex')
  const nested = (depth: number): string => `${'('.repeat(depth)}1${')'.repeat(depth)}`
  assert.equal(code(nested(expressionDepthMax - 1)), 'read')
  assert.equal(code(nested(expressionDepthMax)), 'rules/too-deep')
  assert.equal(code('-'.repeat(900) + '1'), 'rules/too-deep')
  assert.equal(code('['.repeat(900)), 'rules/too-deep')
  assert.equal(code('not('.repeat(400)), 'rules/too-deep')
  assert.equal(code('x in ('.repeat(300)), 'rules/syntax')
  const range = 'x in ([a.b'.repeat(150)
  assert.ok(code(range) !== 'read')
})
