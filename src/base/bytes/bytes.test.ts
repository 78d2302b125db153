// Both doors of base/bytes over the same vectors and the same properties.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import * as native from './index.node.ts'
import * as portable from './index.ts'

type Door = typeof portable
type Pair = { readonly text: string; readonly hex: string }
type Refused = { readonly claim: string; readonly text: string }
type Form = { readonly valid: readonly Pair[]; readonly invalid: readonly Refused[] }
type Units = { readonly units: string; readonly hex: string; readonly claim?: string }

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/bytes.json', import.meta.url), 'utf8'),
) as {
  readonly base64url: Form
  readonly base64: Form
  readonly hex: Form
  readonly utf8: {
    readonly valid: readonly Units[]
    readonly invalid: readonly { readonly claim: string; readonly hex: string }[]
    readonly unencodable: readonly Units[]
  }
  readonly latin1: { readonly valid: readonly Units[]; readonly unencodable: readonly Units[] }
  readonly ascii: { readonly valid: readonly Pair[]; readonly invalid: readonly Pair[] }
  readonly numbers: {
    readonly valid: readonly { width: 16 | 32 | 64; value: number; hex: string }[]
    readonly invalid: readonly { claim: string; width: 16 | 32 | 64; hex: string }[]
  }
  readonly order: { readonly bytes: readonly string[]; readonly text: readonly string[] }
}

const doors: readonly (readonly [string, Door])[] = [
  ['portable', portable],
  ['native', native],
]

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const hexOf = (bytes: Uint8Array | null): string | null =>
  bytes && Buffer.from(bytes).toString('hex')
