// Claims about the port over a host of the same process: one entry an id whatever happens between
// asking and hearing, refusals as values, and nothing seen before it is durable.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256Text } from '#base/crypto'
import type { KeyStore } from '#adapters/keys'
import type { LedgerHost } from '#apps/node/host'
import { heldInForce, openLedgerPort } from '#apps/node/ledger-port'
import type { LedgerPort } from '#apps/node/ledger-port'
import { notes, startTime } from '#test/memory-ledger'
import { keysOfMembers, openPortHost, registering } from '#test/port-world'
import { SimClock } from '#simulation/sim-clock'
import { SimDisk } from '#simulation/sim-disk'

const stores = keysOfMembers(['tax', 'gas'])
const id = 'A'.repeat(22)

class World {
  readonly clock: SimClock = new SimClock(startTime)
  disk: SimDisk = new SimDisk((call) => void this.clock.after(1, call))
  host: LedgerHost = this.open()

  open(): LedgerHost {
    const { disk, clock } = this
    this.host = openPortHost({ disk, clock, domains: [registering(stores), notes] })
    return this.host
  }

  port(member: string = 'tax', keys: KeyStore = stores.get(member)!): LedgerPort {
    return openLedgerPort({ host: this.host, keys, member, clock: this.clock })
  }

  /** The process is gone; what its disk had taken is there. */
  killAndOpen(): void {
    this.clock.clear()
    this.disk = this.disk.released((call) => void this.clock.after(1, call))
    this.open()
  }

  async answered<Said>(submitted: Promise<Said>): Promise<Said> {
    await this.clock.pass(50)
    return submitted
  }
}

const set = (value: number): { key: string; value: number } => ({ key: 'a', value })

test('what was said stands in the durable view when the answer comes, and not before', async () => {
  const world = new World()
  const port = world.port()
  const said = port.submit('notes.set', set(5))
  assert.equal(port.view().get('notes/current/a'), undefined)
  const answer = await world.answered(said)
  assert.ok('receipt' in answer)
  assert.deepEqual({ ...(port.view().get('notes/current/a') as object) }, { count: 1, value: 5 })
  assert.equal(answer.receipt.member, 'tax')
  assert.ok(port.head().size > answer.receipt.entry)
})

test('one id is one entry: said again it answers the first receipt, at any later time', async () => {
  const world = new World()
  const port = world.port()
  const asked = [1, 1].map((value) => port.submit('notes.set', set(value), { id }))
  const [first, second] = await world.answered(Promise.all(asked))
  assert.ok(first !== undefined)
  assert.deepEqual(first, second)
  await world.clock.pass(60_000)
  const later = await world.answered(port.submit('notes.set', set(1), { id }))
  assert.ok('receipt' in first && 'receipt' in later)
  assert.equal(later.receipt.entry, first.receipt.entry)
  assert.equal((port.view().get('notes/current/a') as { count: number }).count, 1)
})

test('another body under a used id is refused, waiting or answered', async () => {
  const world = new World()
  const port = world.port()
  const first = port.submit('notes.set', set(1), { id })
  assert.deepEqual(await port.submit('notes.set', set(2), { id }), {
    refused: { code: 'read/id-reused', at: 'id' },
  })
  await world.answered(first)
  const other = await world.answered(port.submit('notes.set', set(2), { id }))
  assert.ok('refused' in other && other.refused.code === 'read/id-reused')
})

test('a crash between asking and hearing leaves at most one entry, which a retry finds', async () => {
  for (const afterMs of [0, 1, 2, 3, 5, 10, 20]) {
    const world = new World()
    await world.clock.pass(100)
    void world.port().submit('notes.set', set(9), { id })
    await world.clock.pass(afterMs)
    world.killAndOpen()
    await world.clock.pass(30_000)
    const answer = await world.answered(world.port().submit('notes.set', set(9), { id }))
    assert.ok('receipt' in answer)
    assert.equal((world.port().view().get('notes/current/a') as { count: number }).count, 1)
  }
})

test('a command that the ledger applied with a refusal is refused and names its entry', async () => {
  const world = new World()
  const port = world.port()
  const answer = await world.answered(port.submit('notes.set', set(-1), { id }))
  assert.ok('refused' in answer)
  assert.equal(answer.refused.code, 'notes/negative')
  assert.equal(port.entry(answer.entry!).code, 'notes/negative')
  assert.equal(port.receipt(id)?.code, 'notes/negative')
})

test('a command that was not admitted is refused without an entry', async () => {
  const world = new World()
  const answer = await world.answered(world.port().submit('notes.unknown', {}))
  assert.deepEqual(answer, { refused: { code: 'validate/unknown-type', at: 'intent.type' } })
})

test('a body that is longer than an intent may be is refused as a value', async () => {
  const world = new World()
  const body = { list: Array.from({ length: 700 }, () => 'A'.repeat(43)) }
  const answer = await world.answered(world.port().submit('notes.set', body))
  assert.ok('refused' in answer && answer.refused.code === 'command/oversized')
})

test('a process without a command key in force says so', async () => {
  const world = new World()
  const none = await world.answered(world.port('tax', stores.get('gas')!).submit('notes.set', {}))
  assert.deepEqual(none, { refused: { code: 'node/missing-key' } })
  assert.equal(heldInForce(stores.get('tax')!, world.port(), 'certificate'), null)
  assert.equal(heldInForce(stores.get('tax')!, world.port(), 'command')?.use, 'command')
})

test('documents are published with their command and read back by hash', async () => {
  const world = new World()
  const port = world.port()
  const bytes = Buffer.from('{"a":1}')
  const document = sha256Text(bytes, 'base64url')
  await world.answered(port.submit('notes.publish', { document }, { documents: [bytes] }))
  assert.deepEqual(Buffer.from(port.document(document)!), bytes)
})

test('whoever reads on from a cursor at each call sees every entry once', async () => {
  const world = new World()
  const port = world.port()
  const seen: number[] = []
  let at = 0
  const leave = port.subscribe(({ size }) => {
    for (; at < size; at += 1) seen.push(port.entry(at).entry)
  })
  for (let i = 0; i < 20; i += 1) void port.submit('notes.set', set(i))
  await world.clock.pass(200)
  await new Promise((resolve) => setImmediate(resolve))
  const { size } = port.head()
  assert.ok(size > 20)
  assert.deepEqual(
    seen,
    Array.from({ length: size }, (_, i) => i),
  )
  leave()
  await world.answered(port.submit('notes.set', set(1)))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(seen.length, size)
})
