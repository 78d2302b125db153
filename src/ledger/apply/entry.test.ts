// Entries at the edge of what they may hold.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandBytesMax, entryBytesMax, isRefusal } from '#ledger/command'
import { decodeEntry, encodeEntry } from '#ledger/apply'

test('the entry of the longest command is read back', () => {
  const jws = 'a'.repeat(commandBytesMax)
  const result = { code: 'ok', w: 'w' }
  const text = encodeEntry({ h: 7, t: 1, kind: 'single', jws, result })
  assert(text.length <= entryBytesMax)
  const entry = decodeEntry(text)
  assert(!isRefusal(entry))
  assert.equal(encodeEntry(entry), text)
})

test('a system entry may have more members than a command', () => {
  const keys = Array.from({ length: 800 }, (_, index) => ({ kid: `k${index}` }))
  const text = encodeEntry({ h: 1, t: 1, kind: 'system', system: { kind: 'genesis', keys } })
  assert(!isRefusal(decodeEntry(text)))
})

test('a text longer than any entry is refused', () => {
  const jws = 'a'.repeat(entryBytesMax)
  const text = encodeEntry({ h: 7, t: 1, kind: 'envelope', jws })
  assert(isRefusal(decodeEntry(text)))
})
