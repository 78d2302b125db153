// The map is the compressed sparse Merkle tree of docs/protocol/proofs.md: equal to a naive
// recursive definition for every small map and every step between two of them, and its proofs show
// presence and absence, and nothing that is not so.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { compare, concat, equal, hexEncode, u32be } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256 } from '#base/crypto'

import { verifyAbsence, verifyPresence } from './map-proof.ts'
import { SparseMap, emptyMapRoot } from './map.ts'
import type { MapChange, MapLeaf, MapProof } from './map.ts'

/** The definition, written once more without any of the map's cleverness. */
function naiveRoot(leaves: readonly MapLeaf[], depth = 0): Bytes {
  if (leaves.length === 0) return new Uint8Array(32)
  const [first] = leaves
  if (leaves.length === 1) return sha256(concat([Uint8Array.of(0), first!.key, first!.valueHash]))
  const bitOf = ({ key }: MapLeaf): number => (key[Math.floor(depth / 8)]! >> (7 - (depth % 8))) & 1
  const left = naiveRoot(
    leaves.filter((leaf) => bitOf(leaf) === 0),
    depth + 1,
  )
  const right = naiveRoot(
    leaves.filter((leaf) => bitOf(leaf) === 1),
    depth + 1,
  )
  return sha256(concat([Uint8Array.of(1), left, right]))
}

function keyOf(bits: readonly number[]): Bytes {
  const key = new Uint8Array(32)
  for (const bit of bits) key[bit >> 3]! |= 0x80 >> (bit & 7)
  return key
}

// Keys that part at the first bits, in the middle of a byte, and only at the very last bit.
const UNIVERSE: readonly Bytes[] = [
  [],
  [255],
  [0],
  [0, 1],
  [0, 1, 2],
  [9],
  [0, 254],
  [0, 254, 255],
].map(keyOf)
const valueOf = (n: number): Bytes => sha256(u32be(n))

function mapOf(leaves: readonly MapLeaf[]): SparseMap {
  const map = new SparseMap()
  map.update(leaves)
  return map
}

function subset(bits: number, keys: readonly Bytes[] = UNIVERSE): readonly MapLeaf[] {
  return keys.flatMap((key, i) => ((bits >> i) & 1 ? [{ key, valueHash: valueOf(i) }] : []))
}

function permutations<T>(list: readonly T[]): readonly (readonly T[])[] {
  if (list.length < 2) return [list]
  return list.flatMap((item, i) =>
    permutations(list.toSpliced(i, 1)).map((rest) => [item, ...rest]),
  )
}

/** Verifies what a map says of a key, and that it says nothing else of it. */
function check(map: SparseMap, key: Bytes, valueHash: Bytes | null): void {
  const root = map.root()
  const proof = map.prove(key)
  const present = valueHash !== null && verifyPresence({ root, key, valueHash, proof })
  assert.equal(present, valueHash !== null)
  assert.equal(verifyAbsence({ root, key, proof }), valueHash === null)
  assert.ok(!verifyPresence({ root, key, valueHash: valueOf(5000), proof }))
}

describe('every map over eight keys', () => {
  test('has the root of the definition and proves every key present or absent', () => {
    for (let bits = 0; bits < 256; bits++) {
      const leaves = subset(bits)
      const map = mapOf(leaves)
      assert.deepEqual(map.root(), naiveRoot(leaves))
      assert.equal(map.size, leaves.length)
      for (const [i, key] of UNIVERSE.entries()) {
        const valueHash = (bits >> i) & 1 ? valueOf(i) : null
        check(map, key, valueHash)
        assert.deepEqual(map.get(key), valueHash)
      }
      for (const other of [[1], [2], [0, 2], [0, 254, 3], [8], [100]].map(keyOf)) {
        check(map, other, null)
      }
    }
  })

  test('is reached from every other one in one batch', () => {
    const six = UNIVERSE.slice(1, 7)
    for (let from = 0; from < 64; from++) {
      for (let to = 0; to < 64; to++) {
        const map = mapOf(subset(from, six))
        map.update(six.map((key, i) => ({ key, valueHash: (to >> i) & 1 ? valueOf(i) : null })))
        assert.deepEqual(map.root(), naiveRoot(subset(to, six)), `${from} -> ${to}`)
        assert.equal(map.size, subset(to, six).length)
      }
    }
  })

  test('does not depend on the order in which keys come and go', () => {
    const five = subset(0b1101_1010)
    const root = naiveRoot(five)
    for (const order of permutations(five)) {
      const map = new SparseMap()
      for (const leaf of order) map.update([leaf])
      assert.deepEqual(map.root(), root)
      for (const { key } of order.toReversed()) map.update([{ key, valueHash: null }])
      assert.deepEqual(map.root(), emptyMapRoot())
      assert.equal(map.size, 0)
    }
  })
})

