// One source in a data report: what it is, what came of it, and for each reason what it means, what
// to do about it and where. It says the names of columns and the numbers of rows, never a value.
import type { Text } from '#apps/cli/output'
import { text } from '#apps/cli/output'
import { both, bothMarked, coded, counted, folded, quoted, rowsOf, table } from './report-markup.ts'
import type { LoadReport, Places, SourceReport } from './report.ts'
import { encodingName, formWords, makingWords, normalWords } from './report-words.ts'
import { stateWords, ticketWords, typeWords } from './report-words.ts'

/** So many names of columns that are never read are listed. */
const leftOutMax = 60

/** The section of a source. */
export function sourceSection(source: SourceReport, members: LoadReport['members']): string {
  const { name, zh, en } = source
  return `<section class="source" id="${name}" aria-labelledby="${name}-name">
<header><h3 id="${name}-name">${both({ zh, en })}</h3>${badge(source)}</header>
${noted(source)}
${facts(source)}
${reasons(source)}
${unmatched(source)}
${otherwise(source)}
${tickets(source)}
${columns(source)}
${written(source, members)}
</section>`
}

/** What must be known of a source before anything else of it, and what of it is masked. */
function noted({ note, masked }: SourceReport): string {
  const hidden = Object.entries(masked)
    .map(([column, count]) => `${quoted(column)} ${counted(count)}`)
    .join(bothMarked('，', ', '))
  const words = text(
    '遮掩的单元格，所在的列从不读取：',
    'Masked cells, in columns that are never read: ',
  )
  return [
    ...(note === null ? [] : [`<p class="note"><strong>${both(note)}</strong></p>`]),
    ...(hidden === '' ? [] : [`<p class="masked">${both(words)}${hidden}</p>`]),
  ].join('\n')
}

/** The state of a source in a word. */
export function badge(source: SourceReport): string {
  const state = isFruitless(source) ? 'none' : source.state
  const kind = state === 'none' ? 'bad' : state === 'waits' ? 'warn' : 'good'
  return `<span class="state ${kind}">${both(stateWords[state])}</span>`
}

/** Whether rows came and none of them counts. */
export function isFruitless({ rows, accepted, state }: SourceReport): boolean {
  return rows > 0 && accepted === 0 && state !== 'waits'
}

function facts(source: SourceReport): string {
  const { file, type, encoding, joined, unmatched: alone } = source
  const kind = typeWords[type as keyof typeof typeWords] ?? text(type, type)
  const written = encoding === null ? '' : ` · ${encodingName(encoding)}`
  const { rows, accepted, refusedRows } = source
  const lines: (readonly [Text, string])[] = [
    [
      text('行', 'Rows'),
      bothMarked(
        `读入 ${counted(rows)}，接受 ${counted(accepted)}，拒绝 ${counted(refusedRows)}`,
        `${counted(rows)} read, ${counted(accepted)} accepted, ${counted(refusedRows)} refused`,
      ),
    ],
    [text('与上次相比', 'Since last time'), difference(source)],
    [text('文件', 'File'), `${coded(file)} · ${both(kind)}${written}`],
    [text('来源', 'Whose data'), quoted(source.source.name)],
    [text('使用条件', 'Terms'), termsOf(source)],
  ]
  if (joined !== null) {
    const count = alone.reduce((sum, each) => sum + each.count, 0)
    lines.splice(2, 0, [
      text('关联', 'Joined'),
      bothMarked(
        `${counted(joined)} 行有对应，${counted(count)} 行没有`,
        `${counted(joined)} rows have a partner, ${counted(count)} have none`,
      ),
    ])
  }
  const own = lines.map(([term, what]) => `<dt>${both(term)}</dt><dd>${what}</dd>`)
  return `<dl class="facts">${own.join('\n')}</dl>`
}

function termsOf({ source: { terms } }: SourceReport): string {
  return typeof terms === 'string' ? quoted(terms) : both(terms)
}

function difference(source: SourceReport): string {
  const { percent, added, changed, vanished, same, columnsChanged } = source
  if (percent === null) return both(text('首次载入', 'this is the first load'))
  const [plus, other, minus, as] = [added, changed, vanished, same].map(counted)
  const columnsZh = columnsChanged ? '；列有变化' : ''
  const columnsEn = columnsChanged ? '; the columns have changed' : ''
  return bothMarked(
    `新增 ${plus}，变更 ${other}，消失 ${minus}，相同 ${as}（差异 ${percent}%）${columnsZh}`,
    `${plus} added, ${other} changed, ${minus} gone, ${as} the same (${percent}% differ)${columnsEn}`,
  )
}

function reasons({ reasons: list }: SourceReport): string {
  if (list.length === 0) {
    return `<p class="calm">${both(text('没有拒绝任何一行。', 'No row was refused.'))}</p>`
  }
  return table(
    text('拒绝的原因', 'Why rows were refused'),
    [
      text('原因', 'Reason'),
      { ...text('处', 'Places'), number: true },
      text('怎么办', 'What to do'),
      text('在哪里', 'Where'),
    ],
    list.map(({ code, count, meaning, remedy, places }) => [
      `${both(meaning)}<span class="code">${coded(code)}</span>`,
      counted(count),
      both(remedy),
      places.map(place).join(''),
    ]),
    'reasons',
  )
}

