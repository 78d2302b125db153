// The door of apps/node/casework: a case as one member works on it.
export type { CaseNow } from './cases.ts'
export { caseNow, dayOf, judgeFor, memberOf, spanEnd } from './cases.ts'
export { deskCodes } from './codes.ts'
export { gensText, idOf } from './ids.ts'
export { Later, eachAtOnce, eachInTurn } from './later.ts'
export type { Clock, Me } from './me.ts'
export type { Address, Dept, Officers, RedItem, RedSources } from './dept.ts'
export type { Settings, Sink, Step, Tables } from './dept.ts'
export { sooner } from './dept.ts'
export type { InboxLine, Reason, SourceNews } from './inbox.ts'
export { Inbox } from './inbox.ts'
export type { Notices, Report, View, Vault, VaultRecord, Ways } from './ports.ts'
export type { Committed, Committing } from './records.ts'
export { bytesOf, commit, commitmentOf, commitNote, moreOf, putOnce } from './records.ts'
export { openedSlot, slotOpenings, storedLeaves } from './records.ts'
export type { Wanted } from './shown.ts'
export { readFor, recordsRead, slotKeysIn, slotRecordOf, subjectTagOf } from './shown.ts'
export type { DecidedBy, Decision } from './attempts.ts'
export { attemptOf, decisionOf, decisionsOf, dueOf, inputsOf, isReturned } from './attempts.ts'
export {
  keepDecision,
  noteSaid,
  noteViews,
  openActOf,
  readAct,
  saidOf,
  settledBefore,
} from './attempts.ts'
export { boundMember, takeBack, valueRec } from './attempts.ts'
