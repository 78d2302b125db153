// A log of frames: each is one append and one checksum that binds the frame before it. Promises: a
// frame whose sync has returned is found again whole and in its place, or opening says so; only the
// last frame may be torn by a crash, and what is cut away was never acknowledged.
import { assert } from '#base/assert'
import { concat, equal, readU32be, readU64be, u32be, u64be, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256 } from '#base/crypto'
import { Failure, readWhole } from './disk.ts'
import type { Disk } from './disk.ts'

/** Largest body of a frame. */
export const frameBytesMax: number = 16 * 1024 * 1024

const magic = utf8Encode('LBV1')
/** Magic, length of the body, number, eight bytes of a hash over these, hash of the chain. */
const headerBytes = 56
const checkedBytes = 16
const hashAt = 24
const segmentBytesDefault = 256 * 1024 * 1024
const segmentForm = /^([0-9]{16})\.seg$/
const windowBytes = 1024 * 1024
const sectorBytes = 512

type Segment = { readonly base: number; size: number; readonly file: number }
type Mark = { readonly end: number; readonly seq: number; readonly hash: Bytes }

/** A frame as read back. */
export type Frame = {
  readonly seq: number
  readonly body: Bytes
  readonly bodyAt: number
  /** Of the chain up to and with this frame. */
  readonly hash: Bytes
}

export type LogOptions = {
  /** A segment that has reached so many bytes is followed by a new one. */
  readonly segmentBytes?: number
  /** Nothing is written, cut or synced: a backup stays as it is. */
  readonly readOnly?: boolean
}

/** See the file's comment. One frame at a time may be less than durable. */
export class FrameLog {
  readonly #disk: Disk
  readonly #directory: string
  readonly #segments: Segment[]
  readonly #segmentBytes: number
  readonly #readOnly: boolean
  #end: Mark = { end: 0, seq: 0, hash: new Uint8Array(32) }
  #durable: Mark = this.#end

  constructor(disk: Disk, directory: string, segments: Segment[], options: LogOptions) {
    this.#disk = disk
    this.#directory = directory
    this.#segments = segments
    this.#segmentBytes = options.segmentBytes ?? segmentBytesDefault
    this.#readOnly = options.readOnly ?? false
  }

  /** Number of the last durable frame, from 1; 0 when there is none. */
  get seq(): number {
    return this.#durable.seq
  }

  /** Hash of the chain at the durable end. */
  get hash(): Bytes {
    return this.#durable.hash
  }

  /** Bytes of the durable log. */
  get bytes(): number {
    return this.#durable.end
  }

