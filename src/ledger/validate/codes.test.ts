// The list of this room's codes is complete, and every code has one meaning.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { validateCodes } from './codes.ts'

test('the list holds exactly the codes that the sources of the room can give', () => {
  const folder = new URL('./', import.meta.url)
  const sources = readdirSync(folder).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'codes.ts',
  )
  const given = new Set<string>()
  for (const name of sources) {
    const text = readFileSync(new URL(name, folder), 'utf8')
    for (const [, code = ''] of text.matchAll(/'(validate\/[a-z0-9-]+)'/g)) given.add(code)
  }
  assert.deepEqual(new Set(validateCodes.map(([code]) => code)), given)
})

test('no code stands twice and each says what is wrong', () => {
  assert.equal(new Set(validateCodes.map(([code]) => code)).size, validateCodes.length)
  assert.equal(new Set(validateCodes.map(([, meaning]) => meaning)).size, validateCodes.length)
})
