// The door of domains/certificates: the life of certificates on the ledger, what they were on any
// day, and the files in which they travel.
export type { Code, Status, Step } from './lifecycle.ts'
export { certificatesCodes, certificateTable } from './lifecycle.ts'
export { certificates, grounds } from './commands.ts'
export { settlements } from './disputes.ts'
export type { CertificateRecord, Change, Dispute, Spell, StatusThen } from './records.ts'
export { answersFor, certificateOf, freeIndex, handleOfDigest, isIndexUsed } from './records.ts'
export { indexesMax, lastStatus, listsMax, statusAt, statusBits, statusBytes } from './records.ts'
export { disputedSince, statusesBetween, statusKey } from './records.ts'
