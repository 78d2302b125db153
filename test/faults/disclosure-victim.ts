// The process that is killed while it discloses. It opens a ledger and an owner's vault on the real
// disk, gives permits as it is told, and answers whoever asks its gateway over mutual TLS; at one
// operation of ledger or vault it kills itself with SIGKILL, so that nothing of it runs on. With
// `forgetful` its vault answers for records before they are durable: the fault that must be found.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fsDisk } from '#adapters/storage'
import { openVault } from '#adapters/vault'
import type { GatewayVault } from '#apps/node/gateway'
import { GatewayWorld, MovedClock } from '#test/gateway-world'
import { vaultKek } from '#test/vault-records'
import { mortalDisk } from './mortal-disk.ts'

/** A case as the parent knows it. */
export type Stated = { readonly id: string; readonly gen: number; readonly consents: boolean }

export type Start = {
  readonly directory: string
  readonly moved: number
  readonly cases: readonly Stated[]
  readonly dies: { readonly of: string; readonly at: number; readonly side: string }
  readonly forgetful: boolean
}

export type Order =
  | { readonly do: 'state'; readonly case: Stated }
  | { readonly do: 'permit'; readonly id: string }
  | { readonly do: 'forward'; readonly ms: number }
  | { readonly do: 'flush' | 'close' }

export type Reply = {
  readonly size: number
  readonly code?: string
  readonly entry?: number
  readonly gen?: number
  readonly answerBy?: number
}

const start = JSON.parse(process.argv[2] ?? '') as Start
const { directory, dies, forgetful } = start
const clock = new MovedClock()
clock.moved = start.moved
const diskOf = (name: 'ledger' | 'vault'): ReturnType<typeof fsDisk> =>
  dies.of === name
    ? mortalDisk(`${directory}/${name}`, { at: dies.at, side: dies.side, kind: 'any' })
    : fsDisk(`${directory}/${name}`)
const real = openVault({
  disk: diskOf('vault'),
  member: 'market',
  kek: vaultKek,
  now: () => clock.wallMs(),
})
const world = new GatewayWorld({
  clock,
  disk: diskOf('ledger'),
  vaults: new Map([['market', forgetful ? forgetting(real) : real]]),
})
for (const each of start.cases) state(each)
await world.gateway('market', { receiptsMs: 30 })
await world.port('market').submit('share.views', { root: 'A'.repeat(43), count: 1 })

/** Says that a record is stored a while before it is. */
function forgetting(vault: GatewayVault): GatewayVault {
  const early = new Map<string, Parameters<GatewayVault['put']>[0]>()
  return {
    put: (record) => {
      early.set(record.id, record)
      void sleep(200).then(() => vault.put(record))
      return Promise.resolve()
    },
    get: (id) => early.get(id) ?? vault.get(id),
    find: (of) => vault.find(of),
    headers: (of) => vault.headers(of),
  }
}

function state({ id, gen, consents }: Stated): void {
  world.file(id)
  for (let each = 2; each <= gen; each += 1) world.supply(id, 'licence', 'market', each)
  const facts = world.cases.cases.get(id)
  if (facts !== undefined && !consents) facts.consents.clear()
  const open = facts?.open.find(({ act }) => act === 'open')
  if (facts !== undefined && open !== undefined) {
    facts.open = [{ ...open, reads: { ...open.reads, licence: gen } }]
  }
}

async function obey(order: Order): Promise<Omit<Reply, 'size'>> {
  if (order.do === 'state') state(order.case)
  if (order.do === 'forward') {
    clock.moved += order.ms
    await world.port('tax').submit('share.views', { root: 'A'.repeat(43), count: 1 })
  }
  if (order.do === 'flush') await world.gateways.get('market')?.flush()
  if (order.do === 'close') {
    await world.close()
    await real.close()
  }
  if (order.do !== 'permit') return {}
  const body = { case: order.id, act: 'open', tags: {} }
  const said = await world.port('icbc').submit('case.read', body)
  if ('refused' in said) return { code: said.refused.code }
  const { entry, outcome } = said.receipt
  const { answerBy, reads } = outcome as { answerBy: number; reads: { licence: number } }
  return { entry, answerBy, gen: reads.licence }
}

process.on('disconnect', () => process.exit(0))
process.on('message', ({ n, order }: { readonly n: number; readonly order: Order }) => {
  void obey(order).then((reply) => {
    const size = order.do === 'close' ? 0 : world.host.head().size
    return process.send?.({ n, reply: { ...reply, size } })
  })
})
process.send?.({ ready: world.origins.get('market'), size: world.host.head().size })
