// What a load file says of itself and what of its source is masked stand in the report, for people
// and for programs, without a value of a cell.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resultOf } from '#test/load-results'
import { reportPage } from './report-page.ts'
import { reportOf } from './report.ts'

test('a report says what is made, and how many masked cells are never read', () => {
  const report = reportOf([resultOf({ isJoined: true }), resultOf({ name: 'plain' })], {
    missing: [],
    attested: null,
    at: 0,
    seconds: 1,
    by: null,
    second: null,
  })
  const [noted, plain] = report.sources
  assert.deepEqual(noted?.note, { zh: '当事人为练习生成', en: 'parties are made for practice' })
  assert.equal(plain?.note, null)
  assert.deepEqual(noted?.masked, { 备注: 17 })
  const [, section = '', other = ''] = reportPage(report).split('<section class="source"')
  for (const words of ['当事人为练习生成', 'parties are made for practice']) {
    assert.ok(section.includes(words))
    assert.ok(!other.includes(words))
  }
  assert.match(section, /class="masked".*备注.*17/)
})
