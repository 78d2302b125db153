// Canonical JSON: one text for each value, and a reader that takes nothing else.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { DEPTH_MAX, JSON_LIMITS, decodeCanonical, encodeCanonical, isSafeJson } from './index.ts'
import type { Json } from './index.ts'

type Case = { readonly claim: string; readonly units: string }

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/canonical.json', import.meta.url), 'utf8'),
) as {
  readonly valid: readonly Case[]
  readonly sorted: readonly (Case & { readonly canonical: string })[]
  readonly invalid: readonly Case[]
}
const textOf = (units: string): string =>
  String.fromCharCode(...(units.match(/.{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16)))

/** What the canonical text is by another way: sort all members, then let the engine write. */
function written(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each
    const keys = Object.keys(each).sort((a, b) => (a < b ? -1 : 1))
    // Names like integers come first in a plain object, whatever the order.
    return keys.some((key) => /^\d+$/.test(key))
      ? each
      : Object.fromEntries(keys.map((key) => [key, (each as Record<string, unknown>)[key]]))
  })
}

test('every valid text is read, and written as it was', () => {
  for (const { claim, units } of vectors.valid) {
    const text = textOf(units)
    const value = decodeCanonical(text)
    if (text !== 'null') assert.notEqual(value, null, claim)
    assert.equal(encodeCanonical(value), text, claim)
    assert.ok(isSafeJson(value), claim)
  }
})

test('a value has its canonical text, however it was spelled', () => {
  for (const { claim, units, canonical } of vectors.sorted) {
    const value = JSON.parse(textOf(units)) as Json
    assert.equal(encodeCanonical(value), textOf(canonical), claim)
    assert.equal(decodeCanonical(textOf(units)), null, claim)
    assert.notEqual(decodeCanonical(textOf(canonical)), null, claim)
  }
})

test('no invalid text is read', () => {
  for (const { claim, units } of vectors.invalid) {
    assert.equal(decodeCanonical(textOf(units)), null, claim)
  }
})

const scalar = fc.oneof(
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\u0001', '\u001f', '\u007f', 'a', '办') }),
)
const name = fc
  .oneof(fc.string({ maxLength: 3 }), fc.constantFrom('1', '10', '2', 'constructor', '办'))
  .filter((text) => text !== '__proto__')
const { value: anyJson } = fc.letrec<{ value: Json; nested: Json }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, scalar, tie('nested')),
  nested: fc.oneof(
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
}))

test('reading undoes writing', () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      const text = encodeCanonical(value)
      const back = decodeCanonical(text)
      assert.deepEqual(JSON.parse(JSON.stringify(back)), JSON.parse(text))
      assert.equal(encodeCanonical(back), text)
      assert.ok(isSafeJson(value))
    }),
    { numRuns: 1_000 },
  )
})

test('the text is the one that the engine writes from sorted members', () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      const text = encodeCanonical(value)
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
      if (!/"\d+":/.test(text)) assert.equal(text, written(value))
    }),
    { numRuns: 1_000 },
  )
})

test('a text is read exactly when it is the canonical text of what JSON.parse finds', () => {
  const pieces = '{ } [ ] , : "a" "b" "" 1 -0 0 -1 1.0 1e1 null true 9007199254740993'.split(' ')
  const texts = ['"\\n"', '"\\u001f"', '"\\u0061"', '"\\/"', '\\', '"', ' ']
  const piece = fc.constantFrom(...pieces, ...texts)
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 9 }), (parts) => {
      const text = parts.join('')
      assert.equal(decodeCanonical(text) !== null, isCanonical(text) && text !== 'null', text)
    }),
    { numRuns: 20_000 },
  )
})

function isCanonical(text: string): boolean {
  try {
    const value = JSON.parse(text) as Json
    return isSafeJson(value) && encodeCanonical(value) === text
  } catch {
    return false
  }
}

test('what is not JSON is a defect to write', () => {
  const cyclic: unknown[] = []
  cyclic.push(cyclic)
  const wrong: unknown[] = [0.5, NaN, Infinity, 2 ** 53, -(2 ** 53), 1n, undefined, () => 1]
  wrong.push(Symbol('a'), '\ud800', { '\udc00': 1 }, { a: undefined }, [undefined], Array(1))
  wrong.push(new Date(0), new Map(), new Uint8Array(1), JSON.parse('{"__proto__":1}'), cyclic)
  for (const value of wrong) {
    assert.throws(() => encodeCanonical(value as Json), { name: 'Defect' }, String(typeof value))
    assert.equal(isSafeJson(value), false)
  }
})

test('minus zero is written as zero and is not safe to keep', () => {
  assert.equal(encodeCanonical([-0]), '[0]')
  assert.equal(isSafeJson([-0]), false)
  assert.equal(decodeCanonical('[-0]'), null)
})

test('depth ends at 32, whatever the limits say', () => {
  const text = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  const limits = { ...JSON_LIMITS, depthMax: 1_000 }
  assert.notEqual(decodeCanonical(text(DEPTH_MAX), limits), null)
  assert.equal(decodeCanonical(text(DEPTH_MAX + 1), limits), null)
  assert.equal(decodeCanonical(text(100_000), limits), null)
  assert.equal(decodeCanonical('{"a":'.repeat(100_000), limits), null)
  const deep = JSON.parse(text(DEPTH_MAX + 1)) as Json
  assert.equal(isSafeJson(deep, limits), false)
  assert.throws(() => encodeCanonical(deep), { name: 'Defect' })
  assert.equal(encodeCanonical(JSON.parse(text(DEPTH_MAX)) as Json), text(DEPTH_MAX))
})

test('limits are kept to the last unit', () => {
  assert.notEqual(decodeCanonical('[[]]', { depthMax: 2 }), null)
  assert.equal(decodeCanonical('[[]]', { depthMax: 1 }), null)
  assert.equal(decodeCanonical('1', { depthMax: 0 }), 1)
  assert.notEqual(decodeCanonical('[1,{"a":2}]', { membersMax: 3 }), null)
  assert.equal(decodeCanonical('[1,{"a":2}]', { membersMax: 2 }), null)
  assert.notEqual(decodeCanonical('[10]', { lengthMax: 4 }), null)
  assert.equal(decodeCanonical('[10]', { lengthMax: 3 }), null)
  const value = [1, { a: 2 }]
  assert.equal(isSafeJson(value, { ...JSON_LIMITS, membersMax: 3 }), true)
  assert.equal(isSafeJson(value, { ...JSON_LIMITS, membersMax: 2 }), false)
  assert.equal(isSafeJson(value, { ...JSON_LIMITS, depthMax: 1 }), false)
})

test('objects that are read have no prototype', () => {
  const value = decodeCanonical('{"constructor":{"a":1}}') as { constructor: object }
  assert.equal(Object.getPrototypeOf(value), null)
  assert.equal(Object.getPrototypeOf(value.constructor), null)
})
