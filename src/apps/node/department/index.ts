// The door of apps/node/department: a department's node at work.
export type { DepartmentOptions, GatewayDesk } from './department.ts'
export { Department, openDepartment } from './department.ts'
export type { Again } from './queue.ts'
export { Queue, systemClock } from './queue.ts'
export type { Answer, Task } from './supplying.ts'
export {
  answerAttempt,
  answeredBefore,
  sayAnswer,
  slotGens,
  taskOf,
  wasHandedIn,
} from './supplying.ts'
export { disputeKey } from './chores.ts'
