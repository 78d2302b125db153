// Matching of persons and firms: what is the same, what is in doubt, and that nothing is guessed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Entry, MatchingRules } from '#apps/node/matching'
import { decodeRules, isRules, match, matchAll } from '#apps/node/matching'

const firms: MatchingRules = {
  format: 'lianban/matching/1',
  about: 'firm',
  names: [
    { rule: 'blanks' },
    { rule: 'width' },
    { rule: 'ending', from: '有限责任公司', to: '有限公司' },
    { rule: 'beginning', from: '北京市', to: '北京' },
  ],
}
const persons: MatchingRules = {
  format: 'lianban/matching/1',
  about: 'person',
  names: [{ rule: 'blanks' }, { rule: 'dots' }],
}
const codes = ['91110108MA0PRACT1H', '91110105MA0PRACT03', '91110106MA0PRACT2P']
const [one = '', two = ''] = codes
const firm = (code: string, name: string, former?: readonly string[]): Entry => ({
  row: 1,
  code,
  name,
  ...(former === undefined ? {} : { former }),
})

test('one code and one name are the same, by the first declared rule that makes the names one', () => {
  const as = (a: string, b: string) => match(firms, firm(one, a), firm(` ${one} `, b))
  assert.deepEqual(as('练习公司', '练习公司'), { is: 'same', by: 'code-and-name' })
  assert.deepEqual(as('练习 公司', '练习公司 '), { is: 'same', by: 'code-and-blanks' })
  assert.deepEqual(as('练习（北京）公司', '练习(北京)公司'), { is: 'same', by: 'code-and-width' })
  const ended = as('北京练习有限责任公司', '北京练习有限公司')
  assert.deepEqual(ended, { is: 'same', by: 'code-and-ending' })
  const both = as('北京市练习有限责任公司', '北京练习有限公司')
  assert.deepEqual(both, { is: 'same', by: 'code-and-beginning' })
  const renamed = match(firms, firm(one, '新名公司', ['旧名 公司']), firm(one, '旧名公司'))
  assert.deepEqual(renamed, { is: 'same', by: 'code-and-former' })
})

test('what is in doubt is a question, with its reason', () => {
  const why = (a: Entry, b: Entry) => match(firms, a, b)
  const renamed = why(firm(one, '甲公司'), firm(one, '乙公司'))
  assert.deepEqual(renamed, { is: 'doubt', why: 'names-differ' })
  const twice = why(firm(one, '甲公司'), firm(two, '甲 公司'))
  assert.deepEqual(twice, { is: 'doubt', why: 'codes-differ' })
  for (const code of ['', '9111****RACT', one.replace(/.$/, 'X')]) {
    const missing = why(firm(one, '甲公司'), firm(code, '甲公司'))
    assert.deepEqual(missing, { is: 'doubt', why: 'code-missing' }, code)
  }
  assert.deepEqual(why(firm(one, '甲公司'), firm(two, '乙公司')), { is: 'different' })
  assert.deepEqual(why(firm('', ''), firm('', '')), { is: 'different' })
})

test('an identity number of fifteen digits is the one of eighteen that it became', () => {
  const now = { row: 1, code: '110105194806120046', name: '练·卖方' }
  const then = { row: 2, code: '110105480612004', name: '练・卖方' }
  assert.deepEqual(match(persons, now, then), { is: 'same', by: 'code-and-dots' })
  const other = { ...then, code: '110105480612005' }
  assert.deepEqual(match(persons, now, other), { is: 'doubt', why: 'codes-differ' })
})

test('two sources give each pair once, and a code that stands twice is a question', () => {
  const left = [firm(one, '甲公司'), { ...firm(one, '甲二公司'), row: 2 }]
  const right = [
    { ...firm(one, '甲公司'), row: 7 },
    { ...firm(two, '丙公司'), row: 8 },
  ]
  assert.deepEqual(matchAll(firms, left, right), {
    same: [{ left: 1, right: 7, by: 'code-and-name' }],
    tickets: [
      { why: 'code-twice', left: 1, right: null, again: 2 },
      { why: 'names-differ', left: 2, right: 7 },
    ],
    onlyLeft: 0,
    onlyRight: 1,
    uncoded: { left: 0, right: 0 },
  })
})

const names = ['甲公司', '甲 公司', '乙有限责任公司', '乙有限公司', '北京市丙', '北京丙', '']
const entry = fc.record({
  row: fc.integer({ min: 1, max: 1_000_000 }),
  code: fc.constantFrom(...codes, '', 'none', `${one} `),
  name: fc.constantFrom(...names),
  former: fc.array(fc.constantFrom(...names), { maxLength: 2 }),
})

test('the verdict does not depend on the side, and two valid codes are never one firm', () => {
  fc.assert(
    fc.property(entry, entry, (a, b) => {
      const verdict = match(firms, a, b)
      const other = match(firms, b, a)
      assert.deepEqual(verdict, other)
      if (verdict.is === 'same') assert.equal(a.code.trim(), b.code.trim())
    }),
    { numRuns: 2000 },
  )
})

test('matching sources finds exactly the pairs that matching entries one by one finds', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), fc.array(entry, { maxLength: 12 }), (a, b) => {
      const left = a.map((each, at) => ({ ...each, row: at + 1 }))
      const right = b.map((each, at) => ({ ...each, row: at + 1 }))
      const { same, tickets } = matchAll(firms, left, right)
      const found = [
        ...same.map((pair) => `${pair.left}-${pair.right} same`),
        ...tickets.flatMap((each) =>
          each.right === null ? [] : [`${each.left}-${each.right} ${each.why}`],
        ),
      ]
      const expected = left.flatMap((l) =>
        right.flatMap((r) => {
          const verdict = match(firms, l, r)
          if (verdict.is === 'different') return []
          return [`${l.row}-${r.row} ${verdict.is === 'same' ? 'same' : verdict.why}`]
        }),
      )
      assert.deepEqual(found.toSorted(), expected.toSorted())
    }),
    { numRuns: 500 },
  )
})

test('rules are read strictly, and a fault names its place', () => {
  assert.ok(isRules(decodeRules(firms as never)))
  const refused: readonly (readonly [unknown, string])[] = [
    [[], ''],
    [{ ...firms, more: 1 }, 'more'],
    [{ ...firms, format: 'x' }, 'format'],
    [{ ...firms, about: 'animal' }, 'about'],
    [{ ...firms, names: [{ rule: 'blanks' }, { rule: 'similar' }] }, 'names[1]'],
    [{ ...firms, names: [{ rule: 'ending', from: '', to: 'x' }] }, 'names[0]'],
    [{ ...firms, names: [{ rule: 'blanks', from: 'x' }] }, 'names[0]'],
  ]
  for (const [value, path] of refused) {
    const fault = decodeRules(value as never)
    assert.ok(!isRules(fault))
    assert.equal(fault.path, path)
  }
})
