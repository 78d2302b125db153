// One whole copy of a vault on one disk: records, keys, marks and views. A vault has one, and a
// second one where it has a mirror; what is written is written to both.
import { equal } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { Failure, writingFailure } from './disk.ts'
import type { Disk } from './disk.ts'
import { openFrameLog } from './frame-log.ts'
import type { Frame, FrameLog, LogOptions } from './frame-log.ts'
import type { Kek } from './kek.ts'
import { openKeyTable, unwrapKey, witnessId, witnessSlot, wrapKey } from './key-table.ts'
import type { KeyTable, Slot } from './key-table.ts'
import { Marks, marksIn } from './marks.ts'
import { readHeader, recordsIn } from './record.ts'
import type { Header, RecordKind } from './record.ts'
import { Views, linesIn } from './views.ts'

/** The logs of a copy by their directories. */
export const logNames = ['values', 'marks', 'views'] as const
export type LogName = (typeof logNames)[number]

export type Side = Readonly<Record<LogName, FrameLog>> & { readonly keys: KeyTable }

/** Where a record stands in the log of values. */
export type Place = {
  readonly header: Header
  readonly seq: number
  readonly at: number
  readonly length: number
}

export type SideOptions = LogOptions & { readonly member: string; readonly kek: Kek }

/** What a copy holds. */
export type Opened = {
  readonly side: Side
  readonly marks: Marks
  readonly views: Views
  /** Every record that was not erased. */
  readonly places: readonly Place[]
}

/**
 * Opens a copy and settles what a crash left half done: keys whose records were not durable, and
 * erasures that were decided. Throws when keys and records do not belong together.
 */
export function openSide(disk: Disk, options: SideOptions): Opened {
  const marks = new Marks()
  const views = new Views()
  const places: Place[] = []
  const marksLog = openFrameLog(
    disk,
    'marks',
    ({ body }) => marksIn(body).forEach((each) => marks.take(each)),
    options,
  )
  const viewsLog = openFrameLog(
    disk,
    'views',
    ({ body }) => linesIn(body).forEach((each) => views.take(each)),
    options,
  )
  const keys = openKeyTable(disk)
  let keyless = ''
  const take = (place: Place): void => {
    const { id } = place.header
    if (marks.isErased(id)) return
    if (keys.has(id)) places.push(place)
    else keyless = keyless === '' ? id : keyless
  }
  const values = openFrameLog(disk, 'values', (frame) => placesIn(frame).forEach(take), options)
  // Keys are durable before the first byte of their records: a record without one has lost it.
  if (keyless !== '') {
    throw new Failure(keys.damaged > 0 ? 'vault/keys-corrupt' : 'vault/keys-missing', keyless)
  }
  const side = { values, marks: marksLog, views: viewsLog, keys }
  knowOwner(side, options)
  settle(side, marks, new Set(places.map(({ header }) => header.id)), witnessId(options.member))
  return { side, marks, views, places }
}

/**
 * Brings two copies to the same frames and keys, as after a crash between the two, or when a mirror
 * is new. Throws `vault/other-mirror` when neither continues the other.
 */
export function levelSides(one: Disk, other: Disk, options: SideOptions): void {
  for (const name of logNames) {
    const logs = [one, other].map((disk) => openFrameLog(disk, name, () => {}, options))
    const [short, long] = logs.toSorted((a, b) => a.seq - b.seq) as [FrameLog, FrameLog]
    continueLog(short, long)
    for (const log of logs) log.close()
  }
  const tables = [openKeyTable(one), openKeyTable(other)] as const
  for (const [from, to] of [tables, tables.toReversed()] as [KeyTable, KeyTable][]) {
    const missing = [...from.ids()].filter((id) => !to.has(id))
    to.put(missing.flatMap((id) => from.slot(id) ?? []))
    to.syncNow()
  }
  for (const table of tables) table.close()
}

/** Gives the shorter log what the longer one has more, which must continue it. */
export function continueLog(short: FrameLog, long: FrameLog, inBulk = false): void {
  for (const { seq, body, hash } of long.frames()) {
    if (seq === short.seq && !equal(hash, short.hash)) throw new Failure('vault/other-mirror')
    if (seq <= short.seq) continue
    short.append(body)
    if (inBulk) short.assume()
    else short.syncNow()
  }
  if (!equal(short.hash, long.hash)) throw new Failure('vault/other-mirror')
}

/** The records of a frame of values with their places. */
export function placesIn({ body, bodyAt, seq }: Frame): readonly Place[] {
  return recordsIn(body).map(({ at, bytes }) => {
    const header = readHeader(bytes)
    if (header === null) throw new Failure('vault/log-corrupt', `values, frame ${seq}`)
    return { header, seq, at: bodyAt + at, length: bytes.length }
  })
}

/** Keys that are wrapped anew between two syncs. */
const rewrapGroup = 512

/** The copies of a vault, written alike. */
export class Copies {
  readonly sides: readonly Side[]

  constructor(sides: readonly Side[]) {
    this.sides = sides
  }

  get first(): Side {
    return this.sides[0] as Side
  }

  /** Stores a group: its keys and then its frame, each durable before the next step. */
  async store(slots: readonly Slot[], body: Bytes): Promise<Frame> {
    try {
      for (const { keys } of this.sides) keys.put(slots)
      // If we crash before this returns, keys stand without records: the start destroys them.
      await Promise.all(this.sides.map(({ keys }) => keys.sync()))
      // If we crash before this returns, the frame may be torn: the start cuts it away.
      return await this.append('values', body)
    } catch (error) {
      const failure = writingFailure(error)
      if (failure.fatal) throw failure
      const ids = slots.map(({ id }) => id)
      for (const { keys } of this.sides) {
        keys.destroy(ids)
        keys.takeBack()
      }
      throw failure
    }
  }

