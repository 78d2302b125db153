// `lianban source compare OLD NEW`: the next state of a source against the last, row by row under
// their key. Rows are compared by fingerprints, so memory grows by a few bytes a row; values are
// compared as they stand and none is printed. Above a share of differences a second person looks.
import { randomInt } from 'node:crypto'
import { Failure, letterOf, Prints, SeenOnce, trySource } from '#adapters/sources'
import type { Row, Source, Trial } from '#adapters/sources'
import { countOption } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { exits, Stop, tableLines, text } from '#apps/cli/output'
import type { Answer, Terminal } from '#apps/cli/output'
import { formOptions, opened, stopOf } from './opening.ts'

type State = { readonly source: Source; readonly trial: Trial }

/** A row that differs: its number in the new state, or in the old one if it has vanished. */
type Difference = { readonly row: number; readonly is: 'added' | 'changed' | 'vanished' }

type Comparison = {
  readonly rows: { readonly old: number; readonly new: number }
  readonly key: string
  readonly added: number
  readonly changed: number
  readonly vanished: number
  readonly same: number
  /** Rows of both states whose key stands in their state before: told apart by all their cells. */
  readonly repeatedKeys: number
  readonly columns: { readonly added: readonly string[]; readonly vanished: readonly string[] }
  readonly first: readonly Difference[]
}

/** Compares two states and says whether a second person has to look. */
export async function compareSources(ask: Ask): Promise<Answer> {
  const most = countOption(ask, 'most', 5)
  const { OLD: oldPath = '', NEW: newPath = '' } = ask.operands
  const before = await stateOf(ask, oldPath)
  const now = await stateOf(ask, newPath)
  const key = keyName(ask, before.trial)
  const found = await compared({ before, now, key, first: countOption(ask, 'first', 10) })
  const differing = found.added + found.changed + found.vanished
  const schema = found.columns.added.length + found.columns.vanished.length > 0
  const over = differing * 100 > found.rows.old * most
  const percent = Math.round((100 * differing) / Math.max(1, found.rows.old))
  return {
    data: { old: oldPath, new: newPath, ...found, percent, most, secondPerson: over || schema },
    lines: linesOf(ask.terminal, found, { percent, most, over }),
    exit: over || schema ? exits.conflict : exits.ok,
  }
}

async function stateOf(ask: Ask, path: string): Promise<State> {
  try {
    const options = formOptions(ask)
    const source = await opened(path, options)
    const progress = ask.terminal.progress('已读行（共两遍）', 'rows read, in two readings')
    const trial = await trySource(source, { ...options, onRows: progress })
    progress()
    return { source, trial }
  } catch (error) {
    throw error instanceof Failure ? stopOf(error, path) : error
  }
}

/** The name of the key column: the one asked for by letter or name, or the one that was found. */
function keyName(ask: Ask, { columns, key }: Trial): string {
  const asked = ask.values['key']
  const found = columns.find(({ letter, name }) =>
    asked === undefined ? letter === key?.column : asked === letter || asked === name,
  )
  if (found !== undefined) return found.name
  throw new Stop({
    code: 'cli/bad-value',
    exit: exits.usage,
    at: '--key',
    text: text('没有这样的键列', 'there is no such column for a key'),
    remedy: text('用 --key 指明列名或字母', 'name a column with --key'),
  })
}

type Wanted = {
  readonly before: State
  readonly now: State
  readonly key: string
  readonly first: number
}

async function compared({ before, now, key, first }: Wanted): Promise<Comparison> {
  const prints = new Prints(randomInt(2 ** 32))
  const names = before.trial.columns.map(({ name }) => name)
  const [keys, contents] = [new SeenOnce(), new SeenOnce()]
  const [nowKeys, nowContents] = [new SeenOnce(), new SeenOnce()]
  const differences: Difference[] = []
  const counts = { added: 0, changed: 0, vanished: 0, same: 0, repeatedKeys: 0 }
  const note = (row: number, is: Difference['is']): void => {
    counts[is] += 1
    if (differences.length < first) differences.push({ row, is })
  }
  await eachRow(before, { key, names, prints }, ({ number, keyed, whole }) => {
    if (keys.see(keyed, number) > 0) counts.repeatedKeys += 1
    contents.see(whole, number)
  })
  await eachRow(now, { key, names, prints }, ({ number, keyed, whole }) => {
    if (nowKeys.see(keyed, number) > 0) counts.repeatedKeys += 1
    nowContents.see(whole, number)
    if (keys.rowOf(keyed) === 0) note(number, 'added')
    else if (contents.rowOf(whole) === 0) note(number, 'changed')
    else counts.same += 1
  })
  let gone = 0
  await eachRow(before, { key, names, prints }, ({ number, keyed, whole }) => {
    if (nowKeys.rowOf(keyed) === 0) note(number, 'vanished')
    else if (nowContents.rowOf(whole) === 0) gone += 1
  })
  accounted(counts, { gone, old: before.trial.rows, now: now.trial.rows })
  if ([keys, contents, nowKeys, nowContents].some(({ full }) => full)) {
    throw stopOf(new Failure('sources/too-large', 'more rows than are compared'), 'OLD')
  }
  const nowNames = now.trial.columns.map(({ name }) => name)
  return {
    rows: { old: before.trial.rows, new: now.trial.rows },
    key,
    ...counts,
    columns: {
      added: nowNames.filter((name) => !names.includes(name)),
      vanished: names.filter((name) => !nowNames.includes(name)),
    },
    first: differences,
  }
}

