// Commands over HTTP, as whoever sends them meets the node: every answer with its status and code,
// and a log that bad input of any kind leaves as it was. A real ledger on a real disk answers.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import { importPublicKey, sha256, verifySignature } from '#base/crypto'
import { commandBytesMax, encodeSubmission, intentBytesMax } from '#ledger/command'
import { gradeText } from '#ledger/prove'
import { makeId, makeKey, signCommand, signEnvelope, signJws } from '#test/commands'
import {
  ask,
  checkpointed,
  keys,
  note,
  noteEnvelope,
  noteIntent,
  openWorld,
} from '#test/http-world'
import { send, sendJson, sendLines } from '#test/http-world'
import type { Asked, Told, World } from '#test/http-world'

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world.end())

/** Entries that a command has caused; the ledger's own roots come by the clock, whoever asks. */
function size(): number {
  const { host } = world
  let count = 0
  for (let at = 0; at < host.head().size; at += 1)
    if (!host.entry(at).includes('"c":null')) count += 1
  return count
}
const post = (asked: Asked): Promise<Told> =>
  ask(world.port, '/v1/commands', { method: 'POST', ...asked })

test('a command is answered by its receipt, which stands at the place that the answer names', async () => {
  const id = makeId()
  const told = await send(world.port, note('first', { id }))
  assert.equal(told.status, 201)
  const { member, code, grade, entry } = told.json()
  assert.deepEqual({ member, code, grade }, { member: 'tax', code: 'ok', grade: 'durable' })
  const again = await ask(world.port, told.headers.location ?? '')
  assert.equal(again.status, 200)
  assert.equal(again.json()['id'], id)
  assert.equal(again.json()['entry'], entry)
})

test('the same command again answers the first receipt and leaves the log as it was', async () => {
  const jws = note('again')
  const first = await send(world.port, jws)
  const before = size()
  for (let round = 0; round < 3; round += 1) {
    const told = await send(world.port, jws)
    assert.equal(told.status, 201)
    assert.deepEqual({ ...told.json(), grade: '' }, { ...first.json(), grade: '' })
  }
  const lines = await sendLines(world.port, [jws, jws])
  assert.equal(lines.text.trimEnd().split('\n').length, 2)
  assert.equal(size(), before)
})

test('a command from a file ends with a line break and is the same command', async () => {
  const jws = note('from-a-file')
  const first = await post({ headers: jose, body: `${jws}\n` })
  assert.equal(first.status, 201)
  assert.equal((await send(world.port, jws)).json()['entry'], first.json()['entry'])
  assert.equal((await post({ headers: jose, body: `${jws}\n\n` })).status, 400)
})

test('another signature over the same intent is the same command', async () => {
  const intent = noteIntent('resigned')
  const first = await send(world.port, signCommand(keys.tax, intent))
  const second = await send(world.port, signCommand(keys.tax, intent))
  assert.equal(second.json()['entry'], first.json()['entry'])
})

test('another intent under a used id is refused, and another member may use the same id', async () => {
  const id = makeId()
  await send(world.port, note('one', { id }))
  const before = size()
  const told = await send(world.port, note('two', { id }))
  assert.equal(told.status, 422)
  assert.equal(told.json()['code'], 'read/id-reused')
  assert.equal(size(), before)
  const other = await send(world.port, note('three', { id }, keys.land))
  assert.equal(other.status, 201)
})

test('what the state machine refuses has a receipt that says so', async () => {
  const told = await send(world.port, note('x', { body: { key: 'x', value: -1 } }))
  assert.equal(told.status, 201)
  assert.equal(told.json()['code'], 'notes/negative')
})

type Bad = readonly [what: string, asked: Asked, status: number, code: string]

const jose = { 'content-type': 'application/jose' }
const json = { 'content-type': 'application/json' }

function jwsOver(payload: string, key = keys.tax): Asked {
  return { headers: jose, body: signJws(key, 'lianban-command+jws', payload) }
}

function intentOver(text: string): Asked {
  return jwsOver(`{"intent":"${base64urlEncode(utf8Encode(text))}"}`)
}

function bad(name: string, options: Parameters<typeof note>[1], key = keys.tax): Asked {
  return { headers: jose, body: note(name, options, key) }
}

const intentWith = (body: string): string =>
  `{"ledger":"ledger.example/served","id":"${makeId()}","type":"notes.set","body":${body},` +
  `"notAfter":${Date.now() + 60_000}}`
const tampered = (): string => {
  const [head = '', payload = ''] = note('tampered').split('.')
  return `${head}.${payload}.${note('other').split('.')[2] ?? ''}`
}
const published = (documents: readonly string[], named: string): string =>
  encodeSubmission({
    command: note('d', {
      type: 'notes.publish',
      body: { document: base64urlEncode(sha256(named)) },
    }),
    ...(documents.length === 0 ? {} : { documents: documents.map((each) => utf8Encode(each)) }),
  })

