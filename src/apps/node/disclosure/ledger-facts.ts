// The ledger's side of disclosures, read from the domains: permits from sharing, commitments from
// processes, and fields with their places from the application to which the case is pinned.
import type { Reading } from '#ledger/validate'
import { byName } from '#blueprint/check'
import { isSubject } from '#blueprint/grammar'
import type { Blueprint } from '#blueprint/grammar'
import type { Application, CaseFacts } from '#domains/sharing'
import { fieldsFor, permitOf } from '#domains/sharing'
import type { LedgerPort } from '#apps/node/ledger-port'
import type { Facts, HeldName, HeldPart, PermitFacts, ShownField } from './facts.ts'

/** A commitment of an item, as domains/processes keeps it. */
export type ItemPart = {
  readonly c: string
  readonly from: string
  readonly element?: number
  readonly by: string
  /** Given by silence: nobody can open it. */
  readonly deemed?: true
}

/** The reads of domains/processes that disclosures rest on. */
export type CaseReads = {
  caseOf(view: Reading, id: string): CaseFacts | undefined
  itemOf(
    view: Reading,
    id: string,
    item: string,
  ):
    | { readonly gen: number; readonly void: boolean; readonly parts: readonly ItemPart[] }
    | undefined
  blueprintOf(view: Reading, identity: string): Application | undefined
}

/** The facts of a ledger's durable state. */
export function ledgerFacts(port: Pick<LedgerPort, 'view'>, cases: CaseReads): Facts {
  return {
    permit: (entry) => permitOf(port.view(), entry),
    held: (permit, name) => heldName({ view: port.view(), cases, permit }, name),
    shown: (permit, name) => shownFields({ view: port.view(), cases, permit }, name),
  }
}

type Place = { readonly view: Reading; readonly cases: CaseReads; readonly permit: PermitFacts }

function heldName(place: Place, name: string): HeldName | undefined {
  const { view, cases, permit } = place
  const known = cases.caseOf(view, permit.case)
  const application = known && cases.blueprintOf(view, known.blueprint)
  if (known === undefined || application === undefined) return undefined
  const slot = known.slots[name]
  if (slot !== undefined) return { ...heldSlot(permit, name, { application, slot }), gen: slot.gen }
  const item = cases.itemOf(view, permit.case, name)
  const evidence = application.blueprint.evidence[name]
  if (item === undefined || evidence === undefined) return undefined
  // What is given for each element of the list over which the act goes is read for its own alone.
  const one = isEach(application, permit, name) ? permit.element : undefined
  const own = item.parts.filter(({ element }) => one === undefined || element === one)
  const parts = own.filter(({ deemed }) => deemed !== true).map(partOf)
  return {
    kind: 'item',
    type: evidence.type,
    gen: item.gen,
    void: item.void,
    parts,
    about: tagsAbout(permit, evidence.about),
  }
}

function isEach({ blueprint, graph }: Application, { act }: PermitFacts, name: string): boolean {
  const list = act === undefined ? undefined : blueprint.acts[act]?.for
  if (list === undefined) return false
  return graph.givers.get(name)?.some((giver) => blueprint.acts[giver]?.for === list) === true
}

function heldSlot(
  permit: PermitFacts,
  name: string,
  of: { readonly application: Application; readonly slot: CaseFacts['slots'][string] },
): Omit<HeldName, 'gen'> {
  const { application, slot } = of
  const several = slot.commitments.length > 1
  const all = slot.commitments.map((commitment, element): HeldPart => {
    const by = slot.hosts?.[element] ?? slot.host
    const part = { commitment, from: 'slot', by }
    return several ? { ...part, element } : part
  })
  // Whoever looks up one person of several is shown that one alone.
  const about = application.blueprint.evidence[permit.supply ?? '']?.about
  const one = permit.supply !== undefined && several && about === name ? permit.element : undefined
  const parts = one === undefined ? all : all.filter(({ element }) => element === one)
  return { kind: 'slot', type: 'slot', void: !slot.filed, parts, about: tagsAbout(permit, name) }
}

function partOf({ c, from, element, by }: ItemPart): HeldPart {
  const part = { commitment: c, from, by }
  return element === undefined ? part : { ...part, element }
}

/** The names of the permit's tags that belong to a slot: the slot, or one a person of it. */
function tagsAbout({ slots }: PermitFacts, slot: string): readonly string[] {
  return slots.filter((tag) => tag === slot || tag.startsWith(`${slot}.`))
}

function shownFields(place: Place, name: string): readonly ShownField[] | null {
  const { view, cases, permit } = place
  const known = cases.caseOf(view, permit.case)
  const application = known && cases.blueprintOf(view, known.blueprint)
  if (known === undefined || application === undefined) return []
  const isSlot = known.slots[name] !== undefined
  const order = isSlot
    ? ['$', ...slotKeys(application.blueprint, name), 'tag']
    : ['$', ...fieldIds(application, name)]
  const purpose = permit.act === undefined ? { supply: permit.supply ?? '' } : { act: permit.act }
  const wanted = permit.only?.[name] ?? fieldsFor(application, purpose).get(name) ?? []
  const always = isSlot ? ['$', 'tag'] : ['$']
  const size = order.length
  return order.flatMap((path, index) =>
    always.includes(path) || wanted.includes(path) ? [{ path, index, size }] : [],
  )
}

function fieldIds({ blueprint, types }: Application, item: string): readonly string[] {
  const type = types.get(blueprint.evidence[item]?.type ?? '')
  return (type?.fields ?? []).map(({ id }) => id)
}

/** The keys of a slot in the order in which its record commits to them. */
function slotKeys({ objects = {}, parties }: Blueprint, slot: string): readonly string[] {
  const object = objects[slot]
  if (object !== undefined) return byName(Object.keys(object.key))
  const party = parties[slot]
  return party !== undefined && isSubject(party) ? ['code', 'name'] : ['code']
}
