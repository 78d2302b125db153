// Cases for ES256: keys, signatures as r and s side by side, and signatures in DER.
import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { base64url, bytesOf, flipped, fromHex, hex, inverse, mod } from './material.ts'
import { toBytes, toNumber, utf8 } from './material.ts'
import { der, digestOf, integer, jwkOf, keyFor, n, p, plain } from './p256.ts'
import { pointFrom, publicOf, signWith } from './p256.ts'
import type { Affine, Jwk, Signature } from './p256.ts'

type Case = {
  readonly claim: string
  readonly key: string
  readonly message: string
  readonly signature: string
  readonly valid: boolean
}

const SECRET = mod(toNumber(bytesOf('es256/secret')), n)
const OTHER = mod(toNumber(bytesOf('es256/other')), n)
const NONCE = mod(toNumber(bytesOf('es256/nonce')), n)
const MESSAGE = utf8('one command, signed once')
const DIGEST = digestOf(MESSAGE)
const SIGNED = signWith(SECRET, NONCE, DIGEST)

// RFC 6979 appendix A.2.5.
const RFC_6979_SECRET = 0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721n
const RFC_6979_SAMPLE =
  'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
  'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8'
const RFC_6979_TEST =
  'f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367' +
  '019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083'
// RFC 7515 appendix A.3.
const RFC_7515_KEY: Jwk = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
}
const RFC_7515_INPUT =
  'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlL' +
  'mNvbS9pc19yb290Ijp0cnVlfQ'
const RFC_7515_SIGNATURE = Buffer.from(
  'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
  'base64url',
)

// Keys made so that an unusual r and s are right for MESSAGE.
const WRAPPED = pointFrom(n)
const SMALL = pointFrom(1n)
const PLAIN = publicOf(NONCE)
const HIGH = mod(-1n, n)
// With d = e/r the verifier adds a point to itself; with d = -e/r it arrives at infinity.
const DOUBLING = mod(DIGEST * inverse(SIGNED.r, n), n)

const KEYS: Readonly<Record<string, Jwk>> = {
  own: jwkOf(publicOf(SECRET)),
  other: jwkOf(publicOf(OTHER)),
  rfc6979: jwkOf(publicOf(RFC_6979_SECRET)),
  rfc7515: RFC_7515_KEY,
  wrapped: jwkOf(keyFor(WRAPPED, 7n, DIGEST)),
  smallR: jwkOf(keyFor(SMALL, 7n, DIGEST)),
  sOne: jwkOf(keyFor(PLAIN, 1n, DIGEST)),
  sHighest: jwkOf(keyFor(PLAIN, HIGH, DIGEST)),
  generator: jwkOf(publicOf(1n)),
  doubling: jwkOf(publicOf(DOUBLING)),
  infinity: jwkOf(publicOf(mod(-DOUBLING, n))),
}

export function es256File(): object {
  return {
    keys: KEYS,
    invalidKeys: invalidKeys(),
    signatures: [...standards(), ...validCases(), ...rangeCases(), ...changedCases()],
    derSignatures: derCases(),
  }
}

function of(claim: string, key: string, signature: Uint8Array, valid: boolean): Case {
  return { claim, key, message: hex(MESSAGE), signature: hex(signature), valid }
}

const good = (claim: string, key: string, signature: Signature): Case =>
  of(claim, key, plain(signature), true)
const bad = (claim: string, signature: Uint8Array, key = 'own'): Case =>
  of(claim, key, signature, false)

function standards(): Case[] {
  const input = hex(utf8(RFC_7515_INPUT))
  return [
    { ...of('RFC 7515 appendix A.3', 'rfc7515', RFC_7515_SIGNATURE, true), message: input },
    {
      ...of('RFC 6979 appendix A.2.5, "sample"', 'rfc6979', fromHex(RFC_6979_SAMPLE), true),
      message: hex(utf8('sample')),
    },
    {
      ...of('RFC 6979 appendix A.2.5, "test"', 'rfc6979', fromHex(RFC_6979_TEST), true),
      message: hex(utf8('test')),
    },
    { ...of('RFC 7515 under another key', 'own', RFC_7515_SIGNATURE, false), message: input },
  ]
}

