// The simulated disk keeps the contract of every disk, and loses exactly what it may lose.
import assert from 'node:assert/strict'
import test from 'node:test'
import { diskContract } from '#test/disk-contract'
import { Random } from './random.ts'
import { crashModes, SimDisk } from './sim-disk.ts'

const soon = (call: () => void): void => queueMicrotask(call)

diskContract('the simulated disk', () => new SimDisk(soon))

test('what was synced survives every crash, what was not may be gone', () => {
  const disk = new SimDisk(soon)
  const file = disk.open('a', 'append')
  disk.write(file, Buffer.alloc(2000, 1), 0)
  disk.syncNow(file)
  disk.change({ kind: 'syncDir', path: '' })
  disk.write(file, Buffer.alloc(2000, 2), 2000)
  let lost = 0
  let torn = 0
  for (const mode of crashModes) {
    for (let seed = 0; seed < 50; seed += 1) {
      const content = disk.crash(mode, new Random(seed)).get('a')
      assert.ok(content !== undefined)
      assert.ok(content.subarray(0, 2000).every((byte) => byte === 1))
      const rest = content.subarray(2000)
      if (rest.every((byte) => byte === 0)) lost += 1
      else if (!rest.every((byte) => byte === 2) || rest.length < 2000) torn += 1
    }
  }
  assert.ok(lost > 50 && torn >= 20, `${lost} ${torn}`)
})

test('a new name is gone after a crash until its directory was synced', () => {
  const disk = new SimDisk(soon)
  disk.syncNow(disk.open('a', 'append'))
  assert.equal(disk.crash('none', new Random(1)).has('a'), false)
  disk.change({ kind: 'syncDir', path: '' })
  assert.equal(disk.crash('none', new Random(1)).has('a'), true)
})

test('a rename is whole or did not happen', () => {
  const disk = new SimDisk(soon)
  for (const [path, byte] of [
    ['old', 1],
    ['new', 2],
  ] as const) {
    const file = disk.open(path, 'append')
    disk.write(file, Uint8Array.of(byte), 0)
    disk.syncNow(file)
  }
  disk.change({ kind: 'syncDir', path: '' })
  disk.change({ kind: 'rename', from: 'new', to: 'old' })
  for (let seed = 0; seed < 20; seed += 1) {
    const files = disk.crash('subset', new Random(seed))
    assert.equal(files.get('old')?.[0], files.has('new') ? 1 : 2)
  }
})
