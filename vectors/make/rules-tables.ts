// Cases of decision tables: what they give, by which rows, and what a table is refused for. Written
// down by hand; nothing here computes an expectation.
import type { Json } from './rules-expressions.ts'

const flag = { is: 'boolean' }
const few = { is: 'integer', min: 0, max: 9 }

/** Names of the cases of tables. */
const tableSchema: Json = {
  hukou: { is: 'record', fields: { beijing: flag } },
  holdings: { is: 'record', fields: { count: few } },
  taxYears: { is: 'record', fields: { years: { is: 'integer', min: 0, max: 99 } } },
  marriage: { is: 'record', fields: { married: flag } },
  title: { is: 'record', fields: { area: { is: 'integer', min: 1, max: 100_000 } } },
  licence: {
    is: 'record',
    fields: {
      status: { is: 'text', values: ['active', 'revoked', 'closed'] },
      days: { is: 'integer', min: 0 },
    },
  },
  repId: { is: 'record', fields: { match: flag } },
  debt: { is: 'integer', min: 0, optional: true },
  since: { is: 'date' },
  name: { is: 'text' },
  lots: { is: 'list', of: { is: 'record', fields: { qty: few } } },
}

const mayBuy = {
  hit: 'F',
  in: ['hukou.beijing', 'holdings.count', 'taxYears.years', 'marriage.married'],
  out: ['ok'],
  rows: [
    ['true', '< 1', '-', '-', 'true'],
    ['true', '1', '-', 'true', 'true'],
    ['false', '< 1', '>= 5', '-', 'true'],
    ['-', '-', '-', '-', 'false'],
  ],
}
const rate = {
  hit: 'U',
  in: ['holdings.count', 'title.area'],
  out: ['bp'],
  rows: [
    ['0', '<= 90', '100'],
    ['0', '> 90', '150'],
    ['1', '<= 90', '100'],
    ['1', '> 90', '200'],
    ['>= 2', '-', '300'],
  ],
}
const risk = {
  hit: 'F',
  in: ['licence.status', 'repId.match', 'licence.days'],
  out: ['grade'],
  rows: [
    ['"active"', 'true', '>= 90', '"low"'],
    ['"active"', 'true', '-', '"mid"'],
    ['-', '-', '-', '"high"'],
  ],
}
const fees = (hit: string): Json => ({
  hit,
  in: ['title.area', 'holdings.count'],
  out: ['fen'],
  rows: [
    ['> 90', '-', '100'],
    ['> 140', '-', '50'],
    ['-', '>= 1', '10 * holdings.count'],
  ],
})
const missing = {
  hit: 'U',
  in: ['debt'],
  out: ['code', 'text'],
  rows: [
    ['null', '0', '"unknown"'],
    ['[0..100)', '1', '"small"'],
    ['>= 100', '2', '"large"'],
  ],
}

type Ran = readonly [
  claim: string,
  rule: Json,
  inputs: { readonly [name: string]: Json },
  value: Json,
  rows?: readonly number[],
]

/** Inputs of a case: what it does not name stands here. */
const usual: { readonly [name: string]: Json } = {
  hukou: { beijing: true },
  holdings: { count: 0 },
  taxYears: { years: 2 },
  marriage: { married: false },
  title: { area: 88 },
  licence: { status: 'active', days: 120 },
  repId: { match: true },
  since: '2020-01-01',
  name: 'x',
}