function validCases(): Case[] {
  const low = SIGNED.s > n / 2n ? mod(-SIGNED.s, n) : SIGNED.s
  const long = bytesOf('es256/long', 5000)
  const empty = Buffer.alloc(0)
  const nonce = NONCE + 1n
  return [
    good('a low s', 'own', { r: SIGNED.r, s: low }),
    good('a high s is as valid as the low one', 'own', { r: SIGNED.r, s: mod(-low, n) }),
    { ...good('an empty message', 'own', signWith(SECRET, nonce, digestOf(empty))), message: '' },
    {
      ...good('5,000 bytes', 'own', signWith(SECRET, nonce, digestOf(long))),
      message: hex(long),
    },
    good('r with leading zeros', 'smallR', { r: SMALL.x, s: 7n }),
    good('r is x - n, because x is not below n', 'wrapped', { r: WRAPPED.x - n, s: 7n }),
    good('s is 1', 'sOne', { r: mod(PLAIN.x, n), s: 1n }),
    good('s is n - 1', 'sHighest', { r: mod(PLAIN.x, n), s: HIGH }),
    good('the key is the generator', 'generator', signWith(1n, NONCE, DIGEST)),
    good('the nonce is 1', 'own', signWith(SECRET, 1n, DIGEST)),
    good('a point is added to itself', 'doubling', signWith(DOUBLING, NONCE, DIGEST)),
  ]
}

function rangeCases(): Case[] {
  const { r, s } = SIGNED
  const top = 2n ** 256n - 1n
  const pairs: readonly (readonly [string, bigint, bigint])[] = [
    ['r is 0', 0n, s],
    ['s is 0', r, 0n],
    ['r and s are 0', 0n, 0n],
    ['r is n', n, s],
    ['s is n', r, n],
    ['r and s are n', n, n],
    ['r is n + 1', n + 1n, s],
    ['s is n + 1', r, n + 1n],
    ['r is p', p, s],
    ['r is the highest number', top, s],
    ['s is the highest number', r, top],
    ['r is 1', 1n, s],
    ['s is 1', r, 1n],
    ['r is n - 1', n - 1n, s],
    ['s is n - 1', r, n - 1n],
    ['r and s exchanged', s, r],
    ['-r', mod(-r, n), s],
    ['1 / s', r, inverse(s, n)],
    ['r is 0 and s is 1', 0n, 1n],
    ['r is 1 and s is 0', 1n, 0n],
  ]
  return [
    ...pairs.map(([claim, left, right]) => bad(claim, plain({ r: left, s: right }))),
    bad('s + n where s is 1', plain({ r: mod(PLAIN.x, n), s: n + 1n }), 'sOne'),
    bad('r + n where r is x - n', plain({ r: WRAPPED.x, s: 7n }), 'wrapped'),
    bad('r + n where r is small', plain({ r: SMALL.x + n, s: 7n }), 'smallR'),
    bad('the sum is the point at infinity', plain(SIGNED), 'infinity'),
  ]
}

