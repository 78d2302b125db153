// What a party must be shown to judge an act: what the act reads, and besides the fields that bind
// its parties and hold its agents.
import { byName, fieldOfPath, itemOfPath } from '#blueprint/check'
import { classOf, isSubject, listOf } from '#blueprint/grammar'
import type { Judge } from './compile.ts'

/** Names with what of them is needed: fields of items, keys of slots; each rises by name. */
export type Needed = {
  readonly items: { readonly [item: string]: readonly string[] }
  readonly slots: { readonly [slot: string]: readonly string[] }
}

/** What must be shown for an act. Sealed fields are never among it. */
export function neededFor(judge: Judge, act: string): Needed {
  const judged = judge.acts.get(act)
  if (judged === undefined) return { items: {}, slots: {} }
  const { evidence, parties, objects = {} } = judge.blueprint
  const items = new Map<string, Set<string>>()
  const slots = new Map<string, Set<string>>()
  const add = (to: Map<string, Set<string>>, name: string, parts: readonly string[]): void => {
    to.set(name, new Set([...(to.get(name) ?? []), ...parts]))
  }
  for (const { item, fields } of judged.reads) {
    if (Object.hasOwn(evidence, item)) add(items, item, fields ?? openFields(judge, item))
    else add(slots, item, fields ?? keysOf(judge, item))
  }
  if (judged.act.for !== undefined) add(items, judged.act.for, [])
  for (const name of listOf(judged.act.by)) {
    const party = parties[name]
    if (party === undefined) continue
    if (party.of !== undefined) add(items, itemOfPath(party.of), [fieldOfPath(party.of)])
    else if (isSubject(party)) add(slots, name, keysOf(judge, name))
    const { mandate } = party
    if (mandate === undefined || !mandate.acts.includes(act)) continue
    add(items, mandate.item, openFields(judge, mandate.item))
    if (mandate.object !== undefined && Object.hasOwn(objects, mandate.object)) {
      add(slots, mandate.object, keysOf(judge, mandate.object))
    }
    const gives = listOf(judged.act.gives)
    for (const path of [...listOf(mandate.price), ...listOf(mandate.payee)]) {
      if (!gives.includes(itemOfPath(path))) add(items, itemOfPath(path), [fieldOfPath(path)])
    }
  }
  return { items: sorted(items), slots: sorted(slots) }
}

function sorted(names: ReadonlyMap<string, ReadonlySet<string>>): {
  readonly [name: string]: readonly string[]
} {
  return Object.fromEntries(
    byName(names.keys()).map((name) => [name, byName(names.get(name) ?? [])]),
  )
}

function openFields(judge: Judge, item: string): readonly string[] {
  const fields = judge.items.get(item)?.type.fields ?? []
  return fields.filter((field) => classOf(field) !== 'sealed').map(({ id }) => id)
}

function keysOf({ blueprint }: Judge, slot: string): readonly string[] {
  const object = (blueprint.objects ?? {})[slot]
  if (object !== undefined) return Object.keys(object.key)
  const party = blueprint.parties[slot]
  return party !== undefined && isSubject(party) ? ['code', 'name'] : ['code']
}
