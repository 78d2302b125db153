// Claims about gateways over real sockets with mutual TLS: what an owner gives, to whom, until
// when, and what stands on the ledger of it afterwards.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Gateway, Shown } from '#apps/node/gateway'
import { receiptRoot } from '#apps/node/gateway'
import type { GatewayMember, GivenPermit } from '#test/gateway-world'
import { GatewayWorld } from '#test/gateway-world'
import { idOf } from '#test/sharing-world'

let world: GatewayWorld
let cases = 0

before(async () => {
  world = new GatewayWorld()
  for (const member of ['market', 'tax', 'window', 'icbc'] as const) await world.gateway(member)
})
after(() => world.close())

/** A new case whose request has come to the bank. */
function filed(): string {
  cases += 1
  const id = idOf(`case ${cases}`)
  world.file(id)
  return id
}

function gateway(member: GatewayMember): Gateway {
  return world.gateways.get(member)!
}

function ask({ entry, permit }: GivenPermit, owner: GatewayMember): Promise<Shown> {
  return gateway('icbc').ask({ permit: entry, owner, names: permit.owners[owner]! })
}

function codeOf(shown: Shown): string {
  return 'declined' in shown ? shown.declined : 'shown'
}

/** Waits until acknowledgements have arrived, then puts all receipts on the ledger. */
async function settled(): Promise<void> {
  await gateway('icbc').flush()
  for (const owner of ['market', 'tax', 'window'] as const) await gateway(owner).flush()
}

test('an owner shows the fields that the act reads, with the state, and no other', async () => {
  const id = filed()
  const given = await world.permit(id)
  const shown = await ask(given, 'tax')
  assert.ok('records' in shown)
  const fields = shown.records['taxFile']![0]!.openings.map(({ path }) => path)
  assert.equal(fields[0], '$')
  const [own] = world.content.records.get(`tax ${id} taxFile`)!
  assert.ok(own!.leaves.length > fields.length || fields.length === own!.leaves.length)
  const [copy] = world.vault('icbc').find({ case: id, name: 'taxFile', kind: 'copy' })
  assert.deepEqual(
    copy!.leaves,
    own!.leaves.filter(({ path }) => fields.includes(path)),
  )
  assert.equal(copy!.salt, undefined)
})

test('a slot is shown with its tag to the source that looks its subject up', async () => {
  const id = filed()
  const given = await world.permit(id, { supply: 'taxFile' }, 'tax')
  const shown = await gateway('tax').ask({
    permit: given.entry,
    owner: 'window',
    names: ['applicant'],
  })
  assert.ok('records' in shown)
  const paths = shown.records['applicant']![0]!.openings.map(({ path }) => path)
  assert.deepEqual(paths, ['$', 'code', 'tag'])
})

test('the same permit has the same answer, and a second life of its reader finds it kept', async () => {
  const given = await world.permit(filed())
  const first = await ask(given, 'market')
  assert.equal(JSON.stringify(await ask(given, 'market')), JSON.stringify(first))
  const again = await world.gateway('icbc')
  const { entry, permit } = given
  const kept = await again.ask({ permit: entry, owner: 'market', names: permit.owners['market']! })
  assert.equal(JSON.stringify(kept), JSON.stringify(first))
})

test('an answer that both sides signed is closed on the ledger by its receipt', async () => {
  const given = await world.permit(filed())
  await ask(given, 'market')
  await settled()
  assert.equal(world.closing(given.entry, 'market'), 'receipt')
  assert.equal(world.closing(given.entry, 'tax'), undefined)
  assert.equal(gateway('market').open.answers, 0)
  assert.equal(codeOf(await ask(given, 'tax')), 'shown')
})

test('the root of a receipt binds answer and acknowledgement', () => {
  const roots = [receiptRoot('a', null), receiptRoot('a', 'b'), receiptRoot('b', 'a')]
  assert.equal(new Set(roots).size, 3)
})

