// The domain of sharing: its commands over the cases of domains/processes, its codes, and the map
// of use tags by month.
import type { Domain } from '#ledger/apply'
import type { Reading } from '#ledger/validate'
import { blueprintOf, caseOf, consentLives, itemOf, owed, standingOf } from '#domains/processes'
import type { Cases, OpenLine } from './cases.ts'
import { catalogueTypes } from './catalogue.ts'
import { closingTypes } from './closing.ts'
import { permitType } from './permit.ts'
import { sharingCodes } from './plan.ts'
import { usesPrefix } from './records.ts'
import { viewsType, watchType } from './watch.ts'

/** The domain over these cases. */
export function sharingOver(cases: Cases): Domain {
  return {
    name: 'sharing',
    types: [permitType(cases), ...closingTypes, watchType(cases), viewsType, ...catalogueTypes],
    codes: sharingCodes,
    maps: [{ prefix: usesPrefix, map: 'uses', bySegment: true }],
  }
}

/** Cases as domains/processes has them. */
export const cases: Cases = { blueprintOf, caseOf, consentLives, itemOf, openAct, owed }

/** One act alone: whether others are open, and until when, costs more and is not asked. */
function openAct(view: Reading, id: string, name: string, element?: number): OpenLine | undefined {
  const standing = standingOf(view, id)
  const act = standing?.compiled.acts.get(name)
  if (standing === undefined || act === undefined) return undefined
  if (standing.closed(act, element) !== null) return undefined
  return { recorders: standing.recorders(act, element) }
}

/** The domain over the cases of domains/processes. */
export const sharing: Domain = sharingOver(cases)
