// What `npm start` runs: the practice city with the follower of its notary beside it. It promises
// to say what it is worth, because one process that holds every key proves nothing to anybody else.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { gradeText } from '#ledger/prove'
import { signedIntentOf } from '#ledger/read'
import { openFileStore } from '#adapters/keys'
import { fsDisk } from '#adapters/storage'
import type { Config } from '#apps/node/config'
import { ConfigRefusal, layoutOf } from '#apps/node/config'
import type { Log } from '#apps/node/log'
import { firstCheckpoint, held, shellWord, startFollower, urlOf } from '#apps/node/practice'
import type { ChildFollower } from '#apps/node/practice'
import { readBeginning } from '#apps/node/serve'
import { openCity } from './city.ts'
import type { City } from './city.ts'
import { readPack } from '#apps/node/pack'

export type StartOptions = {
  readonly config: Config
  readonly log: Log
  /** Writes lines for the person who started it. */
  readonly say: (text: string) => void
}

export type RunningCity = {
  readonly city: City
  readonly follower: ChildFollower
  stop(): Promise<void>
}

/** Opens or begins the practice city, serves its ledger, and starts its follower. */
export async function startCity(options: StartOptions): Promise<RunningCity> {
  const { config, log, say } = options
  const directory = config.need('directory')
  refuseOther(directory)
  const followerDirectory = join(directory, 'follower')
  const notary = readPack('beijing').members.find(({ cosigns }) => cosigns === true)
  const city = await openCity({
    config,
    log,
    officers: true,
    refreshMs: 1_000 * config.needCount('sources.seconds'),
    cosigner: (created) => {
      mkdirSync(followerDirectory, { recursive: true, mode: 0o700 })
      const store = openFileStore(layoutOf(followerDirectory).keys)
      return held(store, notary?.code ?? '', 'cosign', created)
    },
  })
  const { node } = city
  await firstCheckpoint(node.host)
  const first = city.resumed ? null : await firstCase(city)
  const token = config.text('operator.token-file') ?? layoutOf(directory).token
  say(openingText(city, token, first ?? filedFirst(city)))
  const follower = startFollower({
    url: urlOf(node),
    directory: followerDirectory,
    tokenFile: token,
    say: (line) => say(`follower: ${line}\n`),
  })
  say(
    `A follower (process ${follower.pid}), the notary's, checks every block again, with its own key.\n`,
  )
  return {
    city,
    follower,
    stop: async () => {
      await follower.stop()
      await city.stop()
    },
  }
}

/** A directory of another practice ledger is left as it is. */
function refuseOther(directory: string): void {
  const { ledger } = layoutOf(directory)
  const begun = readBeginning(fsDisk(ledger))
  if (begun === null) return
  const { members } = begun.params as { readonly members: readonly { readonly code: string }[] }
  const missing = readPack('beijing').members.find((member) => {
    return !members.some(({ code }) => code === member.code)
  })
  if (missing === undefined) return
  const remedy = 'holds another ledger: choose --directory or --fresh, or go on with --small'
  throw new ConfigRefusal('node/other-ledger', directory, remedy)
}

/**
 * A home is for sale: seller and buyer have filed, the registers have answered, and the contract
 * waits for their signatures. So a new city has something to look at.
 */
async function firstCase(city: City): Promise<string | null> {
  const [sale] = city.population.plain
  const [seller] = sale?.sellers ?? []
  const application = city.applications.find(({ blueprint }) => blueprint.kind === 'processes')
  if (sale === undefined || seller === undefined || application === undefined) return null
  const { desk, officers } = city.member(city.pack.operator)
  const [officer = '', second = ''] = officers
  const identified = { method: 'window', officer, second } as const
  const filed = await desk.file({
    blueprint: application.identity,
    party: 'seller',
    person: { code: seller.code, name: seller.name },
    objects: { home: { unit: sale.home.unit } },
    identified,
  })
  if ('refused' in filed) return null
  const { case: id } = filed
  const { code, name } = sale.buyer
  await desk.say({ case: id, item: 'offer', value: { fen: sale.fen, way: sale.way } })
  await desk.join({ case: id, party: 'buyer', person: { code, name }, identified })
  await desk.say({ case: id, item: 'plan', value: { fundLoan: false } })
  await city.settle()
  return id
}

/** The first case that anybody filed here, where the city goes on; null when there is none. */
function filedFirst({ node, members, pack }: City): string | null {
  const port = members.get(pack.operator)?.port
  const size = port?.head().size ?? 0
  for (let entry = 1; entry < size; entry += 1) {
    const { type, code } = port?.entry(entry) ?? {}
    if (type !== 'case.file' || code !== 'ok') continue
    const body = signedIntentOf(node.host.entry(entry))?.intent.body as { readonly case?: unknown }
    return typeof body.case === 'string' ? body.case : null
  }
  return null
}

function firstText(id: string, url: string, token: string, resumed: boolean): readonly string[] {
  const bearer = `-H "Authorization: Bearer $(cat ${shellWord(token)})"`
  const what = resumed
    ? ['The first case that was filed here, as the ledger knows it:']
    : [
        'A home is for sale: registers have answered, the contract waits for its signatures. What the',
        'ledger knows of it:',
      ]
  return [...what, `  curl ${bearer} ${url}/v1/records/processes/case/${id}`]
}

function openingText(city: City, token: string, first: string | null): string {
  const { node, pack, directory, resumed, members } = city
  const { host } = node
  const url = urlOf(node)
  const grade = gradeText(host.proofs.verdict())
  const name = ({ zh, en }: { readonly zh: string; readonly en: string }): string => `${zh} ${en}`
  const sectors = pack.members.filter(({ sector }) => sector !== undefined)
  const others = pack.members.filter(({ sector }) => sector === undefined)
  const row = (member: (typeof pack.members)[number]): string => {
    return `    ${member.code.padEnd(12)} ${name(member)}`
  }
  const police = members.get('police')?.layout.source ?? ''
  return [
    '',
    `链办 Lianban: a practice ledger, ${resumed ? 'resumed' : 'new'}: the practice city`,
    `  ledger      ${host.ledger}, ${host.head().size} entries`,
    `  listens on  ${url}/`,
    `  directory   ${directory}`,
    `  sectors     ${sectors.length}`,
    ...sectors.map(row),
    '  and',
    ...others.map(row),
    `  worth       one operator: ${grade}. All keys lie on this machine, so nobody is convinced.`,
    '',
    'All members run in this one process; npm start -- --processes gives each one of its own.',
    'Each member has a directory, keys, a vault, a gateway with mutual TLS, and a system of its own',
    `below ${join(directory, 'members')}. Try:`,
    `  curl ${url}/v1/records/members/member/tax`,
    'All entries are for those who hold the ledger; the operator of this machine shows a token:',
    `  curl -H "Authorization: Bearer $(cat ${shellWord(token)})" ${url}/v1/entries/0`,
    ...(first === null ? [] : firstText(first, url, token, resumed)),
    'The household register, as its department has it:',
    `  sqlite3 ${shellWord(police)} 'select * from czrk_person limit 3'`,
    'A home changes hands, in a minute and at a practice clock:',
    '  npm run demo',
    '',
    '练习账本：人员、单位、号码、密钥都是编造的，全部密钥在这一台机器上，在别处不作数。',
    '一套二手房转移登记的全过程：npm run demo -- --lang zh。按 Ctrl-C 停止，再次启动接着走。',
    'This is practice: people, members, codes and keys are made up, and nothing in it counts anywhere.',
    'Stop with Ctrl-C; starting again goes on where it stopped.',
    '',
    '',
  ].join('\n')
}
