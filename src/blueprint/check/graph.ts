// The graph that an application is: which act gives what another reads, and therefore in which
// order things can happen. Order, parallel work and what a result rests on are found here and
// nowhere written. Everything runs in the order of names, never in that of a file.
import type { Act, Blueprint, Read, TypeBook } from '#blueprint/grammar'
import { isRead, listOf, parseRead } from '#blueprint/grammar'

/** A blueprint with its types, the day of publication, and the graph. */
export type Draft = {
  readonly blueprint: Blueprint
  readonly types: TypeBook
  /** The day of publication, as a number of #blueprint/time. */
  readonly day: number
  readonly graph: Graph
}

/** One read of an act with its place in the list. */
export type ReadAt = Read & { readonly at: number }

export type Graph = {
  /** Acts by name, in the order of their names. */
  readonly acts: readonly string[]
  readonly reads: ReadonlyMap<string, readonly ReadAt[]>
  /** The acts that give an item. */
  readonly givers: ReadonlyMap<string, readonly string[]>
  /** The acts that must be settled before an act can open. */
  readonly before: ReadonlyMap<string, readonly string[]>
  /** Acts and items of a circle, if there is one. */
  readonly cycle: readonly string[] | null
  /** Acts by level: those of a level wait only for earlier levels. Empty if there is a circle. */
  readonly levels: readonly (readonly string[])[]
  /** Acts without which the result cannot be. */
  readonly main: ReadonlySet<string>
}

/** Names in their one order, by UTF-16 code unit. */
export function byName(names: Iterable<string>): string[] {
  return [...new Set(names)].sort((a, b) => (a < b ? -1 : 1))
}

/** The graph of a blueprint. Names that nothing declares lead nowhere. */
export function graphOf(blueprint: Blueprint): Graph {
  const acts = byName(Object.keys(blueprint.acts))
  const reads = new Map(acts.map((act) => [act, readsOf(blueprint.acts[act] as Act)]))
  const givers = giversOf(blueprint, acts)
  const needs = neighboursOf(blueprint, { acts, reads, givers })
  const cycle = circleOf(needs)
  const before = new Map(acts.map((act) => [act, cycle === null ? actsBefore(needs, act) : []]))
  const levels = cycle === null ? levelsOf(acts, before) : []
  return { acts, reads, givers, before, cycle, levels, main: mainOf(blueprint, reads, givers) }
}

function readsOf(act: Act): readonly ReadAt[] {
  return (act.reads ?? []).flatMap((text, at) => {
    const read = parseRead(text)
    return isRead(read) ? [{ ...read, at }] : []
  })
}

function giversOf(
  blueprint: Blueprint,
  acts: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const givers = new Map<string, string[]>()
  for (const act of acts) {
    for (const item of listOf(blueprint.acts[act]?.gives)) {
      givers.set(item, [...(givers.get(item) ?? []), act])
    }
  }
  return givers
}

/** The item in which a path or a slot's binding stands. */
export function itemOfPath(path: string): string {
  return path.slice(0, path.indexOf('.'))
}

/** The field that a path `item.field` names. */
export function fieldOfPath(path: string): string {
  return path.slice(path.indexOf('.') + 1)
}

/**
 * The item from which a slot is bound before anybody can act for it; none if it files by itself.
 */
function bindingOf({ parties, objects = {} }: Blueprint, slot: string): readonly string[] {
  const object = objects[slot]
  if (object !== undefined) return bindingOf({ parties } as Blueprint, object.by)
  const party = parties[slot]
  if (party?.of === undefined || party.files === true) return []
  return [itemOfPath(party.of)]
}

/**
 * The items without which an act cannot open, optional ones too, each once in order. Whoever acts
 * is whom evidence names, also if he files by himself, so that evidence comes before his act.
 */
export function itemsBefore(blueprint: Blueprint, act: Act, reads: readonly Read[]): string[] {
  const { evidence, parties } = blueprint
  const named = listOf(act.by).flatMap((party) => listOf(parties[party]?.of))
  return byName([
    ...reads.map(({ item }) => item).filter((item) => Object.hasOwn(evidence, item)),
    ...reads.flatMap(({ item }) => bindingOf(blueprint, item)),
    ...named.map(itemOfPath),
    ...(act.consent === undefined ? [] : [act.consent]),
    ...(act.for === undefined ? [] : [act.for]),
  ])
}

