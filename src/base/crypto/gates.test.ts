// The pure gates in front of the libraries, judged alone: what they refuse never reaches a library,
// so a library that is laxer in another version changes no verdict.
import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isEd25519Signature, isPlainEd25519Point } from './ed25519.ts'
import { isP256Signature } from './p256.ts'
import { isRsaSignature } from './rsa.ts'

type Signed = { readonly claim: string; readonly key: string; readonly signature: string }
type Named = { readonly claim: string; readonly jwk: { readonly x?: unknown } }
type File = {
  readonly keys: Readonly<Record<string, { readonly n?: string }>>
  readonly signatures: readonly Signed[]
  readonly invalidKeys: readonly Named[]
}

const read = (name: string): File =>
  JSON.parse(
    readFileSync(new URL(`../../../vectors/${name}.json`, import.meta.url), 'utf8'),
  ) as File
const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

// SEC 2 §2.4.2 and RFC 8032 §5.1, written out again.
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const L = 2n ** 252n + 27742317777372353535851937790883648493n
const P = 2n ** 255n - 19n

test('the P-256 gate passes r and s from 1 to n - 1 in 64 bytes, and nothing else', () => {
  const passed = new Set<boolean>()
  for (const { claim, signature } of read('es256').signatures) {
    const bytes = bytesOf(signature)
    const isWhole = bytes.length === 64
    const halves = isWhole ? [bytes.subarray(0, 32), bytes.subarray(32)].map(numberOf) : []
    const expected = isWhole && halves.every((half) => half > 0n && half < N)
    assert.equal(isP256Signature(bytes), expected, claim)
    passed.add(expected)
  }
  assert.equal(passed.size, 2)
})

test('the Ed25519 gate passes s below L behind a plain point, and nothing else', () => {
  const passed = new Set<boolean>()
  for (const { claim, signature } of read('ed25519').signatures) {
    const bytes = bytesOf(signature)
    const isWhole = bytes.length === 64
    const s = isWhole ? numberOf(bytes.slice(32).reverse()) : L
    const expected = s < L && isPlain(bytes.subarray(0, 32))
    assert.equal(isEd25519Signature(bytes), expected, claim)
    passed.add(expected)
  }
  assert.equal(passed.size, 2)
})

test('the gate for Ed25519 points refuses small order and a y that is not below the prime', () => {
  let refused = 0
  for (const { claim, jwk } of read('ed25519').invalidKeys) {
    const point = new Uint8Array(Buffer.from(String(jwk.x), 'base64url'))
    if (point.length !== 32) continue
    assert.equal(isPlainEd25519Point(point), isPlain(point), claim)
    if (!isPlain(point)) refused += 1
  }
  // Eight points, 19 values of y with two signs each, and two zeros with a sign.
  assert.equal(refused, 8 + 38 + 2)
})

test('the RSA gate passes numbers below the modulus in as many bytes, and nothing else', () => {
  const file = read('rs256')
  const passed = new Set<boolean>()
  for (const { claim, key, signature } of file.signatures) {
    const modulus = new Uint8Array(Buffer.from(file.keys[key]?.n ?? '', 'base64url'))
    const bytes = bytesOf(signature)
    const isSized = bytes.length === modulus.length
    const expected = isSized && numberOf(bytes) < numberOf(modulus)
    assert.equal(isRsaSignature(modulus, bytes), expected, claim)
    passed.add(expected)
  }
  assert.equal(passed.size, 2)
})

/** By arithmetic instead of a list: y below p, and eight times the point is not the identity. */
function isPlain(point: Uint8Array): boolean {
  const whole = numberOf(point.slice().reverse())
  const y = whole & ((1n << 255n) - 1n)
  if (y >= P) return false
  // Doubling by y alone: x² = (y² - 1) / (d y² + 1) on the curve -x² + y² = 1 + d x² y².
  let [top, bottom] = [y, 1n]
  for (let step = 0; step < 3; step += 1) {
    const [next, under] = doubled(top, bottom)
    top = next
    bottom = under
  }
  return mod(top - bottom) !== 0n
}

// y(2Q) = (y² + x²) / (2 + x² - y²), in fractions top / bottom.
function doubled(top: bigint, bottom: bigint): readonly [bigint, bigint] {
  const d = mod(-121665n * power(121666n, P - 2n))
  const y2 = mod(top * top)
  const z2 = mod(bottom * bottom)
  const [xTop, xBottom] = [mod((y2 - z2) * z2), mod(z2 * (d * y2 + z2))]
  // x² = xTop / xBottom, y² = y2 / z2.
  const above = mod(y2 * xBottom + xTop * z2)
  const below = mod(2n * z2 * xBottom + xTop * z2 - y2 * xBottom)
  return [above, below]
}

function mod(value: bigint): bigint {
  const rest = value % P
  return rest < 0n ? rest + P : rest
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, mod(base)]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square)
    square = mod(square * square)
  }
  return result
}
