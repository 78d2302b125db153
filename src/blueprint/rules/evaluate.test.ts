// Properties of evaluation: a value that was foreseen, within gas, whatever else the data holds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import type { Checked, Inputs, Kind, Schema, Value } from './index.ts'
import { bindInputs, checkExpression, checkRule, decodeSchema, evaluate, gasMax } from './index.ts'
import { inputValuesMax, isChecked, isFault, isInputs, isRule, isSchema, listMax } from './index.ts'
import { runRule, toJson } from './index.ts'

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

/** A text, and what it gives; a thunk, because what is not reached does not overflow. */
type Made<T> = { readonly text: string; readonly value: () => T }
const lots = [1, 4, 0, 9]
const values: Json = {
  a: 3,
  z: -2,
  k: 5,
  offer: { fen: 7, ok: true },
  day: '2024-02-29',
  lots: lots.map((qty) => ({ qty })),
  gone: null,
  unsure: null,
}
const made: Json = {
  a: { is: 'integer', min: -9, max: 9 },
  z: { is: 'integer', min: -9, max: -1 },
  k: { is: 'integer', min: 1, max: 9 },
  offer: {
    is: 'record',
    fields: { fen: { is: 'integer', min: 0, max: 1_000 }, ok: { is: 'boolean' } },
  },
  day: { is: 'date' },
  lots: { is: 'list', of: { is: 'record', fields: { qty: { is: 'integer', min: 0, max: 9 } } } },
  gone: { is: 'integer', optional: true },
  unsure: { is: 'boolean', optional: true },
}
const madeSchema = schemaOf(made)
const madeInputs = inputsOf(madeSchema, values)

class Overflow extends Error {}
function safe(value: bigint): bigint {
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < -BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new Overflow()
  }
  return value
}

type Three = boolean | null
const both = (left: Three, right: () => Three): Three => {
  if (left === false) return false
  const other = right()
  return other === false ? false : left === null || other === null ? null : true
}
const negated = (value: Three): Three => (value === null ? null : !value)

/** Rounding by the definition: the integer that a comparison of fractions picks. */
function rounded(how: string, n: bigint, d: bigint): bigint {
  const [top, bottom] = d < 0n ? [-n, -d] : [n, d]
  let floor = top / bottom
  if (floor * bottom > top) floor -= 1n
  if (floor * bottom === top) return floor
  if (how === 'floor') return floor
  if (how === 'ceiling') return floor + 1n
  const up = top > 0n ? floor + 1n : floor
  const down = top > 0n ? floor : floor + 1n
  if (how === 'round up') return up
  if (how === 'round down') return down
  const twice = 2n * (top - floor * bottom)
  if (twice === bottom) return how === 'round half up' ? up : down
  return twice > bottom ? floor + 1n : floor
}

const roundings = ['floor', 'ceiling', 'round up', 'round down', 'round half up', 'round half down']
const divisors: readonly (readonly [string, bigint])[] = [
  ['2', 2n],
  ['-3', -3n],
  ['k', 5n],
  ['z', -2n],
]

