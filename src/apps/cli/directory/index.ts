// The door of apps/cli/directory: a ledger's directory on this machine.
export type { LedgerDirectory, OpenedLedger, OpenedStores } from './open.ts'
export { directoryOf, keysOf, ledgerNamed, openAlone, openLedger } from './open.ts'
export { pathOf, withLedger } from './open.ts'
export type { FrameFound, SegmentFile } from './journal.ts'
export { closeSegments, framesOf, journalBytes, openSegments } from './journal.ts'
