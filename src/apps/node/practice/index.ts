// The door of apps/node/practice: the ledger that `npm start` runs.
export type { PracticeOptions, RunningPractice } from './practice.ts'
export { firstCheckpoint, openPractice, shellWord, urlOf } from './practice.ts'
export type { PracticeDepartment } from './founders.ts'
export { departments, held, practiceParams } from './founders.ts'
export type { ChildFollower, FollowerStart } from './follower.ts'
export { startFollower } from './follower.ts'
