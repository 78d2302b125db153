// GB 18030 both ways: what decodes is encoded to the same bytes, and nothing is replaced.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { gbDecode, gbEncode } from './gb18030.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

test('rare characters of names have the bytes that the standard gives them', () => {
  const known: readonly (readonly [string, string])[] = [
    ['中', 'd6d0'],
    ['䶮', 'fe9f'],
    ['\u9fb4', 'fe59'],
    ['\u{20087}', '95329031'],
    ['€', 'a2e3'],
    ['A', '41'],
    ['é', 'a8a6'],
  ]
  for (const [text, hex] of known) {
    assert.equal(Buffer.from(gbEncode(text) as Uint8Array).toString('hex'), hex, text)
    assert.equal(gbDecode(bytes(hex)), text)
  }
})

test('every two-byte sequence either decodes and comes back, or is refused at its offset', () => {
  let refused = 0
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      const pair = Uint8Array.of(lead, trail)
      const text = gbDecode(pair)
      if (typeof text === 'number') refused += 1
      else assert.deepEqual(gbEncode(text), pair)
    }
  }
  // 126 sequences end in 0x7f, and A3A0 is a second form of the ideographic space.
  assert.equal(refused, 127)
})

test('every four-byte sequence of the BMP comes back, but for forms of before 2022', () => {
  let older = 0
  for (let at = 0; at < 39_420; at += 1) {
    const [low, mid] = [Math.floor(at / 10), Math.floor(at / 1260)]
    const quad = Uint8Array.of(
      0x81 + Math.floor(mid / 10),
      0x30 + (mid % 10),
      0x81 + (low % 126),
      0x30 + (at % 10),
    )
    const text = gbDecode(quad)
    if (typeof text === 'number') assert.equal(Buffer.from(quad).toString('hex'), '8431a437')
    else if (Buffer.compare(gbEncode(text) as Uint8Array, quad) !== 0) older += 1
  }
  assert.equal(older, 18)
  assert.equal(gbDecode(bytes('82359037')), '\u9fb4')
})

test('any text without lone surrogates comes back unless a character has no form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const encoded = gbEncode(text)
      if (typeof encoded === 'number') return true
      return gbDecode(encoded) === text
    }),
    { numRuns: 500 },
  )
})

test('bytes are refused where they stop being characters, never replaced', () => {
  const bad = ['80', 'ff', 'd6', '8130', '81308130', '813081', 'a37f', 'd6d0ff', 'fe39ffff']
  const at = bad.map((hex) => gbDecode(bytes(hex)))
  assert.deepEqual(at, [0, 0, 0, 0, '\u0080', 0, 0, 2, 0])
  assert.equal(gbEncode('a\ud800b'), 1)
})

test('what decodes as the platform decodes it is the same text', () => {
  const platform = new TextDecoder('gb18030', { fatal: true })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (input) => {
      const text = gbDecode(input)
      return typeof text === 'number' || text === platform.decode(input)
    }),
    { numRuns: 500 },
  )
})
