// The domain as the ledger takes it: all commands of this room.
import type { Domain } from '#ledger/apply'
import { processesCodes } from './command.ts'
import { clockTypes } from './clock.ts'
import { deedTypes } from './deeds.ts'
import { peopleTypes } from './people.ts'
import { publishTypes } from './publish.ts'
import { turnTypes } from './turns.ts'

/** The domain: applications and their cases. */
export const processes: Domain = {
  name: 'processes',
  types: [...publishTypes, ...peopleTypes, ...deedTypes, ...turnTypes, ...clockTypes],
  codes: processesCodes,
}
