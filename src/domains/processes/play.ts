// Scenarios of a publication: what an author promises about whole cases. Here they are read; a list
// that is none, or that has more than the language allows, is refused.
import { decodeCanonical } from '#base/canonical'
import type { Refusal } from '#ledger/command'
import type { Publication, Scenario, TypeBook } from '#blueprint/grammar'
import { decodeScenario, isDecoded, scenariosMax } from '#blueprint/grammar'
import { no } from './command.ts'

/** Longest canonical text of all scenarios, in UTF-16 code units. */
const scenariosTextMax = 524_288

/** The scenarios of a document's text, or null. Untrusted. */
export function scenariosOf(text: string | null): readonly Scenario[] | null {
  const list = text === null ? null : decodeCanonical(text, { lengthMax: scenariosTextMax })
  if (!Array.isArray(list) || list.length > scenariosMax) return null
  const scenarios: Scenario[] = []
  for (const each of list) {
    const scenario = decodeScenario(each)
    if (!isDecoded(scenario)) return null
    scenarios.push(scenario)
  }
  return scenarios
}

/** Why a publication's scenarios refuse it, or null. `day` is that of publication. */
export function playScenarios(
  publication: Publication,
  scenarios: readonly Scenario[],
  _types: TypeBook,
  _day: number,
): Refusal | null {
  return scenarios.length === 0 && Object.keys(publication.blueprint.acts).length > 0
    ? no('processes/scenario-failed')
    : null
}
