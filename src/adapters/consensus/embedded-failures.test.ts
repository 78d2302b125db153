// Claims about what breaks while the engine runs: whoever waits is answered, whatever fails; the
// engine stops for good when memory may differ from the journal; and a queue is bounded in bytes.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { Check, Verifier } from '#adapters/consensus'
import { command, decoded, intentText, memoryLedger, notes } from '#test/memory-ledger'
import { taxKey, testMembers } from '#test/memory-ledger'
import { sha256Text } from '#base/crypto'
import { makeId, signCommand } from '#test/commands'
import type { Told } from '#test/engine-world'
import { codeOf, engineWorld, settle, TestFailure } from '#test/engine-world'

/** A verifier that answers when the test says so. */
function slowVerifier(): Verifier & { answer(): void } {
  const held: ((holds: boolean) => void)[] = []
  return {
    check: (_check: Check, done) => void held.push(done),
    close: () => Promise.resolve(),
    answer: () => {
      for (const done of held.splice(0)) done(true)
    },
  }
}

test('commands whose signatures are checked while the engine fails are answered', async () => {
  const verifier = slowVerifier()
  const { engine, world, submit } = engineWorld({ verifier })
  const first = submit()
  verifier.answer()
  await settle()
  const late = submit()
  world.syncs[0]?.reject(new TestFailure('storage/sync-failed'))
  await settle()
  assert.equal(codeOf(first), 'order/outcome-unknown')
  assert.equal(codeOf(late), undefined)
  const closed = engine.close()
  verifier.answer()
  await settle()
  assert.equal(codeOf(late), 'order/stopped')
  await closed
  assert.equal(engine.waiting, 0)
})

test('a store that fails on a durable block stops the engine, and its answers are unknown', async () => {
  const { engine, world, submit, synced } = engineWorld()
  const held = submit()
  await settle()
  const next = submit()
  world.durableFails = new TestFailure('storage/write-failed')
  await synced(0)
  assert.equal(codeOf(held), 'order/outcome-unknown')
  assert.equal(codeOf(next), 'order/stopped')
  assert.equal(engine.state, 'failed')
  assert.deepEqual(world.failed, [world.durableFails])
})

test('a defect of a domain stops the engine before anything is written', async () => {
  const broken = {
    ...notes,
    types: notes.types.map((type) =>
      type.name === 'notes.drop'
        ? { ...type, decide: () => ({ code: 'ok', writes: [['other/key', 1]] }) as never }
        : type,
    ),
  }
  const { engine, world } = engineWorld({ ledger: memoryLedger([testMembers, broken]) })
  const held: Told = { answers: null }
  const drop = command('notes.drop', { key: 'a' }, { notAfter: world.wallMs + 1000 })
  engine.submit(drop, (answers) => {
    held.answers = answers
  })
  await settle()
  assert.equal(codeOf(held), 'order/stopped')
  assert.equal(engine.state, 'failed')
  assert.equal((world.failed[0] as Error).name, 'Defect')
  assert.equal(world.appended.length, 0)
})

test('nothing is cut once everything that was accepted is answered after a close', async () => {
  const { engine, world, submit, pass, synced } = engineWorld()
  await pass(12_000)
  const held = submit()
  const closed = engine.close()
  await settle()
  await synced(0)
  await closed
  assert.equal(codeOf(held), 'ok')
  // The block was a boundary, whose map roots the next start will record.
  await pass(60_000)
  assert.equal(world.appended.length, 1)
})

test('an idle ledger finds by itself that there is space again', async () => {
  const { engine, world, submit, pass, synced } = engineWorld()
  world.appendFails = new TestFailure('storage/no-space')
  submit()
  await settle()
  assert.equal(engine.state, 'no-space')
  await pass(1500)
  assert.equal(engine.state, 'no-space')
  world.appendFails = null
  await pass(1500)
  await synced(0)
  assert.equal(engine.state, 'open')
  assert.equal(world.durable[0]?.entries.length, 0)
})

test('the queue is bounded in bytes as well as in commands', async () => {
  const { engine, submit } = engineWorld({ waitingBytesMax: 2_000_000 })
  submit()
  await settle()
  const codes: (string | undefined)[] = []
  for (let i = 0; i < 5; i += 1) {
    const document = Buffer.alloc(600_000, i + 1)
    const held: Told = { answers: null }
    engine.submit(publishing(document, i), (answers) => {
      held.answers = answers
    })
    codes.push(codeOf(held))
  }
  assert.deepEqual(codes, [undefined, undefined, undefined, 'order/overloaded', 'order/overloaded'])
})

function publishing(document: Uint8Array, number: number) {
  const body = { document: sha256Text(document, 'base64url') }
  const intent = intentText('notes.publish', body, { id: makeId(number) })
  return decoded(signCommand(taxKey, intent), [document])
}

test('the engine stops before a height that asks for another release', async () => {
  const other = new TestFailure('host/other-code')
  const { engine, world, submit, synced, ledger } = engineWorld({
    stopsBefore: (height) => (height >= 5 ? other : null),
  })
  const held = [submit()]
  await settle()
  held.push(submit())
  await synced(0)
  held.push(submit())
  await synced(1)
  assert.deepEqual(held.map(codeOf), ['ok', 'ok', 'order/stopped'])
  assert.equal(ledger.machine.head().height, 4)
  assert.deepEqual(world.failed, [other])
  assert.equal(engine.state, 'failed')
})

test('a practice ledger says once that its clock jumped', async () => {
  const { world, submit, synced } = engineWorld({ practice: true })
  world.wallMs -= 3_600_000
  submit()
  await settle()
  submit()
  await synced(0)
  await synced(1)
  assert.deepEqual(world.jumps, ['clock-behind'])
})

test('what does not fit into one frame goes into several', async () => {
  const { engine, world, synced } = engineWorld({ frameMax: 20_000 })
  const told: (string | undefined)[] = []
  for (let i = 0; i < 40; i += 1) {
    const set = command('notes.set', { key: 'a', value: i }, { notAfter: world.wallMs + 1000 })
    engine.submit(set, ([answer]) => {
      told.push(codeOf({ answers: answer === undefined ? [] : [answer] }))
    })
  }
  await settle()
  for (let sync = 0; sync < 4; sync += 1) await synced(sync)
  assert.deepEqual(
    world.durable.map(({ intents }) => intents.length),
    [20, 20],
  )
  assert.ok(world.appended.every((frame) => frame.length <= 20_000))
  assert.deepEqual(told, Array(40).fill('ok'))
})