const generated = fc.letrec<{ int: Made<bigint>; bool: Made<Three> }>((tie) => {
  const int = tie('int')
  const bool = tie('bool')
  return {
    int: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      fc.constantFrom<Made<bigint>>(
        { text: 'a', value: () => 3n },
        { text: 'z', value: () => -2n },
        { text: 'offer.fen', value: () => 7n },
        { text: '9007199254740991', value: () => BigInt(Number.MAX_SAFE_INTEGER) },
        { text: 'sum(lots.qty)', value: () => 14n },
        { text: 'count(lots[qty > 0])', value: () => 3n },
      ),
      fc.nat({ max: 9 }).map((n) => ({ text: String(n), value: () => BigInt(n) })),
      int.map(({ text, value }) => ({ text: `-(${text})`, value: () => -value() })),
      fc.tuple(fc.constantFrom('+', '-', '*'), int, int).map(([sign, a, b]) => ({
        text: `(${a.text}) ${sign} (${b.text})`,
        value: () => {
          const [x, y] = [a.value(), b.value()]
          return safe(sign === '+' ? x + y : sign === '-' ? x - y : x * y)
        },
      })),
      fc
        .tuple(fc.constantFrom(...roundings), int, fc.constantFrom(...divisors))
        .map(([how, n, [text, d]]) => ({
          text: `${how}((${n.text}) / ${text}${how.startsWith('round') ? ', 0' : ''})`,
          value: () => rounded(how, n.value(), d),
        })),
      fc.tuple(bool, int, int).map(([c, yes, no]) => ({
        // A condition that may be undecided is decided first, as a rule has to.
        text: `if (${c.text}) = true then ${yes.text} else ${no.text}`,
        value: () => (c.value() === true ? yes.value() : no.value()),
      })),
      fc.tuple(int, int).map(([a, b]) => ({
        text: `max([${a.text}, ${b.text}])`,
        value: () => [a.value(), b.value()].reduce((x, y) => (x > y ? x : y)),
      })),
    ),
    bool: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      fc.constantFrom<Made<Three>>(
        { text: 'offer.ok', value: () => true },
        { text: 'unsure', value: () => null },
        { text: 'gone > 1', value: () => null },
        { text: 'gone = null', value: () => true },
        { text: 'gone in (null, 1)', value: () => true },
        { text: 'some l in lots satisfies l.qty > 8', value: () => true },
        { text: 'every l in lots satisfies l.qty > 0', value: () => false },
        { text: 'day >= date("2024-03-01")', value: () => false },
      ),
      fc.tuple(bool, bool).map(([a, b]) => ({
        text: `(${a.text}) and (${b.text})`,
        value: () => both(a.value(), b.value),
      })),
      fc.tuple(bool, bool).map(([a, b]) => ({
        text: `(${a.text}) or (${b.text})`,
        value: () => negated(both(negated(a.value()), () => negated(b.value()))),
      })),
      bool.map(({ text, value }) => ({ text: `not(${text})`, value: () => negated(value()) })),
      fc.tuple(fc.constantFrom('<', '=', '>='), int, int).map(([sign, a, b]) => ({
        text: `(${a.text}) ${sign} (${b.text})`,
        value: () => {
          const [x, y] = [a.value(), b.value()]
          return sign === '<' ? x < y : sign === '=' ? x === y : x >= y
        },
      })),
      fc.tuple(int, int, int).map(([a, b, c]) => ({
        text: `(${a.text}) between (${b.text}) and (${c.text})`,
        value: () => {
          const [x, low, high] = [a.value(), b.value(), c.value()]
          return x >= low && x <= high
        },
      })),
      fc.tuple(int, fc.nat({ max: 5 }), fc.nat({ max: 5 })).map(([a, low, more]) => ({
        text: `(${a.text}) in (${low}, (${low + 1}..${low + 1 + more}], > 100)`,
        value: () => {
          const x = a.value()
          return x === BigInt(low) || (x > low + 1 && x <= low + 1 + more) || x > 100n
        },
      })),
    ),
  }
})

function checkedOf(text: string): Checked | null {
  const found = checkExpression(text, madeSchema)
  if (isChecked(found)) return found
  const giants = ['rules/too-long', 'rules/too-complex', 'rules/too-deep']
  assert.ok(
    found.every(({ code }) => giants.includes(code)),
    `${text}: ${JSON.stringify(found)}`,
  )
  return null
}

function expected(given: Made<bigint | Three>): bigint | Three | undefined {
  try {
    return given.value()
  } catch (error) {
    if (error instanceof Overflow) return undefined
    throw error
  }
}

