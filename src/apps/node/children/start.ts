// What `npm start -- --processes` runs: the practice city with a process for the ledger and one for
// each member, and the follower of its notary beside them. It promises to say what that is worth:
// processes that one operator runs keep mistakes apart, and convince nobody else.
import { join } from 'node:path'
import type { Config } from '#apps/node/config'
import type { Log } from '#apps/node/log'
import { startFollower } from '#apps/node/practice'
import { followerIn } from './founding.ts'
import type { Supervisor } from './supervisor.ts'
import { superviseCity } from './supervisor.ts'

export type ProcessesOptions = {
  readonly config: Config
  readonly log: Log
  /** Writes lines for the person who started it. */
  readonly say: (text: string) => void
}

export type RunningProcesses = { readonly supervisor: Supervisor; stop(): Promise<void> }

/** Starts the city's processes, and their follower. */
export async function startProcesses(options: ProcessesOptions): Promise<RunningProcesses> {
  const { config, log, say } = options
  const directory = config.need('directory')
  const threads = config.count('verify.threads')
  say('Starting the ledger and one process for each member; a new city takes half a minute.\n')
  const supervisor = await superviseCity({
    directory,
    listenPort: config.needCount('listen.port'),
    membersPort: config.count('members.port') ?? 0,
    sourcesSeconds: config.needCount('sources.seconds'),
    settings: threads === undefined ? [] : ['--verify-threads', String(threads)],
    log,
  })
  say(openingText(supervisor, directory))
  const follower = startFollower({
    url: supervisor.url,
    directory: followerIn(directory),
    tokenFile: supervisor.tokenFile,
    say: (line) => say(`follower: ${line}\n`),
  })
  return {
    supervisor,
    stop: async () => {
      await follower.stop()
      await supervisor.stop()
    },
  }
}

function openingText({ pack, pids, ledger, url }: Supervisor, directory: string): string {
  const row = ([name, pid]: readonly [string, number]): string => {
    const member = pack.members.find(({ code }) => code === name)
    const called = `${member?.zh ?? '账本'} ${member?.en ?? 'the ledger'}`
    return `    ${name.padEnd(12)} ${String(pid).padStart(8)}  ${called}`
  }
  return [
    '',
    '链办 Lianban: a practice ledger: the practice city, a process for each member',
    `  ledger      ${ledger}`,
    `  listens on  ${url}/`,
    `  directory   ${directory}`,
    '  processes',
    ...[...pids].map(row),
    '  worth       one operator: all keys lie on this machine, so nobody is convinced.',
    '',
    `Each member's process opens its own folder below ${join(directory, 'members')} and no other`,
    'one; a process that ends is started again. Gateways speak over mutual TLS.',
    'This is practice: people, members, codes and keys are made up, and nothing in it counts anywhere.',
    'Stop with Ctrl-C; starting again goes on where it stopped.',
    '',
    '',
  ].join('\n')
}
