// Submissions: what a client sends is decoded as a whole or refused with the place of what is
// wrong; intents and documents belong to what was signed.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { ApprovalText } from '#ledger/command'
import { filler, makeId, makeIntent, makeKey } from '#test/commands'
import { signCommand, signEnvelope, signJws } from '#test/commands'
import { commandPayload, commandTyp, decodeParts, decodeSubmission } from './command.ts'
import { encodeSubmission, envelopePayload, envelopeTyp } from './command.ts'
import { documentBytesMax, envelopeIntentsMax, submissionBytesMax } from './limits.ts'
import { isRefusal } from './refusal.ts'
import type { Refusal } from './refusal.ts'

const key = makeKey('command')
const base64url = (text: string): string => Buffer.from(text, 'latin1').toString('base64url')
const sha256 = (text: string | Uint8Array): string =>
  createHash('sha256').update(text).digest('base64url')
const intentOf = (number: number): string =>
  makeIntent({
    ledger: 'city.example/l',
    id: makeId(number),
    type: 'case.act',
    body: { number },
    notAfter: 1_000,
  })

const approval: ApprovalText = {
  kid: 'A'.repeat(22),
  ad: 'AAAA',
  cd: 'e30',
  sig: 'AAAA',
  shown: 'A'.repeat(43),
}
const single = signCommand(key, intentOf(1))
const three = [intentOf(1), intentOf(2), intentOf(3)]
const envelope = signEnvelope(key, three)

function refusalOf(text: string): Refusal {
  const result = decodeSubmission(text)
  assert.ok(isRefusal(result), 'the submission is refused')
  return result
}

test('a single command is decoded, bare and wrapped alike', () => {
  for (const text of [single, encodeSubmission({ command: single })]) {
    const command = decodeSubmission(text)
    assert.ok(!isRefusal(command))
    assert.equal(command.form, 'single')
    assert.equal(command.jws.text, single)
    assert.deepEqual(
      command.intents.map((intent) => intent?.text),
      [intentOf(1)],
    )
    assert.deepEqual(command.approvals, [[]])
    assert.equal(command.documents.size, 0)
  }
})

test('approvals of a single command stand at its one position', () => {
  const command = decodeSubmission(signCommand(key, intentOf(1), [approval, approval]))
  assert.ok(!isRefusal(command))
  assert.equal(command.approvals[0]?.length, 2)
})

test('an envelope carries its intents beside it, by position', () => {
  const given = new Map([
    [2, [approval]],
    [0, [approval, approval]],
  ])
  const command = decodeSubmission(encodeSubmission(signEnvelope(key, three, given)))
  assert.ok(!isRefusal(command))
  assert.equal(command.form, 'envelope')
  assert.deepEqual(
    command.intents.map((intent) => intent?.text),
    three,
  )
  assert.deepEqual(
    command.approvals.map((each) => each.length),
    [2, 0, 1],
  )
})

test('an envelope of 64 intents is decoded, one of 65 is not', () => {
  const many = Array.from({ length: envelopeIntentsMax + 1 }, (_, at) => intentOf(at))
  assert.ok(!isRefusal(decodeSubmission(encodeSubmission(signEnvelope(key, many.slice(1))))))
  assert.equal(refusalOf(encodeSubmission(signEnvelope(key, many))).code, 'command/intents-count')
})

test('documents travel under their hash', () => {
  const documents = [filler('a', 1_000), filler('b', 2_000)]
  for (const parts of [
    { command: single, documents },
    { ...envelope, documents },
  ]) {
    const command = decodeSubmission(encodeSubmission(parts))
    assert.ok(!isRefusal(command))
    assert.deepEqual([...command.documents.keys()], documents.map(sha256))
    for (const [hash, bytes] of command.documents) assert.equal(sha256(bytes), hash)
  }
})

test('documents of 1 MiB together are decoded, one byte more is not', () => {
  const half = documentBytesMax / 2
  const most = { command: single, documents: [filler('a', half), filler('b', half)] }
  assert.ok(!isRefusal(decodeSubmission(encodeSubmission(most))))
  const more = { command: single, documents: [filler('a', half), filler('b', half + 1)] }
  const refusal = refusalOf(encodeSubmission(more))
  assert.deepEqual(refusal, { code: 'command/documents-oversized', at: 'documents[1]' })
})

