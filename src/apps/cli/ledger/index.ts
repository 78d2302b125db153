// The door of apps/cli/ledger: a whole ledger checked, rebuilt, exported and run again.
export { exportLedger } from './export.ts'
export { derivedFolders, needsYes, rebuildLedger, scrubLedger, snapshotLedger } from './rebuild.ts'
export { Past } from './past.ts'
export { replayLedger } from './replay.ts'
export { verifyLedger } from './verify.ts'
