// What this room says no to, one line each: the code and its meaning in English and Chinese. The
// table in docs/protocol/codes.md is checked against this list. A code of a cell or row never
// carries the value: lists of bad cells go where values may not.

type Line = readonly [code: string, en: string, zh: string]

/** A file that cannot be read as rows at all. */
const ofFiles = [
  ['sources/not-read', 'the file could not be read', '文件无法读取'],
  ['sources/empty', 'the file holds no row', '文件没有任何行'],
  [
    'sources/old-excel',
    'a workbook of the old binary kind (.xls, .et)',
    '旧式二进制工作簿（.xls、.et）',
  ],
  ['sources/encrypted', 'the file is protected by a password', '文件设有密码'],
  ['sources/html-table', 'a web page under the name of a table', '冒用表格扩展名的网页'],
  ['sources/xml-sheet', 'a spreadsheet in the XML form of 2003', '2003 版 XML 表格'],
  [
    'sources/other-sheet',
    'a spreadsheet of a kind that is not read (.ods, .numbers, .xlsb)',
    '不能读取的电子表格（.ods、.numbers、.xlsb）',
  ],
  [
    'sources/other-database',
    'a database or column file of another program (.mdb, .dbf, .parquet)',
    '其他程序的数据库或列式文件（.mdb、.dbf、.parquet）',
  ],
  [
    'sources/document',
    'a document or a picture (PDF, Word, images)',
    '文档或图片（PDF、Word、图像）',
  ],
  ['sources/archive', 'packed files (.zip, .rar, .7z, .gz)', '压缩包（.zip、.rar、.7z、.gz）'],
  ['sources/not-a-table', 'the content is no table that can be read', '内容不是可读取的表格'],
  [
    'sources/unknown-encoding',
    'the text fits no encoding that is known here',
    '文本不符合任何已知编码',
  ],
  ['sources/zip-damaged', 'the container of the workbook is damaged', '工作簿的压缩结构已损坏'],
  ['sources/zip-bomb', 'the container unpacks to far more than it should', '解压后大得不合理'],
  ['sources/workbook-malformed', 'the workbook has not the form of its kind', '工作簿形式不对'],
  [
    'sources/xml-malformed',
    'a part of the workbook is no XML that is allowed here',
    '工作簿中的 XML 不合规',
  ],
  ['sources/too-large', 'the file goes beyond a limit that is stated', '文件超过规定的上限'],
  [
    'sources/no-such-sheet',
    'there is no sheet or table of this name',
    '没有此名称的工作表或数据表',
  ],
  [
    'sources/not-a-database',
    'the database could not be opened for reading',
    '数据库无法以只读方式打开',
  ],
  ['sources/changed', 'the source changed while it was read', '读取期间数据发生了变化'],
] as const

/** A row that has not the shape of the others. */
const ofRows = [
  ['sources/short-row', 'the row has fewer cells than the header', '此行单元格少于表头'],
  ['sources/long-row', 'the row has more cells than the header', '此行单元格多于表头'],
  ['sources/wide-row', 'the row has more cells than any table may', '此行单元格数超过上限'],
  ['sources/duplicate-row', 'the whole row stands in the file before', '整行与前面的行重复'],
  ['sources/duplicate-key', 'the key stands in the file before', '键与前面的行重复'],
  ['sources/hidden-row', 'the row is hidden in its sheet', '此行在工作表中被隐藏'],
  ['sources/total-row', 'a row of totals among the data', '数据中夹有合计行'],
  ['sources/empty-key', 'the row has no key', '此行没有键'],
] as const

