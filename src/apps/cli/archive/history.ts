// History from frames alone: hashes, digests, entries and the tree over them, with no domain code
// and no store. Whoever has the frames from the first one on can walk it, and what it comes to can
// be compared with any checkpoint that was ever saved.
import { asciiDecode, base64urlEncode, equal } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256Text } from '#base/crypto'
import { isRefusal } from '#ledger/command'
import type { Refusal } from '#ledger/command'
import { decodeEntry, decodeFrame, decodeWrites, emptyHead, nextDigest } from '#ledger/apply'
import type { Entry, Frame } from '#ledger/apply'
import type { Head } from '#ledger/order'
import { Frontier, leafHash } from '#ledger/prove'

export type HistoryOptions = {
  /** Sizes at which the root is kept, because a checkpoint speaks of them. */
  readonly sizes?: readonly number[]
}

/** Walks frames in order. */
export class History {
  readonly frontier: Frontier = new Frontier()
  readonly #sizes: ReadonlySet<number>
  readonly #roots: Map<number, Bytes> = new Map()
  #head: Head = emptyHead
  #ledger: string | null = null

  constructor({ sizes = [] }: HistoryOptions = {}) {
    this.#sizes = new Set(sizes)
    if (this.#sizes.has(0)) this.#roots.set(0, this.frontier.root())
  }

  /** After the last frame that was taken. */
  get head(): Head {
    return this.#head
  }

  /** The origin that the genesis entry names; null before it. */
  get ledger(): string | null {
    return this.#ledger
  }

  /** The root at a size that was asked for and has been passed. */
  rootAt(size: number): Bytes | undefined {
    return this.#roots.get(size)
  }

  /**
   * Untrusted. Takes the next frame: its hash follows the one before, heights and entries go on
   * without a gap, every entry binds the hash of its writes, and the digest follows from them.
   */
  take(bytes: Bytes): Frame | Refusal {
    const head = this.#head
    const frame = decodeFrame(bytes, head.frameHash)
    if (isRefusal(frame)) return { ...frame, at: `height ${head.height + 1}` }
    const at = `height ${frame.height}`
    const inPlace =
      frame.height === head.height + 1 && frame.firstEntry === head.size && frame.time >= head.time
    if (!inPlace) return { code: 'cli/not-linked', at }
    const stateDigest = nextDigest(head.stateDigest, frame.writes)
    if (!equal(stateDigest, frame.stateDigest)) return { code: 'cli/digest-differs', at }
    const fault = this.#takeEntries(frame)
    if (fault !== null) return fault
    this.#head = {
      height: frame.height,
      time: frame.time,
      size: head.size + frame.entries.length,
      stateDigest,
      frameHash: frame.hash.slice(),
    }
    return frame
  }

  #takeEntries(frame: Frame): Refusal | null {
    for (const [i, bytes] of frame.entries.entries()) {
      const at = `entry ${frame.firstEntry + i}`
      const text = asciiDecode(bytes)
      const entry = text === null ? null : decodeEntry(text)
      if (entry === null || isRefusal(entry)) return { code: 'apply/entry', at }
      const writes = frame.writes[i] ?? ''
      if (entry.h !== frame.height || entry.t !== frame.time || !bindsWrites(entry, writes)) {
        return { code: 'cli/entry-differs', at }
      }
      if (!this.#agrees(entry)) return { code: 'cli/digest-differs', at }
      if (frame.height === 1 && i === 0) this.#ledger = ledgerOf(entry)
      this.frontier.append(leafHash(bytes))
      const { size } = this.frontier
      if (this.#sizes.has(size)) this.#roots.set(size, this.frontier.root())
    }
    const housekeeping = frame.writes.at(-1) ?? ''
    if (decodeWrites(housekeeping) !== null) return null
    return { code: 'cli/entry-differs', at: `height ${frame.height}` }
  }

  /** A map-root entry binds the digest before its block, so the tree covers every write. */
  #agrees(entry: Entry): boolean {
    if (entry.kind !== 'system' || entry.system['kind'] !== 'map-root') return true
    const { height, stateDigest } = this.#head
    const { system } = entry
    return system['height'] === height && system['stateDigest'] === base64urlEncode(stateDigest)
  }
}

/**
 * Whether the entry says of these writes what is so: their hash, or nothing where there are none.
 */
function bindsWrites(entry: Entry, writes: string): boolean {
  const decoded = decodeWrites(writes)
  if (decoded === null) return false
  const said = 'result' in entry ? entry.result.w : systemHash(entry)
  if (said === undefined) return decoded.length === 0
  return said === sha256Text(writes, 'base64url')
}

function systemHash(entry: Entry): string | undefined {
  if (entry.kind !== 'system') return undefined
  const { w } = entry.system
  return typeof w === 'string' ? w : undefined
}

function ledgerOf(entry: Entry): string | null {
  if (entry.kind !== 'system' || entry.system['kind'] !== 'genesis') return null
  const { ledger } = entry.system
  return typeof ledger === 'string' ? ledger : null
}
