// Where entries and frames stand in the journal, and which entries name a member. It promises that
// an entry read through it is the one with this index: its leaf hash is computed again and compared
// with the one kept here.
import type { Bytes } from '#base/bytes'
import { readU16be, readU32be, readU64be } from '#base/bytes'
import { assert } from '#base/assert'
import type { Json } from '#base/canonical'
import { decodeFrame, frameEntriesAt, frameHeaderBytes, frameLength } from '#ledger/apply'
import type { Frame } from '#ledger/apply'
import { isRefusal } from '#ledger/command'
import { leafHash } from '#ledger/prove'
import type { Sealed } from './derived.ts'
import { RecordFile, numberIn } from './derived.ts'
import type { Disk } from './disk.ts'
import { Failure } from './disk.ts'
import type { Journal, JournalMark } from './journal.ts'
import { keyedHash } from './keyed-hash.ts'

/** u48 position of the entry's bytes, u16 length, the first 8 bytes of its leaf hash, mixed. */
const entryWidth = 16
/** u64 position of the frame, u64 its first entry. */
const frameWidth = 16
/** u48 index of the entry, u32 checksum over member, record number and index; one file a member. */
const memberWidth = 10
const checkedTogether = 4096
const memberForm = /^[a-z][a-z0-9-]{1,31}$/
/** Entries that stand behind one another are read together up to so many bytes. */
const runBytes = 1024 * 1024

export type FramePlace = {
  readonly position: number
  readonly firstEntry: number
  readonly entryCount: number
}

/** Entries by index and frames by height. */
export class EntryIndex {
  readonly #journal: Journal
  readonly #entries: RecordFile
  readonly #frames: RecordFile

  constructor(journal: Journal, entries: RecordFile, frames: RecordFile) {
    this.#journal = journal
    this.#entries = entries
    this.#frames = frames
  }

  /** Entries indexed. */
  get size(): number {
    return this.#entries.count
  }

  /** Frames indexed: the height of the last. */
  get height(): number {
    return this.#frames.count
  }

  /** Adds a frame that stands at `mark.frame`; `leaves` are the leaf hashes of its entries. */
  add(
    mark: JournalMark,
    frame: Pick<Frame, 'firstEntry' | 'entries'>,
    leaves: readonly Bytes[],
  ): void {
    assert(mark.height === this.height + 1, 'frames are indexed in order')
    assert(frame.firstEntry === this.size, 'entries are indexed in order')
    const { into, at } = this.#frames.push()
    writeU64(into, at, mark.frame)
    writeU64(into, at + 8, frame.firstEntry)
    let position = mark.frame + frameHeaderBytes + frameEntriesAt
    for (const [i, entry] of frame.entries.entries()) {
      this.#addEntry(position + 2, entry.length, leaves[i])
      position += 2 + entry.length
    }
  }

  /** The bytes of one entry, checked. `index` is below `size`. */
  entry(index: number): Bytes {
    return this.entries(index, 1)[0] as Bytes
  }

  /** `count` entries from `from` on, each checked. */
  entries(from: number, count: number): readonly Bytes[] {
    assert(from >= 0 && from + count <= this.size, 'only indexed entries are read')
    const records = this.#entries.read(from, count)
    const entries: Bytes[] = []
    while (entries.length < count) {
      const first = entries.length
      const run = runFrom(records, first, count)
      const start = positionAt(records, first)
      const bytes = this.#journal.bytes(start, run.end - start)
      for (let i = first; i < first + run.count; i += 1) {
        const at = positionAt(records, i) - start
        const entry = bytes.subarray(at, at + lengthAt(records, i))
        if (!standsFor(records, i, { index: from + i, leaf: leafHash(entry) })) {
          throw new Failure('storage/corrupt', false, `entry ${from + i}`)
        }
        entries.push(entry)
      }
    }
    return entries
  }

  /** Where the frame of a height (1 to `height`) stands, compared with the frame's own head. */
  frameOf(height: number): FramePlace {
    assert(height >= 1 && height <= this.height, 'only indexed frames are read')
    const record = this.#frames.read(height - 1, 1)
    const position = numberAt(record, 0)
    const firstEntry = numberAt(record, 8)
    const head = this.#journal.bytes(position, frameHeaderBytes + frameEntriesAt)
    const at = frameHeaderBytes
    const same =
      frameLength(head) !== null &&
      numberAt(head, at) === height &&
      numberAt(head, at + 80) === firstEntry
    if (!same) throw new Failure('storage/corrupt', false, `frame ${height}`)
    return { position, firstEntry, entryCount: readU32be(head, at + 88) }
  }

  /** The bytes of the frame of a height, checked against the hash of the frame before it. */
  frame(height: number): Bytes {
    const { position } = this.frameOf(height)
    const before = height === 1 ? null : this.frameOf(height - 1).position
    const header = (at: number): Bytes => this.#journal.bytes(at, frameHeaderBytes)
    const previous = before === null ? new Uint8Array(32) : header(before).subarray(8)
    const bytes = this.#journal.bytes(position, frameLength(header(position)) ?? 0)
    if (isRefusal(decodeFrame(bytes, previous))) {
      throw new Failure('storage/corrupt', false, `frame ${height}`)
    }
    return bytes
  }

