// Spans of time as laws state them: working days, calendar days, months, years. A span is counted
// in days, never in hours; the day from which it runs does not count (Civil Code art. 201).

/** Working days, calendar days, months, years. */
export type Unit = 'wd' | 'd' | 'm' | 'y'

/** So many of a unit, at least one. */
export type Span = { readonly count: number; readonly unit: Unit }

/** The longest span of each unit. Counting steps day by day, so length is work. */
export const spanMax: { readonly [unit in Unit]: number } = { wd: 999, d: 36_500, m: 1_200, y: 100 }

const form = /^([1-9]\d{0,4})(wd|d|m|y)$/

/** The span of a text such as `3wd`, `60d`, `6m`, `2y`, or null. Untrusted text may be given. */
export function parseSpan(text: string): Span | null {
  const found = form.exec(text)
  if (found === null) return null
  const unit = found[2] as Unit
  const count = Number(found[1])
  return count <= spanMax[unit] ? { count, unit } : null
}

/** The text of a span; reading it gives the span again. */
export function printSpan(span: Span): string {
  return `${span.count}${span.unit}`
}

/** Whether a value is a span within its bounds. */
export function isSpan(span: Span): boolean {
  return parseSpan(printSpan(span)) !== null
}
