// Refusals: how the ledger says no. A refusal is a value, equal on every node, that names a rule
// by its address code and the place where the rule was broken. It never repeats what stood there:
// what an unknown sender wrote must not travel into answers, logs or entries.

/** The ledger says no: `code` is the address of the rule, `at` a path or byte offset. */
export type Refusal = { readonly code: string; readonly at?: string }

/** Makes a refusal; `at` names a place (`body.reads`, `payload@17`), never content. */
export function refuse(code: string, at?: string): Refusal {
  return at === undefined || at === '' ? { code } : { code, at }
}

/** The same refusal, its place set below `part` (`@17` in `intent` becomes `intent@17`). */
export function within(part: string, refusal: Refusal): Refusal {
  const at = refusal.at
  if (at === undefined) return { code: refusal.code, at: part }
  const joint = at.startsWith('@') || at.startsWith('[') ? '' : '.'
  return { code: refusal.code, at: part + joint + at }
}

/**
 * Tells a refusal from every other result: an object of ours with a code and perhaps a place, and
 * nothing else. Decoded foreign objects inherit nothing and so are never taken for a refusal,
 * whatever members their sender gave them; nor are records that have a code among other members.
 */
export function isRefusal(x: unknown): x is Refusal {
  if (typeof x !== 'object' || x === null) return false
  const code = (x as { readonly code?: unknown }).code
  if (typeof code !== 'string' || code === 'ok') return false
  if (Object.getPrototypeOf(x) !== Object.prototype) return false
  return Object.keys(x).every((member) => member === 'code' || member === 'at')
}