const textOf = (units: string): string =>
  String.fromCharCode(...(units.match(/.{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16)))

test('both doors have the same names', () => {
  assert.deepEqual(Object.keys(native).sort(), Object.keys(portable).sort())
})

for (const [name, door] of doors) {
  const forms = [
    ['base64url', door.base64urlEncode, door.base64urlDecode],
    ['base64', door.base64Encode, door.base64Decode],
    ['hex', door.hexEncode, door.hexDecode],
  ] as const

  for (const [form, encode, decode] of forms) {
    test(`${name}: ${form} has one text for each byte string`, () => {
      for (const { text, hex } of vectors[form].valid) {
        assert.equal(encode(bytesOf(hex)), text)
        assert.equal(hexOf(decode(text)), hex)
      }
      for (const { claim, text } of vectors[form].invalid) assert.equal(decode(text), null, claim)
    })

    test(`${name}: ${form} decodes what it encodes and nothing else`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
          assert.equal(hexOf(decode(encode(bytes))), hexOf(bytes))
        }),
      )
      const near = fc.string({ unit: fc.constantFrom(...'Aa0f9-_+/=\n'.split('')) })
      fc.assert(
        fc.property(near, (text) => {
          const bytes = decode(text)
          if (bytes !== null) assert.equal(encode(bytes), text)
        }),
      )
    })
  }

  test(`${name}: canonical base64url is recognised without decoding`, () => {
    for (const { text } of vectors.base64url.valid) assert.ok(door.base64urlIsCanonical(text), text)
    for (const { claim, text } of vectors.base64url.invalid) {
      assert.equal(door.base64urlIsCanonical(text), false, claim)
    }
  })

  test(`${name}: text of one byte a character goes to base64url and back at once`, () => {
    for (const text of ['', 'a', '{"ledger":"x"}', 'é\u0000\u00ff', 'z'.repeat(70_000)]) {
      const coded = door.latin1ToBase64url(text)
      assert.equal(coded, door.base64urlEncode(door.latin1Encode(text)))
      assert.equal(door.base64urlToLatin1(coded), text)
    }
    assert.throws(() => door.latin1ToBase64url('办'), RangeError)
    for (const { claim, text } of vectors.base64url.invalid) {
      assert.equal(door.base64urlToLatin1(text), null, claim)
    }
  })

  test(`${name}: large texts are judged like small ones`, () => {
    const bytes = new Uint8Array(200_000).map((_, at) => at * 7)
    const text = door.base64urlEncode(bytes)
    assert.ok(door.equal(door.base64urlDecode(text) ?? new Uint8Array(), bytes))
    assert.ok(door.base64urlIsCanonical(text))
    for (const broken of [`${text}=`, `${text.slice(0, -1)}\n`, ` ${text.slice(1)}`]) {
      assert.equal(door.base64urlDecode(broken), null)
      assert.equal(door.base64urlIsCanonical(broken), false)
    }
    const words = '办a'.repeat(50_000)
    assert.equal(door.utf8Decode(door.utf8Encode(words)), words)
    const latin = 'é'.repeat(100_000)
    assert.equal(door.latin1Decode(door.latin1Encode(latin)), latin)
    assert.equal(hexOf(door.hexDecode(door.hexEncode(bytes))), hexOf(bytes))
  })

  test(`${name}: UTF-8 is exact in both directions`, () => {
    for (const { units, hex } of vectors.utf8.valid) {
      assert.equal(hexOf(door.utf8Encode(textOf(units))), hex)
      assert.equal(door.utf8Decode(bytesOf(hex)), textOf(units))
    }
    for (const { claim, hex } of vectors.utf8.invalid) {
      assert.equal(door.utf8Decode(bytesOf(hex)), null, claim)
    }
    for (const { units } of vectors.utf8.unencodable) {
      assert.throws(() => door.utf8Encode(textOf(units)), RangeError)
    }
  })

  test(`${name}: Latin-1 is a byte a character and no more`, () => {
    for (const { units, hex } of vectors.latin1.valid) {
      assert.equal(hexOf(door.latin1Encode(textOf(units))), hex)
      assert.equal(door.latin1Decode(bytesOf(hex)), textOf(units))
    }
    for (const { units } of vectors.latin1.unencodable) {
      assert.throws(() => door.latin1Encode(textOf(units)), RangeError)
    }
    assert.throws(() => door.latin1Encode(`${'a'.repeat(70_000)}\u0100`), RangeError)
  })

  test(`${name}: text is written in place, whole or not at all`, () => {
    const target = new Uint8Array(6)
    door.latin1Write(target, 'a\u00ff', 2)
    door.latin1Write(target, '', 6)
    assert.equal(hexOf(target), '000061ff0000')
    assert.throws(() => door.latin1Write(target, 'abc', 4), RangeError)
    assert.throws(() => door.latin1Write(target, 'a', -1), RangeError)
    assert.throws(() => door.latin1Write(target, 'a\u0100', 0), RangeError)
    assert.equal(hexOf(target), '000061ff0000')
    const inside = new Uint8Array(100).subarray(50)
    door.latin1Write(inside, 'xy', 48)
    assert.equal(door.latin1Decode(inside.subarray(48)), 'xy')
  })

  test(`${name}: only printable ASCII passes as such`, () => {
    for (const { text, hex } of vectors.ascii.valid) {
      assert.equal(door.asciiDecode(bytesOf(hex)), text)
    }
    for (const { hex } of vectors.ascii.invalid) {
      assert.equal(door.asciiDecode(bytesOf(hex)), null, hex)
    }
  })

  test(`${name}: numbers keep their width and their exactness`, () => {
    const write = { 16: door.u16be, 32: door.u32be, 64: door.u64be }
    const read = { 16: door.readU16be, 32: door.readU32be, 64: door.readU64be }
    for (const { width, value, hex } of vectors.numbers.valid) {
      assert.equal(hexOf(write[width](value)), hex)
      assert.equal(read[width](bytesOf(`ffff${hex}ff`), 2), value)
    }
    for (const { claim, width, hex } of vectors.numbers.invalid) {
      assert.throws(() => read[width](bytesOf(hex), 0), RangeError, claim)
    }
    for (const value of [-1, 0.5, NaN, 2 ** 53, 2 ** 64]) {
      for (const width of [16, 32, 64] as const) {
        assert.throws(() => write[width](value), { name: 'Defect' })
      }
    }
    assert.throws(() => door.u16be(65_536), { name: 'Defect' })
    assert.throws(() => door.u32be(2 ** 32), { name: 'Defect' })
    assert.throws(() => door.readU32be(new Uint8Array(8), 5), RangeError)
    assert.throws(() => door.readU32be(new Uint8Array(8), -1), RangeError)
  })

  test(`${name}: bytes and texts have the order of the vectors`, () => {
    const bytes = vectors.order.bytes.map(bytesOf)
    const texts = vectors.order.text.map(textOf)
    for (const [left, a] of bytes.entries()) {
      for (const [right, b] of bytes.entries()) {
        assert.equal(door.compare(a, b), Math.sign(left - right))
        assert.equal(door.equal(a, b.slice()), left === right)
      }
    }
    for (const [left, a] of texts.entries()) {
      for (const [right, b] of texts.entries()) {
        assert.equal(door.compareText(a, b), Math.sign(left - right))
      }
    }
  })

  test(`${name}: results are plain arrays over memory of their own`, () => {
    const results = [
      door.utf8Encode('abc'),
      door.latin1Encode('abc'),
      door.base64urlDecode('YWJj'),
      door.base64Decode('YWJj'),
      door.hexDecode('616263'),
      door.concat([bytesOf('6162'), bytesOf('63')]),
      door.u32be(1),
      door.base64urlDecode('A'.repeat(2_000)),
      door.utf8Encode('a'.repeat(3_000)),
    ]
    for (const bytes of results) {
      assert.ok(bytes !== null)
      assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype)
      assert.equal(bytes.buffer.byteLength, bytes.length)
    }
  })

  test(`${name}: one result does not change when the next is made`, () => {
    const first = door.base64urlDecode('AAECAw')
    const second = door.utf8Encode('zzzz')
    door.latin1Encode('yyyy')
    assert.equal(hexOf(first), '00010203')
    assert.equal(hexOf(second), '7a7a7a7a')
  })
}

