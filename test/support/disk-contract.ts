// What every disk must do, the real one and the simulated: the contract that the stores rely on.
// A disk's own test calls `diskContract` with a maker of empty disks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Disk } from '#adapters/storage'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

function contentOf(disk: Disk, path: string): number[] {
  const file = disk.open(path, 'read')
  const into = new Uint8Array(disk.size(file))
  assert.equal(disk.read(file, into, 0), into.length)
  disk.close(file)
  return [...into]
}

function put(disk: Disk, path: string, content: Uint8Array): void {
  const file = disk.open(path, 'create')
  disk.write(file, content, 0)
  disk.syncNow(file)
  disk.close(file)
}

/** Runs the contract over disks that `make` gives; each is empty and used by one test. */
export function diskContract(name: string, make: () => Disk): void {
  writing(name, make)
  changing(name, make)
}

function writing(name: string, make: () => Disk): void {
  test(`${name}: what is written at a position is read back there`, () => {
    const disk = make()
    const file = disk.open('a', 'append')
    disk.write(file, bytes(1, 2, 3, 4), 0)
    disk.write(file, bytes(9), 2)
    const into = new Uint8Array(2)
    assert.equal(disk.read(file, into, 1), 2)
    assert.deepEqual([...into], [2, 9])
    assert.equal(disk.size(file), 4)
    disk.close(file)
  })

  test(`${name}: a read past the end gives what there is`, () => {
    const disk = make()
    const file = disk.open('a', 'append')
    disk.write(file, bytes(1, 2, 3), 0)
    assert.equal(disk.read(file, new Uint8Array(8), 1), 2)
    assert.equal(disk.read(file, new Uint8Array(8), 3), 0)
    assert.equal(disk.read(file, new Uint8Array(8), 9), 0)
    disk.close(file)
  })

  test(`${name}: a gap before a write reads as zeros`, () => {
    const disk = make()
    const file = disk.open('a', 'append')
    disk.write(file, bytes(7), 3)
    disk.close(file)
    assert.deepEqual(contentOf(disk, 'a'), [0, 0, 0, 7])
  })

  test(`${name}: append keeps what is there and create empties it`, () => {
    const disk = make()
    put(disk, 'a', bytes(1, 2))
    disk.close(disk.open('a', 'append'))
    assert.deepEqual(contentOf(disk, 'a'), [1, 2])
    disk.close(disk.open('a', 'create'))
    assert.deepEqual(contentOf(disk, 'a'), [])
  })

  test(`${name}: reading what is absent fails and is not fatal`, () => {
    const disk = make()
    assert.throws(() => disk.open('a', 'read'), { code: 'storage/absent', fatal: false })
    assert.throws(() => disk.open('no/a', 'read'), { code: 'storage/absent', fatal: false })
  })

  test(`${name}: truncate cuts and two handles see one file`, async () => {
    const disk = make()
    const one = disk.open('a', 'append')
    const two = disk.open('a', 'append')
    disk.write(one, bytes(1, 2, 3), 0)
    disk.truncate(two, 1)
    assert.equal(disk.size(one), 1)
    await disk.sync(two)
    disk.syncNow(one)
    disk.close(one)
    disk.close(two)
    assert.deepEqual(contentOf(disk, 'a'), [1])
  })

  test(`${name}: two syncs of one file may overlap`, async () => {
    const disk = make()
    const file = disk.open('a', 'append')
    disk.write(file, bytes(1), 0)
    await Promise.all([disk.sync(file), disk.sync(file)])
    disk.close(file)
    assert.deepEqual(contentOf(disk, 'a'), [1])
  })
}

function changing(name: string, make: () => Disk): void {
  test(`${name}: a directory lists its names in order`, () => {
    const disk = make()
    disk.change({ kind: 'mkdir', path: 'd/e' })
    disk.change({ kind: 'mkdir', path: 'd/e' })
    for (const path of ['d/e/b', 'd/e/a', 'd/e/B', 'd/x']) put(disk, path, bytes(1))
    assert.deepEqual(disk.list('d/e'), ['B', 'a', 'b'])
    assert.deepEqual(disk.list('d'), ['e', 'x'])
    assert.deepEqual(disk.list(''), ['d'])
    assert.deepEqual(disk.list('absent'), [])
  })

  test(`${name}: a rename replaces what was there`, () => {
    const disk = make()
    put(disk, 'old', bytes(1))
    put(disk, 'new', bytes(2))
    disk.change({ kind: 'rename', from: 'new', to: 'old' })
    disk.change({ kind: 'syncDir', path: '' })
    assert.deepEqual(contentOf(disk, 'old'), [2])
    assert.deepEqual(disk.list(''), ['old'])
  })

  test(`${name}: what is removed is gone, and may be absent`, () => {
    const disk = make()
    put(disk, 'a', bytes(1))
    disk.change({ kind: 'remove', path: 'a' })
    disk.change({ kind: 'remove', path: 'a' })
    assert.throws(() => disk.open('a', 'read'), { code: 'storage/absent' })
  })
}
