// A department keeps an eye on its own sources: at an interval, when it is told of a change, and by
// hand, it compares each table that its mapping reads with the last state that counted, and says on
// the ledger what has come of it. It promises that nothing is said when nothing has changed and no
// promise of freshness is due; that a state of which too much differs answers no question before a
// second person has seen it; and that no value of a row leaves the department's own system.
import { existsSync } from 'node:fs'
import type { Register } from '#adapters/registers'
import { driftOf } from '#domains/sharing'
import type { Loaded, SourceState, Sources, Speaker, Spoken } from '#apps/node/attesting'
import { attest, nobody, sayLoaded, stewardOf } from '#apps/node/attesting'
import type { Dept } from '#apps/node/casework'
import { RefreshBook } from './book.ts'
import type { Guard } from './guarding.ts'
import { holdingsOf, resourceIdOf } from './holdings.ts'
import type { Holding } from './holdings.ts'
import { ruleUnread } from './judging.ts'
import { Scanner } from './scanning.ts'
import type { Scanning } from './scanning.ts'
import type { Confirming, Doing, Outcome, Resting, Wished } from './wishes.ts'
import { carryOut } from './wishes.ts'

export type RefreshOptions = {
  readonly dept: Dept
  readonly sources: Sources
  readonly guard: Guard
  /** Keys of the department's officers, the steward's first. */
  readonly kids: readonly string[]
  /** What the department is called. */
  readonly title: string
  readonly registers: { readonly [name: string]: Register }
  /** Registers that are a file: a large table of it is read in a thread of its own. */
  readonly files: { readonly [name: string]: string }
  /** Path of its private book. */
  readonly path: string
  /** Another text whenever the own systems may have changed; absent where nobody can tell. */
  readonly stamp?: () => string
  /** Pause between two looks, milliseconds; 0: only when it is told to. */
  readonly everyMs: number
  /** Has the department look again at what rests on its systems. */
  readonly lookAgain: () => Promise<void>
}

/** A change that is known beforehand. */
export type Announcement = {
  readonly item: string
  /** Unix milliseconds. */
  readonly until: number
  readonly reason: string
}

/** A department spends at most one part in so many on looking at itself. */
const restFactor = 20
/** Pause after something could not be read or said, milliseconds. */
const faultMs = 60_000
/** Pause between two scans of systems that do not say whether they have changed, milliseconds. */
const blindMs = 600_000
/** A table is attested anew so long before its promise of freshness is over, milliseconds. */
const renewMs = 86_400_000

