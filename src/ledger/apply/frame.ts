// The frame: one block in the journal. Entries, writes, digest and code version stand together
// under one checksum that also binds the frame before, so a frame is whole and in its place or it
// is refused.
import type { Bytes } from '#base/bytes'
import { concat, equal, latin1Decode, latin1Write, readU32be, readU64be } from '#base/bytes'
import { sha256 } from '#base/crypto'
import { assert } from '#base/assert'
import type { Refusal } from '#ledger/command'
import { entryBytesMax } from '#ledger/command'

/** A block as it stands on disk. Digests, hashes and the code version are 32 bytes. */
export type Frame = {
  readonly height: number
  readonly time: number
  readonly code: Bytes
  readonly stateDigest: Bytes
  /** Index of the first entry in the log. */
  readonly firstEntry: number
  readonly entries: readonly Bytes[]
  /** Canonical writes of each entry, and last the block's own housekeeping. */
  readonly writes: readonly string[]
  readonly documents: readonly Bytes[]
  readonly hash: Bytes
}

/** A frame to be written: entries are text, the hash is not known yet. */
export type FrameContent = Omit<Frame, 'entries' | 'hash'> & { readonly entries: readonly string[] }

/** Magic, length of the body, hash. */
export const frameHeaderBytes = 40
/** Offset in the body at which the entries begin. */
export const frameEntriesAt = 96
/** No frame is longer; a length field above it is damage. */
export const frameBytesMax: number = 64 * 1024 * 1024

const magic = 0x4c424631 // 'LBF1'

/** The bytes of a frame that follows the one with hash `previous` (32 zero bytes at the first). */
export function encodeFrame(content: FrameContent, previous: Bytes): Bytes {
  const bytes = new Uint8Array(lengthOf(content))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, magic)
  view.setUint32(4, bytes.length - frameHeaderBytes)
  bytes.set(previous, 8)
  writeHead(content, bytes, view)
  let at = frameHeaderBytes + frameEntriesAt
  for (const entry of content.entries) {
    assert(entry.length <= entryBytesMax, 'an entry fits its length field')
    view.setUint16(at, entry.length)
    latin1Write(bytes, entry, at + 2)
    at += 2 + entry.length
  }
  for (const writes of content.writes) {
    view.setUint32(at, writes.length)
    latin1Write(bytes, writes, at + 4)
    at += 4 + writes.length
  }
  for (const document of content.documents) {
    view.setUint32(at, document.length)
    bytes.set(document, at + 4)
    at += 4 + document.length
  }
  assert(at === bytes.length, 'the frame is as long as computed')
  // The hash is taken over the previous hash in its own field, then takes that field.
  bytes.set(sha256(bytes.subarray(8)), 8)
  return bytes
}

function lengthOf(content: FrameContent): number {
  let bytes = frameHeaderBytes + frameEntriesAt
  for (const entry of content.entries) bytes += 2 + entry.length
  for (const writes of content.writes) bytes += 4 + writes.length
  for (const document of content.documents) bytes += 4 + document.length
  return bytes
}

function writeHead(content: FrameContent, bytes: Bytes, view: DataView): void {
  assert(content.writes.length === content.entries.length + 1, 'every entry has its writes')
  const at = frameHeaderBytes
  view.setBigUint64(at, BigInt(content.height))
  view.setBigUint64(at + 8, BigInt(content.time))
  bytes.set(content.code, at + 16)
  bytes.set(content.stateDigest, at + 48)
  view.setBigUint64(at + 80, BigInt(content.firstEntry))
  view.setUint32(at + 88, content.entries.length)
  view.setUint32(at + 92, content.documents.length)
}

/** The length of the whole frame whose header stands at `at`, or null when there is none. */
export function frameLength(bytes: Bytes, at = 0): number | null {
  if (bytes.length - at < frameHeaderBytes) return null
  if (readU32be(bytes, at) !== magic) return null
  const length = frameHeaderBytes + readU32be(bytes, at + 4)
  return length < frameHeaderBytes + frameEntriesAt || length > frameBytesMax ? null : length
}

/**
 * Untrusted. Decodes one whole frame and checks its hash against the frame before it; refuses with
 * `apply/frame-hash` or `apply/frame-form`. Entries and documents are views into `bytes`.
 */
export function decodeFrame(bytes: Bytes, previous: Bytes): Frame | Refusal {
  if (frameLength(bytes) !== bytes.length) return { code: 'apply/frame-form', at: 'length' }
  const hash = bytes.subarray(8, frameHeaderBytes)
  const body = bytes.subarray(frameHeaderBytes)
  if (!equal(sha256(concat([previous, body])), hash)) return { code: 'apply/frame-hash' }
  const entries: Bytes[] = []
  const writes: string[] = []
  const documents: Bytes[] = []
  // Height, time and first entry are counts below 2^53; a stranger's frame may hold anything.
  if ([0, 8, 80].some((at) => readU32be(body, at) > 0x1f_ffff)) {
    return { code: 'apply/frame-form', at: 'number' }
  }
  const entryCount = readU32be(body, 88)
  const documentCount = readU32be(body, 92)
  const reader = new Reader(body, frameEntriesAt)
  for (let i = 0; i < entryCount && reader.whole; i += 1) entries.push(reader.take(2))
  for (let i = 0; i <= entryCount && reader.whole; i += 1) writes.push(latin1Decode(reader.take(4)))
  for (let i = 0; i < documentCount && reader.whole; i += 1) documents.push(reader.take(4))
  if (!reader.whole || reader.at !== body.length) return { code: 'apply/frame-form', at: 'body' }
  return {
    height: readU64be(body, 0),
    time: readU64be(body, 8),
    code: body.subarray(16, 48),
    stateDigest: body.subarray(48, 80),
    firstEntry: readU64be(body, 80),
    entries,
    writes,
    documents,
    hash,
  }
}

/** Reads length-prefixed parts and remembers when one was not whole. */
class Reader {
  at: number
  whole = true
  readonly #bytes: Bytes

  constructor(bytes: Bytes, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  take(width: 2 | 4): Bytes {
    const start = this.at + width
    if (start > this.#bytes.length) return this.#torn()
    const length =
      width === 2
        ? ((this.#bytes[this.at] ?? 0) << 8) | (this.#bytes[this.at + 1] ?? 0)
        : readU32be(this.#bytes, this.at)
    if (start + length > this.#bytes.length) return this.#torn()
    this.at = start + length
    return this.#bytes.subarray(start, this.at)
  }

  #torn(): Bytes {
    this.whole = false
    return new Uint8Array(0)
  }
}
