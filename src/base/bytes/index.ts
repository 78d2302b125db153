// The door of base/bytes, in code that needs nothing but the language: byte strings, their order
// and their text forms. `index.node.ts` is the same door over Node's native operations; one set of
// vectors (vectors/bytes.json) runs over both.
export type { Bytes } from './order.ts'
export { concat, equal, compare, compareText } from './order.ts'
export { u16be, u32be, u64be, readU16be, readU32be, readU64be } from './numbers.ts'
export {
  utf8Encode,
  utf8Decode,
  latin1Encode,
  latin1Write,
  latin1Decode,
  asciiDecode,
} from './text.ts'
export { hexEncode, hexDecode } from './hex.ts'
export {
  base64urlEncode,
  base64urlDecode,
  base64urlToLatin1,
  latin1ToBase64url,
  base64urlIsCanonical,
  base64Encode,
  base64Decode,
} from './base64.ts'
