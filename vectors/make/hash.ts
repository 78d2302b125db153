// Cases for hashes: SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104).
import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { createHash, createHmac } from 'node:crypto'
import { bytesOf, fromHex, hex, units, utf8 } from './material.ts'

// FIPS 180-4's own examples, by which the machine that writes this file is checked.
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
const TWO_BLOCKS = '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'
// RFC 4231 §4.3 (test case 2).
const JEFE = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'

export function hashFile(): object {
  return { sha256: sha256Cases(), sha256Text: textCases(), hmacSha256: hmacCases() }
}

function sha256Cases(): object[] {
  const twoBlocks = utf8('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')
  const cases = [
    { claim: 'nothing', message: Buffer.alloc(0) },
    { claim: 'FIPS 180-4, one block', message: utf8('abc') },
    { claim: 'FIPS 180-4, two blocks', message: twoBlocks },
    ...[1, 31, 32, 33, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1000].map((size) => ({
      claim: `${size} bytes`,
      message: bytesOf(`hash/${size}`, size),
    })),
  ]
  const found = cases.map(({ claim, message }) => ({
    claim,
    message: hex(message),
    digest: createHash('sha256').update(message).digest('hex'),
  }))
  assert.equal(found[1]?.digest, ABC)
  assert.equal(found[2]?.digest, TWO_BLOCKS)
  return found
}

function textCases(): object[] {
  return ['', 'abc', '北京市民政局', 'a\u{1f600}', '\ufeff', 'é'.repeat(40)].map((text) => {
    const digest = createHash('sha256').update(utf8(text)).digest()
    return { units: units(text), hex: hex(digest), base64url: digest.toString('base64url') }
  })
}

function hmacCases(): object[] {
  // RFC 4231 §4.2 to §4.8, without the truncated case.
  const cases: readonly (readonly [string, Buffer, Buffer])[] = [
    ['RFC 4231 case 1', fromHex('0b'.repeat(20)), utf8('Hi There')],
    ['RFC 4231 case 2', utf8('Jefe'), utf8('what do ya want for nothing?')],
    ['RFC 4231 case 3', fromHex('aa'.repeat(20)), fromHex('dd'.repeat(50))],
    [
      'RFC 4231 case 4',
      Buffer.from([...Array(25).keys()].map((at) => at + 1)),
      fromHex('cd'.repeat(50)),
    ],
    [
      'RFC 4231 case 6, a key longer than a block',
      fromHex('aa'.repeat(131)),
      utf8('Test Using Larger Than Block-Size Key - Hash Key First'),
    ],
    ['an empty message', bytesOf('hmac/key'), Buffer.alloc(0)],
    ['a key of one block', bytesOf('hmac/64', 64), utf8('x')],
    ['a key of one block and a byte', bytesOf('hmac/65', 65), utf8('x')],
    ['an empty key', Buffer.alloc(0), utf8('x')],
  ]
  const found = cases.map(([claim, key, message]) => ({
    claim,
    key: hex(key),
    message: hex(message),
    mac: createHmac('sha256', key).update(message).digest('hex'),
  }))
  assert.equal(found[1]?.mac, JEFE)
  return found
}
