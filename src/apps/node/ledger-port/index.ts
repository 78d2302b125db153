// The door of apps/node/ledger-port: one ledger as one member's department and gateway see it.
export type { LedgerPort, PortHead, Submitted, SubmitOptions } from './port.ts'
export type { LedgerPortOptions } from './in-process.ts'
export { openLedgerPort } from './in-process.ts'
export { heldInForce, keyInForceOf } from './keys.ts'
