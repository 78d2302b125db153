// Disclosures under real kills: an owner's process dies at operations of its disks, or is killed
// while answers are on their way, between permit, answer, acknowledgement and receipt, while
// consents are withdrawn and items returned. The reader stands outside and notes what reached it.
// Afterwards the ledger must have a permit for each answer, and a receipt that binds it.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeCanonical } from '#base/canonical'
import { isRefusal } from '#ledger/command'
import { decodeEntry } from '#ledger/apply'
import { signedIntentOf } from '#ledger/read'
import { signJws } from '#adapters/keys'
import { fsDisk } from '#adapters/storage'
import { acknowledgementTyp, hashOf } from '#apps/node/disclosure'
import { receiptRoot } from '#apps/node/gateway'
import type { GatewayWorld } from '#test/gateway-world'
import { keysOf, MovedClock } from '#test/gateway-world'
import { openPortHost, portLedger } from '#test/port-world'
import { post } from '#test/raw-peer'
import { idOf } from '#test/sharing-world'
import { Random } from '#simulation/random'
import type { Order, Reply, Start, Stated } from './disclosure-victim.ts'

export type Disclosures = {
  kills: number
  permits: number
  /** Permits for which bytes of an answer reached the reader. */
  disclosed: number
  /** Requests that were refused. */
  refused: number
  acknowledged: number
  oneSided: number
  /** Answers without a durable permit; asked for after their time; of a returned item. */
  unpermitted: number
  late: number
  stale: number
  /** Permits that were given after the consent was withdrawn. */
  withdrawn: number
  /** Answers that the ledger has no receipt of, or one that does not bind what left. */
  missing: number
  unreadable: number
  first: string
}

type Known = {
  readonly answerBy: number
  readonly id: string
  readonly gen: number
  /** Nothing may be answered any more: the item was returned before anybody asked. */
  dead: boolean
}

const victim = fileURLToPath(new URL('./disclosure-victim.ts', import.meta.url))
const stepsOfLife = 150
const livesOfLedger = 4

/** So many kills over ledgers that live through several of them. */
export async function run(options: {
  readonly count: number
  readonly seed: number
  readonly forgetful?: boolean
}): Promise<Disclosures> {
  const random = new Random(options.seed)
  const result: Disclosures = {
    kills: 0,
    permits: 0,
    disclosed: 0,
    refused: 0,
    acknowledged: 0,
    oneSided: 0,
    unpermitted: 0,
    late: 0,
    stale: 0,
    withdrawn: 0,
    missing: 0,
    unreadable: 0,
    first: '',
  }
  while (result.kills < options.count) {
    const directory = mkdtempSync(join(tmpdir(), 'lianban-disclosure-'))
    for (const name of ['ledger', 'vault']) mkdirSync(join(directory, name))
    const run = new Run({ directory, random, result, forgetful: options.forgetful === true })
    const lives = Math.min(livesOfLedger, options.count - result.kills)
    for (let life = 0; life < lives; life += 1) await run.life()
    await run.audit()
    rmSync(directory, { recursive: true, force: true })
  }
  return result
}

type RunParts = {
  readonly directory: string
  readonly random: Random
  readonly result: Disclosures
  readonly forgetful: boolean
}

/** One ledger with its owner over several lives, and the reader that outlives them. */
class Run {
  readonly #parts: RunParts
  readonly #clock = new MovedClock()
  readonly #cases: Map<string, Stated> = new Map()
  readonly #permits: Map<number, Known> = new Map()
  /** Entries under which anything was asked. */
  readonly #asked: Set<number> = new Set()
  /** Texts of statements that reached the reader, by permit, and what it acknowledged of them. */
  readonly #answers: Map<number, { readonly answer: string; readonly acks: string[] }> = new Map()

  constructor(parts: RunParts) {
    this.#parts = parts
  }

  /** The process lives until it dies by itself, or is killed after so many steps. */
  async life(): Promise<void> {
    const { random, result } = this.#parts
    const of = random.pick(['ledger', 'vault', 'nothing'])
    const side = random.pick(['before', 'within', 'after'])
    const child = await this.#start({ of, at: 8 + random.below(220), side })
    if (child === null) return
    const busy: Promise<unknown>[] = []
    for (let step = 0; step < stepsOfLife && child.lives; step += 1) {
      const done = this.#step(child).catch(() => undefined)
      busy.push(done)
      if (random.below(3) > 0) await Promise.race([done, child.gone])
    }
    child.kill()
    await child.gone
    result.kills += 1
    await Promise.all(busy)
  }

