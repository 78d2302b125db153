// Tiles are those of C2SP tlog-tiles, the specification's own example included, and nothing read
// out of them is used before it was checked against the root.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { concat, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'

import {
  Tile,
  completedTiles,
  decodeEntryBundle,
  encodeEntryBundle,
  openTiles,
  parseTilePath,
  partialTiles,
  tilePath,
  tileWidth,
} from './tiles.ts'
import type { HashTileId, TileSource } from './tiles.ts'
import { consistencyProof, inclusionProof, verifyConsistency } from './tree-proof.ts'
import { verifyInclusion } from './tree-proof.ts'
import { Frontier, leafHash, nodeHash } from './tree.ts'

type Store = { readonly files: Map<string, Bytes>; readonly frontier: Frontier; roots: Bytes[] }

/** Grows a log to this size, keeping its tiles as a node would: by level, hash after hash. */
function grow(size: number): Store {
  const levels: Bytes[][] = []
  const frontier = new Frontier()
  const roots = [frontier.root()]
  for (let i = 0; i < size; i++) {
    frontier.append(leafHash(utf8Encode(`entry ${i}`)), (level, _index, hash) => {
      if (level % 8 === 0) (levels[level / 8] ??= []).push(hash.slice())
    })
    roots.push(frontier.root())
  }
  const files = new Map<string, Bytes>()
  for (const [level, hashes] of levels.entries()) {
    for (let at = 0; at < hashes.length; at += 256) {
      const part = hashes.slice(at, at + 256)
      files.set(tilePath({ level, index: at / 256, width: part.length }), concat(part))
    }
  }
  return { files, frontier, roots }
}

function sourceOf(files: ReadonlyMap<string, Bytes>): TileSource {
  return { tile: (id) => files.get(tilePath(id)) ?? null }
}

const SIZE = 70_000
const store = grow(SIZE)
const root = store.frontier.root()

describe('tile names', () => {
  test('are those of the specification', () => {
    assert.equal(tilePath({ level: 0, index: 1_234_067, width: 256 }), 'tile/0/x001/x234/067')
    assert.equal(tilePath({ level: 2, index: 0, width: 1 }), 'tile/2/000.p/1')
    assert.equal(tilePath({ level: 'entries', index: 999, width: 256 }), 'tile/entries/999')
    assert.equal(tilePath({ level: 'entries', index: 1000, width: 5 }), 'tile/entries/x001/000.p/5')
  })

  test('are read back, and every other text is refused', () => {
    const shape = {
      level: fc.oneof(fc.nat(63), fc.constant('entries' as const)),
      index: fc.nat(2 ** 31 - 1),
      width: fc.integer({ min: 1, max: 256 }),
    }
    const id = fc.record(shape, { noNullPrototype: true })
    fc.assert(fc.property(id, (tile) => assert.deepEqual(parseTilePath(tilePath(tile)), tile)))
    const wrong = [
      'tile/0/1',
      'tile/0/0001',
      'tile/0/x000/001',
      'tile/0/000.p/0',
      'tile/0/000.p/256',
      'tile/0/000.p/01',
      'tile/00/000',
      'tile/64/000',
      'tile/0/x001/x234',
      'tile/0/001/234',
      '/tile/0/000',
      'tile/0/000/',
      'tile/entry/000',
      'tile/0/x1/000',
      'tile/-1/000',
      '',
      `tile/0/${'x999/'.repeat(5)}999`,
      `tile/0/${'x001/'.repeat(6)}000`,
      'tile/0/000\n',
    ]
    for (const path of wrong) assert.equal(parseTilePath(path), null, path)
  })
})

