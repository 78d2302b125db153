// Cases for RS256: keys, and signatures over blocks that are right or wrong in one point
// (RFC 8017 §8.2.2 and §9.2).
import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { base64url, bytesOf, flipped, fromHex, hex, toBytes, toNumber, utf8 } from './material.ts'
import { jwkOf, open, rsaKey, sizeOf } from './rsa.ts'
import type { Jwk, RsaKey } from './rsa.ts'

type Case = {
  readonly claim: string
  readonly key: string
  readonly message: string
  readonly signature: string
  readonly valid: boolean
}

const MESSAGE = utf8('an approval')
const DIGEST = createHash('sha256').update(MESSAGE).digest()
// RFC 8017 §9.2 note 1.
const INFO = fromHex('3031300d060960864801650304020105000420')
const WITHOUT_NULL = fromHex('302f300b0609608648016503040201' + '0420')
const SHA1_INFO = fromHex('3021300906052b0e03021a05000414')
const SHA512_INFO = fromHex('3051300d060960864801650304020305000440')

const OWN = rsaKey('own', 2048)
const OTHER = rsaKey('other', 2048)
const LARGER: Readonly<Record<string, RsaKey>> = {
  bits2049: rsaKey('2049', 2049),
  bits3072: rsaKey('3072', 3072),
  bits4096: rsaKey('4096', 4096),
}

// RFC 7515 appendix A.2.
const RFC_7515_KEY: Jwk = {
  kty: 'RSA',
  n:
    'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4' +
    'd4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5re' +
    'xMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxX' +
    'FvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
  e: 'AQAB',
}
const RFC_7515_INPUT =
  'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlL' +
  'mNvbS9pc19yb290Ijp0cnVlfQ'
const RFC_7515_SIGNATURE = Buffer.from(
  'cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5' +
    'jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb' +
    '1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO' +
    'YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw',
  'base64url',
)

export function rs256File(): object {
  const larger = Object.entries(LARGER).map(([name, key]) => [name, jwkOf(key)] as const)
  return {
    keys: {
      own: jwkOf(OWN),
      other: jwkOf(OTHER),
      ...Object.fromEntries(larger),
      rfc7515: RFC_7515_KEY,
    },
    invalidKeys: invalidKeys(),
    signatures: [...valid(), ...blocks(), ...changed()],
  }
}

function of(claim: string, signature: Uint8Array, isValid: boolean, key = 'own'): Case {
  return { claim, key, message: hex(MESSAGE), signature: hex(signature), valid: isValid }
}

/** EMSA-PKCS1-v1_5 around any content. */
function blockOf(content: Uint8Array, size = 256): Buffer {
  const padding = Buffer.alloc(size - content.length - 3, 0xff)
  return Buffer.concat([Buffer.of(0, 1), padding, Buffer.of(0), content])
}

const CONTENT = Buffer.concat([INFO, DIGEST])
const RIGHT = open(OWN, blockOf(CONTENT))

function valid(): Case[] {
  const native = createPublicKey({ key: { ...jwkOf(OWN) }, format: 'jwk' })
  assert.ok(verify('sha256', MESSAGE, native, RIGHT))
  const empty = createHash('sha256').update('').digest()
  return [
    {
      ...of('RFC 7515 appendix A.2', RFC_7515_SIGNATURE, true, 'rfc7515'),
      message: standardInput(),
    },
    of('2048 bits', RIGHT, true),
    ...Object.entries(LARGER).map(([name, key]) =>
      of(name, open(key, blockOf(CONTENT, sizeOf(key))), true, name),
    ),
    {
      ...of('an empty message', open(OWN, blockOf(Buffer.concat([INFO, empty]))), true),
      message: '',
    },
  ]
}

const standardInput = (): string => hex(utf8(RFC_7515_INPUT))

// Each is signed by the right key; only the block is wrong.
function blocks(): Case[] {
  const right = blockOf(CONTENT)
  const sha1 = createHash('sha1').update(MESSAGE).digest()
  const sha512 = createHash('sha512').update(MESSAGE).digest()
  const garbage = bytesOf('rs256/garbage', 150)
  const shortPadding = Buffer.concat([
    Buffer.of(0, 1),
    Buffer.alloc(8, 0xff),
    Buffer.of(0),
    CONTENT,
  ])
  const wrong: readonly (readonly [string, Buffer])[] = [
    ['DigestInfo without NULL', blockOf(Buffer.concat([WITHOUT_NULL, DIGEST]))],
    ['the bare hash', blockOf(DIGEST)],
    ['SHA-1 named and used', blockOf(Buffer.concat([SHA1_INFO, sha1]))],
    ['SHA-512 named and used', blockOf(Buffer.concat([SHA512_INFO, sha512]))],
    ['SHA-512 named, SHA-256 used', blockOf(Buffer.concat([SHA512_INFO, DIGEST]))],
    ['garbage behind short padding', Buffer.concat([shortPadding, garbage]).subarray(0, 256)],
    [
      'garbage in the parameters',
      blockOf(
        Buffer.concat([fromHex('3041300d06096086480165030402010500'), garbage.subarray(0, 16)]),
      ),
    ],
    ['a zero behind', Buffer.concat([blockOf(CONTENT, 255), Buffer.of(0)])],
    ['block type 0', flipped(right, 1)],
    ['block type 2', flipped(right, 1, 3)],
    ['a first byte that is not 0', flipped(right, 0)],
    ['one padding byte that is not FF', flipped(right, 100)],
    ['the last padding byte 0', flipped(right, 203, 0xff)],
    ['no zero before the content', flipped(right, 204, 0xff)],
    ['a length in the long form', blockOf(longForm())],
    ['the hash of another message', blockOf(Buffer.concat([INFO, createHash('sha256').digest()]))],
    ['a bit of the hash changed', flipped(right, 255)],
    ['the hash cut by a byte', blockOf(CONTENT.subarray(0, -1))],
    ['PSS', pss()],
    ['nothing but the padding', Buffer.concat([Buffer.of(0, 1), Buffer.alloc(254, 0xff)])],
  ]
  return wrong.map(([claim, block]) => of(claim, open(OWN, block), false))
}

