// The door of domains/sharing: permits to read and how they end, use tags and the holder's list,
// watches, the catalogue and its drift.
export { cases, sharing, sharingOver } from './sharing.ts'
export type { Code } from './plan.ts'
export { sharingCodes } from './plan.ts'
export type { Application, CaseFacts, Cases, Fields, ItemFacts, OpenLine } from './cases.ts'
export type { OwedLine, Purpose, SlotFacts } from './cases.ts'
export { fieldsFor } from './cases.ts'
export type { Closing, DeclineCode, Permit, Standing } from './records.ts'
export {
  acknowledgeMs,
  answerMs,
  declineCodes,
  giveUpMs,
  monthOf,
  monthsAround,
} from './records.ts'
export {
  permitOf,
  standingOf,
  unacknowledged,
  unacknowledgedMax,
  unanswered,
  useKey,
} from './records.ts'
export type { Receipt } from './closing.ts'
export { receiptsMax } from './closing.ts'
export type { Changed, Views } from './watch.ts'
export { changedOf, readersOf, viewsOf } from './watch.ts'
export type { CatalogueDocument, CatalogueItem, Duty, Resource } from './catalogue-document.ts'
export type { SharingClass } from './catalogue-document.ts'
export { catalogueBytesMax, decodeCatalogue, sharingClasses } from './catalogue-document.ts'
export type { CatalogueRecord, Drift, DriftState, ResourceRecord } from './catalogue.ts'
export { catalogueItemOf, changedPercentMax, driftOf, driftStates } from './catalogue.ts'
export { announcedMsMax, freshUntil, resourceOf } from './catalogue.ts'
export type { Found, HoldersList, Line, Look, Mismatch, PartOfOwner, Story } from './holder.ts'
export type { Walk, Walked } from './holder.ts'
export { gapsMax, holdersList, verifyWalk } from './holder.ts'
