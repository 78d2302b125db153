// Claims about gateways over real sockets with mutual TLS: what an owner gives, to whom, until
// when, and what stands on the ledger of it afterwards.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openGateway } from '#apps/node/gateway'
import { GatewayWorld, MemoryVault } from '#test/gateway-world'
import { idOf } from '#test/sharing-world'

const id = idOf('case')

async function worldOf(): Promise<GatewayWorld> {
  const world = new GatewayWorld()
  world.file(id)
  for (const member of ['market', 'tax', 'window', 'icbc'] as const) await world.gateway(member)
  return world
}

test('an owner answers a permit with the fields that its act reads, and no other', async () => {
  const world = await worldOf()
  const { entry, permit } = await world.permit(id)
  const shown = await world.gateways.get('icbc')!.ask({
    permit: entry,
    owner: 'market',
    names: permit.owners['market']!,
  })
  assert.ok('records' in shown, JSON.stringify([shown, world.events]))
  const [licence] = shown.records['licence']!
  assert.deepEqual(licence!.openings.map(({ path }) => path)[0], '$')
  assert.ok(licence!.openings.length > 1)
  const copies = world.vault('icbc').find({ case: id, name: 'licence', kind: 'copy' })
  assert.deepEqual(
    copies[0]!.leaves.map(({ path }) => path),
    licence!.openings.map(({ path }) => path),
  )
  await world.close()
})
