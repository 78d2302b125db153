// The figures of a run in words: each count under its name, reasons with their codes below it. The
// answer for programs has the same figures under the names of the program.
import { wordsOf } from '#adapters/sources'
import { loadCodes } from '#apps/node/loading'
import { loadMeaningOf } from '#apps/cli/city'
import { meaningIn, text } from '#apps/cli/output'
import type { Terminal, Text } from '#apps/cli/output'
import type { AccountsRun } from './accounts.ts'
import type { Certified } from './certificates.ts'
import type { GasRun, GasStanding } from './gas.ts'
import type { TransfersRun } from './transfers.ts'

type Figure =
  | keyof AccountsRun
  | keyof Certified
  | keyof GasRun
  | keyof GasStanding
  | keyof TransfersRun
  | 'entries'
  | 'ok'
  | 'openSeconds'
  | 'run'
  | 'seconds'

const names: { readonly [figure in Figure]: Text } = {
  ok: text('结果如约', 'as it should be'),
  run: text('办理', 'run'),
  cases: text('办件', 'cases'),
  opened: text('已开户', 'opened'),
  refused: text('拒绝', 'refused'),
  tickets: text('待核对', 'tickets'),
  asked: text('询问的字段', 'fields asked for'),
  askable: text('各环节可以询问的字段', 'fields that acts may ask for'),
  fetched: text('取得的字段', 'fields shown'),
  beyond: text('超出所问的', 'beyond what was asked'),
  fields: text('取得的有', 'which fields'),
  certificates: text('证照', 'certificates'),
  issued: text('已签发', 'issued'),
  issueSeconds: text('签发用时（秒）', 'seconds of issuing'),
  verified: text('离线核验', 'verified offline'),
  changed: text('改动一位后核验', 'with one bit changed'),
  verifySeconds: text('核验用时（秒）', 'seconds of verifying'),
  registered: text('已登记', 'registered'),
  taxFen: text('税额（元）', 'taxes in yuan'),
  sealed: text('另试被查封的住房', 'sealed homes tried too'),
  sealedSold: text('其中售出', 'of these sold'),
  sealedRefused: text('其中拒绝', 'of these refused'),
  granted: text('已授信', 'granted'),
  failed: text('未能决定', 'undecided'),
  withoutConsent: text('未同意的', 'without consent'),
  shownWithoutConsent: text('未同意而被看到的字段', 'fields shown without consent'),
  keptOut: text('未同意的查询被拒绝', 'reads without consent refused'),
  arrears: text('是否欠费', 'in arrears'),
  band: text('用气档次', 'band of use'),
  trend: text('用气走势', 'trend of use'),
  register: text('燃气公司自己的登记', 'the gas company’s own register'),
  differing: text('两者不符的', 'that differ from it'),
  asPublished: text('按公布的原样', 'as published'),
  shareable: text('可供共享的行', 'rows that could be shared'),
  published: text('公布的行', 'rows published'),
  reasons: text('原因', 'reasons'),
  entries: text('账本条目', 'ledger entries'),
  seconds: text('用时（秒）', 'seconds'),
  openSeconds: text('打开城市用时（秒）', 'seconds to open the city'),
}

const values: { readonly [value: string]: Text } = {
  true: text('是', 'yes'),
  false: text('否', 'no'),
  yes: text('是', 'yes'),
  no: text('否', 'no'),
  null: text('没有给出文件', 'the file was not given'),
  accounts: text('企业开户', 'accounts of firms'),
  transfers: text('住房过户', 'home transfers'),
  gas: text('凭用气授信', 'credit on gas bills'),
  valid: text('有效', 'valid'),
  'not-genuine': text('不成立', 'not genuine'),
  small: text('小', 'small'),
  medium: text('中', 'medium'),
  large: text('大', 'large'),
  'very-large': text('特大', 'very large'),
  falling: text('下降', 'falling'),
  rising: text('上升', 'rising'),
  steady: text('平稳', 'steady'),
  'gas-arrears': text('欠缴燃气费', 'gas bills are in arrears'),
  'beyond-use': text('所求超出用气档次', 'more than its band of use allows'),
  'node/mapping-two-rows': text('一个代码有多行', 'more than one row has this code'),
  'node/mapping-too-many-rows': text('所属的行过多', 'too many rows belong to it'),
  'node/mapping-other-person': text('代码所在行的其他内容不符', 'the row with this code disagrees'),
  'node/mapping-bad-cell': text('单元格无法读作该字段', 'a cell cannot be read as its field'),
  'node/mapping-misfit': text('行的内容不符合类型', 'the row does not fit the type'),
  'node/mapping-no-key': text('缺少查询所需的键', 'the key to look up by is not given'),
  claimed: text('另一办件已占用', 'another case holds it'),
  'sharing/no-consent': text('未取得同意或同意已撤回', 'no consent, or it was withdrawn'),
}

/** The lines of a run's figures. */
export function figureLines(
  terminal: Terminal,
  figures: { readonly [figure: string]: unknown },
): readonly string[] {
  const rows = Object.entries(figures).flatMap(([name, value]) => {
    return rowsOf(terminal, { name, value, indent: '' })
  })
  return terminal.table(rows, { numbers: [1] })
}

type Row = readonly [name: string, count: string, beside: string]

type Of = { readonly name: string; readonly value: unknown; readonly indent: string }

function rowsOf(terminal: Terminal, { name, value, indent }: Of): readonly Row[] {
  const known = Object.hasOwn(names, name) ? names[name as Figure] : undefined
  const title = `${indent}${known === undefined ? wordOf(terminal, name) : terminal.of(known)}`
  if (Array.isArray(value)) return value.length === 0 ? [] : [[title, '', value.join(' ')]]
  if (typeof value === 'number') {
    const count = name.endsWith('Fen') ? (value / 100).toFixed(2) : String(value)
    return [[title, count, known === undefined && name.includes('/') ? name : '']]
  }
  if (typeof value !== 'object' || value === null) {
    return [[title, '', wordOf(terminal, String(value))]]
  }
  const inner = Object.entries(value)
  if (inner.length === 0) return []
  const within = inner.flatMap(([key, each]) => {
    return rowsOf(terminal, { name: key, value: each, indent: `${indent}  ` })
  })
  const counts = inner.map(([, each]) => each)
  const isSum = inner.every(([key, each]) => typeof each === 'number' && !Object.hasOwn(names, key))
  const sum = isSum ? String((counts as number[]).reduce((all, each) => all + each, 0)) : ''
  return [[title, sum, ''], ...within]
}

/** A value or a reason in words, as far as it has any. */
function wordOf(terminal: Terminal, value: string): string {
  const own = Object.hasOwn(values, value) ? values[value] : undefined
  if (own !== undefined) return terminal.of(own)
  const isKnown = wordsOf(value) !== undefined || loadCodes.some(([code]) => code === value)
  return isKnown ? terminal.of(loadMeaningOf(value)) : meaningIn(terminal.language, value)
}
