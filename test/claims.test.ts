// docs/claims.md names for every claim the command that shows it. Here each of these commands is
// checked to exist: its scripts, its files, the tests, fault claims and sections that it picks; and
// nothing that can be shown is left out of the page.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { commandsOf, fault, sections, wordsOf } from './shown-by.ts'
import { claims } from './faults/claims.ts'

const page = readFileSync(join(import.meta.dirname, '..', 'docs/claims.md'), 'utf8')

test('every command that shows a claim exists', () => {
  const commands = commandsOf(page)
  assert.ok(commands.length > 30, `${commands.length} commands found`)
  const wrong = commands.flatMap((command) => {
    const what = fault(command)
    return what === '' ? [] : [`${command}: ${what}`]
  })
  assert.deepEqual(wrong, [])
})

test('every claim about faults and every section of the bench is on the page', () => {
  const shown = commandsOf(page).flatMap((command) => {
    const words = wordsOf(command)
    return words.includes('--only') ? (words[words.indexOf('--only') + 1] ?? '').split(',') : []
  })
  const all = [...claims.map(({ name }) => name), ...sections]
  assert.deepEqual(
    all.filter((name) => !shown.includes(name)),
    [],
  )
})

test('every promise from P1 to P15 has its row', () => {
  const promised = Array.from({ length: 15 }, (_, index) => `P${index + 1}`)
  const rows = new Set([...page.matchAll(/^\| (P\d+) \|/gm)].map(([, name]) => name))
  assert.deepEqual(
    promised.filter((name) => !rows.has(name)),
    [],
  )
})

test('a command that names nothing is found', () => {
  assert.equal(fault('npm test'), '')
  assert.notEqual(fault('npm run faults -- --only miracles'), '')
  assert.notEqual(fault('npm run wonders'), '')
  assert.notEqual(fault('node --test test/none.test.ts'), '')
  assert.notEqual(fault('node --test test/run.test.ts --test-name-pattern "never written"'), '')
  assert.notEqual(fault('rm -rf everything'), '')
})
