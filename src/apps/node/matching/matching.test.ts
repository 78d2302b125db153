// Matching of persons and firms: what is the same, what is in doubt, and that nothing is guessed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { citizenIdCheck } from '#base/codes'
import type { Entry, MatchingRules, NameRule } from '#apps/node/matching'
import { decodeRules, isRules, match, matchAll, TooManyPairs } from '#apps/node/matching'

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
  names: [
    { rule: 'blanks' },
    { rule: 'width' },
    { rule: 'dots' },
    { rule: 'forms' },
    { rule: 'character', from: '\u{3447}', to: '刍' },
    { rule: 'character', from: '\ue863', to: '䶮' },
  ],
}
const codes = ['91110108MA0PRACT1H', '91110105MA0PRACT03', '91110106MA0PRACT2P']
const [one = '', two = ''] = codes
const firm = (code: string, name: string, former?: readonly string[]): Entry => ({
  row: 1,
  code,
  name,
  ...(former === undefined ? {} : { former }),
})

const person = (code: string, name: string, former?: readonly string[]): Entry =>
  firm(code, name, former)

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

test('spellings of a person’s name are one only where a rule says so, and by that rule', () => {
  const code = '110105194806120046'
  const as = (a: string, b: string, former?: readonly string[]) =>
    match(persons, person(code, a), person(code, b, former))
  assert.deepEqual(as('练　卖方', '练卖方'), { is: 'same', by: 'code-and-blanks' })
  assert.deepEqual(as('阿里．买买提', '阿里.买买提'), { is: 'same', by: 'code-and-width' })
  assert.deepEqual(as('阿里•买买提', '阿里·买买提'), { is: 'same', by: 'code-and-dots' })
  assert.deepEqual(as('练\u{f936}', '练虜'), { is: 'same', by: 'code-and-forms' })
  assert.deepEqual(as('练葛\u{e0100}', '练葛'), { is: 'same', by: 'code-and-forms' })
  assert.deepEqual(as('练\u{3447}', '练刍'), { is: 'same', by: 'code-and-character' })
  assert.deepEqual(as('练\ue863', '练䶮'), { is: 'same', by: 'code-and-character' })
  assert.deepEqual(as('练新名', '练另名', ['练 新名']), { is: 'same', by: 'code-and-former' })
  for (const [a, b] of [
    ['练峰', '练峯'],
    ['练·方', '练方'],
    ['练?方', '练昇方'],
    ['练方', '方练'],
    ['李', '李明'],
  ] as const) {
    assert.deepEqual(as(a, b), { is: 'doubt', why: 'names-differ' }, `${a} ${b}`)
  }
})

test('two valid codes are never one, whatever rules are declared and however they are written', () => {
  const body = (year: number, at: number): string =>
    `110105${year}0612${String(at).padStart(3, '0')}`
  const id = fc
    .tuple(fc.integer({ min: 1930, max: 1999 }), fc.integer({ min: 0, max: 999 }))
    .map(([year, at]) => body(year, at))
    .map((digits) => digits + (citizenIdCheck(digits) ?? ''))
  const spelt = fc.tuple(id, fc.constantFrom(0, 1, 2, 3)).map(([code, way]) => {
    if (way === 1) return { code, text: code.slice(0, 6) + code.slice(8, 17) }
    const wide = Array.from(code, (digit) => String.fromCodePoint(digit.charCodeAt(0) + 0xfee0))
    return { code, text: [code, '', wide.join(''), ` ${code.toLowerCase()}`][way] ?? code }
  })
  const word = fc.string({
    unit: fc.constantFrom('练', '方', '明', '·'),
    minLength: 1,
    maxLength: 3,
  })
  const rule = fc.oneof(
    fc.constantFrom<NameRule>({ rule: 'blanks' }, { rule: 'width' }, { rule: 'forms' }),
    fc.record({ rule: fc.constant('character' as const), from: word, to: word }),
    fc.record({ rule: fc.constantFrom('ending', 'beginning'), from: word, to: word }),
  )
  const rules = fc.array(rule, { maxLength: 6 })
  fc.assert(
    fc.property(spelt, spelt, fc.tuple(word, word), rules, (left, right, called, names) => {
      const declared: MatchingRules = { ...persons, names }
      const [one, other] = called
      const [a, b] = [person(left.text, one), person(right.text, other, [one])]
      const verdict = match(declared, a, b)
      assert.deepEqual(match(declared, b, a), verdict)
      if (verdict.is === 'same') assert.equal(left.code, right.code)
      if (left.code !== right.code) assert.notEqual(verdict.is, 'same')
    }),
    { numRuns: 1000 },
  )
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
    [{ ...firms, names: [{ rule: 'character', from: '甲乙', to: '丙' }] }, 'names[0]'],
    [{ ...firms, names: [{ rule: 'character', from: '甲', to: '' }] }, 'names[0]'],
    [{ ...firms, names: [{ rule: 'character', from: 'a', to: '甲' }] }, 'names[0]'],
  ]
  for (const [value, path] of refused) {
    const fault = decodeRules(value as never)
    assert.ok(!isRules(fault))
    assert.equal(fault.path, path)
  }
})

test('so much that is called alike is given up in time, and a side costs no more than its rows', () => {
  const side = (rows: number, name: string): readonly Entry[] =>
    Array.from({ length: rows }, (_, at) => ({ row: at + 2, code: '', name }))
  const began = performance.now()
  assert.throws(() => matchAll(persons, side(1_001, '张三'), side(1_001, '张三')), TooManyPairs)
  assert.equal(matchAll(persons, side(50_000, '张三'), side(1, '李四')).tickets.length, 0)
  const again = Array.from({ length: 20_000 }, () => firm(one, '甲'))
  assert.equal(matchAll(firms, again, []).tickets.length, 0)
  assert.ok(performance.now() - began < 10_000)
})
