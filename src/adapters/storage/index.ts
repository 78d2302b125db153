// The door of adapters/storage: the disk, the journal, and the stores derived from it.
export type { Change, Disk, OpenMode } from './disk.ts'
export { Failure, fsDisk, lockDirectory } from './disk.ts'
export type { JournalFrame, JournalMark, JournalOptions } from './journal.ts'
export { Journal, journalStart, openJournal } from './journal.ts'
export type { StateOptions } from './state-store.ts'
export { StateStore, openStateStore } from './state-store.ts'
export type { SeenOptions } from './seen-window.ts'
export { SeenWindow, openSeenWindow } from './seen-window.ts'
export { EntryIndex, openEntryIndex } from './entry-index.ts'
export type { ReceiptOptions } from './receipt-index.ts'
export { ReceiptIndex, openReceiptIndex } from './receipt-index.ts'
export { MemberIndex, openMemberIndex } from './entry-index.ts'
export { TileStore, openTileStore } from './whole-files.ts'
export type { KeptCheckpoint } from './whole-files.ts'
export {
  CheckpointStore,
  DocumentStore,
  openCheckpointStore,
  openDocumentStore,
} from './whole-files.ts'
export type { Sealed, SealedPiece } from './derived.ts'
export type { ScrubFinding, ScrubProgress, ScrubReport } from './scrub.ts'
export { scrub } from './scrub.ts'
export type { SnapshotMark, Stores, StoresOptions } from './snapshots.ts'
export { openStores } from './snapshots.ts'
