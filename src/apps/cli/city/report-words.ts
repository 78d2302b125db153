// What a data report says in words of both languages: reasons and what to do about them, forms of
// cells, kinds of files, states. Words that a reader meets and that stand nowhere else are here, so
// that no page shows a bare code.
import { wordsOf } from '#adapters/sources'
import type { Form } from '#adapters/sources'
import { loadCodes, loadFaultTexts } from '#apps/node/loading'
import type {
  LoadColumn,
  LoadFile,
  LoadResult,
  LoadTicket,
  Normalisation,
} from '#apps/node/loading'
import { meaningIn, text } from '#apps/cli/output'
import type { Text } from '#apps/cli/output'
import { remedyOf } from '#apps/cli/source'

type Making = NonNullable<LoadFile['make']>[string]

const ownMeanings: { readonly [code: string]: string } = {
  'node/load-misfit': '载入文件的某一部分形式不对',
  'node/load-no-column': '数据中没有此名称的列，或有两列同名',
  'node/load-missing': '必需的单元格为空',
  'node/load-inexact': '数字的小数位多于该单位所能保留的',
  'node/load-repeated': '键与前面的行相同而内容不同',
  'node/load-again': '与前面的行相同',
  'node/load-unmatched': '在关联的数据中找不到此值',
  'node/load-no-system': '该部门没有可以载入的系统',
  'node/load-other-table': '已有的表中没有此名称的列',
  'node/load-other-steward': '此名称的数据由另一部门负责',
  'node/load-otherwise': '登记中对此行已有不同记载，保留原记载',
  'node/load-no-partner': '与之关联的数据没有一并载入',
  'node/load-partner-waits': '与之关联的数据的新状态尚无人认可',
  'node/load-running': '另一进程正在向此城市载入',
  'node/load-second-person': '变动多于一人可以接受的程度',
}

const ownRemedies: { readonly [code: string]: Text } = {
  'node/load-missing': text(
    '请补填；确可为空的，在载入文件中声明',
    'fill it in; where it may be empty, declare so in the load file',
  ),
  'node/load-inexact': text(
    '请按原件更正，或在载入文件中改用合适的单位',
    'correct it from the original, or declare a fitting unit in the load file',
  ),
  'node/load-repeated': text('请说明以哪一行为准', 'say which row holds'),
  'node/load-again': text(
    '无须处理：该行已计入一次',
    'nothing has to be done: the row counts once',
  ),
  'node/load-unmatched': text(
    '请核对此值，或补齐关联的数据',
    'compare the value with the other source, or complete that one',
  ),
}

/** Why the ledger took no statement of a department about its data. */
const notAttested: { readonly [code: string]: Text } = {
  'sharing/steward-unknown': text(
    '该部门尚无可签名的数据管理员',
    'the department has no steward yet who could sign',
  ),
  'sharing/steward-not-signed': text('数据管理员未签署', 'the steward has not signed'),
  'sharing/second-person': text('变动过多，须由第二人确认', 'a second person has to confirm'),
  'sharing/state-differs': text('所报状态与事实不符', 'the state is not what the facts say'),
  'sharing/not-active': text('该部门在账本上未处于有效状态', 'the department is not active'),
  'sharing/resource-known': text('此数据已列于另一目录项', 'the data stand in another item'),
  'sharing/changed-meanwhile': text('目录项已被更新', 'the item has changed meanwhile'),
}

/** A code in words of both languages. */
export function meaningOf(code: string): Text {
  const known = wordsOf(code)?.meaning
  if (known !== undefined) return known
  const [, en = code] = loadCodes.find(([each]) => each === code) ?? []
  const [, , , zh = en] = loadFaultTexts.find(([each]) => each === code) ?? []
  return text(ownMeanings[code] ?? zh, en)
}

/** What to do about a reason. */
export function reportRemedyOf(code: string): Text {
  return ownRemedies[code] ?? remedyOf(code)
}

/** Whether a reason asks something of a person. */
export function needsPerson(code: string): boolean {
  return code !== 'node/load-again'
}

/** Why a department said nothing on the ledger. */
export function notAttestedWords(code: string): Text {
  const known = notAttested[code]
  if (known !== undefined) return known
  const [zh, en] = [meaningIn('zh', code), meaningIn('en', code)]
  return zh === code ? text('账本没有接受', 'the ledger did not take it') : text(zh, en)
}

export const formWords: { readonly [form in LoadColumn['as']]: Text } = {
  text: text('文字', 'text'),
  uscc: text('统一社会信用代码', 'unified social credit code'),
  'citizen-id': text('居民身份证号', 'citizen ID number'),
  code: text('编号', 'identifier'),
  int: text('整数', 'whole number'),
  day: text('日期', 'date'),
  yuan: text('金额（元）', 'money in yuan'),
  'wan-yuan': text('金额（万元）', 'money in units of 10,000 yuan'),
  'square-metre': text('面积（平方米）', 'area in square metres'),
  'cubic-metre': text('体积（立方米）', 'volume in cubic metres'),
}

export const normalWords: { readonly [normalisation in Normalisation]: Text } = {
  trim: text('去除首尾空白', 'blanks around it cut'),
  blanks: text('去除所有空白', 'all blanks cut'),
  width: text('全角转半角', 'full-width made half-width'),
  brackets: text('括号统一', 'brackets made alike'),
  upper: text('转为大写', 'made upper case'),
  '15-18': text('身份证号 15 位升 18 位', 'identity numbers of 15 digits made 18'),
}

export const makingWords: { readonly [making in Making]: Text } = {
  person: text('人', 'persons'),
  home: text('住房', 'homes'),
  firm: text('企业附加信息', 'particulars of firms'),
}

export const typeWords: { readonly [type in Form['type']]: Text } = {
  csv: text('文本（逗号等分隔）', 'text (CSV)'),
  tsv: text('文本（制表符分隔）', 'text (tab-separated)'),
  text: text('文本', 'text'),
  xlsx: text('Excel 工作簿（.xlsx）', 'Excel workbook (.xlsx)'),
  sqlite: text('SQLite 数据库', 'SQLite database'),
  postgres: text('PostgreSQL 数据库', 'PostgreSQL database'),
  mysql: text('MySQL 数据库', 'MySQL database'),
  http: text('网络接口', 'web service'),
}

const encodingNames: { readonly [encoding: string]: string } = {
  ascii: 'ASCII',
  gb18030: 'GB 18030',
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 LE',
  'utf-16be': 'UTF-16 BE',
}

/** The name of an encoding as its standard writes it. */
export function encodingName(encoding: string): string {
  return encodingNames[encoding] ?? encoding
}

/** `none`: rows came, and not one of them counts. */
export type SourceState = LoadResult['state'] | 'none'

export const stateWords: { readonly [state in SourceState]: Text } = {
  loaded: text('已载入', 'loaded'),
  unchanged: text('无变化', 'unchanged'),
  waits: text('等待第二人', 'waits for a second person'),
  none: text('一行也未载入', 'not one row taken'),
}

export const ticketWords: { readonly [why in LoadTicket['why']]: Text } = {
  'names-differ': text('代码相同，名称不同', 'one code, two names'),
  'codes-differ': text('名称相同，代码不同', 'one name, two codes'),
}
