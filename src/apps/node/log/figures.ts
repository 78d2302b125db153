// Counters, gauges and histograms in the text format of Prometheus. Label values are names of the
// program (routes, codes, states), so that their number is bounded and nobody stands in a figure.

/** A number that only grows, by one label value. */
export class Counter {
  readonly #head: string
  readonly #name: string
  readonly #label: string
  readonly #values: Map<string, number> = new Map()

  constructor(name: string, help: string, label: string) {
    this.#head = `# HELP ${name} ${help}\n# TYPE ${name} counter\n`
    this.#name = name
    this.#label = label
  }

  add(value: string, by = 1): void {
    this.#values.set(value, (this.#values.get(value) ?? 0) + by)
  }

  text(): string {
    let text = this.#head
    for (const [value, count] of this.#values) {
      text += `${this.#name}{${this.#label}="${value}"} ${count}\n`
    }
    return text
  }
}

/** A distribution over fixed bounds, each the upper end of its part. */
export class Histogram {
  readonly #head: string
  readonly #name: string
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0
  #count = 0

  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#head = `# HELP ${name} ${help}\n# TYPE ${name} histogram\n`
    this.#name = name
    this.#bounds = bounds
    this.#counts = bounds.map(() => 0)
  }

  observe(value: number): void {
    this.#sum += value
    this.#count += 1
    let at = 0
    while (at < this.#bounds.length && value > (this.#bounds[at] ?? 0)) at += 1
    if (at < this.#counts.length) this.#counts[at] = (this.#counts[at] ?? 0) + 1
  }

  text(): string {
    let text = this.#head
    let below = 0
    for (const [at, bound] of this.#bounds.entries()) {
      below += this.#counts[at] ?? 0
      text += `${this.#name}_bucket{le="${bound}"} ${below}\n`
    }
    text += `${this.#name}_bucket{le="+Inf"} ${this.#count}\n`
    return `${text}${this.#name}_sum ${this.#sum}\n${this.#name}_count ${this.#count}\n`
  }
}

/** A number as it is now, with or without labels. */
export function gauge(name: string, help: string, values: readonly Sample[]): string {
  const lines = values.map(({ labels, value }) => `${name}${labels ?? ''} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`
}

export type Sample = { readonly labels?: string; readonly value: number }
