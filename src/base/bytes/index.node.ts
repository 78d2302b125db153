// The door of base/bytes under Node: the same names and the same results as `index.ts`, by native
// operations where those are faster.
export type { Bytes } from './order.ts'
export { concat, compareText } from './order.ts'
export { u16be, u32be, u64be, readU16be, readU32be, readU64be } from './numbers.ts'
export {
  equal,
  compare,
  utf8Encode,
  utf8Decode,
  latin1Encode,
  latin1Write,
  latin1Decode,
  asciiDecode,
  hexEncode,
  hexDecode,
  base64urlEncode,
  base64urlDecode,
  base64urlToLatin1,
  latin1ToBase64url,
  base64urlIsCanonical,
  base64Encode,
  base64Decode,
} from './native.node.ts'