describe('a map', () => {
  test('that is empty has the root of 32 zero bytes', () => {
    const map = new SparseMap()
    assert.deepEqual(map.root(), new Uint8Array(32))
    check(map, UNIVERSE[3]!, null)
    map.update([])
    map.update([{ key: UNIVERSE[0]!, valueHash: null }])
    assert.deepEqual(map.root(), new Uint8Array(32))
  })

  test('with one key is that leaf', () => {
    const [leaf] = subset(1)
    const expected = sha256(concat([Uint8Array.of(0), leaf!.key, leaf!.valueHash]))
    assert.deepEqual(mapOf([leaf!]).root(), expected)
  })

  test('takes a key once in a batch', () => {
    const [leaf] = subset(1)
    assert.throws(() => mapOf([leaf!, leaf!]), /every key once/)
  })

  test('changed at random equals the definition, proves all, and survives being stored', () => {
    const change = fc.tuple(fc.nat(60), fc.option(fc.nat(1000)))
    const batches = fc.array(fc.array(change, { maxLength: 40 }), { maxLength: 8 })
    const property = fc.property(batches, (rounds) => {
      const map = new SparseMap()
      const model = new Map<string, MapLeaf>()
      for (const round of rounds) {
        const changes = new Map<string, MapChange>()
        for (const [n, value] of round) {
          const key = sha256(u32be(n))
          const valueHash = value === null ? null : valueOf(value)
          changes.set(hexEncode(key), { key, valueHash })
          if (valueHash === null) model.delete(hexEncode(key))
          else model.set(hexEncode(key), { key, valueHash })
        }
        map.update([...changes.values()])
        assert.deepEqual(map.root(), naiveRoot([...model.values()]))
      }
      assert.equal(map.size, model.size)
      for (let n = 0; n <= 61; n++) {
        const key = sha256(u32be(n))
        check(map, key, model.get(hexEncode(key))?.valueHash ?? null)
      }
      const restored = SparseMap.restore(map.serialise())!
      assert.deepEqual(restored.root(), map.root())
      assert.deepEqual(restored.serialise(), map.serialise())
      restored.update([{ key: UNIVERSE[0]!, valueHash: valueOf(1) }])
      map.update([{ key: UNIVERSE[0]!, valueHash: valueOf(1) }])
      assert.deepEqual(restored.root(), map.root())
    })
    fc.assert(property, { numRuns: 60 })
  })

  test('is not restored from bytes that are cut, longer, or out of order', () => {
    const bytes = mapOf(subset(0b1011)).serialise()
    for (const end of [0, 7, 8, 71, bytes.length - 1]) {
      assert.equal(SparseMap.restore(bytes.slice(0, end)), null)
    }
    assert.equal(SparseMap.restore(concat([bytes, Uint8Array.of(0)])), null)
    const swapped = concat([
      bytes.slice(0, 8),
      bytes.slice(72, 136),
      bytes.slice(8, 72),
      bytes.slice(136),
    ])
    assert.equal(SparseMap.restore(swapped), null)
    const doubled = concat([
      bytes.slice(0, 8),
      bytes.slice(8, 72),
      bytes.slice(8, 72),
      bytes.slice(136),
    ])
    assert.equal(SparseMap.restore(doubled), null)
    const vast = new Uint8Array(8).fill(0xff)
    assert.equal(SparseMap.restore(vast), null)
  })

  test('of a thousand keys has short paths', () => {
    const leaves = Array.from({ length: 1000 }, (_, n) => ({
      key: sha256(u32be(n)),
      valueHash: valueOf(n),
    }))
    const map = mapOf(leaves)
    const lengths = leaves.map(({ key }) => map.prove(key).siblings.length)
    const mean = lengths.reduce((a, b) => a + b, 0) / lengths.length
    assert.ok(mean > 10 && mean < 13, `${mean}`)
  })
})

