// Cases for Ed25519 (RFC 8032), strict: points of small order and non-canonical encodings are
// refused, and so is everything on which rules with and without the cofactor differ.
import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { base64url, bytesOf, flipped, fromHex, hex, mod, toBytes, toNumber } from './material.ts'
import { utf8 } from './material.ts'

const { Point } = ed25519
const { p, n: L } = Point.CURVE()
type EdwardsPoint = typeof Point.BASE
type Jwk = Readonly<Record<string, string>>
type Case = {
  readonly claim: string
  readonly key: string
  readonly message: string
  readonly signature: string
  readonly valid: boolean
}

const SEED = bytesOf('ed25519/seed')
const OWN = ed25519.utils.getExtendedPublicKey(SEED)
const A = OWN.pointBytes
const MESSAGE = utf8('a checkpoint')
const RIGHT = ed25519.sign(MESSAGE, SEED)
const OTHER = ed25519.getPublicKey(bytesOf('ed25519/other'))

// RFC 8032 §7.1: seed, key, message, signature.
const STANDARDS: readonly (readonly [string, string, string, string, string])[] = [
  [
    'TEST 1',
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155' +
      '5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    'TEST 2',
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'TEST 3',
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac' +
      '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
]

/** The eight points of small order, canonically encoded, the identity first. */
const SMALL: readonly Uint8Array[] = smallOrder()

export function ed25519File(): object {
  return {
    keys: {
      own: okp(A),
      other: okp(OTHER),
      ...Object.fromEntries(STANDARDS.map(([name, , key]) => [name, okp(fromHex(key))])),
    },
    invalidKeys: invalidKeys(),
    signatures: [...standards(), ...valid(), ...scalars(), ...points(), ...changed()],
  }
}

const okp = (point: Uint8Array): Jwk => ({ kty: 'OKP', crv: 'Ed25519', x: base64url(point) })
const little = (value: bigint): Buffer => Buffer.from(toBytes(value, 32)).reverse()
const fromLittle = (bytes: Uint8Array): bigint => toNumber(Buffer.from(bytes).reverse())
const hash = (...parts: Uint8Array[]): bigint => mod(fromLittle(sha512(Buffer.concat(parts))), L)

function of(claim: string, signature: Uint8Array, valid: boolean, message = MESSAGE): Case {
  return { claim, key: 'own', message: hex(message), signature: hex(signature), valid }
}

function standards(): Case[] {
  return STANDARDS.map(([name, seed, key, message, signature]) => {
    assert.equal(hex(ed25519.getPublicKey(fromHex(seed))), key)
    assert.equal(hex(ed25519.sign(fromHex(message), fromHex(seed))), signature)
    return { claim: `RFC 8032 section 7.1, ${name}`, key: name, message, signature, valid: true }
  })
}

function valid(): Case[] {
  const long = bytesOf('ed25519/long', 2000)
  return [
    of('a signature', RIGHT, true),
    of('an empty message', ed25519.sign(Buffer.alloc(0), SEED), true, Buffer.alloc(0)),
    of('2,000 bytes', ed25519.sign(long, SEED), true, long),
  ]
}

// RFC 8032 §5.1.7: s is below L. Without the check, s + L is a second spelling.
function scalars(): Case[] {
  const R = RIGHT.subarray(0, 32)
  const s = fromLittle(RIGHT.subarray(32))
  const values: readonly (readonly [string, bigint])[] = [
    ['s + L', s + L],
    ['s + 2 L', s + 2n * L],
    ['s + 7 L', s + 7n * L],
    ['s is L', L],
    ['s is L - 1', L - 1n],
    ['s is L + 1', L + 1n],
    ['s is 0', 0n],
    ['s is 2^252', 2n ** 252n],
    ['s is 2^253', 2n ** 253n],
    ['s with its top bit', s + 2n ** 255n],
    ['s is the highest number', 2n ** 256n - 1n],
    ['-s', mod(-s, L)],
  ]
  return values.map(([claim, value]) => of(claim, Buffer.concat([R, little(value)]), false))
}

function points(): Case[] {
  const cases: Case[] = []
  const s = RIGHT.subarray(32)
  // The equation holds without a nonce: s = k·a and R is the identity.
  for (const [at, point] of SMALL.entries()) {
    cases.push(of(`R is point ${at} of small order`, satisfying(point, 0n), false))
  }
  for (const [claim, point] of nonCanonical()) {
    cases.push(of(`R is ${claim}`, satisfying(point, 0n), false))
    cases.push(of(`R is ${claim}, s of another`, Buffer.concat([point, s]), false))
  }
  // Valid when both sides are multiplied by the cofactor, and not otherwise.
  const nonce = hash(utf8('nonce'))
  const base = Point.BASE.multiply(nonce)
  for (const [at, point] of SMALL.entries()) {
    const mixed = base.add(Point.fromBytes(point, true)).toBytes()
    const claim = at === 0 ? 'a nonce of our own' : `R has a part of small order, point ${at}`
    cases.push(of(claim, satisfying(mixed, nonce), at === 0))
  }
  return cases
}

/** s for which 8 s B = 8 R + 8 k A, where R is nonce·B but for a part of small order. */
function satisfying(point: Uint8Array, nonce: bigint): Buffer {
  const k = hash(point, A, MESSAGE)
  return Buffer.concat([point, little(mod(nonce + k * OWN.scalar, L))])
}

function changed(): Case[] {
  const right = Buffer.from(RIGHT)
  return [
    of('no bytes', Buffer.alloc(0), false),
    of('32 bytes', right.subarray(0, 32), false),
    of('63 bytes', right.subarray(0, 63), false),
    of('65 bytes', Buffer.concat([right, Buffer.of(0)]), false),
    of('the signature twice', Buffer.concat([right, right]), false),
    of('64 zeros', Buffer.alloc(64), false),
    of('64 bytes FF', Buffer.alloc(64, 0xff), false),
    of('R and s exchanged', Buffer.concat([right.subarray(32), right.subarray(0, 32)]), false),
    of('a bit of R changed', flipped(right, 0), false),
    of('the sign of R changed', flipped(right, 31, 0x80), false),
    of('a bit of s changed', flipped(right, 32), false),
    of('a bit of the message changed', right, false, flipped(MESSAGE, 0)),
    of('a byte more of the message', right, false, Buffer.concat([MESSAGE, Buffer.of(0)])),
    of('no message', right, false, Buffer.alloc(0)),
    { ...of('another key', right, false), key: 'other' },
    of('R is not on the curve', Buffer.concat([offCurve(), right.subarray(32)]), false),
  ]
}

function invalidKeys(): object[] {
  const right = okp(A)
  const x = right['x'] ?? ''
  const mixed = (point: Uint8Array): Uint8Array =>
    Point.fromBytes(A, false).add(Point.fromBytes(point, true)).toBytes()
  return [
    ...SMALL.map((point, at) => ({ claim: `point ${at} of small order`, jwk: okp(point) })),
    ...nonCanonical().map(([claim, point]) => ({ claim, jwk: okp(point) })),
    ...SMALL.slice(1).map((point, at) => ({
      claim: `a part of small order, point ${at + 1}`,
      jwk: okp(mixed(point)),
    })),
    { claim: 'not on the curve', jwk: okp(offCurve()) },
    { claim: 'not on the curve, other sign', jwk: okp(flipped(offCurve(), 31, 0x80)) },
    { claim: '31 bytes', jwk: okp(A.subarray(0, 31)) },
    { claim: '33 bytes', jwk: okp(Buffer.concat([A, Buffer.of(0)])) },
    { claim: 'no bytes', jwk: okp(Buffer.alloc(0)) },
    { claim: 'padding', jwk: { ...right, x: `${x}=` } },
    { claim: 'hex', jwk: { ...right, x: hex(A) } },
    { claim: 'another curve by name', jwk: { ...right, crv: 'X25519' } },
    { claim: 'Ed448 by name', jwk: { ...right, crv: 'Ed448' } },
    { claim: 'another type', jwk: { ...right, kty: 'EC' } },
    { claim: 'an algorithm beside it', jwk: { ...right, alg: 'EdDSA' } },
    { claim: 'the private part', jwk: { ...right, d: base64url(SEED) } },
    { claim: 'no x', jwk: { kty: 'OKP', crv: 'Ed25519' } },
    { claim: 'no curve', jwk: { kty: 'OKP', x } },
    { claim: 'x is a number', jwk: { ...right, x: 1 } },
  ]
}

/**
 * Encodings that stand for a point and are not the one spelling of it: y not below the prime, or
 * the sign of an x that is 0. Whether the y belongs to a point does not matter here.
 */
function nonCanonical(): (readonly [string, Buffer])[] {
  const cases: (readonly [string, Buffer])[] = []
  for (let above = 0n; above < 19n; above += 1n) {
    for (const sign of [0n, 1n]) {
      const name = `y = p + ${above}${sign === 1n ? ' with the sign' : ''}`
      cases.push([name, little(p + above + (sign << 255n))])
    }
  }
  cases.push(['y = 1 with the sign', little(1n + (1n << 255n))])
  cases.push(['y = -1 with the sign', little(p - 1n + (1n << 255n))])
  return cases
}

function smallOrder(): Uint8Array[] {
  // A point outside the subgroup, multiplied by L, leaves its part of small order.
  for (let count = 0; ; count += 1) {
    const point = decoded(bytesOf(`ed25519/torsion/${count}`))
    const small = point?.multiplyUnsafe(L - 1n).add(point)
    if (small === undefined || small.double().double().is0()) continue
    const found = [Point.ZERO]
    while (found.length < 8) found.push((found.at(-1) as EdwardsPoint).add(small))
    assert.ok(found.at(-1)?.add(small).is0())
    return found.map((each) => each.toBytes())
  }
}

function decoded(bytes: Uint8Array): EdwardsPoint | undefined {
  try {
    return Point.fromBytes(bytes, false)
  } catch {
    return undefined
  }
}

function offCurve(): Buffer {
  for (let y = 2n; ; y += 1n) if (decoded(little(y)) === undefined) return little(y)
}