  /** Writes a frame; durable only after a sync. After a failure for space, `cutBack` comes next. */
  append(body: Bytes): Frame {
    assert(this.#end === this.#durable, 'a frame is durable before the next is written')
    assert(body.length <= frameBytesMax, 'a frame is within its bound')
    const seq = this.#end.seq + 1
    const head = concat([magic, u32be(body.length), u64be(seq)])
    const hash = sha256(concat([this.#end.hash, head, body]))
    const segment = this.#roomy()
    const at = this.#end.end
    const frame = concat([head, sha256(head).subarray(0, 8), hash, body])
    this.#disk.write(segment.file, frame, at - segment.base)
    segment.size = at - segment.base + frame.length
    this.#end = { end: at + frame.length, seq, hash }
    return { seq, body, bodyAt: at + headerBytes, hash }
  }

  async sync(): Promise<void> {
    const end = this.#end
    await this.#disk.sync(this.#last().file)
    this.#durable = end
  }

  syncNow(): void {
    this.#disk.syncNow(this.#last().file)
    this.#durable = this.#end
  }

  /** Goes on as if it were durable: while a copy is made that counts only once it is synced. */
  assume(): void {
    this.#durable = this.#end
  }

  /** Takes away what is not durable. */
  cutBack(): void {
    const segment = this.#last()
    segment.size = Math.max(0, this.#durable.end - segment.base)
    this.#disk.truncate(segment.file, segment.size)
    this.#disk.syncNow(segment.file)
    this.#end = this.#durable
  }

  /** Bytes of the log as they stand; the caller checks them. */
  read(position: number, length: number): Bytes {
    const segment = this.#segments.findLast(({ base }) => base <= position)
    if (segment === undefined || position + length > segment.base + segment.size) {
      throw new Failure('vault/corrupt', `${this.#directory} at ${position}`)
    }
    return readWhole(this.#disk, segment.file, position - segment.base, length)
  }

  /** The durable frames after the given number, each checked against the one before. */
  *frames(after = 0): Generator<Frame, void> {
    let mark: Mark = { end: 0, seq: 0, hash: new Uint8Array(32) }
    const window = new Window(this)
    while (mark.end < this.#durable.end) {
      const found = this.#frameAt(window, mark)
      if (found === null) throw this.#damage(mark)
      mark = found.mark
      if (mark.seq > after) yield found.frame
    }
  }

  close(): void {
    for (const { file } of this.#segments) this.#disk.close(file)
  }

  /** Finds the end, giving each frame on the way, and takes a torn one away. */
  recover(onFrame: (frame: Frame) => void): void {
    const last = this.#segments.at(-1)
    if (last === undefined) {
      if (!this.#readOnly) this.#segments.push(newSegment(this.#disk, this.#directory, 0))
      return
    }
    const fileEnd = last.base + last.size
    const window = new Window(this)
    let mark = this.#end
    while (mark.end < fileEnd) {
      const found = this.#frameAt(window, mark)
      if (found === null) break
      onFrame(found.frame)
      mark = found.mark
    }
    this.#end = mark
    this.#durable = mark
    const isWhole = mark.end === fileEnd
    if (!isWhole && (mark.end < last.base || !this.#torn(mark, fileEnd - mark.end))) {
      throw this.#damage(mark)
    }
    if (this.#readOnly) return
    // A killed process leaves frames that the machine holds and the disk does not.
    if (isWhole) this.#disk.syncNow(last.file)
    else this.cutBack()
    this.#disk.change({ kind: 'syncDir', path: this.#directory })
  }

  #frameAt(window: Window, mark: Mark): { frame: Frame; mark: Mark } | null {
    const end = this.#segmentEnd(mark.end)
    const header = window.bytes(mark.end, headerBytes, end)
    if (header === null || !isHeader(header) || readU64be(header, 8) !== mark.seq + 1) return null
    const body = window.bytes(mark.end + headerBytes, readU32be(header, 4), end)
    if (body === null) return null
    const hash = header.slice(hashAt)
    const head = header.subarray(0, checkedBytes)
    if (!equal(sha256(concat([mark.hash, head, body])), hash)) return null
    const bodyAt = mark.end + headerBytes
    const after = { end: bodyAt + body.length, seq: mark.seq + 1, hash }
    return { frame: { seq: after.seq, body, bodyAt, hash }, mark: after }
  }

  /**
   * Whether the bytes after the mark can be the one frame that was being written when power went:
   * too short, or with a sector that never arrived. Anything else was whole once and is damage.
   */
  #torn(mark: Mark, length: number): boolean {
    if (length > headerBytes + frameBytesMax) return false
    if (length < headerBytes) return true
    const tail = this.read(mark.end, length)
    const offset = mark.end - this.#last().base
    if (isHeader(tail)) {
      const whole = headerBytes + readU32be(tail, 4)
      if (readU64be(tail, 8) !== mark.seq + 1 || whole < length) return false
      return whole > length || hasEmptySector(tail, offset, length)
    }
    return hasEmptySector(tail, offset, headerBytes) && !holdsFrame(tail)
  }

  #damage(mark: Mark): Failure {
    return new Failure('vault/log-corrupt', `${this.#directory} after frame ${mark.seq}`)
  }

  #last(): Segment {
    const last = this.#segments.at(-1)
    assert(last !== undefined, 'an open log has a segment')
    return last
  }

  #roomy(): Segment {
    const last = this.#last()
    if (this.#end.end - last.base < this.#segmentBytes) return last
    const segment = newSegment(this.#disk, this.#directory, this.#end.end)
    this.#segments.push(segment)
    return segment
  }

  #segmentEnd(position: number): number {
    const segment = this.#segments.findLast(({ base }) => base <= position)
    return segment === undefined ? 0 : segment.base + segment.size
  }
}

/** Opens or makes a log. Throws `vault/log-corrupt` when something else than its end is damaged. */
export function openFrameLog(
  disk: Disk,
  directory: string,
  onFrame: (frame: Frame) => void,
  options: LogOptions = {},
): FrameLog {
  const names = disk.list(directory).filter((name) => segmentForm.test(name))
  const mode = options.readOnly === true ? 'read' : 'append'
  if (names.length === 0 && mode === 'append') {
    disk.change({ kind: 'mkdir', path: directory })
    disk.change({ kind: 'syncDir', path: '' })
  }
  const segments = names.map((name) => {
    const file = disk.open(`${directory}/${name}`, mode)
    return { base: Number(name.slice(0, 16)), size: disk.size(file), file }
  })
  let end = 0
  for (const { base, size } of segments) {
    if (base !== end) throw new Failure('vault/log-corrupt', `${directory}: segment at ${end}`)
    end = base + size
  }
  const log = new FrameLog(disk, directory, segments, options)
  log.recover(onFrame)
  return log
}

function newSegment(disk: Disk, directory: string, base: number): Segment {
  const name = `${String(base).padStart(16, '0')}.seg`
  const file = disk.open(`${directory}/${name}`, 'append')
  disk.change({ kind: 'syncDir', path: directory })
  return { base, size: 0, file }
}

/** Reads pieces in order through windows; what it gives are views into windows not used again. */
class Window {
  readonly #log: FrameLog
  #held: Bytes = new Uint8Array(0)
  #from = 0

  constructor(log: FrameLog) {
    this.#log = log
  }

  bytes(position: number, length: number, end: number): Bytes | null {
    if (position + length > end) return null
    if (position < this.#from || position + length > this.#from + this.#held.length) {
      const wanted = Math.min(end - position, Math.max(length, windowBytes))
      this.#held = this.#log.read(position, wanted)
      this.#from = position
    }
    return this.#held.subarray(position - this.#from, position - this.#from + length)
  }
}

function isHeader(bytes: Bytes, at = 0): boolean {
  if (bytes.length < at + headerBytes || !equal(bytes.subarray(at, at + 4), magic)) return false
  const check = sha256(bytes.subarray(at, at + checkedBytes)).subarray(0, 8)
  return equal(check, bytes.subarray(at + checkedBytes, at + hashAt))
}

/** Whether a piece of the first `length` bytes, cut where the file's sectors begin, is all zero. */
function hasEmptySector(tail: Bytes, offset: number, length: number): boolean {
  for (let from = 0; from < length;) {
    const to = Math.min(tail.length, from + sectorBytes - ((offset + from) % sectorBytes))
    if (tail.subarray(from, to).every((byte) => byte === 0)) return true
    from = to
  }
  return false
}

/** Whether a frame begins somewhere behind: then the first one was whole once. */
function holdsFrame(tail: Bytes): boolean {
  for (let at = tail.indexOf(0x4c, 1); at >= 0; at = tail.indexOf(0x4c, at + 1)) {
    if (isHeader(tail, at)) return true
  }
  return false
}
