// An intent is its bytes: exactly five members in their order, and what is decoded is what was
// encoded.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeIntent, encodeIntent } from './intent.ts'
import { intentBytesMax } from './limits.ts'
import { isRefusal } from './refusal.ts'

const id = 'AAECAwQFBgcICQoLDA0ODw'
const head = `{"ledger":"city.example/l","id":"${id}","type":"case.act"`
const text = `${head},"body":{"a":1},"notAfter":7}`

test('an intent is decoded with its exact bytes and their hash', () => {
  const intent = decodeIntent(text)
  assert.ok(!isRefusal(intent))
  assert.equal(intent.ledger, 'city.example/l')
  assert.equal(intent.id, id)
  assert.equal(intent.type, 'case.act')
  assert.deepEqual({ ...intent.body }, { a: 1 })
  assert.equal(intent.notAfter, 7)
  assert.equal(intent.text, text)
  assert.equal(intent.hash, createHash('sha256').update(text).digest('base64url'))
})

test('the body keeps the order that its sender chose: the bytes are never made again', () => {
  const other = text.replace('{"a":1}', '{"b":2,"a":1}')
  const intent = decodeIntent(other)
  assert.ok(!isRefusal(intent))
  assert.equal(intent.text, other)
})

const refused: readonly (readonly [what: string, text: string, code: string, at: string])[] = [
  ['a list', '[]', 'command/bad-members', 'intent'],
  [
    'another order',
    text.replace(/^\{("ledger":"[^"]*"),("id":"[^"]*")/, '{$2,$1'),
    'command/bad-members',
    'intent',
  ],
  ['a member too many', text.replace('}', '},"x":1'), 'command/bad-members', 'intent'],
  ['a member too few', text.replace(',"notAfter":7', ''), 'command/bad-members', 'intent'],
  [
    'a ledger with a space',
    text.replace('city.example/l', 'city'.toUpperCase()),
    'command/bad-member',
    'intent.ledger',
  ],
  ['a short id', text.replace(id, 'AAAA'), 'command/bad-member', 'intent.id'],
  [
    'an id with spare bits',
    text.replace(id, `${id.slice(0, 21)}x`),
    'command/bad-member',
    'intent.id',
  ],
  [
    'a type that is a sentence',
    text.replace('case.act', 'Case'),
    'command/bad-member',
    'intent.type',
  ],
  ['a body that is a list', text.replace('{"a":1}', '[1]'), 'command/bad-member', 'intent.body'],
  ['a body that is null', text.replace('{"a":1}', 'null'), 'command/bad-member', 'intent.body'],
  ['a negative time', text.replace(':7', ':-7'), 'command/bad-member', 'intent.notAfter'],
  ['a time in words', text.replace(':7', ':"7"'), 'command/bad-member', 'intent.notAfter'],
  [
    'a body that breaks the strict rules',
    text.replace('{"a":1}', '{"a":1,"a":1}'),
    'command/duplicate-key',
    'intent@89',
  ],
]

for (const [what, wrong, code, at] of refused) {
  test(`${what} is no intent`, () => {
    const refusal = decodeIntent(wrong)
    assert.ok(isRefusal(refusal))
    assert.deepEqual(refusal, { code, at })
  })
}

test('an intent of the greatest length is decoded, one byte more is not', () => {
  const sized = (fill: number): string => text.replace('1}', `1,"b":"${'a'.repeat(fill)}"}`)
  const fill = intentBytesMax - sized(0).length
  assert.ok(!isRefusal(decodeIntent(sized(fill))))
  assert.deepEqual(decodeIntent(sized(fill + 1)), { code: 'command/oversized', at: 'intent' })
})

test('what is encoded is decoded to the same members', () => {
  const key = fc.stringMatching(/^[a-z][A-Za-z0-9.-]{0,8}$/)
  const body = fc.dictionary(key, fc.oneof(fc.maxSafeInteger(), key, fc.boolean()), { maxKeys: 9 })
  const members = fc.record({
    ledger: fc.stringMatching(/^[a-z0-9.-]{1,20}(?:\/[a-z0-9.-]{1,9})?$/),
    id: fc
      .uint8Array({ minLength: 16, maxLength: 16 })
      .map((b) => Buffer.from(b).toString('base64url')),
    type: key,
    body,
    notAfter: fc.maxSafeNat(),
  })
  fc.assert(
    fc.property(members, (given) => {
      const intent = decodeIntent(encodeIntent(given))
      assert.ok(!isRefusal(intent))
      const { ledger, type, notAfter } = intent
      assert.deepEqual(
        { ledger, id: intent.id, type, body: { ...intent.body }, notAfter },
        { ...given, body: { ...given.body } },
      )
    }),
    { numRuns: 300 },
  )
})