const badInput: readonly Bad[] = [
  ['an empty body', { headers: jose, body: '' }, 400, 'command/jws-parts'],
  ['a body without a type', { body: note('x') }, 415, 'node/unsupported-media-type'],
  [
    'a form',
    { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b' },
    415,
    'node/unsupported-media-type',
  ],
  [
    'a JWS under the type of JSON',
    { headers: json, body: note('x') },
    415,
    'node/unsupported-media-type',
  ],
  [
    'JSON under the type of a JWS',
    { headers: jose, body: '{}' },
    415,
    'node/unsupported-media-type',
  ],
  [
    'a packed body',
    { headers: { ...jose, 'content-encoding': 'gzip' }, body: note('x') },
    415,
    'node/unsupported-media-type',
  ],
  [
    'an oversized body',
    { headers: jose, body: 'a'.repeat(commandBytesMax + 1) },
    413,
    'node/body-oversized',
  ],
  [
    'an oversized body of unknown length',
    {
      headers: { ...jose, 'transfer-encoding': 'chunked' },
      body: 'a'.repeat(commandBytesMax + 1),
    },
    413,
    'node/body-oversized',
  ],
  [
    'an oversized intent',
    intentOver(intentWith(`{"key":"${'a'.repeat(intentBytesMax)}"}`)),
    413,
    'command/oversized',
  ],
  [
    'a deep body',
    intentOver(intentWith(`${'{"a":'.repeat(20)}1${'}'.repeat(20)}`)),
    400,
    'command/too-deep',
  ],
  [
    'a duplicate key',
    intentOver(intentWith('{"key":"a","key":"b"}')),
    400,
    'command/duplicate-key',
  ],
  ['text that is not ASCII', intentOver(intentWith('{"key":"é"}')), 400, 'command/not-ascii'],
  ['a fraction', intentOver(intentWith('{"value":1.5}')), 400, 'command/bad-number'],
  [
    'a body that misses its schema',
    intentOver(intentWith('{"key":"a","value":"one"}')),
    422,
    'command/schema',
  ],
  ['bytes after a submission', { headers: json, body: '{} ' }, 400, 'command/whitespace'],
  [
    'an unknown member of a submission',
    { headers: json, body: '{"x":1}' },
    400,
    'command/bad-members',
  ],
  ['a key of another use', bad('x', {}, keys.taxReceipt), 403, 'validate/wrong-key-use'],
  ['a key that nobody registered', bad('x', {}, makeKey('stranger')), 403, 'validate/unknown-key'],
  [
    'a signature over something else',
    { headers: jose, body: tampered() },
    403,
    'validate/bad-signature',
  ],
  ['an expired command', bad('x', { notAfter: Date.now() - 1000 }), 422, 'validate/expired'],
  [
    'a command too far ahead',
    bad('x', { notAfter: Date.now() + 8 * 86_400_000 }),
    422,
    'validate/too-far-ahead',
  ],
  [
    'a command for somebody else’s ledger',
    bad('x', { ledger: 'ledger.example/other' }),
    422,
    'validate/other-ledger',
  ],
  ['an unknown type', bad('x', { type: 'notes.unknown' }), 422, 'validate/unknown-type'],
  [
    'a document that does not travel',
    { headers: json, body: published([], 'absent') },
    422,
    'validate/document-missing',
  ],
  [
    'a document that nobody names',
    { headers: json, body: published(['named', 'stray'], 'named') },
    422,
    'validate/document-not-named',
  ],
]

for (const [what, asked, status, code] of badInput) {
  test(`${what} is answered ${code} and leaves no trace`, async () => {
    const before = size()
    const told = await post(asked)
    const problem = told.json()
    assert.equal(problem['code'], code)
    assert.equal(told.status, status)
    assert.equal(problem['status'], status)
    assert.equal(told.headers['content-type'], 'application/problem+json')
    assert.equal(problem['type'], `urn:lianban:problem:${code}`)
    assert.equal(size(), before)
  })
}

test('the refusal of an authentic command is signed by the node, any other is not', async () => {
  const jws = note('x', { notAfter: Date.now() - 1000 })
  const { signed } = (await send(world.port, jws)).json() as { signed: string }
  const [head = '', payload = '', signature = ''] = signed.split('.')
  const key = importPublicKey('ES256', keys.taxReceipt.jwk)
  assert.ok(key)
  assert.ok(verifySignature(key, `${head}.${payload}`, Buffer.from(signature, 'base64url')))
  const said = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, string>
  assert.equal(said['code'], 'validate/expired')
  assert.equal(said['member'], 'tax')
  assert.equal(said['hash'], base64urlEncode(sha256(jws)))
  assert.equal((await send(world.port, tampered())).json()['signed'], undefined)
})

test('titles of problems follow the language that was asked for', async () => {
  const title = async (accept?: string): Promise<string> => {
    const headers = accept === undefined ? jose : { ...jose, 'accept-language': accept }
    return String((await post({ headers, body: 'x' })).json()['title'])
  }
  assert.equal(await title('en-GB,en;q=0.8'), 'not three parts joined by two dots')
  assert.equal(await title('zh-CN,en;q=0.5'), '不是以两个点连接的三段')
  assert.match(await title(), /三段 \/ not three/)
})

test('an envelope of 64 is answered in the order of its intents', async () => {
  const names = Array.from({ length: 64 }, (_, at) => `many${at}`)
  const told = await sendJson(world.port, noteEnvelope(names))
  assert.equal(told.status, 201)
  const { receipts } = told.json() as { receipts: { entry: number; envelope: object }[] }
  assert.equal(receipts.length, 64)
  const [first] = receipts
  assert.ok(first)
  for (const [at, receipt] of receipts.entries()) {
    assert.equal(receipt.entry, first.entry + at)
    assert.deepEqual(receipt.envelope, { entry: first.entry - 1, position: at })
  }
})

test('an envelope says of each intent whether it was admitted', async () => {
  const intents = [noteIntent('in'), noteIntent('out', { notAfter: Date.now() - 1000 })]
  const told = await sendJson(world.port, encodeSubmission(signEnvelope(keys.tax, intents)))
  assert.equal(told.status, 201)
  const { receipts } = told.json() as { receipts: { code: string; status?: number }[] }
  assert.deepEqual(
    receipts.map(({ code, status }) => [code, status]),
    [
      ['ok', undefined],
      ['validate/expired', 422],
    ],
  )
})

test('an envelope of which nothing is admitted is a problem and has no entry', async () => {
  const before = size()
  const intents = ['a', 'b'].map((name) => noteIntent(name, { notAfter: Date.now() - 1000 }))
  const told = await sendJson(world.port, encodeSubmission(signEnvelope(keys.tax, intents)))
  assert.equal(told.status, 422)
  const { code, errors } = told.json() as { code: string; errors: { code: string }[] }
  assert.deepEqual([code, ...errors.map((each) => each.code)], Array(3).fill('validate/expired'))
  assert.equal(size(), before)
})

test('a stream of 1,000 is answered line by line in its order', async () => {
  const before = size()
  const lines = Array.from({ length: 1000 }, (_, at) =>
    at % 100 === 7 ? 'no command' : at % 100 === 9 ? noteEnvelope(['a', 'b']) : note(`line${at}`),
  )
  const told = await sendLines(world.port, lines)
  assert.equal(told.status, 200)
  assert.equal(told.headers['content-type'], 'application/x-ndjson')
  const answers = told.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { code?: string; entry?: number; receipts?: unknown[] })
  assert.equal(answers.length, 1000)
  let last = before - 1
  for (const [at, answer] of answers.entries()) {
    if (at % 100 === 7) assert.equal(answer.code, 'command/jws-parts')
    else if (at % 100 === 9) assert.equal(answer.receipts?.length, 2)
    else {
      assert.equal(answer.code, 'ok')
      assert.ok((answer.entry ?? 0) > last)
      last = answer.entry ?? 0
    }
  }
  assert.equal(size() - before >= 980 + 30, true)
})

