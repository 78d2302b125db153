// The door of apps/node/disclosure: what an answer to a permit is, in bytes and in truth.
export type { Facts, HeldName, HeldPart, PermitFacts, ShownField } from './facts.ts'
export type { CaseReads, ItemPart } from './ledger-facts.ts'
export { ledgerFacts } from './ledger-facts.ts'
export type { Expected, ShownRecord, ShownRecords } from './body.ts'
export { bodyMax, readBody } from './body.ts'
export type { AcknowledgementStatement, AnswerStatement, TellStatement } from './statements.ts'
export { acknowledgementTyp, answerTyp, statementMax, tellTyp } from './statements.ts'
export {
  hashOf,
  isCount,
  isNames,
  readAcknowledgement,
  readAnswer,
  readTell,
} from './statements.ts'
export { signStatement } from './statements.ts'
