// The data report as one page that needs nothing else: no script, no font, no picture from
// anywhere, and a policy that forbids all of it. First what came of the load, then what a person
// has to do, then each source. One language is shown, the other is one key away.
import { createHash } from 'node:crypto'
import type { Language, Text } from '#apps/cli/output'
import { text } from '#apps/cli/output'
import { both, bothMarked, coded, counted, quoted, safe, table } from './report-markup.ts'
import type { Attested } from './attest.ts'
import { badge, isFruitless, sourceSection } from './report-source.ts'
import { ticketsIn } from './report.ts'
import type { LoadReport, SourceReport } from './report.ts'
import { style } from './report-style.ts'
import { notAttestedWords } from './report-words.ts'

/** The page. `language`: which one is shown first. */
export function reportPage(report: LoadReport, language: Language = 'zh'): string {
  const hash = createHash('sha256').update(style).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  const names = report.named.map(quoted).join(bothMarked('、', ', '))
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">
<title>数据报告 · Data report</title><style>${style}</style></head><body>
<main>
${languageSwitch(language)}
<p class="kind">${both(text('练习城市', 'practice city'))}</p>
<h1>${both(text('数据报告', 'Data report'))}</h1>
${told(report)}
<p class="dim">${both(text('数据来源：', 'Source of the data: '))}${names}</p>
${figures(report)}
<section aria-labelledby="todo"><h2 id="todo">${both(
    text('需要人处理的', 'What needs a person'),
  )}</h2>
${todo(report)}</section>
<section aria-labelledby="all"><h2 id="all">${both(text('各份数据', 'Each source'))}</h2>
${overview(report)}
${report.sources.map((source) => sourceSection(source, report.members)).join('\n')}</section>
<section aria-labelledby="ledger"><h2 id="ledger">${both(
    text('部门在账本上的声明', 'What departments said on the ledger'),
  )}</h2>
${ledger(report)}</section>
${reading()}
</main></body></html>
`
}

function languageSwitch(language: Language): string {
  const choice = (of: Language, name: string, place: string): string => {
    const checked = of === language ? ' checked' : ''
    const lang = of === 'zh' ? 'zh-CN' : 'en'
    return `<input class="switch" type="radio" name="language" id="in-${of}"${checked}>
<label class="${place}" for="in-${of}" lang="${lang}" translate="no">${name}</label>`
  }
  return `${choice('zh', '中文', 'first')}\n${choice('en', 'English', 'last')}`
}

const months =
  'January February March April May June July August September October November December'.split(' ')
const beijingMs = 8 * 3_600_000

/** When and by whom, the time as clocks in the city show it. */
function told({ at, seconds, by, second }: LoadReport): string {
  const iso = new Date(at).toISOString()
  const local = new Date(at + beijingMs).toISOString()
  const [year, month, day] = [
    local.slice(0, 4),
    Number(local.slice(5, 7)),
    Number(local.slice(8, 10)),
  ]
  const clock = local.slice(11, 16)
  const parts = [
    `<time datetime="${iso}">${bothMarked(
      `${year} 年 ${month} 月 ${day} 日 ${clock}（北京时间）`,
      `${day} ${months[month - 1]} ${year}, ${clock} (Beijing time)`,
    )}</time>`,
    bothMarked(`用时 ${seconds} 秒`, `took ${seconds} s`),
  ]
  if (by !== null) parts.push(`${both(text('经手人 ', 'loaded by '))}${quoted(by)}`)
  if (second !== null) parts.push(`${both(text('第二人 ', 'second person '))}${quoted(second)}`)
  return `<p class="dim">${parts.join(' · ')}</p>`
}

function figures({ rows, accepted, refusedRows, ticketsOpen, sources }: LoadReport): string {
  const waiting = sources.filter(({ state }) => state === 'waits').length
  const figure = ({ zh, en }: Text, count: number, kind: string): string => {
    const own = count > 0 && kind !== '' ? ` class="${kind}"` : ''
    return `<div${own}><dt>${both({ zh, en })}</dt><dd>${counted(count)}</dd></div>`
  }
  return `<dl class="figures">
${figure(text('读入的行', 'Rows read'), rows, '')}
${figure(text('接受的行', 'Rows accepted'), accepted, '')}
${figure(text('拒绝的行', 'Rows refused'), refusedRows, 'bad')}
${figure(text('未裁定的待核对单', 'Open match tickets'), ticketsOpen, 'warn')}
${figure(text('等待第二人的数据', 'Sources that wait'), waiting, 'warn')}
</dl>`
}

/** So many reasons of a source are named at the head of the page; all stand in its section. */
const reasonsMax = 4

/** What somebody has to do, by source: first where nothing could be read, then what counts not. */
function todo(report: LoadReport): string {
  const { sources, missing } = report
  const lost = missing.map((each) => {
    const where = bothMarked(`请放入 `, `put it at `) + coded(each.file)
    const what = `${both(text('没有文件。', 'there is no file; '))}${where}`
    return todoItem('bad', both(each), [what])
  })
  const fruitless = sources.filter(isFruitless)
  const others = sources.filter((source) => !isFruitless(source))
  const items = [...fruitless, ...others].flatMap((source) => {
    const needs = [...needsOf(source), ...needsOnLedger(source, report)]
    const kind = isFruitless(source) ? 'bad' : 'warn'
    const name = `<a href="#${source.name}">${both(source)}</a>`
    return needs.length === 0 ? [] : [todoItem(kind, name, needs)]
  })
  const all = [...lost, ...items]
  if (all.length > 0) return `<ul class="todo">${all.join('\n')}</ul>`
  return `<p class="calm">${both(text('没有。', 'Nothing.'))}</p>`
}

function todoItem(kind: 'bad' | 'warn', name: string, needs: readonly string[]): string {
  const [only = ''] = needs
  const title = `<strong>${name}</strong>${bothMarked('：', ': ')}`
  if (needs.length === 1) return `<li class="${kind}">${title}${only}</li>`
  const list = needs.map((need) => `<li>${need}</li>`).join('\n')
  return `<li class="${kind}">${title}<ul>${list}</ul></li>`
}

function needsOf(source: SourceReport): readonly string[] {
  const needs: string[] = []
  if (source.state === 'waits') {
    needs.push(
      both(
        text(
          '变动多于一人可以接受的程度，尚未写入。请另一人查看后再次载入。',
          'more has changed than one person may accept, and nothing is written yet. A second person looks, then it is loaded again.',
        ),
      ),
    )
  }
  const asking = source.reasons.filter(({ needsPerson }) => needsPerson)
  for (const { count, meaning, remedy } of asking.slice(0, reasonsMax)) {
    const word = count === 1 ? 'place' : 'places'
    const places = bothMarked(`（${counted(count)} 处）`, ` (${counted(count)} ${word})`)
    needs.push(`${both(meaning)}${places} → ${both(remedy)}`)
  }
  const rest = asking.length - reasonsMax
  if (rest > 0)
    needs.push(bothMarked(`另有 ${rest} 种原因，见下`, `${rest} more reasons, see below`))
  const { ticketsOpen: open } = source
  if (open > 0) {
    const word = open === 1 ? 'ticket' : 'tickets'
    needs.push(
      bothMarked(
        `其登记表有待核对 ${counted(open)} 件，由数据管理员裁定`,
        `${counted(open)} match ${word} open for its tables, for a steward to decide`,
      ),
    )
  }
  return needs
}

function needsOnLedger({ name }: SourceReport, { attested }: LoadReport): readonly string[] {
  return (attested ?? []).flatMap(({ source, state, code }) => {
    if (source !== name) return []
    if (state === 'red') {
      return [
        both(
          text(
            '账本上为红色：结构与目录不同，或数据比承诺的旧',
            'red on the ledger: not the schema of the catalogue, or older than promised',
          ),
        ),
      ]
    }
    if (code === undefined) return []
    const { zh, en } = notAttestedWords(code)
    return [bothMarked(`未在账本上声明：${safe(zh)}`, `not attested on the ledger: ${safe(en)}`)]
  })
}

function overview({ sources, rows, accepted, refusedRows }: LoadReport): string {
  const number = (zh: string, en: string): Text & { number: true } => ({ zh, en, number: true })
  const lines = sources.map((source) => [
    `<a href="#${source.name}">${both(source)}</a>`,
    counted(source.rows),
    counted(source.accepted),
    counted(source.refusedRows),
    counted(ticketsIn([source])),
    badge(source),
  ])
  const total = [rows, accepted, refusedRows, ticketsIn(sources)].map(counted)
  return table(
    text('所有数据', 'All sources'),
    [
      text('数据', 'Source'),
      number('读入', 'Rows'),
      number('接受', 'Accepted'),
      number('拒绝', 'Refused'),
      number('新待核对', 'New tickets'),
      text('状态', 'State'),
    ],
    [...lines, [`<strong>${both(text('合计', 'All together'))}</strong>`, ...total, '']],
    'overview',
  )
}

/** What the departments said of their resources on the ledger. */
function ledger({ attested, sources, members }: LoadReport): string {
  if (attested === null) {
    return `<p>${both(
      text(
        '城市正在另一进程中运行，尚未在账本上声明；它下次查看数据时、或再次启动后，会自行声明。',
        'The city runs in another process, which attests it when it looks next or starts again.',
      ),
    )}</p>`
  }
  if (attested.length === 0) return `<p>${both(text('没有声明。', 'Nothing was said.'))}</p>`
  const rows = attested.map(({ source, member, state, entry, code }) => {
    const named = sources.find(({ name }) => name === source)
    return [
      named === undefined ? coded(source) : `<a href="#${source}">${both(named)}</a>`,
      both(members[member] ?? text(member, member)),
      stateOf(state, code),
      entry === undefined ? '' : String(entry),
    ]
  })
  return `<p>${both(
    text(
      '声明的是结构、行数和截至时间，不含任何值。绿色：与目录所载一致；红色：结构不同，或数据比承诺的旧；已公告的变更不作红色。',
      'They state schema, number of rows and date, and no value. Green: as the catalogue promises. Red: another schema, or older than promised; a change that was announced is not red.',
    ),
  )}</p>${table(
    text('声明', 'Statements'),
    [
      text('数据', 'Source'),
      text('部门', 'Department'),
      text('状态', 'State'),
      { ...text('账本条目', 'Ledger entry'), number: true },
    ],
    rows,
  )}`
}

function stateOf(state: Attested['state'], code: string | undefined): string {
  if (state === 'green') return `<span class="state good">${both(text('绿', 'green'))}</span>`
  if (state === 'announced') {
    return `<span class="state good">${both(text('已公告变更', 'change announced'))}</span>`
  }
  if (state === 'red') return `<span class="state bad">${both(text('红', 'red'))}</span>`
  const why = both(notAttestedWords(code ?? ''))
  return `<span class="state warn">${both(text('未声明', 'not attested'))}</span> ${why}<span
class="code">${coded(code ?? '')}</span>`
}

function reading(): string {
  const lines = [
    text(
      '这里只有行号、列名和原因，不含任何单元格的值，因此可以发给名单的提供者。',
      'Here are rows, columns and reasons and no value of a cell, so whoever keeps the list may be sent it.',
    ),
    text(
      '行号与电子表格所示相同，连同标题行和空行。',
      'Rows are numbered as a spreadsheet numbers them, with titles and blank rows.',
    ),
    text(
      '一行要么整行计入，要么整行拒绝。拒绝的行更正后再次载入即可；没有变化的行不会重复写入。',
      'A row counts whole or not at all. Mend what is refused and load again: rows that stayed the same are not written twice.',
    ),
    text(
      '同名的 .json 文件为程序提供同样的内容。',
      'The .json file of the same name says the same to programs.',
    ),
  ]
  return `<footer><h2>${both(text('怎样看这份报告', 'How to read this report'))}</h2>
${lines.map((line) => `<p>${both(line)}</p>`).join('\n')}</footer>`
}
