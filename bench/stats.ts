// Medians and the lines of the report. A figure is a ratio in one run against the machine's own
// limit; what it is a ratio of is printed beside it.

/** One figure of performance, as printed and as kept. */
export type Figure = {
  readonly name: string
  /** The figure in its unit: a ratio, or as `unit` says. */
  readonly value: number
  readonly unit: string
  readonly floor?: number
  readonly goal?: number
  /** Whether less is better. */
  readonly below?: boolean
  /** All samples behind the median. */
  readonly samples: readonly number[]
  /** Other numbers worth keeping, in words. */
  readonly note?: string
}

export function median(values: readonly number[]): number {
  const sorted = [...values].toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length % 2 === 1) return sorted[middle] as number
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] as number
}

/** Whether the figure keeps its floor; null when it has none. */
export function keepsFloor({ value, floor, below }: Figure): boolean | null {
  if (floor === undefined) return null
  return below === true ? value <= floor : value >= floor
}

/** One line of the report. */
export function line(figure: Figure): string {
  const kept = keepsFloor(figure)
  const mark = kept === null ? '  ' : kept ? 'ok' : 'NO'
  const bounds = figure.floor === undefined ? '' : `  floor ${figure.floor}, goal ${figure.goal}`
  const value = `${round(figure.value)} ${figure.unit}`
  const note = figure.note === undefined ? '' : `  (${figure.note})`
  return `${mark}  ${figure.name.padEnd(58)} ${value.padStart(16)}${bounds}${note}`
}

export function round(value: number): number {
  if (Math.abs(value) >= 1000) return Math.round(value)
  return Math.round(value * 1000) / 1000
}
