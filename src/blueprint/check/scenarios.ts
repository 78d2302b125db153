// Embedded scenarios: they name what the blueprint has, their values fit the types, and together
// they show the result delivered and a refusal where one can happen. That they come true is played
// by the case kernel; here nothing is executed.
import type { Json } from '#base/canonical'
import type { Blueprint, EvidenceType, Fault, Scenario, Step } from '#blueprint/grammar'
import { fieldOf, join, listOf, scenariosMax, valueFaults } from '#blueprint/grammar'
import { fault } from './faults.ts'
import type { Draft } from './graph.ts'
import { hasKey } from './names.ts'

/** Everything that is wrong with the scenarios of a blueprint. */
export function scenarioFaults(draft: Draft, scenarios: readonly Scenario[]): readonly Fault[] {
  const found: Fault[] = []
  if (scenarios.length > scenariosMax) {
    found.push(fault('check/too-many-scenarios', 'scenarios', `${scenariosMax}`))
  }
  const ids = scenarios.map(({ id }) => id)
  scenarios.forEach((scenario, at) => {
    const place = `scenarios.${scenario.id}`
    if (ids.indexOf(scenario.id) < at) {
      found.push(fault('check/scenario-duplicate', place, scenario.id))
    }
    found.push(...storyFaults(draft, scenario, place))
  })
  return [...found, ...coverageFaults(draft.blueprint, scenarios)]
}

function coverageFaults({ acts }: Blueprint, scenarios: readonly Scenario[]): Fault[] {
  const outcomes = scenarios.map(({ expect }) => expect.outcome)
  const refusable = Object.values(acts).some(({ no }) => no?.ends === 'case')
  const missing = [
    ...(outcomes.includes('delivered') ? [] : ['delivered']),
    ...(refusable && !outcomes.includes('refused') ? ['refused'] : []),
  ]
  return missing.map((outcome) => fault('check/no-scenario', 'scenarios', outcome))
}

function storyFaults(
  draft: Draft,
  { steps, players, day, expect }: Scenario,
  place: string,
): Fault[] {
  const { blueprint } = draft
  let today = day
  const found = steps.flatMap((step, at) => {
    const spot = `${place}.steps.${at}`
    const backwards = step.day !== undefined && step.day <= today
    const late = backwards ? [fault('check/scenario-backwards', `${spot}.day`, step.day)] : []
    today = step.day ?? today
    return [...late, ...stepFaults(draft, step, players, spot)]
  })
  const unknown = (member: string, names: readonly string[], known: object): Fault[] =>
    names
      .filter((name) => !Object.hasOwn(known, name))
      .map((name) => fault('check/scenario-unknown', `${place}.expect.${member}`, name))
  return [
    ...found,
    ...unknown('open', expect.open ?? [], blueprint.acts),
    ...unknown('items', Object.keys(expect.items ?? {}), blueprint.evidence),
    ...unknown('settled', Object.keys(expect.settled ?? {}), blueprint.acts),
  ]
}

function stepFaults(
  draft: Draft,
  step: Step,
  players: Scenario['players'],
  place: string,
): Fault[] {
  const { acts, evidence, parties } = draft.blueprint
  const named: readonly (readonly [string, string | undefined, object])[] = [
    ['who', step.who, players],
    ['party', step.party, parties],
    ['act', step.act, acts],
    ['item', step.item, evidence],
    ...(step.items ?? []).map((item) => ['items', item, evidence] as const),
  ]
  const strange = named.flatMap(([member, name, known]) =>
    name === undefined || Object.hasOwn(known, name)
      ? []
      : [fault('check/scenario-unknown', join(place, member), name)],
  )
  if (strange.length > 0) return strange
  return [...detailFaults(draft, step, place), ...stepValueFaults(draft, step, place)]
}

function detailFaults({ blueprint, types }: Draft, step: Step, place: string): Fault[] {
  const { acts, evidence, objects = {} } = blueprint
  const found: Fault[] = []
  if (step.do === 'no' && !Object.hasOwn(acts[step.act ?? '']?.no?.codes ?? {}, step.code ?? '')) {
    found.push(fault('check/scenario-unknown', join(place, 'code'), step.code))
  }
  const type = types.get(evidence[step.item ?? '']?.type ?? '')
  if (step.field !== undefined && type !== undefined && fieldOf(type, step.field) === undefined) {
    found.push(fault('check/scenario-unknown', join(place, 'field'), step.field))
  }
  for (const [object, keys] of Object.entries(step.objects ?? {})) {
    const fitting = Object.hasOwn(objects, object)
      ? Object.keys(keys).every((key) => hasKey(blueprint, object, key))
      : false
    if (!fitting)
      found.push(fault('check/scenario-unknown', join(place, `objects.${object}`), object))
  }
  return found
}

/** A value that is given fits its type; one that must be refused may be anything. */
function stepValueFaults({ blueprint, types }: Draft, step: Step, place: string): readonly Fault[] {
  const { value } = step
  if (value === undefined || value === null || step.refused !== undefined) return []
  const { acts, evidence } = blueprint
  const path = join(place, 'value')
  const gives = step.act === undefined ? listOf(step.item) : listOf(acts[step.act]?.gives)
  const typeOf = (item: string): EvidenceType =>
    types.get(evidence[item]?.type ?? '') as EvidenceType
  const fits = (item: string, given: Json, at: string): readonly Fault[] => {
    // Persons supply a list element by element; an act gives the list as a whole.
    if (evidence[item]?.many !== true || step.act === undefined || !Array.isArray(given)) {
      return valueFaults(typeOf(item), given, at)
    }
    return given.flatMap((each: Json, index) => valueFaults(typeOf(item), each, `${at}.${index}`))
  }
  const [only] = gives
  if (only === undefined) return [fault('check/scenario-unknown', path, step.act)]
  if (gives.length === 1) return fits(only, value, path)
  if (typeof value !== 'object' || Array.isArray(value))
    return [fault('check/scenario-unknown', path)]
  const members = value as { readonly [item: string]: Json }
  return gives.flatMap((item) => fits(item, members[item] ?? null, join(path, item)))
}
