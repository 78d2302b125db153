// The door of apps/node/mapping: where a department's own system holds what the vocabulary asks
// for.
export type { DoubtCode, MappingCode, MappingFault } from './codes.ts'
export { mappingCodes } from './codes.ts'
export type { Cell, FieldMapping, Form, Handed, ItemMapping, Look, Mapping } from './mapping.ts'
export type { SinkMapping, Wanted, Where } from './mapping.ts'
export { decodeMapping, forms, isMapping } from './mapping.ts'
export type { RawCell } from './forms.ts'
export { readCell } from './forms.ts'
export type { Found, Keys, RawRow, Rows, Stewards } from './look-up.ts'
export { itemMappingOf, lookUp, mappingFaults, sinkMappingOf } from './look-up.ts'
export type { Decided } from './hand-in.ts'
export { rowOf } from './hand-in.ts'