const ran: readonly Ran[] = [
  ['a local without a home may buy', mayBuy, {}, true, [0]],
  [
    'a married local with one home may buy',
    mayBuy,
    { holdings: { count: 1 }, marriage: { married: true } },
    true,
    [1],
  ],
  ['a single local with one home may not', mayBuy, { holdings: { count: 1 } }, false, [3]],
  [
    'five years of tax are enough',
    mayBuy,
    { hukou: { beijing: false }, taxYears: { years: 5 } },
    true,
    [2],
  ],
  ['four years are not', mayBuy, { hukou: { beijing: false }, taxYears: { years: 4 } }, false, [3]],
  ['a first small home', rate, { title: { area: 90 } }, 100, [0]],
  ['a first large home', rate, { title: { area: 91 } }, 150, [1]],
  ['a second large home', rate, { title: { area: 144 }, holdings: { count: 1 } }, 200, [3]],
  ['a third home', rate, { holdings: { count: 2 } }, 300, [4]],
  ['an old firm', risk, {}, 'low', [0]],
  ['a young firm', risk, { licence: { status: 'active', days: 89 } }, 'mid', [1]],
  ['a closed firm', risk, { licence: { status: 'closed', days: 900 } }, 'high', [2]],
  [
    'all rows that match',
    fees('C'),
    { title: { area: 150 }, holdings: { count: 2 } },
    [100, 50, 20],
    [0, 1, 2],
  ],
  ['no row that matches', fees('C'), {}, [], []],
  ['their sum', fees('C+'), { title: { area: 150 }, holdings: { count: 2 } }, 170, [0, 1, 2]],
  ['the sum of none', fees('C+'), {}, 0, []],
  ['the least', fees('C<'), { title: { area: 150 }, holdings: { count: 2 } }, 20, [0, 1, 2]],
  ['the most', fees('C>'), { title: { area: 91 }, holdings: { count: 9 } }, 100, [0, 2]],
  ['the most of none', fees('C>'), {}, null, []],
  ['what is missing has its row', missing, {}, { code: 0, text: 'unknown' }, [0]],
  ['what is there has its own', missing, { debt: 99 }, { code: 1, text: 'small' }, [1]],
  ['the end of a range', missing, { debt: 100 }, { code: 2, text: 'large' }, [2]],
  [
    'rows that overlap may give the same',
    {
      hit: 'A',
      in: ['title.area', 'hukou.beijing'],
      out: ['ok'],
      rows: [
        ['> 90', '-', 'true'],
        ['-', 'true', 'true'],
        ['<= 90', 'false', 'false'],
      ],
    },
    { title: { area: 91 } },
    true,
    [0, 1],
  ],
  [
    'dates and texts',
    {
      hit: 'U',
      in: ['since', 'name'],
      out: ['x'],
      rows: [
        ['< date("2020-01-01")', '-', '1'],
        ['>= date("2020-01-01")', '"a", "b"', '2'],
        ['>= @"2020-01-01"', 'not("b", "a")', '3'],
      ],
    },
    {},
    3,
    [2],
  ],
  ['an expression', { law: 'deed', feel: 'round half up(title.area * 3 / 2, 0)' }, {}, 132],
]

type Wrong = readonly [claim: string, rule: Json, code: string, path: string, detail?: string]
const table = (change: object): Json => ({ ...rate, ...change })