describe('a map proof', () => {
  const leaves = Array.from({ length: 40 }, (_, n) => ({
    key: sha256(u32be(n)),
    valueHash: valueOf(n),
  }))
  const map = mapOf(leaves)
  const root = map.root()
  const flip = (bytes: Bytes, bit: number): Bytes => {
    const copy = bytes.slice()
    copy[(bit >> 3) % copy.length]! ^= 1 << (bit & 7)
    return copy
  }

  test('with any one thing changed shows nothing', () => {
    let tried = 0
    for (let n = 0; n < 80; n++) {
      const key = sha256(u32be(n))
      const valueHash = n < 40 ? valueOf(n) : null
      const proof = map.prove(key)
      const holds = (p: MapProof, r = root, k = key): boolean =>
        (valueHash !== null && verifyPresence({ root: r, key: k, valueHash, proof: p })) ||
        verifyAbsence({ root: r, key: k, proof: p })
      assert.ok(holds(proof))
      const { siblings, leaf } = proof
      const mutants: MapProof[] = siblings.flatMap((hash, i) => [
        { leaf, siblings: siblings.with(i, hash === null ? valueOf(n) : flip(hash, n * 3 + i)) },
        { leaf, siblings: siblings.with(i, hash === null ? new Uint8Array(32) : null) },
        { leaf, siblings: siblings.toSpliced(i, 1) },
        { leaf, siblings: siblings.toSpliced(i, 0, hash) },
        { leaf, siblings: siblings.toSpliced(i, 0, null) },
      ])
      mutants.push({ leaf: null, siblings: leaf === null ? [...siblings, valueOf(1)] : siblings })
      if (leaf !== null) {
        mutants.push({ leaf: { ...leaf, key: flip(leaf.key, n) }, siblings })
        mutants.push({ leaf: { ...leaf, valueHash: flip(leaf.valueHash, n) }, siblings })
      }
      for (const mutant of mutants) assert.ok(!holds(mutant), `key ${n}`)
      assert.ok(!holds(proof, flip(root, n)))
      tried += mutants.length + 1
    }
    assert.ok(tried > 2000, `${tried}`)
  })

  test('for one key never shows the absence of a present one', () => {
    for (const { key } of leaves) {
      for (const other of leaves) {
        assert.ok(!verifyAbsence({ root, key, proof: map.prove(other.key) }))
      }
    }
  })

  test('shows absence both by an empty place and by another leaf', () => {
    let byLeaf = 0
    let byNothing = 0
    for (let n = 40; n < 300; n++) {
      const key = sha256(u32be(n))
      const proof = map.prove(key)
      if (proof.leaf === null) byNothing++
      else byLeaf++
      assert.ok(verifyAbsence({ root, key, proof }))
    }
    assert.ok(byLeaf > 20 && byNothing > 20, `${byLeaf} ${byNothing}`)
  })

  test('longer than 256 siblings, or of other lengths, is refused without an exception', () => {
    const { key, valueHash } = leaves[0]!
    const proof = map.prove(key)
    const long = { ...proof, siblings: Array.from({ length: 257 }, () => valueHash) }
    assert.ok(!verifyPresence({ root, key, valueHash, proof: long }))
    assert.ok(!verifyPresence({ root: root.slice(1), key, valueHash, proof }))
    assert.ok(!verifyPresence({ root, key: key.slice(1), valueHash, proof }))
    assert.ok(!verifyPresence({ root, key, valueHash: valueHash.slice(1), proof }))
    assert.ok(!verifyAbsence({ root, key: key.slice(1), proof }))
    assert.ok(compare(root, naiveRoot(leaves)) === 0 && equal(root, map.root()))
  })
})
