// Officers of a department who decide match tickets, with keys that sign, for books that are tested
// without a city.
import { join } from 'node:path'
import type { Bench, MatchBook, TicketDecision } from '#apps/node/matching'
import type { PracticeOfficers } from '#apps/node/officers'
import { openPracticeOfficers } from '#apps/node/officers'
import type { Registry, Signing } from '#apps/node/stewards'
import { decideBy, practiceBench, practiceRegistry } from '#apps/node/stewards'

/** A department's officers and the bench that knows their keys. */
export type TicketOffice = {
  readonly officers: PracticeOfficers
  readonly registry: Registry
  readonly bench: Bench
  readonly sign: Signing
  /** Has one of the officers sign, the first when absent. Null, or the code. */
  decide(book: MatchBook, deciding: TicketDecision, at?: number): Promise<string | null>
}

/** Makes two officers of a department in a folder. */
export function openTicketOffice(
  folder: string,
  member = 'market',
  ledger = 'practice.example/tickets',
): TicketOffice {
  const officers = openPracticeOfficers(join(folder, `${member}.officers.json`), member, 2)
  const registry = practiceRegistry(member, officers)
  const sign: Signing = (asked) => officers.approve({ posts: [], ...asked })
  return {
    officers,
    registry,
    bench: practiceBench(ledger, member, registry),
    sign,
    decide: (book, deciding, at = 0) => {
      return decideBy(book, deciding, { kid: officers.kids[at] ?? null, sign })
    },
  }
}
