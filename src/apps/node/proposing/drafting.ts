// A draft of a load file, as far as a trial and the types decide it. What they leave open stands in
// the draft as points in plain words, and as long as one stands there the draft is no load file: a
// steward decides, never this room.
import { halfWidth } from '#adapters/sources'
import type { Column, DateOrder } from '#adapters/sources'
import type { Json } from '#base/canonical'
import type { CellForm, Normalisation } from '#apps/node/loading'
import type { Fit, TypeFit } from './fitting.ts'
import type { OpenPoint } from './points.ts'
import { point } from './points.ts'
import { tablesOf } from './tables.ts'
import type { Target } from './targets.ts'

/** What was found in the cells of a column, by code of sources, as counts. */
export type CellCounts = { readonly [code: string]: number }

export type DraftParts = {
  /** Name of the file, without its folder. */
  readonly file: string
  readonly columns: readonly Column[]
  readonly key: { readonly column: string; readonly unique: boolean } | null
  /** Types that fit; a draft is of one alone. */
  readonly types: readonly TypeFit[]
  /** What a type is called. */
  readonly titleOf: (type: string) => { readonly zh: string; readonly en: string }
  /** By letter of the column. */
  readonly found: ReadonlyMap<string, CellCounts>
  /** Names that are taken by other load files. */
  readonly taken: readonly string[]
  /** Points of whoever tried the list: what a load would read otherwise. */
  readonly points?: readonly OpenPoint[]
}

/** A load file with its open points. */
export type Draft = { readonly [member: string]: Json } & { readonly open: readonly OpenPoint[] }

/** What each normalisation would mend, in the order of their use. */
const mends: readonly { readonly code: string; readonly by: Normalisation }[] = [
  { code: 'sources/outer-blank', by: 'trim' },
  { code: 'sources/inner-blank', by: 'blanks' },
  { code: 'sources/full-width', by: 'width' },
  { code: 'sources/lower-case', by: 'upper' },
  { code: 'sources/fifteen-digits', by: '15-18' },
]

/** Columns that would all do, as many as a sentence names. */
const rivalsShown = 12

const noMend: readonly string[] = ['sources/grouped-number', 'sources/line-break']

/** Normalisations that would mend what a trial found in a column, in the order of their use. */
export function normalOf(counts: CellCounts): readonly Normalisation[] {
  const found = mends.filter(({ code }) => (counts[code] ?? 0) > 0).map(({ by }) => by)
  // Whoever takes all blanks away takes the outer ones too.
  return found.includes('blanks') ? found.filter((name) => name !== 'trim') : found
}

/** The draft. */
export function draftOf(parts: DraftParts): Draft {
  const open: OpenPoint[] = [
    point(
      'source',
      '写明数据属于谁、使用条件是什么',
      'say whose data these are, and on which terms',
    ),
    ...(parts.points ?? []),
  ]
  const only = parts.types.length === 1 ? parts.types[0] : undefined
  if (only === undefined) open.push(undecided(parts))
  const chosen = only === undefined ? [] : choose(only, open)
  const fields: { [name: string]: Json } = {}
  const names = new Map<string, string>()
  for (const { column: letter, target } of chosen) {
    const column = parts.columns.find((each) => each.letter === letter)
    if (column === undefined || names.has(letter)) continue
    const name = fieldName(target)
    names.set(letter, name)
    fields[name] = fieldOf(column, target, { name, open, counts: parts.found.get(letter) ?? {} })
  }
  const key = keyOf(parts, names, open)
  const titles = only === undefined ? null : parts.titleOf(only.wanted.type.type)
  const made = only === undefined ? [] : tablesOf(only, chosen, { names, open })
  return {
    format: 'lianban/load/1',
    open,
    name: loadName(parts),
    zh: titles === null ? parts.file : `${titles.zh}名单`,
    en: titles === null ? parts.file : `list: ${titles.en}`,
    steward: only?.wanted.member ?? '',
    file: parts.file,
    source: { name: '', terms: { zh: '', en: '' } },
    fields,
    key,
    tables: made,
  }
}

function undecided({ types }: DraftParts): OpenPoint {
  const list = types.map(({ wanted: { type, member } }) => `${type.type} (${member})`).join(', ')
  return types.length === 0
    ? point(
        'fields',
        '没有哪种材料需要这些列；自行写明要读的列和写入的表，或不载入',
        'no evidence type asks for these columns: name what is read and whereto, or do not load',
      )
    : point(
        'fields',
        `几种材料都合适，内容不能决定是哪一种：${list}；用 --type 或 --as 选定后重新起草`,
        `several types fit and nothing decides (${list}): draft again with --type or --as`,
      )
}

