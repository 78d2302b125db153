// What a draft leaves open: a place of it, and a sentence about it in both languages.

/** A point that a steward has to decide. */
export type OpenPoint = { readonly at: string; readonly zh: string; readonly en: string }

/** A point at a place. */
export function point(at: string, zh: string, en: string): OpenPoint {
  return { at, zh, en }
}
