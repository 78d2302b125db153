// The door of domains/processes: applications, cases, and everything that happens in one. Later
// domains and the apps read through the functions here; only the commands of this room write.
export { processes } from './publish.ts'
export type { ProcessesCode } from './records.ts'
export { codeTexts, hasAgreed, processesCodes } from './records.ts'
export type { Compiled, CompiledAct, CompiledItem, Input } from './compile.ts'
export { blueprintOf } from './compile.ts'
export type { BlueprintRecord, CaseRecord, ItemRecord, Part } from './records.ts'
export type { AutoAct, CaseFacts, ItemFacts, OpenAct, Owed, SlotFacts } from './reads.ts'
export {
  autoId,
  autoNotAfter,
  caseOf,
  consentLives,
  hasPassed,
  itemOf,
  openActs,
  owed,
  owned,
} from './reads.ts'
export { Standing } from './standing.ts'
export { standingOf } from './case.ts'
export type { Playing } from './play.ts'
export { untrueOf } from './play.ts'
