// The practice city's stories, told by the program that anybody runs: what they say at the end was
// computed by the nodes of the city while they were told.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lianban, lianbanJson } from '#test/lianban'

test('a home changes hands, and everything that must not happen does not', () => {
  const { exit, value } = lianbanJson(['demo'])
  assert.equal(exit, 0, JSON.stringify(value))
  assert.equal(value['practice'], true)
  assert.ok(Number(value['seconds']) < 120)
  const { sheets, trips, workingDays } = value
  assert.deepEqual({ sheets, trips, workingDays }, { sheets: 0, trips: 1, workingDays: 0 })
  const [first = 0, second = 0] = value['paid'] as number[]
  assert.ok(second > 0 && second < first)
  assert.equal(first + second, value['due'])
  assert.equal(value['kept'], 'judge/guarded')
  assert.deepEqual(value['late'], ['moveGas'])
})

test('the story is told in Chinese and English, and marked as practice', () => {
  const { exit, out } = lianban(['demo'])
  assert.equal(exit, 0)
  for (const said of [
    '练习',
    'practice',
    '一个进程',
    'one operator',
    '没有可引用的基数',
    'no baseline',
  ]) {
    assert.ok(out.includes(said), said)
  }
})
