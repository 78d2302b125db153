// One table of a department looked at: read for its fingerprints, judged against the state that
// counted, said on the ledger where that asks for it, and laid on the steward's desk where a person
// has to look. It promises that a state counts only after the ledger has it.
import { randomBytes } from 'node:crypto'
import { base64urlEncode } from '#base/bytes'
import type { Register } from '#adapters/registers'
import type { Drift } from '#domains/sharing'
import { catalogueItemOf, driftOf, freshUntil } from '#domains/sharing'
import type { By, SourceState, Speaker, Spoken } from '#apps/node/attesting'
import { attest, itemOfTable, nobody, publish } from '#apps/node/attesting'
import { secondOf, seenCode, sourceKey, stewardOf } from '#apps/node/attesting'
import type { Dept, VaultRecord } from '#apps/node/casework'
import { idOf, moreOf, putOnce } from '#apps/node/casework'
import type { RefreshBook } from './book.ts'
import { resourceIdOf } from './holdings.ts'
import type { Holding } from './holdings.ts'
import { changedIn, rule } from './judging.ts'
import type { Ruling, Seen } from './judging.ts'
import { keyPrint, openReading } from './reading.ts'
import type { Read, Reading } from './reading.ts'

/** How a scan is done. */
export type Scanning = {
  /** Small changes are said now, and not gathered. */
  readonly atOnce?: boolean
  /** Tables for which somebody has answered who compared what was loaded into them. */
  readonly vouched?: readonly string[]
  readonly only?: Holding
  /** The code of a state that a second person has seen. */
  readonly confirmed?: string
  /** The key of that officer; another one than the steward where it is absent. */
  readonly by?: string
}

/** What became of one table. */
export type Scanned = {
  /** Its rows are others than at the last look. */
  readonly isNews: boolean
  /** It answers nothing before a second person has looked. */
  readonly isHeld: boolean
}

/** Small changes are gathered for so long before they are said, milliseconds. */
const gatherMs = 600_000
/** By when a second person is to look, milliseconds after a state was found. */
const lookMs = 86_400_000

/** Looks at the tables of one department. */
export class Scanner {
  readonly #dept: Dept
  readonly #speaker: Speaker
  readonly #title: string
  readonly #book: () => RefreshBook
  readonly #path: string
  readonly #digests: Map<string, string> = new Map()
  #secret: string | null = null
  /** What is known of each source, by its item. */
  readonly states: Map<string, SourceState> = new Map()

  constructor(parts: {
    readonly dept: Dept
    readonly speaker: Speaker
    readonly title: string
    readonly book: () => RefreshBook
    /** Where the book lies. */
    readonly path: string
  }) {
    this.#dept = parts.dept
    this.#speaker = parts.speaker
    this.#title = parts.title
    this.#book = parts.book
    this.#path = parts.path
  }

  /** The id of a source on the ledger. */
  resourceOf({ item }: Pick<Holding, 'item'>): string {
    const { port } = this.#dept
    return resourceIdOf(port.ledger, port.member, item)
  }

  /** Scans one table; null where it does not answer. */
  async scan(
    { register, file }: { readonly register: Register; readonly file: string | null },
    holding: Holding,
    how: Scanning,
  ): Promise<Scanned | null> {
    const secret = await this.#key()
    const resource = this.resourceOf(holding)
    const book = this.#book()
    const bookPath = this.#path
    let reading: Reading
    try {
      reading = await openReading(register, holding, { book, resource, secret, file, bookPath })
    } catch (failure) {
      const { code } = failure as { readonly code?: unknown }
      if (typeof code !== 'string') throw failure
      this.#dept.report({ level: 'warn', event: 'source-not-read', code })
      const state = this.states.get(holding.item)
      if (state !== undefined) this.states.set(holding.item, { ...state, code })
      return null
    }
    const { digest } = reading.read
    const before = this.#digests.get(resource) ?? book.kept(resource)?.digest
    this.#digests.set(resource, digest)
    try {
      const isHeld = await this.#judge(holding, reading, how)
      return { isNews: before !== undefined && before !== digest, isHeld }
    } finally {
      await reading.close()
    }
  }

