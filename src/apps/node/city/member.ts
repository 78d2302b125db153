// One member of the city at work: its keys, its vault, its own system, its gateway with mutual TLS,
// and its department. Members share the process and nothing else; what one shows another goes
// through two gateways, as between two machines.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '#adapters/consensus'
import type { KeyStore } from '#adapters/keys'
import { fsDisk, lockDirectory } from '#adapters/storage'
import { makeKek, openKek, openVault } from '#adapters/vault'
import type { Vault } from '#adapters/vault'
import type { TextPack } from '#blueprint/grammar'
import { blueprintOf, caseOf, itemOf } from '#domains/processes'
import type { Department, DepartmentOptions } from '#apps/node/department'
import { certifying } from '#apps/node/certificates'
import { openDepartment } from '#apps/node/department'
import type { Desk } from '#apps/node/desk'
import { openDesk } from '#apps/node/desk'
import { ledgerFacts } from '#apps/node/disclosure'
import type { Gateway } from '#apps/node/gateway'
import { openGateway } from '#apps/node/gateway'
import type { LedgerPort, PortLedger } from '#apps/node/ledger-port'
import { openLedgerPort } from '#apps/node/ledger-port'
import type { Log } from '#apps/node/log'
import type { Mapping } from '#apps/node/mapping'
import { hearWords, MatchBook } from '#apps/node/matching'
import type { PracticeOfficers } from '#apps/node/officers'
import { Guard, Refresh } from '#apps/node/refresh'
import { PlaceBook } from '#apps/node/place'
import type { MemberLayout } from './layout.ts'
import type { PackMember } from '#apps/node/pack'
import { benchOf } from '#apps/node/stewards'
import { postOf } from './post.ts'
import type { PostBox } from './post.ts'
import { addressesIn } from './system.ts'
import type { MemberSystem } from './system.ts'

/** A member that runs. */
export type CityMember = {
  readonly code: string
  readonly pack: PackMember
  readonly port: LedgerPort
  readonly vault: Vault
  readonly gateway: Gateway
  readonly department: Department
  /** What its people call. */
  readonly desk: Desk
  readonly system: MemberSystem
  /** Its eye on its own sources. */
  readonly refresh: Refresh
  readonly layout: MemberLayout
  /** Letters and messages that it sent. */
  readonly post: PostBox
  /** Random ids of its officers' keys; empty where nobody is enrolled. */
  readonly officers: readonly string[]
  close(): Promise<void>
}

export type MemberOptions = {
  readonly member: PackMember
  readonly layout: MemberLayout
  readonly keys: KeyStore
  /** The ledger of this process, or a copy of one elsewhere. */
  readonly host: PortLedger
  readonly clock: Clock
  readonly log: Log
  readonly mapping: Mapping | undefined
  readonly system: MemberSystem
  /** Where the other members' gateways listen. */
  readonly addresses: Map<string, string>
  /** The member that tells persons that a case names them. */
  readonly identityMember: string
  readonly officers: PracticeOfficers | null
  /** How often it looks at its own sources, milliseconds; absent or 0: when it is told to. */
  readonly refreshMs?: number
  /** Texts for letters by application; without them letters name things as blueprints do. */
  readonly texts?: ReadonlyMap<string, TextPack>
}

const nothing: Mapping = { format: 'lianban/mapping/1', items: {} }

/** How often a source that was down, and a decision that waits, are asked again, milliseconds. */
const retryMs = 2_000

/** Opens a member; it listens, and does nothing by itself before its department starts. */
export async function openMember(options: MemberOptions): Promise<CityMember> {
  const { layout, member, clock, system } = options
  const vault = openMemberVault(layout, member.code, clock)
  try {
    return await openOver(options, vault)
  } catch (failure) {
    // Whoever tries again finds nothing locked.
    await Promise.all([vault.close(), system.close()])
    throw failure
  }
}

