// The door of apps/node, for the other apps that start or open a ledger on this machine.
export type { Genesis, HostOptions } from './host/open.ts'
export { derive, openHost } from './host/open.ts'
export type { CheckpointSigner, HostNote, Outcome } from './host/ledger-host.ts'
export { LedgerHost } from './host/ledger-host.ts'
export type { GradedReceipt } from './host/proofs.ts'
export { codeVersion } from './host/code-version.ts'
export { cosignerName, Registry, vkeyOf } from './host/registry.ts'
