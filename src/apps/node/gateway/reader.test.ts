// Claims about a reader whose owner is hostile: nothing is kept or acknowledged that the ledger
// does not bind, whoever signed it, and no answer can hold a reader for longer than its time.
import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { utf8Encode } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { encryptTo, signJws } from '#adapters/keys'
import type { HeldUse } from '#adapters/keys'
import type { ShownRecords } from '#apps/node/disclosure'
import { answerTyp, hashOf } from '#apps/node/disclosure'
import type { GatewayMember, GivenPermit } from '#test/gateway-world'
import { GatewayWorld, keysOf } from '#test/gateway-world'
import type { FakePeer } from '#test/raw-peer'
import { fakePeer, post } from '#test/raw-peer'
import { idOf } from '#test/sharing-world'

let world: GatewayWorld
let cases = 0
let answerWith: (request: IncomingMessage, response: ServerResponse) => void = () => undefined
let fake: FakePeer

before(async () => {
  world = new GatewayWorld()
  for (const member of ['market', 'tax', 'window', 'icbc'] as const) await world.gateway(member)
  fake = await fakePeer('market', (request, response) => answerWith(request, response))
})
after(async () => {
  fake.close()
  await world.close()
})

type Good = { readonly given: GivenPermit; readonly id: string; readonly text: string }

/** A permit, and what its honest owner would answer. */
async function good(): Promise<Good> {
  cases += 1
  const id = idOf(`reader case ${cases}`)
  world.file(id)
  const given = await world.permit(id)
  const asked = encodeCanonical({ permit: given.entry, names: ['licence'] })
  return { given, id, text: (await post(world, 'icbc', asked)).text }
}

/** What the reader makes of an answer that it is given by a false owner. */
async function heard(of: Good, text: string): Promise<string> {
  const { id, given } = of
  answerWith = (request, response) => {
    request.resume()
    response.end(request.url === '/v1/disclosures' ? text : '{}')
  }
  const honest = world.origins.get('market')!
  world.origins.set('market', fake.origin)
  const gateway = world.gateways.get('icbc')!
  const shown = await gateway.ask({ permit: given.entry, owner: 'market', names: ['licence'] })
  world.origins.set('market', honest)
  const copies = world.vault('icbc').find({ case: id, kind: 'copy' })
  assert.equal(copies.length > 0, 'records' in shown, 'what is kept is what was verified')
  return 'declined' in shown ? shown.declined : 'shown'
}

/** An answer that says what a test likes, signed and encrypted as it should be. */
async function made(
  permit: number,
  of: {
    readonly records: ShownRecords | object
    readonly roots?: object
    readonly change?: object
    readonly by?: GatewayMember
    readonly use?: HeldUse
    readonly to?: GatewayMember
    readonly typ?: string
  },
): Promise<string> {
  const { records, by = 'market', use = 'receipt', to = 'icbc', typ = answerTyp } = of
  const key = keysOf(to)
    .list()
    .find((held) => held.use === 'encrypt')!
  const body = encryptTo(key, utf8Encode(encodeCanonical({ records } as never)))
  const { kid } = keysOf(by)
    .list()
    .find((held) => held.use === use)!
  const said = {
    ledger: world.host.ledger,
    permit,
    body: hashOf(body),
    roots: of.roots ?? rootsOf(records as ShownRecords),
    tags: {},
    time: 1,
    ...of.change,
  }
  const answer = signJws(keysOf(by), { kid, use, typ, payload: encodeCanonical(said as never) })
  return encodeCanonical({ answer, body })
}

function rootsOf(records: ShownRecords): object {
  return Object.fromEntries(
    Object.entries(records).map(([name, list]) => [name, list.map((each) => each.commitment)]),
  )
}

/** The records of the honest answer, as its reader keeps them. */
async function shownOf(of: Good): Promise<ShownRecords> {
  const gateway = world.gateways.get('icbc')!
  const shown = await gateway.ask({
    permit: of.given.entry,
    owner: 'market',
    names: ['licence'],
  })
  assert.ok('records' in shown)
  // As if it had never been heard.
  const vault = world.vault('icbc') as unknown as { records: Map<string, { case: string }> }
  vault.records.clear()
  return JSON.parse(JSON.stringify(shown.records)) as ShownRecords
}

test('an honest answer is taken from whoever holds the owner’s keys', async () => {
  const one = await good()
  assert.equal(await heard(one, one.text), 'shown')
})

test('a desk and its robot that ask at once ask the owner once, and keep one answer', async () => {
  const { id, given, text } = await good()
  let asked = 0
  answerWith = (request, response) => {
    request.resume()
    if (request.url === '/v1/disclosures') asked += 1
    response.end(request.url === '/v1/disclosures' ? text : '{}')
  }
  const honest = world.origins.get('market')!
  world.origins.set('market', fake.origin)
  const gateway = world.gateways.get('icbc')!
  const question = { permit: given.entry, owner: 'market', names: ['licence'] }
  const [first, second] = await Promise.all([gateway.ask(question), gateway.ask(question)])
  world.origins.set('market', honest)
  assert.ok('records' in first && 'records' in second)
  assert.equal(encodeCanonical(first.records), encodeCanonical(second.records))
  assert.equal(asked, 1)
  const kept = world.vault('icbc').find({ case: id, kind: 'copy', name: 'licence' })
  assert.equal(kept.length, first.records['licence']?.length)
})

