// Gas bills: what of the published ones can be shared with a bank, and what cannot. A masked code
// names nobody, so that no consent can be asked for it, and it is never completed by guessing.
import type { City } from '#apps/node/city'
import type { AskSystem } from './systems.ts'

export type GasStanding = {
  /** Bills in the gas company's register whose code is whole. */
  readonly bills: number
  /** Bills that could be shared as yes or no, and band, once the firm consents. */
  readonly shareable: number
  readonly members: number
}

/** Says what stands in the gas company's register. */
export function gasStanding(city: City, system: AskSystem): GasStanding {
  const [table] = system('gas', `SELECT count(*) AS n FROM sqlite_master WHERE name = 'rq_bill'`)
  const there = Number(table?.['n'] ?? 0) > 0
  const [row] = there ? system('gas', 'SELECT count(*) AS n FROM rq_bill') : []
  const bills = Number(row?.['n'] ?? 0)
  return { bills, shareable: bills, members: city.members.size }
}
