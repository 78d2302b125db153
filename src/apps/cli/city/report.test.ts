// The data report: rows as ranges, every reason in words of both languages, hostile names quoted,
// and a size that does not grow with the number of bad cells as they do.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sourceCodes } from '#adapters/sources'
import { loadCodes } from '#apps/node/loading'
import { everyResult, refusedIn, resultOf } from '#test/load-results'
import { reportPage } from './report-page.ts'
import { rangesOf, reportOf } from './report.ts'
import { meaningOf, reportRemedyOf } from './report-words.ts'

const head = { attested: [], at: 0, by: null, second: null, seconds: 1, missing: [] }

test('ranges hold exactly the rows that were given, in order and apart', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 })), (rows) => {
      const ranges = rangesOf(rows.map((row) => ({ row })))
      const held = ranges.flatMap(([from, to]) =>
        Array.from({ length: to - from + 1 }, (_, at) => from + at),
      )
      assert.deepEqual(
        held,
        [...new Set(rows)].toSorted((a, b) => a - b),
      )
      for (const [at, [from]] of ranges.entries()) {
        const before = ranges[at - 1]
        if (before !== undefined) assert.ok(from > before[1] + 1)
      }
    }),
  )
})

test('every code that a source or a load can give has words and a remedy in both languages', () => {
  const han = /\p{Script=Han}/u
  const rows = ['node/load-missing', 'node/load-inexact', 'node/load-repeated', 'node/load-again']
  for (const code of [...sourceCodes, ...loadCodes.map(([each]) => each)]) {
    const { zh, en } = meaningOf(code)
    assert.match(zh, han, code)
    assert.doesNotMatch(en, han, code)
    assert.doesNotMatch(en, /\//, code)
  }
  for (const code of [...sourceCodes, ...rows, 'node/load-unmatched']) {
    const { zh, en } = reportRemedyOf(code)
    assert.match(zh, han, code)
    assert.doesNotMatch(en, /ask an engineer|\p{Script=Han}/u, code)
  }
})

test('a hundred thousand bad cells, no two side by side, make no long page', () => {
  const refused = Array.from({ length: 100_000 }, (_, at) =>
    refusedIn(2 * at + 2, 'B', 'sources/masked'),
  )
  const report = reportOf([resultOf({ refused })], head)
  const page = reportPage(report)
  assert.ok(page.length < 100_000, `${page.length} characters`)
  assert.match(page, /另有 99,500 行/)
  const [reason] = report.sources[0]?.reasons ?? []
  assert.equal(reason?.places[0]?.rows.length, 100_000)
  assert.ok(JSON.stringify(report).length < 2_500_000)
})

test('a whole column of bad cells takes one line', () => {
  const refused = Array.from({ length: 100_000 }, (_, at) =>
    refusedIn(at + 2, 'B', 'sources/masked'),
  )
  const report = reportOf([resultOf({ refused })], head)
  assert.ok(JSON.stringify(report).length < 10_000)
  assert.match(reportPage(report), /2–100001/)
})

test('names from outside are text on the page and nothing else', () => {
  const evil = '<img src=x onerror=alert(1)>\u202e"\u0007'
  const refused = [{ ...refusedIn(2, 'B', 'sources/masked'), column: evil }]
  const page = reportPage(reportOf([resultOf({ refused, zh: evil, en: evil })], head))
  assert.doesNotMatch(page, /<img|\u202e|\u0007/)
  assert.match(page, /&lt;img src=x onerror=alert\(1\)&gt;/)
})

test('a first load has no share of differences, and a row that says the same asks nothing', () => {
  const { results } = everyResult()
  const { sources } = reportOf(results, head)
  const later = sources.filter(({ percent }) => percent !== null)
  assert.deepEqual(
    later.map(({ name, percent }) => [name, percent]),
    [
      ['waiting', 54],
      ['same', 0],
    ],
  )
  const reasons = sources.flatMap((source) => source.reasons)
  const idle = reasons.filter(({ needsPerson }) => !needsPerson).map(({ code }) => code)
  assert.deepEqual([...new Set(idle)], ['node/load-again'])
})
