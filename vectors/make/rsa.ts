// RSA keys from a label, and the private operation on any block, which no signing library gives.
import { Buffer } from 'node:buffer'
import { checkPrimeSync } from 'node:crypto'
import { base64url, bytesOf, mod, power, toBytes, toNumber } from './material.ts'

export type Jwk = Readonly<Record<string, string>>
export type RsaKey = { readonly n: bigint; readonly d: bigint }

const EXPONENT = 65_537n

// Most candidates fall to one of these before the costly check.
const SMALL_PRIMES = smallPrimes(2_000)

/** A key of exactly so many bits, the same on every run. */
export function rsaKey(label: string, bits: number): RsaKey {
  const high = Math.ceil(bits / 2)
  const first = primeOf(`${label}/p`, high)
  const second = primeOf(`${label}/q`, bits - high)
  const order = (first - 1n) * (second - 1n)
  return { n: first * second, d: inverseOf(EXPONENT, order) }
}

// The two top bits are set, so that the product of two primes has all its bits.
function primeOf(label: string, bits: number): bigint {
  const size = Math.ceil(bits / 8)
  const start = toNumber(bytesOf(`rsa/${label}`, size)) & ((1n << BigInt(bits)) - 1n)
  const first = start | (3n << BigInt(bits - 2)) | 1n
  const rests = SMALL_PRIMES.map((prime) => Number(first % BigInt(prime)))
  for (let step = 0; ; step += 2) {
    if (SMALL_PRIMES.some((prime, at) => ((rests[at] ?? 0) + step) % prime === 0)) continue
    const candidate = first + BigInt(step)
    if ((candidate - 1n) % EXPONENT !== 0n && checkPrimeSync(candidate)) return candidate
  }
}

function smallPrimes(max: number): number[] {
  const found: number[] = []
  for (let value = 3; value < max; value += 2) {
    if (found.every((prime) => value % prime !== 0)) found.push(value)
  }
  return found
}

function inverseOf(value: bigint, modulus: bigint): bigint {
  let [left, right, before, after] = [value, modulus, 1n, 0n]
  while (right !== 0n) {
    const times = left / right
    ;[left, right] = [right, left - times * right]
    ;[before, after] = [after, before - times * after]
  }
  return mod(before, modulus)
}

export function sizeOf({ n }: RsaKey): number {
  return Math.ceil(n.toString(16).length / 2)
}

export function jwkOf(key: RsaKey): Jwk {
  return { kty: 'RSA', n: base64url(toBytes(key.n, sizeOf(key))), e: 'AQAB' }
}

/** The block raised to the private exponent. */
export function open(key: RsaKey, block: Uint8Array): Buffer {
  return toBytes(power(toNumber(block), key.d, key.n), sizeOf(key))
}
