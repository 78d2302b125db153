// Claims about the embedded engine: nothing is answered before it is durable, the first failed sync
// stops it, lack of space passes, jumps of the clock deem nothing, and load makes larger blocks.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { Answer } from '#adapters/consensus'
import { command } from '#test/memory-ledger'
import { codeOf, engineWorld, settle, TestFailure } from '#test/engine-world'
import { makeId } from '#test/commands'

test('an answer leaves only after the sync of its frame has returned', async () => {
  const { engine, world, submit, ledger } = engineWorld()
  const held = submit()
  await settle()
  assert.equal(world.appended.length, 1)
  assert.equal(held.answers, null)
  assert.equal(ledger.records.has('notes/current/a'), false)
  world.syncs[0]?.resolve()
  await settle()
  assert.equal(codeOf(held), 'ok')
  assert.equal(ledger.records.has('notes/current/a'), true)
  assert.equal(engine.waiting, 0)
})

test('commands that arrive during a sync stand together in the next block', async () => {
  const { world, submit } = engineWorld()
  const first = submit()
  await settle()
  const rest = Array.from({ length: 50 }, () => submit())
  await settle()
  assert.equal(world.appended.length, 1)
  world.syncs[0]?.resolve()
  await settle()
  assert.equal(codeOf(first), 'ok')
  assert.equal(world.appended.length, 2)
  world.syncs[1]?.resolve()
  await settle()
  assert.ok(rest.every((held) => codeOf(held) === 'ok'))
  assert.equal(world.durable[1]?.intents.length, 50)
})

test('after the first failed sync nothing is ever acknowledged', async () => {
  const { engine, world, submit, ledger } = engineWorld()
  const held = submit()
  await settle()
  const waiting = submit()
  world.syncs[0]?.reject(new TestFailure('storage/sync-failed'))
  await settle()
  assert.equal(codeOf(held), 'order/outcome-unknown')
  assert.equal(codeOf(waiting), 'order/stopped')
  assert.equal(engine.state, 'failed')
  assert.equal(codeOf(submit()), 'order/stopped')
  assert.equal(world.failed.length, 1)
  assert.equal(world.durable.length, 0)
  assert.equal(ledger.machine.head().height, 2)
})

test('lack of space refuses, cuts back, and passes by itself', async () => {
  const { engine, world, submit, pass } = engineWorld()
  world.appendFails = new TestFailure('storage/no-space')
  const held = submit()
  await settle()
  assert.equal(codeOf(held), 'order/no-space')
  assert.equal(world.cutBacks, 1)
  assert.equal(engine.state, 'no-space')
  assert.equal(codeOf(submit()), 'order/no-space')
  world.appendFails = null
  await pass(1500)
  const again = submit()
  await settle()
  world.syncs[0]?.resolve()
  await settle()
  world.syncs[1]?.resolve()
  await settle()
  assert.equal(codeOf(again), 'ok')
  assert.equal(engine.state, 'open')
})

test('a write that fails otherwise than for lack of space stops the engine', async () => {
  const { engine, world, submit } = engineWorld()
  world.appendFails = new TestFailure('storage/write-failed')
  const held = submit()
  await settle()
  assert.equal(codeOf(held), 'order/stopped')
  assert.equal(engine.state, 'failed')
})

test('a clock that jumps a year ahead cuts nothing until the time is confirmed', async () => {
  const { world, submit, engine } = engineWorld()
  world.wallMs += 365 * 24 * 3_600_000
  const held = submit()
  await settle()
  assert.equal(codeOf(held), 'order/clock-unconfirmed')
  assert.equal(world.appended.length, 0)
  const confirm: { answers: readonly Answer[] | null } = { answers: null }
  const time = world.wallMs
  engine.submit(command('notes.close', { time }, { notAfter: time + 1000 }), (answers) => {
    confirm.answers = answers
  })
  await settle()
  world.syncs[0]?.resolve()
  await settle()
  assert.equal(codeOf(confirm), 'ok')
  assert.equal(world.durable[0]?.head.time, time)
  submit()
  await settle()
  assert.equal(world.appended.length, 2)
})

