// The screen of a trial fits its terminal, is in one language, and steers no terminal.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { openText, trySource } from '#adapters/sources'
import type { Trial } from '#adapters/sources'
import { cellsOf, Terminal } from '#apps/cli/output'
import { scratch } from '#test/lianban'
import { screenOf } from './screen.ts'

const { path: folder, remove } = scratch('screen')
after(remove)

const file = path.join(folder, 'list.csv')
let trial: Trial
before(async () => {
  const rows = [
    '企业名称,统一社会信用代码,成立日期,数量,\u001b[31m备注',
    '练习甲公司 ,11110000000021135M,2026-03-01,2,x',
    '练习乙公司,9111****3240,2026-02-30,1,x',
    '练习丙公司,1.11100E+17,46082,１3,x',
    '练习丙公司,1.11100E+17,46082,１3,x',
    ',11110000000021039C,2026-03-05,一,',
    '合计,,,4,',
  ]
  fs.writeFileSync(file, `${rows.join('\n')}\n`)
  trial = await trySource(await openText(file, {}), { first: 10 })
})

function screen(language: 'en' | 'zh', columns: number): readonly string[] {
  const out = { write: () => true, isTTY: true, columns }
  const terminal = new Terminal({ language, json: false, quiet: false, verbose: false, out })
  const text = 'a long line of a proposal, '.repeat(8).trim()
  return screenOf(terminal, 'list.csv', trial, [text])
}

test('no line is wider than the terminal, and counts stand under one another', () => {
  for (const columns of [60, 80, 120]) {
    for (const language of ['zh', 'en'] as const) {
      for (const line of screen(language, columns)) assert.ok(cellsOf(line) <= columns, line)
    }
  }
  const plain = screen('en', 400).map((line) => line.replaceAll(/\u001b\[\d+m/g, ''))
  const counts = plain.flatMap((line) => /^( *\d+) {2}sources\//.exec(line)?.[1] ?? [])
  assert.ok(counts.length > 4)
  assert.equal(new Set(counts.map((count) => count.length)).size, 1)
})

test('a reason has its meaning and what to do, and a name from outside steers nothing', () => {
  for (const language of ['zh', 'en'] as const) {
    const lines = screen(language, 400).map((line) => line.replaceAll(/\u001b\[\d+m/g, ''))
    for (const code of Object.keys(trial.bad.byCode)) {
      assert.ok(
        lines.some((line) => line.includes(code) && line.includes('→ ')),
        code,
      )
    }
    assert.ok(lines.some((line) => line.includes('\ufffd[31m备注')))
  }
  const zh = screen('zh', 400).filter((line) => !line.includes('proposal'))
  const own = /\u001b\[\d+m|[\w/.-]*[/.-][\w/.-]+|CSV|csv|Unicode|GB|UTF/g
  for (const line of zh) assert.doesNotMatch(line.replaceAll(own, ''), /[A-Za-z]{3}/, line)
})
