// Reading over HTTP: what everybody may see, what the operator may see, and that whatever is proven
// here is accepted by a verifier who holds nothing but a trust policy.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { latin1Encode, utf8Encode } from '#base/bytes'
import { decodeFrame, frameHeaderBytes, frameLength } from '#ledger/apply'
import { isRefusal, jsonSchemaOf } from '#ledger/command'
import type { TrustPolicy } from '#ledger/prove'
import { decodeEntryBundle, encodeNote, gradeText, leafHash, parseNote } from '#ledger/prove'
import { parsePolicy, verifyEvidence, verifyProofFile } from '#ledger/prove'
import { pathOf } from '#apps/node/describe'
import { routes } from '#apps/node/http'
import { problemCodes, statusOf, titleOf } from '#apps/node/problems'
import { ask, checkpointed, cosignature, noteSigner, openWorld, operator } from '#test/http-world'
import { note, noteEnvelope, send, sendJson, sendLines } from '#test/http-world'
import type { Told, World } from '#test/http-world'

let world: World
let policy: TrustPolicy
before(async () => {
  world = await openWorld()
  for (let at = 0; at < 5; at += 1) await send(world.port, note(`read${at}`))
  await sendJson(world.port, noteEnvelope(['inside', 'too']))
  await checkpointed(world)
  const parsed = parsePolicy(utf8Encode((await get('policy')).text))
  assert.ok(!isRefusal(parsed))
  policy = parsed as TrustPolicy
})
after(() => world.end())

function get(path: string, headers: { readonly [name: string]: string } = {}): Promise<Told> {
  return ask(world.port, path.startsWith('/') ? path : `/v1/${path}`, { headers })
}

const codeOf = async (told: Promise<Told>): Promise<[number, unknown]> => {
  const { status, json } = await told
  return [status, status < 400 ? 'ok' : json()['code']]
}

test('a record that stands in a map is open, any other is for those who hold the ledger', async () => {
  const open = await get('records/notes/current/read1')
  assert.deepEqual(open.json()['value'], { count: 1, value: 1 })
  assert.equal(open.json()['key'], 'notes/current/read1')
  const budget = 'records/ledger/budget/tax/notes'
  assert.deepEqual(await codeOf(get(budget)), [401, 'node/unknown-caller'])
  assert.equal((await get(budget, operator)).status, 200)
  assert.deepEqual(await codeOf(get('records/notes/current/none')), [404, 'node/not-found'])
  assert.deepEqual(await codeOf(get('records/a%22b')), [400, 'node/bad-parameter'])
  assert.deepEqual(await codeOf(get('records/a%ZZ')), [400, 'node/bad-parameter'])
})

test('entries, bundles, frames and events are not for strangers', async () => {
  for (const path of [
    'entries/1',
    'entries?member=tax',
    'entries/1/evidence',
    'events',
    'frames',
  ]) {
    assert.deepEqual(await codeOf(get(path)), [401, 'node/unknown-caller'], path)
  }
  assert.deepEqual(await codeOf(get('tile/entries/000.p/4')), [401, 'node/unknown-caller'])
  const wrong = { authorization: 'Bearer wrong' }
  assert.deepEqual(await codeOf(get('entries/1', wrong)), [401, 'node/bad-token'])
})

test('the operator reads entries and bundles as they stand in the log', async () => {
  const { size } = world.host.head()
  const width = size % 256
  const bundle = await get(`tile/entries/000.p/${width}`, operator)
  assert.equal(bundle.headers['cache-control'], 'no-store')
  const entries = decodeEntryBundle(new Uint8Array(bundle.bytes), width)
  assert.equal(entries?.length, width)
  for (const [index, entry] of entries.entries()) {
    const told = await get(`entries/${index}`, operator)
    assert.equal(told.text, Buffer.from(entry).toString())
  }
  assert.deepEqual(await codeOf(get(`entries/${size}`, operator)), [404, 'node/not-found'])
  assert.deepEqual(await codeOf(get('entries/01', operator)), [400, 'node/bad-parameter'])
  assert.deepEqual(await codeOf(get('entries/-1', operator)), [400, 'node/bad-parameter'])
})

