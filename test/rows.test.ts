// docs/rows.md has every one of the ninety rows once, and names for it a command that exists, or
// says that it does not hold yet; what this release must show has a command.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { commandsOf, fault } from './shown-by.ts'

const page = readFileSync(join(import.meta.dirname, '..', 'docs/rows.md'), 'utf8')
const rows = page.split('\n').filter((line) => /^\| R\d+ \|/.test(line))
const cells = rows.map((row) => row.replace(/^\| /, '').replace(/ \|$/, '').split(' | '))
const name = (at: number): string => `R${at}`

test('every row from R1 to R90 stands on the page once, in its order', () => {
  assert.deepEqual(
    cells.map(([row]) => row),
    Array.from({ length: 90 }, (_, at) => name(at + 1)),
  )
  for (const row of cells) assert.equal(row.length, 4, row[0] ?? '')
})

test('every command that shows a row exists, and a row without one is not yet', () => {
  for (const [row = '', , now = '', shown = ''] of cells) {
    const commands = commandsOf(`| ${row} | ${shown} |`)
    const wrong = commands.map((command) => `${command}: ${fault(command)}`)
    assert.deepEqual(
      wrong.filter((each) => !each.endsWith(': ')),
      [],
      row,
    )
    const isNotYet = shown === 'not yet'
    assert.equal(isNotYet, commands.length === 0, row)
    assert.equal(isNotYet, now.startsWith('not yet'), row)
    assert.match(now, /^(?:holds|in part: |not yet)/, row)
  }
})

/** Rows that hold in this release, without screens. */
const held: readonly number[] = [
  2, 3, 4, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 31, 38, 39, 40, 45, 46, 53, 69,
]

test('what this release must show holds', () => {
  const now = new Map(cells.map(([row = '', , said = '']) => [row, said]))
  for (const at of held) assert.match(now.get(name(at)) ?? '', /^holds/, name(at))
})
