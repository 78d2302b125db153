// Claims of the state store: it equals a map whatever is written, over cleaning, snapshots and
// growth; it stays small; and a chunk that is not as it was sealed is not opened.
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
import { keyedHash } from './keyed-hash.ts'
import type { StateStore } from './state-store.ts'
import { openStateStore } from './state-store.ts'

/** In memory where the host has such a place: nothing here is about a real disk's time. */
const place = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const root = fs.mkdtempSync(join(place, 'lianban-state-'))
after(() => fs.rmSync(root, { recursive: true }))
let made = 0

function diskWith(): { disk: Disk; at: string } {
  const at = join(root, String((made += 1)))
  const disk = fsDisk(at)
  disk.change({ kind: 'mkdir', path: 'state' })
  return { disk, at }
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

const contentOf = (store: StateStore): Map<string, string> => new Map(store.records())

type Step =
  | { readonly kind: 'set'; readonly key: number; readonly length: number }
  | { readonly kind: 'remove'; readonly key: number }
  | { readonly kind: 'seal' }
  | { readonly kind: 'load' }

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        kind: fc.constant('set' as const),
        key: fc.nat(40),
        length: fc.nat(60),
      }),
    },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('remove' as const), key: fc.nat(40) }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'seal' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'load' as const }) },
  ),
  { minLength: 20, maxLength: 300, size: 'max' },
)

test('the store equals a map over writes, removals, cleaning, snapshots and reloads', () => {
  let cleanings = 0
  fc.assert(
    fc.property(steps, fc.nat(), (script, seed) => {
      const { disk, at } = diskWith()
      const options = { seed, chunkBytes: 256, cached: 8 }
      let store = openStateStore(disk, options)
      const empty = store.bytes
      let model = new Map<string, string>()
      let kept: { parts: Json; model: Map<string, string> } = { parts: null, model: new Map() }
      let serial = 0
      for (const step of script) {
        if (step.kind === 'set') {
          const text = `"${(serial += 1)}${'v'.repeat(step.length)}"`
          store.apply(`k/${step.key}`, text)
          model.set(`k/${step.key}`, text)
          assert.equal(store.get(`k/${step.key}`), text.slice(1, -1))
        } else if (step.kind === 'remove') {
          store.apply(`k/${step.key}`, null)
          model.delete(`k/${step.key}`)
          assert.equal(store.get(`k/${step.key}`), undefined)
        } else if (step.kind === 'seal') {
          kept = { parts: write(disk, store.seal()), model: new Map(model) }
        } else {
          store = openStateStore(disk, options, kept.parts)
          model = new Map(kept.model)
        }
        assert.equal(store.count, model.size)
      }
      assert.deepEqual(contentOf(store), model)
      for (let key = 0; key <= 40; key += 1)
        assert.equal(store.text(`k/${key}`), model.get(`k/${key}`))
      const again = openStateStore(disk, { ...options, seed: seed + 1 }, write(disk, store.seal()))
      assert.deepEqual(contentOf(again), model)
      if (serial > 50 && store.bytes - empty < 60 * serial) cleanings += 1
      fs.rmSync(at, { recursive: true })
    }),
    { numRuns: 150 },
  )
  assert.ok(cleanings > 0)
})

test('keys that begin alike are found, and none that was removed or moved is missed', () => {
  const store = openStateStore(diskWith().disk, { seed: 5, chunkBytes: 256 })
  const expected = new Set<string>()
  for (let i = 0; i < 300; i += 1) {
    const key = `${['a/', 'ab/', 'a', 'b/'][i % 4]}${i % 60}`
    const text = i % 7 === 3 ? null : `"${'x'.repeat(i % 40)}"`
    store.apply(key, text)
    if (text === null) expected.delete(key)
    else expected.add(key)
    const begin = [...expected].filter((each) => each.startsWith('a/'))
    assert.deepEqual([...store.keysUnder('a/')].toSorted(), begin.toSorted())
  }
  assert.deepEqual([...store.keysUnder('')].toSorted(), [...expected].toSorted())
  assert.equal(store.keysUnder('a/nothing-is-called-so').size, 0)
})

test('what is past does not grow the store', () => {
  const store = openStateStore(diskWith().disk, { seed: 1, chunkBytes: 4096 })
  for (let i = 0; i < 20_000; i += 1) store.apply(`k/${i % 100}`, `"${'x'.repeat(i % 90)}${i}"`)
  assert.equal(store.count, 100)
  assert.ok(store.bytes < 100_000, String(store.bytes))
  for (let i = 0; i < 100; i += 1) store.apply(`k/${i}`, null)
  assert.equal(store.count, 0)
})

