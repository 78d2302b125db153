// Refusals are told from foreign data, and their places compose.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal, refuse, within } from './refusal.ts'
import { decodeStrict } from './tokenizer.ts'

test('a refusal is one, with or without a place', () => {
  assert.ok(isRefusal(refuse('command/oversized')))
  assert.ok(isRefusal(refuse('command/oversized', 'jws')))
})

test('a decision that says ok is no refusal', () => {
  assert.ok(!isRefusal({ code: 'ok', writes: [] }))
})

test('a decoded object is never taken for a refusal, whatever its sender wrote into it', () => {
  const value = decodeStrict('{"code":"command/oversized","at":"jws"}')
  assert.ok(!isRefusal(value))
  assert.deepEqual({ ...(value as object) }, { code: 'command/oversized', at: 'jws' })
})

test('nothing else is a refusal', () => {
  for (const x of [null, undefined, 0, '', 'command/oversized', [], new Uint8Array(1), { code: 1 }])
    assert.ok(!isRefusal(x))
})

test('places compose to a path', () => {
  assert.deepEqual(within('intent', refuse('a', '@7')), { code: 'a', at: 'intent@7' })
  assert.deepEqual(within('items', refuse('a', '[3].x')), { code: 'a', at: 'items[3].x' })
  assert.deepEqual(within('body', refuse('a', 'reads')), { code: 'a', at: 'body.reads' })
  assert.deepEqual(within('body', refuse('a')), { code: 'a', at: 'body' })
})
