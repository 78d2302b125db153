// Cases for the shares of a key over keys: the field by powers of a generator, the polynomials by
// sums of powers, so nothing is computed as the product computes it.
import { Buffer } from 'node:buffer'
import { b64u, sha } from './log-material.ts'
import { bytesOf, flipped, hex } from './material.ts'

// Powers of 3, which generates the field of FIPS 197; a product is a sum of logarithms.
const powers: number[] = [1]
for (let at = 1; at < 255; at += 1) {
  const last = powers[at - 1]!
  const doubled = (last << 1) ^ (last >= 128 ? 0x11b : 0)
  powers.push(doubled ^ last)
}
const logarithms = new Map(powers.map((value, at) => [value, at]))

const product = (a: number, b: number): number =>
  a === 0 || b === 0 ? 0 : powers[(logarithms.get(a)! + logarithms.get(b)!) % 255]!
const power = (a: number, n: number): number => (n === 0 ? 1 : product(a, power(a, n - 1)))
const check = (bytes: Uint8Array): Buffer => sha('lianban/vault/share/v1', bytes).subarray(0, 8)

const textOf = (body: Uint8Array): string =>
  `lianban-share-1.${b64u(Buffer.concat([body, check(body)]))}`

function bodyOf(
  key: Buffer,
  coefficients: readonly Buffer[],
  [k, n, x, number = 1]: number[],
): Buffer {
  const y = [...key].map((byte, at) =>
    coefficients.reduce((sum, each, i) => sum ^ product(each[at]!, power(x!, i + 1)), byte),
  )
  return Buffer.concat([
    Buffer.from([k!, n!, x!, number >> 8, number & 255]),
    check(key),
    Buffer.from(y),
  ])
}

/** `vault-shares.json`. */
export function sharesFile(): object {
  const splits = [
    [2, 2],
    [2, 3],
    [3, 5],
    [5, 5],
    [7, 255],
  ].map(([k = 0, n = 0]) => split(k, n))
  return { products: products(), splits, invalid: invalid() }
}

function products(): object[] {
  const pairs = [
    [0, 0],
    [0, 255],
    [1, 83],
    [0x57, 0x83],
    [0x57, 0x13],
    [0x53, 0xca],
    [255, 255],
    [2, 128],
  ]
  return pairs.map(([a = 0, b = 0]) => ({ a, b, product: product(a, b) }))
}

function split(k: number, n: number): object {
  const number = k === 3 ? 513 : 1
  const key = bytesOf(`shares/${k}/${n}`)
  const coefficients = Array.from({ length: k - 1 }, (_, at) => bytesOf(`shares/${k}/${n}/${at}`))
  const places =
    n > 10 ? [1, 2, 99, 128, 200, 254, 255] : Array.from({ length: n }, (_, at) => at + 1)
  return {
    k,
    n,
    number,
    key: hex(key),
    coefficients: coefficients.map(hex),
    places,
    shares: places.map((x) => textOf(bodyOf(key, coefficients, [k, n, x, number]))),
  }
}

function invalid(): object[] {
  const [one, two] = ['one', 'two'].map((label) => ({
    key: bytesOf(`shares/${label}`),
    more: [bytesOf(`shares/${label}/a`), bytesOf(`shares/${label}/b`)],
  }))
  const body = (of: typeof one, x: number, k = 3, n = 5): Buffer =>
    bodyOf(of!.key, of!.more.slice(0, 2), [k, n, x])
  const [a, b, c] = [1, 2, 3].map((x) => textOf(body(one, x)))
  const damaged = Buffer.from(c!.split('.')[1]!, 'base64url')
  return [
    { claim: 'no share', shares: [] },
    { claim: 'one too few', shares: [a, b] },
    { claim: 'one of them twice', shares: [a, b, b] },
    { claim: 'one of another key', shares: [a, b, textOf(body(two, 3))] },
    { claim: 'one of another k', shares: [a, b, textOf(body(one, 3, 2))] },
    { claim: 'one of another n', shares: [a, b, textOf(body(one, 3, 3, 6))] },
    {
      claim: 'one of another number',
      shares: [a, b, textOf(bodyOf(one!.key, one!.more, [3, 5, 3, 2]))],
    },
    { claim: 'a changed bit', shares: [a, b, `lianban-share-1.${b64u(flipped(damaged, 20))}`] },
    { claim: 'a changed bit and its check', shares: [a, b, textOf(flipped(body(one, 3), 20))] },
    { claim: 'a place of 0', shares: [a, b, textOf(body(one, 0))] },
    { claim: 'a place beyond n', shares: [a, b, textOf(body(one, 6))] },
    { claim: 'another format', shares: [a, b, c!.replace('share-1', 'share-2')] },
    { claim: 'cut short', shares: [a, b, c!.slice(0, -1)] },
    { claim: 'what is no share', shares: [a, b, 'three'] },
  ]
}
