// Evidence files and .tlog-proof files verify with nothing but a trust policy, say what they prove
// and how much it is worth, and refuse every part that does not belong.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { concat, utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeEntry } from '#ledger/apply'
import { isRefusal } from '#ledger/command'
import { TestLog, envelopeEntries, signCheckpoint, signerOf } from '#test/proofs'

import {
  encodeEvidence,
  encodeProofFile,
  parseEvidence,
  parseProofFile,
  verifyEvidence,
  verifyProofFile,
} from './evidence.ts'
import type { Evidence, Proven } from './evidence.ts'
import { gradeText } from './judge.ts'
import { encodeMapProof } from './map-proof.ts'
import { parsePolicy } from './policy.ts'
import type { TrustPolicy } from './policy.ts'

const ORIGIN = 'ledger.example/city'
const NOW = 1_790_000_000
const log = signerOf(ORIGIN, 'note')
const tax = signerOf('tax.example', 'cosignature')
const land = signerOf('land.example', 'cosignature')

const read = parsePolicy(
  utf8Encode(
    `log ${log.vkey}\nlog ${signerOf('other.example/log', 'note').vkey}\n` +
      `witness tax ${tax.vkey}\nwitness land ${land.vkey}\n` +
      'group both all tax land\n#lianban fresh 600\nquorum both\n',
  ),
)
assert.ok(!isRefusal(read))
const policy: TrustPolicy = read

const ledger = new TestLog(ORIGIN)
const place = { height: 3, time: NOW * 1000 }
const hash = 'A'.repeat(43)
const single = encodeEntry({
  h: 3,
  t: NOW * 1000,
  kind: 'single',
  jws: `${'A'.repeat(20)}.e30.${'A'.repeat(86)}`,
  result: { code: 'ok', w: hash },
})
for (let i = 0; i < 9; i++) ledger.append(single.replace('"h":3', `"h":${i + 3}`))
const INTENTS = ['{"ledger":"a","id":"1"}', '{"ledger":"a","id":"2"}', '{"ledger":"a","id":"3"}']
const ENVELOPE = ledger.size
for (const entry of envelopeEntries(place, ENVELOPE, INTENTS)) ledger.append(entry)
ledger.maps.change('now', 'certificate.abc', '{"state":"valid"}')
ledger.maps.change('now', 'member.tax', '{"state":"active"}')
ledger.maps.change('uses/2026-11', 'uses/2026-11/tag', '1')
const ROOT = ledger.appendMapRoot(12, NOW * 1000)
const SIZE = ledger.size
for (let i = 0; i < 5; i++) ledger.append(single.replace('"h":3', `"h":${i + 20}`))

type Ages = readonly [number, number]
function note(size: number, [a, b]: Ages = [5, 9]): Bytes {
  return signCheckpoint(
    ledger.checkpoint(size),
    [log],
    [
      [tax, NOW - a],
      [land, NOW - b],
    ],
  )
}

const at = note(SIZE)
const base: Evidence = {
  entry: ledger.proven(4, at, SIZE),
  envelope: null,
  record: {
    map: 'now',
    key: 'certificate.abc',
    value: '{"state":"valid"}',
    proof: ledger.maps.prove('now', 'certificate.abc')!,
    root: ledger.proven(ROOT, at, SIZE),
  },
}
const record = base.record!
const intent: Evidence = {
  entry: ledger.proven(ENVELOPE + 2, at, SIZE),
  envelope: ledger.proven(ENVELOPE, at, SIZE),
  record: null,
}

function verify(evidence: Evidence, nowSeconds = NOW): Proven {
  const result = verifyEvidence(encodeEvidence(evidence), policy, nowSeconds * 1000)
  if (isRefusal(result)) throw new Error(`${result.code} ${result.at}`)
  return result
}

function refusal(evidence: Evidence): string {
  const result = verifyEvidence(encodeEvidence(evidence), policy, NOW * 1000)
  return isRefusal(result) ? `${result.code}@${result.at ?? ''}` : 'accepted'
}

