// The tables of a draft: where the department's own system holds an evidence type, with what the
// list gives of it, tied together as they are looked up. What the list does not give is a point.
import type { Json } from '#base/canonical'
import type { Look } from '#apps/node/mapping'
import type { Fit, TypeFit } from './fitting.ts'
import type { OpenPoint } from './points.ts'
import { point } from './points.ts'
import type { Wanted } from './targets.ts'

type Tabling = {
  readonly names: ReadonlyMap<string, string>
  readonly open: OpenPoint[]
}

/** The tables of a type: its main one, and those in which parts of it stand by themselves. */
export function tablesOf(fit: TypeFit, chosen: readonly Fit[], of: Tabling): readonly Json[] {
  const { wanted, missing, keysMissing } = fit
  for (const column of keysMissing) of.open.push(keyPoint(column, wanted))
  for (const field of missing) of.open.push(missingPoint(field, wanted))
  const columns = columnsOf(wanted.mapping.table ?? '', chosen, of)
  const parts = Object.entries(wanted.mapping.fields).flatMap(([id, mapped]): Json[] => {
    if (!('table' in mapped) || missing.includes(id)) return []
    const part = partTable(wanted, mapped, { columns, chosen, of })
    if (part === null) of.open.push(partPoint(id, wanted.member, mapped.table))
    return part === null ? [] : [part]
  })
  return [mainTable(wanted, columns, of), ...parts]
}

type Columns = { readonly [column: string]: Json }

function columnsOf(table: string, chosen: readonly Fit[], { names }: Tabling): Columns {
  const columns: { [column: string]: Json } = {}
  for (const { column, target } of chosen) {
    const name = names.get(column)
    if (target.table === table && name !== undefined) columns[target.column] = name
  }
  return columns
}

function mainTable(
  { type, member, mapping, targets }: Wanted,
  columns: Columns,
  of: Tabling,
): Json {
  const { table = '', where = {}, agree = {} } = mapping
  const keys = Object.keys({ ...where, ...agree })
  const identify = keys.filter((column) => Object.hasOwn(columns, column))
  const whole = targets.filter((target) => target.isWhole && target.table === table)
  const integers = whole.map(({ column }) => column).filter((name) => Object.hasOwn(columns, name))
  if (identify.length === 0) {
    of.open.push(
      point(
        'tables[0].identify',
        '写明哪些列区分该表的各行',
        'say which columns tell the rows of the table apart',
      ),
    )
  }
  // Other sources fill registers of firms too: one firm stands once, and two names are a ticket.
  const [code, name] = identify
  const isFirms = type.about === 'organisation' && code !== undefined && name !== undefined
  return {
    member,
    table,
    identify,
    ...(integers.length === 0 ? {} : { integers }),
    ...(isFirms ? { firms: { code, name } } : {}),
    columns,
  }
}

/** The table of a part, where all that ties it to the main one is known; else null. */
function partTable(
  { member, mapping }: Wanted,
  { table, where }: Look,
  {
    columns,
    chosen,
    of,
  }: { readonly columns: Columns; readonly chosen: readonly Fit[]; readonly of: Tabling },
): Json | null {
  if (table === mapping.table) return null
  const tied: { [column: string]: Json } = {}
  const identify: string[] = []
  const integers: string[] = []
  for (const [column, wanted] of Object.entries(where)) {
    if ('constant' in wanted) {
      tied[column] = { constant: wanted.constant }
      if (typeof wanted.constant === 'number') integers.push(column)
      continue
    }
    const from = 'column' in wanted ? columns[wanted.column] : undefined
    if (from === undefined) return null
    tied[column] = from
    identify.push(column)
  }
  const own = columnsOf(table, chosen, of)
  return {
    member,
    table,
    identify,
    ...(integers.length === 0 ? {} : { integers }),
    columns: { ...tied, ...own },
  }
}

function keyPoint(column: string, { member, mapping }: Wanted): OpenPoint {
  const place = `${member}.${mapping.table ?? ''}.${column}`
  return point(
    `tables[0].columns.${column}`,
    `没有列给出查询所用的 ${place}：没有它就无法查到这些行`,
    `no column gives ${place}, by which rows are looked up: without it nobody finds them`,
  )
}

function partPoint(field: string, member: string, table: string): OpenPoint {
  return point(
    'tables',
    `${field} 在表 ${member}.${table} 中：写明它如何与主表相连`,
    `${field} stands in ${member}.${table}: say how its rows belong to the main table`,
  )
}

function missingPoint(id: string, { type, member, mapping }: Wanted): OpenPoint {
  const mapped = mapping.fields[id]
  const field = `${type.type}.${id}`
  if (mapped !== undefined && 'table' in mapped) {
    const place = `${member}.${mapped.table}`
    return point(
      'tables',
      `没有列给出 ${field}（在表 ${place}）：写明由谁写入，或在 make 中为练习生成`,
      `no column gives ${field} (in ${place}): say what writes it, or make it for practice`,
    )
  }
  if (mapped === undefined || !('column' in mapped)) {
    return point('tables[0].columns', `没有列给出 ${field}`, `no column gives ${field}`)
  }
  const { column, words = {} } = mapped
  const known = Object.entries(words).map(([text, value]) => `${text} = ${JSON.stringify(value)}`)
  const list = known.length === 0 ? '' : ` (${known.join(', ')})`
  const shape = `{"constant": …}${list}`
  return point(
    `tables[0].columns.${column}`,
    `没有列给出 ${field}：各行相同则写 ${shape}，或在 make 中为练习生成`,
    `no column gives ${field}: write ${shape} if all rows have the same, or make it for practice`,
  )
}
