// Claims about the state machine: one entry for each admitted intent, frames that bind everything,
// checkpoints decided by block time, and results that depend on blocks alone.
import assert from 'node:assert/strict'
import test from 'node:test'
import { latin1Decode, latin1Encode, utf8Encode } from '#base/bytes'
import { sha256Text } from '#base/crypto'
import { isRefusal } from '#ledger/command'
import type { Applied, Frame } from '#ledger/apply'
import { commandsOf, decodeEntry, decodeFrame, decodeWrites, entryHash, idsOf } from '#ledger/apply'
import { nextDigest, readCheckpoint } from '#ledger/apply'
import { fillBlock } from '#ledger/order'
import { command, decoded, envelope, gasKey, intentText, memoryLedger } from '#test/memory-ledger'
import { notes, startTime, taxKey, testMembers } from '#test/memory-ledger'
import { makeId, signCommand } from '#test/commands'

const later = startTime + 1000

function frameOf(applied: Applied, previous: Uint8Array): Frame {
  const frame = decodeFrame(applied.frame, previous)
  assert.ok(!isRefusal(frame))
  return frame
}

test('the first block holds one genesis entry and its writes', () => {
  const ledger = memoryLedger()
  const frame = decodeFrame(ledger.frames[0] as Uint8Array, new Uint8Array(32))
  assert.ok(!isRefusal(frame))
  const entry = decodeEntry(latin1Decode(frame.entries[0] as Uint8Array))
  assert.ok(!isRefusal(entry) && entry.kind === 'system')
  assert.equal(entry.system['kind'], 'genesis')
  assert.equal(entry.system['w'], sha256Text(frame.writes[0] as string, 'base64url'))
})

test('an admitted command has exactly one entry, applied or refused', () => {
  const ledger = memoryLedger()
  const applied = ledger.block(
    [command('notes.set', { key: 'a', value: 1 }), command('notes.set', { key: 'a', value: -1 })],
    later,
  )
  assert.equal(applied.entries.length, 2)
  const [first, second] = applied.entries.map((text) => decodeEntry(text))
  assert.ok(first && !isRefusal(first) && first.kind === 'single')
  assert.deepEqual({ ...(first.result.o as object) }, { count: 1 })
  assert.ok(second && !isRefusal(second) && second.kind === 'single')
  assert.equal(second.result.code, 'notes/negative')
  assert.equal(second.result.at, 'value')
  assert.equal(ledger.records.get('notes/current/a'), '{"count":1,"value":1}')
})

test('what admission refuses leaves no entry and no trace in the state', () => {
  const ledger = memoryLedger()
  const before = JSON.stringify([...ledger.records])
  const bad = [
    command('notes.set', { key: 'a', value: 1 }, { notAfter: later - 1 }),
    command('notes.unknown', {}),
    command('notes.set', { key: 'a', value: 5_000_000 }),
  ]
  const applied = ledger.block(bad, later)
  assert.equal(applied.entries.length, 0)
  assert.equal(JSON.stringify([...ledger.records]), before)
})

test('a second command sees what the first of the same block wrote', () => {
  const ledger = memoryLedger()
  const set = (): ReturnType<typeof command> => command('notes.set', { key: 'a', value: 2 })
  const applied = ledger.block([set(), set(), set()], later)
  assert.deepEqual(
    applied.intents.map((intent) => ({ ...(intent.outcome as object) })),
    [{ count: 1 }, { count: 2 }, { count: 3 }],
  )
})

test('the same id twice in one block or later is admitted once', () => {
  const ledger = memoryLedger()
  const wish = { id: makeId(1) }
  const one = command('notes.set', { key: 'a', value: 1 }, wish)
  const filled = fillBlock([one, one], ledger.machine.admission(later))
  assert.deepEqual(filled.outcomes[1], [{ code: 'validate/duplicate', at: 'intent.id' }])
  assert.equal(ledger.block([one, one], later).entries.length, 1)
  assert.equal(ledger.block([one], later + 1).entries.length, 0)
})

test('two members may use the same id', () => {
  const ledger = memoryLedger()
  const id = makeId(2)
  const both = [
    command('notes.set', { key: 'a', value: 1 }, { id }),
    command('notes.set', { key: 'a', value: 1 }, { id, key: gasKey }),
  ]
  assert.equal(ledger.block(both, later).entries.length, 2)
})

