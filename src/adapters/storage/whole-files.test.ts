// Claims of tiles, documents and the checkpoint: what they give is what was put in, damage is
// learned again or said, and a checkpoint is the old one or the new one.
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { base64urlEncode, latin1Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { Json } from '#base/canonical'
import { sha256 } from '#base/crypto'
import { Frontier, completedTiles, openTiles, partialTiles, tilePath } from '#ledger/prove'
import type { Sealed } from './derived.ts'
import type { Disk } from './disk.ts'
import { Failure, fsDisk } from './disk.ts'
import type { TileStore } from './whole-files.ts'
import { openCheckpointStore, openDocumentStore, openTileStore } from './whole-files.ts'

/** In memory where the host has such a place: nothing here is about a real disk's time. */
const place = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const root = fs.mkdtempSync(join(place, 'lianban-whole-'))
after(() => fs.rmSync(root, { recursive: true }))
let made = 0
const fresh = (): string => join(root, String((made += 1)))

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

const leafOf = (index: number): Bytes => sha256(latin1Encode(`leaf ${index}`))

function grown(size: number, disk: Disk): { tiles: TileStore; frontier: Frontier; parts: Json } {
  const tiles = openTileStore(disk, leafOf)
  const frontier = new Frontier()
  for (let i = 0; i < size; i += 1) frontier.append(leafOf(i), tiles.node)
  return { tiles, frontier, parts: write(disk, tiles.seal()) }
}

function mustHold(tiles: TileStore, size: number): void {
  for (const id of [...completedTiles(0, size), ...partialTiles(size)]) {
    const tile = tiles.tile(id)
    assert.ok(tile && tile.length === id.width * 32)
    if (id.level > 0) continue
    for (let i = 0; i < id.width; i += 37) {
      assert.deepEqual(tile.slice(i * 32, i * 32 + 32), leafOf(id.index * 256 + i))
    }
  }
}

test('every tile of every size up to the present one is given, and no other', () => {
  const { tiles, frontier } = grown(70_000, fsDisk(fresh()))
  mustHold(tiles, 70_000)
  assert.ok(openTiles({ source: tiles, size: 70_000, root: frontier.root() }))
  const partial = tiles.tile({ level: 0, index: 3, width: 20 })
  assert.deepEqual(partial, tiles.tile({ level: 0, index: 3, width: 256 })?.slice(0, 640))
  for (const id of [
    { level: 0, index: 273, width: 113 },
    { level: 0, index: 274, width: 1 },
    { level: 1, index: 1, width: 18 },
    { level: 3, index: 0, width: 1 },
    { level: 0, index: 0, width: 0 },
    { level: 0, index: 0, width: 257 },
  ]) {
    assert.equal(tiles.tile(id), null, tilePath(id))
  }
})

test('tiles are the same from memory and from their files, and grow on after a reload', () => {
  const disk = fsDisk(fresh())
  const { frontier, parts } = grown(700, disk)
  const again = openTileStore(disk, leafOf, parts)
  for (let i = 700; i < 1300; i += 1) frontier.append(leafOf(i), again.node)
  mustHold(again, 1300)
  assert.equal(again.size, 1300)
})

test('a tile file that is damaged, cut or gone is learned again', () => {
  const at = fresh()
  const disk = fsDisk(at)
  const { parts } = grown(66_000, disk)
  const files = ['0/000', '0/255', '1/000'].map((name) => join(at, 'tiles', name))
  for (const path of files) {
    const whole = fs.readFileSync(path)
    const flipped = Buffer.from(whole)
    flipped[4000]! ^= 1
    for (const image of [flipped, whole.subarray(0, 100), Buffer.alloc(8192), null]) {
      if (image === null) fs.rmSync(path)
      else fs.writeFileSync(path, image)
      mustHold(openTileStore(disk, leafOf, parts), 600)
    }
    fs.writeFileSync(path, whole)
  }
})

test('a tile and its parent that are both gone are learned again', () => {
  const at = fresh()
  const disk = fsDisk(at)
  const { parts } = grown(66_000, disk)
  fs.writeFileSync(join(at, 'tiles/0/005'), Buffer.alloc(8192, 7))
  fs.rmSync(join(at, 'tiles/1/000'))
  mustHold(openTileStore(disk, leafOf, parts), 3000)
})

test('a tile that cannot be learned is said', () => {
  const at = fresh()
  const disk = fsDisk(at)
  const { parts } = grown(600, disk)
  fs.rmSync(join(at, 'tiles/0/001'))
  const tiles = openTileStore(disk, () => new Uint8Array(32), parts)
  assert.ok(tiles.tile({ level: 0, index: 0, width: 256 }))
  assert.throws(() => tiles.tile({ level: 0, index: 1, width: 256 }), { code: 'storage/corrupt' })
})

test('a checkpoint is replaced at once, comes back, and does not go back', async () => {
  const disk = fsDisk(fresh())
  const store = openCheckpointStore(disk)
  assert.equal(store.newest, null)
  await store.save({ size: 5, text: 'five 区\n' })
  await store.save({ size: 5, text: 'five again\n' })
  await store.save({ size: 9, text: 'nine 区\n' })
  await assert.rejects(() => store.save({ size: 8, text: 'eight\n' }), { name: 'Defect' })
  assert.deepEqual(openCheckpointStore(disk).newest, { size: 9, text: 'nine 区\n' })
})

test('a checkpoint with any bit flipped stops the opening', async () => {
  const at = fresh()
  const disk = fsDisk(at)
  await openCheckpointStore(disk).save({ size: 5, text: 'origin\n5\nroot\n' })
  const path = join(at, 'checkpoint')
  const whole = fs.readFileSync(path)
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const image = Buffer.from(whole)
    image[bit >> 3]! ^= 1 << (bit & 7)
    fs.writeFileSync(path, image)
    assert.throws(() => openCheckpointStore(disk), { code: 'storage/corrupt', fatal: true })
  }
  fs.writeFileSync(path, '')
  assert.throws(() => openCheckpointStore(disk), { code: 'storage/corrupt' })
})

