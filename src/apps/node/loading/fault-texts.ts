// Why a load file is not taken, for people: reason and remedy in English and Chinese side by side,
// so that no language can lack a line.
import type { TextRow } from '#blueprint/grammar'

const rows = [
  [
    'node/load-not-an-object',
    'here stands an object',
    'write members in braces',
    '此处应为对象',
    '用花括号写出成员',
  ],
  [
    'node/load-not-a-list',
    'here stands a list',
    'write entries in square brackets, also where there is one alone',
    '此处应为列表',
    '用方括号写出各项，只有一项也要写',
  ],
  [
    'node/load-not-a-text',
    'here stands a text that is neither empty nor too long',
    'write it in double quotes',
    '此处应为非空且不过长的文字',
    '用双引号写出',
  ],
  [
    'node/load-bad-name',
    'the name has a form that names here cannot have',
    'begin with a small letter and use small letters, digits, _ and -, at most 48',
    '名称的写法不合要求',
    '以小写字母开头，只用小写字母、数字、_ 和 -，不超过 48 个',
  ],
  [
    'node/load-bad-path',
    'the path does not stay below the data directory',
    'name the file from the data directory on, with / between and without . or ..',
    '路径不在数据目录之内',
    '从数据目录起写路径，以 / 分隔，不用 . 和 ..',
  ],
  [
    'node/load-bad-constant',
    'a constant is a text, a whole number or null',
    'write numbers without a fraction, in the unit of the table',
    '常量只能是文字、整数或 null',
    '数字不带小数，用该表的单位',
  ],
  [
    'node/load-unknown-member',
    'the format has no such member here',
    'correct its spelling, or remove it',
    '此处没有这个成员',
    '改正拼写，或删去',
  ],
  [
    'node/load-missing-member',
    'a member that is needed is absent',
    'add it',
    '缺少必需的成员',
    '补上该成员',
  ],
  [
    'node/load-unknown-word',
    'the word is none of those that are allowed here',
    'choose one of them',
    '不在允许的词之内',
    '从中选一个',
  ],
  [
    'node/load-wrong-count',
    'there are fewer entries, or more, than are allowed',
    'bring their number within the bounds',
    '项数少于或多于允许的数目',
    '使项数在范围之内',
  ],
  [
    'node/load-twice',
    'the same name stands here twice',
    'keep one of the two',
    '同一名称出现两次',
    '只保留一个',
  ],
  [
    'node/load-unknown-field',
    'neither a field nor a part of anything made has this name',
    'name a field, add it under fields, or make it under make',
    '没有此名称的字段，也没有这样生成的内容',
    '改为已有字段，或在 fields 中加入，或在 make 中生成',
  ],
  [
    'node/load-unknown-column',
    'the table gets no column of this name',
    'name one of its columns, or add it under columns',
    '该表没有写入此列',
    '改为其已有的列，或在 columns 中加入',
  ],
  [
    'node/load-unknown-department',
    'no department of the city has this code',
    'write the code of one of its members',
    '本市没有此代码的部门',
    '改为本市成员的代码',
  ],
  [
    'node/load-order-missing',
    'of a day it is not said which part comes first',
    'add order: year-first or day-first',
    '日期未说明年、日的先后',
    '补上 order：year-first 或 day-first',
  ],
  [
    'node/load-order-idle',
    'an order means something for days alone',
    'remove it, or read the column as day',
    '只有日期才有先后',
    '删去，或把该列读作 day',
  ],
  [
    'node/load-not-whole',
    'a column of integers gets something that is none',
    'read the field as a number or an amount, or take the column out of integers',
    '整数列得到的不是整数',
    '把字段读作数或金额，或把该列移出 integers',
  ],
  [
    'node/load-joins-itself',
    'a source is joined with another one, not with itself',
    'name the other source',
    '数据不能与自身关联',
    '写明另一份数据',
  ],
  [
    'node/load-open',
    'this point of the draft is open',
    'decide it, then take its line out of open',
    '草稿中此点尚未决定',
    '作出决定后，从 open 中删去该行',
  ],
] as const

/** A code of a load file that is not taken. */
export type LoadFaultCode = (typeof rows)[number][0]

/** All rows, for people, for the page of codes and for tests. */
export const loadFaultTexts: readonly TextRow[] = rows
