// From (member, id) to the entry that answered it, for ever. A table in memory for what no snapshot
// holds yet, and sorted runs on disk, eight of which become one of the next size. It promises a
// lookup of a few block reads at any size, every block checked against a sum kept apart from it.
import { crc32 } from 'node:zlib'
import type { Bytes } from '#base/bytes'
import { readU16be, readU32be } from '#base/bytes'
import type { Json } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import type { Sealed, SealedPiece } from './derived.ts'
import { listIn, numberIn, readPart, textIn } from './derived.ts'
import type { Disk } from './disk.ts'
import { Failure } from './disk.ts'
import { Gathering, idDigest, keyBytes, recordBytes, wordAt } from './keyed-hash.ts'

export type ReceiptOptions = {
  /** Secret of this process, so that nobody can choose ids that collide. */
  readonly seed: number
  /** Runs of one size that are merged into one; 8 when absent. */
  readonly fanIn?: number
}

const directory = 'receipts'
const blockRecords = 170
const blockBytes = 4096
/** For every block, its first key and its checksum; they stand behind the blocks. */
const fenceWords = 5
const readBlocks = 64
const fanInDefault = 8

type Run = {
  readonly number: number
  readonly count: number
  /** How many merges lie behind it. */
  readonly tier: number
  readonly fences: Uint32Array
  readonly sum: string
  file: number | null
  /** Seen by this process: one of its blocks is not as it was written. */
  damaged: boolean
}

export class ReceiptIndex {
  readonly #disk: Disk
  readonly #fanIn: number
  /** Oldest first; tiers do not rise. */
  #runs: readonly Run[]
  #next: number
  readonly #seed: number
  readonly #key: Uint32Array = new Uint32Array(4)
  #active: Gathering
  /** On their way into a snapshot, oldest first. */
  #frozen: readonly Gathering[] = []

  constructor(disk: Disk, options: ReceiptOptions, held: { runs: readonly Run[]; next: number }) {
    this.#disk = disk
    this.#fanIn = options.fanIn ?? fanInDefault
    this.#seed = options.seed
    this.#active = new Gathering(options.seed)
    this.#runs = held.runs
    this.#next = held.next
  }

  /** Ids held; one that was used again after its time counts once in every run that holds it. */
  get count(): number {
    const kept = this.#runs.reduce((sum, run) => sum + run.count, 0)
    return this.#frozen.reduce((sum, some) => sum + some.count, kept + this.#active.count)
  }

  add(member: string, id: string, entry: number): void {
    this.#active.add(this.#keyOf(idDigest(member, id)), entry)
  }

