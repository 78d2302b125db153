// The process that discloses: one ledger, an owner and a reader with a gateway and a vault each on
// the disk, and beside them a bare server with mutual TLS that moves as many bytes. Both sides of
// every exchange run in this one process.
import { mkdirSync } from 'node:fs'
import { createServer, request as httpsRequest } from 'node:https'
import type { Agent, Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { clientAgent, serverTlsOptions } from '#adapters/transport'
import { openFileStore } from '#adapters/keys'
import type { KeyStore } from '#adapters/keys'
import { fsDisk } from '#adapters/storage'
import { openVault } from '#adapters/vault'
import type { Vault } from '#adapters/vault'
import { gatewayMembers, GatewayWorld } from '#test/gateway-world'
import type { GivenPermit } from '#test/gateway-world'
import { departmentUses } from '#test/port-world'
import { identityOf } from '#test/raw-peer'
import { idOf } from '#test/sharing-world'
import { vaultKek } from '#test/vault-records'
import { answerJobs, usedNow, usedSince } from './child.ts'
import type { Used } from './child.ts'

/** What is asked: so many exchanges, so many at a time; or paced, so many a second. */
export type Load = { readonly count: number; readonly atOnce: number; readonly perSecond?: number }

/** Seconds of the whole, milliseconds of each, and processor time of all together. */
export type Took = {
  readonly seconds: number
  readonly each: readonly number[]
  readonly used: Used
}

export type DisclosureJobs = {
  open: { in: { readonly directory: string }; out: null }
  /** Disclosures under permits that were given before. */
  disclose: { in: Load; out: Took }
  /** The permit as well: asked for, ordered, durable, then answered. */
  permitAndDisclose: { in: Load; out: Took }
  /** As many bytes there and back over mutual TLS, and nothing else. */
  bare: { in: Load; out: Took }
  close: { in: null; out: null }
}

let world: GatewayWorld
const vaults: Vault[] = []
let cases = 0
let bareServer: Server
let bareAgent: Agent
/** Characters of a request and of an answer, as the last disclosures had them. */
const bytes = { request: 40, answer: 4_000 }

answerJobs<DisclosureJobs>({
  open: async ({ directory }) => {
    const vaultOf = (member: string): Vault => {
      const root = join(directory, `vault-${member}`)
      mkdirSync(root, { recursive: true })
      const vault = openVault({ disk: fsDisk(root), member, kek: vaultKek })
      vaults.push(vault)
      return vault
    }
    mkdirSync(join(directory, 'ledger'), { recursive: true })
    world = new GatewayWorld({
      disk: fsDisk(join(directory, 'ledger')),
      stores: new Map(gatewayMembers.map((member) => [member, storeOf(directory, member)])),
      vaults: new Map(['market', 'icbc'].map((member) => [member, vaultOf(member)])),
      gateway: { receiptsMs: 1_000 },
    })
    await world.gateway('market')
    await world.gateway('icbc')
    await openBare()
    return null
  },
  disclose: async (load) => {
    const permits = await Promise.all(Array.from({ length: load.count }, () => permit()))
    return drive(load, (n) => disclose(permits[n] as GivenPermit))
  },
  permitAndDisclose: (load) => drive(load, async () => disclose(await permit())),
  bare: (load) => drive(load, () => exchange()),
  close: async () => {
    bareAgent.destroy()
    bareServer.close()
    await world.close()
    await Promise.all(vaults.map((vault) => vault.close()))
    return null
  },
})

/** Keys in files, as a department has them. */
function storeOf(directory: string, member: string): KeyStore {
  const root = join(directory, `keys-${member}`)
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const store = openFileStore(root)
  for (const use of departmentUses) store.generate({ use, member, custody: 'own', created: 0 })
  return store
}

/** A permit of a case; a case has some of them, as acts of one case read one after another. */
async function permit(): Promise<GivenPermit> {
  cases += 1
  const id = idOf(`bench ${Math.ceil(cases / 4)}`)
  if (cases % 4 === 1) world.file(id)
  return world.permit(id)
}

async function disclose({ entry, permit: { owners } }: GivenPermit): Promise<void> {
  const gateway = world.gateways.get('icbc')
  const names = owners['market'] ?? []
  const shown = await gateway?.ask({ permit: entry, owner: 'market', names })
  if (shown === undefined || 'declined' in shown) throw new Error(JSON.stringify(shown))
}

/** Does `count` of them: `atOnce` at a time, or each at its own moment. */
async function drive(load: Load, act: (n: number) => Promise<void>): Promise<Took> {
  const { count, atOnce, perSecond } = load
  const each: number[] = []
  let next = 0
  const before = usedNow()
  const began = performance.now()
  const worker = async (): Promise<void> => {
    while (next < count) {
      const n = next
      next += 1
      // What is late begins late, and its waiting counts.
      const due = perSecond === undefined ? performance.now() : began + (n * 1000) / perSecond
      const early = due - performance.now()
      if (early > 0) await sleep(early)
      await act(n)
      each.push(performance.now() - due)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { seconds: (performance.now() - began) / 1000, each, used: usedSince(before) }
}

async function openBare(): Promise<void> {
  const text = 'x'.repeat(bytes.answer)
  bareServer = createServer(serverTlsOptions(await identityOf('market')), (request, response) => {
    request.resume()
    request.on('end', () => response.end(text))
  })
  await new Promise<void>((resolve) => bareServer.listen(0, '127.0.0.1', resolve))
  const server = (kid: string): { member: string; kid: string } => ({ member: 'market', kid })
  bareAgent = clientAgent({ identity: await identityOf('icbc'), server, connectionsMax: 16 })
}

function exchange(): Promise<void> {
  const { port } = bareServer.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method: 'POST', agent: bareAgent }
    const request = httpsRequest(options, (response) => {
      response.resume()
      response.on('end', resolve)
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end('x'.repeat(bytes.request))
  })
}