type Parts = Pick<Graph, 'acts' | 'reads' | 'givers'>

// Acts and items in one graph: `act x` waits for `item y`, and that for the acts that give it or,
// where a source supplies it, for the item that says about whom it is.
function neighboursOf(blueprint: Blueprint, parts: Parts): ReadonlyMap<string, readonly string[]> {
  const { evidence, acts } = blueprint
  const needs = new Map<string, readonly string[]>()
  for (const name of parts.acts) {
    const act = acts[name] as Act
    const items = itemsBefore(blueprint, act, parts.reads.get(name) ?? [])
    needs.set(`act ${name}`, [
      ...items.map((item) => `item ${item}`),
      ...byName(act.after ?? []).map((other) => `act ${other}`),
    ])
  }
  for (const item of byName(Object.keys(evidence))) {
    const { from, key = [], about } = evidence[item] as (typeof evidence)[string]
    const slots = from === undefined ? [] : [from, about, ...key.map(itemOfPath)]
    needs.set(`item ${item}`, [
      ...(parts.givers.get(item) ?? []).map((act) => `act ${act}`),
      ...byName(slots.flatMap((slot) => bindingOf(blueprint, slot))).map((each) => `item ${each}`),
    ])
  }
  return needs
}

// A walk in depth with its own stack, so that its depth is that of the graph and not of the engine.
function circleOf(needs: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>()
  for (const start of needs.keys()) {
    const path: { readonly node: string; next: number }[] = [{ node: start, next: 0 }]
    while (path.length > 0) {
      const top = path.at(-1) as { readonly node: string; next: number }
      const next = done.has(top.node) ? undefined : needs.get(top.node)?.[top.next]
      top.next += 1
      if (next === undefined) {
        done.add(top.node)
        path.pop()
        continue
      }
      const from = path.findIndex(({ node }) => node === next)
      if (from >= 0) return path.slice(from).map(({ node }) => node.slice(node.indexOf(' ') + 1))
      if (!done.has(next)) path.push({ node: next, next: 0 })
    }
  }
  return null
}

/** The acts directly before an act: past items, not past acts. */
function actsBefore(needs: ReadonlyMap<string, readonly string[]>, act: string): readonly string[] {
  const found = new Set<string>()
  const seen = new Set<string>()
  const queue = [...(needs.get(`act ${act}`) ?? [])]
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    if (node.startsWith('act ')) found.add(node.slice(4))
    else queue.push(...(needs.get(node) ?? []))
  }
  return byName(found)
}

function levelsOf(
  acts: readonly string[],
  before: ReadonlyMap<string, readonly string[]>,
): readonly (readonly string[])[] {
  const levels: (readonly string[])[] = []
  const done = new Set<string>()
  while (done.size < acts.length) {
    const level = acts.filter(
      (act) => !done.has(act) && (before.get(act) ?? []).every((each) => done.has(each)),
    )
    // An act that waits for one that nobody declares has no level.
    if (level.length === 0) break
    for (const act of level) done.add(act)
    levels.push(level)
  }
  return levels
}

/**
 * The acts that the result needs: its givers, and the givers of all that these cannot do
 * without.
 */
function mainOf(
  blueprint: Blueprint,
  reads: ReadonlyMap<string, readonly Read[]>,
  givers: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const main = new Set<string>()
  const queue = [...blueprint.result]
  const seen = new Set<string>()
  for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
    if (seen.has(item)) continue
    seen.add(item)
    for (const name of givers.get(item) ?? []) {
      main.add(name)
      const act = blueprint.acts[name] as Act
      const needed = (reads.get(name) ?? []).filter(({ optional }) => !optional)
      queue.push(...itemsBefore(blueprint, act, needed))
    }
    const { from, about, key = [] } = blueprint.evidence[item] ?? {}
    if (from !== undefined) {
      const slots = [from, about ?? '', ...key.map(itemOfPath)]
      queue.push(...slots.flatMap((slot) => bindingOf(blueprint, slot)))
    }
  }
  return main
}

/** Every act that an act waits for, directly or through others. */
export function ancestorsOf(graph: Graph, act: string): ReadonlySet<string> {
  const found = new Set<string>()
  const queue = [...(graph.before.get(act) ?? [])]
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue
    found.add(name)
    queue.push(...(graph.before.get(name) ?? []))
  }
  return found
}
