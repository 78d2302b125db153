// Order, third of six. Takes commands that validation admits, gives blocks with a time and a place.
// Pure: the same queue, clocks and state give the same block.
export type { AdmissionOutcome, AdmittedCommand, Block } from './block.ts'
export { blockBytesMax, blockDocumentBytesMax, blockIntentsMax } from './block.ts'
export { orderCodes } from './codes.ts'
export type { FillContext, Filled } from './fill.ts'
export { commandBytes, fillBlock } from './fill.ts'
export type { BlockTime, Clocks } from './time.ts'
export { aheadMsMax, blockTime, idleMsMax, stepMsMax } from './time.ts'
export type { Application, Head } from './application.ts'
