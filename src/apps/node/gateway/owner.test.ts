// Claims about an owner whose callers are hostile: whatever they send, nothing leaves but under a
// permit of theirs, for its names, in its time; and what cannot be answered is said on the ledger.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { encodeCanonical } from '#base/canonical'
import { acknowledgementTyp, answerTyp, hashOf } from '#apps/node/disclosure'
import { signJws } from '#adapters/keys'
import type { GatewayMember } from '#test/gateway-world'
import { GatewayWorld, keysOf } from '#test/gateway-world'
import type { RawAnswer } from '#test/raw-peer'
import { codeIn, halfRequest, post } from '#test/raw-peer'
import { idOf } from '#test/sharing-world'

let world: GatewayWorld
let cases = 0

before(async () => {
  world = new GatewayWorld()
  for (const member of ['market', 'tax', 'window', 'icbc'] as const) await world.gateway(member)
})
after(() => world.close())

function filed(): string {
  cases += 1
  const id = idOf(`owner case ${cases}`)
  world.file(id)
  return id
}

const send = (
  as: GatewayMember | 'stranger' | null,
  body: string,
  how: { readonly path?: string; readonly method?: string } = {},
): Promise<RawAnswer> => post(world, as, body, how)

function asking(permit: number, names: readonly string[] = ['licence']): string {
  return encodeCanonical({ permit, names })
}

test('a stranger, and whoever shows no key, gets no answer at all', async () => {
  const { entry } = await world.permit(filed())
  for (const who of ['stranger', null] as const) {
    const answered = await send(who, asking(entry)).catch(() => null)
    assert.ok(answered === null || codeIn(answered).startsWith('transport/'))
  }
})

test('a permit is for its reader, for names of this owner, and for an entry that is one', async () => {
  const { entry } = await world.permit(filed())
  assert.equal(codeIn(await send('tax', asking(entry))), 'node/no-permit')
  assert.equal(codeIn(await send('icbc', asking(entry, ['taxFile']))), 'node/no-permit')
  assert.equal(codeIn(await send('icbc', asking(entry, ['licence', 'taxFile']))), 'node/no-permit')
  assert.equal(codeIn(await send('icbc', asking(0))), 'node/no-permit')
  const ahead = await send('icbc', asking(world.host.head().size + 10))
  assert.deepEqual([ahead.status, codeIn(ahead)], [503, 'node/permit-ahead'])
  assert.equal(codeIn(await send('icbc', asking(entry))), 'answered')
})

test('a permit that is a moment ahead of the owner’s copy is waited for', async () => {
  const id = filed()
  const next = world.host.head().size
  const asked = send('icbc', asking(next))
  await new Promise((resolve) => setTimeout(resolve, 20))
  const { entry } = await world.permit(id)
  assert.equal(entry, next)
  assert.equal(codeIn(await asked), 'answered')
})

test('bytes that are no request in its one form are refused before anything is looked up', async () => {
  const { entry } = await world.permit(filed())
  for (const body of [
    '',
    '{}',
    'null',
    `{"permit":${entry},"names":["licence"]}`,
    `{"names":["licence"],"permit":${entry},"more":1}`,
    `{"names":["licence"],"permit":${entry}.5}`,
    `{"names":["licence","licence"],"permit":${entry}}`,
    `{"names":["z","licence"],"permit":${entry}}`,
    `{"names":[],"permit":${entry}}`,
    `{"names":["licence"],"permit":-1}`,
    `{"names":["licence"],"permit":"${entry}"}`,
    `{"names":["../x"],"permit":${entry}}`,
    `{"names":["__proto__"],"permit":${entry}}`,
    `{ "names":["licence"],"permit":${entry}}`,
    `{"names":["许可"],"permit":${entry}}`,
  ]) {
    const answer = await send('icbc', body)
    assert.equal(codeIn(answer), 'node/bad-statement', body)
  }
  const long = await send('icbc', 'x'.repeat(20_000)).catch(() => null)
  assert.ok(long === null || codeIn(long) === 'node/body-oversized')
})

test('any bytes at all to any address are answered with a code', async () => {
  const paths = fc.constantFrom('/v1/disclosures', '/v1/receipts', '/v1/tasks', '/v1/notices')
  await fc.assert(
    fc.asyncProperty(paths, fc.string({ maxLength: 300 }), async (path, body) => {
      assert.match(codeIn(await send('icbc', body, { path })), /^node\/bad-/)
    }),
    { numRuns: 25 },
  )
  assert.equal(codeIn(await send('icbc', '', { path: '/v1/other' })), 'node/not-found')
  assert.equal(codeIn(await send('icbc', '', { method: 'PUT' })), 'node/method-not-allowed')
})

test('nothing leaves at or after the time of the permit', async () => {
  const { entry, permit } = await world.permit(filed())
  const moved = permit.answerBy - world.clock.wallMs()
  world.clock.moved += moved - 2_000
  assert.equal(codeIn(await send('icbc', asking(entry))), 'answered')
  world.clock.moved += 2_000
  const late = await send('icbc', asking(entry))
  assert.deepEqual([late.status, codeIn(late)], [410, 'node/permit-late'])
})

test('an answer that took until the time of the permit to be stored does not leave', async () => {
  const { entry, permit } = await world.permit(filed())
  const vault = world.vault('market')
  const put = vault.put.bind(vault)
  vault.put = async (record) => {
    await put(record)
    if (record.type === 'gateway.answer')
      world.clock.moved += permit.answerBy - world.clock.wallMs()
  }
  assert.equal(codeIn(await send('icbc', asking(entry))), 'node/permit-late')
  vault.put = put
})

