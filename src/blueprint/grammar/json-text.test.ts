// Reading JSON as people write it: one meaning or a fault with its place.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readJsonText } from './index.ts'

function faultOf(text: string): string {
  const read = readJsonText(text)
  return 'value' in read ? 'read' : `${read.code} ${read.path} ${read.detail ?? ''}`.trim()
}

test('white space and order are free', () => {
  const read = readJsonText(' {\n "b" : [ 1 , true , null ] ,\t"a":"x\\u4e2d"}\r\n')
  assert.ok('value' in read)
  assert.deepEqual(JSON.parse(JSON.stringify(read.value)), { b: [1, true, null], a: 'x中' })
})

test('a fault has its path, line and column', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{"a":1,\n "a":2}', 'grammar/duplicate-member a 2:5'],
    ['{"a":{"b":1.0}}', 'grammar/bad-number a.b 1:14 1.0'],
    ['[1e3]', 'grammar/bad-number 0 1:5 1e3'],
    ['[-0]', 'grammar/bad-number 0 1:4 -0'],
    ['[01]', 'grammar/bad-number 0 1:4 01'],
    ['[9007199254740993]', 'grammar/bad-number 0 1:18 9007199254740993'],
    ['{"a":\n  truth}', 'grammar/bad-json a 2:3'],
    ['{"a" 1}', 'grammar/bad-json a 1:6'],
    ['[1,]', 'grammar/bad-json 1 1:4'],
    ['{"a":1} x', 'grammar/bad-json  1:9'],
    ['"\\ud800"', 'grammar/bad-json  1:9'],
    ['"a\nb"', 'grammar/bad-json  1:3'],
    ['{"__proto__":1}', 'grammar/unknown-member __proto__ 1:13'],
    ['', 'grammar/bad-json  1:1'],
  ]
  for (const [text, fault] of cases) assert.equal(faultOf(text), fault, text)
})

test('depth and length end at their limits', () => {
  assert.equal(faultOf('['.repeat(16) + ']'.repeat(16)), 'read')
  assert.match(faultOf('['.repeat(17) + ']'.repeat(17)), /^grammar\/too-deep/)
  assert.match(faultOf('['.repeat(100_000)), /^grammar\/too-deep/)
  assert.match(faultOf(' '.repeat(262_145)), /^grammar\/oversized/)
})

test('what it reads is what JSON means, and it never throws', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value, null, 1)
      const read = readJsonText(text)
      if ('value' in read)
        assert.deepEqual(JSON.parse(JSON.stringify(read.value)), JSON.parse(text))
      else assert.match(read.code, /bad-number|bad-json|unknown-member/)
    }),
    { numRuns: 500 },
  )
  const pieces = fc.array(fc.constantFrom('{', '}', '[', ']', ':', ',', '"a"', '1', ' ', '"', '\\'))
  fc.assert(fc.property(pieces, (parts) => faultOf(parts.join('')) !== ''))
})
