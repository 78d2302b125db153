// Commands about what a department has: its files and databases.
import { text } from '#apps/cli/output'
import type { Verb } from '#apps/cli/command'

export const sources: readonly Verb[] = [
  {
    words: ['source', 'try'],
    about: text(
      '试读一份数据：真实类型、编码、表头、键，以及每个有问题的单元格',
      'try a source: true type, encoding, header, key, and every bad cell',
    ),
    operands: [
      { name: 'FILE', about: text('文本、.xlsx 或 SQLite 文件', 'text, .xlsx or SQLite') },
    ],
    options: {
      encoding: {
        kind: 'text',
        value: 'NAME',
        about: text('文本编码，不给则自查', 'encoding, found if absent'),
      },
      delimiter: {
        kind: 'text',
        value: 'CHAR',
        about: text('分隔符：, tab ; |', 'delimiter: , tab ; |'),
      },
      sheet: { kind: 'text', value: 'NAME', about: text('工作表或数据表', 'the sheet or table') },
      first: {
        kind: 'text',
        value: 'COUNT',
        about: text('列出前几处问题', 'how many bad cells to show'),
      },
      bad: {
        kind: 'text',
        value: 'FILE',
        about: text('把每处问题写入新文件', 'write every bad cell to a new file'),
      },
    },
    run: async (ask) => (await import('#apps/cli/source')).trySourceFile(ask),
  },
]
