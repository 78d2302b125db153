// The door of apps/node/host: opening, serving and copying a ledger on this machine.
export type { Genesis, HostOptions } from './open.ts'
export { derive, openHost } from './open.ts'
export type { CheckpointSigner, HostNote, Outcome } from './ledger-host.ts'
export { LedgerHost } from './ledger-host.ts'
export type { GradedReceipt } from './proofs.ts'
export { codeVersion } from './code-version.ts'
export { cosignerName, Registry, vkeyOf } from './registry.ts'
export { headJson } from './snapshot-head.ts'
