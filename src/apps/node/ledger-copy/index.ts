// The door of apps/node/ledger-copy: a ledger that runs elsewhere, as a member's process has it.
export type { Proving, RemoteOptions } from './open.ts'
export { openRemoteLedger } from './open.ts'
export type { RemoteNote, RemoteParts } from './remote.ts'
export { RemoteLedger } from './remote.ts'
