// What came of a load, on one screen for people: each source in a row, then what was refused with
// its remedy, then what is still to be done. The report says the same at length.
import { text } from '#apps/cli/output'
import type { Terminal } from '#apps/cli/output'
import { ticketsIn } from './report.ts'
import type { LoadReport, SourceReport } from './report.ts'
import { isFruitless } from './report-source.ts'
import { notAttestedWords, stateWords } from './report-words.ts'

/** The lines of the screen. `page`: where the report stands. */
export function loadScreen(terminal: Terminal, told: LoadReport, page: string): readonly string[] {
  const report = { ...told, sources: told.sources.map(named) }
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  const { sources, missing, ticketsOpen } = report
  const waits = sources.some(({ state }) => state === 'waits')
  const names = report.named.map(plain)
  return [
    ...overview(terminal, report),
    '',
    ...sources.flatMap((source) => reasonLines(terminal, source)),
    ...sources
      .flatMap((source) => notedLines(words, source))
      .flatMap((line) => terminal.fold(line)),
    ...missing.map(({ zh, en, file }) => {
      const path = plain(file)
      return words(`${plain(zh)}：没有文件 ${path}`, `${plain(en)}: there is no file ${path}`)
    }),
    ...(waits
      ? [
          words(
            '差异超过上限：请另一人查看后加 --by 与 --second 再载入',
            'more differs than one person may accept: load again with --by and --second',
          ),
        ]
      : []),
    ...(ticketsOpen > 0
      ? [
          words(
            `这些登记表有 ${ticketsOpen} 件待核对，由数据管理员裁定：lianban city tickets`,
            `Match tickets open for these tables: ${ticketsOpen}. A steward decides: lianban city tickets`,
          ),
        ]
      : []),
    ...terminal.fold(attestedLine(terminal, report)),
    words(`报告：${page}`, `report: ${page}`),
    words(`数据来源：${names.join('、')}`, `source of the data: ${names.join(', ')}`),
  ]
}

function overview(terminal: Terminal, { sources }: LoadReport): readonly string[] {
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  const head = [
    '',
    words('行', 'rows'),
    words('接受', 'accepted'),
    words('拒绝', 'refused'),
    words('待核对', 'tickets'),
    '',
  ]
  const rows = sources.map((source) => [
    words(source.zh, source.en),
    String(source.rows),
    String(source.accepted),
    String(source.refusedRows),
    String(ticketsIn([source])),
    stateOf(terminal, source),
  ])
  return terminal.table([head, ...rows], { numbers: [1, 2, 3, 4] })
}

function stateOf(terminal: Terminal, source: SourceReport): string {
  const { percent, added, changed, vanished, state } = source
  const word = stateWords[isFruitless(source) ? 'none' : state]
  if (percent === null || state === 'unchanged') return terminal.of(word)
  return terminal.words(
    `${word.zh}：新增 ${added}，变更 ${changed}，消失 ${vanished}`,
    `${word.en}: ${added} added, ${changed} changed, ${vanished} gone`,
  )
}

function reasonLines(terminal: Terminal, source: SourceReport): readonly string[] {
  const { reasons, zh, en } = source
  if (reasons.length === 0) return []
  const rows = reasons.map(({ code, count, meaning, remedy }) => [
    `  ${count}`,
    code,
    terminal.of(meaning),
    `→ ${terminal.of(remedy)}`,
  ])
  const title = terminal.words(`${zh}：拒绝的原因`, `${en}: why rows were refused`)
  return [title, ...terminal.table(rows, { numbers: [0] }), '']
}

/** What must be known of a source: what is made in it, and what of it is masked and never read. */
function notedLines(
  words: (zh: string, en: string) => string,
  { zh, en, note, masked, otherwise }: SourceReport,
): readonly string[] {
  const name = words(zh, en)
  const hidden = Object.entries(masked).map(([column, count]) => {
    return words(
      `${name}：${plain(column)} 遮掩 ${count} 格，不读取`,
      `${name}: ${count} masked cells in ${plain(column)}, which is never read`,
    )
  })
  return [
    ...(note === null ? [] : [`${name}${words('：', ': ')}${words(note.zh, note.en)}`]),
    ...hidden,
    ...otherwise.map(({ table, count }) => {
      return words(
        `${name}：${count} 行在 ${table} 中已有不同记载，保留原记载；行号见报告`,
        `${name}: of ${count} rows ${table} says something else, which stays; the report names them`,
      )
    }),
  ]
}

function attestedLine(terminal: Terminal, { attested, sources }: LoadReport): string {
  if (attested === null) {
    return terminal.words(
      '城市正在另一进程中运行：它下次查看数据时会在账本上声明',
      'the city runs in another process, which will attest it when it looks next',
    )
  }
  const said = attested.filter(({ state }) => state !== undefined)
  const red = said.filter(({ state }) => state === 'red').length
  const not = attested.flatMap(({ source, code }) => {
    if (code === undefined) return []
    const { zh, en } = notAttestedWords(code)
    const of = sources.find(({ name }) => name === source)
    return [terminal.words(`${of?.zh ?? source}（${zh}）`, `${of?.en ?? source} (${en}) ${code}`)]
  })
  const list = not.join(terminal.words('、', ', '))
  const but = list === '' ? '' : terminal.words(`；未声明：${list}`, `; not: ${list}`)
  return terminal.words(
    `已在账本上声明 ${said.length} 份的结构、行数与时间，其中红色 ${red}${but}`,
    `schema, rows and age of ${said.length} attested on the ledger, ${red} of them red${but}`,
  )
}

function named(source: SourceReport): SourceReport {
  const { zh, en, note } = source
  const said = note === null ? null : text(plain(note.zh), plain(note.en))
  return { ...source, zh: plain(zh), en: plain(en), note: said }
}

/** Names come from outside: nothing of them may steer a terminal. */
export function plain(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\ufffd')
}