test('what the vault did not store does not leave', async () => {
  const { entry } = await world.permit(filed())
  const vault = world.vault('market')
  const put = vault.put.bind(vault)
  vault.put = (record) =>
    record.type === 'gateway.answer' ? Promise.reject(new Error('full')) : put(record)
  assert.equal(codeIn(await send('icbc', asking(entry))), 'node/broken')
  vault.put = put
  assert.equal(codeIn(await send('icbc', asking(entry))), 'answered')
})

test('an item that has moved on is declined on the ledger, and stays declined', async () => {
  const id = filed()
  const { entry } = await world.permit(id)
  world.supply(id, 'licence', 'market', 2)
  assert.equal(codeIn(await send('icbc', asking(entry))), 'node/moved-on')
  assert.equal(world.closing(entry, 'market'), 'moved-on')
  world.supply(id, 'licence', 'market', 1)
  assert.equal(codeIn(await send('icbc', asking(entry))), 'node/permit-closed')
})

test('a record that does not open what stands on the ledger is not shown', async () => {
  const id = filed()
  const { entry } = await world.permit(id)
  const [record] = world.content.records.get(`market ${id} licence`)!
  const leaves = record!.leaves.map((leaf, at) => (at === 1 ? { ...leaf, value: 'other' } : leaf))
  world.content.records.set(`market ${id} licence`, [{ ...record!, leaves }])
  assert.equal(codeIn(await send('icbc', asking(entry))), 'node/not-held')
  assert.equal(world.closing(entry, 'market'), 'not-held')
})

test('one permit has one answer: other names are refused, the same bytes come again', async () => {
  const { entry } = await world.permit(filed())
  const [first, second] = await Promise.all([
    send('icbc', asking(entry)),
    send('icbc', asking(entry)),
  ])
  assert.equal(first.text, second.text)
  assert.equal((await send('icbc', asking(entry))).text, first.text)
})

test('the tags of a month and a slot are all different, and none is left out', async () => {
  const id = filed()
  const all = new Set<string>()
  for (let n = 0; n < 3; n += 1) {
    const given = await world.permit(id, { supply: 'taxFile' }, 'tax')
    const { entry } = given
    const gateway = world.gateways.get('tax')!
    await gateway.ask({ permit: entry, owner: 'window', names: ['applicant'] })
  }
  for (const record of (
    world.vault('window') as { records?: Map<string, { more?: unknown }> }
  ).records!.values()) {
    const { tags } = (record.more ?? {}) as { tags?: { applicant?: string } }
    if (tags?.applicant !== undefined) all.add(tags.applicant)
  }
  assert.equal(all.size, 3)
})

test('an acknowledgement counts for the answer that it names and under the reader’s own key', async () => {
  const { entry } = await world.permit(filed())
  const { answer } = JSON.parse((await send('icbc', asking(entry))).text) as { answer: string }
  const ledger = world.host.ledger
  const acking = (
    by: GatewayMember,
    change: object = {},
    { typ = acknowledgementTyp, use = 'receipt' as const } = {},
  ): string => {
    const store = keysOf(by)
    const { kid } = store.list().find((key) => key.use === use)!
    const said = { ledger, permit: entry, answer: hashOf(answer), ...change }
    const acknowledgement = signJws(store, { kid, use, typ, payload: encodeCanonical(said) })
    return encodeCanonical({ permit: entry, acknowledgement })
  }
  const to = { path: '/v1/receipts' }
  assert.equal(codeIn(await send('icbc', acking('tax'), to)), 'node/bad-signature')
  assert.equal(codeIn(await send('tax', acking('tax'), to)), 'node/no-answer')
  const other = acking('icbc', { answer: hashOf('x') })
  assert.equal(codeIn(await send('icbc', other, to)), 'node/no-answer')
  const elsewhere = acking('icbc', { ledger: 'ledger.example/other' })
  assert.equal(codeIn(await send('icbc', elsewhere, to)), 'node/bad-statement')
  const more = acking('icbc', { time: 1 })
  assert.equal(codeIn(await send('icbc', more, to)), 'node/bad-statement')
  const typed = acking('icbc', {}, { typ: answerTyp })
  assert.equal(codeIn(await send('icbc', typed, to)), 'node/bad-statement')
  assert.equal(codeIn(await send('icbc', acking('icbc'), to)), 'answered')
  await world.gateways.get('market')!.flush()
  assert.equal(world.closing(entry, 'market'), 'receipt')
})

test('a member that asks too much at once is told to come again, and others are answered', async () => {
  const gateway = await world.gateway('market', { bounds: { openOfMemberMax: 2 } })
  const { entry } = await world.permit(filed())
  const other = await world.permit(filed(), { supply: 'taxFile' }, 'tax')
  assert.ok(other.entry > entry)
  const vault = world.vault('market')
  const put = vault.put.bind(vault)
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  vault.put = (record) => held.then(() => put(record))
  const waiting = [send('icbc', asking(entry)), send('icbc', asking(entry))]
  let third = await send('icbc', asking(entry))
  for (let n = 0; n < 50 && third.status !== 503; n += 1) third = await send('icbc', asking(entry))
  assert.deepEqual([third.status, codeIn(third)], [503, 'node/too-busy'])
  assert.equal(codeIn(await send('tax', asking(entry))), 'node/no-permit')
  release()
  for (const answer of await Promise.all(waiting)) assert.equal(codeIn(answer), 'answered')
  vault.put = put
  await gateway.close()
})

test('a request that does not end is cut, and costs its sender alone', async () => {
  const gateway = await world.gateway('market', { bounds: { requestMs: 300 } })
  const began = performance.now()
  await assert.rejects(halfRequest(world, 'icbc'))
  assert.ok(performance.now() - began < 5_000)
  const { entry } = await world.permit(filed())
  assert.equal(codeIn(await send('icbc', asking(entry))), 'answered')
  await gateway.close()
})
