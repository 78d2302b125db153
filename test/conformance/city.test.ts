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
  const { reads, readers, complete } = value['list'] as { [name: string]: unknown }
  assert.ok(Number(reads) > 10 && Number(readers) > 5)
  assert.equal(complete, true)
  const { outcome, changed } = value['title'] as { [name: string]: unknown }
  assert.deepEqual([outcome, changed], ['valid', 'not-genuine'])
})

test('a bank sees nothing before consent, then its read list, and is told of a change', () => {
  const { exit, value } = lianbanJson(['demo', 'account'])
  assert.equal(exit, 0, JSON.stringify(value))
  assert.deepEqual([value['before'], value['kept']], [0, 'sharing/no-consent'])
  assert.deepEqual(value['shown'], [
    'licence.days',
    'licence.legalRep',
    'licence.name',
    'licence.status',
    'licence.uscc',
    'repId.match',
    'request.bank',
    'request.purpose',
    'taxFile.no',
  ])
  assert.deepEqual(value['told'], ['bank-lotus', 'bank-willow'])
  assert.equal(value['old'], 'judge/not-bound')
})

test('supplies are conserved lot by lot, told in either language and marked as practice', () => {
  const told = {
    zh: [
      '[练习时钟 ',
      '公开页面',
      '数量 5990',
      '两次都被拒：数量或批次不符（processes/hold-broken）',
    ],
    en: ['[practice clock ', 'The public page', 'Quantity 5990', '(processes/hold-broken)'],
  }
  for (const [language, lines] of Object.entries(told)) {
    const { exit, out } = lianban(['demo', 'supplies', '--lang', language])
    assert.equal(exit, 0, out)
    for (const said of lines) assert.ok(out.includes(said), said)
    assert.doesNotMatch(out, /"name"|1199\d{14}/)
  }
})