function place({ column, letter, rows }: Places): string {
  const at = letter === null ? '' : `${quoted(letter)} `
  const named =
    column === null
      ? both(text('整行', 'whole rows'))
      : `${bothMarked(`${at}列`, `column ${at}`)} ${quoted(column)}`
  return `<div class="place">${named}${bothMarked('：', ': ')}${rowsOf(rows)}</div>`
}

function unmatched({ unmatched: list }: SourceReport): string {
  const count = list.reduce((sum, each) => sum + each.count, 0)
  if (count === 0) return ''
  const title = bothMarked(
    `没有对应的行 ${counted(count)}：已载入，但不附加关联的内容`,
    `${counted(count)} rows without a partner: loaded, with nothing joined to them`,
  )
  return folded(title, list.map(place).join(''))
}

function otherwise({ otherwise: list }: SourceReport): string {
  const count = list.reduce((sum, each) => sum + each.count, 0)
  if (count === 0) return ''
  const title = bothMarked(
    `登记中已有不同记载 ${counted(count)}：保留原记载，请部门核对`,
    `${counted(count)} rows of which the register says something else: that stays, compare them`,
  )
  const places = list.map(({ table: name, rows }) => {
    return `<div class="place">${coded(name)}${bothMarked('：', ': ')}${rowsOf(rows)}</div>`
  })
  return folded(title, places.join(''))
}

function tickets({ tickets: list }: SourceReport): string {
  if (list.length === 0) return ''
  return `${table(
    text('待核对单', 'Match tickets'),
    [
      text('疑点', 'Doubt'),
      { ...text('件', 'Tickets'), number: true },
      text('登记表', 'Register'),
      text('在哪里', 'Where'),
    ],
    list.map(({ why, count, table: name, rows }) => [
      both(ticketWords[why]),
      counted(count),
      coded(name),
      rowsOf(rows),
    ]),
  )}
<p>${both(
    text(
      '由数据管理员裁定。裁定之前，查询此代码的人只会得知“须由人工核对”，不作猜测。',
      'A steward decides. Until then whoever asks about the code is told that a person has to look: nothing is guessed.',
    ),
  )}</p>
<p>${both(text('查看与裁定：', 'To see and to decide them: '))}${coded('lianban city tickets')}, ${coded(
    'lianban city ticket',
  )}</p>`
}

function columns({ columns: list, leftOut }: SourceReport): string {
  const rows = list.map(({ column, as, normal, changed }) => [
    quoted(column),
    both(formWords[as as keyof typeof formWords] ?? text(as, as)),
    normal.length === 0
      ? both(text('原样', 'as it stands'))
      : normal.map((each) => normalised(each, changed[each] ?? 0)).join('<br>'),
  ])
  const heads = [
    text('列', 'Column'),
    text('作为', 'Taken as'),
    text('规范化：改动的单元格', 'Declared change: cells'),
  ]
  const rest = leftOut.length - leftOutMax
  const more = rest > 0 ? bothMarked(` 等，另 ${rest} 列`, ` and ${rest} more`) : ''
  const out = leftOut.slice(0, leftOutMax).map(quoted).join(bothMarked('、', ', '))
  const never = both(text('从不读取的列：', 'Columns that are never read: '))
  const none = both(text('无', 'none'))
  return folded(
    bothMarked(`列：读取 ${list.length}`, `Columns: ${list.length} read`),
    `${table(text('读取的列', 'Columns that are read'), heads, rows, 'mapping')}
<p>${never}${leftOut.length === 0 ? none : out}${more}</p>`,
  )
}

function normalised(name: string, cells: number): string {
  const words = normalWords[name as keyof typeof normalWords] ?? text(name, name)
  return `${both(words)}${bothMarked('：', ': ')}${counted(cells)}`
}

function written(source: SourceReport, members: LoadReport['members']): string {
  const rows = Object.entries(source.written).map(([name, count]) => {
    const member = name.split('.')[0] ?? ''
    return [coded(name), both(members[member] ?? text(member, member)), counted(count)]
  })
  if (rows.length === 0) return ''
  const heads = [
    text('表', 'Table'),
    text('部门', 'Department'),
    { ...text('行', 'Rows'), number: true as const },
  ]
  const makings = Object.entries(source.made).map(([making, count]) => {
    const words = makingWords[making as keyof typeof makingWords] ?? text(making, making)
    return `${both(words)} ${counted(count)}`
  })
  const made =
    makings.length === 0
      ? ''
      : `<p>${both(text('其中为练习而生成：', 'Made for practice beside them: '))}${makings.join(
          bothMarked('，', ', '),
        )}</p>`
  return folded(
    bothMarked(`写入的表：${rows.length}`, `Tables written: ${rows.length}`),
    `${table(text('写入的表', 'Tables that were written'), heads, rows, 'mapping')}${made}`,
  )
}
