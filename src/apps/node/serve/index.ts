// The door of apps/node/serve: a node as one thing that is opened and stopped.
export type { Beginning } from './genesis.ts'
export { readBeginning } from './genesis.ts'
export type { NodeOptions, RunningNode } from './node.ts'
export { domains, openNode, version } from './node.ts'
export { keyInUse, logSigner, refusalSigner } from './keys.ts'
