// The screen of a load: it fits its terminal, is in one language, and says every reason with what
// to do about it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cellsOf, Terminal } from '#apps/cli/output'
import { everyResult } from '#test/load-results'
import { loadScreen } from './load-screen.ts'
import { reportOf } from './report.ts'

const { results, missing } = everyResult()
const report = reportOf(results, {
  missing,
  attested: [
    { source: 'list', member: 'market', state: 'green', entry: 130 },
    { source: 'fruitless', member: 'gas', code: 'sharing/steward-unknown' },
  ],
  at: 0,
  seconds: 1,
  by: null,
  second: null,
})

function screen(language: 'en' | 'zh', columns: number): readonly string[] {
  const out = { write: () => true, isTTY: true, columns }
  const terminal = new Terminal({ language, json: false, quiet: false, verbose: false, out })
  return loadScreen(terminal, report, 'load-report.html')
}

test('no line is wider than the terminal, at eighty columns as at more', () => {
  for (const columns of [80, 120]) {
    for (const language of ['zh', 'en'] as const) {
      for (const line of screen(language, columns)) assert.ok(cellsOf(line) <= columns, line)
    }
  }
})

test('the Chinese screen is Chinese but for codes, names of files and of standards', () => {
  const names =
    /\S*\/\S+|[\w.-]*[.-][\w.-]+|Unicode|CSV|XML|XLSX|Excel|PDF|Word|ID|lianban city tickets/g
  for (const line of screen('zh', 120)) {
    assert.doesNotMatch(line.replaceAll(names, ''), /[A-Za-z]{3}/, line)
  }
})

test('every reason stands there with its count, its code and what to do', () => {
  const lines = screen('en', 400).join('\n')
  for (const { code, count, remedy } of report.sources.flatMap(({ reasons }) => reasons)) {
    assert.match(lines, new RegExp(`^ +${count} +${code} .*→ `, 'm'), code)
    assert.ok(lines.includes(`→ ${remedy.en}`), code)
  }
  assert.match(lines, /not one row taken/)
  assert.match(lines, /waits for a second person: 90 added, 50 changed, 4 gone/)
  assert.match(lines, /a list that is not there: there is no file/)
  assert.match(lines, /not: nothing but masks \(the department has no steward yet/)
})

test('no name out of a load file steers the terminal', () => {
  const name = 'x\u001b]0;y\u0007\u009b31m\u202ez'
  const named = results.map((result) => {
    const { file, ...rest } = result
    const source = { ...file.source, name }
    return { ...rest, file: { ...file, zh: name, en: name, source, note: { zh: name, en: name } } }
  })
  const gone = missing.map((file) => ({ ...file, zh: name, en: name, file: name }))
  const told = reportOf(named, {
    missing: gone,
    attested: null,
    at: 0,
    seconds: 1,
    by: null,
    second: null,
  })
  const out = { write: () => true, isTTY: false, columns: 80 }
  const terminal = new Terminal({ language: 'en', json: false, quiet: false, verbose: false, out })
  const lines = loadScreen(terminal, told, 'load-report.html')
  for (const line of lines) assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u)
  assert.ok(lines.some((line) => line.includes('x\ufffd]0;y')))
})
