// The journal: all frames one after another, in segments. It is the truth on disk; everything else
// is derived from it. It promises that a frame whose sync has returned is found again whole, or
// that opening says so; and that what a crash tore off its end was never acknowledged.
import type { Bytes } from '#base/bytes'
import { equal, readU16be, readU32be, readU64be } from '#base/bytes'
import { assert } from '#base/assert'
import { sha256 } from '#base/crypto'
import { frameBytesMax, frameEntriesAt, frameHeaderBytes, frameLength } from '#ledger/apply'
import type { Disk } from './disk.ts'
import { Failure } from './disk.ts'

/** A place between two frames: where the last frame begins and ends, its height and its hash. */
export type JournalMark = {
  /** Position at which the last frame begins. */
  readonly frame: number
  /** Position after it, where the next frame begins. */
  readonly end: number
  readonly height: number
  /** 32 bytes. */
  readonly hash: Bytes
}

/** The mark before the first frame. */
export const journalStart: JournalMark = { frame: 0, end: 0, height: 0, hash: new Uint8Array(32) }

export type JournalOptions = {
  /** A segment that has reached so many bytes is followed by a new one; 256 MiB when absent. */
  readonly segmentBytes?: number
  /** Frames up to here are known from a snapshot and are not read at opening. */
  readonly from?: JournalMark
  /**
   * Entries that are known to have been durable, as a signed checkpoint says. A journal that ends
   * before them has lost frames, even if its end looks torn.
   */
  readonly entriesAtLeast?: number
}

/** A frame as read back: whole, and linked to the frame before it. */
export type JournalFrame = { readonly mark: JournalMark; readonly bytes: Bytes }

const directory = 'journal'
const segmentForm = /^([0-9]{16})\.seg$/
const segmentBytesDefault = 256 * 1024 * 1024
const windowBytes = 1024 * 1024
/** What a disk writes whole or not at all. */
const sectorBytes = 512

type Segment = { readonly base: number; size: number; readonly file: number }

/**
 * The open journal. One frame at a time may be less than durable: `append`, then `sync`, then the
 * next `append`; otherwise a torn frame could stand before a whole one.
 */
export class Journal {
  readonly #disk: Disk
  readonly #segments: Segment[]
  readonly #segmentBytes: number
  readonly #entriesAtLeast: number
  #end: JournalMark
  #durable: JournalMark
  #cut = true

  constructor(disk: Disk, segments: Segment[], options: JournalOptions) {
    this.#disk = disk
    this.#segments = segments
    this.#segmentBytes = options.segmentBytes ?? segmentBytesDefault
    this.#entriesAtLeast = options.entriesAtLeast ?? 0
    this.#end = options.from ?? journalStart
    this.#durable = this.#end
  }

  /** After the last appended frame. */
  get end(): JournalMark {
    return this.#end
  }

  /** After the last frame whose sync has returned. */
  get durable(): JournalMark {
    return this.#durable
  }

