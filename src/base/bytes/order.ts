// Byte strings and their order. Two byte strings compare by unsigned bytes, two texts by UTF-16
// code unit; neither depends on locale, engine or Unicode version, so every node sorts alike.

/** A byte string. Nobody writes into one that they did not make. */
export type Bytes = Uint8Array

/** The parts one after another in new memory. */
export function concat(parts: readonly Bytes[]): Bytes {
  let size = 0
  for (const part of parts) size += part.length
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Whether both hold the same bytes. Not for secrets: see `constantTimeEqual` in base/crypto. */
export function equal(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false
  return true
}

/** Order by unsigned bytes; a proper prefix comes first. */
export function compare(a: Bytes, b: Bytes): -1 | 0 | 1 {
  const size = a.length < b.length ? a.length : b.length
  for (let at = 0; at < size; at += 1) {
    const left = a[at] as number
    const right = b[at] as number
    if (left !== right) return left < right ? -1 : 1
  }
  if (a.length === b.length) return 0
  return a.length < b.length ? -1 : 1
}

/**
 * Order by UTF-16 code unit (RFC 8785 §3.2.3). For ASCII it equals byte order; beyond the basic
 * plane it does not: U+20BB7 sorts before U+FF5E here and after it in UTF-8.
 */
export function compareText(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0
  return a < b ? -1 : 1
}
