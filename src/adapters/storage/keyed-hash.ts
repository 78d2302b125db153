// The hash of the tables in memory. It is keyed, so that whoever chooses keys or ids without the
// seed of this process cannot make them fall on one place.
import { sha256Text } from '#base/crypto'

/** The state of HalfSipHash-1-3, kept between the words of one text. */
const state = { v0: 0, v1: 0, v2: 0, v3: 0 }

/** HalfSipHash-1-3 of an ASCII text under a 32-bit seed: 32 bits. */
export function keyedHash(text: string, seed: number): number {
  begin(seed)
  const { length } = text
  const whole = length - (length % 4)
  for (let i = 0; i < whole; i += 4) {
    absorb(
      text.charCodeAt(i) |
        (text.charCodeAt(i + 1) << 8) |
        (text.charCodeAt(i + 2) << 16) |
        (text.charCodeAt(i + 3) << 24),
    )
  }
  let word = length << 24
  for (let j = 0; whole + j < length; j += 1) word |= text.charCodeAt(whole + j) << (8 * j)
  absorb(word)
  return finish()
}

/** The same over a text that stands in memory from a whole word on, low byte first. */
export function keyedHashOfWords(
  words: Uint32Array,
  at: number,
  length: number,
  seed: number,
): number {
  begin(seed)
  const whole = length >> 2
  for (let i = 0; i < whole; i += 1) absorb(words[at + i] as number)
  const rest = length & 3
  const mask = 2 ** (8 * rest) - 1
  absorb((length << 24) | (rest === 0 ? 0 : (words[at + whole] as number) & mask))
  return finish()
}

function begin(seed: number): void {
  state.v0 = seed | 0
  state.v1 = Math.imul(seed, 0x9e3779b1)
  state.v2 = 0x6c796765 ^ state.v0
  state.v3 = 0x74656462 ^ state.v1
}

function absorb(word: number): void {
  state.v3 ^= word
  round()
  state.v0 ^= word
}

function finish(): number {
  state.v2 ^= 0xff
  round()
  round()
  round()
  return (state.v1 ^ state.v3) >>> 0
}

function round(): void {
  let { v0, v1, v2, v3 } = state
  v0 = (v0 + v1) | 0
  v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
  v0 = (v0 << 16) | (v0 >>> 16)
  v2 = (v2 + v3) | 0
  v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
  v0 = (v0 + v3) | 0
  v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
  v2 = (v2 + v1) | 0
  v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
  v2 = (v2 << 16) | (v2 >>> 16)
  state.v0 = v0
  state.v1 = v1
  state.v2 = v2
  state.v3 = v3
}

type Digest = { readonly member: string; readonly id: string; readonly digest: string }

/** Digests by a few characters of the id: a command is looked for, added and indexed in a row. */
const recent: (Digest | undefined)[] = Array.from({ length: 4096 })

/**
 * What stands for one command in tables and files: SHA-256 of member, a zero byte and the id (its
 * 22 characters), as Latin-1 text of 32 characters. Tables keep a prefix of it.
 */
export function idDigest(member: string, id: string): string {
  const last = id.length - 1
  const slot =
    (id.charCodeAt(0) ^
      (id.charCodeAt(last) << 3) ^
      (id.charCodeAt(last - 1) << 6) ^
      (id.charCodeAt(last - 2) << 4)) &
    4095
  const held = recent[slot]
  if (held !== undefined && held.id === id && held.member === member) return held.digest
  const digest = sha256Text(`${member}\0${id}`, 'latin1')
  recent[slot] = { member, id, digest }
  return digest
}

/** Four characters of a Latin-1 text as one number, the first highest. */
export function wordAt(text: string, at: number): number {
  return (
    ((text.charCodeAt(at) << 24) |
      (text.charCodeAt(at + 1) << 16) |
      (text.charCodeAt(at + 2) << 8) |
      text.charCodeAt(at + 3)) >>>
    0
  )
}
