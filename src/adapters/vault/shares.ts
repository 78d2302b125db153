// A key over keys in shares: any k of n people put it together (A. Shamir, How to share a secret,
// 1979), byte by byte over the field of AES; fewer learn eight bytes of a hash of it and nothing
// else. Promises: k shares of one key give that key; shares that are damaged, too few, or of two
// keys are refused.
import { randomBytes } from 'node:crypto'
import { base64urlDecode, base64urlEncode, concat, equal, readU16be, u16be } from '#base/bytes'
import { utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256 } from '#base/crypto'
import { Failure } from './disk.ts'

const word = 'lianban-share-1'
const checkWord = utf8Encode('lianban/vault/share/v1')
const keyBytes = 32
const checkBytes = 8
const form = /^lianban-share-1\.([A-Za-z0-9_-]{1,128})$/
/** k, n, x and the number of the key. */
const headBytes = 5
/** The head, the check of the key, the bytes of the share, the check of the share. */
const shareBytes: number = headBytes + checkBytes + keyBytes + checkBytes

type Share = {
  readonly k: number
  readonly n: number
  /** Where the polynomials are looked at; 1 to n, never 0, which is the key. */
  readonly x: number
  readonly number: number
  /** Eight bytes of a hash of the key, by which shares of one key know each other. */
  readonly of: Bytes
  readonly y: Bytes
}

/** A key over keys, by the number that it has in its file. */
export type NumberedKey = { readonly number: number; readonly key: Bytes }

/** A source of random bytes, for golden cases; OpenSSL's otherwise. */
export type Chance = (count: number) => Bytes

/**
 * Shares of a key of 32 bytes as texts of a line, any `k` of which give it back; 2 ≤ k ≤ n ≤ 255.
 * Each is as secret as the key is once k of them meet.
 */
export function splitKey(
  { key, number }: NumberedKey,
  { k, n }: { readonly k: number; readonly n: number },
  chance: Chance = (count) => new Uint8Array(randomBytes(count)),
): readonly string[] {
  const isSound = Number.isInteger(k) && Number.isInteger(n) && k >= 2 && k <= n && n <= 255
  if (!isSound || key.length !== keyBytes || number > 0xffff)
    throw new Failure('vault/bad-share', 'k, n or key')
  const of = checkOf(key)
  // A polynomial for each byte of the key, which is its value at 0.
  const coefficients = [key, ...Array.from({ length: k - 1 }, () => chance(keyBytes))]
  return Array.from({ length: n }, (_, at) => {
    const x = at + 1
    const y = new Uint8Array(keyBytes)
    // Horner's rule, the highest coefficient first.
    for (const each of coefficients.toReversed()) {
      for (let i = 0; i < keyBytes; i += 1) y[i] = multiply(y[i] as number, x) ^ (each[i] as number)
    }
    return textOf({ k, n, x, number, of, y })
  })
}

/** The key that the shares give. Throws `vault/bad-share`. Untrusted texts. */
export function joinKey(untrusted: readonly string[]): NumberedKey {
  const shares = untrusted.map((text) => shareOf(text.trim()))
  const byPlace = new Map(shares.map((share) => [share.x, share]))
  const [first] = shares
  if (first === undefined || byPlace.size < first.k) throw new Failure('vault/bad-share', 'too few')
  for (const { k, n, number, of } of shares) {
    const isLike = k === first.k && n === first.n && number === first.number
    if (!isLike || !equal(of, first.of)) {
      throw new Failure('vault/bad-share', 'shares of two keys')
    }
  }
  const used = [...byPlace.values()].slice(0, first.k)
  const key = new Uint8Array(keyBytes)
  // Lagrange's formula at 0, where subtraction is addition.
  for (const { x, y } of used) {
    let weight = 1
    for (const { x: other } of used) {
      if (other !== x) weight = multiply(weight, multiply(other, inverse(other ^ x)))
    }
    for (let i = 0; i < keyBytes; i += 1) {
      key[i] = (key[i] as number) ^ multiply(weight, y[i] as number)
    }
  }
  if (!equal(checkOf(key), first.of)) throw new Failure('vault/bad-share', 'they give no key')
  return { number: first.number, key }
}

/** The product in GF(2^8) by x^8 + x^4 + x^3 + x + 1 (FIPS 197 §4.2), in one time for all bytes. */
export function multiply(a: number, b: number): number {
  let product = 0
  let left = a
  for (let bit = 0; bit < 8; bit += 1) {
    product ^= left & -((b >> bit) & 1)
    left = (left << 1) ^ (0x11b & -((left >> 7) & 1))
  }
  return product
}

/** a^254, which is 1/a; 0 for 0. */
function inverse(a: number): number {
  let result = 1
  let square = a
  for (let bit = 1; bit < 8; bit += 1) {
    square = multiply(square, square)
    result = multiply(result, square)
  }
  return result
}

function textOf({ k, n, x, number, of, y }: Share): string {
  const body = concat([Uint8Array.of(k, n, x), u16be(number), of, y])
  return `${word}.${base64urlEncode(concat([body, checkOf(body)]))}`
}

function shareOf(text: string): Share {
  const bytes = base64urlDecode(form.exec(text)?.[1] ?? '')
  if (bytes?.length !== shareBytes) throw new Failure('vault/bad-share', 'form')
  const body = bytes.subarray(0, -checkBytes)
  if (!equal(checkOf(body), bytes.subarray(-checkBytes))) {
    throw new Failure('vault/bad-share', 'damaged')
  }
  const [k = 0, n = 0, x = 0] = body
  if (k < 2 || k > n || x < 1 || x > n) throw new Failure('vault/bad-share', 'form')
  const number = readU16be(body, 3)
  const at = headBytes + checkBytes
  return { k, n, x, number, of: body.slice(headBytes, at), y: body.slice(at) }
}

function checkOf(bytes: Bytes): Bytes {
  return sha256(concat([checkWord, bytes])).subarray(0, checkBytes)
}
