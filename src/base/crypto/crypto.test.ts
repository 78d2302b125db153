// Both doors of base/crypto over the same vectors: every key and every signature has one verdict.
import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import * as nodeCrypto from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { calculateJwkThumbprint } from 'jose'
import * as native from './index.node.ts'
import * as portable from './index.ts'
import type { Algorithm, PublicJwk, PublicKey } from './index.ts'

type Door = typeof portable
type Signed = {
  readonly claim: string
  readonly key: string
  readonly message: string
  readonly signature: string
  readonly valid: boolean
}
type SignatureFile = {
  readonly keys: Readonly<Record<string, PublicJwk>>
  readonly invalidKeys: readonly { readonly claim: string; readonly jwk: PublicJwk }[]
  readonly signatures: readonly Signed[]
  readonly derSignatures?: readonly Signed[]
}

const read = <File>(name: string): File =>
  JSON.parse(
    readFileSync(new URL(`../../../vectors/${name}.json`, import.meta.url), 'utf8'),
  ) as File
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const textOf = (units: string): string =>
  String.fromCharCode(...(units.match(/.{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16)))

const doors: readonly (readonly [string, Door])[] = [
  ['portable', portable],
  ['native', native],
]
const files: readonly (readonly [Algorithm, SignatureFile])[] = [
  ['ES256', read('es256')],
  ['RS256', read('rs256')],
  ['Ed25519', read('ed25519')],
]
const hashes = read<{
  readonly sha256: readonly { claim: string; message: string; digest: string }[]
  readonly sha256Text: readonly { units: string; hex: string; base64url: string }[]
  readonly hmacSha256: readonly { claim: string; key: string; message: string; mac: string }[]
}>('hash')
const thumbprints = read<{
  readonly valid: readonly { claim: string; jwk: PublicJwk; thumbprint: string }[]
}>('thumbprint').valid

test('both doors have the same names', () => {
  assert.deepEqual(Object.keys(native).sort(), Object.keys(portable).sort())
})

function imported(door: Door, alg: Algorithm, jwk: PublicJwk | undefined): PublicKey {
  assert.ok(jwk)
  const key = door.importPublicKey(alg, jwk)
  assert.ok(key)
  return key
}

for (const [name, door] of doors) {
  for (const [alg, file] of files) {
    test(`${name}: an ${alg} key is taken exactly as the vectors say`, () => {
      for (const [label, jwk] of Object.entries(file.keys)) {
        const key = door.importPublicKey(alg, jwk)
        assert.ok(key !== null, label)
        assert.equal(key.alg, alg)
        assert.deepEqual(key.jwk, jwk)
        assert.ok(Object.isFrozen(key) && Object.isFrozen(key.jwk))
        for (const [other] of files) {
          if (other !== alg) assert.equal(door.importPublicKey(other, jwk), null)
        }
      }
      for (const { claim, jwk } of file.invalidKeys) {
        assert.equal(door.importPublicKey(alg, jwk), null, claim)
      }
    })

    test(`${name}: an ${alg} signature has the verdict of the vectors`, () => {
      const keys = new Map<string, PublicKey>()
      for (const [label, jwk] of Object.entries(file.keys)) {
        keys.set(label, imported(door, alg, jwk))
      }
      for (const { claim, key, message, signature, valid } of file.signatures) {
        const found = keys.get(key)
        assert.ok(found)
        const verdict = door.verifySignature(found, bytesOf(message), bytesOf(signature))
        assert.equal(verdict, valid, claim)
      }
      for (const { claim, key, message, signature, valid } of file.derSignatures ?? []) {
        const found = keys.get(key)
        assert.ok(found)
        const verdict = door.verifyDer(found, bytesOf(message), bytesOf(signature))
        assert.equal(verdict, valid, claim)
      }
    })
  }

  test(`${name}: hashes are those of the vectors`, () => {
    for (const { claim, message, digest } of hashes.sha256) {
      const bytes = bytesOf(message)
      assert.equal(hexOf(door.sha256(bytes)), digest, claim)
      assert.equal(door.sha256Text(bytes, 'hex'), digest, claim)
      assert.equal(hexOf(Buffer.from(door.sha256Text(bytes, 'latin1'), 'latin1')), digest, claim)
    }
    for (const { units, hex, base64url } of hashes.sha256Text) {
      const text = textOf(units)
      assert.equal(hexOf(door.sha256(text)), hex)
      assert.equal(door.sha256Text(text, 'hex'), hex)
      assert.equal(door.sha256Text(text, 'base64url'), base64url)
    }
    for (const { claim, key, message, mac } of hashes.hmacSha256) {
      assert.equal(hexOf(door.hmacSha256(bytesOf(key), bytesOf(message))), mac, claim)
    }
  })

  test(`${name}: a hash is a plain array, and a slice of one is hashed alike`, () => {
    const hash = door.sha256('abc')
    assert.equal(Object.getPrototypeOf(hash), Uint8Array.prototype)
    const whole = new Uint8Array(200).map((_, at) => at)
    for (const [from, to] of [
      [0, 64],
      [3, 35],
      [1, 200],
    ] as const) {
      const slice = whole.subarray(from, to)
      assert.deepEqual(door.sha256(slice), portable.sha256(slice.slice()))
    }
  })

  test(`${name}: a text with a lone surrogate has no hash and no signature`, () => {
    const jwk = files[0]?.[1].keys['own']
    const key = imported(door, 'ES256', jwk)
    assert.throws(() => door.sha256('\ud800'), RangeError)
    assert.throws(() => door.sha256Text('\ud800', 'hex'), RangeError)
    assert.throws(() => door.verifySignature(key, '\ud800', new Uint8Array(64)), RangeError)
    assert.throws(() => door.verifySignature(key, '\ud800', new Uint8Array(0)), RangeError)
  })

  test(`${name}: a message as text verifies as its UTF-8`, () => {
    const key = imported(door, 'ES256', files[0]?.[1].keys['rfc6979'])
    const sample = files[0]?.[1].signatures.find(({ claim }) => claim.includes('"sample"'))
    assert.ok(sample)
    assert.ok(door.verifySignature(key, 'sample', bytesOf(sample.signature)))
    assert.equal(door.verifySignature(key, 'Sample', bytesOf(sample.signature)), false)
  })

  test(`${name}: DER is for ES256 only`, () => {
    const file = files[1]?.[1]
    const key = imported(door, 'RS256', file?.keys['own'])
    const signed = file?.signatures.find(({ valid, key: label }) => valid && label === 'own')
    assert.ok(signed)
    assert.equal(door.verifyDer(key, bytesOf(signed.message), bytesOf(signed.signature)), false)
  })

  test(`${name}: thumbprints are those of RFC 7638`, () => {
    for (const { claim, jwk, thumbprint } of thumbprints) {
      assert.equal(door.thumbprint(jwk), thumbprint, claim)
      const entries = [...Object.entries(jwk), ['kid', 'x'] as const].toReversed()
      assert.equal(door.thumbprint(Object.fromEntries(entries) as PublicJwk), thumbprint, claim)
    }
  })

  test(`${name}: comparison in constant time is comparison`, () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        assert.equal(door.constantTimeEqual(a, b), hexOf(a) === hexOf(b))
        assert.ok(door.constantTimeEqual(a, a.slice()))
      }),
    )
  })

  test(`${name}: a suite is found by its name only`, () => {
    assert.equal(door.suiteOf('p256-sha256'), door.suites['p256-sha256'])
    assert.equal(door.suites['p256-sha256'].command, 'ES256')
    for (const id of ['', 'P256-SHA256', 'toString', '__proto__', 'sm2-sm3']) {
      assert.equal(door.suiteOf(id), null)
    }
  })
}

