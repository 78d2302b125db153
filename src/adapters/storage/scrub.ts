// The scrub: everything on disk read again and compared with what the journal says. Checksums find
// what has changed; only recomputing finds what is old but whole, such as a sector that never took
// its last write. It changes nothing but tiles, which it hands to the next snapshot to be written
// again, and goes a bounded step at a time.
import { equal, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { Frame } from '#ledger/apply'
import { decodeFrame, documentsOf, nextDigest } from '#ledger/apply'
import { isRefusal } from '#ledger/command'
import { Frontier, leafHash, parseSignedCheckpoint } from '#ledger/prove'
import { ChunkLog, memberIn } from './derived.ts'
import type { Disk } from './disk.ts'
import { Failure } from './disk.ts'
import type { JournalFrame } from './journal.ts'
import { journalStart } from './journal.ts'
import { openReceiptIndex } from './receipt-index.ts'
import type { Stores } from './snapshots.ts'
import { manifestNames, readManifest } from './snapshots.ts'
import type { StateStore } from './state-store.ts'
import { openStateStore } from './state-store.ts'
import { TileStore, openCheckpointStore, readWhole } from './whole-files.ts'

/** One thing that is not as it should be: the file or store, and what is wrong with it. */
export type ScrubFinding = { readonly file: string; readonly code: string; readonly detail: string }

/** After a step: bytes of the journal read, of how many, and what was found so far. */
export type ScrubProgress = { readonly done: number; readonly of: number; readonly found: number }

export type ScrubReport = {
  readonly frames: number
  readonly entries: number
  /** Bytes of the journal that were read. */
  readonly bytes: number
  readonly findings: readonly ScrubFinding[]
}

/** Digest and hash before the first frame. */
const zeros = new Uint8Array(32)
const recordsTogether = 4096
/** Nobody chooses keys against the second state that a scrub builds. */
const scrubSeed = 1

/**
 * Reads every store of an open ledger; one step of the generator takes some milliseconds. Frames
 * that are added meanwhile are left to the next scrub, and then the state is not compared.
 */
export function* scrub(disk: Disk, stores: Stores): Generator<ScrubProgress, ScrubReport> {
  const run = new Scrub(disk, stores)
  yield* run.journal()
  yield* run.state()
  yield* run.snapshots()
  run.checkpoint()
  yield* run.members()
  return run.report()
}

class Scrub {
  readonly #disk: Disk
  readonly #stores: Stores
  readonly #of: number
  readonly #findings: ScrubFinding[] = []
  readonly #frontier: Frontier = new Frontier()
  readonly #tiles: TileStore
  readonly #records: StateStore
  readonly #noted: { readonly size: number; readonly root: Bytes } | null
  #done = 0
  #frames = 0
  #digest: Bytes = zeros
  #previous: Bytes = zeros

  constructor(disk: Disk, stores: Stores) {
    this.#disk = disk
    this.#stores = stores
    this.#of = stores.journal.durable.end
    this.#tiles = new TileStore(disk, () => zeros, null)
    this.#records = openStateStore(disk, { seed: scrubSeed })
    const note = stores.checkpoint.newest
    const parsed = note === null ? null : parseSignedCheckpoint(utf8Encode(note.text))
    this.#noted = parsed === null ? null : parsed.checkpoint
  }

  progress(): ScrubProgress {
    return { done: this.#done, of: this.#of, found: this.#findings.length }
  }

  report(): ScrubReport {
    return {
      frames: this.#frames,
      entries: this.#frontier.size,
      bytes: this.#done,
      findings: this.#findings,
    }
  }

  /** The chain of frames, and with every frame what was derived from it. */
  *journal(): Generator<ScrubProgress, void> {
    try {
      for (const read of this.#stores.journal.frames(journalStart)) {
        if (read.mark.end > this.#of) break
        this.#frame(read)
        yield this.progress()
      }
    } catch (error) {
      // Nothing behind a broken link can be judged.
      this.#found('journal', error)
    }
  }

  /** The records, against those that the recorded writes give. */
  *state(): Generator<ScrubProgress, void> {
    const { state, journal } = this.#stores
    const still = (): boolean => journal.durable.end === this.#of && this.#done === this.#of
    if (!still()) return
    let wrong = Math.abs(this.#records.count - state.count)
    let compared = 0
    for (const [key, text] of this.#records.records()) {
      if (state.text(key) !== text) wrong += 1
      compared += 1
      if (compared % recordsTogether !== 0) continue
      yield this.progress()
      if (!still()) return
    }
    if (wrong > 0) this.#note('state', `${wrong} records differ from the recorded writes`)
  }

  /** The files that the kept manifests name, against the sums in them. */
  *snapshots(): Generator<ScrubProgress, void> {
    for (const name of manifestNames(this.#disk)) {
      const file = `snapshots/${name}`
      try {
        const stores = memberIn(readManifest(this.#disk, name), 'stores')
        for (const log of ['state', 'seen'] as const) {
          const parts = memberIn(memberIn(stores, log), 'log') ?? null
          for (const _ of ChunkLog.check(this.#disk, log, parts)) yield this.progress()
        }
        const receipts = openReceiptIndex(
          this.#disk,
          { seed: scrubSeed },
          memberIn(stores, 'receipts') ?? null,
        )
        for (const _ of receipts.check()) yield this.progress()
        receipts.close()
      } catch (error) {
        this.#found(file, error)
      }
    }
  }

  checkpoint(): void {
    try {
      openCheckpointStore(this.#disk)
    } catch (error) {
      this.#found('checkpoint', error)
    }
    if (this.#noted !== null && this.#noted.size > this.#frontier.size && this.#done === this.#of) {
      this.#note('checkpoint', `it speaks of ${this.#noted.size} entries, the journal has fewer`)
    }
  }

  *members(): Generator<ScrubProgress, void> {
    try {
      for (const _ of this.#stores.members.check()) yield this.progress()
    } catch (error) {
      this.#found('members', error)
    }
  }

  #frame({ mark, bytes }: JournalFrame): void {
    const frame = decodeFrame(bytes, this.#previous)
    if (isRefusal(frame)) throw new Failure('storage/journal-corrupt', true, frame.code)
    this.#previous = frame.hash.slice()
    this.#digest = nextDigest(this.#digest, frame.writes)
    if (!equal(this.#digest, frame.stateDigest)) {
      this.#note('journal', `the writes of height ${frame.height} do not give its digest`)
      this.#digest = frame.stateDigest.slice()
    }
    this.#applyWrites(frame)
    const leaves = frame.entries.map((entry) => leafHash(entry))
    if (!this.#stores.entries.holds(mark, frame, leaves)) {
      this.#note('index', `the index does not place the frame of height ${frame.height}`)
    }
    for (const leaf of leaves) this.#leaf(leaf)
    this.#compareTiles()
    this.#compareDocuments(frame)
    this.#frames += 1
    this.#done = mark.end
  }

  #applyWrites(frame: Frame): void {
    for (const text of frame.writes) {
      const whole = eachWrite(text, (key, value) => {
        this.#records.apply(key, value === 'null' ? null : value)
      })
      if (!whole) this.#note('journal', `writes of height ${frame.height}`)
    }
  }

  #leaf(leaf: Bytes): void {
    this.#frontier.append(leaf, this.#tiles.node)
    const noted = this.#noted
    if (noted?.size !== this.#frontier.size) return
    if (!equal(this.#frontier.root(), noted.root)) {
      this.#note('checkpoint', `its root is not that of the first ${noted.size} entries`)
    }
  }

  /** The tiles that this frame completed, against their files. */
  #compareTiles(): void {
    const sealed = this.#tiles.seal()
    for (const { path, bytes } of sealed.pieces) {
      if (this.#stores.tiles.waits(path)) continue
      const file = readWhole(this.#disk, path)
      if (file !== null && equal(file, bytes)) continue
      this.#note(path, 'not what the entries give; the next snapshot writes it again')
      this.#stores.tiles.mend(path, bytes)
    }
    sealed.saved()
  }

  #compareDocuments(frame: Frame): void {
    for (const hash of documentsOf(frame).keys()) {
      try {
        if (this.#stores.documents.get(hash) === undefined)
          this.#note('documents', `${hash} absent`)
      } catch (error) {
        this.#found('documents', error)
      }
    }
  }

  #note(file: string, detail: string): void {
    this.#findings.push({ file, code: 'storage/corrupt', detail })
  }

  #found(file: string, error: unknown): void {
    if (!(error instanceof Failure)) throw error
    this.#findings.push({ file, code: error.code, detail: error.message })
  }
}

/**
 * Gives each key with the text of its value out of a canonical list of writes; false when the text
 * is not one. Decoding the values would cost more than everything else in a scrub.
 */
function eachWrite(writes: string, take: (key: string, value: string) => void): boolean {
  if (writes === '[]') return true
  let at = 0
  do {
    if (writes[at] !== (at === 0 ? '[' : ',') || !writes.startsWith('["', at + 1)) return false
    const quote = writes.indexOf('",', at + 3)
    const end = quote < 0 ? -1 : endOfValue(writes, quote + 2)
    if (end < 0 || writes[end] !== ']') return false
    take(writes.slice(at + 3, quote), writes.slice(quote + 2, end))
    at = end + 1
  } while (at < writes.length - 1)
  return writes[at] === ']' && at === writes.length - 1
}

const quoteCode = 0x22

/** Where the value that begins at `from` ends. The texts have no escapes (strict profile). */
function endOfValue(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quoteCode) {
      at = text.indexOf('"', at + 1)
      if (at < 0) return -1
    } else if (code === 0x5b || code === 0x7b) depth += 1
    else if (code === 0x5d || code === 0x7d) {
      if (depth === 0) return at
      depth -= 1
    } else if (code === 0x2c && depth === 0) return at
  }
  return -1
}
