// The runner of the tests is itself held to what it says: a skip is shown with its reason and is a
// failure in CI, work marked as left over fails, and a run without tests is no success.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'

const runner = join(import.meta.dirname, 'run.ts')
const floor = join(import.meta.dirname, 'node-floor.js')

type Answer = { readonly code: number | null; readonly text: string }

/** Runs the runner over one planted test file and gives its exit code and what it printed. */
function runOver(body: string, ci: boolean): Answer {
  const folder = mkdtempSync(join(tmpdir(), 'lianban-run-'))
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  try {
    const head = "import assert from 'node:assert/strict'\nimport { test } from 'node:test'\n"
    writeFileSync(join(folder, 'planted.test.ts'), head + body)
    const { status, stdout } = spawnSync(process.execPath, [runner, folder], {
      encoding: 'utf8',
      env: { ...env, CI: ci ? 'true' : 'false', FORCE_COLOR: '0' },
    })
    return { code: status, text: stdout }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('a run that passes ends with the closing summary of node', () => {
  const { code, text } = runOver("test('holds', () => assert.ok(true))", true)
  assert.equal(code, 0)
  assert.match(text, /wall time \d+\.\d s\n.*tests 1\n(?:.*\n)*.*pass 1\n.*fail 0\n/)
})

test('a run that fails ends with exit code 1', () => {
  assert.equal(runOver("test('fails', () => assert.ok(false))", false).code, 1)
  assert.equal(runOver('throw new Error()', false).code, 1)
})

test('a skipped test is shown with its reason, and fails in CI only', () => {
  const body = "test('needs a tool', { skip: 'the tool is missing' }, () => assert.ok(true))"
  const here = runOver(body, false)
  assert.equal(here.code, 0)
  assert.match(here.text, /skipped here: needs a tool: the tool is missing/)
  const inCi = runOver(body, true)
  assert.equal(inCi.code, 1)
  assert.match(inCi.text, /CI may not skip: needs a tool/)
})

test('a test marked as left over, or no test at all, is no success', () => {
  assert.equal(runOver("test('later', { todo: true }, () => assert.ok(false))", false).code, 1)
  const nothing = spawnSync(process.execPath, [runner, 'no-such-folder'], { encoding: 'utf8' })
  assert.equal(nothing.status, 1)
})

test('a Node that cannot run the sources is refused with a remedy', () => {
  const old = "Object.defineProperty(process.versions, 'node', { value: '20.1.0' })"
  const preload = `data:text/javascript,${encodeURIComponent(old)}`
  const args = ['--import', preload, '--import', floor, runner]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.equal(status, 1)
  assert.match(stderr, /npm ci/)
})