describe('a .tlog-proof file', () => {
  const proof = ledger.proof(4, at, SIZE)
  const file = encodeProofFile(proof)
  const entry = ledger.entries[4]!
  const nowMs = NOW * 1000

  test('has the form of the specification', () => {
    const lines = utf8Decode(file)!.split('\n')
    assert.equal(lines[0], 'c2sp.org/tlog-proof@v1')
    assert.equal(lines[1], 'index 4')
    assert.equal(lines[2 + proof.path.length], '')
    assert.equal(lines[3 + proof.path.length], ORIGIN)
    assert.deepEqual(parseProofFile(file), proof)
    const extra = { ...proof, extra: Uint8Array.of(1, 2, 3) }
    assert.deepEqual(parseProofFile(encodeProofFile(extra)), extra)
    assert.equal(utf8Decode(encodeProofFile(extra))!.split('\n')[1], 'extra AQID')
  })

  test('is verified for every entry of the log', () => {
    for (let index = 0; index < SIZE; index++) {
      const bytes = encodeProofFile(ledger.proof(index, at, SIZE))
      const verdict = verifyProofFile({ entry: ledger.entries[index]!, file: bytes, policy, nowMs })
      assert.ok(!isRefusal(verdict))
      assert.equal(gradeText(verdict), 'witnessed(2)')
    }
  })

  test('is refused for another entry, another index and another form', () => {
    const codeOf = (bytes: Bytes, of = entry): string => {
      const verdict = verifyProofFile({ entry: of, file: bytes, policy, nowMs })
      return isRefusal(verdict) ? verdict.code : 'accepted'
    }
    assert.equal(codeOf(file), 'accepted')
    assert.equal(codeOf(file, ledger.entries[5]!), 'prove/not-included')
    assert.equal(codeOf(encodeProofFile({ ...proof, index: 5 })), 'prove/not-included')
    const text = utf8Decode(file)!
    const wrong = [
      '',
      text.slice(1),
      text.replace('@v1', '@v2'),
      text.replace('index 4', 'index 04'),
      text.replace('index 4', 'index'),
      text.replace('index 4\n', ''),
      text.replace('\n\n', '\n'),
      text.replace('index', 'extra !\nindex'),
      text.replace('index 4', 'index 4\nextra AQID'),
    ]
    for (const each of wrong) assert.notEqual(codeOf(utf8Encode(each)), 'accepted', each)
    assert.equal(codeOf(utf8Encode('c2sp.org/tlog-proof@v1\n')), 'prove/malformed-proof')
    assert.equal(codeOf(concat([file, new Uint8Array(400_000)])), 'prove/malformed-proof')
    const hashes = `${'A'.repeat(43)}=\n`.repeat(64)
    assert.equal(
      codeOf(utf8Encode(text.replace('index 4\n', `index 4\n${hashes}`))),
      'prove/malformed-proof',
    )
  })
})

describe('an evidence file', () => {
  test('is canonical JSON that gives back its parts', () => {
    for (const each of [base, intent, { ...base, entry: null }, { ...base, record: null }]) {
      const bytes = encodeEvidence(each)
      assert.deepEqual(parseEvidence(bytes), each)
      const spaced = utf8Encode(utf8Decode(bytes)!.replace('{', '{ '))
      assert.equal(parseEvidence(spaced), null)
    }
  })

  test('proves an entry and what is current', () => {
    const proven = verify(base)
    assert.equal(gradeText(proven.verdict), 'witnessed(2)')
    assert.equal(proven.entry!.index, 4)
    assert.equal(proven.entry!.content.h, 7)
    assert.equal(proven.record!.value, '{"state":"valid"}')
    assert.equal(proven.record!.height, 12)
    assert.equal(proven.record!.verdict.asOf, NOW - 9)
    assert.equal(proven.record!.verdict.fresh, true)
    assert.equal(verify(base, NOW + 3600).record!.verdict.fresh, false)
  })

  test('proves that there is no record', () => {
    const key = 'certificate.none'
    const proof = ledger.maps.prove('now', key)!
    const proven = verify({ ...base, record: { ...record, key, value: null, proof } })
    assert.equal(proven.record!.value, null)
  })

  test('proves an intent by its entry and the envelope that signed it', () => {
    const proven = verify(intent)
    assert.equal(proven.entry!.content.kind, 'intent')
    assert.equal(proven.entry!.index, ENVELOPE + 2)
  })

  test('is worth its weakest checkpoint', () => {
    const weak = signCheckpoint(ledger.checkpoint(SIZE - 1), [log], [[tax, NOW]])
    const proven = verify({ ...base, entry: ledger.proven(4, weak, SIZE - 1) })
    assert.equal(proven.verdict.grade, 'checkpointed')
    assert.equal(proven.record!.verdict.grade, 'witnessed')
  })
})

