// The compressed sparse Merkle map: what is provable as current, and what is provably absent
// (ledger.md §11, hashing of ICS-23's smtSpec). Leaf SHA-256(0x00 ‖ key ‖ value hash), inner
// SHA-256(0x01 ‖ left ‖ right), an empty subtree 32 zero bytes, a subtree with a single leaf that
// leaf. It promises that root and proofs depend on the content alone, never on the order in which
// it came. It lives in pages of flat memory, about 120 bytes a key.
import { assert } from '#base/assert'
import { compare, readU32be, readU64be, u64be, equal } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256, sha256Text } from '#base/crypto'

import { HASH_BYTES, PairHasher } from './tree.ts'

/** Bits of a key, and so the greatest depth of a leaf. */
export const MAP_DEPTH = 256

/** One leaf: the 32-byte key and the SHA-256 of its value. */
export type MapLeaf = { readonly key: Bytes; readonly valueHash: Bytes }

/** A change of one key; `valueHash` null removes it. */
export type MapChange = { readonly key: Bytes; readonly valueHash: Bytes | null }

/**
 * The path of a key. `siblings` begins with the deepest; null is an empty subtree. `leaf` is what
 * stands at the end: the key's own leaf (present), another leaf or nothing (absent).
 */
export type MapProof = {
  readonly siblings: readonly (Bytes | null)[]
  readonly leaf: MapLeaf | null
}

/** Hash of a leaf: SHA-256(0x00 ‖ key ‖ value hash). */
export function mapLeafHash({ key, valueHash }: MapLeaf): Bytes {
  const input = new Uint8Array(1 + 2 * HASH_BYTES)
  input.set(key, 1)
  input.set(valueHash, 1 + HASH_BYTES)
  return sha256(input)
}

/** Bit `depth` of a key, the most significant bit of its first byte being bit 0. */
export function keyBit(key: Bytes, depth: number): 0 | 1 {
  return ((key[depth >> 3]! >> (7 - (depth & 7))) & 1) === 1 ? 1 : 0
}

const ROW = 2 * HASH_BYTES
const PAGE_SLOTS = 1024

/** Records of one length in pages, so that growing copies nothing and wastes at most a page. */
class Slots {
  readonly #bytes: number
  readonly #pages: Uint8Array[] = []
  readonly #free: number[] = []
  #used = 0

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  take(): number {
    const free = this.#free.pop()
    if (free !== undefined) return free
    if (this.#used === this.#pages.length * PAGE_SLOTS) {
      this.#pages.push(new Uint8Array(PAGE_SLOTS * this.#bytes))
    }
    return this.#used++
  }

  release(slot: number): void {
    this.#free.push(slot)
  }

  page(slot: number): Uint8Array {
    return this.#pages[(slot - (slot % PAGE_SLOTS)) / PAGE_SLOTS]!
  }

  at(slot: number): number {
    return (slot % PAGE_SLOTS) * this.#bytes
  }
}

/** Rows of key ‖ value hash in rising order of keys; `removed` marks those that go. */
type Batch = { readonly rows: Uint8Array; readonly removed: Uint8Array | null }

// A reference to a subtree: 0 is empty, n > 0 the inner node n - 1, n < 0 the leaf -n - 1.
type Ref = number
const EMPTY: Ref = 0

/** The map itself: changed in batches, so that keys of one batch share the top of the tree. */
export class SparseMap {
  #root: Ref = EMPTY
  #size = 0
  readonly #leaves: Slots = new Slots(ROW)
  readonly #hashes: Slots = new Slots(HASH_BYTES)
  readonly #children: Int32Array[] = []
  readonly #hasher: PairHasher = new PairHasher()
  readonly #leafInput: Uint8Array = new Uint8Array(1 + ROW)
  readonly #leafHash: Uint8Array = new Uint8Array(HASH_BYTES)

  /** Number of keys. */
  get size(): number {
    return this.#size
  }

  /** Sets and removes keys, each at most once in a batch. Removing an absent key is nothing. */
  update(changes: readonly MapChange[]): void {
    const batch = batchOf(changes)
    this.#root = this.#apply(this.#root, 0, { batch, from: 0, to: changes.length })
  }

  /** Root of the present content; 32 zero bytes when empty. */
  root(): Bytes {
    return this.#hashOf(this.#root)
  }

  /** Hash of the key's value, or null when the key is absent. */
  get(key: Bytes): Bytes | null {
    const { leaf } = this.prove(key)
    return leaf !== null && equal(leaf.key, key) ? leaf.valueHash : null
  }

