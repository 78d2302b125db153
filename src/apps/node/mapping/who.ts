// Which of the rows that have a code is meant: the one that agrees in what else is known of the
// slot, or the one that a steward has named. Everything else is a doubt, with its match ticket.
import { applied } from '#apps/node/matching'
import type { Ruled } from '#apps/node/matching'
import { ask, Doubt, formWanted, own, rowsAtMost, wantedOf } from './asking.ts'
import type { Asked, Asking, Keys, RawRow, Stewards } from './asking.ts'
import { agrees, textIn } from './forms.ts'
import type { RawCell } from './forms.ts'
import type { Cell, ItemMapping, Look, Wanted, Where } from './mapping.ts'

/** Rows of one code among which a steward may choose. */
export const candidatesMax = 32

/**
 * The row that is meant, null where there is none, or that nobody of this name has the code, as a
 * steward has said. Throws a doubt.
 */
export async function meantOf(
  item: ItemMapping,
  asked: Asked,
  rows: readonly RawRow[],
): Promise<RawRow | 'other-name' | null> {
  const { table = '' } = item
  const [first] = rows
  if (first === undefined) return null
  const agrees: boolean[] = []
  for (const each of rows) {
    agrees.push((await disagreement(called(item), { ...asked, row: each })) === null)
  }
  const ruled = rows.length > candidatesMax ? undefined : ruledOf(item, { ...asked, rows, agrees })
  if (ruled?.is === 'none') return 'other-name'
  const ticket = ruled !== undefined && 'ticket' in ruled ? ruled.ticket : undefined
  if (ruled?.is === 'withheld') throw new Doubt('node/match-withheld', table, ticket)
  const meant = ruled?.is === 'row' ? rows[ruled.at] : undefined
  if (meant === undefined && rows.length > 1) {
    throw new Doubt('node/mapping-two-rows', table, ticket)
  }
  // Whom a steward has named is not asked for his name again, but for all else.
  const row = meant ?? first
  const rest = meant === undefined ? item : { ...item, agree: otherThan(item) }
  const other = await disagreement(rest, { ...asked, row })
  if (other !== null) throw new Doubt('node/mapping-other-person', other, ticket)
  return row
}

/** What a row must agree in that says who somebody is: keys of the slot. */
function called(item: ItemMapping): ItemMapping {
  const all = Object.entries(item.agree ?? {})
  return { ...item, agree: Object.fromEntries(all.filter(([, wanted]) => 'key' in wanted)) }
}

function otherThan(item: ItemMapping): Where {
  const all = Object.entries(item.agree ?? {})
  return Object.fromEntries(all.filter(([, wanted]) => !('key' in wanted)))
}

/** The first column in which a row does not agree with what else is known; null if it does. */
async function disagreement(item: ItemMapping, asking: Asking): Promise<string | null> {
  for (const [column, wanted] of Object.entries(item.agree ?? {})) {
    const { value, form } = wantedOf(wanted, asking)
    const isSame = (cell: RawCell): boolean =>
      agrees(form, value, cell) || (form === 'name' && isOneName(item, value, cell))
    if (isSame(asking.row[column] ?? null)) continue
    const former = own(item.former ?? {}, column)
    const before = former === undefined ? [] : await formerly(former, asking)
    if (!before.some(isSame)) return column
  }
  return null
}

/** Whether the rules that the mapping declares make two names one. */
function isOneName({ names = [] }: ItemMapping, a: string | number, b: RawCell): boolean {
  if (names.length === 0 || b === null) return false
  const oneForm = (name: string | number): string => {
    return names.reduce((text, rule) => applied(rule, text), textIn('name', name))
  }
  const one = oneForm(a)
  return one !== '' && one === oneForm(b)
}

/** What stands between former names in one cell. */
const betweenNames = /[;；、|\n]/

/** What a register says that stood somewhere before: names in a cell, or a row for each. */
async function formerly(from: Cell | Look, asking: Asking): Promise<readonly string[]> {
  const column = 'table' in from ? (from.cell?.column ?? '') : from.column
  const { row } = asking
  const rows =
    'table' in from ? await ask({ ...from, columns: [column], limit: rowsAtMost }, asking) : [row]
  return rows
    .flatMap((each) => String(each[column] ?? '').split(betweenNames))
    .filter((each) => each.trim() !== '')
}

/** What stewards say of rows of one code; undefined where nothing tells who is who. */
function ruledOf(
  { table = '', register = 'main', where = {}, agree = {} }: ItemMapping,
  found: {
    readonly keys: Keys
    readonly stewards?: Stewards | undefined
    readonly rows: readonly RawRow[]
    readonly agrees: readonly boolean[]
  },
): Ruled | undefined {
  const { keys, stewards, rows } = found
  const codes = Object.entries(where).filter(([, wanted]) => 'key' in wanted)
  const names = Object.keys(agree).filter((column) => 'key' in (agree[column] ?? {}))
  if (stewards === undefined || codes.length === 0 || names.length === 0) return undefined
  const asking = { keys, row: {} }
  const oneForm = (wanted: Wanted): string => {
    const { value, form } = wantedOf(wanted, asking)
    return textIn(form, value)
  }
  return stewards.rule({
    table: register === 'main' ? table : `${register}.${table}`,
    code: codes.map(([, wanted]) => oneForm(wanted)),
    called: Object.values(agree).flatMap((wanted) => ('key' in wanted ? [oneForm(wanted)] : [])),
    rows: rows.map((row, at) => {
      const called = names.map((name) => String(row[name] ?? ''))
      return { names: called, agrees: found.agrees[at] === true }
    }),
    columns: {
      code: codes.map(([column, wanted]) => ({ column, as: formWanted(wanted) })),
      names,
    },
  })
}
