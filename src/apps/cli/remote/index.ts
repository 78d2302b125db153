// The door of apps/cli/remote: nodes that are asked over the network.
export type { Remote } from './connect.ts'
export { connect, getBytes, getJson, keysPath, refusedBy } from './connect.ts'
export { runFollow } from './follow.ts'
export type { Reached } from './local.ts'
export { reachLedger, withReached } from './local.ts'
