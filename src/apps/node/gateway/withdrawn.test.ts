// A consent is withdrawn between a permit and its answer, over real sockets: no permit follows,
// what is out dies within its minute, and whoever answers after that has signed the proof of it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { b32 } from '#test/sharing-world'
import { isRefusal } from '#ledger/command'
import { answerMs } from '#domains/sharing'
import { answerTyp, readAnswer, signStatement } from '#apps/node/disclosure'
import { GatewayWorld } from '#test/gateway-world'
import { idOf } from '#test/sharing-world'

let world: GatewayWorld
before(async () => {
  world = new GatewayWorld()
  for (const member of ['market', 'icbc'] as const) await world.gateway(member)
})
after(() => world.close())

test('R40: after a withdrawal no permit is given, and what is out dies within its minute', async () => {
  const id = idOf('withdrawn')
  world.file(id)
  const { entry, permit } = await world.permit(id)
  const later = await world.permit(id)
  const bank = world.gateways.get('icbc')!
  world.cases.cases.get(id)!.consents.delete('consent')
  await assert.rejects(world.permit(id), /sharing\/no-consent/)
  const asked = { owner: 'market', names: permit.owners['market']! }
  assert.ok('records' in (await bank.ask({ permit: entry, ...asked })))
  world.clock.moved += answerMs
  await assert.rejects(world.permit(id), /sharing\/no-consent/)
  assert.deepEqual(await bank.ask({ permit: later.entry, ...asked }), {
    declined: 'node/permit-late',
  })
})

test('R40: an answer that was signed after its time convicts its owner by its own word', async () => {
  const id = idOf('late')
  world.file(id)
  const { entry, permit } = await world.permit(id)
  world.clock.moved += answerMs
  // The ledger's time goes on with whatever is said next.
  await world.permit(id)
  const [port, keys] = [world.port('market'), world.keys('market')]
  const roots = { licence: [b32('licence')] }
  const statement = { ledger: port.ledger, permit: entry, body: b32('body'), roots, tags: {} }
  const signed = signStatement(keys, port, answerTyp, { ...statement, time: port.head().time })
  assert.ok(signed !== null)
  // Anybody who follows the ledger reads it: who signed, for which permit, and after which time.
  const said = readAnswer(world.port('tax'), 'market', signed)
  assert.ok(!isRefusal(said))
  assert.deepEqual([said.permit, said.time >= permit.answerBy], [entry, true])
  assert.ok(isRefusal(readAnswer(world.port('tax'), 'icbc', signed)), 'nobody else has said it')
})