test('a seal is the state of its moment, whatever is written before it reaches the disk', () => {
  const { disk } = diskWith()
  const store = openStateStore(disk, { seed: 1, chunkBytes: 256 })
  for (let i = 0; i < 50; i += 1) store.apply(`k/${i}`, `${i}`)
  const before = contentOf(store)
  const sealed = store.seal()
  for (let i = 0; i < 400; i += 1) store.apply(`k/${i % 60}`, i % 3 === 0 ? null : `"${i}"`)
  const parts = write(disk, sealed)
  assert.deepEqual(contentOf(openStateStore(disk, { seed: 2 }, parts)), before)
})

test('a second snapshot writes only what is new', () => {
  const { disk } = diskWith()
  const store = openStateStore(disk, { seed: 1, chunkBytes: 4096 })
  for (let i = 0; i < 1000; i += 1) store.apply(`k/${i}`, `${i}`)
  write(disk, store.seal())
  store.apply('k/new', '"text"')
  const pieces = [...store.seal().pieces]
  assert.equal(pieces.length, 1)
  assert.ok(pieces[0]!.bytes.length < 20)
})

test('values come back frozen and the same from memory and from the text', () => {
  const store = openStateStore(diskWith().disk, { seed: 1, cached: 4 })
  store.apply('a', '{"b":[1,{"c":null}]}')
  const value = store.get('a') as { b: [number, object] }
  assert.equal(store.get('a'), value)
  assert.ok(Object.isFrozen(value) && Object.isFrozen(value.b) && Object.isFrozen(value.b[1]))
  for (let i = 0; i < 9; i += 1) {
    store.apply(`x${i}`, 'null')
    assert.equal(store.get(`x${i}`), null)
  }
  assert.deepEqual(store.get('a'), value)
  store.apply('a', 'true')
  assert.equal(store.get('a'), true)
})

test('a text that is not ASCII is a defect, not a changed text', () => {
  const store = openStateStore(diskWith().disk, { seed: 1 })
  assert.throws(() => store.apply('a', '"区"'), { name: 'Defect' })
  assert.throws(() => store.apply('a', '"é"'), { name: 'Defect' })
  assert.throws(() => store.apply('键', '1'), { name: 'Defect' })
})

test('a flipped bit in any chunk, and a chunk cut short, is found at opening', () => {
  const { disk, at } = diskWith()
  const store = openStateStore(disk, { seed: 1, chunkBytes: 256 })
  for (let i = 0; i < 20; i += 1) store.apply(`k/${i}`, `"${i}"`)
  const parts = write(disk, store.seal())
  for (const name of fs.readdirSync(join(at, 'state'))) {
    const path = join(at, 'state', name)
    const whole = fs.readFileSync(path)
    for (let bit = 0; bit < whole.length * 8; bit += 3) {
      const image = Buffer.from(whole)
      image[bit >> 3]! ^= 1 << (bit & 7)
      fs.writeFileSync(path, image)
      assert.throws(() => openStateStore(disk, { seed: 1 }, parts), { code: 'storage/corrupt' })
    }
    fs.writeFileSync(path, whole.subarray(0, -1))
    assert.throws(() => openStateStore(disk, { seed: 1 }, parts), { code: 'storage/corrupt' })
    fs.writeFileSync(path, Buffer.concat([whole, Buffer.from('later')]))
    assert.equal(openStateStore(disk, { seed: 1 }, parts).count, 20)
  }
})

test('keys that fall on one place under one seed do not under another', () => {
  const together: string[] = []
  for (let i = 0; together.length < 60; i += 1) {
    if (keyedHash(`k/${i}`, 1) >>> 22 === 5) together.push(`k/${i}`)
  }
  const places = new Set(together.map((key) => keyedHash(key, 2) >>> 22))
  assert.ok(places.size > 50, String(places.size))
})

test('the hash spreads keys that differ in one character', () => {
  const counts = new Uint32Array(64)
  for (let i = 0; i < 64_000; i += 1) counts[keyedHash(`members/key/${i}`, 7) >>> 26]! += 1
  for (const count of counts) assert.ok(count > 800 && count < 1200, String(count))
})
