// A member's process as its supervisor sees it: open or not, where its gateway listens, and what it
// is asked. A question that a crash left without an answer fails, because nobody knows how far it
// came; whoever asked looks at the ledger and asks again.
import type { Json } from '#base/canonical'
import { Child } from './child.ts'
import type { ChildOptions } from './child.ts'
import type { Order, Question, Report } from './messages.ts'

export type MemberChildOptions = {
  readonly code: string
  readonly words: ChildOptions['words']
  readonly codeCache: string
  readonly report: ChildOptions['report']
  /** It listens at this address now. */
  readonly opened: (address: string) => void
}

type Waiting = { readonly resolve: (value: Json) => void; readonly reject: (e: Error) => void }

/** The process of one member. */
export class MemberChild {
  readonly name: string
  readonly #child: Child
  readonly #waiting: Map<number, Waiting> = new Map()
  readonly #options: MemberChildOptions
  #open: PromiseWithResolvers<void> = Promise.withResolvers()
  #number = 0
  #lives = 0

  constructor(options: MemberChildOptions) {
    this.#options = options
    this.name = options.code
    this.#open.promise.catch(() => undefined)
    this.#child = new Child({
      name: options.code,
      words: options.words,
      codeCache: options.codeCache,
      heard: (message) => this.#heard(message as Report),
      report: (event, child, code) => {
        this.#over(code)
        options.report(event, child, code)
      },
    })
  }

  /** The process id of this life; 0 while there is none. */
  get pid(): number {
    return this.#child.pid
  }

  /** How often it was opened. */
  get lives(): number {
    return this.#lives
  }

  start(): void {
    this.#child.start()
  }

  /** Resolves when it is open. */
  opened(): Promise<void> {
    return this.#open.promise
  }

  /** The answer of this life, or of the next one while it is away. */
  async ask(what: Question['what']): Promise<Json> {
    await this.opened()
    return new Promise((resolve, reject) => {
      this.#number += 1
      const number = this.#number
      this.#waiting.set(number, { resolve, reject })
      const order: Order = { kind: 'ask', number, what }
      if (!this.#child.send(order)) this.#over('gone')
    })
  }

  /** Tells it where gateways listen. */
  tell(addresses: { readonly [member: string]: string }): void {
    const order: Order = { kind: 'addresses', addresses }
    this.#child.send(order)
  }

  /** Ends this life at once, as a crash would; another one follows. */
  kill(): void {
    this.#child.kill()
  }

  async stop(): Promise<void> {
    await this.#child.stop((child) => {
      const order: Order = { kind: 'stop' }
      if (!child.send(order)) child.terminate()
    })
    this.#over('stopped')
    this.#open.reject(new Error(`${this.name} was stopped`))
  }

  #heard(report: Report): void {
    if (report.kind === 'opened') {
      this.#lives += 1
      this.#options.opened(report.address)
      this.#open.resolve()
      return
    }
    const waiting = this.#waiting.get(report.number)
    this.#waiting.delete(report.number)
    if ('failed' in report) waiting?.reject(new Error(`${this.name}: ${report.failed}`))
    else waiting?.resolve(report.value ?? null)
  }

  #over(code: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(`${this.name}: ${code}`))
    this.#waiting.clear()
    this.#open = Promise.withResolvers()
    this.#open.promise.catch(() => undefined)
  }
}
