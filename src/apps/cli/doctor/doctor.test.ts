// Claims about the doctor: what is not well is said with a remedy, and nothing is invented.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Terminal } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import { clockFinding, permissionFinding, portFinding, runDoctor } from '#apps/cli/doctor'
import { runtimeFinding, spaceFinding, worst } from '#apps/cli/doctor'
import { layoutOf } from '#apps/node/config'
import { scratch } from '#test/lianban'

const place = scratch('doctor')
after(() => place.remove())

test('the runtime is the one that decides, a newer one is said, an older one is bad', () => {
  assert.equal(runtimeFinding('26.10.0').level, 'ok')
  assert.equal(runtimeFinding('24.1.0').level, 'warn')
  assert.equal(runtimeFinding('20.9.0').level, 'bad')
})

test('a clock before this release, or behind the ledger, is bad', () => {
  const now = Date.UTC(2026, 10, 20)
  assert.equal(clockFinding(now, now).level, 'ok')
  assert.equal(clockFinding(now, null).level, 'ok')
  assert.equal(clockFinding(0, null).level, 'bad')
  assert.equal(clockFinding(now, now + 120_000).level, 'bad')
})

test('files that others may read are found by their names', () => {
  const path = join(place.path, 'open')
  const layout = layoutOf(path)
  mkdirSync(layout.keys, { recursive: true, mode: 0o700 })
  chmodSync(path, 0o700)
  const key = join(layout.keys, 'key.jwk')
  writeFileSync(key, '', { mode: 0o600 })
  assert.equal(permissionFinding(path, layout).level, 'ok')
  chmodSync(key, 0o644)
  const found = permissionFinding(path, layout)
  assert.equal(found.level, 'bad')
  assert.match(found.said.en, /key\.jwk/)
})

test('a port that somebody else holds is told from a free one', async () => {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  assert.equal((await portFinding('127.0.0.1', port)).level, 'warn')
  await new Promise((resolve) => server.close(resolve))
  assert.equal((await portFinding('127.0.0.1', port)).level, 'ok')
})

test('every finding that is not well has a remedy', async () => {
  assert.equal(worst([]), 'ok')
  assert.ok(spaceFinding(place.path).said.en.includes('GiB'))
  const ask: Ask = {
    terminal: new Terminal({ language: 'en', json: true, quiet: true, verbose: false }),
    operands: {},
    values: { directory: join(place.path, 'none') },
    lists: {},
    flags: new Set(),
    env: {},
  }
  const { data, exit } = await runDoctor(ask)
  assert.equal(exit, 1)
  const findings = data['findings'] as readonly { level: string; remedy?: string }[]
  assert.ok(findings.some(({ level }) => level === 'bad'))
  for (const { level, remedy } of findings) assert.equal(level === 'ok', remedy === undefined)
})