test('the intents of an envelope are admitted one by one behind its own entry', () => {
  const ledger = memoryLedger()
  const texts = [
    intentText('notes.set', { key: 'a', value: 1 }),
    intentText('notes.set', { key: 'a', value: 1 }, { notAfter: later - 1 }),
    intentText('notes.set', { key: 'b', value: 1 }),
  ]
  const applied = ledger.block([envelope(texts)], later)
  assert.equal(applied.entries.length, 3)
  const entries = applied.entries.map((text) => decodeEntry(text))
  const [first, second, third] = entries
  assert.ok(first && !isRefusal(first) && first.kind === 'envelope')
  assert.ok(second && !isRefusal(second) && second.kind === 'intent' && second.position === 0)
  assert.ok(third && !isRefusal(third) && third.kind === 'intent' && third.position === 2)
  assert.equal(third.envelope, applied.firstEntry)
})

test('an envelope of which nothing is admitted has no entry', () => {
  const ledger = memoryLedger()
  const expired = intentText('notes.drop', { key: 'a' }, { notAfter: later - 1 })
  assert.equal(ledger.block([envelope([expired])], later).entries.length, 0)
})

test('commands are found again in their frame and give the same frame when applied again', () => {
  const ledger = memoryLedger()
  const document = utf8Encode('calendar of 2026')
  const hash = sha256Text(document, 'base64url')
  const publish = decoded(signCommand(taxKey, intentText('notes.publish', { document: hash })), [
    document,
  ])
  const texts = ['a', 'b', 'c'].map((key, i) =>
    intentText('notes.set', { key, value: 1 }, i === 1 ? { notAfter: later - 1 } : {}),
  )
  const blocks = [
    [publish, envelope(texts), command('notes.set', { key: 'a', value: 3 })],
    [command('notes.drop', { key: 'a' })],
  ]
  for (const [i, commands] of blocks.entries()) ledger.block(commands, later + i * 20_000)
  ledger.block([], later + 40_000)
  const other = memoryLedger()
  const types = other.machine.types
  let previous = other.machine.head().frameHash
  for (const bytes of ledger.frames.slice(2)) {
    const frame = decodeFrame(bytes, previous)
    assert.ok(!isRefusal(frame))
    const found = commandsOf(
      frame,
      (intent) => types.get(intent.type)?.documents?.(intent.body) ?? [],
    )
    assert.ok(!isRefusal(found), JSON.stringify(found))
    const again = other.block(
      found.map((one) => one.command),
      frame.time,
    )
    assert.deepEqual(again.frame, bytes)
    previous = frame.hash
  }
  assert.deepEqual(new Map(other.records), new Map(ledger.records))
})

test('the state is rebuilt from recorded writes without any domain', () => {
  const ledger = memoryLedger()
  ledger.block([command('notes.set', { key: 'a', value: 1 })], later)
  ledger.block([command('notes.set', { key: 'b', value: 1 })], later + 20_000)
  ledger.block([command('notes.drop', { key: 'a' })], later + 40_000)
  const state = new Map<string, string>()
  let digest: Uint8Array = new Uint8Array(32)
  let previous: Uint8Array = new Uint8Array(32)
  for (const bytes of ledger.frames) {
    const frame = decodeFrame(bytes, previous)
    assert.ok(!isRefusal(frame))
    digest = nextDigest(digest, frame.writes)
    assert.deepEqual(digest, frame.stateDigest)
    for (const text of frame.writes) {
      for (const [key, value] of decodeWrites(text) ?? []) {
        if (value === null) state.delete(key)
        else state.set(key, JSON.stringify(value))
      }
    }
    previous = frame.hash
  }
  assert.deepEqual(new Set(state.keys()), new Set(ledger.records.keys()))
})

test('ids are found again in the bytes of a frame', () => {
  const ledger = memoryLedger()
  const before = ledger.machine.head().frameHash
  const texts = [intentText('notes.drop', { key: 'a' }), intentText('notes.drop', { key: 'b' })]
  const single = command('notes.drop', { key: 'c' }, { key: gasKey })
  const applied = ledger.block([envelope(texts), single], later)
  const view = { get: (key: string) => JSON.parse(ledger.records.get(key) ?? 'null') as object }
  const found = idsOf(frameOf(applied, before), view as never)
  assert.deepEqual(
    found.map(({ member, id, entry }) => ({ member, id, entry })),
    applied.intents.map(({ member, id, entry }) => ({ member, id, entry })),
  )
})

test('a checkpoint is decided by block time, and its map root is the last entry of its size', () => {
  const ledger = memoryLedger()
  assert.equal(ledger.machine.head().size, 2)
  assert.equal(ledger.block([command('notes.drop', { key: 'a' })], later + 1).checkpoint, null)
  assert.equal(ledger.block([], later + 2).checkpoint, null)
  const boundary = ledger.block([command('notes.set', { key: 'a', value: 1 })], later + 10_000)
  assert.equal(boundary.checkpoint, null)
  const size = ledger.machine.head().size
  const next = ledger.block([command('notes.drop', { key: 'b' })], later + 10_001)
  assert.equal(next.checkpoint, size + 2)
  const last = decodeEntry(next.entries.at(-1) as string)
  assert.ok(!isRefusal(last) && last.kind === 'system')
  assert.equal(last.system['kind'], 'map-root')
  assert.equal(last.system['height'], boundary.head.height)
  const state = readCheckpoint(JSON.parse(ledger.records.get('ledger/checkpoint') ?? '') as never)
  assert.deepEqual({ size: state.size, boundary: state.boundary }, { size: size + 2, boundary: 0 })
})

