// The door of apps/node/follow: the validating follower, its copy, and its life.
export type { Agreed, Alarm, FollowerParts } from './follower.ts'
export { Follower } from './follower.ts'
export type { Copy, CopyOptions } from './open.ts'
export { evidenceIn, ledgerIn, openCopy } from './open.ts'
export type { FollowSource, HttpSourceOptions } from './source.ts'
export { Behind, FrameCutter, httpSource } from './source.ts'
export type { Followed, FollowNote, FollowOptions } from './loop.ts'
export { follow } from './loop.ts'
