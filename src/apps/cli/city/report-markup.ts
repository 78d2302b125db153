// The small forms of which the page of a data report is made: words in two languages of which one
// is shown, names that are quoted and never translated, tables that become cards on a narrow
// screen, and rows as ranges. Whatever comes from a source is quoted through `quoted`.
import type { Text } from '#apps/cli/output'
import type { RowRange } from '#apps/node/loading'

/** Names from outside are shown up to this many characters. */
const nameMax = 120

/** A sentence in both languages; the switch at the top of the page shows one of them. */
export function both({ zh, en }: Text): string {
  return `<span class="z" lang="zh-CN">${safe(zh)}</span><span class="e" lang="en">${safe(en)}</span>`
}

/** The same of markup that is sound already. */
export function bothMarked(zh: string, en: string): string {
  return `<span class="z" lang="zh-CN">${zh}</span><span class="e" lang="en">${en}</span>`
}

/** A name as its owner wrote it: it is not translated and steers neither page nor direction. */
export function quoted(name: string): string {
  const points = Array.from(name)
  const shown = points.length <= nameMax ? name : `${points.slice(0, nameMax).join('')}…`
  return `<bdi translate="no">${safe(shown)}</bdi>`
}

/** A name of a program: a code, a file, a table. */
export function coded(name: string): string {
  return `<code translate="no">${safe(name)}</code>`
}

/** A count with its thousands apart. */
export function counted(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** Text of a page: nothing of it is markup or steers the direction of a line. Untrusted. */
export function safe(value: string): string {
  return value
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

export type Head = Text & { readonly number?: true }

/**
 * A table whose first cells are the heads of its rows. On a narrow screen its rows are cards, and
 * each cell says its column itself; roles keep it a table for whoever listens to it.
 */
export function table(
  caption: Text,
  heads: readonly Head[],
  rows: readonly (readonly string[])[],
  kindOfTable = '',
): string {
  const kind = ({ number }: Head): string => (number === true ? ' class="n"' : '')
  const head = heads.map((each) => {
    return `<th scope="col" role="columnheader"${kind(each)}>${both(each)}</th>`
  })
  const body = rows.map((cells) => {
    const own = cells.map((cell, at) => {
      const of = heads[at] ?? { zh: '', en: '' }
      if (at === 0) return `<th scope="row" role="rowheader">${cell}</th>`
      const label = `<span class="h" aria-hidden="true">${both(of)}</span>`
      return `<td role="cell"${kind(of)}>${label}<div>${cell}</div></td>`
    })
    return `<tr role="row">${own.join('')}</tr>`
  })
  const named = kindOfTable === '' ? '' : ` class="${kindOfTable}"`
  return `<table role="table"${named}><caption>${both(caption)}</caption>
<thead role="rowgroup"><tr role="row">${head.join('')}</tr></thead>
<tbody role="rowgroup">
${body.join('\n')}
</tbody></table>`
}

/** Something that is opened by whoever wants to see it. */
export function folded(title: string, content: string): string {
  return `<details><summary>${title}</summary>${content}</details>`
}

/** How many ranges stand in the open, and how many at most on the page; programs get them all. */
const openMax = 12
const rangesMax = 500

/** Rows as ranges: a few in the open, more of them folded, the rest counted. */
export function rowsOf(rows: readonly RowRange[]): string {
  const shown = rows.slice(0, rangesMax).map(([from, to]) => {
    return from === to ? `${from}` : `${from}–${to}`
  })
  const rest = rows.slice(rangesMax).reduce((sum, [from, to]) => sum + to - from + 1, 0)
  const more =
    rest === 0
      ? ''
      : `<p>${bothMarked(
          `另有 ${counted(rest)} 行，全部列在 .json 报告中`,
          `and ${counted(rest)} more rows: all stand in the .json report`,
        )}</p>`
  const list = `<span class="rows" translate="no">${shown.join(', ')}</span>`
  const total = rows.reduce((sum, [from, to]) => sum + to - from + 1, 0)
  const word = total === 1 ? 'row' : 'rows'
  if (rows.length <= openMax)
    return `${bothMarked('第 ', `${word} `)}${list}${bothMarked(' 行', '')}`
  return folded(bothMarked(`${counted(total)} 行`, `${counted(total)} ${word}`), list + more)
}
