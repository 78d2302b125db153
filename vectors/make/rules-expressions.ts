// Cases of expressions: what they give and how they are written. Every expectation is written down
// by hand from the definition of the language; nothing here computes one.
import { bindings, failing, refused, schemas } from './rules-refused.ts'

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

const integer = { is: 'integer', min: 0, max: 1_000_000_000_000 }
const text = { is: 'text' }

/** Names of all cases. */
const schema: Json = {
  day: { is: 'date' },
  offer: {
    is: 'record',
    fields: {
      fen: integer,
      sellerKind: { is: 'text', values: ['firm', 'person'] },
      fundLoan: { is: 'boolean' },
      // Words of the language are harmless as fields.
      count: { is: 'integer', min: 0, max: 9 },
      in: { is: 'integer', min: -5, max: 5 },
      constructor: text,
      note: { is: 'text', optional: true },
    },
  },
  holdings: { is: 'record', fields: { count: { is: 'integer', min: 0, max: 99 } } },
  title: {
    is: 'record',
    optional: true,
    fields: { area: { is: 'integer', min: 1, max: 100_000 }, since: { is: 'date' } },
  },
  debt: { is: 'integer', optional: true },
  flag: { is: 'boolean', optional: true },
  lots: {
    is: 'list',
    of: {
      is: 'record',
      fields: { lot: text, qty: { is: 'integer', min: 0, max: 10_000 }, ok: { is: 'boolean' } },
    },
  },
  orders: {
    is: 'list',
    of: {
      is: 'record',
      fields: {
        lot: text,
        qty: { is: 'integer', min: 0, max: 10_000 },
        to: { is: 'text', optional: true },
      },
    },
  },
  none: { is: 'list', of: integer },
  申请人: { is: 'record', fields: { 年龄: { is: 'integer', min: 0, max: 150 } } },
}

const inputs: Json = {
  day: '2024-02-29',
  offer: {
    fen: 560_000_000,
    sellerKind: 'firm',
    fundLoan: false,
    count: 3,
    in: -2,
    constructor: 'own',
    // What is not declared is not seen: in FEEL these names would change what expressions mean.
    'fen * 2': 0,
    'fen - count': 7,
    toString: 'x',
  },
  holdings: { count: 1, 'count + 1': 100 },
  'holdings.count': 42,
  'price * rate': 0,
  lots: [
    { lot: 'a', qty: 600, ok: true },
    { lot: 'b', qty: 400, ok: false },
    { lot: 'c', qty: 0, ok: true },
  ],
  orders: [
    { lot: 'a', qty: 500, to: 'h1' },
    { lot: 'c', qty: 20 },
  ],
  count: 5,
  sum: 6,
  item: 7,
  申请人: { 年龄: 17 },
}