/** One column for each place; where two would do, a point and neither. */
function choose({ fits }: TypeFit, open: OpenPoint[]): readonly Fit[] {
  const places = new Map<Target, Fit[]>()
  for (const fit of fits) places.set(fit.target, [...(places.get(fit.target) ?? []), fit])
  return [...places.values()].flatMap((rivals) => {
    const [first] = rivals
    if (first === undefined || rivals.length === 1) return rivals
    const more = rivals.length > rivalsShown ? ' …' : ''
    const letters = `${rivals
      .slice(0, rivalsShown)
      .map(({ column }) => column)
      .join(', ')}${more}`
    const name = fieldName(first.target)
    open.push(
      point(
        `fields.${name}`,
        `${letters} 列都合适，选定一列并写入 fields`,
        `columns ${letters} would all do: choose one and write it under fields`,
      ),
    )
    return []
  })
}

function fieldName({ field, column }: Target): string {
  const name = (field ?? column).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return name.replaceAll('.', '-').slice(0, 48)
}

type Deciding = {
  readonly name: string
  readonly counts: CellCounts
  readonly open: OpenPoint[]
}

function fieldOf(column: Column, target: Target, of: Deciding): Json {
  const { name, counts, open } = of
  const normal = normalOf(counts)
  const order = column.type === 'date' ? orderOf(column.order, name, open) : null
  const left = noMend.filter((code) => (counts[code] ?? 0) > 0)
  if (left.length > 0) {
    open.push(
      point(
        `fields.${name}`,
        `没有可声明的规则能处理 ${left.join('、')}：请先改正数据`,
        `no rule can be declared for ${left.join(', ')}: mend the source first`,
      ),
    )
  }
  if (column.empty > 0) open.push(emptyPoint(column, name))
  return {
    column: column.name,
    as: formOf(column, target, of),
    ...(normal.length === 0 ? {} : { normal }),
    ...(order === null ? {} : { order }),
  }
}

function emptyPoint({ empty }: Column, name: string): OpenPoint {
  return point(
    `fields.${name}.empty`,
    `${empty} 行此列为空：允许则写 "empty": true，否则这些行不计入`,
    `${empty} rows have nothing here: write "empty": true to take them, else they are left out`,
  )
}

function orderOf(order: DateOrder | undefined, name: string, open: OpenPoint[]): Json {
  if (order === 'year-first' || order === 'day-first') return order
  const zh = order === 'month-first' ? '月在前的日期不能载入：请先改写' : '说明年在前还是日在前'
  const en =
    order === 'month-first'
      ? 'days with the month first do not load: write them anew'
      : 'say whether the year or the day comes first'
  open.push(point(`fields.${name}.order`, zh, en))
  return null
}

function formOf({ name: header, type }: Column, target: Target, of: Deciding): CellForm {
  if (type === 'date') return 'day'
  if (type === 'uscc' || type === 'citizen-id') return type
  if (target.isWhole) return amountOf(header, type, of)
  return type === 'text' ? 'text' : 'code'
}

// A unit ends the header or its brackets, and nothing makes another one of it: 千元, 美元, km².
const units: readonly (readonly [RegExp, CellForm])[] = [
  [/(?<![十百千亿])万元$/, 'wan-yuan'],
  [/(?<![十百千万亿美港欧日韩澳加单])元$/, 'yuan'],
  [/(?<![十百千万亿])立方米$|(?<![a-z])m[3³]$/, 'cubic-metre'],
  [/(?<![十百千万亿])(?:平方米|㎡)$|(?<![a-z])m[2²]$/, 'square-metre'],
]

/** The unit stands in the header, or a steward says it. */
function amountOf(header: string, type: Column['type'], { name, open }: Deciding): CellForm {
  const plain = halfWidth(header).replaceAll(/\s/g, '').toLowerCase()
  const unit = plain.replace(/[)\]】]$/, '')
  const known = units.find(([word]) => word.test(unit))?.[1]
  if (known !== undefined) return known
  open.push(
    point(
      `fields.${name}.as`,
      '说明单位：int、yuan、wan-yuan、square-metre 或 cubic-metre',
      'say in which unit it is: int, yuan, wan-yuan, square-metre or cubic-metre',
    ),
  )
  return type === 'decimal' ? 'yuan' : 'int'
}

function keyOf(
  { key }: DraftParts,
  names: ReadonlyMap<string, string>,
  open: OpenPoint[],
): readonly string[] {
  const name = key === null ? undefined : names.get(key.column)
  if (name === undefined) {
    open.push(point('key', '选定能区分各行的字段', 'choose the fields that tell the rows apart'))
    return []
  }
  if (key?.unique === false) {
    open.push(
      point(
        'key',
        '此键有重复：内容相同的重复行只计一次，内容不同的不计入；或另选键',
        'the key repeats: equal rows count once, others are left out; or choose another key',
      ),
    )
  }
  return [name]
}

/** A name that load files can have and that none has yet. */
function loadName({ file, types, taken }: DraftParts): string {
  const stem = file
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
  const type = types[0]?.wanted.type.type.split('@')[0] ?? 'own'
  const name = stem.length > 1 ? stem.slice(0, 40) : `${type}-list`
  return taken.includes(name) ? `${name}-own` : name
}
