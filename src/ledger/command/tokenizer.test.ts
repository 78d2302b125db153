// The strict tokenizer accepts one spelling of what it accepts, refuses everything else by its own
// code at its own place, and never throws.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { depthMax, membersMax } from './limits.ts'
import { isRefusal } from './refusal.ts'
import { decodeStrict, hasMembers, isMembers } from './tokenizer.ts'
import type { Value } from './tokenizer.ts'

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
const wide = (members: number): string =>
  `{${Array.from({ length: members }, (_, at) => `"k${at}":1`).join(',')}}`

const refused: readonly (readonly [what: string, text: string, code: string, at?: string])[] = [
  ['nothing', '', 'command/truncated', '@0'],
  ['an open string', '"abc', 'command/truncated', '@4'],
  ['an open list', '[1,2', 'command/truncated', '@4'],
  ['an open record', '{"a":1', 'command/truncated', '@6'],
  ['a key without a value', '{"a"', 'command/truncated', '@4'],
  ['a letter above ASCII in a string', '{"a":"\u00e9"}', 'command/not-ascii', '@6'],
  ['a letter above ASCII outside', '\u00e9', 'command/not-ascii', '@0'],
  ['a letter above Latin-1', '["\u6237"]', 'command/not-ascii', '@2'],
  ['a lone surrogate', '["\ud800"]', 'command/not-ascii', '@2'],
  ['a byte order mark', '\ufeff{}', 'command/not-ascii', '@0'],
  ['a control character', '["\u0001"]', 'command/control-character', '@2'],
  ['a delete character', '["\u007f"]', 'command/control-character', '@2'],
  ['a NUL', '[1\0]', 'command/control-character', '@2'],
  ['a space in a string', '["a b"]', 'command/whitespace', '@3'],
  ['a space between tokens', '{"a": 1}', 'command/whitespace', '@5'],
  ['a space before', ' 1', 'command/whitespace', '@0'],
  ['a newline after', '1\n', 'command/whitespace', '@1'],
  ['a tab', '[\t1]', 'command/whitespace', '@1'],
  ['a carriage return', '[1\r]', 'command/whitespace', '@2'],
  ['an escape', '["\\u0041"]', 'command/backslash', '@2'],
  ['an escaped quote', '["\\""]', 'command/backslash', '@2'],
  ['a backslash outside', '\\', 'command/backslash', '@0'],
  ['a number with an exponent', '1e2', 'command/bad-number', '@0'],
  ['a number with a fraction', '[1.0]', 'command/bad-number', '@1'],
  ['minus zero', '-0', 'command/bad-number', '@0'],
  ['a leading zero', '01', 'command/bad-number', '@0'],
  ['a leading zero behind minus', '-01', 'command/bad-number', '@0'],
  ['a plus', '+1', 'command/bad-json', '@0'],
  ['a minus alone', '-', 'command/bad-number', '@0'],
  ['a half beyond the safe integers', '4503599627370497.5', 'command/bad-number', '@0'],
  ['2^53', '9007199254740992', 'command/bad-number', '@0'],
  ['2^53 + 1', '9007199254740993', 'command/bad-number', '@0'],
  ['-2^53', '-9007199254740992', 'command/bad-number', '@0'],
  ['seventeen digits', '10000000000000000', 'command/bad-number', '@0'],
  ['hexadecimal', '0x10', 'command/trailing-bytes', '@1'],
  ['not a number', 'NaN', 'command/bad-json', '@0'],
  ['infinity', '-Infinity', 'command/bad-number', '@0'],
  ['a capital literal', 'True', 'command/bad-json', '@0'],
  ['a longer literal', 'nullx', 'command/trailing-bytes', '@4'],
  ['two values', '{}{}', 'command/trailing-bytes', '@2'],
  ['a comma after the last item', '[1,]', 'command/bad-json', '@3'],
  ['a comma after the last member', '{"a":1,}', 'command/bad-json', '@7'],
  ['a comma alone', '[,]', 'command/bad-json', '@1'],
  ['no comma', '[1"a"]', 'command/bad-json', '@2'],
  ['no colon', '{"a"1}', 'command/bad-json', '@4'],
  ['an unquoted key', '{a:1}', 'command/bad-json', '@1'],
  ['a single-quoted text', "'a'", 'command/bad-json', '@0'],
  ['a comment', '/**/1', 'command/bad-json', '@0'],
  ['a wrong bracket', '[1}', 'command/bad-json', '@2'],
  ['a key twice', '{"a":1,"b":2,"a":3}', 'command/duplicate-key', '@13'],
  ['a key twice with one value', '{"a":1,"a":1}', 'command/duplicate-key', '@7'],
  ['a key twice with null', '{"a":null,"a":null}', 'command/duplicate-key', '@10'],
  ['__proto__', '{"__proto__":{"a":1}}', 'command/forbidden-key', '@1'],
  ['a key of digits', '{"0":1}', 'command/integer-key', '@1'],
  ['a key of many digits', '{"4294967296":1}', 'command/integer-key', '@1'],
  ['an empty key', '{"":1}', 'command/empty-key', '@1'],
  ['too deep a list', nested(depthMax + 1), 'command/too-deep', `@${depthMax}`],
  ['40,000 brackets', '['.repeat(40_000), 'command/too-deep', `@${depthMax}`],
  ['records too deep', '{"a":'.repeat(17), 'command/too-deep', '@80'],
  ['too many members', wide(membersMax + 1), 'command/too-many-members'],
  ['too long a text', `"${'a'.repeat(49_151)}"`, 'command/oversized'],
]