describe('the tiles of a size', () => {
  test('are, at 70,000, those of the example in the specification', () => {
    const full = completedTiles(0, SIZE)
    assert.equal(full.filter(({ level }) => level === 0).length, 273)
    assert.equal(full.filter(({ level }) => level === 1).length, 1)
    assert.equal(full.length, 274)
    assert.deepEqual(partialTiles(SIZE), [
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ])
    assert.deepEqual(partialTiles(256), [{ level: 1, index: 0, width: 1 }])
    assert.deepEqual(partialTiles(0), [])
  })

  test('become full exactly once while the log grows, in whatever steps', () => {
    const steps = fc.array(fc.nat(3000), { minLength: 1, maxLength: 40 })
    const property = fc.property(steps, (growth) => {
      const seen: HashTileId[] = []
      let size = 0
      for (const more of growth) {
        seen.push(...completedTiles(size, size + more))
        size += more
      }
      const order = (a: HashTileId, b: HashTileId): number => a.level - b.level || a.index - b.index
      assert.deepEqual(seen.toSorted(order), completedTiles(0, size))
      for (const { level, index } of seen) assert.equal(tileWidth(level, index, size), 256)
    })
    fc.assert(property)
  })

  test('have widths that count down to nothing beyond the edge', () => {
    assert.equal(tileWidth(0, 272, SIZE), 256)
    assert.equal(tileWidth(0, 273, SIZE), 112)
    assert.equal(tileWidth(0, 274, SIZE), 0)
    assert.equal(tileWidth(2, 0, SIZE), 1)
    assert.equal(tileWidth(3, 0, SIZE), 0)
  })
})

describe('entry bundles', () => {
  test('give back their entries', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 })
    const property = fc.property(entries, (list) => {
      const bytes = encodeEntryBundle(list)
      assert.deepEqual(decodeEntryBundle(bytes, list.length), list)
      assert.equal(decodeEntryBundle(bytes, list.length + 1), null)
      assert.equal(decodeEntryBundle(bytes.slice(0, -1), list.length), null)
      assert.equal(decodeEntryBundle(concat([bytes, Uint8Array.of(0)]), list.length), null)
    })
    fc.assert(property)
  })

  test('carry entries of up to 65,535 bytes and no longer ones', () => {
    const longest = new Uint8Array(65_535).fill(7)
    assert.deepEqual(decodeEntryBundle(encodeEntryBundle([longest]), 1), [longest])
    assert.throws(() => encodeEntryBundle([new Uint8Array(65_536)]), RangeError)
  })

  test('are not asked for in impossible numbers', () => {
    for (const count of [0, -1, 257, 0.5, NaN]) {
      assert.equal(decodeEntryBundle(new Uint8Array(4), count), null)
    }
  })
})

describe('a reader of tiles', () => {
  test('proves inclusion and consistency at 70,000 as the tree itself does', () => {
    const reader = openTiles({ source: sourceOf(store.files), size: SIZE, root })!
    for (const index of [0, 1, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999]) {
      const path = inclusionProof(reader, index, SIZE)!
      const leaf = leafHash(utf8Encode(`entry ${index}`))
      assert.ok(verifyInclusion({ index, size: SIZE, leaf, path, root }), `${index}`)
    }
    for (const from of [1, 255, 256, 300, 65_536, 65_537, 69_999, 70_000]) {
      const path = consistencyProof(reader, from, SIZE)!
      const claim = { from, to: SIZE, fromRoot: store.roots[from]!, toRoot: root, path }
      assert.ok(verifyConsistency(claim), `${from}`)
    }
  })

  test('opens no tiles that do not give the root', () => {
    const source = sourceOf(store.files)
    assert.equal(openTiles({ source, size: SIZE, root: store.roots[SIZE - 1]! }), null)
    assert.equal(openTiles({ source: { tile: () => null }, size: SIZE, root }), null)
    assert.equal(openTiles({ source, size: -1, root }), null)
    assert.ok(openTiles({ source: { tile: () => null }, size: 0, root: store.roots[0]! }))
  })

  test('takes a wider tile for a partial one, so that old sizes stay provable', () => {
    const source: TileSource = {
      tile: (id) => {
        const before = `${tilePath({ ...id, width: 256 })}`
        const found = [...store.files].find(([path]) => path.split('.')[0] === before)
        return found ? found[1] : null
      },
    }
    for (const size of [1, 255, 256, 257, 512, 40_000, 65_536, 69_999]) {
      const reader = openTiles({ source, size, root: store.roots[size]! })
      assert.ok(reader, `${size}`)
      assert.ok(inclusionProof(reader, size - 1, size))
    }
  })

  test('never uses a damaged tile: a flipped bit reads as missing', () => {
    const index = 12_345
    const leaf = leafHash(utf8Encode(`entry ${index}`))
    let missing = 0
    const paths = [...store.files.keys()]
    const property = fc.property(fc.nat(paths.length - 1), fc.nat(), (at, bit) => {
      const path = paths[at]!
      const bytes = store.files.get(path)!.slice()
      bytes[(bit >> 3) % bytes.length]! ^= 1 << (bit & 7)
      const source = sourceOf(new Map([...store.files, [path, bytes]]))
      const reader = openTiles({ source, size: SIZE, root })
      const proof = reader && inclusionProof(reader, index, SIZE)
      if (!proof) missing++
      else assert.ok(verifyInclusion({ index, size: SIZE, leaf, path: proof, root }))
      const tile = parseTilePath(path) as HashTileId
      if (reader) assert.equal(reader.tile(tile.level, tile.index), null)
    })
    fc.assert(property, { numRuns: 150 })
    assert.ok(missing > 0)
  })

  test('keeps no more tiles than it may', () => {
    let read = 0
    const source: TileSource = {
      tile: (id) => {
        read++
        return store.files.get(tilePath(id)) ?? null
      },
    }
    const reader = openTiles({ source, size: SIZE, root, cached: 2 })!
    for (let i = 0; i < 3; i++) assert.ok(reader.tile(0, 5))
    const once = read
    for (let i = 6; i < 12; i++) assert.ok(reader.tile(0, i))
    assert.ok(reader.tile(0, 5))
    assert.ok(read > once + 6, 'a tile that made room is read again')
  })
})

