// One process that is watched: started, started again after longer waits each time when it ends by
// itself, asked over its channel, and ended when it is told to. Whoever asks while it is away is
// answered by its next life.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import process from 'node:process'

export type ChildOptions = {
  /** How the supervisor calls it. */
  readonly name: string
  /** Words after the name of Node's program; asked for at every start. */
  readonly words: () => readonly string[]
  /** Where compiled sources are kept, so that many processes compile them once. */
  readonly codeCache: string
  /** What it says over its channel. */
  readonly heard?: (message: unknown) => void
  /** A line of its output; the supervisor's own output is its own when absent. */
  readonly line?: (line: string) => void
  readonly report: (event: string, child: string, code: string) => void
}

const waitFirstMs = 250
const waitMaxMs = 30_000
/** Whoever lived so long did not end at its start. */
const livedMs = 60_000
/** A stop answers what waits; what takes longer is ended. */
const stopMs = 20_000

/** A process of the city. */
export class Child {
  readonly #options: ChildOptions
  #process: ChildProcess | null = null
  #ended: Promise<void> = Promise.resolve()
  #stopping = false
  #failed = 0
  #restart: NodeJS.Timeout | null = null

  constructor(options: ChildOptions) {
    this.#options = options
  }

  get name(): string {
    return this.#options.name
  }

  /** The process id of this life; 0 while there is none. */
  get pid(): number {
    return this.#process?.pid ?? 0
  }

  start(): void {
    const { name, words, codeCache, heard, line, report } = this.#options
    const output = line === undefined ? 'inherit' : 'pipe'
    const began = performance.now()
    // A group of its own: who stops the supervisor at a terminal does not stop all at once, and a
    // process whose channel closes knows that its supervisor is gone.
    const child = spawn(process.execPath, words(), {
      stdio: ['ignore', output, output, 'ipc'],
      detached: true,
      env: { ...process.env, NODE_COMPILE_CACHE: codeCache },
    })
    this.#process = child
    if (heard !== undefined) child.on('message', heard)
    if (line !== undefined) for (const from of [child.stdout, child.stderr]) lines(from, line)
    this.#ended = new Promise((resolve) => {
      const over = (code: string): void => {
        if (this.#process !== child) return
        this.#process = null
        resolve()
        if (this.#stopping) return
        report('child-ended', name, code)
        this.#failed = performance.now() - began > livedMs ? 1 : this.#failed + 1
        this.#restart = setTimeout(() => this.start(), waitOf(this.#failed))
      }
      child.once('error', (error) => over(error.message))
      child.once('exit', (code, signal) => over(String(signal ?? code)))
    })
  }

  /** Sends over the channel; false when nobody is there to hear it. */
  send(message: object): boolean {
    const child = this.#process
    if (child === null || !child.connected) return false
    child.send(message, () => undefined)
    return true
  }

  /** Ends this life at once, as a crash would; another one follows. */
  kill(): void {
    this.#process?.kill('SIGKILL')
  }

  /** Ends it for good: by its own means, and after a while by force. */
  async stop(ask: (child: this) => void): Promise<void> {
    this.#stopping = true
    if (this.#restart !== null) clearTimeout(this.#restart)
    if (this.#process === null) return
    ask(this)
    const force = setTimeout(() => this.#process?.kill('SIGKILL'), stopMs)
    await this.#ended
    clearTimeout(force)
  }

  /** Asks the process itself to end. */
  terminate(): void {
    this.#process?.kill('SIGTERM')
  }
}

function waitOf(failed: number): number {
  return Math.min(waitMaxMs, waitFirstMs * 2 ** Math.min(failed - 1, 10))
}

function lines(stream: NodeJS.ReadableStream | null, say: (line: string) => void): void {
  let part = ''
  stream?.setEncoding('utf8')
  stream?.on('data', (text: string) => {
    const whole = (part + text).split('\n')
    part = whole.pop() ?? ''
    for (const each of whole) if (each !== '') say(each)
  })
}
