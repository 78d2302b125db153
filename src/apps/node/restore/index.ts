// The door of apps/node/restore: what keeps an older copy of a ledger from signing.
export type { Hold, RestoreMark, Standing, Witnessed } from './rule.ts'
export { holdBy, isConfirmedBy, signs, standingOf } from './rule.ts'
export { heldBy, maySign, readRestoreMark, writeRestoreMark } from './mark.ts'
export type { AskedLedger, CosignerAddress, CosignersOptions } from './cosigners.ts'
export { Cosigners } from './cosigners.ts'