  /** The height whose frame holds this entry. */
  heightOf(index: number): number {
    assert(index >= 0 && index < this.size, 'only indexed entries are looked for')
    let low = 1
    let high = this.height
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (numberAt(this.#frames.read(middle - 1, 1), 8) <= index) low = middle
      else high = middle - 1
    }
    const { firstEntry, entryCount } = this.frameOf(low)
    if (index < firstEntry || index >= firstEntry + entryCount) {
      throw new Failure('storage/corrupt', false, `height of entry ${index}`)
    }
    return low
  }

  /** Whether a frame and its entries are indexed as `add` would index them now. */
  holds(
    mark: JournalMark,
    frame: Pick<Frame, 'firstEntry' | 'entries'>,
    leaves: readonly Bytes[],
  ): boolean {
    const end = frame.firstEntry + leaves.length
    if (mark.height > this.height || end > this.size) return false
    const place = this.#frames.read(mark.height - 1, 1)
    if (numberAt(place, 0) !== mark.frame || numberAt(place, 8) !== frame.firstEntry) return false
    const records = this.#entries.read(frame.firstEntry, leaves.length)
    let position = mark.frame + frameHeaderBytes + frameEntriesAt + 2
    return leaves.every((leaf, i) => {
      const length = frame.entries[i]?.length ?? 0
      const same = positionAt(records, i) === position && lengthAt(records, i) === length
      position += length + 2
      return same && standsFor(records, i, { index: frame.firstEntry + i, leaf })
    })
  }

  seal(): Sealed {
    const entries = this.#entries.seal()
    const frames = this.#frames.seal()
    return {
      pieces: joined(entries.pieces, frames.pieces),
      parts: () => ({ entries: entries.count, frames: frames.count }),
      files: () => [],
      saved: () => {
        entries.saved()
        frames.saved()
      },
    }
  }

  close(): void {
    this.#entries.close()
    this.#frames.close()
  }

  #addEntry(position: number, length: number, leaf: Bytes | undefined): void {
    assert(leaf !== undefined, 'every entry has its leaf hash')
    const index = this.#entries.count
    const { into, at } = this.#entries.push()
    writeU32(into, at, Math.floor(position / 65_536))
    into[at + 4] = (position >>> 8) & 0xff
    into[at + 5] = position & 0xff
    into[at + 6] = length >> 8
    into[at + 7] = length & 0xff
    writeU32(into, at + 8, (readU32be(leaf, 0) ^ mixLow(index)) >>> 0)
    writeU32(into, at + 12, (readU32be(leaf, 4) ^ mixHigh(index)) >>> 0)
  }
}

/** Opens the index as it was sealed, or an empty one. */
export function openEntryIndex(disk: Disk, journal: Journal, sealed: Json = null): EntryIndex {
  const count = (name: string): number => (sealed === null ? 0 : numberIn(sealed, name))
  return new EntryIndex(
    journal,
    new RecordFile(disk, { path: 'index/entries', width: entryWidth, count: count('entries') }),
    new RecordFile(disk, { path: 'index/frames', width: frameWidth, count: count('frames') }),
  )
}

function* joined<Piece>(one: Iterable<Piece>, two: Iterable<Piece>): Generator<Piece, void> {
  yield* one
  yield* two
}

/** Whether a record was made for this index and this leaf hash; another entry's record was not. */
function standsFor(records: Bytes, i: number, entry: { index: number; leaf: Bytes }): boolean {
  const at = i * entryWidth
  const low = (readU32be(entry.leaf, 0) ^ mixLow(entry.index)) >>> 0
  const high = (readU32be(entry.leaf, 4) ^ mixHigh(entry.index)) >>> 0
  return readU32be(records, at + 8) === low && readU32be(records, at + 12) === high
}

// The two together are different for different indexes, so records do not pass for one another.
function mixLow(index: number): number {
  return Math.imul(index % 2 ** 32, 0x9e3779b1)
}

function mixHigh(index: number): number {
  return Math.floor(index / 2 ** 32)
}

function positionAt(records: Bytes, i: number): number {
  const at = i * entryWidth
  return readU32be(records, at) * 65_536 + readU16be(records, at + 4)
}

function lengthAt(records: Bytes, i: number): number {
  return readU16be(records, i * entryWidth + 6)
}

/** How many records from one on stand behind one another in the journal, and where they end. */
function runFrom(records: Bytes, first: number, count: number): { count: number; end: number } {
  const start = positionAt(records, first)
  let end = start + lengthAt(records, first)
  let i = first + 1
  while (i < count && positionAt(records, i) === end + 2 && end - start < runBytes) {
    end += 2 + lengthAt(records, i)
    i += 1
  }
  return { count: i - first, end }
}

/** A u64 read from disk; one that is no safe integer is damage, and equals nothing. */
function numberAt(bytes: Bytes, at: number): number {
  return (bytes[at] as number) === 0 && (bytes[at + 1] as number) < 0x20
    ? readU64be(bytes, at)
    : Number.NaN
}