test('a proof file is open to anyone and accepted under the policy of the node', async () => {
  for (const index of [0, 3, 7]) {
    const file = await get(`entries/${index}/proof`)
    const entry = latin1Encode(world.host.entry(index))
    const claim = { entry, file: new Uint8Array(file.bytes), policy, nowMs: Date.now() }
    const verdict = verifyProofFile(claim)
    assert.ok('grade' in verdict, JSON.stringify(verdict))
    const wrong = verifyProofFile({ ...claim, entry: latin1Encode('{}') })
    assert.deepEqual(wrong, { code: 'prove/not-included' })
  }
  assert.deepEqual(await codeOf(get('entries/999999/proof')), [404, 'node/not-found'])
})

test('proofs of a log of several tiles are accepted too, before and after it grows', async () => {
  for (let round = 0; round < 2; round += 1) {
    const names = Array.from({ length: 64 }, (_, at) => `tile${round}.${at}`)
    const lines = Array.from({ length: 6 }, () => noteEnvelope(names))
    await sendLines(world.port, lines)
    await checkpointed(world)
    const { size } = world.host.head()
    for (const index of [0, 1, 127, 254, 255, 256, 300, 383, size - 2, size - 1]) {
      const file = new Uint8Array((await get(`entries/${index}/proof`)).bytes)
      const entry = latin1Encode(world.host.entry(index))
      const verdict = verifyProofFile({ entry, file, policy, nowMs: Date.now() })
      assert.ok('grade' in verdict, `${index} of ${size}: ${JSON.stringify(verdict)}`)
    }
  }
})

test('evidence of an intent of an envelope carries the envelope and verifies', async () => {
  let seen = 0
  for (let index = 0; index < 16; index += 1) {
    const told = await get(`entries/${index}/evidence`, operator)
    const proven = verifyEvidence(new Uint8Array(told.bytes), policy, Date.now())
    assert.ok('verdict' in proven, JSON.stringify(proven))
    if (proven.entry?.content.kind === 'intent') seen += 1
  }
  assert.ok(seen >= 2)
})

test('entries that name a member come with their evidence, page by page', async () => {
  const all: number[] = []
  let from = 0
  for (;;) {
    const page = await get(
      `entries?member=tax&from=${from}&limit=${from === 0 ? 3 : 200}`,
      operator,
    )
    const { entries, next } = page.json() as {
      entries: { index: number; evidence: object }[]
      next: number
    }
    if (entries.length === 0) break
    for (const { index, evidence } of entries) {
      all.push(index)
      const proven = verifyEvidence(utf8Encode(JSON.stringify(evidence)), policy, Date.now())
      assert.ok('verdict' in proven)
    }
    from = next
  }
  assert.deepEqual(all, [...world.host.entriesNaming('tax', 0, 1000)])
  assert.deepEqual(await codeOf(get('entries?member=tax&limit=0', operator)), [
    400,
    'node/bad-parameter',
  ])
  assert.deepEqual(await codeOf(get('entries?member=T', operator)), [400, 'node/bad-parameter'])
})

test('a record is proven present and another absent, under the last map root', async () => {
  for (const [key, value] of [
    ['notes/current/read2', '{"count":1,"value":1}'],
    ['notes/current/nowhere', null],
  ] as const) {
    const told = await get(`records/${key}/proof?map=now`)
    assert.equal(told.status, 200, told.text)
    const proven = verifyEvidence(new Uint8Array(told.bytes), policy, Date.now())
    assert.ok('verdict' in proven, JSON.stringify(proven))
    assert.equal(proven.record?.value, value)
  }
  assert.deepEqual(await codeOf(get('records/notes/current/x/proof?map=none')), [
    404,
    'node/not-found',
  ])
})

test('a record that changed since the last map root is not proven before the next', async () => {
  // A root may come between the change and the question; then the question is asked anew.
  const ask = async (name: string): ReturnType<typeof get> => {
    await checkpointed(world)
    await send(world.port, note(name))
    return get(`records/notes/current/${name}/proof?map=now`)
  }
  let told = await ask('read3')
  for (const name of ['read3b', 'read3c']) if (told.status === 200) told = await ask(name)
  assert.equal(told.json()['code'], 'node/record-changed')
  assert.equal(told.headers['retry-after'], '5')
  await checkpointed(world)
  assert.equal((await get('records/notes/current/read3/proof?map=now')).status, 200)
})