  /** A decision is about to be handed in: rows under its keys change because of it. */
  note(holdings: readonly Holding[], values: { readonly [column: string]: unknown }): void {
    const book = this.#book()
    const secret = this.#keyKept()
    if (secret === null) return
    for (const holding of holdings) {
      const cells = holding.key.map((column) => values[column])
      const isWhole = cells.every((cell) => typeof cell === 'string' || typeof cell === 'number')
      const resource = this.resourceOf(holding)
      if (cells.length === 0 || !isWhole || book.kept(resource) === null) continue
      book.own(resource, keyPrint(secret, holding.item, cells as (string | number)[]))
    }
  }

  /** Notes what the ledger says of a source that nobody reads here, with these counts. */
  noteUnread({
    item,
    resource,
    drift,
  }: {
    readonly item: string
    readonly resource: string
    readonly drift: Drift
  }): void {
    const { rows, changed } = drift
    const counts = { rows, added: 0, changed, vanished: 0 }
    const state = { item, resource, ...counts, ...ofDrift(drift) }
    this.states.set(item, state)
    this.#lay(state)
  }

  /** The key of fingerprints, made once and kept in the vault. */
  async #key(): Promise<string> {
    const kept = this.#keyKept()
    if (kept !== null) return kept
    const { vault, clock } = this.#dept
    const more = { key: base64urlEncode(randomBytes(32)) }
    await putOnce(vault, { ...this.#keyRecord(), more, at: clock.wallMs() })
    return this.#key()
  }

  #keyRecord(): Omit<VaultRecord, 'at' | 'more'> {
    const { port } = this.#dept
    const id = idOf('source-key', port.ledger, port.member)
    const name = 'source-key'
    return { id, kind: 'note', type: name, case: id, name, gen: 0, leaves: [] }
  }

  #keyKept(): string | null {
    if (this.#secret !== null) return this.#secret
    const record = this.#dept.vault.get(this.#keyRecord().id)
    const key = record === null ? undefined : moreOf(record, 'key')
    this.#secret = typeof key === 'string' ? key : null
    return this.#secret
  }

