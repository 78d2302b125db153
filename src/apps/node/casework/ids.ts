// Ids that follow from what they are for: a department that crashed and starts again says the same
// command and writes the same record, so each is there once.
import { base64urlEncode, concat, u32be, utf8Encode } from '#base/bytes'
import { sha256 } from '#base/crypto'

const ID_BYTES = 16

/** 16 bytes in base64url out of some words, each with its length, so that no two lists collide. */
export function idOf(...words: readonly (string | number | undefined)[]): string {
  const parts = words.flatMap((word) => {
    const bytes = utf8Encode(word === undefined ? '' : String(word))
    return [u32be(bytes.length), bytes]
  })
  return base64urlEncode(sha256(concat(parts)).subarray(0, ID_BYTES))
}

/** Names with generations as one text, in the order of names. */
export function gensText(gens: { readonly [name: string]: number }): string {
  return Object.keys(gens)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => `${name}=${gens[name]}`)
    .join(' ')
}