const values: readonly (readonly [text: string, value: Json])[] = [
  // Constants.
  ['1', 1],
  ['-0', 0],
  ['9007199254740991', 9_007_199_254_740_991],
  ['-9007199254740991', -9_007_199_254_740_991],
  ['"办理"', '办理'],
  ['""', ''],
  ['true', true],
  ['null', null],
  ['date("2020-02-29")', '2020-02-29'],
  ['@"2020-02-29"', '2020-02-29'],
  ['duration("P1Y6M")', 'P1Y6M'],
  ['duration("P18M")', 'P1Y6M'],
  ['@"P30D"', 'P30D'],
  ['-duration("P2M")', '-P2M'],
  ['[1, 2, 3]', [1, 2, 3]],
  ['[]', []],
  ['{a: 1, b: [true], if: "x"}', { a: 1, b: [true], if: 'x' }],
  // Names and paths.
  ['offer.fen', 560_000_000],
  ['offer.count', 3],
  ['offer.in', -2],
  ['offer.constructor', 'own'],
  ['holdings.count', 1],
  ['申请人.年龄', 17],
  ['title', null],
  ['title.area', null],
  ['offer.note', null],
  ['lots.qty', [600, 400, 0]],
  ['orders.to', ['h1', null]],
  ['none', []],
  // Integers.
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['10 - 4 - 3', 3],
  ['10 - (4 - 3)', 9],
  ['- 3 * - 3', 9],
  ['--3', 3],
  ['0 * -1', 0],
  ['holdings.count - 4', -3],
  ['3037000499 * 2', 6_074_000_998],
  ['floor(7 / 2)', 3],
  ['floor(-7 / 2)', -4],
  ['floor(7 / -2)', -4],
  ['floor(-7 / -2)', 3],
  ['floor(-8 / 2)', -4],
  ['ceiling(7 / 2)', 4],
  ['ceiling(-7 / 2)', -3],
  ['ceiling(-1 / 2)', 0],
  ['round down(7 / 2, 0)', 3],
  ['round down(-7 / 2, 0)', -3],
  ['round up(7 / 2, 0)', 4],
  ['round up(-7 / 2, 0)', -4],
  ['round up(-8 / 2, 0)', -4],
  ['round half up(5 / 2, 0)', 3],
  ['round half up(-5 / 2, 0)', -3],
  ['round half up(7 / 3, 0)', 2],
  ['round half up(8 / 3, 0)', 3],
  ['round half down(5 / 2, 0)', 2],
  ['round half down(-5 / 2, 0)', -2],
  ['round half down(8 / 3, 0)', 3],
  ['round half up(9007199254740991 / 2, 0)', 4_503_599_627_370_496],
  ['floor(9007199254740991 / 3)', 3_002_399_751_580_330],
  ['{fen: round half up(offer.fen * 150 / 10000, 0)}', { fen: 8_400_000 }],
  // Comparison, in two and in three values.
  ['1 < 2', true],
  ['2 <= 2', true],
  ['2 != 2', false],
  ['"a" = "a"', true],
  ['offer.sellerKind = "firm"', true],
  ['offer.note = "x"', false],
  ['offer.note != "x"', true],
  ['debt = null', true],
  ['null = null', true],
  ['null != null', false],
  ['title = null', true],
  ['debt > 3', null],
  ['title.area <= 90', null],
  ['holdings.count between 1 and 3', true],
  ['holdings.count between 2 and 3', false],
  ['debt between 1 and 3', null],
  ['holdings.count between 5 and title.area', false],
  ['holdings.count in (1, 2)', true],
  ['holdings.count in (> 1)', false],
  ['holdings.count in [1..3]', true],
  ['holdings.count in (1..3]', false],
  ['holdings.count in [0..1)', false],
  ['holdings.count in ((0..2), 9)', true],
  ['holdings.count in [7, 1]', true],
  ['holdings.count in (-1, [-3..-2], >= 1)', true],
  ['offer.in in [-2..0]', true],
  ['debt in (1, 2)', false],
  ['debt in (null, 2)', true],
  ['debt in (> 2)', null],
  ['debt in (> 2, null)', true],
  ['1 in []', false],
  ['day in [date("2024-01-01")..date("2024-12-31")]', true],
  // Logic: Kleene's three values.
  ['true and false', false],
  ['true and flag', null],
  ['false and flag', false],
  ['flag and false', false],
  ['flag and true', null],
  ['true or flag', true],
  ['flag or true', true],
  ['flag or false', null],
  ['flag or flag', null],
  ['not(true)', false],
  ['not(flag)', null],
  ['true or false and false', true],
  ['(true or false) and false', false],
  // Choice, with what the condition proves.
  ['if holdings.count >= 2 then 300 else if offer.fundLoan then 100 else 150', 150],
  ['if title != null then title.area + 1 else 0', 0],
  ['title != null and title.area + 1 > 2', false],
  ['title = null or title.area + 1 > 2', true],
  ['if not(title = null) then title.area * 2 else -1', -1],
  ['if flag = true then 1 else 2', 2],
  ['if debt = null then "none" else "some"', 'none'],
  ['if debt = 5 then debt + 1 else 0', 0],
  ['if debt != 5 then 0 else debt + 1', 0],
  ['if not(debt = null or holdings.count = 9) then debt + 1 else 0', 0],
  ['flag and debt != null and debt + 1 > 2', false],
  ['flag or debt = null or debt + 1 > 2', true],
  ['flag and title = null and title.area = 1', false],
  // Lists.
  ['count(lots)', 3],
  ['count(none)', 0],
  ['sum(lots.qty)', 1_000],
  ['sum(none)', 0],
  ['sum([])', 0],
  ['min(lots.qty)', 0],
  ['max(lots.qty)', 600],
  ['max(none)', null],
  ['max([0, holdings.count - 3])', 0],
  ['min([date("2024-03-01"), day])', '2024-02-29'],
  ['list contains(lots.lot, "b")', true],
  ['list contains(orders.to, null)', true],
  ['list contains([], 1)', false],
  ['lots[ok = true].lot', ['a', 'c']],
  ['lots[ok and qty > 0].lot', ['a']],
  ['lots[item.qty > 300][ok = false].lot', ['b']],
  ['[3, 1, 2][item > 1]', [3, 2]],
  ['for o in orders return o.qty * 2', [1_000, 40]],
  ['for o in orders return if o.to = null then "?" else o.to', ['h1', '?']],
  ['for n in none return n + 1', []],
  ['some o in orders satisfies o.qty > 400', true],
  ['some n in none satisfies n > 0', false],
  ['every o in orders satisfies o.qty > 400', false],
  ['every n in none satisfies n > 0', true],
  ['some x in [debt, 5] satisfies x > 3', true],
  ['some x in [debt, 2] satisfies x > 3', null],
  ['every x in [debt, 2] satisfies x > 3', false],
  ['every x in [debt, 5] satisfies x > 3', null],
  ['every o in orders satisfies list contains(lots[ok = true].lot, o.lot)', true],
  ['sum(for o in orders return o.qty) <= sum(for l in lots return l.qty)', true],
  ['for l in lots return count(orders[lot = l.lot])', [1, 0, 1]],
  // Dates: the day of a month that has none is its last.
  ['day + duration("P1D")', '2024-03-01'],
  ['day - duration("P60D")', '2023-12-31'],
  ['day + duration("P1Y")', '2025-02-28'],
  ['day + duration("P1M")', '2024-03-29'],
  ['date("2024-01-31") + duration("P1M")', '2024-02-29'],
  ['day - date("2024-02-01")', 'P28D'],
  ['date("2024-02-01") - day', '-P28D'],
  ['day - date("2022-03-01") >= duration("P730D")', true],
  ['day - date("2022-03-01") >= duration("P731D")', false],
  ['day >= date("2019-02-28") + duration("P5Y")', true],
  ['duration("P1Y") + duration("P6M")', 'P1Y6M'],
  ['duration("P1Y") = duration("P12M")', true],
  ['duration("P10D") - duration("P12D")', '-P2D'],
]

