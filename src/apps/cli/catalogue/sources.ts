// Commands about what a department has: its files and databases.
import { text } from '#apps/cli/output'
import type { Operand, Option, Verb } from '#apps/cli/command'

const file: Operand = {
  name: 'FILE',
  about: text(
    '文本、.xlsx、SQLite 文件，或 postgres://、mysql://、https:// 地址',
    'text, .xlsx or SQLite, or the address of a system (postgres, mysql, https)',
  ),
}

/** What a file does not say of itself, or says wrongly. */
const form: { readonly [name: string]: Option } = {
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
}

export const sources: readonly Verb[] = [
  {
    words: ['source', 'try'],
    about: text(
      '试读一份数据：真实类型、编码、表头、键，以及每个有问题的单元格',
      'try a source: true type, encoding, header, key, and every bad cell',
    ),
    operands: [file],
    options: {
      ...form,
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
      propose: {
        kind: 'text',
        value: 'FILE',
        about: text(
          '把建议的映射写成载入文件草稿；未决之处列在其中',
          'write the proposed mapping as a draft of a load file, with what is open',
        ),
      },
      as: {
        kind: 'text',
        value: 'MEMBER',
        about: text('只建议写入此部门的', 'propose for the register of this department alone'),
      },
      type: {
        kind: 'text',
        value: 'TYPE',
        about: text('只建议此种材料', 'propose for this evidence type alone'),
      },
    },
    run: async (ask) => (await import('#apps/cli/source')).trySourceFile(ask),
  },
  {
    words: ['source', 'check'],
    about: text(
      '检查载入文件或部门映射：每一处错误、所指的词和处理办法',
      'check a load file or a department’s mapping: every fault, what is meant, what to do',
    ),
    operands: [{ name: 'FILE', about: text('载入文件或映射（JSON）', 'the file (JSON)') }],
    run: async (ask) => (await import('#apps/cli/steward')).checkDeclared(ask),
  },
  {
    words: ['source', 'confirm'],
    about: text(
      '由部门的数据管理员签字确认一份载入文件；改动之后须再次确认',
      'have a steward of the department sign a load file; a changed one is confirmed again',
    ),
    operands: [{ name: 'LOADFILE', about: text('载入文件（JSON）', 'the load file (JSON)') }],
    options: {
      directory: {
        kind: 'text',
        value: 'CITYDIR',
        env: 'LIANBAN_DIRECTORY',
        about: text('城市目录', 'the city’s directory'),
      },
      new: {
        kind: 'flag',
        about: text('目录中没有城市时新建', 'begin a city where there is none'),
      },
      as: {
        kind: 'text',
        value: 'MEMBER',
        required: true,
        about: text('数据管理部门', 'the department whose data it is'),
      },
      by: {
        kind: 'text',
        value: 'OFFICER',
        about: text(
          '签字的工作人员，缺省第一位（market-1、1 或密钥名）',
          'the officer who signs, the first if absent (market-1, 1, or his key)',
        ),
      },
      'dry-run': { kind: 'flag', about: text('只看，不签字', 'only show it, sign nothing') },
    },
    run: async (ask) => (await import('#apps/cli/confirm')).confirmLoadFile(ask),
  },
  {
    words: ['source', 'export'],
    about: text(
      '以部门所用编码写出文本，公式一律失效',
      'write a source as text in a department’s encoding, formulas made harmless',
    ),
    operands: [file, { name: 'OUT', about: text('要写的新文件', 'the new file to write') }],
    options: {
      ...form,
      to: {
        kind: 'text',
        value: 'utf-8|gb18030',
        required: true,
        about: text('写出的编码', 'the encoding to write'),
      },
    },
    run: async (ask) => (await import('#apps/cli/source')).exportSource(ask),
  },
  {
    words: ['source', 'compare'],
    about: text(
      '与上一次的数据相比：新增、变更、消失的行',
      'what was added, changed and dropped since the last state of a source',
    ),
    operands: [
      { name: 'OLD', about: text('上一次的文件', 'the last state') },
      { name: 'NEW', about: text('这一次的文件', 'the new state') },
    ],
    options: {
      ...form,
      key: {
        kind: 'text',
        value: 'COLUMN',
        about: text('键列的名称或字母，不给则用查出的键', 'its key, found if absent'),
      },
      most: {
        kind: 'text',
        value: 'PERCENT',
        about: text('超过此比例须第二人确认，缺省 5', 'more needs a second person; 5 if absent'),
      },
      first: { kind: 'text', value: 'COUNT', about: text('列出前几行', 'how many rows to show') },
    },
    run: async (ask) => (await import('#apps/cli/source')).compareSources(ask),
  },
  {
    words: ['source', 'match'],
    about: text(
      '两份数据中谁是同一个主体：先看代码，再按声明的名称规则；拿不准的成为待核对单',
      'who is one person or firm in two sources: by code, then by declared rules; doubt is a ticket',
    ),
    operands: [
      { name: 'LEFT', about: text('一份数据', 'one source') },
      { name: 'RIGHT', about: text('另一份数据', 'the other') },
    ],
    options: {
      ...form,
      code: {
        kind: 'text',
        value: 'COLUMN[,COLUMN]',
        about: text('代码列，左右不同用逗号分开', 'the columns of codes, left and right'),
      },
      name: {
        kind: 'text',
        value: 'COLUMN[,COLUMN]',
        about: text('名称列，左右不同用逗号分开', 'the columns of names, left and right'),
      },
      former: {
        kind: 'text',
        value: 'COLUMN[,COLUMN]',
        about: text('曾用名列；一边没有则留空', 'the columns of former names; empty where none'),
      },
      rules: {
        kind: 'text',
        value: 'FILE',
        about: text('名称规则；缺省只忽略空白与全半角', 'rules on names; else blanks and width'),
      },
      tickets: {
        kind: 'text',
        value: 'FILE',
        about: text('把待核对单写入新文件', 'write the tickets to a new file'),
      },
    },
    run: async (ask) => (await import('#apps/cli/source')).matchSources(ask),
  },
]