test('what is built to have a value has that value, of the kind that was inferred', () => {
  let overflows = 0
  fc.assert(
    fc.property(fc.oneof(generated.int, generated.bool), (given) => {
      const checked = checkedOf(given.text)
      if (checked === null) return
      const result = evaluate(checked, madeInputs)
      const wanted = expected(given)
      if (wanted === undefined) {
        overflows += 1
        assert.ok(isFault(result) && result.code === 'rules/overflow', given.text)
        return
      }
      assert.ok(!isFault(result), `${given.text}: ${JSON.stringify(result)}`)
      const value = typeof wanted === 'bigint' ? Number(wanted) : wanted
      assert.equal(result.value, value, given.text)
      assert.ok(!Object.is(result.value, -0))
      assert.ok(fits(result.value, checked.kind), `${given.text}: ${JSON.stringify(checked.kind)}`)
    }),
    { numRuns: 4_000 },
  )
  assert.ok(overflows > 0)
})

function fits(value: Value, kind: Kind): boolean {
  if (value === null) return kind.is === 'null' || (kind.is !== 'list' && kind.optional)
  if (typeof value === 'boolean') return kind.is === 'boolean'
  if (typeof value === 'number') {
    return kind.is === 'integer' && value >= kind.min && value <= kind.max
  }
  return false
}

test('gas is counted exactly: with one step less there is no value', () => {
  fc.assert(
    fc.property(fc.oneof(generated.int, generated.bool), (given) => {
      const checked = checkedOf(given.text)
      const result = checked === null ? null : evaluate(checked, madeInputs)
      if (checked === null || result === null || isFault(result)) return
      const { gas } = result
      assert.deepEqual(evaluate(checked, madeInputs, gas), result)
      const less = evaluate(checked, madeInputs, gas - 1)
      assert.ok(isFault(less) && less.code === 'rules/out-of-gas', given.text)
    }),
    { numRuns: 1_000 },
  )
})

const hostile = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'a - z', 'a.b']
hostile.push('offer.fen', 'count', 'sum', 'if', 'a * k', '', ' a', 'now', 'item', '申请人', 'then')

test('gas counts nodes, and elements once for each walk over them', () => {
  const costs: readonly (readonly [text: string, gas: number])[] = [
    ['a', 1],
    ['a + z * k', 5],
    ['offer.fen', 2],
    ['[a, z]', 3],
    ['{x: a}', 2],
    ['lots', 1],
    ['lots.qty', 2 + 4],
    ['count(lots)', 2 + 4],
    ['for l in lots return 1', 2 + 4 * 2],
    ['some l in lots satisfies l.qty = 4', 2 + 2 * 5],
    ['every l in lots satisfies l.qty >= 0', 2 + 4 * 5],
    ['lots[qty > 0]', 2 + 4 * 4],
    ['a in (1, 2, 3)', 2 + 3],
    ['a in (3, 2, 1)', 2 + 1],
    ['a in lots.qty', 2 + 2 + 4 + 4],
    ['floor(a / 2)', 3],
    ['offer.ok or unsure', 3],
    ['unsure or offer.ok', 4],
    ['if offer.ok then 1 else a + z', 4],
  ]
  for (const [text, gas] of costs) {
    const checked = checkedOf(text)
    const result = checked === null ? null : evaluate(checked, madeInputs)
    assert.ok(result !== null && !isFault(result), text)
    assert.equal(result.gas, gas, text)
  }
})

test('no field of the data that nobody declared changes anything', () => {
  const extra = fc.dictionary(fc.constantFrom(...hostile), fc.jsonValue({ maxDepth: 1 }))
  fc.assert(
    fc.property(fc.oneof(generated.int, generated.bool), extra, (given, more) => {
      const checked = checkedOf(given.text)
      if (checked === null) return
      const offer = { ...more, fen: 7, ok: true } as Json
      const dirty = inputsOf(madeSchema, {
        ...(more as object),
        ...(values as object),
        offer,
      } as Json)
      assert.deepEqual(evaluate(checked, dirty), evaluate(checked, madeInputs), given.text)
    }),
    { numRuns: 1_000 },
  )
  const inherited = schemaOf({
    constructor: { is: 'text', optional: true },
    toString: { is: 'integer', optional: true },
  })
  const none = inputsOf(inherited, {})
  assert.deepEqual([...none.values.values()], [null, null])
  const poisoned = JSON.parse('{"__proto__":{"a":9},"a":3,"z":-2,"k":5}') as object
  const bound = inputsOf(madeSchema, { ...(values as object), ...poisoned } as Json)
  assert.deepEqual(bound.values.get('a'), 3)
})