test('thumbprints are those of another library', async () => {
  for (const [, file] of files) {
    for (const jwk of Object.values(file.keys)) {
      assert.equal(native.thumbprint(jwk), await calculateJwkThumbprint({ ...jwk }))
    }
  }
})

test('both doors agree on any signature bytes', () => {
  for (const [alg, file] of files) {
    const key = {
      native: imported(native, alg, file.keys['own']),
      portable: imported(portable, alg, file.keys['own']),
    }
    const signed = file.signatures.find(({ valid, key: label }) => valid && label === 'own')
    assert.ok(signed)
    const right = bytesOf(signed.signature)
    const message = bytesOf(signed.message)
    const bit = fc.nat({ max: right.length * 8 - 1 })
    fc.assert(
      fc.property(bit, fc.uint8Array({ minLength: 60, maxLength: 70 }), (at, bytes) => {
        const changed = right.slice()
        changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7))
        assert.equal(native.verifySignature(key.native, message, changed), false)
        assert.equal(portable.verifySignature(key.portable, message, changed), false)
        assert.equal(native.verifySignature(key.native, message, bytes), false)
        assert.equal(native.verifyDer(key.native, message, bytes), false)
      }),
      { numRuns: 30 },
    )
  }
})

test('fresh signatures of Node verify behind both doors', () => {
  const pair = nodeCrypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kty, crv, x, y } = pair.publicKey.export({ format: 'jwk' })
  const jwk = { kty, crv, x, y } as PublicJwk
  for (let count = 0; count < 10; count += 1) {
    const message = nodeCrypto.randomBytes(count)
    const der = nodeCrypto.sign('sha256', message, pair.privateKey)
    const options = { key: pair.privateKey, dsaEncoding: 'ieee-p1363' } as const
    const plain = nodeCrypto.sign('sha256', message, options)
    for (const [, door] of doors) {
      const key = imported(door, 'ES256', jwk)
      assert.ok(door.verifySignature(key, message, plain))
      assert.ok(door.verifyDer(key, message, der))
    }
  }
})

test('keys as Node makes them are taken, for each algorithm', () => {
  const made = [
    ['ES256', nodeCrypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey],
    ['Ed25519', nodeCrypto.generateKeyPairSync('ed25519').publicKey],
    ['RS256', nodeCrypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey],
  ] as const
  for (const [alg, key] of made) {
    const jwk = key.export({ format: 'jwk' }) as PublicJwk
    for (const [, door] of doors) assert.ok(door.importPublicKey(alg, jwk) !== null, alg)
  }
})

test('no point of small order is missing from the reject list', () => {
  // The vectors hold all eight, made by multiplying a point with the group order.
  const listed = files[2]?.[1].invalidKeys.filter(({ claim }) => /^point \d of small/.test(claim))
  assert.equal(listed?.length, 8)
  const found = new Set<string>()
  for (const { jwk } of listed ?? []) {
    const point = ed25519.Point.fromBytes(Buffer.from('x' in jwk ? jwk.x : '', 'base64url'), true)
    assert.ok(point.double().double().double().is0())
    found.add(point.toHex())
  }
  assert.equal(found.size, 8)
})
