// The door of apps/node/officers: the practice city's officers and their passkeys.
export type { PracticeOfficers, PracticeRelyingParty } from './passkeys.ts'
export { openPracticeOfficers } from './passkeys.ts'