const canonical: readonly (readonly [text: string, canonical: string])[] = [
  [' 1+2 *3 ', '1 + 2 * 3'],
  ['((1+2))*3', '(1 + 2) * 3'],
  ['1-(2-3)', '1 - (2 - 3)'],
  ['(1-2)-3', '1 - 2 - 3'],
  ['@"2020-01-01"', 'date("2020-01-01")'],
  ['@"P14M"', 'duration("P1Y2M")'],
  ['x in y', 'x in (y)'],
  ['x in ( [1..2] )', 'x in [1..2]'],
  ['x in [1,2]', 'x in ([1, 2])'],
  ['(if a then b else c) + 1', '(if a then b else c) + 1'],
  ['if (a) then (b) else (c)', 'if a then b else c'],
  ['(a and b) or c', 'a and b or c'],
  ['a and (b or c)', 'a and (b or c)'],
  ['- ( a + b )', '-(a + b)'],
  ['- a . b', '-a.b'],
  ['( a = b ) = c', '(a = b) = c'],
  ['a[b>1][c]', 'a[b > 1][c]'],
  ['{ a :1,b:{ } }', '{a: 1, b: {}}'],
  ['some x in(a)satisfies(x)', 'some x in a satisfies x'],
  ['list contains( a,"b" )', 'list contains(a, "b")'],
  ['a between 1 and 2 and b', 'a between 1 and 2 and b'],
]

function bindingOf(given: unknown): object {
  if (given === null) return { inputs: null }
  const members = Object.entries(given as object)
  const gone = members.flatMap(([name, value]) => (value === undefined ? [name] : []))
  const change = Object.fromEntries(members.filter(([, value]) => value !== undefined))
  return gone.length === 0 ? { change } : { without: gone }
}

/** vectors/rules-expressions.json */
export function expressionsFile(): object {
  return {
    schema,
    inputs,
    values: values.map(([text, value]) => ({ text, value })),
    canonical: canonical.map(([text, canonical]) => ({ text, canonical })),
    refused: refused.map(([text, code, at]) => ({ text, code, at })),
    failing: failing.map(([text, code, at]) => ({ text, code, at })),
    schemas: schemas.map(([claim, given, code, path]) => ({ claim, schema: given, code, path })),
    bindings: bindings.map(([claim, given, code, path]) => ({
      claim,
      ...bindingOf(given),
      code,
      path,
    })),
  }
}
