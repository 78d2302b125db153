// Gas bills: what of the published ones can be shared with a bank, and what cannot. A masked code
// names nobody, so that no consent can be asked for it, and it is never completed by guessing.
import fs from 'node:fs'
import { join } from 'node:path'
import { readSource } from '#apps/node/loading'
import { openSource } from '#apps/cli/source'
import { packLoadFiles } from '#apps/cli/city'
import { counted } from './deeds.ts'
import type { AskSystem } from './systems.ts'

export type GasStanding = {
  /** Bills in the gas company's register whose code is whole: a firm can be asked about them. */
  readonly shareable: number
  /** Rows of the published file, where it is given. */
  readonly published: number
  /** Its rows that can be no evidence, and reasons by cell. */
  readonly refused: number
  readonly reasons: { readonly [code: string]: number }
}

/** Says what stands in the gas company's register, and why the rest of a file does not. */
export async function gasStanding(system: AskSystem, data: string | null): Promise<GasStanding> {
  const [table] = system('gas', `SELECT count(*) AS n FROM sqlite_master WHERE name = 'rq_bill'`)
  const isThere = Number(table?.['n'] ?? 0) > 0
  const [row] = isThere ? system('gas', 'SELECT count(*) AS n FROM rq_bill') : []
  const shareable = Number(row?.['n'] ?? 0)
  const file = packLoadFiles().find(({ name }) => name === 'gas-bills')
  const path = join(data ?? '', file?.file ?? '')
  if (data === null || file === undefined || !fs.existsSync(path)) {
    return { shareable, published: 0, refused: 0, reasons: {} }
  }
  const read = await readSource(file, await openSource(path), { take: () => 'taken' })
  const reasons = counted(read.refused.map(({ code }) => code))
  return { shareable, published: read.rows, refused: read.refusedRows, reasons }
}
