// The entry tree is the tree of RFC 6962: proven against a second, naive definition of the same
// text for every size to 64, and every proof with one altered hash, index or size is refused.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { concat, equal, hexEncode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256 } from '#base/crypto'

import {
  consistencyNodes,
  consistencyProof,
  inclusionNodes,
  inclusionProof,
  rootAt,
  verifyConsistency,
  verifyInclusion,
} from './tree-proof.ts'
import type { ConsistencyClaim, NodeReader } from './tree-proof.ts'
import { Frontier, emptyRoot, leafHash, nodeHash } from './tree.ts'

const SIZES = 64

/** RFC 6962 §2.1, word for word: MTH(D[n]). */
function naiveRoot(leaves: readonly Bytes[]): Bytes {
  if (leaves.length === 0) return sha256('')
  if (leaves.length === 1) return leaves[0]!
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  const left = naiveRoot(leaves.slice(0, k))
  const right = naiveRoot(leaves.slice(k))
  return sha256(concat([Uint8Array.of(1), left, right]))
}

/** RFC 6962 §2.1.1, word for word: PATH(m, D[n]). */
function naivePath(m: number, leaves: readonly Bytes[]): readonly Bytes[] {
  if (leaves.length === 1) return []
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return m < k
    ? [...naivePath(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))]
}

/** RFC 6962 §2.1.2, word for word: SUBPROOF(m, D[n], b). */
function naiveSubproof(m: number, leaves: readonly Bytes[], b: boolean): readonly Bytes[] {
  if (m === leaves.length) return b ? [] : [naiveRoot(leaves)]
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return m <= k
    ? [...naiveSubproof(m, leaves.slice(0, k), b), naiveRoot(leaves.slice(k))]
    : [...naiveSubproof(m - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))]
}

type Grown = { readonly leaves: Bytes[]; readonly roots: Bytes[]; readonly reader: NodeReader }

function grow(size: number): Grown {
  const nodes = new Map<string, Bytes>()
  const frontier = new Frontier()
  const leaves: Bytes[] = []
  const roots = [frontier.root()]
  for (let i = 0; i < size; i++) {
    const leaf = leafHash(utf8Encode(`entry ${i}`))
    leaves.push(leaf)
    frontier.append(leaf, (level, index, hash) => nodes.set(`${level}/${index}`, hash.slice()))
    roots.push(frontier.root())
  }
  return { leaves, roots, reader: { hashes: (l, i) => nodes.get(`${l}/${i}`) ?? null } }
}

const { leaves, roots, reader } = grow(SIZES)

function flipped(hash: Bytes, bit: number): Bytes {
  const copy = hash.slice()
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}

describe('the tree', () => {
  test('has the roots of RFC 6962 at every size to 64', () => {
    for (let n = 0; n <= SIZES; n++) {
      assert.deepEqual(roots[n], naiveRoot(leaves.slice(0, n)), `size ${n}`)
      assert.deepEqual(rootAt(reader, n), roots[n], `size ${n}`)
    }
  })

  test('is empty with the root SHA-256 of nothing', () => {
    const hex = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    assert.equal(hexEncode(emptyRoot()), hex)
    assert.equal(hexEncode(new Frontier().root()), hex)
  })

  test('hashes leaves and nodes under different prefixes', () => {
    assert.deepEqual(leafHash(Uint8Array.of(7)), sha256(Uint8Array.of(0, 7)))
    const [a, b] = [leaves[0]!, leaves[1]!]
    assert.deepEqual(nodeHash(a, b), sha256(concat([Uint8Array.of(1), a, b])))
    assert.notDeepEqual(nodeHash(a, b), nodeHash(b, a))
    assert.notDeepEqual(leafHash(concat([a, b])), nodeHash(a, b))
  })

  test('goes on from a restored frontier as if it had never stopped', () => {
    for (let n = 0; n <= SIZES; n++) {
      const before = new Frontier()
      for (const leaf of leaves.slice(0, n)) before.append(leaf)
      const restored = Frontier.restore(before.serialise())
      assert.ok(restored)
      const copied = before.copy()
      for (const leaf of leaves.slice(n)) {
        restored.append(leaf)
        copied.append(leaf)
      }
      assert.deepEqual(restored.root(), roots[SIZES])
      assert.deepEqual(copied.root(), roots[SIZES])
      assert.equal(before.size, n)
      assert.deepEqual(before.root(), roots[n])
    }
  })

  test('restores no frontier from bytes of another length or an impossible size', () => {
    const frontier = new Frontier()
    for (const leaf of leaves.slice(0, 13)) frontier.append(leaf)
    const bytes = frontier.serialise()
    for (let end = 0; end < bytes.length; end++) {
      assert.equal(Frontier.restore(bytes.slice(0, end)), null)
    }
    assert.equal(Frontier.restore(concat([bytes, Uint8Array.of(0)])), null)
    assert.equal(Frontier.restore(new Uint8Array(8).fill(0xff)), null)
  })
})