  /** Decides and says what a state comes to; whether it has to wait for a second person. */
  async #judge(holding: Holding, reading: Reading, how: Scanning): Promise<boolean> {
    const { read } = reading
    const { port, clock } = this.#dept
    const view = (): ReturnType<typeof port.view> => port.view()
    const resource = this.resourceOf(holding)
    const book = this.#book()
    const isSeen = how.confirmed === seenCode(read)
    const fault = await this.#published(holding, read, isSeen)
    const published = catalogueItemOf(view(), port.member, holding.item)
    if (fault !== null || published === undefined) {
      const code = fault ?? 'node/source-unknown'
      this.#set(holding, read, { state: 'unpublished', code })
      return false
    }
    const drift = driftOf(view(), resource)
    const kept = book.kept(resource)
    const seen: Seen = {
      ...read,
      before: kept !== null ? 'kept' : drift === undefined ? 'first' : 'lost',
      isSame: kept?.digest === read.digest && kept.schema === read.schema,
    }
    const isVouched = how.vouched?.includes(holding.table) === true
    const isConfirmed = isSeen || isVouched
    const ruling = rule(seen, {
      now: Math.max(clock.wallMs(), port.head().time),
      published: published.schema,
      drift,
      freshUntil: drift === undefined ? 0 : freshUntil(drift.asOf, published.update),
      ...(isConfirmed ? { confirmed: read.digest } : {}),
      atOnce: how.atOnce === true,
      gatherMs,
    })
    const by = this.#approving(how, { isSeen, isVouched })
    const code = await this.#say(resource, { seen, reading, ruling, by })
    const since = book.waiting(resource)?.since ?? clock.wallMs()
    book.wait(resource, ruling.holds ? { ...read, ...read.differences, since } : null)
    const state = ofDrift(driftOf(view(), resource))
    const isRed = seen.schema !== published.schema
    const held = isRed ? { due: since + lookMs } : { since, due: since + lookMs }
    const waiting = isRed ? held : ({ state: 'waits', ...held } as const)
    this.#set(holding, read, {
      ...(ruling.holds ? { ...state, ...waiting } : state),
      ...(code === null ? {} : { code }),
    })
    return ruling.holds
  }

  /**
   * Whose approval a state has: of the second person who has seen it; of the steward, whose load
   * file has been carried out, where a load answers for it; of nobody else.
   */
  #approving(
    { by }: Scanning,
    { isSeen, isVouched }: { readonly isSeen: boolean; readonly isVouched: boolean },
  ): By {
    if (isSeen) return by === undefined ? secondOf(this.#speaker) : { kids: [by] }
    return isVouched ? stewardOf(this.#speaker) : nobody
  }

  /** Says what was decided; the code of a refusal, or null. */
  async #say(
    resource: string,
    of: {
      readonly seen: Seen
      readonly reading: Reading
      readonly ruling: Ruling
      readonly by: By
    },
  ): Promise<string | null> {
    const { seen, reading, ruling } = of
    const { read } = reading
    const { say: state } = ruling
    if (state === null) return null
    const changed = seen.before === 'kept' ? changedIn(seen) : 0
    const { schema, rows } = read
    const asOf = this.#dept.clock.wallMs()
    const second = state === 'green' ? of.by : nobody
    const attestation = { resource, schema, rows, changed, asOf, state }
    const said: Spoken = await attest(this.#speaker, attestation, second)
    if ('entry' in said) {
      if (ruling.counts) await reading.keep(read)
      return null
    }
    this.#dept.report({ level: 'warn', event: 'source-not-said', code: said.code })
    return said.code
  }

  /** Publishes the item where there is none, or with the columns that a second person has seen. */
  async #published(holding: Holding, read: Read, isSeen: boolean): Promise<string | null> {
    const { port } = this.#dept
    const record = catalogueItemOf(port.view(), port.member, holding.item)
    const resource = this.resourceOf(holding)
    const { fields, schema } = read
    if (record !== undefined && (!isSeen || record.schema === schema)) return null
    // What was withdrawn is not published again behind its steward's back.
    const isWithdrawn = record === undefined && this.#book().kept(resource) !== null
    if (isWithdrawn) return 'node/source-unknown'
    if (record === undefined && fields.length === 0) return 'registers/unknown-table'
    const item = itemOfTable(holding, { title: this.#title, resource, fields, schema })
    const said = await publish(this.#speaker, item)
    return said !== null && 'code' in said ? said.code : null
  }

  #set(
    holding: Holding,
    read: Read,
    said: Pick<SourceState, 'state'> & Partial<SourceState>,
  ): void {
    const { item, table } = holding
    const { rows, differences } = read
    const resource = this.resourceOf(holding)
    const seen = seenCode(read)
    const state = { item, table, resource, rows, ...differences, seen, ...said }
    this.states.set(item, state)
    this.#lay(state)
  }

  /** Lays a source on the desk while a steward has to look, and else takes its line away. */
  #lay({ item, resource, state, since, entry, due, code }: SourceState): void {
    const { inbox, clock, port } = this.#dept
    const key = sourceKey(resource)
    inbox.drop('', key)
    if (state !== 'waits' && state !== 'red') return
    const at = since ?? clock.wallMs()
    const source = {
      resource,
      item,
      member: port.member,
      state,
      since: at,
      ...(entry === undefined ? {} : { entry }),
      ...(due === undefined ? {} : { due }),
    }
    const line = { key, case: '', reason: 'source', source, at } as const
    inbox.put(code === undefined ? line : { ...line, code })
  }
}

/** What the ledger says of a source. */
function ofDrift(drift: Drift | undefined): Pick<SourceState, 'state'> & Partial<SourceState> {
  if (drift === undefined) return { state: 'unpublished' }
  const { state, since, entry, announced } = drift
  return { state, since, entry, ...(announced === undefined ? {} : { until: announced }) }
}
