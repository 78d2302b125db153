// Problems: every code has its row, and a problem holds what it should.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandCodes } from '#ledger/command'
import { orderCodes } from '#ledger/order'
import { validateCodes } from '#ledger/validate'
import { nodeCodes } from './codes.ts'
import { languageOf, problemCodes, problemText, statusOf } from './problems.ts'

test('every code that a sender can be given has its row', () => {
  const rows = new Set(problemCodes())
  const given = [commandCodes, validateCodes, orderCodes, nodeCodes].flatMap((list) =>
    list.map(([code]) => code),
  )
  // Approvals are verified when a command is applied, so these stand in receipts.
  const applied = (code: string): boolean =>
    code.startsWith('validate/approval-') || code === 'validate/same-officer'
  const missing = given.filter((code) => !rows.has(code) && !applied(code))
  assert.deepEqual(missing, [])
})

test('an unknown code is 422 and answers with its address', () => {
  assert.equal(statusOf('tests/unknown'), 422)
  const text = problemText({ refusal: { code: 'tests/unknown' }, language: 'en' })
  assert.equal((JSON.parse(text) as { title: string }).title, 'tests/unknown')
})

test('the first of the two languages that is named counts', () => {
  assert.equal(languageOf('zh-CN,zh;q=0.9,en;q=0.8'), 'zh')
  assert.equal(languageOf('en-US'), 'en')
  assert.equal(languageOf('fr, en'), 'en')
  assert.equal(languageOf('fr'), 'both')
  assert.equal(languageOf('*'), 'both')
  assert.equal(languageOf(undefined), 'both')
  assert.equal(languageOf('zhuang'), 'both')
})

test('what a problem carries beside its code stands in it', () => {
  const errors = [problemText({ refusal: { code: 'validate/expired' }, language: 'en' })]
  const refusal = { code: 'validate/expired', at: 'intent.notAfter' }
  const text = problemText({ refusal, language: 'en', errors, signed: 'a.b.c' })
  assert.deepEqual(JSON.parse(text), {
    type: 'urn:lianban:problem:validate/expired',
    code: 'validate/expired',
    title: 'notAfter is before the block',
    status: 422,
    at: 'intent.notAfter',
    errors: [JSON.parse(errors[0] ?? '')],
    signed: 'a.b.c',
  })
})
