// What the pages tell a reader to type works as printed. See test/docs/pages.ts for the marks.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import { costly } from '#test/costly'
import { blocksOf, firstMissing, runBlocks } from './docs/pages.ts'
import { readTree } from './tidy/tree.ts'

const root = join(import.meta.dirname, '..')

const pages = [...readTree(root).paths].filter((path) =>
  /^(?:README|docs\/(?:guide|operations|protocol)\/.*)\.md$/.test(path),
)

/** Pages that begin ledgers and cities again and again. */
const costs: ReadonlyMap<string, string | false> = new Map([
  ['docs/guide/bring-your-data.md', costly(25)],
  ['docs/guide/first-hour.md', costly(15)],
  ['docs/guide/verify.md', costly(30)],
  ['docs/operations/backup.md', costly(7)],
])

for (const page of pages) {
  const blocks = blocksOf(readFileSync(join(root, page), 'utf8'))
  if (blocks.length === 0) continue
  const skip = costs.get(page) ?? false
  test(`the ${blocks.length} commands of ${page} do what it prints`, { skip }, () => {
    assert.equal(runBlocks(root, blocks), '')
  })
}

const fence = '```'

test('only marked blocks run, each with the output that follows it', () => {
  const fenced = (tag: string, body: string): string => `${fence}${tag}\n${body}\n${fence}\n`
  const page = `${fenced('sh run', 'a')}\n${fenced('text output', 'b')}${fenced('sh', 'c')}`
  assert.deepEqual(blocksOf(page), [{ script: 'a\n', output: ['b'] }])
})

test('a command that fails, or prints something else, is found', () => {
  const run = (script: string, output: readonly string[] = []): string =>
    runBlocks(root, [{ script, output }])
  assert.equal(run('echo one; echo two', ['two']), '')
  assert.match(run('echo one | false'), /ends with 1/)
  assert.match(run('echo one', ['two']), /does not print "two"/)
  assert.equal(run('node -p process.versions.node', [process.versions.node]), '')
})

test('blocks of one page share one folder', () => {
  const blocks = ['echo x >f', 'cat f'].map((script) => ({ script, output: [] }))
  assert.equal(runBlocks(root, blocks), '')
})

test('expected lines come in order and dots stand for anything', () => {
  assert.equal(firstMissing('a 12 b\nc\n', ['a … b', 'c']), undefined)
  assert.equal(firstMissing('c\na\n', ['a', 'c']), 'c')
  assert.equal(firstMissing('a.c\n', ['a?c']), 'a?c')
})