test('a reader takes over the tiles of an earlier size, but only where they still stand', () => {
  let read = 0
  const source: TileSource = {
    tile: (id) => {
      read++
      return store.files.get(tilePath(id)) ?? null
    },
  }
  const earlier = openTiles({ source, size: SIZE, root })!
  assert.ok(inclusionProof(earlier, 3, SIZE))
  read = 0
  const later = openTiles({ source, size: SIZE, root, earlier })!
  const edge = read
  assert.ok(inclusionProof(later, 3, SIZE))
  assert.equal(read, edge, 'no full tile is read again')
  const other = grow(600)
  const files = sourceOf(other.files)
  const fork = new Map(other.files)
  const leaf = fork.get('tile/0/000')!
  const foreign = openTiles({ source: files, size: 600, root: other.frontier.root() })!
  assert.ok(foreign.tile(0, 0))
  // The same place in another log: the tile in memory is not the one that stands there.
  const changed = leaf.with(0, leaf[0]! ^ 1)
  fork.set('tile/0/000', changed)
  fork.set('tile/1/000.p/2', concat([Tile.from(changed)!.root()!, foreign.hashes(8, 1)!]))
  const edges = [fork.get('tile/0/002.p/88')!, fork.get('tile/1/000.p/2')!]
  const forked = rootOf(edges[0]!, edges[1]!)
  const reader = openTiles({ source: sourceOf(fork), size: 600, root: forked, earlier: foreign })!
  assert.notDeepEqual(reader.hashes(0, 0), foreign.hashes(0, 0))
})

/** Root of 600 leaves from the two partial tiles: 512 full ones above, 88 leaves below. */
function rootOf(leaves: Bytes, tops: Bytes): Bytes {
  const low = new Frontier()
  for (let at = 0; at < leaves.length; at += 32) low.append(leaves.slice(at, at + 32))
  return nodeHash(nodeHash(tops.slice(0, 32), tops.slice(32)), low.root())
}

test('a tile is 1 to 256 whole hashes', () => {
  assert.equal(Tile.from(new Uint8Array(0)), null)
  assert.equal(Tile.from(new Uint8Array(33)), null)
  assert.equal(Tile.from(new Uint8Array(257 * 32)), null)
  assert.equal(Tile.from(new Uint8Array(255 * 32))!.root(), null)
  assert.equal(Tile.from(new Uint8Array(256 * 32))!.root()!.length, 32)
})
