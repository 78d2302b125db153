// Departments with a gateway each over one ledger, on real sockets and the system's clock, which a
// test may put forward. Cases are stated, not played: what stands under a name, and the records
// that open it, are made here. Nothing here is part of the product.
import { base64urlEncode, latin1Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { commitRecord, leafOf } from '#base/commitment'
import { hmacSha256 } from '#base/crypto'
import type { Write } from '#ledger/apply'
import type { Refusal, Value } from '#ledger/command'
import { systemClock } from '#adapters/consensus'
import type { Clock } from '#adapters/consensus'
import type { KeyStore } from '#adapters/keys'
import type { Disk } from '#adapters/storage'
import { accreditationPrefix, classType } from '#domains/members'
import type { Cases, Permit } from '#domains/sharing'
import { permitOf, sharingOver } from '#domains/sharing'
import type { CaseReads, Facts } from '#apps/node/disclosure'
import { ledgerFacts } from '#apps/node/disclosure'
import type { Desk, GatewayOptions, GatewayVault, VaultRecord } from '#apps/node/gateway'
import { Gateway, openGateway } from '#apps/node/gateway'
import type { LedgerHost } from '#apps/node/host'
import type { LedgerPort } from '#apps/node/ledger-port'
import { openLedgerPort } from '#apps/node/ledger-port'
import { SimDisk } from '#simulation/sim-disk'
import { keysOfMembers, openPortHost, registering } from './port-world.ts'
import { accountApplication, b32, StatedCases } from './sharing-world.ts'

/** A permit that a test was given: its entry, and what stands there. */
export type GivenPermit = { readonly entry: number; readonly permit: Permit }

/** The system's clock, put forward by a test. */
export class MovedClock implements Clock {
  moved = 0
  wallMs(): number {
    return systemClock.wallMs() + this.moved
  }
  monotonicMs(): number {
    return systemClock.monotonicMs() + this.moved
  }
  after(ms: number, call: () => void): () => void {
    return systemClock.after(ms, call)
  }
  soon(call: () => void): void {
    systemClock.soon(call)
  }
}

/** A vault in memory whose records survive the gateway that used it. */
export class MemoryVault implements GatewayVault {
  readonly records: Map<string, VaultRecord> = new Map()
  /** Called before and after a record is kept; what it throws or never answers is the vault's. */
  at: (when: 'before' | 'after', record: VaultRecord) => void | Promise<void> = () => undefined

  async put(record: VaultRecord): Promise<void> {
    await this.at('before', record)
    if (!this.records.has(record.id)) this.records.set(record.id, record)
    await this.at('after', record)
  }

  get(id: string): VaultRecord | null {
    return this.records.get(id) ?? null
  }

  find({ case: of, name, kind }: Parameters<GatewayVault['find']>[0]): readonly VaultRecord[] {
    return [...this.records.values()].filter(
      (record) =>
        record.case === of &&
        (name === undefined || record.name === name) &&
        (kind === undefined || record.kind === kind),
    )
  }

  headers(of: Parameters<GatewayVault['headers']>[0]): ReturnType<GatewayVault['headers']> {
    return this.find(of)
  }
}

/** Members of these tests: a bank that reads, two registers and a window that own. */
export const gatewayMembers = ['icbc', 'market', 'tax', 'window'] as const
export type GatewayMember = (typeof gatewayMembers)[number]

const stores = keysOfMembers(gatewayMembers)

/** The key store of a member of these tests. */
export function keysOf(member: GatewayMember): KeyStore {
  const store = stores.get(member)
  if (store === undefined) throw new Error(member)
  return store
}

/** The reader of these tests is a bank, for ever. */
const bank: Write = [
  `${accreditationPrefix}icbc/${classType('bank')}`,
  {
    member: 'icbc',
    type: classType('bank'),
    intervals: [{ from: 0, until: Number.MAX_SAFE_INTEGER, by: 'governance', height: 1 }],
  },
]

/** All cases have one application, as on a ledger. */
const application = accountApplication()

/** The parts that stand under names, and the records that open them at their owners. */
class Content {
  readonly records: Map<string, VaultRecord[]> = new Map()
  readonly parts: Map<string, { c: string; from: string; by: string }[]> = new Map()

  /** A record of an item or slot: every field of its type has a value that says where it is. */
  put(of: {
    readonly case: string
    readonly name: string
    readonly by: string
    readonly gen: number
    readonly paths: readonly string[]
    readonly kind: 'own' | 'slot'
  }): string {
    const { case: id, name, by, gen, paths, kind } = of
    const salt = hmacSha256(latin1Encode('salt'), latin1Encode(`${id} ${name} ${gen}`))
    const leaves = paths.map((path) => ({ path, value: valueOf(of, path) }))
    const root = commitRecord(
      salt,
      leaves.map(({ path, value }) => leafOf(path, value)),
    )
    const record: VaultRecord = {
      id: base64urlEncode(root.subarray(0, 16)),
      kind,
      type: name,
      case: id,
      name,
      gen,
      salt: base64urlEncode(salt),
      leaves,
      at: 1,
    }
    const key = `${by} ${id} ${name}`
    this.records.set(key, [...(this.records.get(key) ?? []), record])
    const c = base64urlEncode(root)
    this.parts.set(`${id} ${name}`, [{ c, from: kind === 'slot' ? 'slot' : 'supply', by }])
    return c
  }
}

function valueOf(
  { case: id, name, gen }: { case: string; name: string; gen: number },
  path: string,
): Json {
  if (path === '$') return name === 'applicant' || name === 'legalRep' ? 'slot' : 'found'
  if (path === 'tag') return b32(`${id}/${name}/tag`)
  return `${path} of ${name} ${gen} 北京`
}

export type WorldOptions = {
  /** Key stores by member; seeded ones when absent. */
  readonly stores?: ReadonlyMap<string, KeyStore>
  readonly disk?: Disk
  readonly clock?: MovedClock
  readonly vaults?: ReadonlyMap<string, GatewayVault>
  readonly gateway?: Partial<GatewayOptions>
}

/** The ledger, the stated cases, and the gateways of its members. */
export class GatewayWorld {
  readonly clock: MovedClock
  readonly cases: StatedCases = new StatedCases()
  readonly content: Content = new Content()
  readonly vaults: Map<string, GatewayVault>
  /** The newest gateway of each member. */
  readonly gateways: Map<string, Gateway> = new Map()
  readonly #opened: Gateway[] = []
  readonly origins: Map<string, string> = new Map()
  readonly told: { readonly to: string; readonly from: string; readonly json: Json }[] = []
  readonly events: string[] = []
  readonly host: LedgerHost
  readonly #options: WorldOptions
  readonly #stores: ReadonlyMap<string, KeyStore>

  constructor(options: WorldOptions = {}) {
    this.#options = options
    this.#stores = options.stores ?? stores
    this.clock = options.clock ?? new MovedClock()
    this.vaults = new Map(options.vaults)
    this.cases.filedAt = this.clock.wallMs()
    this.host = openPortHost({
      disk: options.disk ?? new SimDisk((call) => void setImmediate(call)),
      clock: this.clock,
      domains: [registering(this.#stores, [bank]), sharingOver(this.cases as unknown as Cases)],
      practice: true,
    })
  }

  port(member: GatewayMember): LedgerPort {
    return openLedgerPort({ host: this.host, keys: this.keys(member), member, clock: this.clock })
  }

  keys(member: GatewayMember): KeyStore {
    return this.#stores.get(member) ?? keysOf(member)
  }

  vault(member: GatewayMember): GatewayVault {
    const vault = this.vaults.get(member) ?? new MemoryVault()
    this.vaults.set(member, vault)
    return vault
  }

  /** A case with its request at the bank, whose records the owners hold. */
  file(id: string): void {
    const facts = this.cases.account(id, { application })
    for (const slot of Object.keys(facts.slots)) {
      const paths = ['$', 'code', 'name', 'tag']
      const put = { case: id, name: slot, by: 'window', gen: 1, paths, kind: 'slot' as const }
      const stated = facts.slots[slot]
      if (stated !== undefined) stated.commitments = [this.content.put(put)]
    }
    for (const [name, by] of [
      ['licence', 'market'],
      ['taxFile', 'tax'],
      ['request', 'window'],
    ] as const) {
      this.supply(id, name, by)
    }
  }

  /** A new generation of an item. */
  supply(id: string, name: string, by: GatewayMember, gen: number = 1): void {
    const { blueprint, types } = application
    const fields = types.get(blueprint.evidence[name]?.type ?? '')?.fields ?? []
    const paths = ['$', ...fields.map((field) => field.id)]
    this.content.put({ case: id, name, by, gen, paths, kind: 'own' })
    const item = this.cases.cases.get(id)?.items[name]
    if (item !== undefined) item.gen = gen
  }

  facts(member: GatewayMember): Facts {
    const reads: CaseReads = {
      caseOf: (view, id) => this.cases.caseOf(view, id),
      blueprintOf: (view, identity) => this.cases.blueprintOf(view, identity),
      itemOf: (view, id, item) => {
        const known = this.cases.itemOf(view, id, item)
        const parts = this.content.parts.get(`${id} ${item}`)
        return known === undefined || parts === undefined ? undefined : { ...known, parts }
      },
    }
    return ledgerFacts(this.port(member), reads)
  }

  /** The desk of a member: its records as they were made here, and what it was shown. */
  desk(member: GatewayMember): Desk {
    const take = (from: string, json: Json): Promise<void> => {
      this.told.push({ to: member, from, json })
      return Promise.resolve()
    }
    return {
      records: (id, name) =>
        Promise.resolve([
          ...(this.content.records.get(`${member} ${id} ${name}`) ?? []),
          ...this.vault(member).find({ case: id, name }),
        ]),
      task: take,
      notice: take,
    }
  }

  /** Opens a member's gateway and lets it listen on a port of the loopback. */
  async gateway(member: GatewayMember, more: Partial<GatewayOptions> = {}): Promise<Gateway> {
    const gateway = openGateway({
      port: this.port(member),
      keys: this.keys(member),
      vault: this.vault(member),
      desk: this.desk(member),
      facts: this.facts(member),
      address: { host: '127.0.0.1', port: 0 },
      peers: (other) => this.origins.get(other),
      clock: this.clock,
      receiptsMs: 3_600_000,
      report: (event, code) => void this.events.push(`${member} ${event} ${code}`),
      ...this.#options.gateway,
      ...more,
    })
    const { port } = await gateway.listen()
    this.origins.set(member, `https://127.0.0.1:${port}`)
    this.gateways.set(member, gateway)
    this.#opened.push(gateway)
    return gateway
  }

  /** A permit of the bank for its act `open`, or whatever else is asked. */
  async permit(
    id: string,
    body: { readonly [name: string]: Value } = { act: 'open' },
    reader: GatewayMember = 'icbc',
  ): Promise<GivenPermit> {
    const said = await this.port(reader).submit('case.read', { case: id, tags: {}, ...body })
    if ('refused' in said) throw new Error(refusedText(said.refused))
    const { entry } = said.receipt
    const permit = permitOf(this.port(reader).view(), entry)
    if (permit === undefined) throw new Error('no permit')
    return { entry, permit }
  }

  /** Gives a member a new transport key in the place of its old one, in the registry at once. */
  async rotateTransport(member: GatewayMember): Promise<void> {
    const keys = this.keys(member)
    const old = keys.list().find(({ use }) => use === 'transport')
    const next = keys.generate({ use: 'transport', member, custody: 'own', created: 1 })
    const said = await this.port(member).submit('test.rotate', {
      old: old?.kid ?? '',
      kid: next.kid,
      x: next.jwk.kty === 'EC' ? next.jwk.x : '',
      y: next.jwk.kty === 'EC' ? next.jwk.y : '',
    })
    if ('refused' in said) throw new Error(refusedText(said.refused))
  }

  /** How an owner's part of a permit stands on the ledger. */
  closing(entry: number, owner: GatewayMember): unknown {
    return permitOf(this.port(owner).view(), entry)?.closed[owner]
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map((gateway) => gateway.close()))
    await this.host.close()
  }
}

function refusedText({ code, at }: Refusal): string {
  return `${code} ${at ?? ''}`
}
