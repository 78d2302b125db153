// What a look at sources prints, and why a word about one is not taken, in both languages.
import type { SourceState } from '#apps/node/attesting'
import type { Terminal } from '#apps/cli/output'
import { exits, Stop, text } from '#apps/cli/output'
import type { Text } from '#apps/cli/output'
import type { Looked } from './refresh.ts'

const states: { readonly [state in SourceState['state']]: readonly [zh: string, en: string] } = {
  green: ['绿：与承诺一致', 'green'],
  red: ['红：与承诺不符', 'red'],
  announced: ['变更已公告', 'announced'],
  waits: ['等待第二人', 'waits for a second person'],
  unpublished: ['未编目', 'not in the catalogue'],
}

const refusals: { readonly [code: string]: readonly [meaning: Text, remedy: Text] } = {
  'node/source-unknown': [
    text('该部门没有这份数据', 'the department has no such source'),
    text('用 lianban city scan 看有哪些', 'lianban city scan lists them'),
  ],
  'node/source-not-waiting': [
    text('这份数据没有等人认可的变更', 'nothing of this source waits for a person'),
    text('不必再做什么', 'there is nothing to do'),
  ],
  'node/source-other-state': [
    text(
      '数据又变了，不是看过的那个状态',
      'the source has another state than the one that was seen',
    ),
    text(
      '再运行 lianban city scan，看过后用新的代号',
      'run lianban city scan, look, and say its code',
    ),
  ],
  'node/source-no-officer': [
    text('该部门没有登记可签字的工作人员', 'the department has enrolled no officers'),
    text('先登记工作人员', 'enrol officers first'),
  ],
  'sharing/bad-time': [
    text('日期须在以后，且不超过 90 天', 'the day lies ahead, by at most 90 days'),
    text('改用较近的日期', 'choose a nearer day'),
  ],
}

/** A table of sources, what is to be done about each, and whose work rests on what is red. */
export function linesOf(terminal: Terminal, looked: Looked): readonly string[] {
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  const head = [
    words('部门', 'department'),
    words('数据', 'source'),
    words('行', 'rows'),
    words('新增/变更/消失', 'added/changed/vanished'),
    words('代号', 'seen'),
    '',
  ]
  const rows = looked.flatMap(({ member, states: of }) =>
    of.map((state) => [
      member,
      state.table ?? state.item.replace(/^loaded\./, ''),
      String(state.rows),
      state.state === 'unpublished' ? '' : [state.added, state.changed, state.vanished].join('/'),
      state.state === 'unpublished' ? '' : (state.seen ?? ''),
      stateLine(terminal, state),
    ]),
  )
  const resting = looked.flatMap(({ member, resting: of }) => {
    if (of.length === 0) return []
    const names = [...new Set(of.map(({ source }) => `${source.member}/${source.item}`))].join(' ')
    return [
      words(
        `${member}：${of.length} 项工作所依据的数据为红色（${names}）`,
        `${member}: ${of.length} pieces of work rest on a red source (${names})`,
      ),
    ]
  })
  const waiting = looked.flatMap(({ member, states: of }) =>
    of.flatMap((state) => todo(terminal, member, state)),
  )
  return [...terminal.table([head, ...rows], { numbers: [2, 3] }), ...waiting, ...resting]
}

function stateLine(terminal: Terminal, { state, code, entry, due, until }: SourceState): string {
  const [zh, en] = states[state]
  const day = (ms: number): string => new Date(ms + shanghaiMs).toISOString().slice(0, 10)
  const more = [
    ...(due === undefined ? [] : [terminal.words(`${day(due)} 前`, `by ${day(due)}`)]),
    ...(until === undefined || state !== 'announced'
      ? []
      : [terminal.words(`至 ${day(until)}`, `until ${day(until)}`)]),
    ...(entry === undefined ? [] : [terminal.words(`条目 ${entry}`, `entry ${entry}`)]),
    ...(code === undefined ? [] : [code]),
  ]
  return [terminal.words(zh, en), ...more].join(' ')
}

/** China has one time. */
const shanghaiMs = 28_800_000

function todo(terminal: Terminal, member: string, state: SourceState): readonly string[] {
  const { table, seen } = state
  if (table === undefined || seen === undefined) return []
  const accept = `lianban city accept ${member} ${table} --seen ${seen}`
  if (state.state === 'waits') {
    return [
      terminal.words(
        `${table}：变更过多，暂不答复；另一人看过后：${accept}`,
        `${table}: too much has changed, it answers nothing; when a second person has looked: ${accept}`,
      ),
    ]
  }
  if (state.state !== 'red') return []
  return [
    terminal.words(
      `${table}：与目录所载不符；改回原样，或认可新的列：${accept}`,
      `${table}: not what the catalogue says; put it back, or accept its columns: ${accept}`,
    ),
  ]
}

/** The end of a command that the department or the ledger has refused. */
export function refusalOf(code: string, at: string): Stop {
  const [meaning, remedy] = refusals[code] ?? []
  return new Stop({ code, exit: exits.failure, at, text: meaning, remedy })
}