test('without an acknowledgement the owner closes alone a day after, and not before', async () => {
  const id = filed()
  const late = await world.permit(filed())
  // What the bank acknowledges is not stored, so it does not count.
  const vault = world.vault('market')
  const put = vault.put.bind(vault)
  vault.put = (record) =>
    record.type === 'gateway.received' ? Promise.reject(new Error('full')) : put(record)
  await ask(late, 'market')
  await settled()
  assert.equal(world.closing(late.entry, 'market'), undefined)
  world.clock.moved += 86_400_000 + 60_000
  await world.port('tax').submit('case.read', { case: id, act: 'open', tags: {} })
  await gateway('market').flush()
  assert.equal(world.closing(late.entry, 'market'), 'one-sided')
  vault.put = put
  await gateway('icbc').flush()
  await gateway('market').flush()
  assert.notEqual(world.closing(late.entry, 'market'), 'one-sided')
})

test('a department hears what another one tells it, by whom, and nothing that was changed', async () => {
  const news = { about: 'case', text: '您好' }
  assert.deepEqual(await gateway('tax').tell('window', 'notices', news), { taken: true })
  const { from, to, json } = world.told.at(-1)!
  assert.deepEqual([from, to, JSON.stringify(json)], ['tax', 'window', JSON.stringify(news)])
  assert.deepEqual(await gateway('tax').tell('icbc', 'tasks', []), { taken: true })
  assert.deepEqual(await gateway('tax').tell('police' as 'tax', 'tasks', []), {
    refused: 'node/unknown-peer',
  })
})

test('another life opens the records of what is open, and counts the tags of a case on', async () => {
  const id = filed()
  const once = async (): Promise<GivenPermit> => {
    const given = await world.permit(id, { supply: 'taxFile' }, 'tax')
    const { entry: permit } = given
    await gateway('tax').ask({ permit, owner: 'window', names: ['applicant'] })
    return given
  }
  const closed = [await once(), await once()]
  await gateway('tax').flush()
  await gateway('window').flush()
  for (const { entry } of closed) assert.equal(world.closing(entry, 'window'), 'receipt')
  // What this one acknowledges is lost on its way.
  const vault = world.vault('window')
  const put = vault.put.bind(vault)
  vault.put = (record) =>
    record.type === 'gateway.received' ? Promise.reject(new Error('full')) : put(record)
  const open = await once()
  await gateway('window').close()
  vault.put = put
  const opened: unknown[] = []
  const get = vault.get.bind(vault)
  vault.get = (of) => {
    const record = get(of)
    if (record?.type === 'gateway.answer') opened.push(record.element)
    return record
  }
  await world.gateway('window')
  assert.deepEqual(opened, [open.entry])
  assert.equal(gateway('window').open.answers, 1)
  vault.get = get
  await gateway('tax').flush()
  const next = await once()
  await gateway('tax').flush()
  await gateway('window').flush()
  // A tag that had been given before would be refused by the ledger, and with it the receipt.
  for (const { entry } of [open, next]) assert.equal(world.closing(entry, 'window'), 'receipt')
})

test('an owner that restarts while it is asked is asked again', async () => {
  const given = await world.permit(filed())
  const address = new URL(world.origins.get('market')!)
  await gateway('market').close()
  const asked = ask(given, 'market')
  await new Promise((resolve) => {
    setTimeout(resolve, 150)
  })
  const at = { host: '127.0.0.1', port: Number(address.port) }
  await world.gateway('market', { address: at })
  assert.equal(codeOf(await asked), 'shown')
})

test('a transport key that is rotated is shown from the next block on, and the old one not', async () => {
  const before = await world.permit(filed())
  assert.equal(codeOf(await ask(before, 'tax')), 'shown')
  await world.rotateTransport('tax')
  const given = await world.permit(filed())
  await new Promise((resolve) => {
    setTimeout(resolve, 100)
  })
  assert.equal(codeOf(await ask(given, 'tax')), 'shown')
  const other = await world.permit(filed(), { supply: 'taxFile' }, 'tax')
  const shown = await gateway('tax').ask({
    permit: other.entry,
    owner: 'window',
    names: ['applicant'],
  })
  assert.equal(codeOf(shown), 'shown')
})