for (const [what, text, code, at] of refused) {
  test(`${what} is refused by its own code and place`, () => {
    const refusal = decodeStrict(text)
    assert.ok(isRefusal(refusal))
    assert.equal(refusal.code, code)
    if (at !== undefined) assert.equal(refusal.at, at)
  })
}

test('what fits the limits exactly is accepted', () => {
  assert.ok(!isRefusal(decodeStrict(nested(depthMax))))
  assert.ok(!isRefusal(decodeStrict(wide(membersMax))))
  assert.ok(!isRefusal(decodeStrict(`"${'a'.repeat(49_150)}"`)))
  assert.equal(decodeStrict('9007199254740991'), 9_007_199_254_740_991)
  assert.equal(decodeStrict('-9007199254740991'), -9_007_199_254_740_991)
})

test('members of all records together are counted', () => {
  const inside = wide(256)
  assert.ok(!isRefusal(decodeStrict(`[${inside},${inside}]`)))
  assert.ok(isRefusal(decodeStrict(`[${inside},${inside},{"k":1}]`)))
})

test('a caller may set other limits', () => {
  assert.ok(isRefusal(decodeStrict('[[]]', { depth: 1 })))
  assert.ok(isRefusal(decodeStrict('{"a":1,"b":2}', { members: 1 })))
  assert.ok(isRefusal(decodeStrict('"abc"', { bytes: 4 })))
  assert.ok(!isRefusal(decodeStrict('"abc"', { bytes: 5 })))
})

test('decoded objects inherit nothing, so that inherited names are plain keys', () => {
  const value = decodeStrict('{"constructor":1,"toString":2,"hasOwnProperty":3}')
  assert.ok(!isRefusal(value) && isMembers(value))
  const prototype: object = Object.getPrototypeOf(value) as object
  assert.deepEqual(Reflect.ownKeys(prototype), [])
  assert.ok(Object.isFrozen(prototype))
  assert.equal(Object.getPrototypeOf(prototype), null)
  assert.deepEqual({ ...value }, { constructor: 1, toString: 2, hasOwnProperty: 3 })
  const empty = decodeStrict('{}')
  assert.ok(!isRefusal(empty) && isMembers(empty))
  assert.equal(empty['toString'], undefined)
})