// The outer length as 81 31 instead of 31.
function longForm(): Buffer {
  return Buffer.concat([Buffer.of(0x30, 0x81), CONTENT.subarray(1)])
}

/** EMSA-PSS of the message (RFC 8017 §9.1.1), salt of 32 bytes. */
function pss(): Buffer {
  const salt = bytesOf('rs256/salt')
  const h = createHash('sha256').update(Buffer.alloc(8)).update(DIGEST).update(salt).digest()
  const data = Buffer.concat([Buffer.alloc(190), Buffer.of(1), salt])
  const mask: Buffer[] = []
  for (let count = 0; count < 7; count += 1) {
    mask.push(
      createHash('sha256')
        .update(h)
        .update(Buffer.of(0, 0, 0, count))
        .digest(),
    )
  }
  const spread = Buffer.concat(mask)
  const masked = data.map((byte, at) => byte ^ (spread[at] ?? 0))
  masked[0] = (masked[0] ?? 0) & 0x7f
  return Buffer.concat([masked, h, Buffer.of(0xbc)])
}

function changed(): Case[] {
  const { n } = OWN
  const s = toNumber(RIGHT)
  const message = hex(flipped(MESSAGE, 0))
  const cases: readonly (readonly [string, Buffer])[] = [
    ['no bytes', Buffer.alloc(0)],
    ['255 bytes', RIGHT.subarray(0, 255)],
    ['257 bytes, a zero in front', Buffer.concat([Buffer.of(0), RIGHT])],
    ['257 bytes, a zero behind', Buffer.concat([RIGHT, Buffer.of(0)])],
    ['s + n', toBytes(s + n, s + n < 2n ** 2048n ? 256 : 257)],
    ['s is 0', toBytes(0n, 256)],
    ['s is 1', toBytes(1n, 256)],
    ['s is n - 1', toBytes(n - 1n, 256)],
    ['s is n', toBytes(n, 256)],
    ['s is n + 1', toBytes(n + 1n, 256)],
    ['the highest number', Buffer.alloc(256, 0xff)],
    ['n - s', toBytes(n - s, 256)],
    ['a bit of s changed', flipped(RIGHT, 255)],
    ['the block itself', blockOf(CONTENT)],
  ]
  return [
    ...cases.map(([claim, signature]) => of(claim, signature, false)),
    wrapping(),
    of('another key', RIGHT, false, 'other'),
    { ...of('a bit of the message changed', RIGHT, false), message },
    { ...of('no message', RIGHT, false), message: '' },
  ]
}

/** s + n in the same 256 bytes: a second spelling that only the check against n refuses. */
function wrapping(): Case {
  for (let count = 0; ; count += 1) {
    const message = utf8(`an approval ${count}`)
    const digest = createHash('sha256').update(message).digest()
    const s = toNumber(open(OWN, blockOf(Buffer.concat([INFO, digest]))))
    if (s + OWN.n >= 2n ** 2048n) continue
    const claim = 's + n in as many bytes'
    return { ...of(claim, toBytes(s + OWN.n, 256), false), message: hex(message) }
  }
}

function invalidKeys(): object[] {
  const right = jwkOf(OWN)
  const whole = toBytes(OWN.n, 256)
  const n = right['n'] ?? ''
  const change = (claim: string, changed: Jwk): object => ({ claim, jwk: { ...right, ...changed } })
  return [
    { claim: '1024 bits', jwk: jwkOf(rsaKey('1024', 1024)) },
    { claim: '2047 bits', jwk: jwkOf(rsaKey('2047', 2047)) },
    { claim: '4097 bits', jwk: jwkOf({ ...OWN, n: 2n ** 4096n + OWN.n }) },
    change('exponent 3', { e: 'Aw' }),
    change('exponent 1', { e: 'AQ' }),
    change('exponent 65539', { e: 'AQAD' }),
    change('exponent with zeros in front', { e: 'AAEAAQ' }),
    change('an empty exponent', { e: '' }),
    change('an even modulus', { n: base64url(flipped(whole, 255)) }),
    change('a modulus of 2048 bits and a zero in front', {
      n: base64url(Buffer.concat([Buffer.of(0), whole])),
    }),
    change('a modulus of zeros', { n: base64url(Buffer.alloc(256)) }),
    change('an empty modulus', { n: '' }),
    change('a modulus with padding', { n: `${n}==` }),
    change('a modulus with a spare bit', { n: spared(n) }),
    change('a modulus of 5,000 characters', { n: 'A'.repeat(5_000) }),
    change('another type', { kty: 'EC' }),
    change('an algorithm beside it', { alg: 'RS256' }),
    change('the private exponent', { d: base64url(toBytes(OWN.d, 256)) }),
    { claim: 'no exponent', jwk: { kty: 'RSA', n } },
    { claim: 'no modulus', jwk: { kty: 'RSA', e: 'AQAB' } },
    { claim: 'the exponent is a number', jwk: { ...right, e: 65_537 } },
    { claim: 'a P-256 key', jwk: { kty: 'EC', crv: 'P-256', x: n, y: n } },
  ]
}

// 256 bytes end in a group of one byte, which leaves four spare bits.
function spared(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(text.slice(-1))
  assert.equal(last & 15, 0)
  return text.slice(0, -1) + alphabet[last | 1]
}
