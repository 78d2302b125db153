// `lianban source confirm LOADFILE --as MEMBER`: a steward of the department signs how a source is
// to become rows of its register. What the steward is shown is what is signed, by its hash; from
// then on this very file loads, and no changed one. With `--dry-run` it is only shown, with `--new`
// the city begins where there is none.
import { isRefusal } from '#ledger/command'
import { memberLayout } from '#apps/node/city'
import { loadFileHash } from '#apps/node/loading'
import type { LoadFile, LoadTable } from '#apps/node/loading'
import { readPack, readTypes } from '#apps/node/pack'
import { wantedOf } from '#apps/node/proposing'
import type { StewardCode } from '#apps/node/stewards'
import { confirmMapping, officerNamed } from '#apps/node/stewards'
import type { Ask } from '#apps/cli/command'
import { formWords, makingWords, needCity, needDirectory, normalWords } from '#apps/cli/city'
import { openUnlessRunning } from '#apps/cli/city'
import { ledgerNamed } from '#apps/cli/directory'
import { exits, Stop, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { needOffice, officeOf, plain, readLoadFile, unknownOfficer } from '#apps/cli/steward'

const packName = 'beijing'

/** Runs `source confirm`. */
export async function confirmLoadFile(ask: Ask): Promise<Answer> {
  const file = readLoadFile(ask.operands['LOADFILE'] ?? '')
  const member = ask.values['as'] ?? ''
  if (member !== file.steward) throw notTheSteward(file)
  const begins = ask.flags.has('new') || ask.flags.has('dry-run')
  const directory = begins ? needDirectory(ask) : needCity(ask)
  const mapping = loadFileHash(file)
  const shown = { load: file.name, member, mapping, file }
  if (ask.flags.has('dry-run')) {
    const lines = [...linesOf(ask, file), notSigned(ask)]
    return { data: { ok: true, confirmed: false, ...shown }, lines }
  }
  const city = await openUnlessRunning(directory)
  try {
    const office = needOffice(officeOf(directory, city, member), member)
    const word = ask.values['by'] ?? '1'
    const kid = officerNamed(word, member, office.kids)
    if (kid === null) throw unknownOfficer(`--by ${word}`, [office])
    const { root } = memberLayout(directory, member, false)
    const ledger = ledgerNamed(directory)
    const { sign, registry } = office
    const of = { ledger, kid, sign, registry, now: Date.now() }
    const done = await confirmMapping(root, file, of)
    if (isRefusal(done)) {
      throw new Stop({ code: done.code, exit: exits.failure, at: `${member} ${done.at ?? ''}` })
    }
    const name = office.names[office.kids.indexOf(kid)] ?? kid
    const lines = [...linesOf(ask, file), signedLine(ask, name, mapping)]
    return { data: { ok: true, confirmed: true, by: name, kid, ...shown }, lines }
  } finally {
    await city?.stop()
  }
}

function notTheSteward({ steward }: LoadFile): Stop {
  const code: StewardCode = 'node/not-the-steward'
  return new Stop({
    code,
    exit: exits.usage,
    at: '--as',
    text: text(
      `此载入文件的数据管理部门是 ${steward}`,
      `the steward of this load file is ${steward}`,
    ),
    remedy: text(
      `由该部门确认：--as ${steward}`,
      `let that department confirm it: --as ${steward}`,
    ),
  })
}

function notSigned({ terminal }: Ask): string {
  return terminal.words('只作查看，未签字', 'only shown: nothing was signed')
}

function signedLine({ terminal }: Ask, name: string, mapping: string): string {
  return terminal.words(
    `已由 ${name} 签字确认：${mapping}`,
    `confirmed and signed by ${name}: ${mapping}`,
  )
}

/** What is signed, in plain words: what is read, how it is changed, and where it goes. */
const orderWords = {
  'year-first': text('年在前', 'year first'),
  'day-first': text('日在前', 'day first'),
}

function linesOf({ terminal }: Ask, file: LoadFile): readonly string[] {
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  const evidence = evidenceOf()
  const fields = Object.entries(file.fields).map(([name, column]) => {
    const { as, normal = [], order, empty } = column
    return [
      `  ${plain(column.column)}`,
      '→',
      name,
      file.key.includes(name) ? words('键', 'the key') : '',
      [
        terminal.of(formWords[as]),
        ...(order === undefined ? [] : [terminal.of(orderWords[order])]),
        ...(empty === true ? [words('可空', 'may be empty')] : []),
        ...normal.map((each) => terminal.of(normalWords[each])),
      ].join(words('，', ', ')),
    ]
  })
  const tables = tablesOf(file).map((table) => tableRows(table, evidence))
  const members = new Set(tablesOf(file).map(({ member }) => member))
  const others = [...members].filter((member) => member !== file.steward)
  const made = Object.entries(file.make ?? {}).map(([name, making]) => {
    return `${name} (${terminal.of(makingWords[making])})`
  })
  return [
    plain(`${words(file.zh, file.en)}: ${file.file}`),
    words('读取的列（其余一律不读）：', 'columns that are read, and no others:'),
    ...terminal.table(fields),
    words('写入：', 'written to:'),
    ...tables.flatMap(([head, rows]) => [`  ${head}`, ...terminal.table(rows)]),
    ...(others.length === 0
      ? []
      : [
          words(
            `其中属于其他部门、只在练习城市可写的：${others.join('、')}`,
            `of these, other departments’, which only a practice city allows: ${others.join(', ')}`,
          ),
        ]),
    ...(made.length === 0
      ? []
      : [words(`为练习生成：${made.join('、')}`, `made for practice: ${made.join(', ')}`)]),
  ]
}

function tablesOf({ tables, join }: LoadFile): readonly LoadTable[] {
  return [...tables, ...(join?.tables ?? [])]
}

/** A table with what each of its columns gets, and which evidence is answered from it. */
function tableRows(
  { member, table, columns }: LoadTable,
  evidence: ReadonlyMap<string, string>,
): readonly [head: string, rows: readonly (readonly string[])[]] {
  const rows = Object.entries(columns).map(([column, value]) => {
    const said = typeof value === 'string' ? value : JSON.stringify(value.constant)
    const field = evidence.get(`${member}.${table}.${column}`)
    return [`    ${plain(column)}`, `← ${plain(said)}`, field === undefined ? '' : `→ ${field}`]
  })
  return [`${member}.${table}`, rows]
}

/** Fields of evidence types by the column of a register from which they are answered. */
function evidenceOf(): ReadonlyMap<string, string> {
  const wanted = wantedOf(readPack(packName).mappings, readTypes())
  const found = new Map<string, string>()
  for (const { type, member, table, column, field } of wanted.flatMap((each) => each.targets)) {
    if (field === null) continue
    const place = `${member}.${table}.${column}`
    const before = found.get(place)
    found.set(place, before === undefined ? `${type}.${field}` : `${before}, ${type}.${field}`)
  }
  return found
}