test('an envelope whose log holds only some of its intents is decoded with the others null', () => {
  const [first = '', , third = ''] = three
  const command = decodeParts({ envelope: envelope.envelope, intents: [null, intentOf(2)] })
  assert.ok(!isRefusal(command))
  assert.deepEqual(
    command.intents.map((intent) => intent?.text ?? null),
    [null, intentOf(2), null],
  )
  const swapped = decodeParts({ envelope: envelope.envelope, intents: [third, null, first] })
  assert.deepEqual(swapped, { code: 'command/intent-hash', at: 'intents[0]' })
})

const payload = (text: string, typ = commandTyp): string => signJws(key, typ, text)
const enveloped = (text: string, intents = three): string =>
  encodeSubmission({ envelope: payload(text, envelopeTyp), intents })
const hashes = three.map(sha256)
const listed = JSON.stringify(hashes)
const encoded = base64url(intentOf(1))
const jsonOf = (value: object): string => JSON.stringify(value)

const refused: readonly (readonly [what: string, text: string, code: string, at: string])[] = [
  ['nothing', '', 'command/jws-parts', 'jws'],
  ['a text', 'hello', 'command/jws-parts', 'jws'],
  ['a list', '[]', 'command/jws-parts', 'jws'],
  ['an empty record', '{}', 'command/bad-members', 'submission'],
  ['an open record', '{', 'command/truncated', 'submission@1'],
  ['white space', `{"command": "${single}"}`, 'command/whitespace', 'submission@11'],
  [
    'trailing bytes',
    `${jsonOf({ command: single })}x`,
    'command/trailing-bytes',
    `submission@${single.length + 14}`,
  ],
  [
    'too long a submission',
    `{"command":"${'A'.repeat(submissionBytesMax)}"}`,
    'command/oversized',
    'submission',
  ],
  ['another member', jsonOf({ command: single, note: 'x' }), 'command/bad-members', 'submission'],
  [
    'command and envelope',
    jsonOf({ command: single, envelope: envelope.envelope, intents: [encoded] }),
    'command/bad-members',
    'submission',
  ],
  [
    'an envelope without intents',
    jsonOf({ envelope: envelope.envelope }),
    'command/bad-members',
    'submission',
  ],
  ['a command that is a number', jsonOf({ command: 1 }), 'command/bad-member', 'command'],
  [
    'an envelope that is a list',
    jsonOf({ envelope: [], intents: [] }),
    'command/bad-member',
    'envelope',
  ],
  [
    'a command in the place of an envelope',
    jsonOf({ envelope: single, intents: [encoded] }),
    'command/bad-typ',
    'header.typ',
  ],
  [
    'an envelope in the place of a command',
    jsonOf({ command: envelope.envelope }),
    'command/bad-typ',
    'header.typ',
  ],
  ['a bare envelope', envelope.envelope, 'command/bad-typ', 'header.typ'],
  [
    'intents that are no list',
    jsonOf({ envelope: envelope.envelope, intents: 'x' }),
    'command/bad-member',
    'intents',
  ],
  [
    'an intent that is null',
    jsonOf({ envelope: envelope.envelope, intents: [null, null, null] }),
    'command/bad-member',
    'intents[0]',
  ],
  [
    'an intent with padding',
    jsonOf({ envelope: envelope.envelope, intents: ['AA=='] }),
    'command/bad-base64url',
    'intents[0]',
  ],
  [
    'too long an intent',
    jsonOf({ envelope: envelope.envelope, intents: ['A'.repeat(32_772)] }),
    'command/oversized',
    'intents[0]',
  ],
  [
    'too few intents',
    encodeSubmission({ ...envelope, intents: three.slice(1) }),
    'command/intent-hash',
    'intents[0]',
  ],
  [
    'intents that end early',
    encodeSubmission({ ...envelope, intents: three.slice(0, 2) }),
    'command/intents-count',
    'intents',
  ],
  [
    'too many intents',
    encodeSubmission({ ...envelope, intents: [...three, intentOf(4)] }),
    'command/intents-count',
    'intents',
  ],
  [
    'intents in another order',
    encodeSubmission({ ...envelope, intents: three.toReversed() }),
    'command/intent-hash',
    'intents[0]',
  ],
  [
    'an intent that was not signed',
    encodeSubmission({ ...envelope, intents: [intentOf(1), intentOf(9), intentOf(3)] }),
    'command/intent-hash',
    'intents[1]',
  ],
  [
    'an intent beside an envelope that is none',
    encodeSubmission({
      envelope: payload(`{"intents":["${sha256('{}')}"]}`, envelopeTyp),
      intents: ['{}'],
    }),
    'command/bad-members',
    'intents[0].intent',
  ],
  [
    'documents that are no list',
    jsonOf({ command: single, documents: {} }),
    'command/bad-member',
    'documents',
  ],
  [
    'an empty list of documents',
    jsonOf({ command: single, documents: [] }),
    'command/documents-count',
    'documents',
  ],
  [
    '65 documents',
    jsonOf({ command: single, documents: Array.from({ length: 65 }, () => 'AA') }),
    'command/documents-count',
    'documents',
  ],
  [
    'a document that is no text',
    jsonOf({ command: single, documents: [1] }),
    'command/bad-member',
    'documents[0]',
  ],
  [
    'a document with spare bits',
    jsonOf({ command: single, documents: ['AB'] }),
    'command/bad-base64url',
    'documents[0]',
  ],
  [
    'a document twice',
    jsonOf({ command: single, documents: ['AA', 'AQ', 'AA'] }),
    'command/duplicate-document',
    'documents[2]',
  ],
  ['a payload that is a list', payload('[]'), 'command/bad-members', 'payload'],
  ['a payload without intent', payload('{}'), 'command/bad-members', 'payload'],
  [
    'a payload with another member',
    payload(`{"intent":"${encoded}","note":1}`),
    'command/bad-members',
    'payload',
  ],
  [
    'a payload in another order',
    payload(`{"approvals":[],"intent":"${encoded}"}`),
    'command/bad-members',
    'payload',
  ],
  [
    'a payload with white space',
    payload(`{"intent": "${encoded}"}`),
    'command/whitespace',
    'payload@10',
  ],
  ['a payload beyond ASCII', payload(`{"intent":"\u00e9"}`), 'command/not-ascii', 'payload@11'],
  ['an intent that is a number', payload('{"intent":1}'), 'command/bad-member', 'payload.intent'],
  ['an intent with spare bits', payload('{"intent":"AB"}'), 'command/bad-base64url', 'intent'],
  [
    'an intent beyond its length',
    payload(`{"intent":"${'A'.repeat(32_772)}"}`),
    'command/oversized',
    'intent',
  ],
  [
    'an intent beyond ASCII',
    payload(commandPayload('{"\u00e9":1}')),
    'command/not-ascii',
    'intent@2',
  ],
  [
    'an empty list of approvals',
    payload(`{"intent":"${encoded}","approvals":[]}`),
    'command/approvals-count',
    'payload.approvals',
  ],
  [
    'an approval in disorder',
    payload(`{"intent":"${encoded}","approvals":[{"kid":1}]}`),
    'command/bad-members',
    'payload.approvals[0]',
  ],
  ['no hashes', enveloped('{"intents":[]}', []), 'command/intents-count', 'payload.intents'],
  ['hashes that are no list', enveloped('{"intents":{}}'), 'command/bad-member', 'payload.intents'],
  [
    'a hash of another length',
    enveloped('{"intents":["AAAA"]}'),
    'command/bad-member',
    'payload.intents[0]',
  ],
  [
    'a hash twice',
    enveloped(jsonOf({ intents: [hashes[0], hashes[0]] })),
    'command/duplicate-intent',
    'payload.intents[1]',
  ],
  [
    'approvals of an envelope in a list',
    enveloped(`{"intents":${listed},"approvals":[]}`),
    'command/bad-member',
    'payload.approvals',
  ],
  [
    'approvals of no position',
    enveloped(`{"intents":${listed},"approvals":{}}`),
    'command/approvals-count',
    'payload.approvals',
  ],
  [
    'approvals of an empty position',
    enveloped(`{"intents":${listed},"approvals":{"p1":[]}}`),
    'command/approvals-count',
    'payload.approvals.p1',
  ],
]

for (const [what, text, code, at] of refused) {
  test(`${what} is refused`, () => {
    assert.deepEqual(refusalOf(text), { code, at })
  })
}

test('positions of approvals are canonical, rising and within the envelope', () => {
  const one = JSON.stringify([approval])
  for (const keys of [['p3'], ['p00'], ['p-1'], ['0x1'], ['p1', 'p0'], ['q0'], ['p64'], ['p1.0']]) {
    const members = keys.map((name) => `"${name}":${one}`).join(',')
    const refusal = refusalOf(enveloped(`{"intents":${listed},"approvals":{${members}}}`))
    assert.deepEqual(refusal, { code: 'command/approval-position', at: 'payload.approvals' })
  }
})

test('payloads that are made are those that are decoded', () => {
  assert.equal(commandPayload(intentOf(1)), `{"intent":"${encoded}"}`)
  assert.equal(envelopePayload(three), `{"intents":${listed}}`)
})
