// Why a mapping is not taken, for people: reason and remedy in English and Chinese side by side, so
// that no language can lack a line.
import type { TextRow } from '#blueprint/grammar'

const rows = [
  [
    'node/mapping-not-an-object',
    'here stands an object',
    'write members in braces',
    '此处应为对象',
    '用花括号写出成员',
  ],
  [
    'node/mapping-not-a-text',
    'here stands a text that is not empty',
    'write it in double quotes',
    '此处应为非空文字',
    '用双引号写出',
  ],
  [
    'node/mapping-bad-constant',
    'a constant is a text, a whole number or null',
    'write numbers without a fraction, in the unit of the table',
    '常量只能是文字、整数或 null',
    '数字不带小数，用该表的单位',
  ],
  [
    'node/mapping-unknown-member',
    'the format has no such member here',
    'correct its spelling, or remove it',
    '此处没有这个成员',
    '改正拼写，或删去',
  ],
  [
    'node/mapping-missing-member',
    'a member that is needed is absent',
    'add it',
    '缺少必需的成员',
    '补上该成员',
  ],
  [
    'node/mapping-unknown-word',
    'the word is none of those that are allowed here',
    'choose one of them',
    '不在允许的词之内',
    '从中选一个',
  ],
  [
    'node/mapping-wrong-count',
    'there are more entries than are allowed',
    'leave out what nobody asks for',
    '项数多于允许的数目',
    '删去无人需要的项',
  ],
  [
    'node/mapping-not-one',
    'exactly one way of finding a value is stated',
    'keep one of the ways, or state one',
    '取值的方式须恰好写明一种',
    '只保留一种，或补上一种',
  ],
  [
    'node/mapping-unknown-field',
    'the type has no such field, or computes it itself',
    'name a field of the type, or leave it out',
    '类型中没有此字段，或由类型自行计算',
    '改为类型已有的字段，或删去',
  ],
  [
    'node/mapping-missing-field',
    'the type has a field for which nothing is stated',
    'say where it stands, or that it is a constant',
    '类型的某个字段没有写明取自何处',
    '写明其所在，或写为常量',
  ],
  [
    'node/mapping-unknown-type',
    'no type of this name is known',
    'correct the name and its version',
    '没有此名称的类型',
    '改正名称和版本',
  ],
  [
    'node/mapping-unknown-register',
    'the department has no register of this name',
    'name a register of its configuration',
    '该部门没有此名称的登记系统',
    '改为其配置中的登记系统',
  ],
] as const

/** A code of a mapping that is not taken. */
export type MappingCode = (typeof rows)[number][0]

/** All rows, for people, for the page of codes and for tests. */
export const mappingFaultTexts: readonly TextRow[] = rows
