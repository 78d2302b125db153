// A node that is started on an older copy of its directory, beside a follower that remembers more
// (P13, T3): real processes, a real copy of the files, and not one checkpoint signed.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { after, test } from 'node:test'
import { encodeIntent } from '#ledger/command'
import { openFileStore, signCommand } from '#adapters/keys'
import { makeId } from '#test/commands'
import { costly } from '#test/costly'
import { lianban, lianbanJson, scratch } from '#test/lianban'

const place = scratch('stale')
const running: ChildProcess[] = []
after(() => {
  for (const child of running) child.kill('SIGKILL')
  place.remove()
})
const ledger = 'city.example/stale'
const at = (name: string): string => join(place.path, name)
const root = join(import.meta.dirname, '..', '..', 'src/apps')

type Started = { readonly said: () => string; readonly end: () => Promise<void> }

function start(words: readonly string[]): Started {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn(process.execPath, words, { env: { ...env, LANG: 'C' } })
  running.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more: string) => (text += more))
  }
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()))
  return {
    said: () => text,
    end: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** What a process says in JSON under this name of event. */
async function event(started: Started, name: string): Promise<{ [fact: string]: unknown }> {
  const until = performance.now() + 15_000
  for (;;) {
    const line = started
      .said()
      .split('\n')
      .find((each) => each.includes(`"event":"${name}"`))
    if (line !== undefined) return JSON.parse(line) as { [fact: string]: unknown }
    assert.ok(performance.now() < until, `no ${name} in: ${started.said()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function node(directory: string, cosigner: string | null): Started {
  const words = ['serve', '--directory', directory, '--listen-port', '0', '--log-form', 'json']
  const asked = cosigner === null ? [] : ['--cosigners', cosigner]
  return start([join(root, 'node/main.ts'), ...words, ...asked])
}

async function urlOf(started: Started): Promise<string> {
  return `http://127.0.0.1:${String((await event(started, 'listening'))['port'])}`
}

function follower(url: string, port: number): Started {
  const words = ['follow', url, '--directory', at('tax'), '--listen', String(port), '--json']
  return start([join(root, 'cli/main.ts'), ...words, '--token-file', at('city/operator.token')])
}

async function submit(url: string): Promise<number> {
  const keys = openFileStore(join(at('city'), 'keys'))
  const key = keys.list().find(({ use, member }) => use === 'command' && member === 'land')
  assert.ok(key !== undefined)
  const body = { handle: makeId(), kind: 'hold' }
  const intent = { ledger, id: makeId(), type: 'mark.set', body, notAfter: Date.now() + 600_000 }
  const { status } = await fetch(`${url}/v1/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/jose' },
    body: signCommand(keys, key.kid, encodeIntent(intent)),
  })
  return status
}

async function checkpointSize(url: string): Promise<number> {
  const answer = await fetch(`${url}/v1/checkpoint`)
  return answer.status === 200 ? Number((await answer.text()).split('\n')[1]) : 0
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000
  while (!(await holds())) {
    assert.ok(performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Founders of whom the tax office holds its cosigner key itself. */
function found(): void {
  const words = ['key', 'generate', '--use', 'cosign', '--member', 'tax', '--custody', 'own']
  const made = lianbanJson([...words, '--directory', at('tax')])
  const { jwk } = made.value['key'] as { jwk: { x: string } }
  const founders = [
    `ledger = "${ledger}"`,
    'operator = "land"',
    'practice = true',
    '[[member]]\ncode = "land"\nkeys = ["command", "receipt", "transport", "log"]',
    '[[member]]\ncode = "tax"\nkeys = ["command"]',
    '[[member.key]]\nuse = "cosign"\ncustody = "own"',
    `jwk = { kty = "OKP", crv = "Ed25519", x = "${jwk.x}" }`,
  ]
  writeFileSync(at('founders.toml'), `${founders.join('\n')}\n`)
  const begin = ['init', '--founders', at('founders.toml'), '--directory', at('city')]
  assert.equal(lianban(begin).exit, 0)
}

test(
  'a directory of an earlier day signs nothing while a follower knows more',
  {
    skip: costly(8),
  },
  async () => {
    found()
    const port = 20_000 + (process.pid % 2_000)
    const cosigner = `http://127.0.0.1:${port}`
    const first = node(at('city'), cosigner)
    const url = await urlOf(first)
    // Nobody answers yet: commands are taken, and nothing is signed.
    assert.equal((await fetch(`${url}/readyz`)).status, 200)
    assert.equal(await submit(url), 201)
    await event(first, 'cosigners-unheard')
    assert.match(await (await fetch(`${url}/readyz`)).text(), /no checkpoints: cosigners-unheard/)
    assert.equal(await checkpointSize(url), 0)
    const watching = follower(url, port)
    await event(watching, 'answering')
    await event(first, 'cosigner-agrees')
    await until(async () => (await checkpointSize(url)) > 0)
    await event(watching, 'cosigned')
    // The copy of an earlier day.
    await first.end()
    cpSync(at('city'), at('stale'), { recursive: true })
    cpSync(at('city'), at('control'), { recursive: true })
    const earlier = signedIn(at('stale'))
    await watching.end()

    const second = node(at('city'), cosigner)
    const going = await urlOf(second)
    const again = follower(going, port)
    await event(again, 'answering')
    await until(async () => {
      await submit(going)
      return (await checkpointSize(going)) > earlier
    })
    const later = await checkpointSize(going)
    await until(async () => again.said().includes(`"event":"cosigned","size":${later}`))
    await second.end()

    const stale = node(at('stale'), cosigner)
    const old = await urlOf(stale)
    await event(stale, 'cosigner-knows-more')
    // The same directory without the question does sign, or this test would show nothing.
    const control = node(at('control'), null)
    const unasked = await urlOf(control)
    for (const each of [old, old, old, unasked]) assert.equal(await submit(each), 201)
    // A checkpoint is due within ten seconds of the first command.
    await new Promise((resolve) => setTimeout(resolve, 11_000))
    for (const each of [old, unasked]) assert.equal(await submit(each), 201)
    await until(async () => (await checkpointSize(unasked)) > earlier)
    assert.equal(await checkpointSize(old), earlier)
    assert.match(await (await fetch(`${old}/readyz`)).text(), /no checkpoints: cosigner-knows-more/)
    assert.match(await (await fetch(`${old}/metrics`)).text(), /checkpoints_held\{[^}]*\} 1/)
    for (const each of [stale, control, again]) await each.end()
    assert.equal(signedIn(at('stale')), earlier)
  },
)

/** Size of the checkpoint that stands in a directory. */
function signedIn(directory: string): number {
  const text = readFileSync(join(directory, 'ledger/checkpoint'), 'utf8')
  const line = text.split('\n').findIndex((each) => each === ledger)
  return Number(text.split('\n')[line + 1])
}
