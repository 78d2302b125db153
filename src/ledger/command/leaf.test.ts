// Leaves are registered forms: a sentence, a name of a person or a second spelling is none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base64urlIsCanonical } from '#base/bytes'
import { base64urlLength, isBytes, isDigest, isId, isKid, isMemberCode } from './leaf.ts'
import { isName, isOrigin, isRegisteredCode } from './leaf.ts'

test('a member code is two to 32 lower-case letters, digits and hyphens', () => {
  for (const text of ['tax', 'a1', 'housing-fund', `a${'b'.repeat(31)}`])
    assert.ok(isMemberCode(text))
  for (const text of ['', 'a', '1a', 'Tax', 'tax office', `a${'b'.repeat(32)}`, 'tax\n'])
    assert.ok(!isMemberCode(text))
})

test('a name is an identifier of at most 64 characters', () => {
  for (const text of ['case.act', 'title.v1', 'a', 'areaM2']) assert.ok(isName(text))
  for (const text of ['', 'Case', '.a', 'case act', 'case/act', `a${'b'.repeat(64)}`, 'a\n'])
    assert.ok(!isName(text))
})

test('an origin is a DNS name with a path and nothing else', () => {
  for (const text of ['ledger.city.example', 'ledger.city.example/2026', 'a/b/c'])
    assert.ok(isOrigin(text))
  for (const text of ['', 'a//b', '/a', 'a/', 'A.example', 'a b', `${'a'.repeat(129)}`, 'a\n'])
    assert.ok(!isOrigin(text))
})

test('bytes are canonical base64url of their exact length', () => {
  for (let length = 1; length <= 64; length += 1) {
    const text = Buffer.alloc(length, 0xa5).toString('base64url')
    assert.equal(text.length, base64urlLength(length))
    assert.ok(isBytes(text, length) && base64urlIsCanonical(text))
    assert.ok(!isBytes(text, length + 1) && !isBytes(`${text}=`, length))
    assert.ok(!isBytes(`${text}\n`, length))
  }
})

test('spare bits of the last character are zero in every length', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (const last of alphabet) {
    const id = 'A'.repeat(21) + last
    assert.equal(isId(id), base64urlIsCanonical(id))
    const digest = 'A'.repeat(42) + last
    assert.equal(isDigest(digest), base64urlIsCanonical(digest))
    assert.equal(isKid(id), isId(id))
    assert.equal(isKid(digest), isDigest(digest))
  }
})

test('registered codes carry their check characters', () => {
  assert.ok(isRegisteredCode('uscc', '11110000000021135M'))
  assert.ok(!isRegisteredCode('uscc', '11110000000021135N'))
  assert.ok(isRegisteredCode('certificateType', '11100000MB03271699022'))
  assert.ok(!isRegisteredCode('certificateType', '11100000MB0327169902'))
  assert.ok(!isRegisteredCode('certificateType', '11100000MB03271698022'))
  assert.ok(isRegisteredCode('serviceItem', '11100000MB032716991000115035000'))
  assert.ok(!isRegisteredCode('serviceItem', 'Zhang San'))
})
