// The Merkle tree over the ledger's entries (RFC 6962 §2.1): the hash of a leaf, the hash of a
// node, and the frontier, which is all that a node must remember in order to append. It promises
// that the root depends on the entries and their order alone, and that an append costs one node
// hash on average.
import { assert } from '#base/assert'
import { readU64be, u64be } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256, sha256Text } from '#base/crypto'

/** Length of every hash in this room, in bytes (SHA-256). */
export const HASH_BYTES = 32

/** Sizes stay below 2^53, so a tree has at most this many levels of nodes, leaves included. */
export const MAX_LEVELS = 54

/** Root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). */
export function emptyRoot(): Bytes {
  return sha256(new Uint8Array(0))
}

/** Hash of a leaf: SHA-256(0x00 ‖ entry) (RFC 6962 §2.1). */
export function leafHash(entry: Bytes): Bytes {
  const input = entry.length < leafInput.length ? leafInput : new Uint8Array(entry.length + 1)
  input.set(entry, 1)
  return sha256(input.subarray(0, entry.length + 1))
}

/** Reused for every leaf: a log's entries are at most 65,535 bytes, and its first byte stays 0. */
const leafInput = new Uint8Array(65_536)

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1). */
export function nodeHash(left: Bytes, right: Bytes): Bytes {
  const out = new Uint8Array(HASH_BYTES)
  const hasher = new PairHasher()
  hasher.left(left, 0)
  hasher.right(right, 0)
  hasher.into(out, 0)
  return out
}

/**
 * Hashes pairs without allocating: the two halves are copied in, the node's hash is written out.
 * The digest travels as a string of one character a byte, because that is the fastest way out of
 * the hash function, and this is the inner loop of every append, proof and map update.
 */
export class PairHasher {
  readonly #input: Uint8Array = new Uint8Array(1 + 2 * HASH_BYTES)

  constructor() {
    this.#input[0] = 0x01
  }

  /** Takes the left half from 32 bytes of `from` at `at`. */
  left(from: Bytes, at: number): void {
    const input = this.#input
    for (let i = 0; i < HASH_BYTES; i++) input[1 + i] = from[at + i]!
  }

  /** Takes the right half from 32 bytes of `from` at `at`. */
  right(from: Bytes, at: number): void {
    const input = this.#input
    for (let i = 0; i < HASH_BYTES; i++) input[1 + HASH_BYTES + i] = from[at + i]!
  }

  /** Writes the node's hash over 32 bytes of `to` at `at`. */
  into(to: Uint8Array, at: number): void {
    const digest = sha256Text(this.#input, 'latin1')
    for (let i = 0; i < HASH_BYTES; i++) to[at + i] = digest.charCodeAt(i)
  }
}

/** Half of a non-negative integer, rounded down; exact for every size below 2^53. */
export function half(n: number): number {
  return (n - (n % 2)) / 2
}

/**
 * Told of every complete node as an append completes it: the leaf at level 0 first, then upwards.
 * The bytes are the frontier's own scratch space and hold only during the call.
 */
export type NodeSink = (level: number, index: number, hash: Bytes) => void

/**
 * The right edge of a growing tree: for every bit of the size one complete subtree. It is enough
 * to append, to give the root of the present size, and to travel in a snapshot.
 */
export class Frontier {
  #size = 0
  readonly #edge: Uint8Array = new Uint8Array(MAX_LEVELS * HASH_BYTES)
  readonly #node: Uint8Array = new Uint8Array(HASH_BYTES)
  readonly #hasher: PairHasher = new PairHasher()

  /** Number of leaves appended so far. */
  get size(): number {
    return this.#size
  }

  /** Appends a leaf by its hash (32 bytes); amortised one node hash. */
  append(leaf: Bytes, sink?: NodeSink): void {
    assert(leaf.length === HASH_BYTES, 'a leaf hash has 32 bytes')
    assert(this.#size < Number.MAX_SAFE_INTEGER, 'a tree has fewer than 2^53 leaves')
    const node = this.#node
    node.set(leaf)
    let level = 0
    let index = this.#size
    if (sink) sink(0, index, node)
    while (index % 2 === 1) {
      this.#hasher.left(this.#edge, level * HASH_BYTES)
      this.#hasher.right(node, 0)
      this.#hasher.into(node, 0)
      index = half(index)
      level++
      if (sink) sink(level, index, node)
    }
    this.#edge.set(node, level * HASH_BYTES)
    this.#size++
  }

  /** Root of the tree at the present size (RFC 6962 §2.1). */
  root(): Bytes {
    if (this.#size === 0) return emptyRoot()
    const root = new Uint8Array(HASH_BYTES)
    let started = false
    let level = 0
    for (let rest = this.#size; rest > 0; rest = half(rest)) {
      if (rest % 2 === 1) {
        const at = level * HASH_BYTES
        if (started) {
          this.#hasher.left(this.#edge, at)
          this.#hasher.right(root, 0)
          this.#hasher.into(root, 0)
        } else {
          root.set(this.#edge.subarray(at, at + HASH_BYTES))
          started = true
        }
      }
      level++
    }
    return root
  }

  /** A frontier of its own with the same leaves, for a block that may yet be discarded. */
  copy(): Frontier {
    const other = new Frontier()
    other.#size = this.#size
    other.#edge.set(this.#edge)
    return other
  }

  /** u64 size, then the complete subtrees from the largest (leftmost) to the smallest. */
  serialise(): Bytes {
    const levels = levelsOf(this.#size)
    const out = new Uint8Array(8 + levels.length * HASH_BYTES)
    out.set(u64be(this.#size))
    levels.forEach((level, i) => {
      const from = level * HASH_BYTES
      out.set(this.#edge.subarray(from, from + HASH_BYTES), 8 + i * HASH_BYTES)
    })
    return out
  }

  /** The frontier that was serialised; null when the bytes have not exactly that form. */
  static restore(untrusted: Bytes): Frontier | null {
    if (untrusted.length < 8 || untrusted[0] !== 0 || untrusted[1]! > 0x1f) return null
    const size = readU64be(untrusted, 0)
    const levels = levelsOf(size)
    if (untrusted.length !== 8 + levels.length * HASH_BYTES) return null
    const frontier = new Frontier()
    frontier.#size = size
    levels.forEach((level, i) => {
      const from = 8 + i * HASH_BYTES
      frontier.#edge.set(untrusted.subarray(from, from + HASH_BYTES), level * HASH_BYTES)
    })
    return frontier
  }
}

/** Levels of the complete subtrees that make up a tree of this size, the largest first. */
function levelsOf(size: number): readonly number[] {
  const levels: number[] = []
  let level = 0
  for (let rest = size; rest > 0; rest = half(rest)) {
    if (rest % 2 === 1) levels.push(level)
    level++
  }
  return levels.toReversed()
}