/** The eye of one department on its sources. */
export class Refresh {
  readonly #options: RefreshOptions
  readonly #holdings: readonly Holding[]
  readonly #speaker: Speaker
  readonly #scanner: Scanner
  readonly #doing: Doing = {
    states: () => this.states(),
    resting: () => this.resting(),
    grant: (wished) => this.#grant(wished),
  }
  #book: RefreshBook | null = null
  #turn: Promise<unknown> = Promise.resolve()
  #stamp: string | null = null
  #restsUntil = 0
  #leave: (() => void) | null = null
  #isOver = false

  constructor(options: RefreshOptions) {
    const { dept, registers, guard, kids, title, path } = options
    this.#options = options
    const { port, clock, officers, settings } = dept
    this.#speaker = { port, clock, officers, kids }
    const book = (): RefreshBook => (this.#book ??= new RefreshBook(path))
    this.#scanner = new Scanner({ dept, speaker: this.#speaker, title, book, path })
    this.#holdings = holdingsOf(settings.mapping).filter(({ register }) => {
      return registers[register] !== undefined
    })
    if (existsSync(path)) this.#resume(book())
    guard.noteWith(({ values }) => {
      if (this.#book !== null) this.#scanner.note(this.#holdings, values)
    })
  }

  /** Looks at an interval from now on, where there is one. */
  start(): void {
    if (this.#options.everyMs > 0) this.#later()
  }

  /**
   * What has changed while nobody looked, before any question is answered: a state that nobody has
   * accepted answers none. Costs nothing where there is no last state to compare with.
   */
  async first(): Promise<void> {
    if (this.#book !== null) await this.#inTurn(() => this.#tried(() => this.#scan({})))
  }

  /** Resolves when no scan is under way. */
  async idle(): Promise<void> {
    await this.#turn
  }

  /** What is known of each source, by the last scan. */
  states(): readonly SourceState[] {
    return [...this.#scanner.states.values()]
  }

  /** Work of this member that rests on sources of others which are red. */
  resting(): readonly Resting[] {
    return this.#options.dept.inbox.lines().flatMap(({ case: id, item, reason, source }) => {
      const isResting = reason === 'source-red' && item !== undefined && source !== undefined
      return isResting ? [{ case: id, item, source }] : []
    })
  }

  /** Compares every source with its last state now, and does what was wished for before. */
  scan(how: Scanning = {}): Promise<readonly SourceState[]> {
    return this.#inTurn(async () => {
      if (existsSync(this.#options.path)) await carryOut(this.#opened(), this.#doing)
      return this.#scan(how)
    })
  }

  /** Somebody says that the own systems have changed: they are looked at where they ever were. */
  async changed(): Promise<void> {
    if (this.#options.everyMs > 0 || this.#book !== null) await this.scan({ atOnce: true })
  }

  /** As a second person: the state that was seen counts, with its columns and its rows. */
  confirm(confirming: Confirming): Promise<Spoken> {
    return this.#inTurn(() => this.#confirm(confirming))
  }

  /** Announces a change of a source until an instant; the reason stays in the department. */
  announce(announcement: Announcement): Promise<Spoken> {
    return this.#inTurn(() => this.#announce(announcement))
  }

  /** Says of a source that was loaded what it is now. */
  loaded(loaded: Loaded): Promise<Spoken & { readonly state?: string }> {
    return this.#inTurn(() => this.#loaded(loaded))
  }

  /** Tables were loaded with a comparison of their own: their state counts, where one did. */
  async vouch(tables: readonly string[]): Promise<void> {
    if (this.#book !== null) await this.scan({ vouched: tables, atOnce: true })
  }

  /** Why a change of a source was announced last; the ledger holds no text. */
  reasonOf(item: string): string | null {
    const { port } = this.#options.dept
    return this.#book?.reason(resourceIdOf(port.ledger, port.member, item)) ?? null
  }

  /** Ends; what runs is waited for. */
  async close(): Promise<void> {
    this.#isOver = true
    this.#leave?.()
    await this.#turn
    this.#book?.close()
    this.#book = null
  }

  #opened(): RefreshBook {
    return (this.#book ??= new RefreshBook(this.#options.path))
  }

  /** What waited before a restart waits on. */
  #resume(book: RefreshBook): void {
    for (const holding of this.#holdings) {
      const isHeld = book.waiting(this.#scanner.resourceOf(holding)) !== null
      this.#options.guard.hold(holding.register, holding.table, isHeld)
    }
  }

  /** Does what another process of the owner wishes for. */
  async #grant(wished: Wished): Promise<Outcome['spoken']> {
    switch (wished.kind) {
      case 'scan':
        await this.#scan({ atOnce: true })
        return null
      case 'vouch':
        // A book is there, since a wish lies in it; what never counted begins to count.
        await this.#scan({ vouched: wished.tables, atOnce: true })
        await this.#options.lookAgain()
        return null
      case 'confirm':
        return this.#confirm(wished)
      case 'announce':
        return this.#announce(wished)
      case 'loaded':
        return this.#loaded(wished.loaded)
    }
  }

  /** The item that a person means: by its name, its table, or the name of its load file. */
  #itemNamed(word: string): string {
    const table = this.#holdings.find((holding) => holding.table === word)
    const own = this.#options.sources.of(this.#options.dept.port.member)
    const loaded = own.find(({ item }) => item === `loaded.${word}`)
    return table?.item ?? loaded?.item ?? word
  }

  async #confirm({ item: word, seen, by }: Confirming): Promise<Spoken> {
    const item = this.#itemNamed(word)
    const holding = this.#holdings.find((each) => each.item === item)
    if (holding === undefined) return { code: 'node/source-unknown' }
    if (this.#options.kids.length === 0) return { code: 'node/source-no-officer' }
    const { states } = this.#scanner
    const isWaiting = (): boolean => ['waits', 'red'].includes(states.get(item)?.state ?? '')
    if (!isWaiting()) await this.#scan({ only: holding })
    if (!isWaiting()) return { code: 'node/source-not-waiting' }
    const who = by === undefined ? {} : { by }
    await this.#scan({ only: holding, confirmed: seen, atOnce: true, ...who })
    const { state, entry, code } = states.get(item) ?? {}
    if (code !== undefined) return { code }
    const isTaken = state === 'green' && entry !== undefined
    return isTaken ? { entry } : { code: 'node/source-other-state' }
  }

  async #announce({ item: word, until, reason }: Announcement): Promise<Spoken> {
    const { port } = this.#options.dept
    const item = this.#itemNamed(word)
    const holding = this.#holdings.find((each) => each.item === item)
    const resource = resourceIdOf(port.ledger, port.member, item)
    const known = (): ReturnType<typeof driftOf> => driftOf(port.view(), resource)
    if (holding !== undefined && known() === undefined) await this.#scan({ only: holding })
    const drift = known()
    if (drift === undefined) return { code: 'node/source-unknown' }
    if (this.#options.kids.length === 0) return { code: 'node/source-no-officer' }
    const { schema, rows, asOf } = drift
    const said = { resource, schema, rows, changed: 0, asOf, state: 'announced', until } as const
    const spoken = await attest(this.#speaker, said, stewardOf(this.#speaker))
    if ('code' in spoken) return spoken
    this.#opened().announced({ resource, until, reason, entry: spoken.entry })
    // What waited or was red is what was announced.
    await this.#scan(holding === undefined ? {} : { only: holding, atOnce: true })
    return spoken
  }

  async #loaded(loaded: Loaded): Promise<Spoken & { readonly state?: string }> {
    const held = this.#holdings.filter(({ table }) => loaded.tables.includes(table))
    const types = [...new Set(held.flatMap((holding) => holding.types))]
    return sayLoaded(this.#speaker, loaded, types)
  }

  async #scan(how: Scanning): Promise<readonly SourceState[]> {
    if (this.#isOver) return this.states()
    const { dept, stamp, registers, files, guard } = this.#options
    const began = performance.now()
    if (how.only === undefined) this.#stamp = stamp?.() ?? null
    let isMoved = false
    let isFaulty = false
    for (const holding of how.only === undefined ? this.#holdings : [how.only]) {
      const register = registers[holding.register]
      if (register === undefined) continue
      const scanned = await this.#scanner.scan(
        { register, file: files[holding.register] ?? null },
        holding,
        how,
      )
      if (this.#scanner.states.get(holding.item)?.code !== undefined) isFaulty = true
      if (scanned === null) isFaulty = true
      else {
        const isOther = guard.hold(holding.register, holding.table, scanned.isHeld)
        if (isOther || scanned.isNews) isMoved = true
      }
    }
    if (how.only === undefined) await this.#sayUnread()
    const restMs = Math.max(
      isFaulty ? faultMs : 0,
      stamp === undefined ? blindMs : 0,
      restFactor * (performance.now() - began),
    )
    this.#restsUntil = dept.clock.wallMs() + restMs
    if (isMoved) await this.#options.lookAgain()
    return this.states()
  }

  /** Sources that nobody reads here, or that do not answer: what was said of them may be over. */
  async #sayUnread(): Promise<void> {
    const { dept, sources } = this.#options
    const { port } = dept
    for (const { resource, item, schema, drift, freshUntil } of sources.of(port.member)) {
      const isTable = this.#holdings.some((holding) => holding.item === item)
      const state = ruleUnread(drift, { now: this.#now(), published: schema, freshUntil })
      const isLate = state === 'red' && this.#now() > freshUntil
      if (state !== null && (!isTable || isLate)) {
        const { rows, asOf, schema: seen } = drift
        const said = { resource, schema: seen, rows, changed: 0, asOf, state }
        await attest(this.#speaker, said, nobody)
        if (isTable) dept.report({ level: 'warn', event: 'source-late', item })
      }
      const now = driftOf(port.view(), resource)
      if (!isTable && now !== undefined) this.#scanner.noteUnread({ item, resource, drift: now })
    }
  }

  #now(): number {
    const { clock, port } = this.#options.dept
    return Math.max(clock.wallMs(), port.head().time)
  }

  #later(): void {
    const { dept, everyMs } = this.#options
    if (this.#isOver) return
    this.#leave = dept.clock.after(everyMs, () => {
      void this.#inTurn(() => this.#look()).finally(() => this.#later())
    })
  }

  /** One look: wishes of the owner's other processes, and a scan where something may be new. */
  async #look(): Promise<void> {
    const { dept, stamp, path } = this.#options
    if (this.#isOver) return
    await this.#tried(async () => {
      if (existsSync(path)) await carryOut(this.#opened(), this.#doing)
      const isMoved = stamp === undefined || stamp() !== this.#stamp
      const isRested = dept.clock.wallMs() >= this.#restsUntil
      if (isRested && (isMoved || this.#isDue())) await this.#scan({})
    })
  }

  /** Does it; what goes wrong is told, and tried again at the next look. */
  async #tried(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (failure) {
      const { code, name } = failure as { readonly code?: unknown; readonly name?: string }
      const said = typeof code === 'string' ? code : (name ?? 'unknown')
      this.#options.dept.report({ level: 'error', event: 'source-scan-failed', code: said })
    }
  }

  /** Whether a promise of freshness, or an announcement, asks for a word without any change. */
  #isDue(): boolean {
    const { dept, sources } = this.#options
    const now = this.#now()
    return sources.of(dept.port.member).some(({ drift, freshUntil, item }) => {
      const isTable = this.#holdings.some((holding) => holding.item === item)
      if (drift.state === 'announced') return (drift.announced ?? 0) <= now
      // What waits for a person is read again when it changes; red is all that time adds to it.
      const isWaiting = this.#scanner.states.get(item)?.state === 'waits'
      if (isWaiting) return drift.state !== 'red' && now > freshUntil
      return isTable ? now > freshUntil - renewMs : drift.state === 'green' && now > freshUntil
    })
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(act)
    this.#turn = mine.catch(() => undefined)
    return mine
  }
}
