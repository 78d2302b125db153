// The door of apps/node/place: how far a department has read, and which cases still concern it.
export type { Place, PlaceChange, Stand } from './book.ts'
export { PlaceBook } from './book.ts'
export { placeCodes } from './codes.ts'
export type { KeepingOptions, PlaceStore } from './keeping.ts'
export { Keeping } from './keeping.ts'
