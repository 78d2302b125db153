// The vault: the only store that cannot be rebuilt. It keeps the values behind commitments, each
// record sealed under a key of its own. Promises: what `put` has answered for is found again after
// any crash, or opening says so; every record read is checked against its member, id, type and
// generation before it is used; an erased record is gone for good, in restored backups too; after
// the first failed sync nothing is stored any more.
import { assert } from '#base/assert'
import { equal } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { Failure, writingFailure } from './disk.ts'
import type { Disk } from './disk.ts'
import type { Kek } from './kek.ts'
import { unwrapKey, wrapKey } from './key-table.ts'
import type { Slot } from './key-table.ts'
import { marksBody } from './marks.ts'
import type { Erasure, Mark, Marks } from './marks.ts'
import { checkRecord, commitmentOf, frameBody, headerOf, isSame } from './record.ts'
import { sealRecord, unsealRecord } from './record.ts'
import type { Header, VaultRecord } from './record.ts'
import { newKey } from './kek.ts'
import { Copies, Places, levelSides, openSide } from './side.ts'
import type { Opened, Place, Query, Side } from './side.ts'
import { linesBody } from './views.ts'
import type { DayOfViews, View, Views } from './views.ts'

/** Records and bytes of one group, which is one frame. */
const groupRecordsMax = 512
const groupBytesMax = 4 * 1024 * 1024

export type VaultOptions = {
  readonly disk: Disk
  /** A second disk, on other hardware, to which everything is written before `put` answers. */
  readonly mirror?: Disk
  /** Takes the directory for this process; gives what lets it go. */
  readonly lock?: () => () => void
  readonly member: string
  readonly kek: Kek
  /** Milliseconds now, for marks. */
  readonly now?: () => number
  readonly segmentBytes?: number
}

/** What a sweep did: what went, and what should have gone and is held. */
export type Swept = { readonly erased: readonly Header[]; readonly held: readonly Header[] }

type Waiting = {
  readonly record: VaultRecord
  readonly resolve: () => void
  readonly reject: (failure: Failure) => void
}

type Sealed = { readonly record: VaultRecord; readonly bytes: Bytes; readonly slot: Slot }

/** See the file's comment. `get` and `find` answer what is durable and not erased. */
export class Vault {
  readonly member: string
  #kek: Kek
  readonly #copies: Copies
  readonly #marks: Marks
  readonly #views: Views
  readonly #places: Places = new Places()
  readonly #now: () => number
  readonly #unlock: () => void
  #waiting: Waiting[] = []
  #turn: Promise<void> = Promise.resolve()
  #failed: Failure | null = null
  #closed = false

  constructor(options: VaultOptions, opened: readonly Opened[], unlock: () => void) {
    const [first] = opened
    assert(first !== undefined, 'a vault has a side')
    this.member = options.member
    this.#kek = options.kek
    this.#copies = new Copies(opened.map(({ side }) => side))
    this.#marks = first.marks
    this.#views = first.views
    this.#now = options.now ?? Date.now
    this.#unlock = unlock
    for (const place of first.places) this.#places.add(place)
  }

  /** Records that are stored and not erased. */
  get size(): number {
    return this.#places.size
  }

  /** The failure after which nothing is stored, or null. */
  get failed(): Failure | null {
    return this.#failed
  }

  /** Every erasure there was, for the list of them that is kept elsewhere. */
  erasures(): readonly Erasure[] {
    return this.#marks.erasures()
  }

