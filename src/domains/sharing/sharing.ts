// The domain of sharing: its commands over the cases of domains/processes, its codes, and the map
// of use tags by month.
import type { Domain } from '#ledger/apply'
import { blueprintOf, caseOf, consentLives, itemOf, openActs, owed } from '#domains/processes'
import type { Cases } from './cases.ts'
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
export const cases: Cases = { blueprintOf, caseOf, consentLives, itemOf, openActs, owed }

/** The domain over the cases of domains/processes. */
export const sharing: Domain = sharingOver(cases)
