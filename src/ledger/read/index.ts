// Read, sixth of six. Takes what is durable, gives receipts and events. Pure: answers are read out
// of entries and writes, so whoever holds those can read the same.
export type { Receipt, SignedIntent } from './receipt.ts'
export { envelopeKid, envelopeOf, idReused, receiptOf, sameCommand } from './receipt.ts'
export { envelopeKidIn, signedIntentOf, signedIntentUnder } from './receipt.ts'
export type { EventSource, LedgerEvent } from './event.ts'
export { eventOf, namedIn } from './event.ts'
export type { Divergence, Reproduced } from './audit.ts'
export { replayFrame } from './audit.ts'