test('a line that is too long ends the stream behind what came before it', async () => {
  const told = await sendLines(world.port, [note('a'), 'x'.repeat(4_300_000), note('b')])
  const codes = told.text.trimEnd().split('\n')
  assert.deepEqual(
    codes.map((line) => (JSON.parse(line) as { code: string }).code),
    ['ok', 'node/line-oversized'],
  )
})

test('a document is published by its hash and served under it', async () => {
  const text = 'a blueprint'
  const told = await sendJson(world.port, published([text], text))
  assert.equal(told.json()['code'], 'ok')
  const served = await ask(world.port, `/v1/documents/${base64urlEncode(sha256(text))}`)
  assert.equal(served.status, 200)
  assert.equal(served.text, text)
  assert.match(served.headers['cache-control'] ?? '', /immutable/)
})

test('a receipt can be asked for ever, and its grade rises; hosted keys never raise it further', async () => {
  const told = await send(world.port, note('lasting'))
  await checkpointed(world)
  const path = told.headers.location ?? ''
  const risen = (await ask(world.port, path)).json()
  assert.equal(risen['grade'], 'witnessed(0)')
  assert.equal(gradeText(world.host.proofs.verdict()), 'witnessed(0)')
  await world.stop()
  world = await openWorld({ directory: world.directory })
  const later = (await ask(world.port, path)).json()
  assert.deepEqual({ ...later, grade: '' }, { ...told.json(), grade: '' })
  const replayed = await send(world.port, note('after'))
  assert.equal(replayed.status, 201)
})

test('a replay after a restart still answers the first receipt', async () => {
  const jws = note('before-restart')
  const first = await send(world.port, jws)
  await world.stop()
  world = await openWorld({ directory: world.directory })
  const before = size()
  const again = await send(world.port, jws)
  assert.equal(again.json()['entry'], first.json()['entry'])
  assert.equal(size(), before)
})