  /**
   * Writes a whole frame (as `encodeFrame` gives it); it is durable only after a sync. After
   * `storage/no-space` the journal stands as before once `cutBack` has returned.
   */
  append(frame: Bytes): JournalMark {
    assert(
      this.#cut && this.#end === this.#durable,
      'a frame is durable before the next is written',
    )
    assert(frameLength(frame) === frame.length, 'a frame is appended whole')
    assert(heightOf(frame) === this.#end.height + 1, 'frames are appended in order')
    this.#cut = false
    const segment = this.#roomy()
    this.#disk.write(segment.file, frame, this.#end.end - segment.base)
    segment.size = this.#end.end - segment.base + frame.length
    this.#cut = true
    this.#end = markOf(frame, this.#end.end)
    return this.#end
  }

  /** Makes what was appended durable. */
  async sync(): Promise<void> {
    const end = this.#end
    await this.#disk.sync(this.#last().file)
    this.#durable = end
  }

  /** The same, returning when it is done. */
  syncNow(): void {
    this.#disk.syncNow(this.#last().file)
    this.#durable = this.#end
  }

  /** Takes away what is not durable: after `storage/no-space`, before anything else. */
  cutBack(): void {
    const segment = this.#last()
    segment.size = Math.max(0, this.#durable.end - segment.base)
    this.#disk.truncate(segment.file, segment.size)
    this.#disk.syncNow(segment.file)
    this.#end = this.#durable
    this.#cut = true
  }

  /** Bytes of the journal as they stand; the caller checks them. */
  bytes(position: number, length: number): Bytes {
    const segment = this.#segmentAt(position)
    // A position may come out of a damaged index.
    if (!(position + length <= segment.base + segment.size)) {
      throw new Failure('storage/corrupt', false, `journal at ${position}`)
    }
    const into = new Uint8Array(length)
    const count = this.#disk.read(segment.file, into, position - segment.base)
    if (count !== length) throw new Failure('storage/corrupt', false, `journal at ${position}`)
    return into
  }

  /** The frames after a mark up to the durable end, each checked against the one before. */
  *frames(after: JournalMark): Generator<JournalFrame, void> {
    let mark = after
    const reader = new WindowReader(this)
    while (mark.end < this.#durable.end) {
      const bytes = reader.frame(mark.end, this.#segmentEnd(mark.end))
      if (bytes === null || !follows(bytes, mark)) {
        throw new Failure('storage/journal-corrupt', true, `frame at ${mark.end}`)
      }
      mark = markOf(bytes, mark.end)
      yield { mark, bytes }
    }
  }

  close(): void {
    for (const { file } of this.#segments) this.#disk.close(file)
  }

  /** Finds the end: every frame after the mark, then what a crash left behind the last of them. */
  recover(): void {
    const first = this.#segments.at(0)
    const last = this.#segments.at(-1)
    if (first === undefined || last === undefined) {
      this.#segments.push(newSegment(this.#disk, 0))
      this.#mustHold(this.#end.end === 0 && this.#entriesAtLeast === 0)
      return
    }
    this.#checkStart(first)
    const fileEnd = last.base + last.size
    const reader = new WindowReader(this)
    let mark = this.#end
    while (mark.end < fileEnd) {
      const bytes = reader.frame(mark.end, this.#segmentEnd(mark.end))
      if (bytes === null || !follows(bytes, mark)) break
      mark = markOf(bytes, mark.end)
    }
    this.#end = mark
    this.#durable = mark
    this.#mustHold(this.#size() >= this.#entriesAtLeast)
    if (mark.end !== fileEnd) {
      this.#mustHold(mark.end >= last.base && this.#torn(mark, fileEnd - mark.end))
      this.cutBack()
    } else {
      // A killed process leaves frames that the machine holds and the disk does not.
      this.#disk.syncNow(last.file)
    }
    this.#disk.change({ kind: 'syncDir', path: directory })
  }

  /** Entries up to the durable end. */
  #size(): number {
    const { frame, height } = this.#durable
    if (height === 0) return 0
    const counts = this.bytes(frame + frameHeaderBytes + frameEntriesAt - 16, 12)
    return readU64be(counts, 0) + readU32be(counts, 8)
  }

  /** The mark to start from must stand in the journal, or durable frames are gone. */
  #checkStart(first: Segment): void {
    const { frame, end, hash, height } = this.#end
    this.#mustHold(first.base === 0)
    if (height === 0) return
    const last = this.#last()
    this.#mustHold(last.base + last.size >= end)
    const header = this.bytes(frame, frameHeaderBytes)
    this.#mustHold(equal(header.subarray(8), hash))
    this.#mustHold(frame + frameHeaderBytes + readU32be(header, 4) === end)
  }

  /**
   * Whether the bytes after the mark can be the one frame that was being written when power went:
   * too short, or with a sector that never arrived. Anything else was whole once and is damage.
   */
  #torn(mark: JournalMark, length: number): boolean {
    if (length > frameBytesMax) return false
    if (length < frameHeaderBytes) return true
    const tail = this.bytes(mark.end, length)
    const missing = hasEmptySector(tail, mark.end - this.#last().base)
    const whole = frameLength(tail)
    if (whole === null) {
      // Either the sector of the header never arrived, or the header is damage.
      return missing && !holdsLaterFrame(tail, mark.height) && !wholeExceptHeader(tail, mark)
    }
    if (whole > length) return !wholeExceptHeader(tail, mark)
    return whole === length && missing
  }

  #mustHold(holds: boolean): void {
    if (!holds)
      throw new Failure('storage/journal-corrupt', true, `after height ${this.#end.height}`)
  }

  #last(): Segment {
    const last = this.#segments.at(-1)
    assert(last !== undefined, 'an open journal has a segment')
    return last
  }

  /** The segment for the next frame; a full one is durable before it is left. */
  #roomy(): Segment {
    const last = this.#last()
    if (this.#end.end - last.base < this.#segmentBytes) return last
    const segment = newSegment(this.#disk, this.#end.end)
    this.#segments.push(segment)
    return segment
  }

  #segmentAt(position: number): Segment {
    let low = 0
    let high = this.#segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#segments[middle] as Segment).base <= position) low = middle
      else high = middle - 1
    }
    return this.#segments[low] as Segment
  }

  #segmentEnd(position: number): number {
    const { base, size } = this.#segmentAt(position)
    return base + size
  }
}

