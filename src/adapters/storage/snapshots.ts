// Snapshots: all derived stores as of one height, named by a manifest that is written last. Two are
// kept. It promises that what a manifest names was durable before it, that a damaged snapshot is
// found at opening, and that the older one, and then the journal alone, takes its place.
import { Defect } from '#base/assert'
import type { Json } from '#base/canonical'
import type { Disk } from './disk.ts'
import type { EntryIndex } from './entry-index.ts'
import type { Journal, JournalMark } from './journal.ts'
import type { MemberIndex } from './member-index.ts'
import type { ReceiptIndex } from './receipt-index.ts'
import type { SeenWindow } from './seen-window.ts'
import type { StateStore } from './state-store.ts'
import type { TileStore } from './tile-store.ts'
import type { CheckpointStore, DocumentStore } from './whole-files.ts'

/** A snapshot's place and what its owner wants back with it (digest, time, frontier, …). */
export type SnapshotMark = { readonly mark: JournalMark; readonly head: Json }

export type StoresOptions = {
  /** Secret of this process for hash tables: 32 random bits. */
  readonly seed: number
  readonly segmentBytes?: number
}

/**
 * Everything on disk, opened. All derived stores stand at `from`: the caller applies the frames of
 * `journal.frames(from.mark)` to them, then goes on.
 */
export class Stores {
  readonly journal!: Journal
  readonly state!: StateStore
  readonly seen!: SeenWindow
  readonly entries!: EntryIndex
  readonly receipts!: ReceiptIndex
  readonly members!: MemberIndex
  readonly tiles!: TileStore
  readonly checkpoint!: CheckpointStore
  readonly documents!: DocumentStore
  /** The snapshot that was loaded; null means: from the first frame on. */
  readonly from: SnapshotMark | null = null

  /**
   * Writes a snapshot. The stores must stand exactly at `mark`, which must be durable. What they
   * hold is taken at the call; only syncs happen later. Calls do not overlap.
   */
  save(_mark: SnapshotMark): Promise<void> {
    throw new Defect('not built')
  }

  close(): void {
    throw new Defect('not built')
  }
}

/** Opens what is there, or begins. Throws a fatal `storage/journal-corrupt` when it cannot. */
export function openStores(_disk: Disk, _options: StoresOptions): Stores {
  throw new Defect('not built')
}
