// Figures of a run stand in words of the reader's language, reasons with codes, money in yuan.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cellsOf, Terminal } from '#apps/cli/output'
import { figureLines } from './figures.ts'

const parts = { json: false, quiet: false, verbose: false } as const

const figures = {
  ok: true,
  run: 'transfers',
  cases: 12,
  refused: { 'judge/guarded': 1, 'sources/masked': 20, 'node/load-missing': 3 },
  taxFen: 51_275_005,
  fields: ['licence.name', 'licence.uscc'],
  register: { arrears: { yes: 2, no: 9 } },
  asPublished: null,
  seconds: 1.5,
}

test('nothing but codes and names of fields is in another language than asked for', () => {
  const zh = figureLines(new Terminal({ ...parts, language: 'zh' }), figures).join('\n')
  const own = zh.replaceAll(/[a-z]+(?:[/.-][a-zA-Z-]+)+/g, '')
  assert.doesNotMatch(own, /[A-Za-z]{2}/)
  const en = figureLines(new Terminal({ ...parts, language: 'en' }), figures).join('\n')
  assert.doesNotMatch(en, /\p{Script=Han}|[a-z][A-Z]/u)
})

test('counts stand under one another, sums above their parts, fen as yuan', () => {
  const lines = figureLines(new Terminal({ ...parts, language: 'zh' }), figures)
  const ends = lines.flatMap((line) => {
    const count = /^(.*?\d)(?: |$)/.exec(line)?.[1]
    return count === undefined || line.includes('.') ? [] : [cellsOf(count)]
  })
  assert.ok(ends.length > 5)
  assert.equal(new Set(ends).size, 1)
  const text = lines.join('\n')
  assert.match(text, /税额（元） +512750\.05/)
  assert.match(text, /拒绝 +24\n/)
  assert.match(text, /燃气公司自己的登记\n {2}是否欠费 +11\n {4}是 +2\n {4}否 +9/)
})
