// Notes and keys are read in one way only: the specification's own key and note verify, and every
// note with one changed byte is either refused or says the same to the same keys.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { base64Encode, concat, hexDecode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'

import { cosignLine, logLine, signerOf } from '#test/proofs'
import {
  cosignatureMessage,
  encodeCosignature,
  encodeNote,
  encodeVkey,
  isKeyName,
  isSignedUnder,
  noteKey,
  parseNote,
  parseSignatureLines,
  parseVkey,
  verifyCosignature,
  verifyNoteSignature,
} from './note.ts'

// The example of C2SP signed-note, "Verifier keys".
const SPEC_VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'

const log = signerOf('ledger.example/city', 'note')
const witness = signerOf('witness.example/w1', 'cosignature')
const TEXT = 'ledger.example/city\n3\nqqqq\n'

describe('verifier keys', () => {
  test('the example of the specification is read, and its key hash computed again', () => {
    const key = parseVkey(SPEC_VKEY)!
    assert.equal(key.name, 'example.com/foo')
    assert.equal(key.keyHash, '530d903a')
    assert.equal(key.use, 'note')
    assert.equal(encodeVkey(key), SPEC_VKEY)
  })

  test('with one changed character are refused', () => {
    for (let at = 0; at < SPEC_VKEY.length; at++) {
      const other = SPEC_VKEY[at] === 'b' ? 'c' : 'b'
      const text = SPEC_VKEY.slice(0, at) + other + SPEC_VKEY.slice(at + 1)
      assert.equal(parseVkey(text), null, text)
    }
  })

  test('of other types, lengths and orders are refused', () => {
    const point = parseVkey(SPEC_VKEY)!.publicKey
    const named = (type: number, key: Bytes): string =>
      `example.com/foo+530d903a+${base64Encode(concat([Uint8Array.of(type), key]))}`
    assert.ok(parseVkey(named(1, point)))
    for (const type of [0, 2, 4, 5, 6, 255]) assert.equal(parseVkey(named(type, point)), null)
    assert.equal(parseVkey(named(1, point.slice(1))), null)
    assert.equal(parseVkey(''), null)
    assert.equal(parseVkey('a+b'), null)
    const identity = hexDecode(`01${'00'.repeat(31)}`)!
    assert.equal(noteKey('example.com/foo', 'note', identity), null)
    assert.equal(noteKey('a b', 'note', point), null)
  })

  test('names have no space of any kind, no control character and no plus', () => {
    for (const name of ['ledger.example/x', '北京/目录链', 'a'.repeat(255)])
      assert.ok(isKeyName(name))
    const bad = ['', 'a b', 'a+b', 'a\tb', 'a\nb', 'a\u00a0b', 'a\u3000b', 'a\u2028b', 'a\u0085b']
    for (const name of [...bad, 'a\ud800', 'a'.repeat(256), '字'.repeat(86)]) {
      assert.ok(!isKeyName(name), JSON.stringify(name))
    }
  })

  test('of one name and key differ by their use', () => {
    const { publicKey } = log.key
    const other = noteKey(log.key.name, 'cosignature', publicKey)!
    assert.notEqual(other.keyHash, log.key.keyHash)
    const line = logLine(log, TEXT)
    assert.ok(!isSignedUnder(other, line))
    assert.ok(!verifyNoteSignature(other, TEXT, line.signature))
  })
})

