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
export type { FileCode, JsonObject } from './compact.ts'
export { fileCodes } from './compact.ts'
export type { Credential, CredentialDemand, KeyBindingDemand, SdJwt } from './sd-jwt.ts'
export { credentialTyp, disclosedClaims, parseSdJwt, verifyCredential } from './sd-jwt.ts'
export type { CaseOfCertificate, CredentialContent, Issued, Unsigned } from './credential.ts'
export {
  assembleCredential,
  caseCommitment,
  certificateType,
  issueCredential,
  showFields,
} from './credential.ts'
export { issOf, statusListUri, vctOf } from './credential.ts'
export type { StatusListContent, StatusQuestion, Zlib } from './status-list.ts'
export { statusFromList, statusIn, statusListPayload, statusListTyp } from './status-list.ts'
export type { CertificateFile, FiledRecord } from './evidence.ts'
export {
  certificateBytesMax,
  certificateFormat,
  encodeCertificateFile,
  recordKeysOf,
} from './evidence.ts'
export type { CertificateFacts, CertificateJudgement } from './outcome.ts'
export type { CertificateOutcome, CertificateQuestion } from './outcome.ts'
export { certificateOutcomes, judgeCertificate } from './outcome.ts'
