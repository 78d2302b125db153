// What a trial found, on one screen for people. The same facts are in the answer for programs.
import type { Bad, Column, Trial } from '#adapters/sources'
import { wordsOf } from '#adapters/sources'
import type { Terminal } from '#apps/cli/output'
import { proposalsOf } from './mapping.ts'
import { remedyOf } from './remedies.ts'

/** Columns that fit a screen; programs get them all. */
const columnsMax = 40

/** The lines of the screen. */
export function screenOf(
  terminal: Terminal,
  path: string,
  trial: Trial,
  proposed: readonly string[],
): readonly string[] {
  const { bad } = trial
  const facts = terminal.table(factsOf(terminal, path, trial))
  const columnRows = [
    columnHead(terminal),
    ...proposalsOf(trial)
      .slice(0, columnsMax)
      .map((proposal, at) =>
        columnRow(terminal, trial.columns[at] as Column, terminal.of(proposal.words)),
      ),
  ]
  const columns = terminal.table(columnRows, { numbers: [3, 4] })
  const reasons = Object.entries(bad.byCode).map(([code, count]) =>
    reasonRow(terminal, code, count),
  )
  const places = bad.first.map((each) => placeRow(terminal, each))
  const none = terminal.words('没有发现问题', 'nothing bad was found')
  return [
    ...facts,
    '',
    ...columns,
    ...(trial.columns.length > columnsMax
      ? [terminal.words(`… 共 ${trial.columns.length} 列`, `… ${trial.columns.length} columns`)]
      : []),
    '',
    ...(reasons.length === 0
      ? [terminal.paint('good', none)]
      : terminal.table(reasons, { numbers: [0] })),
    ...(places.length === 0
      ? []
      : [
          '',
          terminal.words('须人工处理的前若干处：', 'the first that a person must mend:'),
          ...terminal.table(places),
        ]),
    '',
    ...proposed.flatMap((line) => terminal.fold(line)),
    ...terminal.fold(
      terminal.words(
        '映射只是建议，由数据管理员确认后才生效。',
        'The mapping is a proposal; a steward confirms it before it counts.',
      ),
    ),
  ]
}

function factsOf(terminal: Terminal, path: string, trial: Trial): readonly (readonly string[])[] {
  const { form, header, rows, blank, key, duplicates, bad } = trial
  const { words } = { words: (zh: string, en: string) => terminal.words(zh, en) }
  const name =
    header.row === 0
      ? words('没有表头行', 'no header row')
      : words(`第 ${header.row} 行`, `row ${header.row}`)
  const above =
    header.above === 0 ? '' : words(`，其上 ${header.above} 行`, `, ${header.above} rows above it`)
  const sure = header.certain ? '' : words('，须确认', ', to be confirmed')
  const keyed = trial.columns.find(({ letter }) => letter === key?.column)
  return [
    [words('文件', 'file'), plain(path)],
    [words('真实类型', 'true type'), typeWords(terminal, path, trial)],
    [words('编码', 'encoding'), encodingWords(terminal, trial)],
    ...(form.sheets.length === 0
      ? []
      : [[words('表', 'sheet'), `${plain(form.sheet ?? '')} (${form.sheets.length})`]]),
    [words('表头', 'header'), `${name}${above}${sure}`],
    [
      words('键', 'key'),
      keyed === undefined
        ? words('没有可用的列；比较时用 --key 指明', 'no column can serve; compare with --key')
        : `${keyed.letter} ${keyed.name}${key?.unique === true ? '' : words('，不唯一', ', not unique')}`,
    ],
    [
      words('行', 'rows'),
      blank === 0 ? `${rows}` : words(`${rows}，另有空行 ${blank}`, `${rows}, and ${blank} blank`),
    ],
    [
      words('重复', 'duplicates'),
      words(
        `整行 ${duplicates.rows}，键 ${duplicates.keys}`,
        `${duplicates.rows} rows, ${duplicates.keys} keys`,
      ),
    ],
    [
      words('问题', 'bad'),
      bad.total === 0
        ? words('没有', 'none')
        : words(
            `${bad.total - bad.mendable} 处须人工处理，涉及 ${bad.rows} 行；${bad.mendable} 处可按声明的规则处理`,
            `${bad.total - bad.mendable} for a person, in ${bad.rows} rows; ${bad.mendable} that declared rules would mend`,
          ),
    ],
  ]
}

