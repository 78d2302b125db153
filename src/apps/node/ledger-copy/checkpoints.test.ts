// A copy keeps the signed checkpoints of its ledger when they are those of its own entries, proves
// under them, and goes no further when the log's own key signed another root.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { utf8Encode } from '#base/bytes'
import { encodeCheckpoint, encodeNote, keyHashOf } from '#ledger/prove'
import { members } from '#domains/members'
import { fsDisk } from '#adapters/storage'
import { openFrameCopy } from '#apps/node/host'
import type { FrameCopy } from '#apps/node/host'
import { openRemoteLedger } from '#apps/node/ledger-copy'
import type { World } from '#test/http-world'
import { checkpointed, keys, note, openWorld, origin, rawKey, send, token } from '#test/http-world'
import { notes } from '#test/memory-ledger'

const root = mkdtempSync(join(tmpdir(), 'lianban-copy-'))
let world: World

before(async () => {
  world = await openWorld()
  for (const name of ['a', 'b', 'c']) await send(world.port, note(name))
  await checkpointed(world)
})
after(async () => {
  await world.end()
  rmSync(root, { recursive: true })
})

test('the proof file of an entry is the one that the ledger itself gives', async () => {
  const tokenFile = join(root, 'token')
  writeFileSync(tokenFile, token, { mode: 0o600 })
  const remote = await openRemoteLedger({
    url: `http://127.0.0.1:${world.port}`,
    proving: { tokenFile },
    ledger: origin,
    directory: join(root, 'remote'),
    domains: [members, notes],
  })
  const { size } = world.host.proofs.checkpoint() ?? { size: 0 }
  while ((remote.proofs.checkpoint()?.size ?? 0) < size) await sleep(10)
  assert.deepEqual(remote.proofs.proofFile(1), world.host.proofs.proofFile(1))
  assert.equal(remote.proofs.proofFile(remote.head().size), null)
  await remote.close()
})

function copyOf(folder: string): FrameCopy {
  return openFrameCopy({
    disk: fsDisk(join(root, folder)),
    ledger: origin,
    domains: [members, notes],
    seed: 1,
    snapshotEvery: 1000,
    wallMs: () => Date.now(),
    unlock: () => undefined,
  })
}

function filled(folder: string): FrameCopy {
  const copy = copyOf(folder)
  for (let height = 1; height <= world.host.head().height; height += 1) {
    copy.take(world.host.proofs.frameBytes(height))
  }
  return copy
}

function signed(size: number, root: Uint8Array, name: string = origin): Uint8Array {
  const text = encodeCheckpoint({ origin: name, size, root })
  const keyHash = keyHashOf(origin, 'note', rawKey(keys.log.jwk))
  const signature = keys.log.sign(text)
  return encodeNote({ text, signatures: [{ name: origin, keyHash, signature }] })
}

test('a checkpoint over another root under the log’s own key ends the trust', async () => {
  const copy = filled('other')
  const { size } = copy.head()
  await assert.rejects(copy.keep(signed(size, new Uint8Array(32))), { code: 'node/other-history' })
  copy.close()
})

test('a checkpoint that nobody signed, of another ledger or of entries to come is not kept', async () => {
  const copy = filled('strange')
  const { size } = copy.head()
  const text = encodeCheckpoint({ origin, size, root: new Uint8Array(32) })
  assert.equal(await copy.keep(encodeNote({ text, signatures: [] })).catch(String), false)
  assert.equal(await copy.keep(signed(size, new Uint8Array(32), 'ledger.example/other')), false)
  assert.equal(await copy.keep(signed(size + 1, new Uint8Array(32))), false)
  assert.equal(await copy.keep(utf8Encode('no note')), false)
  assert.equal(copy.proofs.checkpoint(), null)
  copy.close()
})

test('no frame with a changed byte, out of turn or of another ledger is taken', () => {
  const copy = copyOf('frames')
  const [first, second] = [1, 2].map((height) => world.host.proofs.frameBytes(height))
  assert.ok(first !== undefined && second !== undefined)
  const refused = { code: 'node/other-history' }
  assert.throws(() => copy.take(second), refused)
  for (let at = 8; at < first.length; at += 97) {
    const changed = first.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.throws(() => copy.take(changed), refused)
  }
  copy.take(first)
  assert.throws(() => copy.take(first), refused)
  assert.equal(copy.head().height, 1)
  copy.close()
  const other = openFrameCopy({
    disk: fsDisk(join(root, 'else')),
    ledger: 'ledger.example/other',
    domains: [members, notes],
    seed: 1,
    snapshotEvery: 1000,
    wallMs: () => 0,
    unlock: () => undefined,
  })
  assert.throws(() => other.take(first), refused)
  other.close()
})
