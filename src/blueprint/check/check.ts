// The publication check: every node runs it before it accepts a blueprint, and all come to the same
// faults in the same order. Names first, then circles, because the other rules mean nothing without
// them; then everything else together, so that an author sees all of it at once.
import type { Blueprint, EvidenceType, Fault, Scenario, TypeBook } from '#blueprint/grammar'
import { blueprintBytesMax, textOf } from '#blueprint/grammar'
import { utf8Encode } from '#base/bytes'
import { dataFaults, typeFaults } from './data.ts'
import { fault, warnings } from './faults.ts'
import { cycleFaults, flowFaults } from './flow.ts'
import type { Draft } from './graph.ts'
import { graphOf } from './graph.ts'
import { lawFaults } from './law.ts'
import { idleFaults, nameFaults } from './names.ts'
import { ruleFaults } from './rules.ts'
import { scenarioFaults } from './scenarios.ts'
import { subjectFaults } from './subjects.ts'

/** What is judged: a blueprint, the vocabulary, its scenarios, and the day of publication. */
export type Submission = {
  readonly blueprint: Blueprint
  readonly types: TypeBook
  readonly scenarios: readonly Scenario[]
  /** A day as a number of #blueprint/time. */
  readonly day: number
}

/** The verdict: without faults a blueprint may be published; warnings are told to whoever signs. */
export type Verdict = { readonly faults: readonly Fault[]; readonly warnings: readonly Fault[] }

/** At most so many faults are reported. */
export const verdictFaultsMax = 200

/** Judges a publication. */
export function checkPublication({ blueprint, types, scenarios, day }: Submission): Verdict {
  const graph = graphOf(blueprint)
  const draft: Draft = { blueprint, types, day, graph }
  const names = nameFaults(draft)
  if (names.length > 0) return verdict(names)
  const circles = cycleFaults(draft)
  if (circles.length > 0) return verdict(circles)
  const bytes = utf8Encode(textOf(blueprint)).length
  const size = bytes > blueprintBytesMax ? [fault('check/too-large', '', `${bytes}`)] : []
  return verdict([
    ...size,
    ...namedTypes(draft).flatMap((type) => typeFaults(type)),
    ...idleFaults(draft),
    ...lawFaults(draft),
    ...flowFaults(draft),
    ...subjectFaults(draft),
    ...dataFaults(draft),
    ...ruleFaults(draft),
    ...scenarioFaults(draft, scenarios),
  ])
}

function namedTypes({ blueprint, types }: Draft): readonly EvidenceType[] {
  const names = new Set(Object.values(blueprint.evidence).map(({ type }) => type))
  return [...names].sort((a, b) => (a < b ? -1 : 1)).map((name) => types.get(name) as EvidenceType)
}

function verdict(found: readonly Fault[]): Verdict {
  const faults = found.filter(({ code }) => !warnings.has(code))
  return {
    faults: faults.slice(0, verdictFaultsMax),
    warnings: found.filter(({ code }) => warnings.has(code)),
  }
}
