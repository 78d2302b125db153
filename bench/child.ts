// Processes of the bench. What is measured runs in a process of its own, so that neither the
// memory nor the garbage of whoever measures counts. A child answers jobs one after the other; the
// first error of a job fails the bench.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Names of jobs, and what each takes and gives; both cross as JSON. */
export type Jobs = { readonly [name: string]: { readonly in: unknown; readonly out: unknown } }

export type Handlers<J extends Jobs> = {
  readonly [K in keyof J]: (job: J[K]['in']) => J[K]['out'] | Promise<J[K]['out']>
}

type Question = { readonly id: number; readonly name: string; readonly job: unknown }
type Answer = { readonly id: number; readonly out?: unknown; readonly error?: string }
type Waiting = { readonly resolve: (out: unknown) => void; readonly reject: (e: Error) => void }

/** The parent's side: a file of the bench running as a process. */
export class Child<J extends Jobs> {
  readonly #process: ChildProcess
  readonly #waiting: Map<number, Waiting> = new Map()
  readonly #exit: Promise<void>
  #next = 0

  constructor(file: string) {
    this.#process = fork(fileURLToPath(new URL(file, import.meta.url)), {
      execArgv: [...process.execArgv, '--expose-gc'],
    })
    this.#process.on('message', (answer: Answer) => this.#take(answer))
    this.#exit = new Promise((resolve) => {
      this.#process.on('exit', (code, signal) => {
        const error = new Error(`${file} ended with ${String(code ?? signal)}`)
        for (const { reject } of this.#waiting.values()) reject(error)
        this.#waiting.clear()
        resolve()
      })
    })
  }

  ask<K extends keyof J & string>(name: K, job: J[K]['in']): Promise<J[K]['out']> {
    return new Promise((resolve, reject) => {
      const id = this.#next
      this.#next += 1
      this.#waiting.set(id, { resolve: resolve as (out: unknown) => void, reject })
      this.#process.send({ id, name, job } satisfies Question)
    })
  }

  /** Lets the process go. */
  async end(): Promise<void> {
    this.#process.disconnect()
    await this.#exit
  }

  /** Ends the process at once, as a crash would: nothing is closed. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#exit
  }

  #take({ id, out, error }: Answer): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting?.resolve(out)
    else waiting?.reject(new Error(error))
  }
}

/** The child's side: answers what is asked, until the parent goes. */
export function answerJobs<J extends Jobs>(handlers: Handlers<J>): void {
  process.on('disconnect', () => process.exit(0))
  process.on('message', ({ id, name, job }: Question) => {
    const handle = handlers[name] as (job: unknown) => unknown
    Promise.resolve()
      .then(() => handle(job))
      .then(
        (out) => process.send?.({ id, out } satisfies Answer),
        (error: unknown) => {
          const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
          process.send?.({ id, error: text } satisfies Answer)
        },
      )
  })
}

/** Processor time in microseconds: of the calling thread, and of all threads of its process. */
export type Used = { readonly main: number; readonly all: number }

export function usedNow(): Used {
  const main = process.threadCpuUsage()
  const all = process.cpuUsage()
  return { main: main.user + main.system, all: all.user + all.system }
}

export function usedSince(before: Used): Used {
  const now = usedNow()
  return { main: now.main - before.main, all: now.all - before.all }
}
