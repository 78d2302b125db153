// The door of apps/node/declared: the strict reading of files in which people declare things.
export type { Check, Misfit, MisfitKind } from './reading.ts'
export {
  below,
  cellConstant,
  choice,
  foundOf,
  isMembers,
  listOf,
  mapOf,
  misfit,
} from './reading.ts'
export { nameOf, oneOf, record, textOf } from './reading.ts'
export type { DeclaredFault, DeclaredWords } from './words.ts'
export { wordsOfFault } from './words.ts'
