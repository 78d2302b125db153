// The door of apps/node/restore: what keeps a restored directory from signing too early.
export type { RestoreMark, Witnessed } from './rule.ts'
export { isConfirmedBy, signs } from './rule.ts'
export { maySign, readRestoreMark, writeRestoreMark } from './mark.ts'