test('both doors agree on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 150 }), fc.uint8Array({ maxLength: 150 }), (a, b) => {
      assert.equal(native.utf8Decode(a), portable.utf8Decode(a))
      assert.equal(native.asciiDecode(a), portable.asciiDecode(a))
      assert.equal(native.latin1Decode(a), portable.latin1Decode(a))
      assert.equal(native.base64Encode(a), portable.base64Encode(a))
      assert.equal(native.compare(a, b), portable.compare(a, b))
      assert.equal(native.equal(a, b), portable.equal(a, b))
    }),
    { numRuns: 1_000 },
  )
})

test('both doors agree on bytes that are nearly UTF-8', () => {
  const piece = fc.constantFrom(...'61 80 bf c0 c2 df e0 ed ef f0 f4 f5 9f a0 90'.split(' '))
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const bytes = bytesOf(pieces.join(''))
      assert.equal(native.utf8Decode(bytes), portable.utf8Decode(bytes))
    }),
    { numRuns: 5_000 },
  )
})

test('both doors agree on any text', () => {
  const text = fc.string({ unit: 'binary', maxLength: 100 })
  fc.assert(
    fc.property(text, (value) => {
      assert.deepEqual(native.utf8Encode(value), portable.utf8Encode(value))
      assert.deepEqual(native.base64urlDecode(value), portable.base64urlDecode(value))
      assert.deepEqual(native.base64Decode(value), portable.base64Decode(value))
      assert.deepEqual(native.hexDecode(value), portable.hexDecode(value))
      assert.equal(native.utf8Decode(native.utf8Encode(value)), value)
    }),
    { numRuns: 1_000 },
  )
})