const wrong: readonly Wrong[] = [
  ['no object', [], 'rules/bad-rule', 'r'],
  ['no member', {}, 'rules/bad-rule', 'r'],
  ['a member too many', table({ note: '' }), 'rules/bad-rule', 'r'],
  ['a member too few', { hit: 'U', in: ['since'], out: ['x'] }, 'rules/bad-rule', 'r'],
  ['both forms', table({ feel: '1' }), 'rules/bad-rule', 'r'],
  ['an unknown policy', table({ hit: 'P' }), 'rules/bad-hit-policy', 'r.hit'],
  ['no input', table({ in: [] }), 'rules/bad-rule', 'r.in'],
  ['no output', table({ out: [] }), 'rules/bad-rule', 'r.out'],
  ['an output with a bad name', table({ out: ['a b'] }), 'rules/bad-name', 'r.out.0'],
  ['an output twice', table({ in: ['since'], out: ['a', 'a'] }), 'rules/duplicate-name', 'r.out.1'],
  ['no row', table({ rows: [] }), 'rules/bad-rule', 'r.rows'],
  ['a short row', table({ rows: [['0', '-']] }), 'rules/bad-row', 'r.rows.0'],
  ['a row of numbers', table({ rows: [[0, 1, 2]] }), 'rules/bad-row', 'r.rows.0'],
  [
    'too many rows',
    table({ rows: Array.from({ length: 257 }, () => ['-', '-', '1']) }),
    'rules/table-too-large',
    'r.rows',
  ],
  ['a column over a list', table({ in: ['lots', 'title.area'] }), 'rules/bad-column', 'r.in.0'],
  ['a column over a record', table({ in: ['title', 'title.area'] }), 'rules/bad-column', 'r.in.0'],
  [
    'a column that is wrong',
    table({ in: ['holdings.count', 'title.size'] }),
    'rules/unknown-field',
    'r.in.1@6',
    'size',
  ],
  ['a cell that is wrong', table({ rows: [['0', '<> 90', '1']] }), 'rules/syntax', 'r.rows.0.1@1'],
  ['an empty cell', table({ rows: [['0', '', '1']] }), 'rules/syntax', 'r.rows.0.1@0'],
  [
    'a cell that computes',
    table({ rows: [['0', '45 + 45', '1']] }),
    'rules/not-constant',
    'r.rows.0.1@3',
  ],
  [
    'a cell that names',
    table({ rows: [['0', '< holdings.count', '1']] }),
    'rules/not-constant',
    'r.rows.0.1@11',
  ],
  [
    'a cell of another kind',
    table({ rows: [['0', '"90"', '1']] }),
    'rules/not-comparable',
    'r.rows.0.1@0',
  ],
  [
    'an order of texts',
    table({ in: ['name', 'title.area'], rows: [['< "a"', '-', '1']] }),
    'rules/not-comparable',
    'r.rows.0.0@2',
  ],
  [
    'a value that is none',
    { ...risk, rows: [['"activ"', '-', '-', '"x"']] },
    'rules/impossible-value',
    'r.rows.0.0@0',
  ],
  [
    'an output that is wrong',
    table({ rows: [['-', '-', 'x']] }),
    'rules/unknown-name',
    'r.rows.0.2@0',
    'x',
  ],
  [
    'outputs of two kinds',
    table({
      rows: [
        ['0', '-', '1'],
        ['> 0', '-', '"1"'],
      ],
    }),
    'rules/different-kinds',
    'r.rows.1.2',
  ],
  ['a sum of texts', { ...risk, hit: 'C+' }, 'rules/wrong-kind', 'r.hit'],
  ['a sum of records', { ...missing, hit: 'C+' }, 'rules/wrong-kind', 'r.hit'],
  [
    'a case without a row',
    table({ rows: rate.rows.slice(0, 4) }),
    'rules/incomplete',
    'r.rows',
    '[2..9] | [1..90]',
  ],
  [
    'a gap between rows',
    table({
      rows: [
        ['0', '< 90', '1'],
        ['0', '> 90', '2'],
        ['>= 1', '-', '3'],
      ],
    }),
    'rules/incomplete',
    'r.rows',
    '0 | 90',
  ],
  [
    'nothing for what is missing',
    { ...missing, rows: missing.rows.slice(1) },
    'rules/incomplete',
    'r.rows',
    'null',
  ],
  [
    'nothing for other texts',
    { hit: 'F', in: ['name'], out: ['x'], rows: [['"a"', '1']] },
    'rules/incomplete',
    'r.rows',
    'not("a")',
  ],
  [
    'a first row that matches all but one',
    { ...risk, rows: risk.rows.slice(0, 2) },
    'rules/incomplete',
    'r.rows',
    '"active" | false | [0..89]',
  ],
  [
    'two rows for one case',
    table({ rows: [...rate.rows, ['9', '7', '1']] }),
    'rules/overlap',
    'r.rows.5',
    '4, 5: 9 | 7',
  ],
  [
    'equal rows of one case under U',
    table({
      rows: [
        ['-', '-', '1'],
        ['-', '-', '1'],
      ],
    }),
    'rules/overlap',
    'r.rows.1',
    '0, 1: [0..9] | [1..100000]',
  ],
  [
    'rows of one case that differ under A',
    {
      ...rate,
      hit: 'A',
      rows: [
        ['-', '-', '1'],
        ['3', '-', '2'],
      ],
    },
    'rules/overlap',
    'r.rows.1',
    '0, 1: 3 | [1..100000]',
  ],
  [
    'a row behind one that takes all',
    {
      ...mayBuy,
      rows: [
        ['-', '-', '-', '-', 'true'],
        ['true', '-', '-', '-', 'false'],
      ],
    },
    'rules/unreachable-row',
    'r.rows.1',
  ],
  [
    'a row that two before it cover',
    {
      ...mayBuy,
      rows: [
        ['true', '-', '-', '-', 'true'],
        ['false', '-', '-', '-', 'false'],
        ['-', '3', '-', '-', 'true'],
      ],
    },
    'rules/unreachable-row',
    'r.rows.2',
  ],
  [
    'a row beyond the bounds',
    table({ rows: [...rate.rows, ['> 9', '-', '400']] }),
    'rules/unreachable-row',
    'r.rows.5',
  ],
  [
    'a range without inside',
    table({ rows: [...rate.rows, ['(3..3)', '-', '400']] }),
    'rules/unreachable-row',
    'r.rows.5',
  ],
]

/** vectors/rules-tables.json */
export function tablesFile(): object {
  return {
    schema: tableSchema,
    inputs: usual,
    ran: ran.map(([claim, rule, given, value, rows]) => {
      return { claim, rule, inputs: given, value, ...(rows && { rows }) }
    }),
    refused: wrong.map(([claim, rule, code, path, detail]) => {
      return { claim, rule, code, path, ...(detail !== undefined && { detail }) }
    }),
  }
}
