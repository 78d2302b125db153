// Claims about texts for one key alone: another implementation of JWE reads and writes the same,
// whatever was changed is not opened, and keys of other uses open nothing.
import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { CompactEncrypt, compactDecrypt, importJWK } from 'jose'
import { base64urlEncode } from '#base/bytes'
import { decryptWith, encryptTo } from '#adapters/keys'
import { seededKeyStore } from '#test/seeded-keys'

const store = seededKeyStore('encryption')
const request = { member: 'tax', custody: 'own', created: 0 } as const
const key = store.generate({ ...request, use: 'encrypt' })
const receipt = store.generate({ ...request, use: 'receipt' })
const plain = Buffer.from('{"records":{}}')

test('what is encrypted to a key is opened with it', () => {
  for (const size of [0, 1, 31, 4096]) {
    const bytes = new Uint8Array(size).fill(7)
    const text = encryptTo(key, bytes)
    assert.deepEqual(decryptWith(store, text, size), bytes)
  }
})

test('another implementation opens what we encrypt', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' }) as never
  const text = encryptTo({ kid: key.kid, jwk }, plain)
  const opened = await compactDecrypt(
    text,
    createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  )
  assert.deepEqual(Buffer.from(opened.plaintext), plain)
  assert.equal(opened.protectedHeader.alg, 'ECDH-ES')
})

test('a header that says something else, or something more, is not read', async () => {
  const header = { alg: 'ECDH-ES', enc: 'A256GCM', kid: key.kid } as const
  const { jwk } = key
  const made = async (more: object): Promise<string> =>
    new CompactEncrypt(plain)
      .setProtectedHeader({ ...header, ...more })
      .encrypt(await importJWK({ ...jwk }, 'ECDH-ES'))
  assert.ok(decryptWith(store, await made({}), 100))
  for (const more of [
    { enc: 'A128GCM' },
    { alg: 'ECDH-ES+A256KW' },
    { apu: 'AA' },
    { typ: 'x' },
    { kid: receipt.kid },
    { kid: 'A'.repeat(43) },
  ]) {
    assert.equal(decryptWith(store, await made(more), 100), null, JSON.stringify(more))
  }
})

test('a text that was changed anywhere is not opened', () => {
  const text = encryptTo(key, plain)
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom('A', 'B', '.', '-', '='), (at, char) => {
      if (text[at] === char) return
      const changed = text.slice(0, at) + char + text.slice(at + 1)
      assert.equal(decryptWith(store, changed, 100), null)
    }),
    { numRuns: 300 },
  )
})

test('any text at all may come in', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(decryptWith(store, text, 100), null)
    }),
  )
  assert.equal(decryptWith(store, '....', 100), null)
})

test('a point that is not on the curve is no key to agree with', () => {
  const [header = '', ...rest] = encryptTo(key, plain).split('.')
  const read = JSON.parse(Buffer.from(header, 'base64url').toString()) as { epk: object }
  const off = { ...read, epk: { ...read.epk, y: base64urlEncode(new Uint8Array(32).fill(1)) } }
  const text = [Buffer.from(JSON.stringify(off)).toString('base64url'), ...rest].join('.')
  assert.equal(decryptWith(store, text, 100), null)
})

test('a text longer than the caller takes is not opened', () => {
  const text = encryptTo(key, new Uint8Array(500))
  assert.equal(decryptWith(store, text, 499), null)
  assert.equal(decryptWith(store, text, 500)?.length, 500)
})
