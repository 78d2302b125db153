// The door of apps/node/loading: public files into the registers of a practice city.
export { loadCodes } from './codes.ts'
export type {
  CellForm,
  LoadColumn,
  LoadFile,
  LoadJoin,
  LoadTable,
  Normalisation,
} from './load-file.ts'
export { cellForms, loadFileHash } from './load-file.ts'
export type { LoadFault } from './load-decode.ts'
export { decodeLoadFile, isLoadFile } from './load-decode.ts'
export type { LoadFaultCode } from './fault-texts.ts'
export { loadFaultTexts } from './fault-texts.ts'
export type { Accepted, ReadSource } from './reading.ts'
export type { Refusal, Refused, RowRange } from './refusals.ts'
export { Refusals } from './refusals.ts'
export { NoColumn, normalised, readSource } from './reading.ts'
export type { LoadTicket } from './filling.ts'
export { OtherTable } from './filling.ts'
export type { LoadLook, LoadOptions, LoadResult, Seen, StateDifference } from './load.ts'
export { loadAll, NoPartner, OtherSteward } from './load.ts'
export { LoadRunning } from './book.ts'
export { isHeld, recoverLoads } from './cut-off.ts'
