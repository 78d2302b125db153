// A story is told in one language, within the width of a terminal, and not at all to a program.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Language } from '#apps/cli/output'
import { cellsOf, Terminal } from '#apps/cli/output'
import { Teller } from './teller.ts'

function told(language: Language, json: boolean, tell: (teller: Teller) => void): string {
  let said = ''
  const out = { write: (text: string) => (said += text) }
  tell(new Teller(new Terminal({ language, json, quiet: false, verbose: false, out, err: out })))
  return said
}

function story(teller: Teller): void {
  teller.by(() => Date.parse('2026-03-02T01:00:00Z'))
  teller.scene('登记窗口。'.repeat(30), 'The counter. '.repeat(30))
  teller.line('不交一张纸，'.repeat(30), 'no paper, '.repeat(30))
  teller.quote(`  ${'核验卖方企业；'.repeat(30)}\n${'Check the firm; '.repeat(30)}`)
}

test('a story has the language of its terminal and marks its clock as practice', () => {
  const scene = (teller: Teller): void => {
    teller.by(() => Date.parse('2026-03-02T01:00:00Z'))
    teller.scene('窗口', 'counter')
    teller.line('签字', 'signed')
  }
  assert.equal(told('zh', false, scene), '\n1. [练习时钟 2026-03-02 09:00]\n   窗口\n   · 签字\n')
  const en = '\n1. [practice clock 2026-03-02 09:00]\n   counter\n   · signed\n'
  assert.equal(told('en', false, scene), en)
})

test('no line of a story is wider than 96 cells', () => {
  for (const language of ['zh', 'en'] as const) {
    const lines = told(language, false, story).split('\n')
    assert.ok(lines.length > 20)
    for (const line of lines) assert.ok(cellsOf(line) <= 96, line)
  }
})

test('a program that asks for JSON is told no story', () => {
  assert.equal(told('en', true, story), '')
})
