// The door of apps/node/log: what the node tells its operator, in lines and in figures.
export type { Level, Log, LogOptions, Note } from './log.ts'
export { codeOfFailure, makeLog } from './log.ts'
export type { Measured, MetricsOptions } from './metrics.ts'
export { Metrics } from './metrics.ts'