test('hash tiles are open, and only what never changes may be kept', async () => {
  const { size } = world.host.head()
  const full = await get('tile/0/000')
  assert.equal(full.bytes.length, 256 * 32)
  assert.match(full.headers['cache-control'] ?? '', /^public, .*immutable$/)
  const leaf = Buffer.from(leafHash(latin1Encode(world.host.entry(2))))
  assert.deepEqual(full.bytes.subarray(64, 96), leaf)
  const width = size % 256
  const last = `tile/0/${String((size - width) / 256).padStart(3, '0')}`
  const partial = await get(`${last}.p/${width}`)
  assert.equal(partial.bytes.length, width * 32)
  assert.equal(partial.headers['cache-control'], 'no-store')
  assert.deepEqual(await codeOf(get(last)), [404, 'node/not-found'])
  assert.deepEqual(await codeOf(get('tile/0/0')), [404, 'node/not-found'])
  const bundle = await get('tile/entries/000', operator)
  assert.equal(bundle.headers['cache-control'], 'no-store')
  assert.equal((await get('/tile/0/000')).status, 200)
  assert.equal((await get('/checkpoint')).text, (await get('checkpoint')).text)
})

test('frames come whole and chained, from any height, and a reader may wait for the next', async () => {
  const told = await get('frames', operator)
  let previous: Uint8Array = new Uint8Array(32)
  let at = 0
  let height = 0
  while (at < told.bytes.length) {
    const rest = new Uint8Array(told.bytes.subarray(at))
    const length = frameLength(rest.subarray(0, frameHeaderBytes)) ?? 0
    const frame = decodeFrame(rest.subarray(0, length), previous)
    assert.ok(!isRefusal(frame))
    height = frame.height
    previous = frame.hash
    at += length
  }
  assert.equal(height, world.host.head().height)
  const later = await get(`frames?from=${height}`, operator)
  assert.ok(told.bytes.subarray(-later.bytes.length).equals(later.bytes))
  assert.deepEqual(await codeOf(get(`frames?from=${height + 2}`, operator)), [
    400,
    'node/bad-parameter',
  ])
  const { height: now } = world.host.head()
  assert.equal((await get(`frames?from=${now + 1}`, operator)).bytes.length, 0)
  const waiting = get(`frames?from=${now + 1}&wait=20`, operator)
  await send(world.port, note('awaited'))
  assert.ok((await waiting).bytes.length > 0)
})

test('a path of hashes leads from one size to another', async () => {
  const { size } = world.host.head()
  const told = await get(`consistency?from=2&to=${size}`)
  assert.equal(told.status, 200)
  assert.match(told.text, /^(?:[A-Za-z0-9+/]{43}=\n)+$/)
  assert.deepEqual(await codeOf(get(`consistency?from=5&to=${size + 1}`)), [
    400,
    'node/bad-parameter',
  ])
  assert.deepEqual(await codeOf(get('consistency')), [400, 'node/bad-parameter'])
})

test('a cosignature counts only under a registered key over the newest checkpoint', async () => {
  await checkpointed(world)
  const text = world.host.proofs.checkpoint()?.text ?? ''
  const read = parseNote(utf8Encode(text))
  assert.ok(read)
  const seconds = Math.floor(Date.now() / 1000)
  const bring = (line: ReturnType<typeof cosignature>, of = read.text): Promise<Told> =>
    ask(world.port, '/v1/checkpoint/cosignatures', {
      method: 'POST',
      body: Buffer.from(encodeNote({ text: of, signatures: [...read.signatures, line] })),
    })
  const line = cosignature(read.text, seconds)
  const strange = cosignature(read.text, seconds, noteSigner())
  assert.equal((await bring(strange)).json()['code'], 'node/unknown-cosigner')
  const damaged = {
    ...line,
    signature: line.signature.map((byte, at) => (at === 20 ? byte ^ 1 : byte)),
  }
  assert.equal((await bring(damaged)).json()['code'], 'node/bad-cosignature')
  const older = cosignature(`${read.text.split('\n')[0] ?? ''}\n1\n${'A'.repeat(43)}=\n`, seconds)
  const other = await bring(older, `${read.text.split('\n')[0] ?? ''}\n1\n${'A'.repeat(43)}=\n`)
  assert.equal(other.json()['code'], 'node/other-checkpoint')
  const malformed = await ask(world.port, '/v1/checkpoint/cosignatures', {
    method: 'POST',
    body: 'x',
  })
  assert.equal(malformed.json()['code'], 'node/malformed-cosignature')
  const taken = await bring(line)
  assert.equal(taken.status, 200, taken.text)
  assert.equal(parseNote(new Uint8Array(taken.bytes))?.signatures.length, 2)
  // The cosigner's key is hosted: known, and worth nothing.
  assert.equal(gradeText(world.host.proofs.verdict()), 'witnessed(0)')
})

