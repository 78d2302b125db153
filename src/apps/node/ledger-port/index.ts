// The door of apps/node/ledger-port: one ledger as one member's department and gateway see it.
export type { LedgerPort, PortHead, Submitted, SubmitOptions } from './port.ts'
export type { LedgerAnswer, PortLedger } from './ledger.ts'
export type { LedgerPortOptions } from './open.ts'
export { openLedgerPort } from './open.ts'
export { heldInForce, keyInForceOf } from './keys.ts'
