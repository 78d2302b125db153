// The data report as one page that needs nothing else: no script, no font, no picture from
// anywhere. Chinese and English stand side by side; on a narrow screen tables become lists.
import type { Refused } from '#apps/node/loading'
import type { Text } from '#apps/cli/output'
import type { LoadReport, SourceReport } from './report.ts'

const style = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--bad:#b3261e;--good:#1b6e3c}
@media (prefers-color-scheme:dark){:root{--bad:#ff8a80;--good:#7bd99b}}
*{box-sizing:border-box}
body{font:16px/1.6 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;
margin:0 auto;max-width:72rem;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.3}h2{font-size:1.2rem;margin-top:2.5rem;line-height:1.3}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .5rem;border-bottom:1px solid var(--line)}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
code{font-size:.875em}.bad{color:var(--bad)}.good{color:var(--good)}
.note{padding:.5rem .75rem;background:var(--soft);border-radius:.4rem}
summary{cursor:pointer;padding:.5rem 0;min-height:44px}
.rows{columns:16rem;font-size:.875rem;padding:0;margin:0;list-style:none}
@media (max-width:40rem){thead{position:absolute;left:-99rem}
tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}
td,td.n{display:flex;justify-content:space-between;gap:1rem;border:0;padding:.1rem 0;
text-align:right}
td::before{content:attr(data-h);text-align:left;opacity:.75}}
`

/** The page. */
export function reportPage(report: LoadReport): string {
  const day = new Date(report.at).toISOString().slice(0, 16).replace('T', ' ')
  const people = [report.by, report.second].filter((each) => each !== null)
  const named = report.named.map(safe).join('、')
  const missing = report.missing.map(({ zh, en, file }) => {
    return `<p class="bad">${safe(zh)} ${safe(en)}: ${safe(file)} 没有文件 no file</p>`
  })
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>数据报告 Data report</title><style>${style}</style></head><body>
<h1>数据报告 <span lang="en">Data report</span></h1>
<p class="note">练习城市。所列只有行号、列名和原因，不含任何单元格的值。 <span lang="en">A practice city.
Rows, columns and reasons only: no value of a cell stands here.</span></p>
<p>数据来源 <span lang="en">Source of the data</span>: <strong>${named}</strong></p>
<p>${[`${day} UTC`, `${report.seconds} s`, ...people.map(safe)].join(' · ')}</p>
${summary(report)}
${missing.join('\n')}
${report.sources.map(section).join('\n')}
${ledger(report)}
</body></html>
`
}

const states: { readonly [state in SourceReport['state']]: string } = {
  loaded: '<span class="good">已载入 loaded</span>',
  unchanged: '<span class="good">无变化 unchanged</span>',
  waits: '<span class="bad">等待第二人 waits for a second person</span>',
}

function summary({ sources, rows, accepted, refusedRows }: LoadReport): string {
  return table(
    ['数据 source', '#行 rows', '#接受 accepted', '#拒绝 refused', '#待核对 tickets', '状态 state'],
    [
      ...sources.map((source) => [
        `<a href="#${source.name}">${safe(source.zh)} ${english(source.en)}</a>`,
        `${source.rows}`,
        `${source.accepted}`,
        `${source.refusedRows}`,
        `${source.tickets.length}`,
        states[source.state],
      ]),
      [
        '合计 total',
        `${rows}`,
        `${accepted}`,
        `${refusedRows}`,
        `${sources.reduce((sum, { tickets }) => sum + tickets.length, 0)}`,
        '',
      ],
    ],
  )
}

/** What the departments said of their resources on the ledger. */
function ledger({ attested }: LoadReport): string {
  if (attested === null) {
    return `<p class="bad">城市正在另一进程中运行，未在账本上声明。
${english('The city ran in another process: nothing was attested on the ledger.')}</p>`
  }
  const rows = attested.map(({ source, member, state, entry, code }) => {
    const said = state ?? `<code>${safe(code ?? '')}</code>`
    return [safe(source), safe(member), said, entry === undefined ? '' : `${entry}`]
  })
  const heads = ['数据 source', '部门 department', '状态 state', '#条目 entry']
  return `<h2>账本上的声明 ${english('Attested on the ledger')}</h2>${table(heads, rows)}`
}