  /** Index of the newest entry under this id. */
  find(member: string, id: string): number | undefined {
    const digest = idDigest(member, id)
    const words = this.#keyOf(digest)
    for (const some of [this.#active, ...this.#frozen.toReversed()]) {
      const entry = some.find(words)
      if (entry !== undefined) return entry
    }
    const key = digest.slice(0, keyBytes)
    for (const run of this.#runs.toReversed()) {
      const entry = this.#findIn(run, key)
      if (entry !== undefined) return entry
    }
    return undefined
  }

  seal(): Sealed {
    if (this.#active.count > 0) this.#frozen = [...this.#frozen, this.#active]
    this.#active = new Gathering(this.#seed)
    const frozen = this.#frozen
    let runs = this.#runs
    const made = (run: Run, replaced: number): void => {
      runs = [...this.#runs.slice(0, this.#runs.length - replaced), run]
    }
    return {
      pieces: frozen.length === 0 ? [] : this.#write(frozen, made),
      parts: () => ({
        next: this.#next,
        runs: runs.map(({ number, count, tier, sum }) => ({ number, count, tier, sum })),
      }),
      files: () => runs.map(({ number }) => pathOf(number)),
      saved: () => {
        for (const run of this.#runs) if (!runs.includes(run)) this.#closeRun(run)
        this.#runs = runs
        this.#frozen = this.#frozen.filter((some) => !frozen.includes(some))
      },
    }
  }

  /** Reads every block of every run, some at a time; throws `storage/corrupt` at a changed one. */
  *check(): Generator<void, void> {
    for (const run of this.#runs) {
      for (const _ of this.#recordsOf(run)) yield
    }
  }

  close(): void {
    for (const run of this.#runs) this.#closeRun(run)
  }

  #keyOf(digest: string): Uint32Array {
    for (let word = 0; word < 4; word += 1) this.#key[word] = wordAt(digest, word * 4)
    return this.#key
  }

  /** Merges what is frozen, and the newest runs where enough of one size have gathered. */
  *#write(
    frozen: readonly Gathering[],
    made: (run: Run, replaced: number) => void,
  ): Generator<SealedPiece, void> {
    const { tier, replaced } = this.#mergers()
    const number = this.#next
    this.#next += 1
    const old = this.#runs.slice(this.#runs.length - replaced)
    const sources = [
      ...frozen.toReversed().map((some) => new Source(some.sorted())),
      ...old.toReversed().map((run) => new Source(this.#recordsOf(run))),
    ]
    const writer = new RunWriter(number)
    for (let next = nextOf(sources); next !== null; next = nextOf(sources)) {
      const piece = writer.add(next)
      next.step()
      if (piece !== null) yield piece
    }
    yield* writer.end()
    made({ ...writer.made(), number, tier, file: null, damaged: false }, replaced)
  }

  /** The newest runs that go into the next one, and its tier; a damaged run is left as it is. */
  #mergers(): { tier: number; replaced: number } {
    const sound = this.#runs.slice(this.#runs.findLastIndex(({ damaged }) => damaged) + 1)
    let tier = 0
    let replaced = 0
    for (;;) {
      const rest = sound.slice(0, sound.length - replaced)
      const same = rest.filter((run) => run.tier === tier).length
      if (same < this.#fanIn - 1) return { tier, replaced }
      replaced += same
      tier += 1
    }
  }

  *#recordsOf(run: Run): Generator<Buffer, void> {
    const blocks = run.fences.length / fenceWords
    for (let from = 0; from < blocks; from += readBlocks) {
      const records: Buffer[] = []
      for (let block = from; block < Math.min(blocks, from + readBlocks); block += 1) {
        records.push(this.#block(run, block))
      }
      yield Buffer.concat(records)
    }
  }

  #findIn(run: Run, key: string): number | undefined {
    let low = 0
    let high = run.fences.length / fenceWords
    while (low < high) {
      const middle = (low + high) >> 1
      if (fenceAfter(run.fences, middle, key)) high = middle
      else low = middle + 1
    }
    if (low === 0) return undefined
    const wanted = Buffer.from(key, 'latin1')
    const records = this.#block(run, low - 1)
    let first = 0
    let last = records.length / recordBytes - 1
    while (first <= last) {
      const middle = (first + last) >> 1
      const at = middle * recordBytes
      const order = records.compare(wanted, 0, keyBytes, at, at + keyBytes)
      if (order === 0) return entryAt(records, at)
      if (order < 0) first = middle + 1
      else last = middle - 1
    }
    return undefined
  }

  /** The records of a block, compared with the checksum that stands behind the blocks. */
  #block(run: Run, block: number): Buffer {
    const count = Math.min(blockRecords, run.count - block * blockRecords)
    const records = Buffer.alloc(count * recordBytes)
    run.file ??= this.#disk.open(pathOf(run.number), 'read')
    const read = this.#disk.read(run.file, records, block * blockBytes)
    if (read !== records.length || crc32(records) !== run.fences[block * fenceWords + 4]) {
      run.damaged = true
      throw new Failure('storage/corrupt', false, `${pathOf(run.number)} block ${block}`)
    }
    return records
  }

  #closeRun(run: Run): void {
    if (run.file !== null) this.#disk.close(run.file)
    run.file = null
  }
}

/** Opens the index as it was sealed, or an empty one. */
export function openReceiptIndex(
  disk: Disk,
  options: ReceiptOptions,
  sealed: Json = null,
): ReceiptIndex {
  if (sealed === null) return new ReceiptIndex(disk, options, { runs: [], next: 0 })
  const runs = listIn(sealed, 'runs').map((each): Run => {
    const [number, count] = [numberIn(each, 'number'), numberIn(each, 'count')]
    const sum = textIn(each, 'sum')
    const blocks = Math.ceil(count / blockRecords)
    const fences = new Uint32Array(blocks * fenceWords)
    const into = new Uint8Array(fences.buffer)
    readPart(disk, pathOf(number), { at: blocks * blockBytes, into })
    if (sha256Text(into, 'base64url') !== sum) {
      throw new Failure('storage/corrupt', false, pathOf(number))
    }
    return { number, count, tier: numberIn(each, 'tier'), fences, sum, file: null, damaged: false }
  })
  return new ReceiptIndex(disk, options, { runs, next: numberIn(sealed, 'next') })
}

/** Records one after another out of buffers that come one after another. */
class Source {
  readonly #buffers: Iterator<Buffer, void>
  records: Buffer = Buffer.alloc(0)
  at = 0
  /** The first six bytes of the key, which nearly always decide. */
  head = 0
  done = false

  constructor(buffers: Iterator<Buffer, void>) {
    this.#buffers = buffers
    this.#fill()
  }

  step(): void {
    this.at += recordBytes
    if (this.at >= this.records.length) this.#fill()
    else this.head = headOf(this.records, this.at)
  }

  #fill(): void {
    this.at = 0
    do {
      const next = this.#buffers.next()
      this.done = next.done === true
      this.records = next.value ?? Buffer.alloc(0)
    } while (!this.done && this.records.length === 0)
    this.head = this.done ? Infinity : headOf(this.records, 0)
  }
}

function headOf(records: Bytes, at: number): number {
  return readU16be(records, at) * 2 ** 32 + readU32be(records, at + 2)
}

/** The source whose record is next; of equal keys the first source's, and the others step over. */
function nextOf(sources: readonly Source[]): Source | null {
  let least: Source | null = null
  for (const source of sources) {
    if (source.done || (least !== null && source.head > least.head)) continue
    const order = least === null || source.head < least.head ? -1 : compareKeys(source, least)
    if (order < 0) least = source
    else if (order === 0) source.step()
  }
  return least
}

function compareKeys(a: Source, b: Source): number {
  return a.records.compare(b.records, b.at, b.at + keyBytes, a.at, a.at + keyBytes)
}

/** Cuts rising records into blocks and pieces, and remembers the fences. */
class RunWriter {
  readonly #path: string
  readonly #fences: number[] = []
  #blocks: Buffer = Buffer.alloc(readBlocks * blockBytes)
  #written = 0
  #count = 0

  constructor(number: number) {
    this.#path = pathOf(number)
  }

  /** Takes the record of a source; gives the piece that became full with it. */
  add({ records, at }: Source): SealedPiece | null {
    const inBlock = this.#count % blockRecords
    const block = Math.floor(this.#count / blockRecords)
    const base = (block - this.#written) * blockBytes
    const to = base + inBlock * recordBytes
    for (let i = 0; i < recordBytes; i += 1) this.#blocks[to + i] = records[at + i] as number
    this.#count += 1
    if (inBlock < blockRecords - 1) return null
    this.#fence(base, blockRecords)
    return block + 1 - this.#written === readBlocks ? this.#piece(block + 1) : null
  }

  *end(): Generator<SealedPiece, void> {
    const rest = this.#count % blockRecords
    const blocks = Math.ceil(this.#count / blockRecords)
    if (rest > 0) this.#fence((blocks - 1 - this.#written) * blockBytes, rest)
    if (blocks > this.#written) yield this.#piece(blocks)
    const bytes = new Uint8Array(Uint32Array.from(this.#fences).buffer)
    yield { path: this.#path, at: blocks * blockBytes, bytes }
  }

  made(): { count: number; fences: Uint32Array; sum: string } {
    const fences = Uint32Array.from(this.#fences)
    const sum = sha256Text(new Uint8Array(fences.buffer), 'base64url')
    return { count: this.#count, fences, sum }
  }

  #fence(base: number, records: number): void {
    for (let at = 0; at < keyBytes; at += 4) this.#fences.push(readU32be(this.#blocks, base + at))
    this.#fences.push(crc32(this.#blocks.subarray(base, base + records * recordBytes)))
  }

  #piece(end: number): SealedPiece {
    const bytes = this.#blocks.subarray(0, (end - this.#written) * blockBytes)
    const piece = { path: this.#path, at: this.#written * blockBytes, bytes }
    this.#blocks = Buffer.alloc(readBlocks * blockBytes)
    this.#written = end
    return piece
  }
}

function entryAt(records: Bytes, at: number): number {
  const from = at + keyBytes + 2
  return readU16be(records, from) * 2 ** 32 + readU32be(records, from + 2)
}

/** Whether a block begins behind this key. */
function fenceAfter(fences: Uint32Array, block: number, key: string): boolean {
  for (let word = 0; word < keyBytes / 4; word += 1) {
    const fence = fences[block * fenceWords + word] as number
    const wanted = wordAt(key, word * 4)
    if (fence !== wanted) return fence > wanted
  }
  return false
}

function pathOf(number: number): string {
  return `${directory}/${String(number).padStart(10, '0')}.run`
}