  /**
   * Stores a record; durable when the promise is fulfilled. The same record again changes nothing.
   * Rejects with `vault/id-taken`, `vault/erased`, `vault/bad-record`, `vault/no-space` (it may be
   * tried again), or what stopped the vault.
   */
  put(record: VaultRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      try {
        this.#open()
        checkRecord(record)
      } catch (error) {
        reject(error as Failure)
        return
      }
      this.#waiting.push({ record, resolve, reject })
      // Whoever comes before this turn begins is stored in the same group.
      if (this.#waiting.length > 1) return
      this.#inTurn(() => this.#storeGroups()).catch((failure: Failure) => {
        for (const each of this.#waiting.splice(0)) each.reject(failure)
      })
    })
  }

  /** The record of an id; null when there is none or it was erased. Throws `vault/corrupt`. */
  get(id: string): VaultRecord | null {
    const place = this.#places.get(id)
    return place === undefined ? null : this.#read(place)
  }

  /** The records of a case that fit, in the order in which they were stored. */
  find(query: Query): readonly VaultRecord[] {
    return this.headers(query).flatMap(({ id }) => this.get(id) ?? [])
  }

  /** The headers of what `find` gives, without opening any record. */
  headers(query: Query): readonly Header[] {
    return this.#places.find(query)
  }

  /** All headers, in the order in which records were stored. */
  *all(): Generator<Header, void> {
    for (const { header } of this.#places.all()) yield header
  }

  /** Whether the record of the id opens this commitment. */
  opens(id: string, commitment: Bytes): boolean {
    const record = this.get(id)
    const own = record && commitmentOf(record)
    return own !== null && equal(own, commitment)
  }

  /**
   * Destroys the record's key, for good; nothing happens to one that is erased already. Rejects
   * with `vault/held`, `vault/kept-by-law`, `vault/unknown-record`. `why` is a code; a record that
   * was never used (its command was refused for good) goes as `unused`, whatever law says.
   */
  erase(id: string, why: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#marks.isErased(id)) return
      const objection = this.#marks.objection(this.#header(id), why, this.#now())
      if (objection !== null) throw new Failure(objection, id)
      await this.#eraseAll([id], why)
    })
  }

  /** Nobody erases the record while somebody holds it. */
  hold(id: string, by: string): Promise<void> {
    return this.#markKnown({ mark: 'hold', id, by, at: this.#now() })
  }

  release(id: string, by: string): Promise<void> {
    return this.#markKnown({ mark: 'release', id, by, at: this.#now() })
  }

  /** Who holds the record. */
  holders(id: string): readonly string[] {
    return this.#marks.holders(id)
  }

  /** Sets anew until when the record is kept, or at least kept, as when its case is closed. */
  keep(id: string, kept: { readonly until?: number; readonly atLeast?: number }): Promise<void> {
    return this.#markKnown({ mark: 'keep', id, at: this.#now(), ...kept })
  }

  /** Until when the record is kept, and at least kept. */
  keptOf(id: string): { readonly until?: number; readonly atLeast?: number } {
    return this.#marks.keptOf(this.#header(id))
  }

  /** Erases what is past its end date, unless law or a holder keeps it. */
  sweep(nowMs: number): Promise<Swept> {
    return this.#inTurn(async () => {
      const erased: Header[] = []
      const held: Header[] = []
      for (const { header } of this.#places.all()) {
        const { until } = this.#marks.keptOf(header)
        if (until === undefined || until > nowMs) continue
        const objection = this.#marks.objection(header, 'expired', nowMs)
        if (objection === null) erased.push(header)
        else if (objection === 'vault/held') held.push(header)
      }
      for (let from = 0; from < erased.length; from += groupRecordsMax) {
        const ids = erased.slice(from, from + groupRecordsMax).map(({ id }) => id)
        await this.#eraseAll(ids, 'expired')
      }
      return { erased, held }
    })
  }

  /** Writes down who looks at what; durable when fulfilled, and only then is anything shown. */
  view(...views: readonly View[]): Promise<void> {
    return this.#inTurn(async () => {
      const lines = this.#views.linesFor(views)
      await this.#copies.append('views', linesBody(lines))
      for (const line of lines) this.#views.take(line)
    })
  }

  /** What a day's views add up to; `day` as `dayOf` gives it. Null when there were none. */
  viewsOf(day: number): DayOfViews | null {
    return this.#views.of(day)
  }

  /** Wraps every key with the current key over keys: after `addKek`, before `dropOldKeks`. */
  rewrap(kek: Kek): Promise<number> {
    return this.#inTurn(async () => {
      const done = await this.#copies.rewrap(kek, this.member)
      this.#kek = kek
      return done
    })
  }

  /** Runs while nothing is written, for a copy of the files that is of one moment. */
  quiet<Result>(act: (side: Side) => Result): Promise<Result> {
    return this.#inTurn(async () => act(this.#copies.first))
  }

  /** Waits for what is under way, and lets the directory go. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#turn
    this.#copies.close()
    this.#unlock()
  }

  /** One after another, because a log has one frame in flight. */
  async #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    this.#open()
    const mine = this.#turn.then(async () => {
      this.#open(true)
      try {
        return await act()
      } catch (error) {
        const failure = writingFailure(error)
        if (failure.fatal) this.#failed ??= failure
        throw failure
      }
    })
    this.#turn = mine.then(
      () => {},
      () => {},
    )
    return mine
  }

  #open(inTurn = false): void {
    if (this.#failed !== null) throw this.#failed
    if (this.#closed && !inTurn) throw new Failure('vault/closed')
  }

  async #storeGroups(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, groupRecordsMax)
      try {
        await this.#storeGroup(group)
      } catch (error) {
        const failure = writingFailure(error)
        for (const each of group) each.reject(failure)
        if (failure.fatal) throw failure
      }
    }
  }

  async #storeGroup(group: readonly Waiting[]): Promise<void> {
    const sealed: Map<string, Sealed> = new Map()
    const answered: Waiting[] = []
    let bytes = 0
    for (const [at, each] of group.entries()) {
      // What does not fit comes first in the next group.
      if (bytes > groupBytesMax) {
        this.#waiting.unshift(...group.slice(at))
        break
      }
      try {
        const fresh = this.#sealNew(each.record, sealed.get(each.record.id)?.record)
        if (fresh !== null) {
          sealed.set(each.record.id, fresh)
          bytes += fresh.bytes.length
        }
        answered.push(each)
      } catch (error) {
        each.reject(writingFailure(error))
      }
    }
    if (sealed.size > 0) await this.#write([...sealed.values()])
    for (const each of answered) each.resolve()
  }

  /** The record sealed for the next frame; null when it is stored already, or in this group. */
  #sealNew(record: VaultRecord, inGroup: VaultRecord | undefined): Sealed | null {
    const { id } = record
    if (this.#marks.isErased(id)) throw new Failure('vault/erased', id)
    const known = inGroup ?? this.get(id)
    if (known !== null) {
      if (!isSame(known, record)) throw new Failure('vault/id-taken', id)
      return null
    }
    const key = newKey()
    const seq = this.#copies.first.values.seq + 1
    const slot = wrapKey(this.#kek, this.member, { id, seq, key })
    return { record, bytes: sealRecord(this.member, record, key), slot }
  }

  async #write(sealed: readonly Sealed[]): Promise<void> {
    const body = frameBody(sealed.map(({ bytes }) => bytes))
    const frame = await this.#copies.store(
      sealed.map(({ slot }) => slot),
      body,
    )
    let at = frame.bodyAt + 4
    for (const { record, bytes } of sealed) {
      const { seq } = frame
      this.#places.add({ header: headerOf(record), seq, at: at + 4, length: bytes.length })
      at += 4 + bytes.length
    }
  }

  async #eraseAll(ids: readonly string[], why: string): Promise<void> {
    const at = this.#now()
    await this.#copies.append('marks', marksBody(ids.map((id) => ({ mark: 'erase', id, why, at }))))
    // If we crash here, the start finds the marks and destroys the keys.
    await this.#copies.destroy(ids)
    for (const id of ids) {
      this.#marks.take({ mark: 'erase', id, why, at })
      this.#places.remove(id)
    }
  }

  #markKnown(mark: Mark): Promise<void> {
    return this.#inTurn(async () => {
      this.#header(mark.id)
      await this.#copies.append('marks', marksBody([mark]))
      this.#marks.take(mark)
    })
  }

  #header(id: string): Header {
    const place = this.#places.get(id)
    if (place === undefined) throw new Failure('vault/unknown-record', id)
    return place.header
  }

  /** Reads a record from the first side that has it whole. */
  #read({ header, seq, at, length }: Place): VaultRecord {
    let first: unknown
    for (const { keys, values } of this.#copies.sides) {
      try {
        const slot = keys.slot(header.id)
        if (slot?.seq !== seq) throw new Failure('vault/corrupt', `key of ${header.id}`)
        const key = unwrapKey(this.#kek, this.member, slot)
        const record = unsealRecord(this.member, values.read(at, length), key)
        if (record?.id !== header.id) throw new Failure('vault/corrupt', header.id)
        return record
      } catch (error) {
        first ??= error
      }
    }
    throw first
  }
}

/**
 * Opens or makes the vault of a member. Throws a fatal `Failure` when keys, records and key file do
 * not belong together, or something else than the end of a log is damaged.
 */
export function openVault(options: VaultOptions): Vault {
  const unlock = options.lock?.() ?? ((): void => {})
  try {
    const { disk, mirror } = options
    if (mirror !== undefined) levelSides(disk, mirror, options)
    const disks = mirror === undefined ? [disk] : [disk, mirror]
    return new Vault(
      options,
      disks.map((each) => openSide(each, options)),
      unlock,
    )
  } catch (error) {
    unlock()
    throw error
  }
}