  /** A last life closes everything; then the ledger is held against what the reader saw. */
  async audit(): Promise<void> {
    const { result, directory } = this.#parts
    const child = await this.#start({ of: 'nothing', at: 0, side: 'before' })
    if (child === null) return
    await this.#forward(child, 2 * 86_400_000)
    await child.ask({ do: 'flush' })
    await child.ask({ do: 'close' })
    child.kill()
    await child.gone
    const { permits, receipts } = trailOf(join(directory, 'ledger'), this.#clock)
    result.permits += permits.size
    result.disclosed += this.#answers.size
    for (const [entry, { answer, acks }] of this.#answers) {
      if (!permits.has(entry)) this.#found('unpermitted', entry)
      const roots = receipts.get(entry) ?? []
      const alone = receiptRoot(hashOf(answer), null)
      const both = acks.map((acknowledgement) =>
        receiptRoot(hashOf(answer), hashOf(acknowledgement)),
      )
      if (roots.some((root) => both.includes(root))) result.acknowledged += 1
      else if (roots.includes(alone)) result.oneSided += 1
      else this.#found('missing', entry)
    }
  }

  #found(what: 'unpermitted' | 'late' | 'stale' | 'withdrawn' | 'missing', at: number): void {
    const { result } = this.#parts
    result[what] += 1
    if (result.first === '') result.first = `${what} at entry ${at}`
  }

  async #start(dies: Start['dies']): Promise<Life | null> {
    const { directory, forgetful, result } = this.#parts
    const cases = [...this.#cases.values()]
    const moved = this.#clock.moved
    const child = new Life({ directory, moved, cases, dies, forgetful })
    await Promise.race([child.ready, child.gone])
    if (child.lives) return child
    if (child.signal === 'SIGKILL') result.kills += 1
    else result.unreadable += 1
    return null
  }

  async #step(child: Life): Promise<void> {
    const { random } = this.#parts
    const what = random.below(100)
    if (this.#cases.size < 2 || what < 6) return this.#file(child)
    if (what < 36) return this.#permit(child)
    if (what < 66) return this.#ask(child, random.pick([...this.#permits.keys(), undefined]))
    if (what < 82) return this.#acknowledge(child)
    if (what < 88) return this.#return(child)
    if (what < 91) return this.#withdraw(child)
    if (what < 96) return this.#forward(child, 1_000 + random.below(45_000))
    if (what < 98) return void (await child.ask({ do: 'flush' }))
    await sleep(random.below(6))
    child.kill()
    return undefined
  }

  async #file(child: Life): Promise<void> {
    const id = idOf(`${this.#parts.directory} ${this.#cases.size}`)
    const stated = { id, gen: 1, consents: true }
    this.#cases.set(id, stated)
    await child.ask({ do: 'state', case: stated })
  }

  /** Asks for a permit, and at the same time for answers under entries that may become one. */
  async #permit(child: Life): Promise<void> {
    const { id, consents } = this.#parts.random.pick([...this.#cases.values()])
    const asked = child.ask({ do: 'permit', id })
    const guesses = [0, 1].map((more) => this.#ask(child, child.size + more))
    const { entry, answerBy, gen } = await asked
    if (entry !== undefined && answerBy !== undefined && gen !== undefined) {
      if (!consents) this.#found('withdrawn', entry)
      this.#permits.set(entry, { answerBy, id, gen, dead: false })
    }
    await Promise.all(guesses)
  }

  async #ask(child: Life, entry: number | undefined): Promise<void> {
    if (entry === undefined) return
    const known = this.#permits.get(entry)
    const { dead } = known ?? { dead: false }
    this.#asked.add(entry)
    const askedAt = this.#clock.wallMs()
    const text = encodeCanonical({ permit: entry, names: ['licence'] })
    // The owner may die under the request.
    const got = await post(child.place, 'icbc', text).catch(() => null)
    if (got !== null && got.status !== 200) this.#parts.result.refused += 1
    if (got?.status !== 200) return
    const { answer } = JSON.parse(got.text) as { readonly answer: string }
    if (known !== undefined && askedAt >= known.answerBy) this.#found('late', entry)
    if (dead) this.#found('stale', entry)
    const before = this.#answers.get(entry)
    if (before === undefined) this.#answers.set(entry, { answer, acks: [] })
    else if (before.answer !== answer) this.#found('missing', entry)
  }

  async #acknowledge(child: Life): Promise<void> {
    const [permit, got] = this.#parts.random.pick([...this.#answers, null]) ?? []
    if (permit === undefined || got === undefined) return
    const keys = keysOf('icbc')
    const kid = keys.list().find(({ use }) => use === 'receipt')?.kid ?? ''
    const said = { ledger: portLedger, permit, answer: hashOf(got.answer) }
    const payload = encodeCanonical(said)
    const acknowledgement = signJws(keys, { kid, use: 'receipt', typ: acknowledgementTyp, payload })
    got.acks.push(acknowledgement)
    await post(child.place, 'icbc', encodeCanonical({ permit, acknowledgement }), {
      path: '/v1/receipts',
    })
  }

  async #return(child: Life): Promise<void> {
    const stated = this.#parts.random.pick([...this.#cases.values()])
    const next = { ...stated, gen: stated.gen + 1 }
    this.#cases.set(stated.id, next)
    await child.ask({ do: 'state', case: next })
    for (const [entry, known] of this.#permits) {
      // What was asked for before may be on record already, and is given again.
      const untouched = known.id === stated.id && known.gen < next.gen && !this.#asked.has(entry)
      if (untouched) known.dead = true
    }
  }

  async #withdraw(child: Life): Promise<void> {
    const stated = this.#parts.random.pick([...this.#cases.values()])
    const next = { ...stated, consents: false }
    await child.ask({ do: 'state', case: next })
    this.#cases.set(stated.id, next)
  }

  async #forward(child: Life, ms: number): Promise<void> {
    await child.ask({ do: 'forward', ms })
    this.#clock.moved += ms
  }
}

