// The door of apps/node/attesting: what is said of sources on the ledger, and what members are told
// by it.
export type { SourceState } from './items.ts'
export { itemOfTable, seenCode, sourceKey } from './items.ts'
export type { Loaded } from './loaded.ts'
export { sayLoaded } from './loaded.ts'
export type { Attestation, By, Item, Speaker, Spoken } from './speaking.ts'
export { attest, nobody, publish, secondOf, stewardOf } from './speaking.ts'
export type { KnownSource } from './telling.ts'
export { redKey, Sources } from './telling.ts'
