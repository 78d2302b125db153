// Claims of the window: it answers like a map of last moments, whenever it sweeps and however it
// was reloaded; it forgets what is past; chosen ids do not slow it down.
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
import { idDigest, keyedHashOfWords, wordAt } from './keyed-hash.ts'
import { openSeenWindow } from './seen-window.ts'

/** In memory where the host has such a place: nothing here is about a real disk's time. */
const place = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const root = fs.mkdtempSync(join(place, 'lianban-seen-'))
after(() => fs.rmSync(root, { recursive: true }))
let made = 0

function freshDisk(): Disk {
  const disk = fsDisk(join(root, String((made += 1))))
  disk.change({ kind: 'mkdir', path: 'seen' })
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

const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      member: fc.constantFrom('ga', 'mz'),
      id: fc.nat(200),
      for: fc.nat(50_000),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('time' as const), by: fc.nat(5000) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reload' as const }) },
)

test('the window equals a map of last moments over time, sweeps and reloads', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 50, maxLength: 400, size: 'max' }),
      fc.nat(),
      (script, seed) => {
        const disk = freshDisk()
        let window = openSeenWindow(disk, { seed, chunkBytes: 80 })
        const model = new Map<string, number>()
        let now = 1_000_000
        window.expire(now)
        const seen = (name: string): boolean => (model.get(name) ?? 0) >= now
        for (const each of script) {
          if (each.kind === 'add') {
            const name = `${each.member} ${each.id}`
            assert.equal(window.has(each.member, String(each.id)), seen(name))
            window.add(each.member, String(each.id), now + each.for)
            model.set(name, Math.max(model.get(name) ?? 0, now + each.for))
          } else if (each.kind === 'time') {
            now += each.by
            window.expire(now)
          } else {
            window = openSeenWindow(
              disk,
              { seed: seed + 1, chunkBytes: 80 },
              write(disk, window.seal()),
            )
          }
        }
        for (const member of ['ga', 'mz', 'kj']) {
          for (let id = 0; id <= 200; id += 1) {
            assert.equal(window.has(member, String(id)), seen(`${member} ${id}`))
          }
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('what is past leaves memory, the log and the snapshot', () => {
  const disk = freshDisk()
  const window = openSeenWindow(disk, { seed: 3, chunkBytes: 1024 })
  for (let i = 0; i < 20_000; i += 1) {
    window.expire(i * 1000)
    window.add('ga', String(i), i * 1000 + 100_000)
  }
  assert.ok(window.count < 2000, String(window.count))
  const sealed = window.seal()
  const bytes = [...sealed.pieces].reduce((sum, piece) => sum + piece.bytes.length, 0)
  assert.ok(bytes < 200 * 20, String(bytes))
})

test('an id counts through its last millisecond and not after', () => {
  const window = openSeenWindow(freshDisk(), { seed: 3 })
  window.add('ga', 'a', 5000)
  for (const [time, is] of [
    [4999, true],
    [5000, true],
    [5001, false],
  ] as const) {
    window.expire(time)
    assert.equal(window.has('ga', 'a'), is, String(time))
  }
})

test('the table counts on when time has gone far beyond what a word holds', () => {
  const window = openSeenWindow(freshDisk(), { seed: 3 })
  const week = 7 * 24 * 3600_000
  for (let i = 0; i < 30; i += 1) {
    window.expire(i * week)
    assert.equal(window.has('ga', String(i - 1)), i > 0)
    assert.equal(window.has('ga', String(i - 2)), false)
    window.add('ga', String(i), (i + 1) * week)
  }
})

test('after a long rest the first command is taken in before the time is', () => {
  const window = openSeenWindow(freshDisk(), { seed: 3 })
  window.expire(1000)
  window.add('ga', 'a', 2000)
  window.add('ga', 'b', 2 ** 40)
  assert.equal(window.has('ga', 'a'), false)
  assert.equal(window.has('ga', 'b'), true)
  window.expire(2 ** 40 + 1)
  assert.equal(window.has('ga', 'b'), false)
})

test('two members with the same id are two, and the parts of a name do not run together', () => {
  const window = openSeenWindow(freshDisk(), { seed: 3 })
  window.add('ga', 'x', 5000)
  assert.equal(window.has('mz', 'x'), false)
  assert.notEqual(idDigest('ab', 'c'), idDigest('a', 'bc'))
})

test('ids chosen to fall on one place of one process do not on another', () => {
  const hashOf = (id: number, seed: number): number => {
    const digest = idDigest('ga', String(id))
    const words = Uint32Array.of(wordAt(digest, 0), wordAt(digest, 4), wordAt(digest, 8), 0)
    return keyedHashOfWords(words, 0, 12, seed) >>> 22
  }
  const together: number[] = []
  for (let id = 0; together.length < 50; id += 1) if (hashOf(id, 1) === 9) together.push(id)
  assert.ok(new Set(together.map((id) => hashOf(id, 2))).size > 40)
})

test('a flipped bit in the kept window is found at opening', () => {
  const disk = freshDisk()
  const window = openSeenWindow(disk, { seed: 3, chunkBytes: 80 })
  for (let i = 0; i < 6; i += 1) window.add('ga', String(i), 5000 + i)
  const parts = write(disk, window.seal())
  for (const name of disk.list('seen')) {
    const file = disk.open(`seen/${name}`, 'append')
    const whole = new Uint8Array(disk.size(file))
    disk.read(file, whole, 0)
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const image = Uint8Array.from(whole)
      image[bit >> 3]! ^= 1 << (bit & 7)
      disk.write(file, image, 0)
      assert.throws(() => openSeenWindow(disk, { seed: 3 }, parts), { code: 'storage/corrupt' })
    }
    disk.write(file, whole, 0)
    disk.close(file)
  }
  assert.equal(openSeenWindow(disk, { seed: 3 }, parts).count, 6)
})
