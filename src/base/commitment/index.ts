// The door of base/commitment: what of a record stands on the ledger, and what opens it.
export type { Leaf, Opening, Place } from './record.ts'
export { LEAVES_MAX, PATH_BYTES_MAX, VALUE_LENGTH_MAX } from './record.ts'
export {
  fieldSalt,
  leafOf,
  commitRecord,
  openField,
  openFields,
  isOpening,
  verifyOpening,
} from './record.ts'
export { commitValue, verifyValue } from './record.ts'
export { useSeed, useTag } from './use-tags.ts'
