// Use tags: marks of what was asked about one slot of one case, which only those can connect who
// know its subject tag. Tags of two slots, of two months, or of two uses look unrelated to others.
import { assert } from '#base/assert'
import { concat, u32be, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { hmacSha256 } from '#base/crypto'

const SEED_WORD = utf8Encode('lianban/use/v1')
const TAG_BYTES = 32

/** The seed of a slot's tags in a month, of a reader's key for that month. */
export function useSeed(monthKey: Bytes, subjectTag: Bytes): Bytes {
  assert(subjectTag.length === TAG_BYTES, 'a subject tag has 32 bytes')
  return hmacSha256(monthKey, concat([SEED_WORD, subjectTag]))
}

/** The tag of the n-th use under a seed; n from 1. */
export function useTag(seed: Bytes, n: number): Bytes {
  assert(Number.isSafeInteger(n) && n >= 1, 'uses are counted from 1')
  return hmacSha256(seed, u32be(n))
}
