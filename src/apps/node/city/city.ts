// The practice city: the ledger of its operator and the nodes of all its members in one process,
// each with a directory, keys, a vault, an own system and a gateway of its own. It promises to say
// what that is worth (practice, one operator), and that a city which is opened again goes on.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { TextPack } from '#blueprint/grammar'
import { decodeTextPack, isDecoded } from '#blueprint/grammar'
import type { PublicJwk } from '#base/crypto'
import type { Value } from '#ledger/command'
import { systemClock } from '#adapters/consensus'
import type { Clock } from '#adapters/consensus'
import type { Config } from '#apps/node/config'
import type { Log } from '#apps/node/log'
import type { Population, PopulationOptions } from '#apps/node/residents'
import { drawPopulation } from '#apps/node/residents'
import type { NodeOptions, RunningNode } from '#apps/node/serve'
import { openNode, readBeginning } from '#apps/node/serve'
import { fsDisk, lockDirectory } from '#adapters/storage'
import { layoutOf } from '#apps/node/config'
import { beginCity } from './begin.ts'
import type { Speaker } from './begin.ts'
import { cityParams, openKeyRing, openOfficers } from './founders.ts'
import { memberLayout, recoverCity } from './layout.ts'
import { openMember } from './member.ts'
import type { CityMember } from './member.ts'
import { readApplication, readPack } from '#apps/node/pack'
import type { Application, Pack } from '#apps/node/pack'
import { openSystem } from './system.ts'

export type CityOptions = {
  /** Settings of the operator's node; its directory is the city's. */
  readonly config: Config
  readonly log: Log
  /** The city's pack, `beijing` when absent. */
  readonly pack?: string
  /** Plain sales for which there are people and homes; counts when the city is new. */
  readonly sales?: number
  /** Seed of the people; counts when the city is new. */
  readonly seed?: string
  /** Whether departments of a new city enrol officers, who then sign what they decide. */
  readonly officers?: boolean
  /** How often departments look at their own sources, milliseconds; 0 when absent: never. */
  readonly refreshMs?: number
  /** The practice clock; the machine's own when absent. */
  readonly clock?: Clock
  /** Key of a process that checks every block, for a new city. */
  readonly cosigner?: (created: number) => PublicJwk
}

export type City = {
  readonly node: RunningNode
  readonly clock: Clock
  readonly pack: Pack
  readonly applications: readonly Application[]
  readonly population: Population
  readonly members: ReadonlyMap<string, CityMember>
  readonly directory: string
  /** The member that tells persons that a case names them. */
  readonly identityMember: string
  readonly resumed: boolean
  /** A member that there is. */
  member(code: string): CityMember
  /** Resolves when no department has anything to do before something happens. */
  settle(): Promise<void>
  stop(): Promise<void>
}

const identityMember = 'police'
const salesDefault = 20

/** What one member has of its own: its place, its keys, its mapping and its system. */
function ownOf(
  member: Pack['members'][number],
  of: {
    readonly directory: string
    readonly pack: Pack
    readonly ring: ReturnType<typeof openKeyRing>
    readonly population: () => Population
  },
): Pick<Parameters<typeof openMember>[0], 'keys' | 'layout' | 'mapping' | 'member' | 'system'> {
  const { code } = member
  const keys = of.ring.get(code)
  if (keys === undefined) throw new Error(`no keys of ${code}`)
  const layout = memberLayout(of.directory, code, code === of.pack.operator)
  const { directory, population } = of
  const system = openSystem(layout.source, code, {
    population,
    recover: () => recoverCity(directory),
  })
  return { member, keys, layout, system, mapping: of.pack.mappings.get(code) }
}

/**
 * Opens the city in the configured directory, or begins one. Throws `storage/locked` while another
 * process has it or opens it: of two that begin a city at the same time one does.
 */
export async function openCity(options: CityOptions): Promise<City> {
  const release = lockDirectory(options.config.need('directory'))
  try {
    return await openLocked(options)
  } finally {
    release()
  }
}