test('documents come back by their hash, and a changed one is said', () => {
  const at = fresh()
  const disk = fsDisk(at)
  const store = openDocumentStore(disk)
  const bytes = latin1Encode('a document')
  const hash = base64urlEncode(sha256(bytes))
  assert.equal(store.get(hash), undefined)
  store.put(hash, bytes)
  store.put(hash, bytes)
  write(disk, store.seal())
  assert.deepEqual(openDocumentStore(disk).get(hash), bytes)
  assert.equal(store.get('../checkpoint'), undefined)
  fs.writeFileSync(join(at, 'documents', hash.slice(0, 2), hash), 'A document')
  assert.throws(() => store.get(hash), { code: 'storage/corrupt', fatal: false })
})

test('a document for which the disk has no room stays in memory until a snapshot has it', () => {
  const at = fresh()
  const disk = fsDisk(at)
  let full = true
  const tight = Object.assign(Object.create(disk) as Disk, {
    open: (path: string, mode: 'append' | 'read' | 'create') => disk.open(path, mode),
    size: (file: number) => disk.size(file),
    read: (file: number, into: Bytes, from: number) => disk.read(file, into, from),
    close: (file: number) => disk.close(file),
    change: (change: Parameters<Disk['change']>[0]) => disk.change(change),
    write: (file: number, bytes: Bytes, from: number) => {
      if (full) throw new Failure('storage/no-space', false)
      disk.write(file, bytes, from)
    },
  })
  const store = openDocumentStore(tight)
  const bytes = latin1Encode('a document')
  const hash = base64urlEncode(sha256(bytes))
  store.put(hash, bytes)
  assert.deepEqual(store.get(hash), bytes)
  full = false
  write(tight, store.seal())
  assert.deepEqual(openDocumentStore(disk).get(hash), bytes)
})
