// A department's node: it follows the durable ledger, does by itself what its robot may, and hands
// over to its desk what a person must decide. Promises: after a crash at any point it goes on where
// it stood and says nothing twice; a start costs what is open, and without a place to go on from it
// reads the ledger from its beginning; an entry wakes only what it is about.
import type { Dept, Officers, Settings, Sink, Step } from '#apps/node/casework'
import { Inbox, memberOf } from '#apps/node/casework'
import type { Json } from '#base/canonical'
import type { LedgerPort } from '#apps/node/ledger-port'
import type { Notices, Report, Vault, VaultRecord, Ways } from '#apps/node/casework'
import { Later, caseNow } from '#apps/node/casework'
import type { Rows } from '#apps/node/mapping'
import type { MatchBook } from '#apps/node/matching'
import { Sources } from '#apps/node/attesting'
import type { PlaceStore, Stand } from '#apps/node/place'
import { Keeping } from '#apps/node/place'
import { isWatched, sayChanged } from './chores.ts'
import { release, watch } from './claiming.ts'
import { isConcerned, look } from './looking.ts'
import { Queue, systemClock } from './queue.ts'
import type { Clock } from '#apps/node/casework'
import { patiently, findTasks, takeNotice, takeSignature, takeTask } from '#apps/node/messages'

/** What a department gives its gateway. */
export type GatewayDesk = {
  records(of: string, name: string): Promise<readonly VaultRecord[] | null>
  task(from: string, json: Json): Promise<void>
  notice(from: string, json: Json): Promise<void>
}

export type DepartmentOptions = {
  readonly port: LedgerPort
  readonly vault: Vault
  /** Opens the member's gateway over what the department gives it. */
  readonly gateway: (desk: GatewayDesk) => Ways
  readonly settings: Settings
  readonly registers?: { readonly [name: string]: Rows }
  readonly matching?: MatchBook
  readonly tables?: Dept['tables']
  readonly sinks?: { readonly [name: string]: Sink }
  readonly notices?: Notices
  readonly addressesOf?: Dept['addressesOf']
  readonly officers?: Officers
  /** The step that certifies what acts have given. */
  readonly certify?: Step
  readonly clock?: Clock
  readonly report?: Report
  /** Where it keeps how far it has read; without it, it begins at the beginning every time. */
  readonly place?: PlaceStore
  /** Entries after which it writes that down again; 512 when absent. */
  readonly placeEvery?: number
  /** Called when somebody says that the department's own system has changed. */
  readonly onChanged?: () => Promise<void>
}

/** A department that runs. Made by `openDepartment`. */
export class Department {
  readonly dept: Dept
  /** What the ledger says of everybody's sources. */
  readonly sources: Sources
  readonly #onChanged: () => Promise<void>
  readonly #queue: Queue
  readonly #keeping: Keeping
  readonly #turns: Map<string, Promise<unknown>> = new Map()
  /** Cases that are not over and in which this member has a part. */
  readonly #cases: Set<string> = new Set()
  /** Cases that are over, and in which others or this member itself watch on. */
  readonly #watched: Set<string> = new Set()
  #next = 0
  #isReading = false
  #isStarted = false
  #leave: (() => void) | null = null
  #watching: (() => void) | null = null