type Counts = Record<'added' | 'changed' | 'same' | 'vanished', number>

/**
 * Under a key that is unique each row of before that is no more as it was is a changed one of now.
 * Under a repeated key it need not be, and equal rows may be more or fewer: then what does not add
 * up is counted as changed, added or vanished, though nobody can say which row it is.
 */
function accounted(
  counts: Counts,
  { gone, old, now }: { readonly gone: number; readonly old: number; readonly now: number },
): void {
  const more = now - counts.added - (old - counts.vanished)
  const fewer = Math.max(0, -more)
  const twice = Math.min(Math.max(0, more), counts.same)
  counts.vanished += fewer
  counts.added += twice
  counts.same -= twice
  const shifted = Math.min(Math.max(0, gone - fewer - counts.changed), counts.same)
  counts.changed += shifted
  counts.same -= shifted
}

type Reading = { readonly key: string; readonly names: readonly string[]; readonly prints: Prints }

type Printed = { readonly number: number; readonly keyed: number; readonly whole: number }

/** Gives each row of data as fingerprints: of its key, and of its key with all its cells. */
async function eachRow(
  { source, trial }: State,
  { key, names, prints }: Reading,
  take: (printed: Printed) => void,
): Promise<void> {
  // A name that stands over two columns means the first of them at first, and then the second.
  const places = names.map((name, place) => {
    const own = trial.columns.flatMap((column, at) => (column.name === name ? [at] : []))
    return own[names.slice(0, place).filter((each) => each === name).length] ?? -1
  })
  const at = places[names.indexOf(key)] ?? -1
  await source.rows.scan(({ number, cells }: Row) => {
    if (number <= trial.header.row || cells.every((cell) => isBlank(cell))) return
    const unread = cells.findIndex(({ sort }) => sort === 'bad')
    // Two cells that cannot be read are not known to be the same.
    if (unread >= 0) throw unreadable(`${letterOf(unread)}${number}`)
    const keyed = prints.of(cells[at]?.text.trim() ?? '')
    const whole = places.reduce((print, place) => prints.of(cells[place]?.text ?? '', print), keyed)
    take({ number, keyed, whole })
  })
}

function isBlank({ text: value, sort }: Row['cells'][number]): boolean {
  return sort !== 'bad' && value.trim() === ''
}

function unreadable(at: string): Stop {
  return new Stop({
    code: 'sources/bad-sequence',
    exit: exits.failure,
    at,
    remedy: text('请先用 source try 处理', 'mend what source try lists first'),
  })
}

type Share = { readonly percent: number; readonly most: number; readonly over: boolean }

function linesOf(terminal: Terminal, found: Comparison, { percent, most, over }: Share): string[] {
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  const { columns } = found
  const facts = tableLines([
    [words('键', 'key'), found.key.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\ufffd')],
    [words('行', 'rows'), `${found.rows.old} → ${found.rows.new}`],
    [words('新增', 'added'), `${found.added}`],
    [words('变更', 'changed'), `${found.changed}`],
    [words('消失', 'vanished'), `${found.vanished}`],
    [words('未变', 'same'), `${found.same}`],
  ])
  const named = {
    added: words('新增', 'added'),
    changed: words('变更', 'changed'),
    vanished: words('消失', 'vanished'),
  }
  const rows = found.first.map(({ row, is }) =>
    words(`  ${named[is]} 第 ${row} 行`, `  ${named[is]} row ${row}`),
  )
  const schema = columns.added.length + columns.vanished.length
  const lines = [
    ...facts,
    ...(rows.length === 0 ? [] : ['', words('前若干处：', 'the first of them:'), ...rows]),
    '',
  ]
  if (found.repeatedKeys > 0) {
    const { repeatedKeys } = found
    lines.push(words(`${repeatedKeys} 行的键重复`, `${repeatedKeys} rows repeat a key`))
  }
  if (schema > 0) {
    const [more, fewer] = [columns.added.length, columns.vanished.length]
    lines.push(
      words(
        `列有变化：新增 ${more}，消失 ${fewer}：须第二人确认`,
        `columns: ${more} added, ${fewer} vanished: a second person has to look`,
      ),
    )
  }
  const share = over
    ? words(
        `差异占 ${percent} %（上限 ${most} %）：须第二人确认`,
        `${percent} % of the rows differ, more than ${most} %: a second person has to look`,
      )
    : words(
        `差异占 ${percent} %，未超过 ${most} %`,
        `${percent} % of the rows differ, not more than ${most} %`,
      )
  return [...lines, terminal.paint(over ? 'warn' : 'good', share)]
}
