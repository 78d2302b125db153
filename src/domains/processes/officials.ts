// What officials do beside their acts.
import type { CommandType, Domain } from '#ledger/apply'
import { processesCodes } from './command.ts'
import { clockTypes } from './clock.ts'
import { deedTypes } from './deeds.ts'
import { peopleTypes } from './people.ts'
import { publishTypes } from './publish.ts'

export const officialTypes: readonly CommandType[] = []

/** The domain: applications and their cases. */
export const processes: Domain = {
  name: 'processes',
  types: [...publishTypes, ...peopleTypes, ...deedTypes, ...officialTypes, ...clockTypes],
  codes: processesCodes,
}
