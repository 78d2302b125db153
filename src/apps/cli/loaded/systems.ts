// What staff of the sectors would look up in their own systems of a loaded city: firms that may
// want an account, published sales with their parties, homes that a court has sealed.
import { DatabaseSync } from 'node:sqlite'
import { memberLayout } from '#apps/node/city'
import type { Applicant } from './accounts.ts'
import type { LoadedSale } from './transfers.ts'

export type Rows = readonly { readonly [column: string]: string | number | null }[]

/** Asks a sector's own system as its staff would. */
export type AskSystem = (member: string, question: string) => Rows

/** The systems of a city's sectors, read only. */
export function systemsOf(directory: string): AskSystem {
  return (member, question) => {
    const path = memberLayout(directory, member, false).source
    const database = new DatabaseSync(path, { readOnly: true })
    try {
      return database.prepare(question).all() as Rows
    } finally {
      database.close()
    }
  }
}

/** Companies under two names first, so that a small run meets them; then the others. */
export function applicantsOf(system: AskSystem, count: number): readonly Applicant[] {
  const twice = `SELECT uscc FROM gs_enterprise GROUP BY uscc HAVING count(*) > 1`
  const few = Math.max(1, Math.ceil(count / 10))
  const select = `SELECT e.uscc AS code, min(e.name) AS name, r.rep_code, r.rep_name
    FROM gs_enterprise e JOIN gs_representative r ON r.uscc = e.uscc
    WHERE e.uscc LIKE '9%' AND e.uscc NOT LIKE '91000000PRF%'`
  const doubtful = `${select} AND e.uscc IN (${twice}) GROUP BY e.uscc ORDER BY e.uscc LIMIT ${few}`
  const others = `${select} AND e.uscc NOT IN (${twice}) GROUP BY e.uscc`
  const plain = `${others} ORDER BY e.rowid LIMIT ${count}`
  return [...system('market', doubtful), ...system('market', plain)].map((row) => ({
    code: String(row['code']),
    name: String(row['name']),
    rep: { code: String(row['rep_code']), name: String(row['rep_name']) },
  }))
}

/** The first of the published sales, with their parties. */
export function salesOf(system: AskSystem, count: number): readonly LoadedSale[] {
  const rows = system('housing', `SELECT * FROM zj_signing ORDER BY rowid LIMIT ${count}`)
  return rows.map((row) => saleOf(system, row, Number(row['fen'])))
}

/** A price for homes of which no sale is published; it is never paid. */
const sealedFen = 500_000_000

/** The first of the sealed homes, with who would sell and buy. */
export function sealedOf(system: AskSystem, count: number): readonly LoadedSale[] {
  const rows = system('planning', `SELECT * FROM bdc_sealed_home ORDER BY rowid LIMIT ${count}`)
  return rows.map((row) => saleOf(system, row, sealedFen))
}

function saleOf(system: AskSystem, row: Rows[number], fen: number): LoadedSale {
  const of = (column: string): string => String(row[column])
  const unit = of('unit_code')
  const asked = `SELECT location, area_dm2 FROM bdc_title WHERE state = '1'`
  const [title] = system('planning', `${asked} AND unit_code = '${unit}'`)
  return {
    unit,
    fen,
    address: String(title?.['location'] ?? ''),
    area: Number(title?.['area_dm2'] ?? 0),
    seller: { code: of('seller_code'), name: of('seller_name') },
    buyer: { code: of('buyer_code'), name: of('buyer_name') },
  }
}
