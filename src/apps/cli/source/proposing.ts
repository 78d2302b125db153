// What a tried list could become in this city: which of its columns could fill which fields of
// which evidence types and why, what is missing, and a draft of a load file for a steward. It is a
// proposal; where nothing decides, it says so.
import { basename } from 'node:path'
import type { Json } from '#base/canonical'
import { systemKindOf } from '#adapters/registers'
import type { Bad, Trial } from '#adapters/sources'
import { loadNames, readPack, readTypes, readTypeTexts } from '#apps/node/pack'
import { draftOf, fittingOf, normalOf, readHeaderWords, wantedOf } from '#apps/node/proposing'
import type { Because, CellCounts, Draft, Fitting, OpenPoint } from '#apps/node/proposing'
import type { TypeFit } from '#apps/node/proposing'
import { nearestOf, usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { NewFile, text } from '#apps/cli/output'
import type { Terminal, Text } from '#apps/cli/output'

const packName = 'beijing'
/** Columns that nobody asks for, as many as a line shows. */
const unreadShown = 12
/** Columns that could fill a type, as many as a screen shows. */
const fitsShown = 40

/** Counts what is bad in each column, by its letter. */
export class CellCounting {
  readonly #counts: Map<string, { [code: string]: number }> = new Map()

  add({ at, column, code }: Bad): void {
    if (column === null) return
    const letter = at.replace(/\d+$/, '')
    const counts = this.#counts.get(letter) ?? {}
    counts[code] = (counts[code] ?? 0) + 1
    this.#counts.set(letter, counts)
  }

  get byColumn(): ReadonlyMap<string, CellCounts> {
    return this.#counts
  }
}

/** What a list could fill in this city, as far as `--as` and `--type` leave it. */
export function fittingIn(ask: Ask, trial: Trial): Fitting {
  const all = wantedOf(readPack(packName).mappings, readTypes())
  const { as, type } = ask.values
  known('--as', as, [...new Set(all.map(({ member }) => member))])
  known('--type', type, [...new Set(all.map(({ type: each }) => each.type))])
  const wanted = all.filter((each) => {
    return (as ?? each.member) === each.member && (type ?? each.type.type) === each.type.type
  })
  return fittingOf(trial.columns, wanted, readHeaderWords(packName))
}

function known(option: string, word: string | undefined, words: readonly string[]): void {
  if (word === undefined || words.includes(word)) return
  const near = nearestOf(word, words)
  const list = words.join(' ')
  throw usage('cli/bad-value', `${option} ${word}`, [
    near === undefined ? `可用：${list}` : `是否为 ${near}？可用：${list}`,
    near === undefined ? `there are: ${list}` : `did you mean ${near}? there are: ${list}`,
  ])
}

function titleOf(type: string): Text {
  const [zh, en] = [readTypeTexts('zh')[type]?.title, readTypeTexts('en')[type]?.title]
  return text(zh ?? type, en ?? type)
}

/** What a load would read otherwise than the trial did: it opens files, and finds their form. */
function pointsOf({ values }: Ask, source: string): readonly OpenPoint[] {
  const given = ['encoding', 'delimiter', 'sheet'].filter((name) => values[name] !== undefined)
  const words = given.map((name) => `--${name} ${values[name]}`).join(' ')
  if (systemKindOf(source) !== null) {
    const zh = '载入文件只读文件：先用 lianban source export 写出该表，再起草'
    const en = 'a load reads files: write the table with lianban source export, and draft from that'
    return [{ at: 'file', zh, en }]
  }
  if (given.length === 0) return []
  const zh = `试读时写明了 ${words}，载入时不会：先用 lianban source export 写出，再起草`
  const en = `the trial was told ${words}, a load is not: write it with lianban source export first`
  return [{ at: 'file', zh, en }]
}

/** Writes a draft to a new file. */
export function writeDraft(
  ask: Ask,
  source: string,
  of: {
    readonly trial: Trial
    readonly fitting: Fitting
    readonly found: ReadonlyMap<string, CellCounts>
  },
): Draft {
  const draft = draftOf({
    file: basename(source),
    columns: of.trial.columns,
    key: of.trial.key,
    types: of.fitting.types,
    titleOf,
    found: of.found,
    taken: loadNames(packName),
    points: pointsOf(ask, source),
  })
  const file = new NewFile(ask.values['propose'] ?? '')
  try {
    file.write(Buffer.from(draftText(draft)))
    file.keep()
  } finally {
    file.drop()
  }
  return draft
}

/** JSON as people edit it: a line for each point, field and table. */
function draftText(draft: Draft): string {
  const inline = (value: Json): string => JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, ' ')
  const members = Object.entries(draft).map(([name, value]) => {
    const isLong = ['fields', 'open', 'tables'].includes(name)
    if (!isLong || typeof value !== 'object' || value === null) return `"${name}": ${inline(value)}`
    const isList = Array.isArray(value)
    const lines = Object.entries(value).map(([id, inner]) => {
      return `  ${isList ? '' : `${JSON.stringify(id)}: `}${inline(inner as Json)}`
    })
    const [left, right] = isList ? ['[', ']'] : ['{', '}']
    return `"${name}": ${left}\n${lines.join(',\n')}${right}`
  })
  return `{${members.join(',\n')}}\n`
}