test('members keep the order in which they were written', () => {
  const value = decodeStrict('{"b":1,"a":2,"a1":3}')
  assert.ok(!isRefusal(value) && isMembers(value))
  assert.ok(hasMembers(value, ['b', 'a', 'a1']))
  assert.ok(!hasMembers(value, ['a', 'b', 'a1']))
  assert.ok(!hasMembers(value, ['b', 'a']))
  assert.ok(!hasMembers(value, ['b', 'a', 'a1', 'c']))
})

const strictText = fc
  .array(fc.integer({ min: 0x21, max: 0x7e }))
  .map((codes) => String.fromCharCode(...codes).replace(/["\\]/g, ''))

const strictKey = strictText.filter((key) => !/^(?:\d*|__proto__)$/.test(key))

const strictValue = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 6 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    strictText,
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(strictKey, tie('value'), { maxKeys: 6 }),
  ),
})).value

test('what is encoded is decoded to the same value', () => {
  fc.assert(
    fc.property(strictValue, (value) => {
      const text = encodeCanonical(value)
      const decoded = decodeStrict(text)
      assert.ok(!isRefusal(decoded))
      assert.equal(encodeCanonical(decoded as Json), text)
    }),
    { numRuns: 500 },
  )
})

test('whatever is accepted means the same to JSON.parse', () => {
  const marks = ['{', '}', '[', ']', ',', ':', '"', '\\', ' ', '\u00e9', '-', '.', 'e']
  const words = ['"a"', '"b"', '"__proto__"', '"1"', '0', '1', 'true', 'null', '{"a":1}', '[]']
  const token = fc.constantFrom(...marks, ...words, '9007199254740993', 'fals')
  fc.assert(
    fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
      const text = tokens.join('')
      const decoded = decodeStrict(text)
      if (isRefusal(decoded)) return
      assert.equal(encodeCanonical(decoded as Json), encodeCanonical(JSON.parse(text) as Json))
    }),
    { numRuns: 5_000 },
  )
})

test('a single changed byte never makes the tokenizer throw or accept two spellings', () => {
  fc.assert(
    fc.property(strictValue, fc.nat(), fc.integer({ min: 0, max: 255 }), (value, at, byte) => {
      const text = encodeCanonical(value)
      const place = at % text.length
      const changed = text.slice(0, place) + String.fromCharCode(byte) + text.slice(place + 1)
      const decoded: Value | { readonly code: string } = decodeStrict(changed)
      if (isRefusal(decoded)) {
        assert.match(decoded.code, /^command\/[a-z-]+$/)
        return
      }
      assert.equal(JSON.stringify(JSON.parse(changed)), changed)
    }),
    { numRuns: 2_000 },
  )
})

test('no string makes the tokenizer throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      decodeStrict(text)
    }),
    { numRuns: 2_000 },
  )
})

test('a key that came before is the same key, and no other is taken for it', () => {
  const pair = (key: string): string => `{"${key}":1,"n${key}":2}`
  // Alike in length and at both ends, so that only their insides tell them apart.
  for (let round = 0; round < 3; round += 1) {
    for (const middle of ['b', 'c', 'd', '_', '7', '{']) {
      const key = `a${middle}z`
      assert.deepEqual({ ...(decodeStrict(pair(key)) as object) }, { [key]: 1, [`n${key}`]: 2 })
      assert.deepEqual(decodeStrict(`{"${key}":1,"${key}":2}`), {
        code: 'command/duplicate-key',
        at: '@9',
      })
      assert.deepEqual(decodeStrict(`{"a z":1,"${key}":2}`), {
        code: 'command/whitespace',
        at: '@3',
      })
    }
    for (const key of ['__proto__', '12', '']) assert.ok(isRefusal(decodeStrict(pair(key))))
  }
})
