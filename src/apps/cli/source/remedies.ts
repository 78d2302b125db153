// What a clerk can do about each thing that a source is found to have, in both languages.
import { text } from '#apps/cli/output'
import type { Text } from '#apps/cli/output'

const remedies: { readonly [code: string]: Text } = {
  'sources/not-read': text('请检查路径和权限', 'check the path and its permissions'),
  'sources/empty': text('请重新导出', 'export it again'),
  'sources/old-excel': text(
    '打开后另存为 .xlsx 或 CSV UTF-8',
    'open it and save it as .xlsx or as CSV UTF-8',
  ),
  'sources/encrypted': text('请另存为不设密码的文件', 'save it without a password'),
  'sources/html-table': text(
    '用表格软件打开后另存为 .xlsx',
    'open it in a spreadsheet and save it as .xlsx',
  ),
  'sources/xml-sheet': text('打开后另存为 .xlsx', 'open it and save it as .xlsx'),
  'sources/other-sheet': text(
    '打开后另存为 .xlsx 或 CSV UTF-8',
    'open it and save it as .xlsx or as CSV UTF-8',
  ),
  'sources/other-database': text(
    '从原程序导出为 .xlsx 或 CSV UTF-8',
    'export it from its program as .xlsx or as CSV UTF-8',
  ),
  'sources/document': text('请索取制作它的原始表格', 'ask for the table from which it was made'),
  'sources/archive': text('请解压后逐个试读', 'unpack it and try each file'),
  'sources/not-a-table': text('请导出为 .xlsx 或 CSV UTF-8', 'export it as .xlsx or as CSV UTF-8'),
  'sources/unknown-encoding': text(
    '请指明编码，或另存为 CSV UTF-8',
    'name the encoding, or save the file as CSV UTF-8',
  ),
  'sources/zip-damaged': text(
    '请重新保存或重新拷贝工作簿',
    'save the workbook again or copy it again',
  ),
  'sources/zip-bomb': text(
    '请重新保存；不要打开此文件',
    'save the workbook again; do not open this one',
  ),
  'sources/workbook-malformed': text(
    '用表格软件打开后重新保存',
    'open it in a spreadsheet and save it again',
  ),
  'sources/xml-malformed': text(
    '用表格软件打开后重新保存',
    'open it in a spreadsheet and save it again',
  ),
  'sources/too-large': text('请拆分，或导出为 CSV', 'split it, or export it as CSV'),
  'sources/no-such-sheet': text('用 --sheet 指明其中一个', 'name one of them with --sheet'),
  'sources/not-a-database': text('请在无程序写入时复制', 'copy it while no program writes to it'),
  'sources/short-row': text('请补齐或删除此行', 'fill the row or remove it'),
  'sources/long-row': text(
    '含分隔符的单元格须加引号',
    'put quotes around cells that hold the delimiter',
  ),
  'sources/wide-row': text('请检查分隔符和换行', 'check the delimiter and the line ends'),
  'sources/duplicate-row': text(
    '请删除，或说明两行的区别',
    'remove it, or say what tells the two apart',
  ),
  'sources/duplicate-key': text('请说明以哪一行为准', 'say which row holds'),
  'sources/empty-key': text('请补填', 'fill it in'),
  'sources/bad-sequence': text('请按所给位置重新录入', 'type the cell again at the place given'),
  'sources/replaced-character': text('请按原件重新录入', 'type the cell again from the original'),
  'sources/private-character': text('请改用 Unicode 标准字', 'use the character of Unicode'),
  'sources/control-character': text('请重新录入', 'type the cell again'),
  'sources/long-cell': text('请检查未闭合的引号', 'look for a quote that is never closed'),
  'sources/stray-quote': text(
    '请双写引号并给单元格加引号',
    'double the mark and put the cell in quotes',
  ),
  'sources/text-after-quote': text('请给整个单元格加引号', 'put the whole cell in quotes'),
  'sources/unclosed-quote': text('请补上引号', 'close it'),
  'sources/numeric-identifier': text(
    '把该列设为文本，再按原件重新录入',
    'format the column as text and type it again from the original',
  ),
  'sources/scientific': text(
    '把该列设为文本后重新导出',
    'format the column as text and export it again',
  ),
  'sources/trailing-zeros': text('请与原件核对', 'compare with the original'),
  'sources/serial-date': text(
    '把该列设为 2026-11-20 样式的文本，或声明日期系统',
    'format the column as text such as 2026-11-20, or declare the date system',
  ),
  'sources/ambiguous-date': text('请说明日在前还是月在前', 'say which comes first'),
  'sources/two-digit-year': text('请写四位年份', 'write four digits'),
  'sources/impossible-date': text('请按原件更正', 'correct it from the original'),
  'sources/not-a-date': text('请更正或留空', 'correct it or leave it empty'),
  'sources/not-a-number': text('请更正或留空', 'correct it or leave it empty'),
  'sources/masked': text('请导出未遮掩的该列', 'export the column without masks'),
  'sources/placeholder': text('请留空或补填', 'leave the cell empty or fill it in'),
  'sources/wrong-length': text('请按证照更正', 'correct it from the certificate'),
  'sources/wrong-character': text('请按证照更正', 'correct it from the certificate'),
  'sources/wrong-check': text('请按证照更正', 'correct it from the certificate'),
  'sources/formula-cell': text('请将该列粘贴为数值', 'paste the column as values'),
  'sources/formula-text': text('请核查来源', 'check where it comes from'),
  'sources/error-cell': text('请修复公式后重新保存', 'mend the formula and save again'),
  'sources/merged-cells': text('请取消合并并逐格填写', 'unmerge and fill every cell'),
  'sources/outer-blank': text('声明去除首尾空白', 'declare that blanks are cut'),
  'sources/inner-blank': text('声明去除空白', 'declare that blanks are cut'),
  'sources/full-width': text('声明全角转半角', 'declare that they become half-width'),
  'sources/lower-case': text('声明转为大写', 'declare that it becomes upper case'),
  'sources/fifteen-digits': text('声明升为 18 位', 'declare that it becomes one of 18'),
  'sources/grouped-number': text('声明去除千位分隔符', 'declare that they are cut'),
  'sources/line-break': text('声明如何处理换行', 'declare what becomes of it'),
  'sources/binary-cell': text('请不要映射此列', 'leave this column out of the mapping'),
  'sources/hidden-row': text('请取消隐藏或删除此行', 'show the row or remove it'),
  'sources/total-row': text('请导出不带合计的数据', 'export the rows without totals'),
  'sources/no-form': text('请改用 UTF-8', 'write UTF-8, which holds every character'),
  'registers/unavailable': text(
    '请确认系统已开启、地址和证书正确，再试一次',
    'see that the system runs and that address and certificate are right, then try again',
  ),
  'registers/refused': text(
    '请让系统管理员给此账户只读权限',
    'have the account given the right to read',
  ),
  'registers/unknown-table': text('请用 --sheet 指明表', 'name a table with --sheet'),
  'registers/unknown-column': text('请从所列的列中选择', 'choose one of the columns listed'),
  'registers/bad-question': text('请指明要查的列和键', 'name the columns and the key'),
  'registers/bad-answer': text(
    '请让系统的开发者按接口说明改正',
    'have whoever runs the service mend it by the description of its interface',
  ),
  'registers/changed': text('请在无程序写入时重试', 'try again while no program writes to it'),
  'registers/other-decision': text('请人工核对两项决定', 'have a person compare the two decisions'),
  'registers/bad-address': text(
    '地址形如 postgres://账户@主机/库；口令放在 LIANBAN_SOURCE_SECRET_FILE 指明的文件里',
    'addresses look like postgres://USER@HOST/DATABASE; a password stands in the file that ' +
      'LIANBAN_SOURCE_SECRET_FILE names',
  ),
  'sources/changed': text('请在无程序写入时重试', 'try again while no program writes to it'),
}

/** The remedy of a code of sources or of registers. */
export function remedyOf(code: string): Text {
  return remedies[code] ?? text('请与技术人员联系', 'ask an engineer')
}
