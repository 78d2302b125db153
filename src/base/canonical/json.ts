// JSON values as the ledger knows them: null, booleans, safe integers, well-formed text, arrays and
// plain objects, nested at most 32 deep. Fractions do not exist, so a number has one meaning and
// one spelling on every engine.

/** A value that has a canonical text. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** Bounds on a foreign value. A scalar has depth 0, `[]` has depth 1. */
export type JsonLimits = {
  /** Arrays and objects inside one another; never above `DEPTH_MAX`. */
  readonly depthMax: number
  /** Elements and members in the whole value. */
  readonly membersMax: number
  /** UTF-16 code units of the text, for `decodeCanonical`. */
  readonly lengthMax: number
}

/** No value nests deeper, whatever the limits say: recursion has an explicit bound. */
export const DEPTH_MAX = 32

/** The limits that hold when a caller states none. */
export const JSON_LIMITS: JsonLimits = Object.freeze({
  depthMax: DEPTH_MAX,
  membersMax: 1_000_000,
  lengthMax: 16_777_216,
})

/**
 * Whether a value of unknown origin is `Json` within the limits and survives a round trip: no
 * fraction, no -0, no lone surrogate, no hole, no member without a value, no `__proto__`, no object
 * of a class. A cycle ends at the depth limit.
 */
export function isSafeJson(value: unknown, limits: JsonLimits = JSON_LIMITS): value is Json {
  const depthMax = limits.depthMax < DEPTH_MAX ? limits.depthMax : DEPTH_MAX
  return holds(value, depthMax, { left: limits.membersMax })
}

function holds(value: unknown, depthLeft: number, members: { left: number }): boolean {
  if (typeof value !== 'object') return isScalar(value)
  if (value === null) return true
  if (depthLeft <= 0) return false
  if (Array.isArray(value)) {
    members.left -= value.length
    if (members.left < 0) return false
    for (let at = 0; at < value.length; at += 1) {
      if (!holds(value[at], depthLeft - 1, members)) return false
    }
    return true
  }
  if (!isPlainObject(value)) return false
  const keys = Object.keys(value)
  members.left -= keys.length
  if (members.left < 0) return false
  for (const key of keys) {
    if (!isSafeKey(key) || !holds(value[key], depthLeft - 1, members)) return false
  }
  return true
}

function isScalar(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0)
  return typeof value === 'boolean'
}

/** Whether the object is a plain one: with no prototype, or one that itself inherits nothing. */
export function isPlainObject(value: object): value is { readonly [key: string]: unknown } {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Whether the text may be a member's name. `__proto__` turns into a prototype when copied. */
export function isSafeKey(key: string): boolean {
  return key !== '__proto__' && key.isWellFormed()
}
