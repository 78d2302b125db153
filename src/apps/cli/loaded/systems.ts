// What staff of the sectors would look up in their own systems of a loaded city: firms that may
// want an account, published sales with their parties, homes that a court has sealed.
import { DatabaseSync } from 'node:sqlite'
import { memberLayout } from '#apps/node/city'
import type { Applicant } from './accounts.ts'
import type { Borrower } from './credit.ts'
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
    WHERE e.uscc LIKE '9%' AND e.uscc NOT LIKE '91000000P%'`
  const doubtful = `${select} AND e.uscc IN (${twice}) GROUP BY e.uscc ORDER BY e.uscc LIMIT ${few}`
  const others = `${select} AND e.uscc NOT IN (${twice}) GROUP BY e.uscc`
  const plain = `${others} ORDER BY e.rowid LIMIT ${count}`
  return [...system('market', doubtful), ...system('market', plain)].map((row) => ({
    code: String(row['code']),
    name: String(row['name']),
    rep: { code: String(row['rep_code']), name: String(row['rep_name']) },
  }))
}

/**
 * What a clerk of the gas company counts in its own register, in cubic decimetres and fen: the
 * bands and the trend once more, by another hand than the vocabulary's.
 */
const billsAsked = `SELECT uscc, owed_fen > 0 AS arrears,
  CASE WHEN average6_dm3 >= 4000000 THEN 'very-large' WHEN average6_dm3 >= 1500000 THEN 'large'
    WHEN average6_dm3 >= 500000 THEN 'medium' ELSE 'small' END AS band,
  CASE WHEN 10 * (average3_dm3 - average6_dm3) > average6_dm3 THEN 'rising'
    WHEN 10 * (average6_dm3 - average3_dm3) > average6_dm3 THEN 'falling' ELSE 'steady' END AS trend
  FROM rq_bill WHERE uscc NOT LIKE '91000000PRF%'`

/** The first of the gas company's loaded customers who stand in the register of firms. */
export function borrowersOf(system: AskSystem, count: number): readonly Borrower[] {
  const bills = system('gas', `${billsAsked} ORDER BY rowid LIMIT ${count}`)
  const firms = system(
    'market',
    `SELECT e.uscc, e.name, r.rep_code, r.rep_name FROM gs_enterprise e
     JOIN gs_representative r ON r.uscc = e.uscc AND r.current = 1`,
  )
  const byCode = new Map(firms.map((firm) => [firm['uscc'], firm]))
  return bills.flatMap((bill) => {
    const firm = byCode.get(bill['uscc'] ?? null)
    if (firm === undefined) return []
    return [
      {
        code: String(firm['uscc']),
        name: String(firm['name']),
        rep: { code: String(firm['rep_code']), name: String(firm['rep_name']) },
        bill: {
          arrears: bill['arrears'] === 1,
          band: String(bill['band']),
          trend: String(bill['trend']),
        },
      },
    ]
  })
}

/** Published sales that can be run: a home is sold once. */
export type Sales = {
  /** The first of them whose home still belongs to the seller, with their parties. */
  readonly sales: readonly LoadedSale[]
  /** How many there are of these. */
  readonly left: number
  /** Those whose home has another owner by now. */
  readonly sold: number
}

/** The first of the published sales whose home still belongs to its seller. */
export function salesOf(system: AskSystem, count: number): Sales {
  const holders = system(
    'planning',
    `SELECT unit_code, holder_code FROM bdc_holder WHERE state = '1'`,
  )
  const held = new Set(holders.map((row) => `${row['unit_code']} ${row['holder_code']}`))
  const all = system('housing', `SELECT * FROM zj_signing ORDER BY rowid`)
  const rows = all.filter((row) => held.has(`${row['unit_code']} ${row['seller_code']}`))
  const sales = rows.slice(0, count).map((row) => saleOf(system, row, Number(row['fen'])))
  return { sales, left: rows.length, sold: all.length - rows.length }
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
