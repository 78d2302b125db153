// RSA keys from a label, and the private operation on any block, which no signing library gives.
import { Buffer } from 'node:buffer'
import { checkPrimeSync } from 'node:crypto'
import { base64url, bytesOf, mod, power, toBytes, toNumber } from './material.ts'

export type Jwk = Readonly<Record<string, string>>
export type RsaKey = { readonly n: bigint; readonly d: bigint; readonly e: bigint }

/** A key of exactly so many bits, the same on every run. */
export function rsaKey(label: string, bits: number, e = 65_537n): RsaKey {
  const high = Math.ceil(bits / 2)
  const first = primeOf(`${label}/p`, high, e)
  const second = primeOf(`${label}/q`, bits - high, e)
  const order = (first - 1n) * (second - 1n)
  return { n: first * second, d: inverseOf(e, order), e }
}

// The two top bits are set, so that the product of two primes has all its bits.
function primeOf(label: string, bits: number, e: bigint): bigint {
  const size = Math.ceil(bits / 8)
  const start = toNumber(bytesOf(`rsa/${label}`, size)) & ((1n << BigInt(bits)) - 1n)
  let candidate = start | (3n << BigInt(bits - 2)) | 1n
  for (; ; candidate += 2n) {
    if ((candidate - 1n) % e !== 0n && checkPrimeSync(candidate)) return candidate
  }
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
  return { kty: 'RSA', n: base64url(toBytes(key.n, sizeOf(key))), e: base64url(short(key.e)) }
}

/** The block raised to the private exponent. */
export function open(key: RsaKey, block: Uint8Array): Buffer {
  return toBytes(power(toNumber(block), key.d, key.n), sizeOf(key))
}

function short(value: bigint): Buffer {
  const text = value.toString(16)
  return Buffer.from(text.length % 2 === 1 ? `0${text}` : text, 'hex')
}