test('a clock that steps against the monotonic clock cuts nothing', async () => {
  const { world, submit } = engineWorld()
  submit()
  await settle()
  world.syncs[0]?.resolve()
  await settle()
  world.wallMs += 90_000
  world.monotonicMs += 100
  const held = submit()
  await settle()
  assert.equal(codeOf(held), 'order/clock-unconfirmed')
})

test('a confirmation of another time than the wall shows is not taken', async () => {
  const { world, engine } = engineWorld()
  world.wallMs += 365 * 24 * 3_600_000
  const confirm: { answers: readonly Answer[] | null } = { answers: null }
  const time = world.wallMs + 120_000
  engine.submit(command('notes.close', { time }, { notAfter: time + 1000 }), (answers) => {
    confirm.answers = answers
  })
  await settle()
  assert.equal(codeOf(confirm), 'order/clock-unconfirmed')
})

test('a confirmation that is refused or not admitted does not move the ledger’s time', async () => {
  const { world, engine, submit, ledger } = engineWorld()
  world.wallMs += 365 * 24 * 3_600_000
  const before = ledger.machine.head()
  const even = world.wallMs - (world.wallMs % 2)
  const expired = { time: even, notAfter: even - 1 }
  const denied = { time: even + 1, notAfter: even + 1000 }
  const codes: (string | undefined)[] = []
  for (const { time, notAfter } of [expired, denied]) {
    const confirm: { answers: readonly Answer[] | null } = { answers: null }
    engine.submit(command('notes.close', { time }, { notAfter }), (answers) => {
      confirm.answers = answers
    })
    const other = submit()
    await settle()
    codes.push(codeOf(confirm))
    assert.equal(codeOf(other), 'order/clock-unconfirmed')
  }
  assert.deepEqual(codes, ['validate/expired', 'notes/negative'])
  assert.equal(world.appended.length, 0)
  assert.deepEqual(ledger.machine.head(), before)
})

test('a practice ledger goes on over a jump and says so', async () => {
  const { world, submit } = engineWorld({ practice: true })
  world.wallMs += 365 * 24 * 3_600_000
  const held = submit()
  await settle()
  world.syncs[0]?.resolve()
  await settle()
  assert.equal(codeOf(held), 'ok')
  assert.deepEqual(world.jumps, ['clock-ahead'])
})

test('a grown ledger cuts empty blocks for its checkpoint, an idle one none', async () => {
  const { world, submit, pass, ledger } = engineWorld()
  submit()
  await settle()
  world.syncs[0]?.resolve()
  await settle()
  await pass(10_000)
  world.syncs[1]?.resolve()
  await settle()
  await pass(0)
  world.syncs[2]?.resolve()
  await settle()
  assert.equal(world.durable.at(-1)?.checkpoint, ledger.machine.head().size)
  const height = ledger.machine.head().height
  for (let i = 0; i < 20; i += 1) await pass(60_000)
  assert.equal(ledger.machine.head().height, height)
  assert.equal(world.syncs.length, 3)
})

test('an idle ledger cuts an empty block every hour', async () => {
  const { world, pass } = engineWorld()
  for (let i = 0; i < 61; i += 1) await pass(60_000)
  assert.equal(world.appended.length, 1)
})

test('closing answers what was accepted and then refuses', async () => {
  const { engine, world, submit } = engineWorld()
  const held = submit()
  const closed = engine.close()
  assert.equal(codeOf(submit()), 'order/closing')
  await settle()
  world.syncs[0]?.resolve()
  await closed
  assert.equal(codeOf(held), 'ok')
})

test('beyond its bound the queue refuses and does not grow', async () => {
  const { engine, submit } = engineWorld({ waitingMax: 200 })
  submit()
  await settle()
  for (let i = 0; i < 200; i += 1) {
    engine.submit(shared, () => undefined)
  }
  assert.equal(codeOf(submit()), 'order/overloaded')
  assert.equal(engine.waiting, 200)
})

const shared = command('notes.drop', { key: 'a' }, { id: makeId(9) })
