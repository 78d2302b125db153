// What every view is derived from: a published blueprint, its types and its graph. Views are
// functions of these and of nothing else, so two nodes show the same.
import type { Blueprint, Law, TextPack, TypeBook } from '#blueprint/grammar'
import type { Graph } from '#blueprint/check'
import { graphOf } from '#blueprint/check'

/** A published application. */
export type Source = {
  readonly blueprint: Blueprint
  readonly types: TypeBook
  readonly graph: Graph
}

/** The source of a blueprint that passed the check. */
export function sourceOf(blueprint: Blueprint, types: TypeBook): Source {
  return { blueprint, types, graph: graphOf(blueprint) }
}

/** How an article is printed: one that nobody has read says so wherever it stands. */
export function citeOf(law: Law): string {
  return law.unread === true ? `${law.cite} [?]` : law.cite
}

/** The articles of some names, printed in their order. */
export function citesOf({ law }: Blueprint, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const article = law[name]
    return article === undefined ? [] : [citeOf(article)]
  })
}

/** The title of an act, item or party in a language, or its name where the pack has none. */
export function titleIn(lines: TextPack['acts'] | undefined, name: string): string {
  return lines?.[name] ?? name
}
