// Inclusion and consistency proofs over the entry tree (RFC 6962 §2.1.1 and §2.1.2): made from
// any reader of complete nodes, verified from bytes alone. Verification promises a plain yes or
// no for any input, within at most 63 hashes of work.
import { equal } from '#base/bytes'
import type { Bytes } from '#base/bytes'

import { HASH_BYTES, PairHasher, emptyRoot, half } from './tree.ts'

/** A proof has at most one hash a level of a tree of fewer than 2^63 leaves (C2SP tlog-witness). */
export const MAX_PROOF_HASHES = 63

/**
 * Where complete nodes come from. `hashes(level, index)` is the hash of the complete subtree over
 * the leaves [index·2^level, (index+1)·2^level), or null when the reader does not hold it.
 */
export type NodeReader = {
  hashes(level: number, index: number): Bytes | null
  /** Kept by a reader that gives many proofs of a few sizes. */
  readonly folds?: Folds
}

/** Most sizes that are kept, each with at most one range a level. */
const foldedSizesMax = 8

/**
 * Hashes of the ranges on the right edge of trees, which are no single node: nearly every proof of
 * one size needs the same few. Complete nodes never change, so neither do these.
 */
export class Folds {
  readonly #bySize: Map<number, Map<number, Bytes>> = new Map()

  get({ from, to }: Range): Bytes | undefined {
    return this.#bySize.get(to)?.get(from)
  }

  set({ from, to }: Range, hash: Bytes): void {
    let known = this.#bySize.get(to)
    if (known === undefined) {
      if (this.#bySize.size >= foldedSizesMax) this.#bySize.clear()
      known = new Map()
      this.#bySize.set(to, known)
    }
    known.set(from, hash)
  }
}

/** A complete node of the tree, by its level (0 = leaves) and its index in the level. */
export type NodeId = { readonly level: number; readonly index: number }

/** The leaves [from, to); `from` is a multiple of the largest power of two below the length. */
type Range = { readonly from: number; readonly to: number }

export type InclusionClaim = {
  readonly index: number
  readonly size: number
  readonly leaf: Bytes
  readonly path: readonly Bytes[]
  readonly root: Bytes
}

export type ConsistencyClaim = {
  readonly from: number
  readonly to: number
  readonly fromRoot: Bytes
  readonly toRoot: Bytes
  readonly path: readonly Bytes[]
}

/**
 * Inclusion path of the leaf `index` in the tree of the first `size` leaves, the leaf's sibling
 * first (RFC 6962 §2.1.1). Null when the index lies outside or the reader lacks a node.
 */
export function inclusionProof(
  reader: NodeReader,
  index: number,
  size: number,
): readonly Bytes[] | null {
  if (!isIndex(index) || !isIndex(size) || index >= size) return null
  return readRanges(reader, inclusionRanges(index, size))
}

/**
 * Consistency proof between the trees of the first `from` and the first `to` leaves
 * (RFC 6962 §2.1.2). Empty when the sizes are equal or `from` is 0. Null when `from > to` or the
 * reader lacks a node.
 */
export function consistencyProof(
  reader: NodeReader,
  from: number,
  to: number,
): readonly Bytes[] | null {
  if (!isIndex(from) || !isIndex(to) || from > to) return null
  return readRanges(reader, consistencyRanges(from, to))
}

/** The complete nodes that an inclusion proof reads, so that their tiles can be loaded ahead. */
export function inclusionNodes(index: number, size: number): readonly NodeId[] {
  if (!isIndex(index) || !isIndex(size) || index >= size) return []
  return inclusionRanges(index, size).flatMap(rangeNodes)
}

/** The complete nodes that a consistency proof reads. */
export function consistencyNodes(from: number, to: number): readonly NodeId[] {
  if (!isIndex(from) || !isIndex(to) || from > to) return []
  return consistencyRanges(from, to).flatMap(rangeNodes)
}

/** Root of the tree of the first `size` leaves; null when the reader lacks a node. */
export function rootAt(reader: NodeReader, size: number): Bytes | null {
  if (!isIndex(size)) return null
  return size === 0 ? emptyRoot() : readRange(reader, { from: 0, to: size })
}

/** Whether the leaf stands at `index` in the tree of this size and root (RFC 9162 §2.1.3.2). */
export function verifyInclusion(untrusted: InclusionClaim): boolean {
  const { index, size, leaf, path, root } = untrusted
  if (!isIndex(index) || !isIndex(size) || index >= size) return false
  if (!areHashes([leaf, root]) || path.length > MAX_PROOF_HASHES || !areHashes(path)) return false
  const fold = new Fold(leaf)
  let at = index
  let last = size - 1
  for (const hash of path) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      fold.leftIs(hash)
      while (at % 2 === 0 && at !== 0) {
        at = half(at)
        last = half(last)
      }
    } else fold.rightIs(hash)
    at = half(at)
    last = half(last)
  }
  return last === 0 && fold.is(root)
}

/**
 * Whether the tree (`to`, `toRoot`) only appends to the tree (`from`, `fromRoot`)
 * (RFC 9162 §2.1.4.2). From size 0 only the empty root and an empty path are accepted.
 */
