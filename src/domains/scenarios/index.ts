// The door of domains/scenarios: stories that a blueprint promises, played before it is accepted.
export type { ActAt, ActView, CaseView, Kernel, OpenView, OwedView } from './kernel.ts'
export type { PartView, SlotView, Speaker } from './kernel.ts'
export { placeOf } from './kernel.ts'
export type { Untrue } from './story.ts'
export { firstUntrue, Story } from './story.ts'
export type { Completion } from './players.ts'
export { Players } from './players.ts'
export { World } from './world.ts'
