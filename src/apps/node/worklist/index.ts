// The door of apps/node/worklist: what waits on a desk as a sheet, and the sheet that comes back.
export type { BadCell, WorklistCode } from './codes.ts'
export { worklistCodes } from './codes.ts'
export { cellOf, isCellular, valueOf } from './cells.ts'
export type { Incoming, Sheet, WorkDesk, WorkOf } from './sheet.ts'
export { incoming, NoSheet, outgoing } from './sheet.ts'