/** A cell that cannot count as what its column is. */
const ofCells = [
  ['sources/bad-sequence', 'bytes that are no character of the encoding', '字节不是该编码的字符'],
  [
    'sources/replaced-character',
    'an earlier program has replaced a character that it did not know',
    '此前的软件已把不认识的字替换掉',
  ],
  [
    'sources/private-character',
    'a character that only one machine can show',
    '只在个别机器上可显示的造字',
  ],
  ['sources/control-character', 'a control character', '含有控制字符'],
  ['sources/long-cell', 'the cell is longer than any cell may be', '单元格长度超过上限'],
  [
    'sources/stray-quote',
    'a quotation mark inside a cell without quotes',
    '未加引号的单元格中有引号',
  ],
  ['sources/text-after-quote', 'text after the closing quotation mark', '引号闭合后还有文字'],
  ['sources/unclosed-quote', 'a quotation mark that is never closed', '引号没有闭合'],
  [
    'sources/numeric-identifier',
    'a number so long that the spreadsheet has rounded it',
    '数字过长，已被表格软件舍入',
  ],
  [
    'sources/scientific',
    'a number in scientific notation: its digits are lost',
    '科学计数法：原有数字已丢失',
  ],
  [
    'sources/trailing-zeros',
    'a long number that ends in zeros as a spreadsheet leaves it',
    '长数字尾部为零，疑被表格软件舍入',
  ],
  ['sources/serial-date', 'a date stored as a serial number', '日期以序列号存储'],
  [
    'sources/ambiguous-date',
    'day and month cannot be told apart in this column',
    '此列无法区分日和月',
  ],
  ['sources/two-digit-year', 'a year of two digits', '年份只有两位'],
  ['sources/impossible-date', 'a day that is in no calendar', '日历中没有这一天'],
  ['sources/not-a-date', 'no date in a column of dates', '日期列中不是日期'],
  ['sources/not-a-number', 'no number in a column of numbers', '数字列中不是数字'],
  ['sources/masked', 'parts of the value are masked', '值的一部分被遮掩'],
  ['sources/placeholder', 'a placeholder instead of a value', '以占位符代替值'],
  ['sources/wrong-length', 'the code has not its length', '代码长度不对'],
  [
    'sources/wrong-character',
    'the code holds a character that it cannot have',
    '代码含有不允许的字符',
  ],
  ['sources/wrong-check', 'the check character of the code is wrong', '代码校验位不对'],
  ['sources/formula-cell', 'the cell is computed by a formula', '单元格由公式计算'],
  [
    'sources/formula-text',
    'text that a spreadsheet would run as a formula',
    '会被表格软件当作公式的文本',
  ],
  ['sources/error-cell', 'the spreadsheet shows an error here', '单元格显示错误值'],
  ['sources/no-form', 'a character that the encoding cannot hold', '该编码无法表示的字符'],
  ['sources/binary-cell', 'bytes that are no text', '二进制内容，不是文本'],
  ['sources/merged-cells', 'the cell is merged with others', '与其他单元格合并'],
] as const

/** A cell that a normalisation would mend, once it has been declared. */
const mendable = [
  ['sources/outer-blank', 'blanks before or after the value', '值前后有空白'],
  ['sources/inner-blank', 'blanks inside a code or number', '代码或编号中有空白'],
  ['sources/full-width', 'full-width letters, digits or signs', '含全角字母、数字或符号'],
  ['sources/lower-case', 'a code in lower case', '代码为小写'],
  ['sources/fifteen-digits', 'an identity number of 15 digits', '15 位身份证号'],
  ['sources/grouped-number', 'a number with separators of thousands', '数字含千位分隔符'],
  ['sources/line-break', 'a line break inside the cell', '单元格内有换行'],
] as const

/** What files are refused for. */
export type FileCode = (typeof ofFiles)[number][0]
export type RowCode = (typeof ofRows)[number][0]
export type CellCode = (typeof ofCells)[number][0] | (typeof mendable)[number][0]
export type SourceCode = FileCode | RowCode | CellCode

/** A code in words. */
export type SourceWords = {
  readonly meaning: { readonly zh: string; readonly en: string }
  /** Whether a declared normalisation mends it; all others need a person. */
  readonly mendable: boolean
}

const mending: ReadonlySet<string> = new Set(mendable.map(([code]) => code))
const lines: readonly Line[] = [...ofFiles, ...ofRows, ...ofCells, ...mendable]
const words: ReadonlyMap<string, SourceWords> = new Map(
  lines.map(([code, en, zh]) => [code, { meaning: { zh, en }, mendable: mending.has(code) }]),
)

/** Every code of this room, files first. */
export const sourceCodes: readonly string[] = lines.map(([code]) => code)

/** The words of a code of this room; undefined for codes of others. */
export function wordsOf(code: string): SourceWords | undefined {
  return words.get(code)
}

/** Names from a file as a detail of a failure: the first of them, and none of them whole pages. */
export function listed(names: readonly string[]): string {
  const some = names.slice(0, 40).map((name) => name.slice(0, 64))
  return some.join(', ') + (names.length > some.length ? ', …' : '')
}

/** A file that cannot be read as rows. `fatal` is false: nothing of ours is damaged. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: FileCode
  readonly fatal = false

  constructor(code: FileCode, detail: string, cause?: unknown) {
    super(`${code}: ${detail}`, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