  /** Appends a frame to a log; durable on return, or taken back for lack of space. */
  async append(name: LogName, body: Bytes): Promise<Frame> {
    const logs = this.sides.map((side) => side[name])
    try {
      const frames = logs.map((log) => log.append(body))
      await Promise.all(logs.map((log) => log.sync()))
      return frames[0] as Frame
    } catch (error) {
      const failure = writingFailure(error)
      if (!failure.fatal) for (const log of logs) log.cutBack()
      throw failure
    }
  }

  /** Destroys keys; durable on return. */
  async destroy(ids: readonly string[]): Promise<void> {
    for (const { keys } of this.sides) keys.destroy(ids)
    await Promise.all(this.sides.map(({ keys }) => keys.sync()))
  }

  /** Wraps every key with the current key over keys, and says how many there were. */
  async rewrap(kek: Kek, member: string): Promise<number> {
    let done = 0
    for (const { keys } of this.sides) {
      const slots = (): Slot[] => [...keys.ids()].flatMap((id) => keys.slot(id) ?? [])
      const old = slots().filter((slot) => slot.kek !== kek.current)
      for (let from = 0; from < old.length; from += rewrapGroup) {
        const group = old.slice(from, from + rewrapGroup)
        try {
          keys.put(group.map((slot) => rewrapped(kek, member, slot)))
        } catch (error) {
          const failure = writingFailure(error)
          if (!failure.fatal) keys.takeBack()
          throw failure
        }
        await keys.sync()
        // If we crash before this, some records have two slots; the key file has both keys.
        keys.dropUseless()
      }
      await keys.sync()
      done += old.length
    }
    return done
  }

  close(): void {
    for (const side of this.sides) {
      for (const name of logNames) side[name].close()
      side.keys.close()
    }
  }
}

function rewrapped(kek: Kek, member: string, slot: Slot): Slot {
  const { id, seq } = slot
  return wrapKey(kek, member, { id, seq, key: unwrapKey(kek, member, slot) })
}

/** What to look for; a member that is absent matches all. */
export type Query = {
  readonly case: string
  readonly name?: string
  readonly kind?: RecordKind
  readonly gen?: number
  readonly element?: number
}

/** The index in memory: where each record stands, by id and by case. */
export class Places {
  readonly #byId: Map<string, Place> = new Map()
  readonly #byCase: Map<string, Set<string>> = new Map()
  readonly #words: Map<string, string> = new Map()

  get size(): number {
    return this.#byId.size
  }

  get(id: string): Place | undefined {
    return this.#byId.get(id)
  }

  all(): Iterable<Place> {
    return this.#byId.values()
  }

  add(place: Place): void {
    const { header } = place
    // Cases, names and types repeat: one text for each keeps the index small.
    const own = {
      ...header,
      case: this.#word(header.case),
      name: this.#word(header.name),
      type: this.#word(header.type),
      kind: this.#word(header.kind) as RecordKind,
    }
    this.#byId.set(header.id, { ...place, header: own })
    const ids = this.#byCase.get(own.case)
    if (ids === undefined) this.#byCase.set(own.case, new Set([header.id]))
    else ids.add(header.id)
  }

  remove(id: string): void {
    const of = this.#byId.get(id)?.header.case ?? ''
    this.#byId.delete(id)
    const ids = this.#byCase.get(of)
    ids?.delete(id)
    if (ids?.size === 0) this.#byCase.delete(of)
  }

  find({ case: of, name, kind, gen, element }: Query): readonly Header[] {
    return [...(this.#byCase.get(of) ?? [])].flatMap((id) => {
      const header = this.#byId.get(id)?.header
      if (header === undefined) return []
      if (name !== undefined && header.name !== name) return []
      if (kind !== undefined && header.kind !== kind) return []
      if (gen !== undefined && header.gen !== gen) return []
      return element !== undefined && header.element !== element ? [] : [header]
    })
  }

  #word(text: string): string {
    const known = this.#words.get(text)
    if (known === undefined) this.#words.set(text, text)
    return known ?? text
  }
}

/** A new table gets its witness; an old one must have it and it must open. */
function knowOwner({ keys, values }: Side, { member, kek }: SideOptions): void {
  const witness = keys.slot(witnessId(member))
  if (witness === null) {
    if (keys.size > 0 || values.seq > 0) throw new Failure('vault/wrong-key', 'another member')
    keys.put([witnessSlot(kek, member)])
    keys.syncNow()
    return
  }
  try {
    unwrapKey(kek, member, witness)
  } catch (error) {
    throw new Failure('vault/wrong-key', 'the key over keys opens nothing here', error)
  }
}

function settle(
  { keys, values }: Side,
  marks: Marks,
  stored: ReadonlySet<string>,
  witness: string,
): void {
  const orphans = [...keys.ids()].filter((id) => id !== witness && !stored.has(id))
  for (const id of orphans) {
    // One group at a time is in flight: any other key without its record has lost it.
    if (!marks.isErased(id) && keys.slot(id)?.seq !== values.seq + 1) {
      throw new Failure('vault/values-missing', id)
    }
  }
  keys.destroy(orphans)
  keys.dropUseless()
  keys.syncNow()
}