/** Reads frames in order through windows; the frames are views into windows that are not reused. */
class WindowReader {
  readonly #journal: Journal
  #window: Bytes = new Uint8Array(0)
  #from = 0

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** The frame at `position` in a segment that ends at `end`, or null when none is whole there. */
  frame(position: number, end: number): Bytes | null {
    if (end - position < frameHeaderBytes) return null
    this.#hold(position, frameHeaderBytes, end)
    const length = frameLength(this.#window, position - this.#from)
    if (length === null || position + length > end) return null
    this.#hold(position, length, end)
    return this.#window.subarray(position - this.#from, position - this.#from + length)
  }

  #hold(position: number, length: number, end: number): void {
    if (position >= this.#from && position + length <= this.#from + this.#window.length) return
    const wanted = Math.min(end - position, Math.max(length, windowBytes))
    this.#window = this.#journal.bytes(position, wanted)
    this.#from = position
  }
}

/**
 * Opens or makes `journal/`, checks the frames after `from` and takes a torn end away. Throws
 * `storage/journal-corrupt` (fatal) when something else than the end is damaged.
 */
export function openJournal(disk: Disk, options: JournalOptions = {}): Journal {
  const names = disk.list(directory).filter((name) => segmentForm.test(name))
  if (names.length === 0) {
    disk.change({ kind: 'mkdir', path: directory })
    disk.change({ kind: 'syncDir', path: '' })
  }
  const segments = names.map((name) => {
    const file = disk.open(`${directory}/${name}`, 'append')
    return { base: Number(name.slice(0, 16)), size: disk.size(file), file }
  })
  for (const [at, { base, size }] of segments.entries()) {
    const next = segments[at + 1]
    if (next !== undefined && next.base !== base + size) {
      throw new Failure('storage/journal-corrupt', true, `segment ${base}`)
    }
  }
  const journal = new Journal(disk, segments, options)
  journal.recover()
  return journal
}

function newSegment(disk: Disk, base: number): Segment {
  const name = `${String(base).padStart(16, '0')}.seg`
  const file = disk.open(`${directory}/${name}`, 'append')
  disk.change({ kind: 'syncDir', path: directory })
  return { base, size: 0, file }
}

function heightOf(frame: Bytes): number {
  return readU64be(frame, frameHeaderBytes)
}

function markOf(frame: Bytes, position: number): JournalMark {
  const hash = frame.slice(8, frameHeaderBytes)
  return { frame: position, end: position + frame.length, height: heightOf(frame), hash }
}

/** Whether this whole frame was written after the mark: its hash binds the one before it. */
function follows(frame: Bytes, mark: JournalMark): boolean {
  const hash = frame.slice(8, frameHeaderBytes)
  frame.set(mark.hash, 8)
  const computed = sha256(frame.subarray(8))
  frame.set(hash, 8)
  return equal(computed, hash) && heightOf(frame) === mark.height + 1
}

/**
 * Whether a whole frame begins the tail, of which only the magic or the length is wrong: the hash
 * does not cover them. The length is then the one that the counts in the body give.
 */
function wholeExceptHeader(tail: Bytes, mark: JournalMark): boolean {
  const counted = countedLength(tail)
  return counted !== null && follows(tail.subarray(0, counted), mark)
}

function countedLength(tail: Bytes): number | null {
  let at = frameHeaderBytes + frameEntriesAt
  if (tail.length < at) return null
  const entries = readU32be(tail, at - 8)
  const documents = readU32be(tail, at - 4)
  for (let i = 0; i < entries; i += 1) {
    if (at + 2 > tail.length) return null
    at += 2 + readU16be(tail, at)
  }
  for (let i = 0; i <= entries + documents; i += 1) {
    if (at + 4 > tail.length) return null
    at += 4 + readU32be(tail, at)
  }
  return at <= tail.length ? at : null
}

/** Whether a piece of the tail, cut where the file's sectors begin, is all zero. */
function hasEmptySector(tail: Bytes, offset: number): boolean {
  for (let from = 0; from < tail.length;) {
    const to = Math.min(tail.length, from + sectorBytes - ((offset + from) % sectorBytes))
    if (tail.subarray(from, to).every((byte) => byte === 0)) return true
    from = to
  }
  return false
}

/** Whether a frame of a later height than the next stands whole in the tail. */
function holdsLaterFrame(tail: Bytes, height: number): boolean {
  for (let at = 1; at + frameHeaderBytes + frameEntriesAt <= tail.length; at += 1) {
    if (tail[at] !== 0x4c) continue
    const length = frameLength(tail, at)
    if (length === null || at + length > tail.length) continue
    const high = readU32be(tail, at + frameHeaderBytes)
    const low = readU32be(tail, at + frameHeaderBytes + 4)
    const after = high * 2 ** 32 + low - height
    if (after < 2 || after > 1_000_000) continue
    if (at + length === tail.length || frameLength(tail, at + length) !== null) return true
  }
  return false
}
