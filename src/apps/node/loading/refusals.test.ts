// What is refused is kept in ranges, and nothing of it is lost or made up.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Refusals } from './index.ts'

const cell = fc.record({
  gap: fc.integer({ min: 0, max: 3 }),
  letter: fc.constantFrom('', 'A', 'AB'),
  code: fc.constantFrom('a/b', 'c/d'),
})

test('every refused row and cell can be had back, in the order of the source', () => {
  const property = fc.property(fc.array(cell), (cells) => {
    let row = 2
    const said = cells.map(({ gap, letter, code }) => {
      row += gap
      return { row, at: `${letter}${row}`, column: letter === '' ? null : letter, code }
    })
    const refusals = Refusals.of(said)
    assert.equal(refusals.count, said.length)
    const word = ({ at, code }: { readonly at: string; readonly code: string }) => `${code} ${at}`
    const list = refusals.list()
    assert.deepEqual(new Set(list.map(word)), new Set(said.map(word)))
    assert.deepEqual(
      list.map((each) => each.row),
      list.map((each) => each.row).toSorted((a, b) => a - b),
    )
    const counts = refusals.groups().reduce((sum, { count }) => sum + count, 0)
    assert.equal(counts, said.length)
  })
  fc.assert(property)
})

test('a million rows with three bad cells each are kept in some megabytes', () => {
  const refusals = new Refusals()
  for (let row = 2; row < 1_000_002; row += 1) {
    for (const at of ['A', 'B', 'C']) {
      refusals.add({ row, at: `${at}${row}`, column: at, code: 'sources/masked' })
    }
  }
  assert.equal(refusals.count, 3_000_000)
  assert.deepEqual(
    refusals.groups().map(({ letter, rows }) => [letter, rows]),
    ['A', 'B', 'C'].map((letter) => [letter, [[2, 1_000_001]]]),
  )
})