function typeWords(terminal: Terminal, path: string, { form }: Trial): string {
  const named = /\.([A-Za-z0-9]{1,5})$/.exec(path)?.[1]?.toLowerCase()
  const fits =
    named === undefined || named === form.type || (named === 'txt' && form.encoding !== null)
  const other = fits ? '' : terminal.words(`，虽名为 .${named}`, ` under the name .${named}`)
  const character = form.delimiter?.character
  const between =
    character === undefined || character === null
      ? ''
      : character === '\t'
        ? ' (tab)'
        : ` (${character})`
  const sure =
    form.delimiter?.certain === false
      ? terminal.words('，分隔符须确认', ', delimiter to be confirmed')
      : ''
  return `${form.type}${between}${other}${sure}`
}

function encodingWords(terminal: Terminal, { form }: Trial): string {
  const { encoding } = form
  if (encoding === null) return '-'
  const mark = encoding.mark ? ' + BOM' : ''
  const bad =
    encoding.bad === 0
      ? ''
      : terminal.words(
          `，${encoding.bad} 处字节不成字符`,
          `, ${encoding.bad} sequences are no character`,
        )
  return `${encoding.encoding}${mark}${bad}`
}

function columnHead(terminal: Terminal): readonly string[] {
  const { words } = { words: (zh: string, en: string) => terminal.words(zh, en) }
  return [
    '',
    words('列', 'column'),
    words('类型', 'type'),
    words('空', 'empty'),
    words('重复', 'repeated'),
    words('建议映射', 'could be'),
  ]
}

const chinese: { readonly [word in Column['type'] | NonNullable<Column['order']>]: string } = {
  empty: '空',
  masked: '遮掩',
  uscc: '信用代码',
  'citizen-id': '身份证号',
  'real-estate-unit': '不动产单元',
  'certificate-id': '证照标识',
  'service-item': '事项编码',
  integer: '整数',
  decimal: '小数',
  digits: '数字编号',
  date: '日期',
  code: '编号',
  text: '文字',
  'year-first': '年在前',
  'day-first': '日在前',
  'month-first': '月在前',
  undecided: '顺序未定',
}

function wordOf(terminal: Terminal, word: keyof typeof chinese): string {
  return terminal.words(chinese[word], word)
}

function columnRow(terminal: Terminal, column: Column, proposal: string): readonly string[] {
  const order = column.order === undefined ? '' : ` ${wordOf(terminal, column.order)}`
  const repeated = column.repeated === null ? terminal.words('多', 'many') : `${column.repeated}`
  return [
    column.letter,
    shortened(column.name),
    `${wordOf(terminal, column.type)}${order}`,
    `${column.empty}`,
    repeated,
    proposal,
  ]
}

function shortened(name: string): string {
  const shown = plain(name)
  return shown.length > 24 ? `${shown.slice(0, 23)}…` : shown
}

/** Names come from outside: nothing of them may steer a terminal. */
function plain(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\ufffd')
}

function reasonRow(terminal: Terminal, code: string, count: number): readonly string[] {
  const known = wordsOf(code)
  const paint = known?.mendable === true ? 'warn' : 'bad'
  return [
    `${count}`,
    terminal.paint(paint, code),
    known === undefined ? '' : terminal.of(known.meaning),
    `→ ${terminal.of(remedyOf(code))}`,
  ]
}

function placeRow(terminal: Terminal, { at, column, code, offset, first }: Bad): readonly string[] {
  const byte = offset === undefined ? '' : terminal.words(`字节 ${offset}`, `byte ${offset}`)
  const same = first === undefined ? '' : terminal.words(`同第 ${first} 行`, `as row ${first}`)
  return [`  ${at}`, shortened(column ?? ''), code, `${byte}${same}`]
}