const reasons: { readonly [because in Because]: Text } = {
  'code-kind': text('代码种类', 'kind of code'),
  'header-words': text('表头', 'header'),
}

/** The proposal as members of an answer. */
export function fittingData({ types, otherwise }: Fitting): object {
  return {
    types: types.map(({ wanted: { type, member }, fits, missing, keysMissing }) => ({
      type: type.type,
      member,
      title: titleOf(type.type),
      fills: fits.map(({ column, target, because }) => ({
        column,
        field: target.field,
        place: `${target.table}.${target.column}`,
        key: target.isKey,
        because,
      })),
      missing,
      keysMissing,
    })),
    otherwise,
  }
}

/** The proposal on the screen: each type with what fills it and what is missing. */
export function fittingLines(
  terminal: Terminal,
  trial: Trial,
  {
    fitting,
    found,
  }: { readonly fitting: Fitting; readonly found: ReadonlyMap<string, CellCounts> },
): readonly string[] {
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  const { types, otherwise } = fitting
  const nameOf = (letter: string): string => {
    const column = trial.columns.find((each) => each.letter === letter)
    const name = column?.name ?? letter
    return name === letter ? letter : `${letter} ${shown(name)}`
  }
  const fitted = new Set(types.flatMap(({ fits }) => fits.map(({ column }) => column)))
  const unread = trial.columns.filter(({ letter }) => !fitted.has(letter))
  const more = unread.length > unreadShown ? ' …' : ''
  const list = unread.slice(0, unreadShown).map(({ letter }) => nameOf(letter))
  return [
    words('建议的映射', 'proposed mapping'),
    ...(types.length === 0
      ? [words('  没有材料需要这些列', '  no evidence type asks for these columns')]
      : []),
    ...(types.length > 1
      ? [words('  几种材料都合适，内容不能决定是哪一种：', '  several types fit, nothing decides:')]
      : []),
    ...types.flatMap((type) => typeLines(terminal, type, { nameOf, found })),
    ...otherwise.map(({ column, names }) =>
      words(
        `  ${nameOf(column)}：表头指 ${names}，值却不是`,
        `  ${nameOf(column)}: the header says ${names}, the values are something else`,
      ),
    ),
    ...(unread.length === 0
      ? []
      : [words(`  不读：${list.join('、')}${more}`, `  not read: ${list.join(', ')}${more}`)]),
  ]
}

function typeLines(
  terminal: Terminal,
  { wanted, fits, missing, keysMissing }: TypeFit,
  of: {
    readonly nameOf: (letter: string) => string
    readonly found: ReadonlyMap<string, CellCounts>
  },
): readonly string[] {
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  const { type, member } = wanted
  const rows = fits.slice(0, fitsShown).map(({ column, target, because }) => {
    const normal = normalOf(of.found.get(column) ?? {})
    const why = because.map((each) => terminal.of(reasons[each])).join(words('、', ', '))
    const cells = Object.entries(of.found.get(column) ?? {})
      .filter(([code]) => normalOf({ [code]: 1 }).length > 0)
      .reduce((sum, [, count]) => sum + count, 0)
    const needs = normal.join(' ')
    const mend =
      normal.length === 0
        ? ''
        : words(
            `；${cells} 处须声明 ${needs}`,
            cells === 1 ? `; 1 cell needs ${needs}` : `; ${cells} cells need ${needs}`,
          )
    const place = target.field ?? `(${target.column})`
    return [
      `  ${of.nameOf(column)}`,
      `→ ${place}${target.isKey ? words('，键', ', the key') : ''}`,
      `${why}${mend}`,
    ]
  })
  return [
    `  ${terminal.of(titleOf(type.type))} ${type.type} (${member})`,
    ...terminal.table(rows),
    ...(fits.length > fitsShown
      ? [words(`  … 共 ${fits.length} 列`, `  … ${fits.length} columns`)]
      : []),
    ...(keysMissing.length === 0
      ? []
      : [
          words(
            `  缺查询所用的键：${keysMissing.join('、')}`,
            `  missing, and looked up by: ${keysMissing.join(', ')}`,
          ),
        ]),
    ...(missing.length === 0
      ? []
      : [words(`  缺：${missing.join('、')}`, `  missing: ${missing.join(', ')}`)]),
  ]
}

/** The open points of a draft, for the screen. */
export function draftLines(terminal: Terminal, path: string, { open }: Draft): readonly string[] {
  return [
    '',
    terminal.words(
      `草稿已写入 ${path}，其中 ${open.length} 点须由数据管理员决定：`,
      `draft written to ${path}, with ${open.length} points for a steward to decide:`,
    ),
    ...open.map((point) => `  ${point.at}: ${terminal.words(point.zh, point.en)}`),
  ]
}

/** Names come from outside: nothing of them may steer a terminal, and they stay short. */
function shown(name: string): string {
  const plain = name.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\ufffd')
  return plain.length > 24 ? `${plain.slice(0, 23)}…` : plain
}
