// Status lists against the published vectors of the draft, and our own tokens under jose.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { deflateSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { CompactSign, compactVerify } from 'jose'
import { importPublicKey } from '#base/crypto'
import type { PublicKey } from '#base/crypto'
import { utf8Encode } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import { statusFromList, statusIn, statusListPayload, unpack } from './status-list.ts'
import type { StatusWidth, Zlib } from './status-list.ts'

const zlib: Zlib = {
  deflate: (bytes) => new Uint8Array(deflateSync(bytes, { level: 9 })),
  inflate: (bytes, maxOutputLength) => {
    try {
      return new Uint8Array(inflateSync(bytes, { maxOutputLength }))
    } catch {
      return null
    }
  },
}

// draft-ietf-oauth-status-list §4.2 and appendix C: every entry that is not named is 0.
const vectors: readonly {
  readonly bits: StatusWidth
  readonly lst: string
  readonly size: number
  readonly set: readonly (readonly [number, number])[]
}[] = [
  {
    bits: 1,
    lst: 'eNrbuRgAAhcBXQ',
    size: 16,
    set: [0, 3, 4, 5, 7, 8, 9, 13, 15].map((index) => [index, 1] as const),
  },
  {
    bits: 2,
    lst: 'eNo76fITAAPfAgc',
    size: 12,
    set: [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3].map((status, index) => [index, status] as const),
  },
  {
    bits: 1,
    lst:
      'eNrt3AENwCAMAEGogklACtKQPg9LugC9k_ACvreiogE' +
      'AAKkeCQAAAAAAAAAAAAAAAAAAAIBylgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
      'AAAAAAAAAAAAAAAAAAAXG9IAAAAAAAAAPwsJAAAAAAAAAAAAAAAvhsSAAAAAAAAAAA' +
      'A7KpLAAAAAAAAAAAAAAAAAAAAAJsLCQAAAAAAAAAAADjelAAAAAAAAAAAKjDMAQAAA' +
      'ACAZC8L2AEb',
    size: 2 ** 20,
    set: [
      0, 1_993, 25_460, 159_495, 495_669, 554_353, 645_645, 723_232, 854_545, 934_534, 1_000_345,
    ].map((index) => [index, 1] as const),
  },
  {
    bits: 2,
    lst:
      'eNrt2zENACEQAEEuoaBABP5VIO01fCjIHTMStt9ovGVIAAAAAABAbiEBAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
      'AAAAAAAAAAAAAEB5WwIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAID0ugQAAAAAAAAAAAAAAAAAQG12SgAAAAAAAAAAAAAA' +
      'AAAAAAAAAAAAAOCSIQEAAAAAAAAAAAAAAAAAAAAAAAD8ExIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
      'AAAAwJEuAQAAAAAAAAAAAAAAAAAAAAAAAMB9SwIAAAAAAAAAAAAAAAAAAACoYUoAAAAAAAAAAAAAAEBqH81g' +
      'AQw',
    size: 2 ** 20,
    set: [
      [0, 1],
      [1_993, 2],
      [25_460, 1],
      [159_495, 3],
      [495_669, 1],
      [554_353, 1],
      [645_645, 2],
      [723_232, 1],
      [854_545, 1],
      [934_534, 2],
      [1_000_345, 3],
    ],
  },
]

test('the vectors of the draft read as published, and nothing else is set', () => {
  for (const { bits, lst, size, set } of vectors) {
    const list = unpack({ bits, lst }, zlib)
    assert(list !== null)
    assert.equal((list.bytes.length * 8) / bits, size)
    for (const [index, status] of set) assert.equal(statusIn(list.bytes, bits, index), status)
    const named = new Map(set)
    let others = 0
    for (let index = 0; index < size; index += 1) {
      if ((statusIn(list.bytes, bits, index) ?? 1) !== (named.get(index) ?? 0)) others += 1
    }
    assert.equal(others, 0)
    assert.equal(statusIn(list.bytes, bits, size), undefined)
    assert.equal(statusIn(list.bytes, bits, -1), undefined)
  }
})

test('a list of two bits reads back what was put in at every place', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
      const list = unpack(
        { bits: 2, lst: Buffer.from(zlib.deflate(bytes)).toString('base64url') },
        zlib,
      )
      assert(list !== null)
      for (let index = 0; index < bytes.length * 4; index += 1) {
        const byte = bytes[index >> 2] ?? 0
        assert.equal(statusIn(list.bytes, 2, index), (byte >> (2 * (index & 3))) & 3)
      }
    }),
    { numRuns: 50 },
  )
})

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const { x, y } = publicKey.export({ format: 'jwk' }) as { readonly x: string; readonly y: string }
const key = importPublicKey('ES256', { kty: 'EC', crv: 'P-256', x, y }) as PublicKey
const uri = 'https://city.example/one/statuslists/land/0'
const asOf = 1_790_000_000_000
const question = { uri, index: 5, key, nowMs: asOf + 1_000 }

function sign(payload: string, typ: string = 'statuslist+jwt'): Promise<string> {
  return new CompactSign(utf8Encode(payload))
    .setProtectedHeader({ alg: 'ES256', kid: 'k', typ })
    .sign(privateKey)
}

function payloadOf(bytes: Uint8Array): string {
  return statusListPayload({ uri, bytes, asOf, ttl: 300, lifetime: 86_400 }, zlib)
}

test('our token holds for jose, and answers only to its own address, in its time', async () => {
  const bytes = new Uint8Array(64)
  bytes[1] = 0b1000 // Index 5 has the bits 2 and 3 of the second byte.
  const token = await sign(payloadOf(bytes))
  const { payload } = await compactVerify(token, publicKey)
  const { sub, ttl } = JSON.parse(Buffer.from(payload).toString()) as { sub: string; ttl: number }
  assert.deepEqual([sub, ttl], [uri, 300])
  assert.deepEqual(statusFromList(token, question, zlib), { status: 2, asOf })
  const code = (more: object, text: string = token): string => {
    const read = statusFromList(text, { ...question, ...more }, zlib)
    return isRefusal(read) ? read.code : 'ok'
  }
  assert.equal(code({ uri: `${uri}1` }), 'certificates/other-status-list')
  assert.equal(code({ index: 256 }), 'certificates/index-out-of-range')
  assert.equal(code({ nowMs: asOf + 86_400_000 }), 'certificates/status-list-expired')
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
  const { x: ox = '', y: oy = '' } = other.export({ format: 'jwk' })
  const otherKey = importPublicKey('ES256', { kty: 'EC', crv: 'P-256', x: ox, y: oy })
  assert.equal(code({ key: otherKey }), 'certificates/bad-signature')
  assert.equal(code({}, await sign(payloadOf(bytes), 'jwt')), 'certificates/wrong-typ')
  const bomb = zlib.deflate(new Uint8Array(2 ** 21))
  const lst = Buffer.from(bomb).toString('base64url')
  const list = JSON.stringify({ sub: uri, iat: 1, status_list: { bits: 2, lst } })
  assert.equal(code({}, await sign(list)), 'certificates/malformed-status-list')
})
