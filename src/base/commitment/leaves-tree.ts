// The tree of RFC 6962 over a handful of leaves, level by level: a node without a sibling rises as
// it is, which gives the same tree as splitting at the largest power of two.
import { concat } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256 } from '#base/crypto'

const NODE = Uint8Array.of(1)

/** The root over one leaf hash or more (RFC 6962 §2.1). */
export function rootOf(leaves: readonly Bytes[]): Bytes {
  let level = leaves
  while (level.length > 1) level = parents(level)
  return level[0] as Bytes
}

/** The siblings on the way from a leaf to the root, the leaf's own first (RFC 6962 §2.1.1). */
export function siblingsOf(leaves: readonly Bytes[], index: number): readonly Bytes[] {
  const siblings: Bytes[] = []
  let level = leaves
  let at = index
  while (level.length > 1) {
    const sibling = level[at % 2 === 0 ? at + 1 : at - 1]
    if (sibling !== undefined) siblings.push(sibling)
    level = parents(level)
    at >>= 1
  }
  return siblings
}

/** The root that a leaf has by its siblings; null unless there are as many as the place needs. */
export function rootVia(
  leaf: Bytes,
  { index, size }: { readonly index: number; readonly size: number },
  siblings: readonly Bytes[],
): Bytes | null {
  let hash = leaf
  let at = index
  let used = 0
  for (let width = size; width > 1; width = (width + 1) >> 1) {
    const isRight = at % 2 === 1
    if (isRight || at + 1 < width) {
      const sibling = siblings[used]
      if (sibling === undefined) return null
      used += 1
      hash = isRight ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
    }
    at >>= 1
  }
  return used === siblings.length ? hash : null
}

function parents(level: readonly Bytes[]): readonly Bytes[] {
  const above: Bytes[] = []
  for (let at = 0; at < level.length; at += 2) {
    const left = level[at] as Bytes
    const right = level[at + 1]
    above.push(right === undefined ? left : nodeHash(left, right))
  }
  return above
}

function nodeHash(left: Bytes, right: Bytes): Bytes {
  return sha256(concat([NODE, left, right]))
}
