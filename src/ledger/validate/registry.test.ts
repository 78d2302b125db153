// Registry records are read by their keys, and a key counts from its first height until, but not
// at, its last.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Defect } from '#base/assert'
import { keyRecord, makeKey, memberRecord } from '#test/commands'
import { keyInForce, keyKey, memberKey, readKey, readMember } from './registry.ts'
import type { Reading } from './registry.ts'

const key = makeKey('registry')
const record = keyRecord(key, 'tax')
const reading = (entries: object): Reading => ({ get: (name) => Object(entries)[name] })

test('records are found under their state keys', () => {
  const view = reading({
    'members/member/tax': memberRecord('tax'),
    [`members/key/${key.kid}`]: record,
  })
  assert.equal(memberKey('tax'), 'members/member/tax')
  assert.equal(keyKey(key.kid), `members/key/${key.kid}`)
  assert.deepEqual(readMember(view, 'tax'), memberRecord('tax'))
  assert.deepEqual(readKey(view, key.kid), record)
})

test('where there is no record, there is none', () => {
  const view = reading({ 'members/member/gone': null })
  assert.equal(readMember(view, 'tax'), undefined)
  assert.equal(readMember(view, 'gone'), undefined)
  assert.equal(readKey(view, key.kid), undefined)
})

test('a record under the name of another is a defect: only our own code writes records', () => {
  const view = reading({ 'members/member/tax': memberRecord('bank'), [keyKey('x')]: record })
  assert.throws(() => readMember(view, 'tax'), Defect)
  assert.throws(() => readKey(view, 'x'), Defect)
})

test('a key counts from its first height until, but not at, its last', () => {
  const between = { ...record, from: 5, until: 8 }
  const counts = [4, 5, 7, 8].map((height) => keyInForce(between, height))
  assert.deepEqual(counts, [false, true, true, false])
  assert.ok(keyInForce({ ...record, from: 5 }, Number.MAX_SAFE_INTEGER))
})