  constructor(options: DepartmentOptions) {
    const { port, vault, settings, report = (): void => undefined } = options
    const clock = options.clock ?? systemClock
    const poke = (id: string): void => this.#queue.add(id)
    const gateway = options.gateway({
      records: async (of, name) => recordsIn(vault, of, name),
      task: async (from, json) => {
        await takeTask(this.dept, from, json)
        this.#promise(json)
      },
      notice: async (from, json) => {
        await takeNotice(this.dept, from, json)
        this.#promise(json)
      },
    })
    const ways = patiently(gateway, clock)
    this.sources = new Sources(port)
    this.#onChanged = options.onChanged ?? (async () => undefined)
    this.dept = {
      port,
      vault,
      ways,
      report,
      clock,
      settings,
      poke,
      registers: options.registers ?? {},
      matching: options.matching ?? null,
      tables: options.tables ?? {},
      sinks: options.sinks ?? {},
      notices: options.notices ?? null,
      addressesOf: options.addressesOf ?? (async () => []),
      officers: options.officers ?? null,
      ...(options.certify === undefined ? {} : { certify: options.certify }),
      inbox: new Inbox(),
      sources: this.sources,
      takeSignature: (from, json) => takeSignature(this.dept, from, json),
      takeNotice: (from, json) => takeNotice(this.dept, from, json),
      inTurn: (name, act) => this.#inTurn(name, act),
    }
    this.#queue = new Queue({
      clock,
      look: (id) => this.#look(id),
      failed: (failure) => this.#failed(failure),
      touched: (id) => this.#keeping.touch(id),
    })
    this.#keeping = new Keeping({
      store: options.place,
      every: options.placeEvery,
      port,
      settings: { identityMember: settings.identityMember },
      standOf: (id) => this.#standOf(id),
      sources: () => this.sources.resources(),
      report,
    })
  }

  /** Follows the ledger from where it stood, or from its beginning, and then on. */
  start(): void {
    this.#goOn()
    this.#leave = this.dept.port.subscribe(() => this.#read())
    this.#read()
    this.#watchLater()
  }

  /** Resolves when nothing is to be done before something happens. */
  async idle(): Promise<void> {
    while (this.#isReading) await new Promise((resolve) => setImmediate(resolve))
    await this.#queue.idle()
  }

  /** Has a case looked at, and resolves when that is done. */
  async settle(id: string): Promise<void> {
    this.#queue.add(id)
    await this.#queue.idleOf(id)
  }

  /**
   * The department's own system has changed: objects under a claim, and what others may watch, are
   * looked up again now, and its sources are compared with what they were.
   */
  async changed(): Promise<void> {
    await this.#onChanged()
    await this.lookAgain()
  }

  /** Objects under a claim, and what others may watch, are looked up again now. */
  async lookAgain(): Promise<void> {
    for (const id of [...this.#cases, ...this.#watched]) {
      const now = caseNow(this.dept.port, id)
      if (now === null) continue
      try {
        await watch(this.dept, now)
        await sayChanged(this.dept, now)
      } catch (failure) {
        this.#failed(failure)
      }
      this.#queue.add(id)
    }
  }

  /** Cases that are not over and in which this member has a part. */
  get cases(): ReadonlySet<string> {
    return this.#cases
  }

  /** Ends what runs. The vault, the ledger and the own systems stay open. */
  async close(): Promise<void> {
    this.#leave?.()
    this.#leave = null
    this.#watching?.()
    await this.#queue.close()
    if (this.#isStarted) this.#keeping.write(this.#next)
    this.#isStarted = false
  }

  /**
   * Finds what this member has to do. What is not over, or waits, is looked at; what is only
   * watched is not, unless a source is red: that may have come by time alone, with nobody here.
   */
  #goOn(): void {
    this.#isStarted = true
    const place = this.#keeping.find()
    if (place === null) {
      findTasks(this.dept, null)
      return
    }
    const { port } = this.dept
    const left = [...place.cases].filter(([, stand]) => stand !== 'watched')
    findTasks(
      this.dept,
      left.map(([id]) => id),
    )
    this.#next = place.next
    for (const resource of place.sources) this.sources.know(resource)
    const isRed = this.sources.isAnyRed(port.head().time)
    for (const [id, stand] of place.cases) {
      if (stand === 'open') this.#cases.add(id)
      if (stand === 'watched') this.#watched.add(id)
      if (stand !== 'watched' || isRed) this.#queue.add(id)
    }
  }

  /** How a case concerns this member: everything that it still has to do is in here. */
  #standOf(id: string): Stand | null {
    if (this.#cases.has(id)) return 'open'
    if (this.#queue.has(id) || this.dept.inbox.lines(id).length > 0) return 'waiting'
    return this.#watched.has(id) ? 'watched' : null
  }

  /** What another member was told to be taken is found again, whatever happens here. */
  #promise(told: Json): void {
    const id = memberOf(told, 'case')
    if (typeof id !== 'string') return
    if (this.#isStarted) this.#keeping.promise(id, this.#next)
    else this.#keeping.touch(id)
  }

  /**
   * Reads on from where it stood, so many entries a turn: at a start others get their turn as well,
   * and departments of one process stay close together, for whom a block is decoded once.
   */
  #read(): void {
    // After its end nothing is read: the ledger under it may be closed by then.
    if (this.#isReading || this.#leave === null) return
    const { port } = this.dept
    const { size } = port.head()
    const until = Math.min(size, this.#next + entriesATurn)
    for (; this.#next < until; this.#next += 1) {
      const { keys } = port.entry(this.#next)
      for (const id of casesIn(keys)) this.#queue.add(id)
      if (this.sources.take(keys) !== null) this.#tellOfSource()
    }
    this.#keeping.read(until)
    if (until === size) return
    this.#isReading = true
    setImmediate(() => {
      this.#isReading = false
      this.#read()
    })
  }

  /** The state of somebody's source is another one: who uses it has a line, or none any more. */
  #tellOfSource(): void {
    const { port, report } = this.dept
    let told = 0
    for (const id of [...this.#cases, ...this.#watched]) {
      const now = caseNow(port, id)
      if (now === null) continue
      const isUsed = this.sources.usedIn(now).length > 0
      const isTold = this.dept.inbox.lines(id).some(({ reason }) => reason === 'source-red')
      if (isUsed !== isTold) this.#queue.add(id)
      if (isUsed) told += 1
    }
    if (told > 0) report({ level: 'warn', event: 'source-red', cases: told })
  }

  async #look(id: string): Promise<number | null> {
    const now = caseNow(this.dept.port, id)
    if (now === null || !isConcerned(this.dept, now)) return null
    const isOver = now.facts.state !== 'open' && now.facts.state !== 'delivered'
    if (isOver && this.#cases.delete(id)) await release(this.dept, now)
    if (!isOver) this.#cases.add(id)
    else if (isWatched(this.dept, now) || this.sources.isReader(now)) this.#watched.add(id)
    else this.#watched.delete(id)
    return look(this.dept, id)
  }

  #failed(failure: unknown): void {
    const code = (failure as { readonly code?: unknown } | null)?.code
    // What a person has to look at first waits like anything else that will pass.
    const isLater = failure instanceof Later || code === 'node/source-held'
    this.dept.report({
      level: isLater ? 'info' : 'error',
      event: isLater ? 'case-waits' : 'case-failed',
      code: typeof code === 'string' ? code : (failure as Error).name,
    })
  }

  #watchLater(): void {
    const { watchMs } = this.dept.settings
    if (watchMs === 0) return
    this.#watching = this.dept.clock.after(watchMs, () => {
      void this.changed().finally(() => this.#watchLater())
    })
  }

  #inTurn<T>(name: string, act: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(name) ?? Promise.resolve()
    const mine = before.then(act, act)
    const rest = mine.then(
      () => undefined,
      () => undefined,
    )
    this.#turns.set(name, rest)
    void rest.then(() => {
      if (this.#turns.get(name) === rest) this.#turns.delete(name)
    })
    return mine
  }
}

/** Opens a department; it does nothing before `start`. */
export function openDepartment(options: DepartmentOptions): Department {
  return new Department(options)
}

/** Entries that are read before others get their turn. */
const entriesATurn = 256

/** What is written about a case: its state, and that something watched in it has changed. */
const casePrefixes = ['processes/case/', 'sharing/watch/']

function casesIn(keys: readonly string[]): readonly string[] {
  return keys.flatMap((key) => {
    const prefix = casePrefixes.find((each) => key.startsWith(each))
    const [id] = prefix === undefined ? [] : key.slice(prefix.length).split('/')
    return id === undefined ? [] : [id]
  })
}

function recordsIn(vault: Vault, of: string, name: string): readonly VaultRecord[] | null {
  const records = vault.find({ case: of, name }).filter(({ kind }) => kind !== 'note')
  return records.length === 0 ? null : records
}