test('an answer that was changed anywhere is not taken', async () => {
  const one = await good()
  await fc.assert(
    fc.asyncProperty(fc.nat(one.text.length - 1), fc.constantFrom('A', 'x', '"'), async (at, c) => {
      if (one.text[at] === c) return
      const code = await heard(one, one.text.slice(0, at) + c + one.text.slice(at + 1))
      assert.match(code, /^node\/bad-(?:answer|statement|signature)$/)
    }),
    { numRuns: 60 },
  )
})

test('the answer to another permit is not taken for this one', async () => {
  const [one, other] = [await good(), await good()]
  assert.equal(await heard(one, other.text), 'node/bad-answer')
})

test('an answer signed by another member, by a key of another use, or as something else', async () => {
  const one = await good()
  const records = await shownOf(one)
  const { entry } = one.given
  assert.equal(await heard(one, await made(entry, { records })), 'shown')
  await shownOf(one)
  for (const wrong of [{ by: 'tax' }, { use: 'command' }, { typ: 'lianban-ack+jws' }] as const) {
    const text = await made(entry, { records, ...wrong }).catch(() => '{}')
    assert.match(await heard(one, text), /^node\/bad-(?:answer|statement|signature)$/)
  }
})

test('a statement that names another body, ledger, permit or root is not taken', async () => {
  const one = await good()
  const records = await shownOf(one)
  for (const change of [
    { body: hashOf('x') },
    { ledger: 'ledger.example/other' },
    { permit: one.given.entry + 1 },
    { roots: {} },
    { roots: { licence: [hashOf('x')] } },
    { roots: { licence: [] } },
    { more: 1 },
    { time: -1 },
    { time: 2 ** 52 },
    { tags: { applicant: 'x' } },
  ]) {
    const text = await made(one.given.entry, { records, change })
    assert.match(await heard(one, text), /^node\/bad-(?:answer|statement)$/, JSON.stringify(change))
  }
})

test('values that the ledger does not bind are not taken, though the owner signed them', async () => {
  const one = await good()
  const records = await shownOf(one)
  const [licence] = records['licence']!
  const { openings } = licence!
  const last = openings.at(-1)!
  const forged: readonly object[] = [
    {},
    { licence: [] },
    { licence: [licence, licence] },
    { licence: [licence], taxFile: [licence] },
    { licence: [{ ...licence, commitment: hashOf('x') }] },
    { licence: [{ ...licence, from: 'open' }] },
    { licence: [{ ...licence, element: 0 }] },
    { licence: [{ ...licence, more: 1 }] },
    { licence: [{ ...licence, openings: [] }] },
    { licence: [{ ...licence, openings: openings.slice(1) }] },
    { licence: [{ ...licence, openings: openings.toReversed() }] },
    { licence: [{ ...licence, openings: [...openings, last] }] },
    { licence: [{ ...licence, openings: [...openings.slice(0, -1), { ...last, value: '"x"' }] }] },
    { licence: [{ ...licence, openings: [...openings.slice(0, -1), { ...last, value: null }] }] },
    { licence: [{ ...licence, openings: [...openings.slice(0, -1), { ...last, path: '$' }] }] },
    { licence: [{ ...licence, openings: [...openings.slice(0, -1), { ...last, index: 0 }] }] },
    { licence: 'x' },
    { licence: [[]] },
  ]
  const roots = rootsOf(records)
  for (const each of forged) {
    const text = await made(one.given.entry, { records: each, roots })
    assert.equal(await heard(one, text), 'node/bad-answer', JSON.stringify(each).slice(0, 80))
  }
})

test('a body for another key is not taken', async () => {
  const one = await good()
  const records = await shownOf(one)
  const text = await made(one.given.entry, { records, to: 'tax' })
  assert.equal(await heard(one, text), 'node/bad-answer')
})

test('texts that are no answer are not taken', async () => {
  const one = await good()
  for (const text of ['', '{}', 'null', '[]', '{"answer":"","body":""}', 'x'.repeat(100_000)]) {
    assert.match(await heard(one, text), /^node\/bad-(?:answer|statement)$/, text.slice(0, 20))
  }
})

test('an answer without an end, or longer than any answer, ends by itself', async () => {
  const one = await good()
  const honest = world.origins.get('market')!
  world.origins.set('market', fake.origin)
  const gateway = world.gateways.get('icbc')!
  const question = { permit: one.given.entry, owner: 'market', names: ['licence'] }
  answerWith = (_request, response) => {
    response.writeHead(200)
    const part = 'x'.repeat(262_144)
    const more = (): void => {
      while (!response.destroyed && response.write(part));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  }
  const shown = await gateway.ask(question)
  assert.deepEqual(shown, { declined: 'transport/oversized-answer' })
  world.clock.moved += one.given.permit.answerBy - world.clock.wallMs() - 300
  answerWith = () => undefined
  const began = performance.now()
  assert.deepEqual(await gateway.ask(question), { declined: 'node/peer-silent' })
  assert.ok(performance.now() - began < 2_000)
  world.origins.set('market', honest)
})

test('an owner under another member’s key is not asked anything', async () => {
  const one = await good()
  const honest = world.origins.get('market')!
  let asked = 0
  const other = await fakePeer('tax', (_request, response) => {
    asked += 1
    response.end('{}')
  })
  world.origins.set('market', other.origin)
  const gateway = world.gateways.get('icbc')!
  const question = { permit: one.given.entry, owner: 'market', names: ['licence'] }
  assert.deepEqual(await gateway.ask(question), { declined: 'transport/other-member' })
  assert.equal(asked, 0)
  world.origins.set('market', honest)
  other.close()
})
