// The practice ledger's follower: a second process with a directory and a key of its own that
// checks every block again. It runs as long as the practice does.
import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** A running follower. */
export type ChildFollower = {
  readonly pid: number
  /** Ends it and waits for its end. */
  stop(): Promise<void>
}

export type FollowerStart = {
  /** Where the followed node listens. */
  readonly url: string
  readonly directory: string
  /** File with the token that opens the frames to it. */
  readonly tokenFile: string
  /** Something that the person who practises should read. */
  readonly say: (line: string) => void
}

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))

/** Starts the follower as a process of its own. */
export function startFollower({ url, directory, tokenFile, say }: FollowerStart): ChildFollower {
  const words = [main, 'follow', url, '--directory', directory, '--token-file', tokenFile, '--json']
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  let stopping = false
  let cosigned = false
  lines(child.stdout, (line) => {
    // What it checks from then on is said by nobody but its log, until something differs.
    const size = cosigned ? null : cosignedSize(line)
    if (size === null) return
    cosigned = true
    say(`ran everything again and cosigned the checkpoint of ${size} entries`)
  })
  lines(child.stderr, say)
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      say(`did not start: ${error.message}`)
      resolve()
    })
    child.once('close', (code) => {
      if (!stopping) say(`ended by itself (${code ?? 'by a signal'}); the ledger goes on unwatched`)
      resolve()
    })
  })
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      stopping = true
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** The size in a line that tells of a cosignature; null for every other line. */
function cosignedSize(line: string): number | null {
  const found = /"event":"cosigned".*"size":(\d+)|"size":(\d+).*"event":"cosigned"/.exec(line)
  return found === null ? null : Number(found[1] ?? found[2])
}

function lines(stream: Readable, say: (line: string) => void): void {
  let part = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const whole = (part + text).split('\n')
    part = whole.pop() ?? ''
    for (const line of whole) if (line !== '') say(line)
  })
}