describe('notes', () => {
  const note = encodeNote({
    text: TEXT,
    signatures: [logLine(log, TEXT), cosignLine(witness, TEXT, 1_790_000_000)],
  })

  test('give back text and signatures', () => {
    const parsed = parseNote(note)!
    assert.equal(parsed.text, TEXT)
    assert.deepEqual(encodeNote(parsed), note)
    const [first, second] = parsed.signatures
    assert.ok(verifyNoteSignature(log.key, parsed.text, first!.signature))
    assert.equal(verifyCosignature(witness.key, parsed.text, second!.signature), 1_790_000_000)
  })

  test('split at the last empty line, so the text may contain empty lines', () => {
    const text = 'one\n\nthree\n'
    const parsed = parseNote(encodeNote({ text, signatures: [logLine(log, text)] }))!
    assert.equal(parsed.text, text)
  })

  test('of another form are refused', () => {
    const line = '\u2014 a AAAAAAA=\n'
    assert.ok(parseNote(utf8Encode(`x\n\n${line}`)))
    const wrong = [
      '',
      'x',
      'x\n',
      'x\n\n',
      `x\n${line}`,
      `x\n\n${line}\n`,
      `x\n\n${line}x`,
      'x\n\n- a AAAAAAA=\n',
      'x\n\n\u2014 a  AAAAAAA=\n',
      'x\n\n\u2014 a AAAAAA==\n',
      'x\n\n\u2014 a AAAAAAB=\n',
      'x\n\n\u2014 a AAAAAAA\n',
      'x\n\n\u2014 a+ AAAAAAA=\n',
      'x\n\n\u2014  AAAAAAA=\n',
      `x\r\n\n${line}`,
      `x\t\n\n${line}`,
      `x\u0000\n\n${line}`,
      `x\n\n${line.trimEnd()}`,
    ]
    for (const text of wrong) assert.equal(parseNote(utf8Encode(text)), null, JSON.stringify(text))
    assert.equal(parseNote(concat([Uint8Array.of(0xff), note])), null)
  })

  test('have at most 64 signature lines', () => {
    const line = '\u2014 a AAAAAAA=\n'
    assert.equal(parseSignatureLines(line.repeat(64))!.length, 64)
    assert.equal(parseSignatureLines(line.repeat(65)), null)
  })

  test('with one changed byte never carry a valid signature over another text', () => {
    const property = fc.property(
      fc.nat(note.length - 1),
      fc.integer({ min: 1, max: 255 }),
      (at, x) => {
        const mutant = note.slice()
        mutant[at]! ^= x
        const parsed = parseNote(mutant)
        if (parsed === null) return
        for (const line of parsed.signatures) {
          const byLog = isSignedUnder(log.key, line)
          const byWitness = isSignedUnder(witness.key, line)
          const valid =
            (byLog && verifyNoteSignature(log.key, parsed.text, line.signature)) ||
            (byWitness && verifyCosignature(witness.key, parsed.text, line.signature) !== null)
          if (valid) assert.equal(parsed.text, TEXT)
        }
      },
    )
    fc.assert(property, { numRuns: 1500 })
  })
})

describe('cosignatures', () => {
  test('sign a header, the time and the whole text', () => {
    assert.equal(
      cosignatureMessage(1_679_315_147, 'o\n1\nr\n'),
      'cosignature/v1\ntime 1679315147\no\n1\nr\n',
    )
  })

  test('hold for their own time, text and key only', () => {
    const { signature } = cosignLine(witness, TEXT, 1_790_000_000)
    const other = signerOf('witness.example/w2', 'cosignature')
    assert.equal(verifyCosignature(witness.key, TEXT, signature), 1_790_000_000)
    assert.equal(verifyCosignature(other.key, TEXT, signature), null)
    assert.equal(verifyCosignature(witness.key, `${TEXT}x\n`, signature), null)
    for (let bit = 0; bit < 72 * 8; bit++) {
      const wrong = signature.slice()
      wrong[bit >> 3]! ^= 1 << (bit & 7)
      assert.equal(verifyCosignature(witness.key, TEXT, wrong), null, `bit ${bit}`)
    }
    assert.equal(verifyCosignature(witness.key, TEXT, signature.slice(1)), null)
    assert.equal(verifyCosignature(log.key, TEXT, signature), null)
  })

  test('of times that no integer holds are refused even when signed', () => {
    const time = concat([Uint8Array.of(0, 0x20), new Uint8Array(6)])
    const blob = concat([time, witness.sign(cosignatureMessage(2 ** 53, TEXT))])
    assert.equal(verifyCosignature(witness.key, TEXT, blob), null)
    const last = Number.MAX_SAFE_INTEGER
    const signed = encodeCosignature(last, witness.sign(cosignatureMessage(last, TEXT)))
    assert.equal(verifyCosignature(witness.key, TEXT, signed), last)
  })
})
