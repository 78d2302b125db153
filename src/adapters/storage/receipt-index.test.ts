// Claims of the receipt index: it answers like a map through every merge and reload; a lookup reads
// one block a run; a damaged block is said and never answers.
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import type { Json } from '#base/canonical'
import type { Sealed } from './derived.ts'
import type { Disk } from './disk.ts'
import { fsDisk } from './disk.ts'
import { openReceiptIndex } from './receipt-index.ts'

/** In memory where the host has such a place: nothing here is about a real disk's time. */
const place = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const root = fs.mkdtempSync(join(place, 'lianban-receipts-'))
after(() => fs.rmSync(root, { recursive: true }))
let made = 0

function freshDisk(): Disk {
  const disk = fsDisk(join(root, String((made += 1))))
  disk.change({ kind: 'mkdir', path: 'receipts' })
  return disk
}

function write(disk: Disk, sealed: Sealed): Json {
  for (const { path, at, bytes } of sealed.pieces) {
    const file = disk.open(path, 'append')
    disk.write(file, bytes, at)
    disk.close(file)
  }
  const parts = sealed.parts()
  sealed.saved()
  return parts
}

test('the index equals a map over adds, seals, merges and reloads', () => {
  const step = fc.oneof(
    { weight: 12, arbitrary: fc.record({ member: fc.constantFrom('ga', 'mz'), id: fc.nat(400) }) },
    { weight: 2, arbitrary: fc.constantFrom('seal' as const, 'reload' as const) },
  )
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 500, size: 'max' }), (script) => {
      const disk = freshDisk()
      let index = openReceiptIndex(disk, { seed: 7, fanIn: 3 })
      const model = new Map<string, number>()
      for (const [entry, each] of script.entries()) {
        if (typeof each === 'object') {
          index.add(each.member, String(each.id), entry)
          model.set(`${each.member} ${each.id}`, entry)
        } else {
          const parts = write(disk, index.seal())
          if (each === 'reload') {
            index.close()
            index = openReceiptIndex(disk, { seed: 7, fanIn: 3 }, parts)
          }
        }
      }
      for (const member of ['ga', 'mz']) {
        for (let id = 0; id <= 400; id += 1) {
          assert.equal(index.find(member, String(id)), model.get(`${member} ${id}`))
        }
      }
      index.close()
    }),
    { numRuns: 40 },
  )
})

test('runs of many blocks are merged and found over', () => {
  const disk = freshDisk()
  let index = openReceiptIndex(disk, { seed: 7, fanIn: 4 })
  const most = 20
  let parts: Json = null
  for (let round = 0; round < most; round += 1) {
    for (let i = 0; i < 1500; i += 1) index.add('ga', `${round}-${i}`, round * 1500 + i)
    parts = write(disk, index.seal())
  }
  assert.equal(index.count, most * 1500)
  const { runs } = parts as { runs: { tier: number }[] }
  assert.deepEqual(
    runs.map(({ tier }) => tier),
    [2, 1],
  )
  index = openReceiptIndex(disk, { seed: 8 }, parts)
  for (let round = 0; round < most; round += 1) {
    for (let i = round % 7; i < 1500; i += 41) {
      assert.equal(index.find('ga', `${round}-${i}`), round * 1500 + i)
      assert.equal(index.find('mz', `${round}-${i}`), undefined)
    }
  }
})

test('a seal is of its moment and answers go on while it is written', () => {
  const disk = freshDisk()
  const index = openReceiptIndex(disk, { seed: 7 })
  for (let i = 0; i < 100; i += 1) index.add('ga', `a${i}`, i)
  const sealed = index.seal()
  for (let i = 0; i < 100; i += 1) index.add('ga', `b${i}`, 100 + i)
  assert.equal(index.find('ga', 'a5'), 5)
  assert.equal(index.find('ga', 'b5'), 105)
  const parts = write(disk, sealed)
  assert.equal(index.find('ga', 'a5'), 5)
  assert.equal(index.find('ga', 'b5'), 105)
  const again = openReceiptIndex(disk, { seed: 8 }, parts)
  assert.equal(again.find('ga', 'a5'), 5)
  assert.equal(again.find('ga', 'b5'), undefined)
})

test('what a failed seal took is in the next one', () => {
  const disk = freshDisk()
  const index = openReceiptIndex(disk, { seed: 7 })
  index.add('ga', 'a', 1)
  index.seal()
  index.add('ga', 'b', 2)
  index.add('ga', 'a', 3)
  const again = openReceiptIndex(disk, { seed: 8 }, write(disk, index.seal()))
  assert.equal(again.find('ga', 'a'), 3)
  assert.equal(again.find('ga', 'b'), 2)
})

test('a damaged run fails one merge and no later seal, and the others go on answering', () => {
  const disk = freshDisk()
  const index = openReceiptIndex(disk, { seed: 7, fanIn: 2 })
  index.add('ga', 'a', 1)
  write(disk, index.seal())
  const file = disk.open('receipts/0000000000.run', 'append')
  disk.write(file, Uint8Array.of(255), 3)
  index.add('ga', 'b', 2)
  assert.throws(() => write(disk, index.seal()), { code: 'storage/corrupt', fatal: false })
  const again = openReceiptIndex(disk, { seed: 7 }, write(disk, index.seal()))
  assert.equal(again.find('ga', 'b'), 2)
  assert.throws(() => index.find('ga', 'a'), { code: 'storage/corrupt' })
})

test('a lookup reads one block of every run', () => {
  const disk = freshDisk()
  let reads = 0
  const counting: Disk = Object.assign(Object.create(disk) as Disk, {
    open: (path: string, mode: 'append' | 'read' | 'create') => disk.open(path, mode),
    size: (file: number) => disk.size(file),
    close: (file: number) => disk.close(file),
    read: (file: number, into: Uint8Array, at: number) => {
      reads += 1
      return disk.read(file, into, at)
    },
  })
  const index = openReceiptIndex(disk, { seed: 7 })
  for (let i = 0; i < 5000; i += 1) index.add('ga', String(i), i)
  const again = openReceiptIndex(counting, { seed: 7 }, write(disk, index.seal()))
  reads = 0
  for (let i = 0; i < 50; i += 1) again.find('ga', String(i * 90))
  assert.equal(reads, 50)
})

test('a flipped bit in a run is found at opening or at the lookup, and never answers', () => {
  const disk = freshDisk()
  const index = openReceiptIndex(disk, { seed: 7 })
  for (let i = 0; i < 180; i += 1) index.add('ga', String(i), i)
  const parts = write(disk, index.seal())
  const file = disk.open('receipts/0000000000.run', 'append')
  const whole = new Uint8Array(disk.size(file))
  disk.read(file, whole, 0)
  let found = 0
  for (let bit = 0; bit < whole.length * 8; bit += 61) {
    const byte = whole[bit >> 3]!
    disk.write(file, Uint8Array.of(byte ^ (1 << (bit & 7))), bit >> 3)
    try {
      const again = openReceiptIndex(disk, { seed: 8 }, parts)
      for (let i = 0; i < 180; i += 1) assert.equal(again.find('ga', String(i)), i)
      again.close()
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'storage/corrupt')
      found += 1
    }
    disk.write(file, Uint8Array.of(byte), bit >> 3)
  }
  assert.ok(found > 500, String(found))
})