function changedCases(): Case[] {
  const right = plain(SIGNED)
  const doubled = plain(signWith(SECRET, NONCE, digestOf(toBytes(DIGEST, 32))))
  const sizes: readonly (readonly [string, Uint8Array])[] = [
    ['no bytes', Buffer.alloc(0)],
    ['32 bytes', right.subarray(0, 32)],
    ['63 bytes', right.subarray(0, 63)],
    ['65 bytes, a zero behind', Buffer.concat([right, Buffer.of(0)])],
    ['65 bytes, a zero in front', Buffer.concat([Buffer.of(0), right])],
    ['66 bytes, each number a byte longer', wider(SIGNED)],
    ['the signature twice', Buffer.concat([right, right])],
    ['64 zeros', Buffer.alloc(64)],
    ['DER where r and s are expected', der(SIGNED)],
    ['a bit of r changed', flipped(right, 0, 0x80)],
    ['the last bit of r changed', flipped(right, 31)],
    ['a bit of s changed', flipped(right, 32, 0x40)],
    ['the last bit of s changed', flipped(right, 63)],
    ['a signature over the hash of the hash', doubled],
  ]
  const message = hex(flipped(MESSAGE, 0))
  return [
    ...sizes.map(([claim, signature]) => bad(claim, signature)),
    bad('another key', right, 'other'),
    { ...bad('a bit of the message changed', right), message },
    { ...bad('a byte more of the message', right), message: `${hex(MESSAGE)}00` },
    { ...bad('no message', right), message: '' },
    { ...bad('the hash for the message', right), message: hex(toBytes(DIGEST, 32)) },
  ]
}

function wider({ r, s }: Signature): Buffer {
  return Buffer.concat([toBytes(r, 33), toBytes(s, 33)])
}

function derCases(): Case[] {
  const right = der(SIGNED)
  const body = right.subarray(2)
  const r = integer(SIGNED.r)
  const s = integer(SIGNED.s)
  const low = { r: SIGNED.r, s: SIGNED.s > n / 2n ? mod(-SIGNED.s, n) : SIGNED.s }
  const sequence = (...parts: Uint8Array[]): Buffer => {
    const inside = Buffer.concat(parts)
    return Buffer.concat([Buffer.of(0x30, inside.length), inside])
  }
  const broken: readonly (readonly [string, Uint8Array])[] = [
    ['no bytes', Buffer.alloc(0)],
    ['an empty sequence', Buffer.of(0x30, 0)],
    ['r and s side by side', plain(SIGNED)],
    ['a length in the long form', Buffer.concat([Buffer.of(0x30, 0x81, body.length), body])],
    ['an indefinite length', Buffer.concat([Buffer.of(0x30, 0x80), body, Buffer.of(0, 0)])],
    ['a byte behind', Buffer.concat([right, Buffer.of(0)])],
    ['a byte behind, inside the sequence', sequence(body, Buffer.of(0))],
    ['a third number', sequence(r, s, integer(1n))],
    ['one number only', sequence(r)],
    ['the last byte missing', right.subarray(0, -1)],
    ['the sequence shorter than it says', flipped(right, 1)],
    ['a set instead of a sequence', flipped(right, 0)],
    ['an octet string instead of r', sequence(flipped(r, 0, 0x06), s)],
    ['an octet string instead of s', sequence(r, flipped(s, 0, 0x06))],
    ['r with a zero too many', sequence(padded(r), s)],
    ['s with a zero too many', sequence(r, padded(s))],
    ['r of no bytes', sequence(Buffer.of(2, 0), s)],
    ['s of no bytes', sequence(r, Buffer.of(2, 0))],
    ['r is 0', sequence(Buffer.of(2, 1, 0), s)],
    ['s is 0', sequence(r, Buffer.of(2, 1, 0))],
    ['r + n', sequence(integer(SIGNED.r + n), s)],
    ['s + n', sequence(r, integer(SIGNED.s + n))],
    ['r + 2^256', sequence(integer(SIGNED.r + 2n ** 256n), s)],
    ['r is negative', sequence(negative(SIGNED.r), s)],
    ['s is negative', sequence(r, negative(SIGNED.s))],
    ['r of a length in the long form', sequence(longForm(r), s)],
    ['the numbers exchanged', sequence(s, r)],
    ['a bit of s changed', flipped(right, right.length - 1)],
  ]
  const smallSigned = { r: SMALL.x, s: 7n }
  return [
    good('a high bit asks for a leading zero', 'own', SIGNED),
    good('the low s', 'own', low),
    good('the high s', 'own', { r: low.r, s: mod(-low.s, n) }),
    good('numbers of a few bytes', 'smallR', smallSigned),
  ]
    .map((each, at) => {
      const values = [SIGNED, low, { r: low.r, s: mod(-low.s, n) }, smallSigned]
      return { ...each, signature: hex(der(values[at] as Signature)) }
    })
    .concat(broken.map(([claim, signature]) => bad(claim, signature)))
}

