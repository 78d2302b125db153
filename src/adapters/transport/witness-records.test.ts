// Claims of a cosigner's memory: no answer before what it says is durable, no rollback by crash,
// damage or a second process.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { mock, test } from 'node:test'
import { answerAddCheckpoint } from '#adapters/transport'
import type { Bytes } from '#base/bytes'
import { bodyOf, cosigner, cosigning, isCosigned, log, noteOf, origin, said } from '#test/cosigning'
import { cosignLine } from '#test/proofs'

const world = cosigning()

class Crash extends Error {}
const steps = ['openSync', 'writeFileSync', 'fsyncSync', 'closeSync', 'linkSync', 'rmSync'] as const

/** Runs an act that crashes before its n-th step on disk; a write is torn in half. */
function crashing(act: () => void, crashAt: number): string[] {
  const done: string[] = []
  for (const step of steps) {
    const original = fs[step] as (...args: unknown[]) => unknown
    mock.method(fs, step, (...args: unknown[]) => {
      if (done.length === crashAt) {
        if (step === 'writeFileSync') original(args[0], (args[1] as Bytes).subarray(0, 80))
        throw new Crash(step)
      }
      done.push(step)
      return original(...args)
    })
  }
  try {
    act()
  } finally {
    mock.restoreAll()
  }
  return done
}

test('what a cosigner answered for is there after a crash at any step', () => {
  world.add(0, 7)
  const all = crashing(() => void world.add(7, 12), Infinity)
  const named = all.indexOf('linkSync')
  assert.deepEqual([named, all.length], [6, 12])
  for (let crashAt = 0; crashAt < all.length; crashAt += 1) {
    world.forget()
    world.add(0, 7)
    assert.throws(() => crashing(() => void world.add(7, 12), crashAt))
    // Nobody was answered, so both are right; going on is possible from either.
    world.witness = world.restarted()
    const { size } = world.witness.records.newest(origin)!.checkpoint
    assert.equal(size, crashAt > named ? 12 : 7, `step ${crashAt}`)
    assert.equal(said(world.add(0, 5)), `409 ${size}\n`)
    assert.ok(isCosigned(world.add(size, 12), 12))
    assert.ok(isCosigned(world.add(12, 20), 20))
  }
})

test('after a failed write or sync nothing is cosigned until a restart', () => {
  world.add(0, 7)
  assert.throws(() => crashing(() => void world.add(7, 12), 9), {
    code: 'transport/record-not-written',
  })
  assert.throws(() => world.add(7, 12), { code: 'transport/record-not-written' })
  assert.throws(() => world.add(12, 12), { code: 'transport/record-not-written' })
})

test('for lack of space nothing is cosigned, and it goes on when there is space', () => {
  world.add(0, 7)
  mock.method(fs, 'writeFileSync', () => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' })
  })
  assert.throws(() => world.add(7, 12), { code: 'transport/record-not-written' })
  mock.restoreAll()
  assert.ok(isCosigned(world.add(7, 12), 12))
})

test('a record is synced before it has its name, and its name before the answer', () => {
  const order: string[] = []
  for (const step of ['fsyncSync', 'linkSync'] as const) {
    const original = fs[step] as (...args: unknown[]) => unknown
    mock.method(fs, step, (...args: unknown[]) => {
      const isDirectory = step === 'fsyncSync' && fs.fstatSync(args[0] as number).isDirectory()
      order.push(isDirectory ? 'sync of directory' : step)
      return original(...args)
    })
  }
  world.add(0, 7)
  mock.restoreAll()
  assert.deepEqual(order, ['fsyncSync', 'linkSync', 'sync of directory'])
})

test('a damaged record stops the cosigner and is never skipped for an older one', () => {
  world.add(0, 7)
  const [name] = fs.readdirSync(world.path)
  const file = join(world.path, name!)
  const good = fs.readFileSync(file)
  for (let at = 0; at < good.length; at += 7) {
    const bad = Buffer.from(good)
    bad[at]! ^= 1 << (at % 8)
    fs.writeFileSync(file, bad)
    assert.throws(() => world.restarted().records.newest(origin), {
      code: 'transport/record-corrupt',
    })
    assert.throws(() => world.add(0, 7), { code: 'transport/record-corrupt' })
  }
  fs.writeFileSync(file, good.subarray(0, 60))
  assert.throws(() => world.add(0, 7), { code: 'transport/record-corrupt' })
})

test('two processes over one memory never both move it from the same place', () => {
  world.add(0, 7)
  const other = world.restarted()
  const stale = world.witness.records.newest(origin)!
  assert.ok(isCosigned(answerAddCheckpoint(other, bodyOf(7, 12)), 12))
  assert.equal(world.witness.records.replace(origin, stale.generation, noteOf(log, 9)), false)
  // Even when the other has gone on so far that the next name is free again.
  assert.ok(isCosigned(answerAddCheckpoint(other, bodyOf(12, 20)), 20))
  assert.equal(world.witness.records.replace(origin, stale.generation, noteOf(log, 9)), false)
  assert.equal(world.witness.records.newest(origin)?.checkpoint.size, 20)
  assert.equal(fs.readdirSync(world.path).length, 1)
})

test('a cosigner that lost the race says what is known now', () => {
  world.add(0, 7)
  const other = world.restarted()
  const overtaken = world.restarted({
    cosign: (text, seconds) => {
      answerAddCheckpoint(other, bodyOf(7, 20))
      return cosignLine(cosigner, text, seconds)
    },
  })
  assert.equal(said(answerAddCheckpoint(overtaken, bodyOf(7, 12))), '409 20\n')
})

test('old drafts are removed at the start, recent ones may be somebody’s work', () => {
  world.add(0, 7)
  const [old, recent] = [join(world.path, 'a.new'), join(world.path, 'b.new')]
  for (const file of [old, recent]) fs.writeFileSync(file, 'x')
  fs.utimesSync(old, 1, 1)
  world.restarted()
  assert.deepEqual([fs.existsSync(old), fs.existsSync(recent)], [false, true])
})
