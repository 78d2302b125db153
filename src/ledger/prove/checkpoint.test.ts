// Checkpoints have three lines and no other; the bodies of the witness protocol are read strictly.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { base64Encode, concat, utf8Decode, utf8Encode } from '#base/bytes'
import { cosignLine, signCheckpoint, signerOf } from '#test/proofs'

import {
  encodeAddCheckpoint,
  encodeCheckpoint,
  encodeKnownSize,
  parseAddCheckpoint,
  parseCheckpoint,
  parseCosignatureLines,
  parseCount,
  parseHash,
  parseKnownSize,
  parseSignedCheckpoint,
} from './checkpoint.ts'
import { encodeSignatureLine } from './note.ts'

const HASH = new Uint8Array(32).map((_, i) => i)
const B64 = base64Encode(HASH)
const checkpoint = { origin: 'ledger.example/city', size: 42, root: HASH }
const log = signerOf(checkpoint.origin, 'note')
const note = signCheckpoint(checkpoint, [log])

describe('a checkpoint', () => {
  test('is three lines', () => {
    assert.equal(encodeCheckpoint(checkpoint), `ledger.example/city\n42\n${B64}\n`)
    assert.deepEqual(parseCheckpoint(encodeCheckpoint(checkpoint)), checkpoint)
    assert.deepEqual(parseSignedCheckpoint(note)!.checkpoint, checkpoint)
  })

  test('of another form is refused', () => {
    const wrong = [
      '',
      'o\n1\n',
      `o\n1\n${B64}`,
      `o\n1\n${B64}\n\n`,
      `o\n1\n${B64}\nextension\n`,
      `\n1\n${B64}\n`,
      `o\n01\n${B64}\n`,
      `o\n+1\n${B64}\n`,
      `o\n-1\n${B64}\n`,
      `o\n1.0\n${B64}\n`,
      `o\n \n${B64}\n`,
      `o\n9007199254740992\n${B64}\n`,
      `o p\n1\n${B64}\n`,
      `o+p\n1\n${B64}\n`,
      `o\n1\n${B64}=\n`,
      `o\n1\n${B64.slice(0, -1)}\n`,
      `o\n1\n${B64.replace('=', '')}\n`,
      `o\n1\n ${B64}\n`,
      `o\n\n1\n${B64}\n`,
      `o\n1\n${B64.slice(0, 42)}9=\n`,
      `o\r\n1\n${B64}\n`,
    ]
    for (const text of wrong) assert.equal(parseCheckpoint(text), null, JSON.stringify(text))
    const largest = parseCheckpoint(`o\n9007199254740991\n${B64}\n`)
    assert.equal(largest!.size, Number.MAX_SAFE_INTEGER)
  })
})

test('counts and hashes have one spelling each', () => {
  for (const text of ['', '00', '01', '1e3', ' 1', '1 ', '-0', '9007199254740992', '0x1', '１']) {
    assert.equal(parseCount(text), null, text)
  }
  assert.equal(parseCount('0'), 0)
  assert.deepEqual(parseHash(B64), HASH)
  fc.assert(
    fc.property(fc.nat(43), fc.string({ minLength: 1, maxLength: 1 }), (at, other) => {
      const text = B64.slice(0, at) + other + B64.slice(at + 1)
      const hash = parseHash(text)
      if (hash !== null) assert.equal(base64Encode(hash), text)
    }),
  )
})

describe('add-checkpoint', () => {
  const path = [HASH, HASH.map((byte) => byte ^ 1)]
  const body = encodeAddCheckpoint({ oldSize: 20, path, note })

  test('has the form of the specification', () => {
    const lines = utf8Decode(body)!.split('\n')
    assert.deepEqual(lines.slice(0, 5), [
      'old 20',
      B64,
      base64Encode(path[1]!),
      '',
      checkpoint.origin,
    ])
    assert.deepEqual(parseAddCheckpoint(body), { oldSize: 20, path, note })
    const first = encodeAddCheckpoint({ oldSize: 0, path: [], note })
    assert.deepEqual(parseAddCheckpoint(first), { oldSize: 0, path: [], note })
  })

  test('of another form is refused', () => {
    const text = utf8Decode(body)!
    const hash = `${B64}\n`
    const rest = utf8Decode(note)!
    const wrong = [
      '',
      'old 20',
      text.replace('old', 'Old'),
      text.replace('old 20', 'old 020'),
      text.slice(7),
      text.replace('\n\n', '\n'),
      `old 0\n${hash}\n${rest}`,
      `old 20\n${hash.repeat(64)}\n${rest}`,
      `old 20\n${hash}\n`,
      `old 20\n${hash}x\n\n${rest}`,
      `\nold 20\n\n${rest}`,
    ]
    for (const each of wrong) assert.equal(parseAddCheckpoint(utf8Encode(each)), null, each)
    assert.ok(parseAddCheckpoint(utf8Encode(`old 20\n${hash.repeat(63)}\n${rest}`)))
    assert.equal(parseAddCheckpoint(concat([Uint8Array.of(0xff), body])), null)
  })

  test('is answered with cosignature lines, or with a size', () => {
    const witness = signerOf('witness.example', 'cosignature')
    const line = cosignLine(witness, encodeCheckpoint(checkpoint), 1_790_000_000)
    const answer = utf8Encode(encodeSignatureLine(line).repeat(2))
    assert.deepEqual(parseCosignatureLines(answer), [line, line])
    assert.equal(parseCosignatureLines(utf8Encode('')), null)
    assert.equal(parseCosignatureLines(Uint8Array.of(0xff)), null)
    assert.equal(parseKnownSize(encodeKnownSize(70_000)), 70_000)
    for (const text of ['', '1', '01\n', '1\n\n', '1 \n', '99999999999999999999\n']) {
      assert.equal(parseKnownSize(utf8Encode(text)), null, text)
    }
  })
})