describe('inclusion', () => {
  test('is proven as RFC 6962 says for every leaf of every size to 64', () => {
    for (let size = 1; size <= SIZES; size++) {
      for (let index = 0; index < size; index++) {
        const path = inclusionProof(reader, index, size)
        assert.deepEqual(path, naivePath(index, leaves.slice(0, size)))
        const claim = { index, size, leaf: leaves[index]!, path: path!, root: roots[size]! }
        assert.ok(verifyInclusion(claim))
      }
    }
  })

  test('is refused with any one hash altered, dropped, doubled or swapped', () => {
    let tried = 0
    for (let size = 1; size <= SIZES; size++) {
      for (let index = 0; index < size; index++) {
        const path = inclusionProof(reader, index, size)!
        const claim = { index, size, leaf: leaves[index]!, path, root: roots[size]! }
        const wrong = path.flatMap((hash, i) => [
          path.with(i, flipped(hash, (index * 7 + size + i) % 256)),
          path.toSpliced(i, 1),
          path.toSpliced(i, 0, hash),
          ...(i > 0 ? [path.with(i, path[i - 1]!).with(i - 1, hash)] : []),
        ])
        wrong.push([...path, roots[size]!])
        for (const other of wrong) assert.equal(verifyInclusion({ ...claim, path: other }), false)
        const leaf = flipped(claim.leaf, index % 256)
        const root = flipped(claim.root, size % 256)
        assert.equal(verifyInclusion({ ...claim, leaf }), false)
        assert.equal(verifyInclusion({ ...claim, root }), false)
        tried += wrong.length + 2
      }
    }
    assert.ok(tried > 40_000, `${tried} mutants`)
  })

  test('is refused at every other index and every other size with another path', () => {
    for (let size = 1; size <= SIZES; size++) {
      for (let index = 0; index < size; index++) {
        const path = inclusionProof(reader, index, size)!
        const claim = { index, size, leaf: leaves[index]!, path, root: roots[size]! }
        for (let other = 0; other <= size; other++) {
          if (other === index) continue
          assert.equal(verifyInclusion({ ...claim, index: other }), false, `${index}->${other}`)
        }
      }
    }
  })

  test('is refused, without an exception, for numbers and lengths that make no sense', () => {
    const claim = { index: 0, size: 1, leaf: leaves[0]!, path: [], root: roots[1]! }
    assert.ok(verifyInclusion(claim))
    for (const n of [-1, 0.5, NaN, Infinity, 2 ** 53, 1]) {
      assert.equal(verifyInclusion({ ...claim, index: n }), false)
    }
    for (const n of [-1, 0.5, NaN, Infinity, 2 ** 53, 0]) {
      assert.equal(verifyInclusion({ ...claim, size: n }), false)
    }
    const short = claim.leaf.slice(1)
    assert.equal(verifyInclusion({ ...claim, leaf: short }), false)
    assert.equal(verifyInclusion({ ...claim, root: short }), false)
    const long = Array.from({ length: 64 }, () => leaves[0]!)
    assert.equal(verifyInclusion({ ...claim, size: 2 ** 52, path: long }), false)
  })

  test('is not proven beyond the tree or without the nodes', () => {
    assert.equal(inclusionProof(reader, 3, 3), null)
    assert.equal(inclusionProof(reader, -1, 3), null)
    assert.equal(inclusionProof({ hashes: () => null }, 0, 3), null)
    assert.deepEqual(inclusionProof({ hashes: () => null }, 0, 1), [])
  })
})