/** Permits and receipts as they stand in the log, by the permit's entry. */
function trailOf(
  directory: string,
  clock: MovedClock,
): { readonly permits: Set<number>; readonly receipts: Map<number, string[]> } {
  const host = openPortHost({ disk: fsDisk(directory), clock, domains: [], readOnly: true })
  const permits = new Set<number>()
  const receipts = new Map<number, string[]>()
  for (let at = 0; at < host.head().size; at += 1) {
    const text = host.entry(at)
    const entry = decodeEntry(text)
    if (isRefusal(entry) || entry.kind !== 'single' || entry.result.code !== 'ok') continue
    const intent = signedIntentOf(text)?.intent
    if (intent === undefined) continue
    const { type, body } = intent
    if (type === 'case.read') permits.add(at)
    if (type !== 'share.receipts') continue
    const list = body['receipts'] as readonly { readonly permit: number; readonly root: string }[]
    for (const { permit, root } of list) {
      receipts.set(permit, [...(receipts.get(permit) ?? []), root])
    }
  }
  void host.close()
  return { permits, receipts }
}

/** A life of the owner's process. */
class Life {
  readonly #process: ChildProcess
  readonly #waiting: Map<number, (reply: Reply) => void> = new Map()
  readonly ready: Promise<void>
  readonly gone: Promise<void>
  lives = false
  signal: NodeJS.Signals | null = null
  size = 0
  #origin = ''
  #next = 0

  constructor(start: Start) {
    this.#process = fork(victim, [JSON.stringify(start)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.ready = new Promise((resolve) => {
      this.#process.on(
        'message',
        (said: { ready?: string; n?: number; reply?: Reply; size?: number }) => {
          if (said.ready !== undefined) {
            this.#origin = said.ready
            this.size = said.size ?? 0
            this.lives = true
            resolve()
          }
          if (said.n === undefined || said.reply === undefined) return
          this.size = said.reply.size
          this.#waiting.get(said.n)?.(said.reply)
          this.#waiting.delete(said.n)
        },
      )
    })
    this.gone = new Promise((resolve) => {
      this.#process.on('exit', (_code, signal) => {
        this.lives = false
        this.signal = signal
        for (const answer of this.#waiting.values()) answer({ size: this.size, code: 'gone' })
        resolve()
      })
    })
    this.#process.on('error', () => undefined)
  }

  /** Where its gateway is, as whoever posts by hand takes it. */
  get place(): GatewayWorld {
    return { origins: new Map([['market', this.#origin]]) } as unknown as GatewayWorld
  }

  ask(order: Order): Promise<Reply> {
    if (!this.lives) return Promise.resolve({ size: this.size, code: 'gone' })
    return new Promise((resolve) => {
      this.#next += 1
      this.#waiting.set(this.#next, resolve)
      this.#process.send({ n: this.#next, order }, () => undefined)
    })
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }
}
