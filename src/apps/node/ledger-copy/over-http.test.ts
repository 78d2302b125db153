// The port over HTTP keeps the contract of ports, with a real server, a ledger that is killed, and
// copies that are closed, damaged, left behind or shown another history.
import assert from 'node:assert/strict'
import { readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeCanonical } from '#base/canonical'
import { openLedgerPort } from '#apps/node/ledger-port'
import { contractKeys, ledgerPortContract } from '#test/ledger-port-contract'
import { notes } from '#test/memory-ledger'
import { keysOfMembers, registering } from '#test/port-world'
import { RemotePortWorld } from '#test/remote-port-world'

const domains = [registering(contractKeys), notes]
const tax = contractKeys.get('tax')!

async function openWorld(): Promise<RemotePortWorld> {
  const world = new RemotePortWorld(domains)
  await world.listen()
  return world
}

ledgerPortContract('over HTTP', async () => {
  const world = await openWorld()
  return {
    port: (member = 'tax', keys = contractKeys.get(member)!) => world.port(member, keys),
    answered: (submitted) => submitted,
    // What an hour does to ids is the ledger's matter, and is shown in simulated time.
    pass: (ms) => sleep(Math.min(ms, 30)),
    killAndOpen: async () => {
      await world.kill()
      await world.revive()
    },
    close: () => world.close(),
  }
})

/** The whole state of a ledger as one text. */
function stateOf(reads: { record(key: string): unknown }, keys: readonly string[]): string {
  return encodeCanonical(keys.map((key) => (reads.record(key) ?? null) as never))
}

test('a copy is the ledger: state, entries, receipts and digest, from genesis or a snapshot', async () => {
  const world = await openWorld()
  const port = await world.port('tax', tax, 'one')
  const keys = Array.from({ length: 30 }, (_, i) => `notes/current/k${i}`)
  const said = keys.map((key, value) => {
    return port.submit('notes.set', { key: key.slice('notes/current/'.length), value })
  })
  const answers = await Promise.all(said)
  const first = await world.remote('two')
  await first.close()
  assert.ok(readdirSync(join(world.root, 'two', 'snapshots')).length > 0)
  await port.submit('notes.set', { key: 'k0', value: 77 })
  const again = await world.remote('two')
  assert.deepEqual(again.head(), world.host.head())
  assert.equal(stateOf(again, keys), stateOf(world.host, keys))
  for (const answer of answers) {
    assert.ok('receipt' in answer)
    const { member, id, entry } = answer.receipt
    assert.deepEqual(again.receipt(member, id), world.host.receipt(member, id))
    assert.equal(again.entry(entry), world.host.entry(entry))
  }
  await world.close()
})

test('a copy that was damaged is put away and fetched again', async () => {
  const world = await openWorld()
  const port = await world.port('tax', tax)
  for (let i = 0; i < 5; i += 1) await port.submit('notes.set', { key: 'a', value: i })
  const copy = await world.remote('damaged')
  await copy.close()
  const folder = join(world.root, 'damaged', 'journal')
  const [segment = ''] = readdirSync(folder)
  truncateSync(join(folder, segment), 200)
  writeFileSync(join(folder, segment), Buffer.alloc(4096, 7), { flag: 'a' })
  const again = await world.remote('damaged')
  assert.deepEqual(again.head(), world.host.head())
  assert.ok(world.notes.some(({ event }) => event === 'copy-put-away'))
  await world.close()
})

test('while the ledger is away the copy is read, and what is said waits for it', async () => {
  const world = await openWorld()
  const port = await world.port('tax', tax)
  await port.submit('notes.set', { key: 'a', value: 1 })
  await world.kill()
  const said = port.submit('notes.set', { key: 'a', value: 2 })
  await sleep(50)
  assert.deepEqual({ ...(port.view().get('notes/current/a') as object) }, { count: 1, value: 1 })
  await world.revive()
  assert.ok('receipt' in (await said))
  assert.deepEqual({ ...(port.view().get('notes/current/a') as object) }, { count: 2, value: 2 })
  await world.close()
})

test('two processes of one member that say one thing at once say it once', async () => {
  const world = await openWorld()
  const ports = await Promise.all([world.port('tax', tax), world.port('tax', tax)])
  for (let i = 0; i < 10; i += 1) {
    const id = `${i}${'A'.repeat(21)}`
    const answers = await Promise.all(
      ports.map((port, at) => {
        // Their clocks differ, so what they send is not the same bytes.
        const notAfter = Date.now() + 60_000 + at
        return port.submit('notes.set', { key: `k${i}`, value: 1 }, { id, notAfter })
      }),
    )
    const entries = answers.map((answer) => ('receipt' in answer ? answer.receipt.entry : answer))
    assert.equal(new Set(entries).size, 1, JSON.stringify(answers))
  }
  await world.close()
})

test('a ledger that shows another or a shorter history is followed no further', async () => {
  const world = await openWorld()
  const remote = await world.remote()
  const port = await world.port('tax', tax)
  await port.submit('notes.set', { key: 'a', value: 1 })
  while (remote.head().height < world.host.head().height) await sleep(5)
  await world.replace()
  const failure = (await remote.failed) as { readonly code?: string }
  assert.equal(failure.code, 'node/other-history')
  assert.ok(world.notes.some(({ event }) => event === 'copy-stopped'))
  await world.close()
})

test('who shows a wrong token learns it at the start', async () => {
  const world = await openWorld()
  writeFileSync(join(world.root, 'token'), 'another-token-that-is-long-enough-too')
  await assert.rejects(world.remote(), { code: 'transport/bad-status' })
  await world.close()
})

test('a member proves itself by mutual TLS, and takes no other server for the ledger', async () => {
  const world = new RemotePortWorld(domains)
  const gas = contractKeys.get('gas')!
  await world.listen(gas)
  const kidOf = (store: typeof gas): string => {
    return store.list().find(({ use }) => use === 'transport')?.kid ?? ''
  }
  const host = await world.remoteByTls(tax, kidOf(gas))
  const port = openLedgerPort({ host, keys: tax, member: 'tax' })
  assert.ok('receipt' in (await port.submit('notes.set', { key: 'a', value: 1 })))
  const strangers = keysOfMembers(['stranger']).get('stranger')!
  await assert.rejects(world.remoteByTls(strangers, kidOf(gas)), { code: 'transport/bad-status' })
  await assert.rejects(world.remoteByTls(tax, kidOf(tax)), { code: 'transport/peer-refused' })
  await world.close()
})