describe('consistency', () => {
  test('is proven as RFC 6962 says between all sizes to 64', () => {
    for (let to = 0; to <= SIZES; to++) {
      for (let from = 0; from <= to; from++) {
        const path = consistencyProof(reader, from, to)
        const naive = from === 0 ? [] : naiveSubproof(from, leaves.slice(0, to), true)
        assert.deepEqual(path, naive, `${from} -> ${to}`)
        const claim = { from, to, fromRoot: roots[from]!, toRoot: roots[to]!, path: path! }
        assert.ok(verifyConsistency(claim), `${from} -> ${to}`)
      }
    }
  })

  test('is refused with any one hash altered, dropped or doubled, or with another root', () => {
    let tried = 0
    for (let to = 0; to <= SIZES; to++) {
      for (let from = 0; from <= to; from++) {
        const path = consistencyProof(reader, from, to)!
        const claim = { from, to, fromRoot: roots[from]!, toRoot: roots[to]!, path }
        const wrong: ConsistencyClaim[] = path.flatMap((hash, i) => [
          { ...claim, path: path.with(i, flipped(hash, (from * 5 + to + i) % 256)) },
          { ...claim, path: path.toSpliced(i, 1) },
          { ...claim, path: path.toSpliced(i, 0, hash) },
        ])
        wrong.push({ ...claim, path: [...path, roots[1]!] })
        wrong.push({ ...claim, fromRoot: flipped(claim.fromRoot, from) })
        // From the empty tree anything follows: there is nothing that a root could contradict.
        if (from > 0) wrong.push({ ...claim, toRoot: flipped(claim.toRoot, to) })
        for (const other of wrong) assert.equal(verifyConsistency(other), false, `${from} ${to}`)
        tried += wrong.length
      }
    }
    assert.ok(tried > 20_000, `${tried} mutants`)
  })

  test('is refused backwards and for numbers that make no sense', () => {
    const claim = { from: 3, to: 2, fromRoot: roots[3]!, toRoot: roots[2]!, path: [] }
    assert.equal(verifyConsistency(claim), false)
    assert.equal(consistencyProof(reader, 3, 2), null)
    for (const n of [-1, 0.5, NaN, 2 ** 53]) {
      assert.equal(verifyConsistency({ ...claim, from: n }), false)
      assert.equal(verifyConsistency({ ...claim, from: 1, to: n }), false)
    }
    const long = Array.from({ length: 64 }, () => leaves[0]!)
    assert.equal(verifyConsistency({ ...claim, from: 1, to: 2 ** 52, path: long }), false)
  })

  test('names beforehand exactly the nodes that proofs read', () => {
    const read = new Set<string>()
    const watched: NodeReader = {
      hashes(level, index) {
        read.add(`${level}/${index}`)
        return reader.hashes(level, index)
      },
    }
    const named = (ids: readonly { level: number; index: number }[]): Set<string> =>
      new Set(ids.map(({ level, index }) => `${level}/${index}`))
    for (let to = 1; to <= 40; to++) {
      for (let from = 0; from < to; from++) {
        read.clear()
        consistencyProof(watched, from, to)
        assert.deepEqual(named(consistencyNodes(from, to)), read)
        read.clear()
        inclusionProof(watched, from, to)
        assert.deepEqual(named(inclusionNodes(from, to)), read)
      }
    }
  })
})

test('proofs between any two sizes of a large tree hold, and one altered bit breaks them', () => {
  const large = grow(3000)
  const property = fc.property(
    fc.nat(2999),
    fc.nat(2999),
    fc.nat(255),
    fc.nat(30),
    (a, b, bit, at) => {
      const [from, to] = a < b ? [a + 1, b + 1] : [b + 1, a + 1]
      const path = consistencyProof(large.reader, from, to)!
      const fromRoot = large.roots[from]!
      const claim = { from, to, fromRoot, toRoot: large.roots[to]!, path }
      assert.ok(verifyConsistency(claim))
      const index = from - 1
      const inPath = inclusionProof(large.reader, index, to)!
      const leaf = large.leaves[index]!
      const inclusion = { index, size: to, leaf, path: inPath, root: claim.toRoot }
      assert.ok(verifyInclusion(inclusion))
      if (path.length > 0) {
        const i = at % path.length
        const wrong = path.with(i, flipped(path[i]!, bit))
        assert.ok(!verifyConsistency({ ...claim, path: wrong }))
      }
      if (inPath.length > 0) {
        const i = at % inPath.length
        const wrong = inPath.with(i, flipped(inPath[i]!, bit))
        assert.ok(!verifyInclusion({ ...inclusion, path: wrong }))
      }
      assert.ok(!equal(fromRoot, claim.toRoot) || from === to)
    },
  )
  fc.assert(property, { numRuns: 500 })
})