async function openLocked(options: CityOptions): Promise<City> {
  const { config, log, clock = systemClock } = options
  const directory = config.need('directory')
  const pack = readPack(options.pack ?? 'beijing')
  const applications = pack.applications.map(readApplication)
  const texts = lettersOf(applications)
  const population = peopleOf({ ...drawnOf(directory, options), banks: banksOf(pack) })
  const ring = openKeyRing(directory, pack)
  const resumed = readBeginning(fsDisk(layoutOf(directory).ledger)) !== null
  const created = clock.wallMs()
  const officers = openOfficers(directory, pack, !resumed && options.officers === true)
  const beginning = (): Begin => {
    const cosigner = options.cosigner?.(created) ?? null
    return beginningOf(cityParams(pack, ring, { cosigner, created, officers }), created)
  }
  const node = await openNode({ config, log, clock, ...(resumed ? {} : { begin: beginning() }) })
  const members = new Map<string, CityMember>()
  const stop = async (): Promise<void> => {
    await Promise.all([...members.values()].map((member) => member.close()))
    await node.stop()
  }
  try {
    const addresses = new Map<string, string>()
    const shared = { host: node.host, clock, log, addresses, texts, identityMember }
    const refreshMs = options.refreshMs ?? 0
    for (const member of pack.members) {
      const { code } = member
      const own = ownOf(member, { directory, pack, ring, population })
      const parts = { ...shared, ...own, officers: officers.get(code) ?? null, refreshMs }
      members.set(code, await openMember(parts))
    }
    const ports = [...members].map(([code, { port }]): [string, Speaker] => {
      return [code, { port, officers: officers.get(code) ?? null }]
    })
    await beginCity(pack, applications, new Map(ports))
    await Promise.all([...members.values()].map(({ refresh }) => refresh.first()))
    for (const { department, refresh } of members.values()) {
      department.start()
      refresh.start()
    }
  } catch (failure) {
    await stop()
    throw failure
  }
  return {
    node,
    clock,
    pack,
    applications,
    get population() {
      return population()
    },
    members,
    directory,
    identityMember,
    resumed,
    member: (code) => {
      const found = members.get(code)
      if (found === undefined) throw new Error(`the city has no member ${code}`)
      return found
    },
    settle: () => settle(node, members),
    stop,
  }
}

/** The people, drawn when somebody first asks for them. */
function peopleOf(wanted: PopulationOptions): () => Population {
  let known: Population | null = null
  return () => (known ??= drawPopulation(wanted))
}

type Begin = NonNullable<NodeOptions['begin']>

/** Every practice ledger has a name of its own, so that no command of one counts in another. */
function beginningOf(params: Value, time: number): Begin {
  return { ledger: `practice.example/${randomBytes(6).toString('hex')}`, params, time }
}

/** Seed and size of the people, written down at the first start. */
function drawnOf(
  directory: string,
  { seed = 'beijing', sales = salesDefault }: CityOptions,
): { readonly seed: string; readonly sales: number } {
  const path = join(directory, 'people.json')
  if (!existsSync(path))
    writeFileSync(path, `${JSON.stringify({ seed, sales })}\n`, { mode: 0o600 })
  return JSON.parse(readFileSync(path, 'utf8')) as { readonly seed: string; readonly sales: number }
}

function banksOf({ members }: Pack): readonly string[] {
  return members.flatMap(({ code, class: of }) => (of === 'bank' ? [code] : []))
}

/** Waits until two rounds in a row found every department idle and nothing new on the ledger. */
async function settle(
  { host }: RunningNode,
  members: ReadonlyMap<string, CityMember>,
): Promise<void> {
  for (let quiet = 0, size = -1; quiet < 2;) {
    await Promise.all([...members.values()].map(({ department }) => department.idle()))
    await Promise.all([...members.values()].map(({ refresh }) => refresh.idle()))
    await new Promise((resolve) => setImmediate(resolve))
    const now = host.head().size
    quiet = now === size && host.waiting() === 0 ? quiet + 1 : 0
    size = now
  }
}

/** The Chinese texts of the applications, for letters. */
function lettersOf(applications: readonly Application[]): ReadonlyMap<string, TextPack> {
  return new Map(
    applications.flatMap(({ blueprint, texts }): (readonly [string, TextPack])[] => {
      const pack = decodeTextPack(texts.zh, blueprint)
      return isDecoded(pack) ? [[blueprint.id, pack]] : []
    }),
  )
}
