// The practice ledger's follower: a second process with a directory and a key of its own that
// checks every block again. It runs as long as the practice does.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A running follower. */
export type ChildFollower = {
  readonly pid: number
  stop(): Promise<void>
}

export type FollowerStart = {
  /** Where the followed node listens. */
  readonly url: string
  readonly directory: string
  /** File with the token that opens the frames to it. */
  readonly tokenFile: string
  /** Lines that the follower prints. */
  readonly say: (line: string) => void
}

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const door = fileURLToPath(new URL('../follow/index.ts', import.meta.url))

/** Starts the follower as a process; null where this release has none. */
export function startFollower(start: FollowerStart): ChildFollower | null {
  if (!existsSync(door)) return null
  const words = [main, 'follow', start.url]
  words.push('--directory', start.directory, '--token-file', start.tokenFile)
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) {
    let part = ''
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      const lines = (part + text).split('\n')
      part = lines.pop() ?? ''
      for (const line of lines) start.say(line)
    })
  }
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
