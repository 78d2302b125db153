// `lianban source match LEFT RIGHT`: who is one person or firm in two sources. Rows are named by
// their numbers; no name and no code is printed. What is in doubt is a ticket for a steward.
import fs from 'node:fs'
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { Failure, trySource } from '#adapters/sources'
import type { Trial } from '#adapters/sources'
import { decodeRules, isRules, matchAll, matchTexts, TooManyPairs } from '#apps/node/matching'
import type { Entry, Matched, MatchingRules, NameRule, Subject } from '#apps/node/matching'
import type { Ask } from '#apps/cli/command'
import { exits, Stop, text, writeNew } from '#apps/cli/output'
import type { Answer, Terminal, Text } from '#apps/cli/output'
import { formOptions, opened, stopOf } from './opening.ts'

/**
 * Without a file of rules names may differ in blanks and width and, of persons, in middle dots, and
 * in nothing else.
 */
function plainRules(about: Subject): MatchingRules {
  const names: readonly NameRule[] = [{ rule: 'blanks' }, { rule: 'width' }]
  const more: readonly NameRule[] = about === 'person' ? [{ rule: 'dots' }] : []
  return { format: 'lianban/matching/1', about, names: [...names, ...more] }
}

/** What stands between former names in one cell. */
const betweenNames = /[;；、|\n]/

const rulesBytesMax = 65_536

/** Matches two sources. Ends with the code of a conflict while there are tickets. */
export async function matchSources(ask: Ask): Promise<Answer> {
  const declared = rulesOf(ask.values['rules'])
  const { LEFT: left = '', RIGHT: right = '' } = ask.operands
  const sides = [await entriesOf(ask, left, 0), await entriesOf(ask, right, 1)] as const
  const entries = [sides[0].entries, sides[1].entries] as const
  const arePersons = sides.some(({ about }) => about === 'person')
  const rules = declared ?? plainRules(arePersons ? 'person' : 'firm')
  const found = matched(rules, entries, left)
  const path = ask.values['tickets']
  if (path !== undefined) writeTickets(path, found)
  const { tickets, same, ...counts } = found
  const reasons = counted(tickets.map(({ why }) => why))
  const by = counted(same.map((pair) => pair.by))
  const rows = { left: entries[0].length, right: entries[1].length }
  return {
    data: { left, right, rows, same: same.length, by, tickets: tickets.length, reasons, ...counts },
    lines: linesOf(ask.terminal, { found, by, reasons, rows }),
    exit: tickets.length > 0 ? exits.conflict : exits.ok,
  }
}

function matched(
  rules: MatchingRules,
  [left, right]: readonly [readonly Entry[], readonly Entry[]],
  path: string,
): Matched {
  try {
    return matchAll(rules, left, right)
  } catch (error) {
    if (!(error instanceof TooManyPairs)) throw error
    const { code, row } = error
    const { zh = code, en = code } = matchTexts[code] ?? {}
    throw new Stop({ code, exit: exits.failure, at: `${path} ${row}`, text: text(zh, en) })
  }
}