test('addresses that are none, and methods that are not theirs, are told apart', async () => {
  assert.deepEqual(await codeOf(get('nothing')), [404, 'node/not-found'])
  assert.deepEqual(await codeOf(get('/favicon.ico')), [404, 'node/not-found'])
  assert.deepEqual(await codeOf(get('/v1/ledgers/other/checkpoint')), [404, 'node/unknown-ledger'])
  const same = await get('/v1/ledgers/ledger.example%2fserved/checkpoint')
  assert.equal(same.status, 200)
  for (const route of routes) {
    const path = pathOf(route)
      .replace('{ledger}', 'ledger.example%2Fserved')
      .replaceAll(/\{\w+\}/g, '0')
    const told = await ask(
      world.port,
      route.needs === undefined ? path : `${path}?${route.needs}=x`,
      {
        method: 'DELETE',
      },
    )
    assert.equal(told.status, 405, path)
    assert.match(told.headers.allow ?? '', new RegExp(route.method))
  }
  const head = await ask(world.port, '/v1/checkpoint', { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.equal(head.text, '')
})

test('a receipt of nobody and one of nothing look alike', async () => {
  const id = 'AAAAAAAAAAAAAAAAAAAAAA'
  const one = await get(`receipts/tax/${id}`)
  const two = await get(`receipts/nobody/${id}`)
  assert.equal(one.status, 404)
  assert.equal(one.text, two.text)
  assert.deepEqual(await codeOf(get('receipts/tax/short')), [400, 'node/bad-parameter'])
})

test('health, ledgers and figures are open and say nothing of anybody', async () => {
  assert.equal((await get('/livez')).text, 'ok\n')
  assert.equal((await get('/readyz')).text, 'ok\n')
  const { ledgers } = (await get('/v1/ledgers')).json() as { ledgers: { ledger: string }[] }
  assert.deepEqual(
    ledgers.map(({ ledger }) => ledger),
    ['ledger.example/served'],
  )
  assert.equal((await get('/metrics')).status, 200)
})

type Openapi = {
  readonly paths: { readonly [path: string]: { readonly [method: string]: object } }
  readonly components: { readonly schemas: { readonly [name: string]: object } }
}

test('the description names every route, every type and every code, and is stable', async () => {
  const told = await get('/openapi.json')
  const described = JSON.parse(told.text) as Openapi
  const paths = Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  )
  const wanted = routes.map((route) => `${route.method.toLowerCase()} ${pathOf(route)}`)
  assert.deepEqual(paths.toSorted(), wanted.toSorted())
  for (const [name, type] of world.host.types) {
    const { properties } = described.components.schemas[`intent.${name}`] as {
      properties: { body: unknown }
    }
    assert.deepEqual(properties.body, JSON.parse(JSON.stringify(jsonSchemaOf(type.body))), name)
  }
  assert.equal((await get('/openapi.json')).text, told.text)
  const references = [...told.text.matchAll(/"#\/components\/schemas\/([\w.]+)"/g)]
  for (const [, name = ''] of references) assert.ok(name in described.components.schemas, name)
})

test('the page on HTTP has every route of a ledger', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/protocol/http.md'), 'utf8')
  for (const { method, path, query = [] } of routes.filter(({ scope }) => scope === 'ledger')) {
    const plain = path.replaceAll('+}', '}')
    const shown = `${method} ${plain}${query.length === 0 ? '' : `?${query.join('=&')}=`}`
    assert.ok(page.includes(`| \`${shown}\` |`), shown)
  }
})

test('every code has a status and a title in both languages', () => {
  for (const code of problemCodes()) {
    assert.ok(statusOf(code) >= 400 && statusOf(code) < 600, code)
    assert.notEqual(titleOf(code, 'en'), code)
    assert.match(titleOf(code, 'zh'), /[一-鿿]/)
  }
})

test('nothing failed inside while all this was asked', () => {
  assert.deepEqual(world.failures, [])
})
