// Snapshots: all derived stores as of one height, named by a manifest that is written last. Two are
// kept. It promises that what a manifest names was durable before it, that a damaged snapshot is
// found at opening, and that the older one, and then the journal alone, takes its place.
import { base64urlDecode, base64urlEncode, latin1Decode, utf8Decode, utf8Encode } from '#base/bytes'
import { assert } from '#base/assert'
import type { Json } from '#base/canonical'
import { decodeCanonical, encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import { leafHash } from '#ledger/prove'
import type { Sealed } from './derived.ts'
import { listIn, memberIn, numberIn, textIn } from './derived.ts'
import type { Disk } from './disk.ts'
import { Failure } from './disk.ts'
import type { EntryIndex, MemberIndex } from './entry-index.ts'
import { openEntryIndex, openMemberIndex } from './entry-index.ts'
import type { Journal, JournalMark } from './journal.ts'
import { openJournal } from './journal.ts'
import type { ReceiptIndex } from './receipt-index.ts'
import { openReceiptIndex } from './receipt-index.ts'
import type { SeenWindow } from './seen-window.ts'
import { openSeenWindow } from './seen-window.ts'
import type { StateStore } from './state-store.ts'
import { openStateStore } from './state-store.ts'
import type { CheckpointStore, DocumentStore, TileStore } from './whole-files.ts'
import { openCheckpointStore, openDocumentStore, openTileStore } from './whole-files.ts'
import { readWhole, replaceFile } from './whole-files.ts'

/** A snapshot's place and what its owner wants back with it (digest, time, frontier, …). */
export type SnapshotMark = { readonly mark: JournalMark; readonly head: Json }

export type StoresOptions = {
  /** Secret of this process for hash tables: 32 random bits. */
  readonly seed: number
  readonly segmentBytes?: number
  /** Bytes of a chunk of the logs behind state and window; 1 MiB when absent. */
  readonly chunkBytes?: number
}

const directory = 'snapshots'
const manifestForm = /^([0-9]{16})\.json$/
const kept = 2
/** Directories in which only files stand that a manifest names. */
const owned = ['state', 'seen', 'receipts'] as const
const directories = ['index', 'members', 'tiles', 'documents', directory, ...owned] as const
/** So much is written before others have a turn. */
const turnBytes = 256 * 1024
const manifestLimits = { depthMax: 16, membersMax: 100_000_000, lengthMax: 2 ** 29 } as const

type Parts = {
  readonly journal: Journal
  readonly state: StateStore
  readonly seen: SeenWindow
  readonly entries: EntryIndex
  readonly receipts: ReceiptIndex
  readonly members: MemberIndex
  readonly tiles: TileStore
  readonly documents: DocumentStore
  readonly checkpoint: CheckpointStore
}

/** A manifest: its name says its height, `files` what stands on disk because of it. */
type Manifest = { readonly name: string; readonly files: readonly string[] }

/**
 * Everything on disk, opened. All derived stores stand at `from`: the caller applies the frames of
 * `journal.frames(from.mark)` to them, then goes on.
 */
export class Stores implements Parts {
  readonly journal: Journal
  readonly state: StateStore
  readonly seen: SeenWindow
  readonly entries: EntryIndex
  readonly receipts: ReceiptIndex
  readonly members: MemberIndex
  readonly tiles: TileStore
  readonly checkpoint: CheckpointStore
  readonly documents: DocumentStore
  /** The snapshot that was loaded; null means: from the first frame on. */
  readonly from: SnapshotMark | null
  /** Names of newer snapshots that were damaged and are gone now. */
  readonly damaged: readonly string[]
  readonly #disk: Disk
  /** Oldest first. */
  #manifests: readonly Manifest[]
  #saving = false

  constructor(disk: Disk, parts: Parts, loaded: Loaded) {
    this.journal = parts.journal
    this.state = parts.state
    this.seen = parts.seen
    this.entries = parts.entries
    this.receipts = parts.receipts
    this.members = parts.members
    this.tiles = parts.tiles
    this.checkpoint = parts.checkpoint
    this.documents = parts.documents
    this.from = loaded.from
    this.damaged = loaded.damaged
    this.#disk = disk
    this.#manifests = loaded.manifests
    this.#sweep()
  }

  /**
   * Writes a snapshot. The stores must stand exactly at `mark`, which must be durable. What they
   * hold is taken at the call; only syncs happen later. Calls do not overlap. Throws
   * `storage/no-space` (not fatal: nothing was lost, the next call begins again).
   */
  async save({ mark, head }: SnapshotMark): Promise<void> {
    assert(!this.#saving, 'one snapshot is written at a time')
    assert(mark.height === this.journal.durable.height, 'a snapshot is taken of what is durable')
    assert(mark.height === this.entries.height, 'the stores stand at the mark')
    const name = `${String(mark.height).padStart(16, '0')}.json`
    if (this.#manifests.at(-1)?.name === name) return
    this.#saving = true
    try {
      const sealed = sealAll(this)
      for (const each of Object.values(sealed)) await this.#write(each)
      const files = Object.values(sealed).flatMap((each) => each.files())
      const stores = Object.fromEntries(
        Object.entries(sealed).map(([part, each]) => [part, each.parts()]),
      )
      const content = { mark: markJson(mark), head, stores, files }
      await replaceFile(this.#disk, `${directory}/${name}`, encodeManifest(content))
      this.#manifests = [...this.#manifests, { name, files }].slice(-kept)
      for (const each of Object.values(sealed)) each.saved()
      this.#sweep()
    } catch (error) {
      // What a full disk holds of this attempt would be in the way of the next.
      if (error instanceof Failure && !error.fatal) this.#sweep()
      throw error
    } finally {
      this.#saving = false
    }
  }

  close(): void {
    this.journal.close()
    this.entries.close()
    this.members.close()
    this.receipts.close()
  }

  /** Writes the pieces of a store and makes them durable, a bounded piece at a time. */
  async #write(sealed: Sealed): Promise<void> {
    const disk = this.#disk
    const touched = new Set<string>()
    let since = 0
    let open: { readonly path: string; readonly file: number; loose: boolean } | null = null
    try {
      for (const { path, at, bytes, loose } of sealed.pieces) {
        if (open !== null && open.path !== path) {
          if (!open.loose || since > turnBytes) {
            await disk.sync(open.file)
            since = 0
          }
          disk.close(open.file)
          open = null
        }
        open ??= { path, file: disk.open(path, 'append'), loose: loose === true }
        if (bytes.length > 0) disk.write(open.file, bytes, at)
        if (!open.loose) touched.add(path.slice(0, path.lastIndexOf('/')))
        since += bytes.length
        if (since > turnBytes) {
          await disk.sync(open.file)
          since = 0
        }
      }
      if (open !== null && !open.loose) await disk.sync(open.file)
    } finally {
      if (open !== null) disk.close(open.file)
    }
    for (const path of touched) syncUpwards(disk, path)
  }

  /** Removes manifests beyond the kept ones, and files that no kept manifest names. */
  #sweep(): void {
    const names = new Set(this.#manifests.map(({ name }) => name))
    for (const name of this.#disk.list(directory)) {
      if (!names.has(name)) this.#disk.change({ kind: 'remove', path: `${directory}/${name}` })
    }
    const files = new Set(this.#manifests.flatMap((manifest) => manifest.files))
    for (const place of owned) {
      for (const name of this.#disk.list(place)) {
        const path = `${place}/${name}`
        if (!files.has(path)) this.#disk.change({ kind: 'remove', path })
      }
    }
  }
}

type Loaded = {
  readonly from: SnapshotMark | null
  readonly manifests: readonly Manifest[]
  readonly damaged: readonly string[]
}

/** Opens what is there, or begins. Throws a fatal `storage/journal-corrupt` when it cannot. */
export function openStores(disk: Disk, options: StoresOptions): Stores {
  for (const path of directories) disk.change({ kind: 'mkdir', path })
  disk.change({ kind: 'syncDir', path: '' })
  const checkpoint = openCheckpointStore(disk)
  const atLeast = checkpoint.newest?.size ?? 0
  const names = manifestNames(disk)
  const damaged: string[] = []
  for (const [at, name] of [...names.entries()].toReversed()) {
    try {
      const content = readManifest(disk, name)
      const from = markOf(content)
      const parts = openParts(disk, options, { from, atLeast, stores: memberIn(content, 'stores') })
      const manifests = [...olderThan(disk, names.slice(0, at)), { name, files: filesOf(content) }]
      return new Stores(disk, { ...parts, checkpoint }, { from, manifests, damaged })
    } catch (error) {
      // A damaged snapshot gives way to the older one, and that to the journal alone.
      if (!(error instanceof Failure) || error.fatal) throw error
      damaged.push(name)
    }
  }
  const parts = openParts(disk, options, { from: null, atLeast, stores: undefined })
  return new Stores(disk, { ...parts, checkpoint }, { from: null, manifests: [], damaged })
}

/** The manifest that is kept beside the newest, when it is whole. */
function olderThan(disk: Disk, names: readonly string[]): readonly Manifest[] {
  return names.slice(1 - kept).flatMap((name) => {
    try {
      return [{ name, files: filesOf(readManifest(disk, name)) }]
    } catch (error) {
      if (error instanceof Failure && !error.fatal) return []
      throw error
    }
  })
}

function filesOf(content: Json): readonly string[] {
  return listIn(content, 'files').map(String)
}

function openParts(
  disk: Disk,
  options: StoresOptions,
  at: { from: SnapshotMark | null; atLeast: number; stores: Json | undefined },
): Omit<Parts, 'checkpoint'> {
  const { segmentBytes } = options
  const sealed = (name: string): Json => memberIn(at.stores, name) ?? null
  const state = openStateStore(disk, options, sealed('state'))
  const seen = openSeenWindow(disk, options, sealed('seen'))
  const receipts = openReceiptIndex(disk, options, sealed('receipts'))
  const members = openMemberIndex(disk, sealed('members'))
  const journal = openJournal(disk, {
    entriesAtLeast: at.atLeast,
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
    ...(at.from === null ? {} : { from: at.from.mark }),
  })
  try {
    const entries = openEntryIndex(disk, journal, sealed('entries'))
    const tiles = openTileStore(disk, (index) => leafHash(entries.entry(index)), sealed('tiles'))
    const documents = openDocumentStore(disk)
    return { journal, state, seen, entries, receipts, members, tiles, documents }
  } catch (error) {
    journal.close()
    throw error
  }
}

function sealAll(stores: Parts): { readonly [part: string]: Sealed } {
  return {
    state: stores.state.seal(),
    seen: stores.seen.seal(),
    entries: stores.entries.seal(),
    receipts: stores.receipts.seal(),
    members: stores.members.seal(),
    tiles: stores.tiles.seal(),
    documents: stores.documents.seal(),
  }
}

/** A directory's new entries are durable only when it and those above it are. */
function syncUpwards(disk: Disk, path: string): void {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    disk.change({ kind: 'syncDir', path: at })
    if (at === '') return
  }
}

function encodeManifest(content: Json): Uint8Array {
  const text = encodeCanonical(content)
  return utf8Encode(`${sha256Text(text, 'base64url')}\n${text}`)
}

/** Names of the manifests, the oldest first. */
export function manifestNames(disk: Disk): readonly string[] {
  return disk.list(directory).filter((name) => manifestForm.test(name))
}

/** The content of a manifest; throws `storage/corrupt` unless it is whole. */
export function readManifest(disk: Disk, name: string): Json {
  const bytes = readWhole(disk, `${directory}/${name}`) ?? new Uint8Array(0)
  const sum = sha256Text(bytes.subarray(44), 'base64url')
  const text = utf8Decode(bytes.subarray(44))
  const whole = latin1Decode(bytes.subarray(0, 44)) === `${sum}\n`
  const content = whole && text !== null ? decodeCanonical(text, manifestLimits) : null
  if (content === null) throw new Failure('storage/corrupt', false, name)
  return content
}

function markJson({ frame, end, height, hash }: JournalMark): Json {
  return { frame, end, height, hash: base64urlEncode(hash) }
}

function markOf(content: Json): SnapshotMark {
  const mark = memberIn(content, 'mark')
  const hash = base64urlDecode(textIn(mark, 'hash'))
  if (hash === null) throw new Failure('storage/corrupt', false, 'mark of a snapshot')
  const place = { frame: numberIn(mark, 'frame'), end: numberIn(mark, 'end') }
  return {
    mark: { ...place, height: numberIn(mark, 'height'), hash },
    head: memberIn(content, 'head') ?? null,
  }
}
