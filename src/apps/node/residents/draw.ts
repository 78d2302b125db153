// Chance from a seed: the same seed draws the same city on every machine. Nothing secret is ever
// drawn here.
import { assert } from '#base/assert'
import { utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256 } from '#base/crypto'

/** A sequence of draws from a seed. */
export class Draw {
  readonly #seed: string
  #block: Bytes = new Uint8Array(0)
  #at = 0
  #blocks = 0

  constructor(seed: string) {
    this.#seed = seed
  }

  /** A whole number from 0 up to but not including `below`, which is at most 2^24. */
  below(below: number): number {
    assert(below > 0 && below <= 1 << 24, 'a draw is among 1 to 2^24')
    return (
      (((this.#byte() << 24) | (this.#byte() << 16) | (this.#byte() << 8) | this.#byte()) >>> 0) %
      below
    )
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1)
  }

  /** One of a list that is not empty. */
  of<T>(list: readonly T[]): T {
    const found = list[this.below(list.length)]
    assert(found !== undefined, 'a draw is from a list that is not empty')
    return found
  }

  /** True `per` times in a hundred. */
  chance(per: number): boolean {
    return this.below(100) < per
  }

  #byte(): number {
    if (this.#at === this.#block.length) {
      this.#block = sha256(utf8Encode(`lianban/practice/${this.#seed}/${this.#blocks}`))
      this.#blocks += 1
      this.#at = 0
    }
    const byte = this.#block[this.#at] ?? 0
    this.#at += 1
    return byte
  }
}
