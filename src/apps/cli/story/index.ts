// The door of apps/cli/story: the practice city's stories, told while they happen.
export { tellHome } from './tell.ts'
export { tellAccount } from './account.ts'
export { tellSupplies } from './supplies.ts'
export type { Someone, Stage } from './stage.ts'
export { openStage } from './stage.ts'