function section(source: SourceReport): string {
  const { name, zh, en, file, type, encoding, first, percent, joined, unmatched } = source
  const state = first
    ? '首次载入 first load'
    : `+${source.added} ~${source.changed} −${source.vanished} =${source.same} (${percent} %)`
  const facts = [
    `<code>${safe(file)}</code> · ${safe(type)}${encoding === null ? '' : ` · ${safe(encoding)}`}`,
    `${safe(source.source.name)} · ${safe(source.source.terms)}`,
    `${states[source.state]} · ${state}${source.columnsChanged ? ' · 列有变化 columns changed' : ''}`,
  ]
  if (joined !== null) {
    facts.push(`关联成功 joined: ${joined}；未关联 unmatched: ${unmatched.length}`)
  }
  return `<h2 id="${safe(name)}">${safe(zh)} <span lang="en">${safe(en)}</span></h2>
${facts.map((fact) => `<p>${fact}</p>`).join('\n')}
${reasons(source)}
${columns(source)}
${listed('逐行原因 Every refused row and cell', source.refused)}
${listed('未关联的行 Rows without a partner', unmatched)}
${tickets(source)}
${written(source)}`
}

function reasons({ reasons: list }: SourceReport): string {
  if (list.length === 0) return '<p class="good">没有拒绝的行。Nothing was refused.</p>'
  const both = ({ zh, en }: Text): string => `${safe(zh)} <span lang="en">${safe(en)}</span>`
  return table(
    ['原因 reason', '#次数 count', '含义 meaning', '办法 remedy'],
    list.map(({ code, count, meaning, remedy }) => [
      `<code>${safe(code)}</code>`,
      `${count}`,
      both(meaning),
      remedy === undefined ? '' : both(remedy),
    ]),
  )
}

function columns({ columns: list, leftOut }: SourceReport): string {
  const rows = list.map(({ column, as, normal, changed }) => {
    const counts = Object.entries(changed).map(([each, count]) => `${each} ${count}`)
    return [safe(column), safe(as), safe(normal.join(', ')), safe(counts.join(', '))]
  })
  const head = ['列 column', '形式 form', '已声明的规范化 declared', '改动的单元格 cells changed']
  const out = leftOut.length === 0 ? '无 none' : leftOut.map(safe).join('、')
  return `<details><summary>列 Columns</summary>${table(head, rows)}
<p>未读取的列 Columns that are never read: ${out}</p></details>`
}

function listed(title: string, rows: readonly Refused[]): string {
  if (rows.length === 0) return ''
  const items = rows.map(({ at, column, code }) => {
    return `<li>${safe(at)} ${column === null ? '' : safe(column)} <code>${safe(code)}</code></li>`
  })
  return folded(title, items)
}

function tickets({ tickets: list }: SourceReport): string {
  if (list.length === 0) return ''
  const words = {
    'names-differ': '一码两名 one code, two names',
    'codes-differ': '一名两码 one name, two codes',
  }
  const items = list.map(({ row, why, table: name }) => {
    return `<li>${row} ${words[why]} <code>${safe(name)}</code></li>`
  })
  return folded('待核对单 Match tickets', items)
}

function folded(title: string, items: readonly string[]): string {
  const list = `<ul class="rows">${items.join('')}</ul>`
  return `<details><summary>${title} (${items.length})</summary>${list}</details>`
}

function english(text: string): string {
  return `<span lang="en">${safe(text)}</span>`
}

function written({ written: tables, made }: SourceReport): string {
  const rows = Object.entries(tables).map(([name, count]) => [
    `<code>${safe(name)}</code>`,
    `${count}`,
  ])
  if (rows.length === 0) return ''
  const makings = Object.entries(made).map(([making, count]) => `${safe(making)} ${count}`)
  return `<details><summary>写入的表 Tables</summary>${table(['表 table', '#行 rows'], rows)}
<p>练习生成 Made for practice: ${makings.length === 0 ? '无 none' : makings.join(', ')}</p></details>`
}

/** A table; a heading that begins with # is one of numbers. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const bare = heads.map((head) => head.replace('#', ''))
  const kind = (at: number): string => (heads[at]?.startsWith('#') === true ? ' class="n"' : '')
  const head = bare.map((each, at) => `<th${kind(at)}>${each}</th>`).join('')
  const body = rows.map((cells) => {
    const own = cells.map((cell, at) => `<td${kind(at)} data-h="${bare[at] ?? ''}">${cell}</td>`)
    return `<tr>${own.join('')}</tr>`
  })
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`
}

function safe(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
