// The door of apps/node/refresh: a department keeps an eye on its own sources.
export { refreshCodes, SourceHeld } from './codes.ts'
export { Guard } from './guarding.ts'
export { resourceIdOf } from './holdings.ts'
export type { RefreshOptions } from './refresh.ts'
export { Refresh } from './refresh.ts'
export type { Scanning } from './scanning.ts'
export type { Confirming, Outcome, Resting, Wished } from './wishes.ts'
export { hasBook, wish } from './wishes.ts'
