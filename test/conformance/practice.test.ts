// The process that `npm start` runs: it says what it is worth, serves, is followed, stops when it
// is told to and goes on where it stopped.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, test } from 'node:test'
import { parseNote } from '#ledger/prove'
import { utf8Encode } from '#base/bytes'
import { ask } from '#test/http-world'

const directory = mkdtempSync(join(tmpdir(), 'lianban-practice-test-'))
const main = join(import.meta.dirname, '..', '..', 'src/apps/node/main.ts')
const running: ChildProcess[] = []
after(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

type Started = {
  readonly child: ChildProcess
  readonly port: number
  said(): string
  /** Resolves once the text was said. */
  saying(text: RegExp): Promise<void>
  readonly ended: Promise<number | null>
}

function run(words: readonly string[]): { child: ChildProcess; said: () => string } {
  const { NODE_TEST_CONTEXT: _, ...outside } = process.env
  const env = { ...outside, NODE_COMPILE_CACHE: join(tmpdir(), 'lianban-test-compiled') }
  const child = spawn(process.execPath, [main, ...words], { env, cwd: directory })
  running.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      text += chunk
    })
  }
  return { child, said: () => text }
}

async function start(): Promise<Started> {
  const { child, said } = run(['practice', '--listen-port', '0', '--verify-threads', '1'])
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const saying = async (text: RegExp): Promise<void> => {
    while (!text.test(said())) {
      assert.equal(child.exitCode, null, said())
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  await saying(/listens on +http/)
  const port = Number(/listens on +http:\/\/127\.0\.0\.1:(\d+)/.exec(said())?.[1])
  return { child, port, said, saying, ended }
}

test('a practice ledger says what it is worth, is followed, stops, and is resumed', async () => {
  const first = await start()
  await first.saying(/one operator: witnessed\(0\)/)
  assert.match(first.said(), /practice ledger, new/)
  const member = await ask(first.port, '/v1/records/members/member/tax')
  assert.equal(member.status, 200)
  const token = readFileSync(join(directory, 'practice/operator.token'), 'utf8').trim()
  const headers = { authorization: `Bearer ${token}` }
  assert.equal((await ask(first.port, '/v1/entries/0', { headers })).status, 200)
  await first.saying(/follower: ran everything again and cosigned/)
  const note = parseNote(utf8Encode((await ask(first.port, '/v1/checkpoint')).text))
  assert.equal(note?.signatures.length, 2)
  const size = Number(note?.text.split('\n')[1])
  assert.ok(size > 0)
  const second = run(['practice', '--small', '--listen-port', '0'])
  const code = await new Promise<number | null>((resolve) => second.child.once('close', resolve))
  assert.equal(code, 5, second.said())
  assert.match(second.said(), /storage\/locked/)
  const port = String(first.port)
  const taken = run(['practice', '--small', '--directory', 'other', '--listen-port', port])
  const exit = await new Promise<number | null>((resolve) => taken.child.once('close', resolve))
  assert.equal(exit, 4, taken.said())
  assert.match(taken.said(), /node\/port-taken.*--listen-port/)
  first.child.kill('SIGTERM')
  assert.equal(await first.ended, 0, first.said())
  const third = await start()
  assert.match(third.said(), /practice ledger, resumed/)
  assert.ok(third.said().includes(/ledger +(practice\.\S+),/.exec(first.said())?.[1] ?? '?'))
  third.child.kill('SIGINT')
  assert.equal(await third.ended, 0)
})

test('a directory of the small ledger is left as it is', async () => {
  const { child, said } = run(['practice', '--small', '--directory', 'small', '--listen-port', '0'])
  while (!/listens on/.test(said())) {
    assert.equal(child.exitCode, null, said())
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.match(said(), /land \(不动产登记/)
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  await ended
  const other = run(['practice', '--directory', 'small', '--listen-port', '0'])
  const code = await new Promise<number | null>((resolve) => other.child.once('close', resolve))
  assert.equal(code, 2, other.said())
  assert.match(other.said(), /node\/other-ledger.*--small/)
})

test('a start that is refused says where and what to do, by its exit code', async () => {
  const exitOf = async (words: readonly string[]): Promise<[number | null, string]> => {
    const { child, said } = run(words)
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return [code, said()]
  }
  const [absent, where] = await exitOf(['serve', '--directory', 'nowhere'])
  assert.equal(absent, 2)
  assert.match(where, /node\/no-ledger.*lianban init/)
  const [unknown, near] = await exitOf(['serve', '--lisen-port', '1'])
  assert.equal(unknown, 2)
  assert.match(near, /listen-port/)
  const [printed, text] = await exitOf(['config', 'print', '--listen-port', '5'])
  assert.equal(printed, 0)
  assert.match(text, /listen\.port = 5 +# flag --listen-port/)
})
