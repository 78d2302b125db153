// The practice ledger: made at the first start, resumed at every later one. It promises to say what
// it is worth, because one process that holds every key proves nothing to anybody else.
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openFileStore } from '#adapters/keys'
import { gradeText } from '#ledger/prove'
import type { Config } from '#apps/node/config'
import { layoutOf } from '#apps/node/config'
import type { LedgerHost } from '#apps/node/host'
import type { Log } from '#apps/node/log'
import type { RunningNode } from '#apps/node/serve'
import { openNode } from '#apps/node/serve'
import { fsDisk } from '#adapters/storage'
import { readBeginning } from '#apps/node/serve'
import type { ChildFollower } from './follower.ts'
import { startFollower } from './follower.ts'
import { departments, followedBy, held, practiceParams } from './founders.ts'

export type PracticeOptions = {
  readonly config: Config
  readonly log: Log
  /** Writes lines for the person who started it. */
  readonly say: (text: string) => void
}

export type RunningPractice = {
  readonly node: RunningNode
  readonly follower: ChildFollower
  stop(): Promise<void>
}

/** How long the first lines wait for the first checkpoint. */
const firstCheckpointMs = 3000

/** Opens or begins the practice ledger, serves it, and starts its follower. */
export async function openPractice(options: PracticeOptions): Promise<RunningPractice> {
  const { config, log, say } = options
  const directory = config.need('directory')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const layout = layoutOf(directory)
  const followerDirectory = join(directory, 'follower')
  const resumed = readBeginning(fsDisk(layout.ledger)) !== null
  const begin = resumed ? {} : { begin: beginning(layout.keys, followerDirectory) }
  const node = await openNode({ config, log, ...begin })
  await firstCheckpoint(node.host)
  const token = config.text('operator.token-file') ?? layout.token
  say(openingText({ node, directory, token, resumed }))
  const follower = startFollower({
    url: urlOf(node),
    directory: followerDirectory,
    tokenFile: token,
    say: (line) => say(`follower: ${line}\n`),
  })
  say(`A follower (process ${follower.pid}) checks every block again, with its own key.\n`)
  return {
    node,
    follower,
    stop: async () => {
      await follower.stop()
      await node.stop()
    },
  }
}

/** What a new practice ledger begins with; keys that a broken start made are used again. */
function beginning(
  keysDirectory: string,
  followerDirectory: string,
): { ledger: string; params: ReturnType<typeof practiceParams>; time: number } {
  const time = Date.now()
  mkdirSync(followerDirectory, { recursive: true, mode: 0o700 })
  const cosigner = held(openFileStore(layoutOf(followerDirectory).keys), followedBy, 'cosign', time)
  const params = practiceParams(openFileStore(keysDirectory), cosigner, time)
  // Every practice ledger has a name of its own, so that no command of one counts in another.
  const ledger = `practice.example/${randomBytes(6).toString('hex')}`
  return { ledger, params, time }
}

/** Waits for the first checkpoint, for a while. */
export async function firstCheckpoint(host: LedgerHost): Promise<void> {
  const until = performance.now() + firstCheckpointMs
  while (host.proofs.checkpoint() === null && performance.now() < until) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
  }
}

/** Where the node listens, for people and programs of this machine. */
export function urlOf({ listening }: RunningNode): string {
  const { address, port } = listening
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`
}

type Opening = {
  readonly node: RunningNode
  readonly directory: string
  readonly token: string
  readonly resumed: boolean
}

function openingText({ node, directory, token, resumed }: Opening): string {
  const { host } = node
  const url = urlOf(node)
  const grade = gradeText(host.proofs.verdict())
  const who = departments.map(({ code, zh, en }) => `${code} (${zh} ${en})`).join(', ')
  return [
    '',
    `链办 Lianban: a practice ledger, ${resumed ? 'resumed' : 'new'}`,
    `  ledger      ${host.ledger}, ${host.head().size} entries`,
    `  listens on  ${url}/`,
    `  directory   ${directory}`,
    `  members     ${who}`,
    `  worth       one operator: ${grade}. All keys lie on this machine, so nobody is convinced.`,
    '',
    'Try:',
    `  curl ${url}/v1/records/members/member/tax`,
    'All entries are for those who hold the ledger; the operator of this machine shows a token:',
    `  curl -H "Authorization: Bearer $(cat ${shellWord(token)})" ${url}/v1/entries/0`,
    '',
    'This is practice: members, codes and keys are made up, and nothing in it counts anywhere.',
    'Stop with Ctrl-C; starting again goes on where it stopped.',
    '',
    '',
  ].join('\n')
}

/** A path as a word of a shell. */
export function shellWord(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}