function padded(number: Uint8Array): Buffer {
  const digits = number.subarray(2)
  return Buffer.concat([Buffer.of(2, digits.length + 1, 0), digits])
}

function longForm(number: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(2, 0x81), number.subarray(1)])
}

// The same digits without the zero in front, so that the first bit is a sign.
function negative(value: bigint): Buffer {
  const digits = toBytes(value | (1n << 255n), 32)
  return Buffer.concat([Buffer.of(2, digits.length), digits])
}

function invalidKeys(): object[] {
  const point = publicOf(SECRET)
  const right = jwkOf(point)
  const change = (claim: string, changed: Jwk): object => ({ claim, jwk: { ...right, ...changed } })
  const short = toBytes(SMALL.x, 32).subarray(31)
  const { x = '', y = '' } = right
  return [
    change('y one higher', coordinates({ x: point.x, y: point.y + 1n })),
    change('x one higher', coordinates({ x: point.x + 1n, y: point.y })),
    change('x and y exchanged', { x: y, y: x }),
    change('both 0', coordinates({ x: 0n, y: 0n })),
    change('x + p', coordinates({ x: SMALL.x + p, y: SMALL.y })),
    change('x is p', coordinates({ x: p, y: point.y })),
    change('y is p', coordinates({ x: point.x, y: p })),
    change('the highest numbers', coordinates({ x: 2n ** 256n - 1n, y: 2n ** 256n - 1n })),
    change('the generator of secp256k1', {
      x: base64url(fromHex('79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798')),
      y: base64url(fromHex('483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8')),
    }),
    change('x without its leading zeros', { x: base64url(short), y: coordinates(SMALL).y ?? '' }),
    change('x with a zero in front', { x: base64url(toBytes(point.x, 33)) }),
    change('x with a zero behind', {
      x: base64url(Buffer.concat([toBytes(point.x, 32), Buffer.of(0)])),
    }),
    change('x is empty', { x: '' }),
    change('x with a spare bit', { x: spared(x) }),
    change('y with a spare bit', { y: spared(y) }),
    change('x with padding', { x: `${x}=` }),
    change('x in hex', { x: hex(toBytes(point.x, 32)) }),
    change('another curve by name', { crv: 'P-384' }),
    change('secp256k1 by name', { crv: 'secp256k1' }),
    change('another type', { kty: 'OKP' }),
    change('lower-case type', { kty: 'ec' }),
    change('an algorithm beside it', { alg: 'ES256' }),
    change('a kid beside it', { kid: '1' }),
    change('the private number', { d: base64url(toBytes(SECRET, 32)) }),
    { claim: 'no y', jwk: { kty: 'EC', crv: 'P-256', x } },
    { claim: 'no curve', jwk: { kty: 'EC', x, y } },
    { claim: 'no type', jwk: { crv: 'P-256', x, y } },
    { claim: 'no members', jwk: {} },
    { claim: 'x is a number', jwk: { ...right, x: 1 } },
    { claim: 'x is null', jwk: { ...right, x: null } },
    { claim: 'x is an array of the text', jwk: { ...right, x: [x] } },
    { claim: 'an Ed25519 key', jwk: { kty: 'OKP', crv: 'Ed25519', x } },
    { claim: 'an RSA key', jwk: { kty: 'RSA', n: base64url(bytesOf('es256/n', 256)), e: 'AQAB' } },
  ]
}

// Whatever the numbers are, on the curve or not.
function coordinates({ x, y }: Affine): Jwk {
  return { x: base64url(toBytes(x, 32)), y: base64url(toBytes(y, 32)) }
}

// 32 bytes leave two spare bits in the last character.
function spared(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(text.slice(-1))
  assert.equal(last & 3, 0)
  return text.slice(0, -1) + alphabet[last | 1]
}