function counted(words: readonly string[]): { readonly [word: string]: number } {
  const counts: { [word: string]: number } = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

function rulesOf(path: string | undefined): MatchingRules | undefined {
  if (path === undefined) return undefined
  const fault = (expected: string): Stop =>
    new Stop({
      code: 'cli/bad-value',
      exit: exits.usage,
      at: `--rules ${path}`,
      text: text(`规则文件不对：${expected}`, `not a file of rules: ${expected}`),
    })
  let content: Buffer
  try {
    content = fs.readFileSync(path)
  } catch (error) {
    throw fault((error as NodeJS.ErrnoException).code ?? 'unknown')
  }
  if (content.length > rulesBytesMax) throw fault(`at most ${rulesBytesMax} bytes`)
  let value: Json
  try {
    value = JSON.parse(content.toString('utf8')) as Json
  } catch {
    throw fault('JSON in UTF-8')
  }
  const rules = decodeRules(value)
  if (!isRules(rules)) throw fault(`${rules.path}: ${rules.expected}`)
  return rules
}

type Side = { readonly entries: readonly Entry[]; readonly about: Subject }

async function entriesOf(ask: Ask, path: string, side: 0 | 1): Promise<Side> {
  try {
    const source = await opened(path, formOptions(ask))
    const progress = ask.terminal.progress('已读行（共两遍）', 'rows read, in two readings')
    const trial = await trySource(source, { ...formOptions(ask), onRows: progress })
    progress()
    const [code, name] = [columnOf(ask, trial, 'code', side), columnOf(ask, trial, 'name', side)]
    const former = formerOf(ask, trial, side)
    const entries: Entry[] = []
    await source.rows.scan(({ number, cells }) => {
      if (number <= trial.header.row || cells.every((cell) => cell.text.trim() === '')) return
      const [codeCell, nameCell] = [cells[code], cells[name]]
      const names = former === null ? [] : (cells[former]?.text ?? '').split(betweenNames)
      entries.push({
        row: number,
        code: codeCell?.text ?? '',
        name: nameCell?.text ?? '',
        former: names.filter((each) => each.trim() !== ''),
      })
    })
    const isPerson = trial.columns[code]?.type === 'citizen-id'
    return { entries, about: isPerson ? 'person' : 'firm' }
  } catch (error) {
    throw error instanceof Failure ? stopOf(error, path) : error
  }
}

/** The place of the column of former names, where this side has one. */
function formerOf(ask: Ask, trial: Trial, side: 0 | 1): number | null {
  const asked = ask.values['former']?.split(',')
  // A side without such a column is left empty: `--former 曾用名,`.
  const wanted = asked?.[side] ?? asked?.[0] ?? ''
  return wanted === '' ? null : columnOf(ask, trial, 'former', side)
}

type ColumnOption = 'code' | 'former' | 'name'

/** The place of a column that was named, or of the only one of its type. */
function columnOf(ask: Ask, { columns }: Trial, option: ColumnOption, side: 0 | 1): number {
  const asked = ask.values[option]?.split(',')
  const wanted = asked?.[side] ?? asked?.[0]
  const found = columns.flatMap(({ letter, name, type }, at) => {
    const fits =
      wanted === undefined
        ? option === 'code' && (type === 'uscc' || type === 'citizen-id')
        : letter === wanted || name === wanted
    return fits ? [at] : []
  })
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  const known = columns.map(({ letter, name }) => `${letter} ${name}`).join(', ')
  throw new Stop({
    code: 'cli/bad-value',
    exit: exits.usage,
    at: `--${option}`,
    text: text(`请指明列：${known}`, `name one column of: ${known}`),
  })
}

function writeTickets(path: string, { tickets }: Matched): void {
  const lines = tickets.map((ticket) => `${encodeCanonical(ticket as unknown as Json)}\n`)
  writeNew(path, Buffer.from(lines.join('')))
}

const doubtWords: { readonly [why: string]: Text } = {
  'code-missing': text('名称相同，但一方没有有效代码', 'one name, and no valid code on one side'),
  'code-twice': text('同一份数据中代码重复而名称不同', 'a code twice in one source, other names'),
  'codes-differ': text('名称相同，代码不同', 'one name, two valid codes'),
  'names-differ': text('代码相同，名称不同', 'one code, two names'),
}

type Screen = {
  readonly found: Matched
  readonly by: { readonly [rule: string]: number }
  readonly reasons: { readonly [why: string]: number }
  readonly rows: { readonly left: number; readonly right: number }
}

function linesOf(terminal: Terminal, { found, by, reasons, rows }: Screen): readonly string[] {
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  const lines = [
    [words('左边', 'left'), String(rows.left), words('行', 'rows')],
    [words('右边', 'right'), String(rows.right), words('行', 'rows')],
    [words('同一主体', 'the same'), String(found.same.length), ''],
    ...Object.entries(by).map(([rule, count]) => ['', String(count), sameWords(terminal, rule)]),
    [words('待核对', 'tickets'), String(found.tickets.length), ''],
    ...Object.entries(reasons).map(([why, count]) => {
      return ['', String(count), terminal.of(doubtWords[why] ?? text(why, why))]
    }),
    [words('只在左边', 'only left'), String(found.onlyLeft), ''],
    [words('只在右边', 'only right'), String(found.onlyRight), ''],
  ]
  const open = words(
    '待核对的由数据管理员裁定；用 --tickets FILE 逐件写出。',
    'A steward decides the tickets; --tickets FILE writes them one by one.',
  )
  return [
    ...terminal.table(lines, { numbers: [1] }),
    ...(found.tickets.length > 0 ? ['', open] : []),
  ]
}

const ruleWords: { readonly [rule: string]: Text } = {
  name: text('原样', 'as written'),
  blanks: text('不计空白', 'but for blanks'),
  width: text('不计全角半角', 'but for full and half width'),
  dots: text('不计间隔号', 'but for dots'),
  forms: text('不计同一个字的不同编码', 'but for code points of one character'),
  character: text('不计声明的异体字', 'but for a declared character'),
  ending: text('不计声明的结尾', 'but for a declared ending'),
  beginning: text('不计声明的开头', 'but for a declared beginning'),
  former: text('其中一个是曾用名', 'one of them a former name'),
}

/** How two rows were found to be one: under one code, by a name that is the same in some way. */
function sameWords(terminal: Terminal, by: string): string {
  const rule = by.replace('code-and-', '')
  const how = ruleWords[rule] ?? text(rule, rule)
  return terminal.words(`代码相同，名称相同（${how.zh}）`, `one code, one name (${how.en})`)
}