export function verifyConsistency(untrusted: ConsistencyClaim): boolean {
  const { from, to, fromRoot, toRoot, path } = untrusted
  if (!isIndex(from) || !isIndex(to) || from > to) return false
  if (!areHashes([fromRoot, toRoot]) || path.length > MAX_PROOF_HASHES) return false
  if (!areHashes(path)) return false
  if (from === to) {
    if (from === 0 && !equal(fromRoot, emptyRoot())) return false
    return path.length === 0 && equal(fromRoot, toRoot)
  }
  if (from === 0) return path.length === 0 && equal(fromRoot, emptyRoot())
  return climb(untrusted)
}

/** The middle of RFC 9162 §2.1.4.2, for 0 < from < to. */
function climb({ from, to, fromRoot, toRoot, path }: ConsistencyClaim): boolean {
  let at = from - 1
  let last = to - 1
  while (at % 2 === 1) {
    at = half(at)
    last = half(last)
  }
  // When the old tree is one complete subtree the proof leaves its root out.
  const hashes = at === 0 ? [fromRoot, ...path] : path
  const [first, ...rest] = hashes
  if (first === undefined) return false
  const older = new Fold(first)
  const newer = new Fold(first)
  for (const hash of rest) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      older.leftIs(hash)
      newer.leftIs(hash)
      while (at % 2 === 0 && at !== 0) {
        at = half(at)
        last = half(last)
      }
    } else newer.rightIs(hash)
    at = half(at)
    last = half(last)
  }
  return last === 0 && older.is(fromRoot) && newer.is(toRoot)
}

/** A hash that is combined with one sibling after another on its way to a root. */
class Fold {
  readonly #hash: Uint8Array = new Uint8Array(HASH_BYTES)
  readonly #hasher: PairHasher = new PairHasher()

  constructor(start: Bytes) {
    this.#hash.set(start)
  }

  leftIs(sibling: Bytes): void {
    this.#hasher.left(sibling, 0)
    this.#hasher.right(this.#hash, 0)
    this.#hasher.into(this.#hash, 0)
  }

  rightIs(sibling: Bytes): void {
    this.#hasher.left(this.#hash, 0)
    this.#hasher.right(sibling, 0)
    this.#hasher.into(this.#hash, 0)
  }

  is(root: Bytes): boolean {
    return equal(this.#hash, root)
  }

  value(): Bytes {
    return this.#hash
  }
}

/** The sibling ranges on the way from a leaf to the root, the leaf's own sibling first. */
function inclusionRanges(index: number, size: number): readonly Range[] {
  const down: Range[] = []
  let from = 0
  let to = size
  while (to - from > 1) {
    const middle = from + splitOf(to - from)
    if (index < middle) {
      down.push({ from: middle, to })
      to = middle
    } else {
      down.push({ from, to: middle })
      from = middle
    }
  }
  return down.toReversed()
}

/** SUBPROOF of RFC 6962 §2.1.2 as ranges, the deepest first. */
function consistencyRanges(older: number, size: number): readonly Range[] {
  if (older === 0 || older === size) return []
  const down: Range[] = []
  let from = 0
  let to = size
  while (older !== to) {
    const middle = from + splitOf(to - from)
    if (older <= middle) {
      down.push({ from: middle, to })
      to = middle
    } else {
      down.push({ from, to: middle })
      from = middle
    }
  }
  // The verifier already knows the old root, so a range that is the whole old tree is left out.
  if (from !== 0) down.push({ from, to })
  return down.toReversed()
}

/** Largest power of two smaller than n, for n ≥ 2 (RFC 6962 §2.1). */
function splitOf(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** The complete subtrees that make up a range, from left to right. */
function rangeNodes({ from, to }: Range): readonly NodeId[] {
  const nodes: NodeId[] = []
  let at = from
  while (at < to) {
    let level = 0
    let width = 1
    while (width * 2 <= to - at) {
      width *= 2
      level++
    }
    nodes.push({ level, index: at / width })
    at += width
  }
  return nodes
}

function readRange(reader: NodeReader, range: Range): Bytes | null {
  const known = reader.folds?.get(range)
  if (known !== undefined) return known
  const nodes = rangeNodes(range)
  let fold: Fold | null = null
  for (let i = nodes.length - 1; i >= 0; i--) {
    const { level, index } = nodes[i]!
    const hash = reader.hashes(level, index)
    if (hash === null || hash.length !== HASH_BYTES) return null
    // Nearly every range is one node, which needs no hashing.
    if (nodes.length === 1) return hash
    if (fold === null) fold = new Fold(hash)
    else fold.leftIs(hash)
  }
  if (fold === null) return null
  reader.folds?.set(range, fold.value())
  return fold.value()
}

function readRanges(reader: NodeReader, ranges: readonly Range[]): readonly Bytes[] | null {
  const hashes: Bytes[] = []
  for (const range of ranges) {
    const hash = readRange(reader, range)
    if (hash === null) return null
    hashes.push(hash)
  }
  return hashes
}

function isIndex(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0
}

function areHashes(hashes: readonly Bytes[]): boolean {
  return hashes.every((hash) => hash.length === HASH_BYTES)
}
