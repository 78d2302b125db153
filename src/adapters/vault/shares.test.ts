// Any k shares give the key and fewer say nothing of it, over the golden cases and random ones.
import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Bytes } from '#base/bytes'
import { joinKey, multiply, splitKey } from './index.ts'

type Vectors = {
  readonly products: readonly { readonly a: number; readonly b: number; readonly product: number }[]
  readonly splits: readonly {
    readonly k: number
    readonly n: number
    readonly number: number
    readonly key: string
    readonly coefficients: readonly string[]
    readonly places: readonly number[]
    readonly shares: readonly string[]
  }[]
  readonly invalid: readonly { readonly claim: string; readonly shares: readonly string[] }[]
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/vault-shares.json', import.meta.url), 'utf8'),
) as Vectors
const bytesOf = (hex: string): Bytes => new Uint8Array(Buffer.from(hex, 'hex'))
const refused = { code: 'vault/bad-share' }

test('products in the field are those of FIPS 197', () => {
  for (const { a, b, product } of vectors.products) assert.equal(multiply(a, b), product)
})

test('a key and its chance have the shares of the golden cases, which give the key back', () => {
  for (const { k, n, number, key, coefficients, places, shares } of vectors.splits) {
    const chance = coefficients.map(bytesOf)
    const made = splitKey({ number, key: bytesOf(key) }, { k, n }, () => chance.shift() as Bytes)
    assert.deepEqual(
      places.map((x) => made[x - 1]),
      shares,
    )
    assert.deepEqual(joinKey(shares.slice(-k)), { number, key: bytesOf(key) })
  }
})

test('shares that are too few, damaged or of two keys are refused', () => {
  for (const { claim, shares } of vectors.invalid) {
    assert.throws(() => joinKey(shares), refused, claim)
  }
})

test('any k of n in any order give the key', () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
  const sizes = fc
    .integer({ min: 2, max: 7 })
    .chain((k) => fc.tuple(fc.constant(k), fc.integer({ min: k, max: 9 })))
  fc.assert(
    fc.property(key, sizes, fc.infiniteStream(fc.nat()), (secret, [k, n], order) => {
      const shares = [...splitKey({ number: 7, key: secret }, { k, n })]
      while (shares.length > k) {
        const { value = 0 } = order.next()
        shares.splice(value % shares.length, 1)
      }
      assert.deepEqual(joinKey(shares.toReversed()), { number: 7, key: secret })
    }),
    { numRuns: 50 },
  )
})

test('one share of two fits every value that a byte of the key may have', () => {
  const y = 0x5a
  const byteOf = (share: string): number | undefined =>
    Buffer.from(share.split('.')[1] ?? '', 'base64url')[13]
  for (let secret = 0; secret < 256; secret += 1) {
    // At place 1 the share is the key and its chance added up.
    const key = { number: 1, key: new Uint8Array(32).fill(secret) }
    const [first, second] = splitKey(key, { k: 2, n: 2 }, () => new Uint8Array(32).fill(secret ^ y))
    assert.equal(byteOf(first ?? ''), y)
    assert.deepEqual(joinKey([first ?? '', second ?? '']), key)
  }
})

test('k of 1, k above n and n above 255 are refused', () => {
  for (const [k, n] of [
    [1, 2],
    [3, 2],
    [2, 256],
    [2.5, 3],
  ] as const) {
    assert.throws(() => splitKey({ number: 1, key: new Uint8Array(32) }, { k, n }), refused)
  }
})