describe('an evidence file is refused', () => {
  test('when an intent comes without its envelope, or with another one', () => {
    assert.equal(refusal({ ...intent, envelope: null }), 'prove/not-in-envelope@envelope')
    const other = { ...intent, envelope: ledger.proven(4, at, SIZE) }
    assert.equal(refusal(other), 'prove/not-in-envelope@envelope')
    const needless = { ...base, envelope: intent.envelope }
    assert.equal(refusal(needless), 'prove/not-in-envelope@entry')
    assert.equal(
      refusal({ ...base, entry: null, envelope: intent.envelope }),
      'prove/not-in-envelope@entry',
    )
  })

  test('when the intent is not the one that stands at its position in the envelope', () => {
    const forged = new TestLog(ORIGIN)
    for (const entry of ledger.entries.slice(0, ENVELOPE + 1)) forged.append(entry)
    const [, , second] = envelopeEntries(place, ENVELOPE, INTENTS)
    const moved = forged.append(second!.replace('"position":1', '"position":2'))
    const missing = forged.append(second!.replace('"position":1', '"position":9'))
    const elsewhere = forged.append(second!.replace(`"entry":${ENVELOPE}`, '"entry":3'))
    const signed = signCheckpoint(
      forged.checkpoint(),
      [log],
      [
        [tax, NOW],
        [land, NOW],
      ],
    )
    for (const index of [moved, missing]) {
      const evidence = {
        entry: forged.proven(index, signed),
        envelope: forged.proven(ENVELOPE, signed),
        record: null,
      }
      assert.equal(refusal(evidence), 'prove/not-in-envelope@entry')
    }
    const evidence = {
      entry: forged.proven(elsewhere, signed),
      envelope: forged.proven(ENVELOPE, signed),
      record: null,
    }
    assert.equal(refusal(evidence), 'prove/not-in-envelope@envelope')
  })

  test('when the map root is not the last entry of its checkpoint', () => {
    const later = note(SIZE + 1)
    const root = ledger.proven(ROOT, later, SIZE + 1)
    const evidence = { ...base, record: { ...record, root } }
    assert.equal(refusal(evidence), 'prove/not-last-entry@record')
  })

  test('when the record says something else than the map', () => {
    const codes = [
      { ...record, value: '{"state":"revoked"}' },
      { ...record, value: null },
      { ...record, key: 'certificate.abd' },
      { ...record, map: 'uses/2026-11' },
      { ...record, proof: ledger.maps.prove('now', 'member.tax')! },
    ].map((each) => refusal({ ...base, record: each }))
    assert.deepEqual(new Set(codes), new Set(['prove/not-in-map@record']))
    assert.equal(
      refusal({ ...base, record: { ...record, map: 'then' } }),
      'prove/no-such-map@record',
    )
    const root = ledger.proven(SIZE - 2, note(SIZE - 1), SIZE - 1)
    assert.equal(refusal({ ...base, record: { ...record, root } }), 'prove/malformed-entry@record')
  })

  test('when an entry is not included or not an entry', () => {
    const entry = { ...base.entry!, entry: ledger.entries[5]! }
    assert.equal(refusal({ ...base, entry }), 'prove/not-included@entry')
    const strange = new TestLog(ORIGIN)
    strange.append('not an entry')
    const signed = signCheckpoint(strange.checkpoint(), [log], [])
    const evidence = { entry: strange.proven(0, signed), envelope: null, record: null }
    assert.equal(refusal(evidence), 'prove/malformed-entry@entry')
  })

  test('when it holds two views of one size: it is evidence against the log', () => {
    const fork = new TestLog(ORIGIN)
    for (const entry of ledger.entries.slice(0, SIZE - 1)) fork.append(entry)
    fork.append(single)
    const signed = signCheckpoint(
      fork.checkpoint(),
      [log],
      [
        [tax, NOW],
        [land, NOW],
      ],
    )
    assert.equal(refusal({ ...base, entry: fork.proven(4, signed) }), 'prove/split-view@')
  })

  test('when its parts are from different logs', () => {
    const other = new TestLog('other.example/log')
    for (const entry of ledger.entries.slice(0, SIZE)) other.append(entry)
    const signer = signerOf('other.example/log', 'note')
    const signed = signCheckpoint(
      other.checkpoint(),
      [signer],
      [
        [tax, NOW],
        [land, NOW],
      ],
    )
    assert.equal(refusal({ ...base, entry: other.proven(4, signed) }), 'prove/other-log@')
  })

  test('when it is not an evidence file', () => {
    const text = utf8Decode(encodeEvidence(base))!
    const wrong = [
      '',
      '{}',
      'null',
      '[]',
      '{"format":"lianban-proof/1"}',
      text.replace('proof/1', 'proof/2'),
      text.replace('"entry":{', '"entry":null,"x":{'),
      text.replace('"key":', '"keys":'),
      text.replace('"map":"now"', '"map":1'),
      text.replace('index 4', 'extra AQID\\nindex 4'),
      text.replace('"siblings":[', '"siblings":["",'),
      `${text} `,
      JSON.stringify({
        format: 'lianban-proof/1',
        record: { proof: encodeMapProof(record.proof) },
      }),
    ]
    for (const each of wrong) {
      const result = verifyEvidence(utf8Encode(each), policy, NOW * 1000)
      assert.ok(isRefusal(result), each)
    }
    assert.ok(isRefusal(verifyEvidence(Uint8Array.of(0xff), policy, NOW * 1000)))
    assert.ok(isRefusal(verifyEvidence(new Uint8Array(3_000_000), policy, NOW * 1000)))
  })
})