  /** The proof that the key is present with its value, or absent. */
  prove(key: Bytes): MapProof {
    assert(key.length === HASH_BYTES, 'a map key has 32 bytes')
    const siblings: (Bytes | null)[] = []
    let ref = this.#root
    for (let depth = 0; ref > 0; depth++) {
      const bit = keyBit(key, depth)
      const sibling = this.#child(ref, bit === 0 ? 1 : 0)
      siblings.push(sibling === EMPTY ? null : this.#hashOf(sibling))
      ref = this.#child(ref, bit)
    }
    siblings.reverse()
    return { siblings, leaf: ref === EMPTY ? null : this.#leafAt(ref) }
  }

  /** u64 number of keys, then key ‖ value hash of each in rising order of keys. */
  serialise(): Bytes {
    const out = new Uint8Array(8 + this.#size * ROW)
    out.set(u64be(this.#size))
    let at = 8
    const open: Ref[] = [this.#root]
    for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
      if (ref > 0) open.push(this.#child(ref, 1), this.#child(ref, 0))
      else if (ref < 0) {
        const slot = -ref - 1
        const from = this.#leaves.at(slot)
        out.set(this.#leaves.page(slot).subarray(from, from + ROW), at)
        at += ROW
      }
    }
    return out
  }

  /**
   * The map that was serialised, every hash computed again; null when the bytes have not that
   * form. Whether it is the right map shows in its root.
   */
  static restore(untrusted: Bytes): SparseMap | null {
    if (untrusted.length < 8 || untrusted[0] !== 0 || untrusted[1]! > 0x1f) return null
    const size = readU64be(untrusted, 0)
    if (untrusted.length !== 8 + size * ROW) return null
    const rows = untrusted.slice(8)
    for (let i = 1; i < size; i++) if (compareRows(rows, i - 1, i) >= 0) return null
    const map = new SparseMap()
    map.#root = map.#apply(EMPTY, 0, { batch: { rows, removed: null }, from: 0, to: size })
    return map
  }

  /** The subtree after the batch's rows [from, to), all of which lie under it. Depth ≤ 256. */
  #apply(ref: Ref, depth: number, part: { batch: Batch; from: number; to: number }): Ref {
    const { batch, from, to } = part
    if (from === to) return ref
    if (to - from === 1 && ref <= 0) {
      const replaced = this.#applyOne(ref, batch, from)
      if (replaced !== null) return replaced
    }
    assert(depth < MAP_DEPTH, 'two keys differ within 256 bits')
    const middle = splitRows(batch.rows, depth, part)
    const [left, right] = this.#sides(ref, depth)
    const newLeft = this.#apply(left, depth + 1, { batch, from, to: middle })
    const newRight = this.#apply(right, depth + 1, { batch, from: middle, to })
    return this.#join(ref, newLeft, newRight)
  }

  /** One change at an empty place or a leaf; null when the leaf and a new key must be parted. */
  #applyOne(ref: Ref, batch: Batch, row: number): Ref | null {
    const removes = batch.removed !== null && batch.removed[row] === 1
    if (ref === EMPTY) return removes ? EMPTY : this.#newLeaf(batch.rows, row)
    if (!this.#leafHasKey(ref, batch.rows, row)) return removes ? ref : null
    this.#leaves.release(-ref - 1)
    this.#size--
    return removes ? EMPTY : this.#newLeaf(batch.rows, row)
  }

  #newLeaf(rows: Uint8Array, row: number): Ref {
    const slot = this.#leaves.take()
    const page = this.#leaves.page(slot)
    page.set(rows.subarray(row * ROW, row * ROW + ROW), this.#leaves.at(slot))
    this.#size++
    return -slot - 1
  }

  #leafHasKey(ref: Ref, rows: Uint8Array, row: number): boolean {
    const slot = -ref - 1
    const page = this.#leaves.page(slot)
    const at = this.#leaves.at(slot)
    for (let i = 0; i < HASH_BYTES; i++) if (page[at + i] !== rows[row * ROW + i]) return false
    return true
  }

  /** The two halves of a subtree; a lone leaf stands in the half to which its key leads. */
  #sides(ref: Ref, depth: number): readonly [Ref, Ref] {
    if (ref > 0) return [this.#child(ref, 0), this.#child(ref, 1)]
    if (ref === EMPTY) return [EMPTY, EMPTY]
    return keyBit(this.#leafAt(ref).key, depth) === 0 ? [ref, EMPTY] : [EMPTY, ref]
  }

  /** An inner node over two subtrees, the old one used again; or the lone leaf, or nothing. */
  #join(old: Ref, left: Ref, right: Ref): Ref {
    const lone = left === EMPTY ? right : right === EMPTY ? left : null
    if (lone !== null && lone <= 0) {
      if (old > 0) this.#hashes.release(old - 1)
      return lone
    }
    const slot = old > 0 ? old - 1 : this.#hashes.take()
    const page = (slot - (slot % PAGE_SLOTS)) / PAGE_SLOTS
    const children = (this.#children[page] ??= new Int32Array(2 * PAGE_SLOTS))
    children[2 * (slot % PAGE_SLOTS)] = left
    children[2 * (slot % PAGE_SLOTS) + 1] = right
    this.#take(left, 0)
    this.#take(right, 1)
    this.#hasher.into(this.#hashes.page(slot), this.#hashes.at(slot))
    return slot + 1
  }

  /** Hands the hash of a subtree to the hasher as its left (0) or right (1) half. */
  #take(ref: Ref, side: 0 | 1): void {
    let from = this.#leafHash
    let at = 0
    if (ref > 0) {
      from = this.#hashes.page(ref - 1)
      at = this.#hashes.at(ref - 1)
    } else if (ref < 0) this.#hashLeaf(-ref - 1)
    else from = EMPTY_HASH
    if (side === 0) this.#hasher.left(from, at)
    else this.#hasher.right(from, at)
  }

  // A leaf's hash is computed when its parent needs it: keeping it would cost 32 bytes a key.
  #hashLeaf(slot: number): void {
    const page = this.#leaves.page(slot)
    const at = this.#leaves.at(slot)
    for (let i = 0; i < ROW; i++) this.#leafInput[1 + i] = page[at + i]!
    const digest = sha256Text(this.#leafInput, 'latin1')
    for (let i = 0; i < HASH_BYTES; i++) this.#leafHash[i] = digest.charCodeAt(i)
  }

  #child(ref: Ref, side: 0 | 1): Ref {
    const slot = ref - 1
    const page = this.#children[(slot - (slot % PAGE_SLOTS)) / PAGE_SLOTS]!
    return page[2 * (slot % PAGE_SLOTS) + side]!
  }

  #leafAt(ref: Ref): MapLeaf {
    const slot = -ref - 1
    const at = this.#leaves.at(slot)
    const row = this.#leaves.page(slot).slice(at, at + ROW)
    return { key: row.slice(0, HASH_BYTES), valueHash: row.slice(HASH_BYTES) }
  }

  #hashOf(ref: Ref): Bytes {
    if (ref === EMPTY) return EMPTY_HASH.slice()
    if (ref < 0) return mapLeafHash(this.#leafAt(ref))
    const at = this.#hashes.at(ref - 1)
    return this.#hashes.page(ref - 1).slice(at, at + HASH_BYTES)
  }
}

const EMPTY_HASH = new Uint8Array(HASH_BYTES)

/** Root of the map without keys, and hash of every empty subtree. */
export function emptyMapRoot(): Bytes {
  return EMPTY_HASH.slice()
}

/** The changes in rising order of keys; two for one key are a defect of the caller. */
function batchOf(changes: readonly MapChange[]): Batch {
  const sorted = changes
    .map((change) => ({ change, prefix: readU32be(change.key, 0) }))
    .toSorted((a, b) => a.prefix - b.prefix || compare(a.change.key, b.change.key))
  const rows = new Uint8Array(changes.length * ROW)
  const removed = new Uint8Array(changes.length)
  for (const [i, { change }] of sorted.entries()) {
    const { key, valueHash } = change
    assert(key.length === HASH_BYTES, 'a map key has 32 bytes')
    rows.set(key, i * ROW)
    if (valueHash === null) removed[i] = 1
    else {
      assert(valueHash.length === HASH_BYTES, 'a value hash has 32 bytes')
      rows.set(valueHash, i * ROW + HASH_BYTES)
    }
    assert(i === 0 || compareRows(rows, i - 1, i) < 0, 'a batch has every key once')
  }
  return { rows, removed }
}

function compareRows(rows: Uint8Array, a: number, b: number): number {
  for (let i = 0; i < HASH_BYTES; i++) {
    const difference = rows[a * ROW + i]! - rows[b * ROW + i]!
    if (difference !== 0) return difference
  }
  return 0
}

/** First row of [from, to) whose key has bit `depth` set; the rows share all bits before it. */
function splitRows(
  rows: Uint8Array,
  depth: number,
  { from, to }: { from: number; to: number },
): number {
  const byte = depth >> 3
  const mask = 0x80 >> (depth & 7)
  let low = from
  let high = to
  while (low < high) {
    const middle = low + ((high - low) >> 1)
    if ((rows[middle * ROW + byte]! & mask) === 0) low = middle + 1
    else high = middle
  }
  return low
}
