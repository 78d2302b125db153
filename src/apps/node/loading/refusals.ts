// What was refused of a source, by reason and column, rows as ranges: a list of a million rows in
// which every one is bad costs some megabytes and not the memory of the machine. Nothing is left
// out: every row and cell can be had back in the order of the source.

/** A reason for which a row is left out; `at` is an address as spreadsheets have it. */
export type Refused = {
  readonly row: number
  readonly at: string
  readonly column: string | null
  readonly code: string
}

/** Rows from the first to the last, both included. */
export type RowRange = readonly [first: number, last: number]

/** One reason in one column, or about whole rows where there is no letter. */
export type Refusal = {
  readonly code: string
  readonly letter: string | null
  readonly column: string | null
  /** How many times; a row can be named twice. */
  readonly count: number
  readonly rows: readonly RowRange[]
}

type Group = {
  readonly code: string
  readonly letter: string | null
  readonly column: string | null
  count: number
  /** First and last row of each range, one after the other, as they came. */
  readonly bounds: number[]
}

/** Collects what is refused while a source is read. */
export class Refusals {
  readonly #groups: Map<string, Group> = new Map()
  count = 0

  static of(all: Iterable<Refused>): Refusals {
    const refusals = new Refusals()
    for (const each of all) refusals.add(each)
    return refusals
  }

  add({ row, at, column, code }: Refused): void {
    const letter = at.replace(/\d+$/, '')
    const word = `${code} ${letter}`
    let group = this.#groups.get(word)
    if (group === undefined) {
      group = { code, letter: letter === '' ? null : letter, column, count: 0, bounds: [] }
      this.#groups.set(word, group)
    }
    const { bounds } = group
    const last = bounds.length - 1
    if (bounds[last] === row - 1) bounds[last] = row
    else if (bounds[last] !== row) bounds.push(row, row)
    group.count += 1
    this.count += 1
  }

  /** Every reason and column, in the order in which they were first met. */
  groups(): readonly Refusal[] {
    return [...this.#groups.values()].map(({ bounds, ...group }) => {
      const rows: RowRange[] = []
      for (let at = 0; at < bounds.length; at += 2) {
        rows.push([bounds[at] as number, bounds[at + 1] as number])
      }
      return { ...group, rows }
    })
  }

  /** Every refused row and cell in the order of the source. For small lists. */
  list(): readonly Refused[] {
    const all = this.groups().flatMap(({ code, letter, column, rows }) =>
      rows.flatMap(([first, last]) =>
        Array.from({ length: last - first + 1 }, (_, more) => {
          const row = first + more
          return { row, at: `${letter ?? ''}${row}`, column, code }
        }),
      ),
    )
    return all.toSorted((a, b) => a.row - b.row)
  }
}
