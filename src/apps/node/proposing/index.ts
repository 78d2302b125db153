// The door of apps/node/proposing: what a department's list could fill, and a draft of its load
// file.
export type { Because, Fit, Fitting, HeaderWords, Otherwise, TypeFit } from './fitting.ts'
export { fittingOf } from './fitting.ts'
export type { Target, Wanted } from './targets.ts'
export { wantedOf } from './targets.ts'
export type { OpenPoint } from './points.ts'
export type { CellCounts, Draft, DraftParts } from './drafting.ts'
export { draftOf, normalOf } from './drafting.ts'
export { readHeaderWords } from './headers.ts'
