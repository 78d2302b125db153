// How long an application takes: the longest chain of times over what waits for what, and the sum
// that it would be if one came after the other.
import type { Act } from '#blueprint/grammar'
import { parseSpan } from '#blueprint/time'
import type { Unit } from '#blueprint/time'
import { ancestorsOf } from '#blueprint/check'
import type { Source } from './source.ts'

/** Spans added up, by unit. Working days and days are not converted: the calendar decides. */
export type Spans = { readonly [unit in Unit]?: number }

export type CriticalPath = {
  /** Acts of the longest chain that the result needs, in order. */
  readonly chain: readonly string[]
  readonly takes: Spans
  /** All acts that the result waits for, one after the other. */
  readonly inSequence: Spans
}

/** Days by which chains are compared; only the order matters. */
const weights: { readonly [unit in Unit]: number } = { wd: 7, d: 5, m: 150, y: 1_825 }

type Chain = { readonly acts: readonly string[]; readonly weight: number }

/**
 * The longest chain of an application. With `least` only what the result cannot be without counts,
 * else also what it waits for where it applies.
 */
export function criticalPathOf(source: Source, least = false): CriticalPath {
  const { blueprint, graph } = source
  const awaited = new Set(graph.main)
  if (!least) {
    for (const name of graph.main) for (const each of ancestorsOf(graph, name)) awaited.add(each)
  }
  const chains = new Map<string, Chain>()
  let longest: Chain = { acts: [], weight: 0 }
  for (const name of graph.levels.flat()) {
    if (!awaited.has(name)) continue
    let before: Chain = { acts: [], weight: 0 }
    for (const each of graph.before.get(name) ?? []) {
      const chain = chains.get(each)
      if (chain !== undefined && chain.weight > before.weight) before = chain
    }
    const chain = {
      acts: [...before.acts, name],
      weight: before.weight + weightOf(blueprint.acts[name] as Act),
    }
    chains.set(name, chain)
    if (chain.weight > longest.weight) longest = chain
  }
  const timed = longest.acts.filter((name) => blueprint.acts[name]?.within !== undefined)
  return {
    chain: timed,
    takes: sumOf(source, timed),
    inSequence: sumOf(
      source,
      graph.acts.filter((name) => awaited.has(name)),
    ),
  }
}

function weightOf({ within }: Act): number {
  const span = within === undefined ? null : parseSpan(within)
  return span === null ? 0 : span.count * weights[span.unit]
}

function sumOf({ blueprint }: Source, acts: readonly string[]): Spans {
  const sum: { [unit in Unit]?: number } = {}
  for (const name of acts) {
    const span = parseSpan(blueprint.acts[name]?.within ?? '')
    if (span !== null) sum[span.unit] = (sum[span.unit] ?? 0) + span.count
  }
  return sum
}