async function openOver(options: MemberOptions, vault: Vault): Promise<CityMember> {
  const { member, layout, keys, host, clock, log, system, addresses } = options
  const { code } = member
  const port = openLedgerPort({ host, keys, member: code, clock })
  const post = postOf(join(layout.root, 'post'), clock)
  let gateway: Gateway | undefined
  let refresh: Refresh | undefined
  const matching = openBook(options, port)
  const guard = new Guard()
  const place = new PlaceBook(layout.place)
  const department = openDepartment({
    port,
    vault,
    ...(matching === undefined ? {} : { matching }),
    gateway: (desk) => {
      gateway = openGateway({
        port,
        keys,
        vault,
        desk,
        facts: ledgerFacts(port, { caseOf, itemOf, blueprintOf }),
        address: { host: '127.0.0.1', port: 0 },
        peers: (other) => addresses.get(other),
        clock,
        report: (event, reason) => log({ level: 'warn', event, code: reason, member: code }),
      })
      return gateway
    },
    ...partsOf(options, guard),
    onChanged: async () => refresh?.changed(),
    place,
    notices: post,
    clock,
    report: (note) => {
      if (note.level !== 'info') log({ ...note, member: code })
    },
  })
  const eye = refreshOf(options, department, guard)
  refresh = eye
  const deafen = hearing(options, department, matching)
  if (gateway === undefined) throw new Error('a department opens its gateway')
  const opened = gateway
  const { port: at } = await opened.listen()
  addresses.set(code, `https://127.0.0.1:${at}`)
  return {
    code,
    pack: member,
    port,
    vault,
    gateway: opened,
    department,
    desk: openDesk(department),
    system,
    refresh: eye,
    layout,
    post,
    officers: options.officers?.kids ?? [],
    close: async () => {
      deafen()
      await eye.close()
      await department.close()
      await opened.close()
      matching?.close()
      place.close()
      await system.close()
      await vault.close()
    },
  }
}

/** Its match tickets. Who has nothing to look up has nobody to tell apart. */
function openBook(
  { layout, system, clock, member: { code: member }, log }: MemberOptions,
  port: LedgerPort,
): MatchBook | undefined {
  if (system.registers['main'] === undefined) return undefined
  const height = (): number => port.head().height
  return new MatchBook(layout.tickets, () => clock.wallMs(), {
    bench: benchOf({ ledger: port.ledger, member, view: port.view(), height }),
    doubted: (ticket, code) => {
      log({ level: 'warn', event: 'match-decision-uncounted', code, member, ticket })
    },
  })
}

/** Has the department look again after a steward's word in another process. */
function hearing(
  { clock, refreshMs: everyMs = 0 }: MemberOptions,
  department: Department,
  book: MatchBook | undefined,
): () => void {
  if (book === undefined || everyMs === 0) return () => undefined
  return hearWords({ book, clock, everyMs, heard: () => department.lookAgain() })
}

/** Its eye on its own sources. */
function refreshOf(
  { member, layout, system, officers, refreshMs }: MemberOptions,
  department: Department,
  guard: Guard,
): Refresh {
  return new Refresh({
    dept: department.dept,
    sources: department.sources,
    guard,
    kids: officers?.kids ?? [],
    title: member.zh,
    registers: system.registers,
    files: system.files,
    path: layout.sources,
    ...(system.stamp === undefined ? {} : { stamp: system.stamp }),
    everyMs: refreshMs ?? 0,
    lookAgain: () => department.lookAgain(),
  })
}

/** What a department has beside its ledger, vault and gateway. */
function partsOf(
  { keys, system, officers, member, identityMember, texts, mapping = nothing }: MemberOptions,
  guard: Guard,
): Omit<DepartmentOptions, 'gateway' | 'port' | 'vault'> {
  const { registers, sinks } = system
  const tells = member.code === identityMember
  return {
    settings: {
      mapping,
      sourceRetryMs: retryMs,
      sinkRetryMs: retryMs,
      watchMs: 0,
      identityMember,
      texts: (application) => texts?.get(application) ?? null,
    },
    registers: guard.registers(registers),
    tables: registers,
    sinks: guard.sinks(sinks),
    certify: certifying(keys),
    ...(officers === null ? {} : { officers }),
    ...(tells ? { addressesOf: addressesIn(registers['main']) } : {}),
  }
}

function openMemberVault(layout: MemberLayout, member: string, clock: Clock): Vault {
  mkdirSync(layout.vault, { recursive: true, mode: 0o700 })
  const kek = existsSync(layout.kek) ? openKek(layout.kek) : makeKek(layout.kek)
  return openVault({
    disk: fsDisk(layout.vault),
    lock: () => lockDirectory(layout.vault),
    member,
    kek,
    now: () => clock.wallMs(),
  })
}
