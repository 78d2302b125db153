// The door of apps/cli/act: what changes a ledger or its keys.
export type { FoundersWish, FounderWish } from './founders.ts'
export { foundersOf, paramsOf } from './founders.ts'
export { initLedger } from './init.ts'
export { addKey, generateKey, listKeys, revokeKey, rotateKey } from './keys.ts'
export { activateMember, approveMember, declareRestore, proposeMember } from './members.ts'
export { proveMember, showMembers } from './members.ts'
export { signIntent } from './send.ts'
export { submitFile } from './submit.ts'