test('a trace names operands, value and gas, and is the same every time', () => {
  const rule = checkRule({ feel: 'sum(lots.qty) + offer.fen * a' }, madeSchema)
  assert.ok(isRule(rule))
  const first = runRule(rule, madeInputs)
  assert.ok(!isFault(first))
  // A node each, and each element of the list where it is projected and where it is summed.
  const written = encodeCanonical(first.trace)
  const trace = '{"gas":16,"operands":{"a":3,"lots.qty":[1,4,0,9],"offer.fen":7},"value":35}'
  assert.equal(written, trace)
  const again = runRule(rule, inputsOf(madeSchema, values))
  assert.ok(!isFault(again))
  assert.equal(encodeCanonical(again.trace), trace)
})

test('operands are the paths that are read, and those of which only existence is asked', () => {
  const found = checkExpression(
    'if gone != null then count(lots) else sum(for l in lots[qty > a] return l.qty)',
    madeSchema,
  )
  assert.ok(isChecked(found))
  assert.deepEqual(found.operands, { values: ['a', 'lots.qty'], presence: ['gone', 'lots'] })
})

test('inputs are bounded, and walking over them is', () => {
  const list = schemaOf({ xs: { is: 'list', of: { is: 'integer' } } })
  const ones = (length: number): Json => ({ xs: Array.from({ length }, () => 1) })
  assert.deepEqual(bindInputs(list, ones(listMax + 1)), [
    { path: 'xs', code: 'rules/input-too-large' },
  ])
  const deep = schemaOf({ xs: { is: 'list', of: { is: 'list', of: { is: 'integer' } } } })
  const rows = Array.from({ length: 500 }, () => Array.from({ length: 500 }, () => 1))
  const faults = bindInputs(deep, { xs: rows })
  assert.ok(!isInputs(faults))
  assert.deepEqual(
    faults.map(({ code }) => code),
    ['rules/input-too-large'],
  )
  assert.ok(500 * 500 > inputValuesMax)
  const cubic = checkExpression(
    'count(for a in xs return for b in xs return for c in xs return 1)',
    list,
  )
  assert.ok(isChecked(cubic))
  const result = evaluate(cubic, inputsOf(list, ones(listMax)))
  assert.ok(isFault(result) && result.code === 'rules/out-of-gas')
  const bombed = checkExpression('sum(xs) + sum(xs)', list)
  assert.ok(isChecked(bombed))
  const paid = evaluate(bombed, inputsOf(list, ones(listMax)))
  assert.ok(!isFault(paid) && paid.gas > 2 * listMax && paid.gas < gasMax)
  assert.equal(toJson(paid.value), 2 * listMax)
})

test('a schema is bounded in names and depth', () => {
  const nest = (depth: number): Json =>
    depth === 0 ? { is: 'date' } : { is: 'record', fields: { a: nest(depth - 1) } }
  assert.ok(isSchema(decodeSchema({ a: nest(7) })))
  const deep = decodeSchema({ a: nest(20) })
  assert.ok(!isSchema(deep))
  assert.equal(deep[0]?.code, 'rules/schema-too-large')
  const lists = (depth: number): Json =>
    depth === 0 ? { is: 'date' } : { is: 'list', of: lists(depth - 1) }
  const many = decodeSchema({ a: lists(20) })
  assert.ok(!isSchema(many))
  assert.equal(many[0]?.code, 'rules/schema-too-large')
  const names = Object.fromEntries(
    Array.from({ length: 513 }, (_, at) => [`n${at}`, { is: 'date' }]),
  )
  assert.deepEqual(decodeSchema(names), [{ path: '', code: 'rules/schema-too-large' }])
})