type Naming = { readonly file: RecordFile; readonly salt: number; last: number }

/** Entries by the members that they name, for members that do not hold the whole ledger. */
export class MemberIndex {
  readonly #disk: Disk
  readonly #members: Map<string, Naming> = new Map()

  constructor(disk: Disk, sealed: Json) {
    this.#disk = disk
    for (const member of Object.keys(sealed ?? {})) {
      const naming = this.#open(member, numberIn(sealed, member))
      naming.last = this.#indexAt(naming, naming.file.count - 1)
      // A command may name any number of codes; a process has not that many open files.
      naming.file.close()
    }
  }

  /** Notes that an entry names a member. Entries rise; the same entry twice counts once. */
  add(member: string, entry: number): void {
    const naming = this.#members.get(member) ?? this.#open(member, 0)
    if (entry === naming.last) return
    assert(entry > naming.last, 'entries are noted in order')
    const number = naming.file.count
    const { into, at } = naming.file.push()
    const low = entry % 2 ** 32
    const high = Math.floor(entry / 2 ** 32)
    into[at] = high >> 8
    into[at + 1] = high & 0xff
    writeU32(into, at + 2, low)
    writeU32(into, at + 6, check(naming.salt, number, entry))
    naming.last = entry
  }

  /** Up to `limit` entries that name the member, from entry `from` on, rising. */
  entries(member: string, from: number, limit: number): readonly number[] {
    const naming = this.#members.get(member)
    if (naming === undefined || limit <= 0) return []
    let low = 0
    let high = naming.file.count
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (this.#indexAt(naming, middle) < from) low = middle + 1
      else high = middle
    }
    const count = Math.min(limit, naming.file.count - low)
    const records = naming.file.read(low, count)
    return Array.from({ length: count }, (_, i) => checked(records, i, { ...naming, first: low }))
  }

  /** Reads every record; throws `storage/corrupt` at one that is not as it was written. */
  *check(): Generator<void, void> {
    for (const naming of this.#members.values()) {
      const { count } = naming.file
      for (let first = 0; first < count; first += checkedTogether) {
        const records = naming.file.read(first, Math.min(checkedTogether, count - first))
        for (let i = 0; i < records.length / memberWidth; i += 1) {
          checked(records, i, { ...naming, first })
        }
        yield
      }
    }
  }

  /** Entries that name the member. */
  count(member: string): number {
    return this.#members.get(member)?.file.count ?? 0
  }

  seal(): Sealed {
    const sealed = [...this.#members].map(([member, { file }]) => ({ member, ...file.seal() }))
    return {
      pieces: sealed.flatMap(({ pieces }) => [...pieces]),
      parts: () => Object.fromEntries(sealed.map(({ member, count }) => [member, count])),
      files: () => [],
      saved: () => sealed.forEach(({ saved }) => saved()),
    }
  }

  close(): void {
    for (const { file } of this.#members.values()) file.close()
  }

  #open(member: string, count: number): Naming {
    assert(memberForm.test(member), 'a member code is a file name')
    const file = new RecordFile(this.#disk, {
      path: `members/${member}`,
      width: memberWidth,
      count,
    })
    const naming = { file, salt: keyedHash(member, 0), last: -1 }
    this.#members.set(member, naming)
    return naming
  }

  #indexAt(naming: Naming, number: number): number {
    return checked(naming.file.read(number, 1), 0, { ...naming, first: number })
  }
}

/** Opens the index as it was sealed, or an empty one. */
export function openMemberIndex(disk: Disk, sealed: Json = null): MemberIndex {
  return new MemberIndex(disk, sealed)
}

/** The entry that a record names; throws when it was not written for this member and place. */
function checked(records: Bytes, i: number, place: { salt: number; first: number }): number {
  const at = i * memberWidth
  const entry = readU16be(records, at) * 2 ** 32 + readU32be(records, at + 2)
  if (readU32be(records, at + 6) === check(place.salt, place.first + i, entry)) return entry
  throw new Failure('storage/corrupt', false, `naming ${place.first + i}`)
}

/** Every step can be undone, so one changed word always changes the sum. */
function check(salt: number, number: number, entry: number): number {
  let sum = mixed(salt ^ (number % 2 ** 32))
  sum = mixed(sum ^ Math.floor(entry / 2 ** 32))
  return mixed(sum ^ (entry % 2 ** 32)) >>> 0
}

function mixed(word: number): number {
  let sum = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35)
  return sum ^ (sum >>> 16)
}

function writeU32(into: Bytes, at: number, value: number): void {
  into[at] = value >>> 24
  into[at + 1] = (value >>> 16) & 0xff
  into[at + 2] = (value >>> 8) & 0xff
  into[at + 3] = value & 0xff
}

function writeU64(into: Bytes, at: number, value: number): void {
  writeU32(into, at, Math.floor(value / 2 ** 32))
  writeU32(into, at + 4, value % 2 ** 32)
}