test('what changed in the block of a root is shown by a further one, and then there is quiet', () => {
  const ledger = memoryLedger()
  const rootOf = (applied: Applied): string => {
    const last = decodeEntry(applied.entries.at(-1) ?? '')
    assert.ok(!isRefusal(last) && last.kind === 'system')
    return (last.system['roots'] as { readonly now: string }).now
  }
  ledger.block([command('notes.set', { key: 'a', value: 1 })], later + 10_000)
  const first = ledger.block([command('notes.set', { key: 'b', value: 1 })], later + 10_001)
  ledger.block([], later + 20_000)
  const second = ledger.block([], later + 20_001)
  assert.equal(second.checkpoint, ledger.machine.head().size)
  assert.notEqual(rootOf(second), rootOf(first))
  ledger.block([], later + 30_000)
  assert.equal(ledger.block([], later + 30_001).checkpoint, null)
})

test('without growth there is no checkpoint, however much time passes', () => {
  const ledger = memoryLedger()
  for (let i = 1; i < 5; i += 1) {
    const idle = ledger.block([], later + i * 60_000)
    assert.equal(idle.entries.length, 0)
    assert.equal(idle.checkpoint, null)
  }
})

test('a block that is delivered twice before it is confirmed gives the same frame', () => {
  const ledger = memoryLedger()
  const filled = fillBlock(
    [command('notes.set', { key: 'a', value: 1 })],
    ledger.machine.admission(later),
  )
  const block = { height: 3, time: later, commands: filled.commands }
  assert.deepEqual(ledger.machine.deliver(block).frame, ledger.machine.deliver(block).frame)
  assert.equal(ledger.records.has('notes/current/a'), false)
})

test('budgets count applied and refused commands of the hour in one record', () => {
  const ledger = memoryLedger()
  const bad = command('notes.set', { key: 'a', value: -1 })
  ledger.block([bad, command('notes.set', { key: 'a', value: 1 })], later)
  assert.equal(
    ledger.records.get('ledger/budget/tax/notes'),
    `{"hour":${Math.floor(later / 3_600_000)},"refused":1,"used":2}`,
  )
  ledger.block(
    [command('notes.drop', { key: 'a' }, { notAfter: later + 7_200_000 })],
    later + 3_600_000,
  )
  assert.match(ledger.records.get('ledger/budget/tax/notes') ?? '', /"refused":0,"used":1/)
})

test('a domain that writes records of another stops the process', () => {
  const thief = {
    name: 'thief',
    codes: [],
    types: [
      {
        ...(notes.types[1] as (typeof notes.types)[number]),
        name: 'thief.take',
        decide: () => ({ code: 'ok' as const, writes: [['members/key/x', 1] as const] }),
      },
    ],
  }
  const ledger = memoryLedger([testMembers, thief])
  const take = command('thief.take', { key: 'a' })
  assert.throws(() => ledger.block([take], later), { name: 'Defect' })
})

test('every single flipped bit of a frame is refused', () => {
  const ledger = memoryLedger()
  const before = ledger.machine.head().frameHash
  const { frame } = ledger.block([command('notes.drop', { key: 'a' })], later)
  for (let at = 0; at < frame.length; at += 1) {
    const copy = frame.slice()
    copy[at] = (copy[at] as number) ^ (1 << (at % 8))
    assert.ok(isRefusal(decodeFrame(copy, before)), `byte ${at}`)
  }
})

test('an entry has one form: any other text of the same values is refused', () => {
  const ledger = memoryLedger()
  const text = ledger.block([command('notes.drop', { key: 'a' })], later).entries[0] as string
  assert.ok(!isRefusal(decodeEntry(text)))
  for (const other of [
    text.replace('{"v":1,', '{"v":2,'),
    text.replace('{"v":1,"h":3', '{"h":3,"v":1'),
    `${text} `,
    text.replace('"code":"ok"', '"code":"ok","x":1'),
    text.slice(0, -1),
  ]) {
    assert.ok(isRefusal(decodeEntry(other)), other.slice(0, 40))
  }
})

test('the leaf hash of an entry is that of RFC 6962', () => {
  assert.equal(entryHash('abc', 'hex'), sha256Text(latin1Encode('\0abc'), 'hex'))
})
