// The door of base/canonical: one text for each JSON value (RFC 8785, restricted to safe integers).
export type { Json, JsonLimits } from './json.ts'
export { DEPTH_MAX, JSON_LIMITS, isSafeJson } from './json.ts'
export { encodeCanonical } from './encode.ts'
export { decodeCanonical } from './decode.ts'
