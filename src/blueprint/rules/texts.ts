// What this room says no to, as a code for programs and as reason and remedy for people, in English
// and Chinese side by side so that no language can lack a line. Codes are part of the contract;
// sentences may change.

import type { Language, TextRow } from '#blueprint/time'

// Words and trees.
const wordRows = [
  [
    'rules/too-long',
    'the text is longer than its limit',
    'split the rule',
    '文本超过长度上限',
    '拆分规则',
  ],
  [
    'rules/bad-character',
    'a character that no word begins with',
    'use ASCII signs and half-width quotes',
    '出现不能用的字符',
    '使用半角符号和半角引号',
  ],
  [
    'rules/bad-name',
    'a name has another form than a word of letters, digits and Chinese characters',
    'name it with one word of at most 64 characters that does not begin with a digit',
    '名称不是由字母、数字、汉字组成的单个词',
    '改成不超过 64 个字符、不以数字开头的单个词',
  ],
  [
    'rules/forbidden-operator',
    'this operator is not in the language',
    'use + - * and rounded division',
    '语言中没有此运算符',
    '使用加、减、乘和带取整的除法',
  ],
  [
    'rules/comment',
    'expressions have no comments',
    'put the explanation into the text pack',
    '表达式中不能写注释',
    '把说明写进文字包',
  ],
  [
    'rules/bad-text',
    'a text in quotes is not closed, or holds a backslash or a control character',
    'close it with " and leave such characters out',
    '引号内的文字未结束，或含反斜杠、控制字符',
    '用 " 结束，并去掉这些字符',
  ],
  [
    'rules/fraction',
    'numbers are integers',
    'count in the smallest unit: fen, basis points, days',
    '数字只能是整数',
    '用最小单位计：分、万分之一、天',
  ],
  [
    'rules/bad-number',
    'an integer has another form than its digits',
    'write digits alone, without a leading zero or an exponent',
    '整数的写法不对',
    '只写数字，不带前导零和指数',
  ],
  [
    'rules/too-large',
    'an integer is above 2^53 - 1',
    'write a smaller one',
    '整数大于 2^53 - 1',
    '改用较小的整数',
  ],
  [
    'rules/syntax',
    'something else is expected here',
    'write it as the grammar of expressions says',
    '此处的写法不合语法',
    '按表达式语法改写',
  ],
  [
    'rules/too-complex',
    'the expression has too many parts',
    'split the rule',
    '表达式的组成部分过多',
    '拆分规则',
  ],
  [
    'rules/too-deep',
    'parts nest too deep',
    'write it flatter, or split the rule',
    '嵌套过深',
    '减少嵌套或拆分规则',
  ],
  [
    'rules/reserved-name',
    'the word is a word of the language and names nothing else',
    'use another name; a field of that name is written item.name or after its record',
    '该词是规则用语，不能另作名称',
    '换一个名称；同名字段写作 item.名称 或写在其记录之后',
  ],
  [
    'rules/duplicate-name',
    'a name stands twice',
    'keep one of the two',
    '名称重复',
    '只保留其中一个',
  ],
  [
    'rules/unknown-function',
    'there is no such function, and none can be defined',
    'use one of the functions of the language',
    '没有这个函数，也不能自定义函数',
    '使用语言提供的函数',
  ],
  [
    'rules/not-constant',
    'only a constant may stand here',
    'write an integer, a text in quotes, true, false, null, a date or a duration',
    '此处只能写常量',
    '写整数、引号内文字、true、false、null、日期或时长',
  ],
  [
    'rules/bad-date',
    'not a day that exists, written YYYY-MM-DD',
    'write a real day with four, two and two digits',
    '不是真实存在的日期（YYYY-MM-DD）',
    '写真实日期，年四位、月日各两位',
  ],
  [
    'rules/bad-duration',
    'not a duration in days, or in years and months',
    'write P30D, P6M, P2Y or P1Y6M',
    '不是以天或以年、月表示的时长',
    '写作 P30D、P6M、P2Y 或 P1Y6M',
  ],
] as const

// Names, kinds and values.
const kindRows = [
  [
    'rules/bad-schema',
    'a declaration of names has another form',
    'declare each name by is, with the members that its kind has',
    '名称声明的形式不对',
    '用 is 声明每个名称，只写该类型所有的成员',
  ],
  [
    'rules/schema-too-large',
    'a declaration has too many names or nests too deep',
    'declare only what the rule reads',
    '声明的名称过多或嵌套过深',
    '只声明规则要读取的内容',
  ],
  [
    'rules/missing-input',
    'a value that is declared is missing',
    'supply it, or declare it optional',
    '缺少已声明的值',
    '补上该值，或声明为可缺',
  ],
  [
    'rules/bad-input',
    'a value is not of the declared kind or not within its bounds',
    'supply a value as declared',
    '值与声明的类型或范围不符',
    '按声明提供值',
  ],
  [
    'rules/input-too-large',
    'the values are more or longer than a rule may read',
    'read less',
    '读取的值过多或过长',
    '减少读取',
  ],
  [
    'rules/unknown-name',
    'the name is not declared here',
    'correct it, or add it to what the act reads',
    '此处没有声明该名称',
    '改正，或把它加入该办理步骤的读取项',
  ],
  [
    'rules/unknown-field',
    'the record has no such field',
    'correct it, or add it to what the act reads',
    '该记录没有这个字段',
    '改正，或把它加入该办理步骤的读取项',
  ],
  [
    'rules/ambiguous-name',
    'the name could be a field of the list or something outside it',
    'write item and a dot before the field',
    '该名称既可指列表的字段，也可指列表之外的内容',
    '在字段前写 item 加点号',
  ],
  [
    'rules/shadowed-name',
    'the name has a meaning here already',
    'choose a new name for the variable',
    '该名称在此处已有含义',
    '给变量另取名称',
  ],
  [
    'rules/wrong-kind',
    'a value of another kind is needed here',
    'use values of the kind that the operator or function takes',
    '此处需要另一种类型的值',
    '使用该运算或函数所要的类型',
  ],
  [
    'rules/not-comparable',
    'values of these kinds are not compared',
    'compare two values of one kind; order only integers, dates and durations',
    '这两种类型的值不能比较',
    '比较同类型的值；只有整数、日期、时长能比大小',
  ],
  [
    'rules/may-be-null',
    'the value may be missing',
    'ask != null before, or give the case in which it is missing a branch of its own',
    '该值可能缺失',
    '先判断 != null，或为缺失的情形单写一支',
  ],
  [
    'rules/different-kinds',
    'the alternatives are of different kinds',
    'give every branch, item or output one kind',
    '各分支的类型不一致',
    '让各分支、各项或各输出为同一类型',
  ],
  [
    'rules/impossible-value',
    'the value is none of those that are declared',
    'correct the spelling, or declare the value',
    '该值不在声明的取值之内',
    '改正拼写，或声明该取值',
  ],
  [
    'rules/argument-count',
    'the function takes another number of arguments',
    'give as many as it takes',
    '函数的参数个数不对',
    '按函数要求给参数',
  ],
  [
    'rules/division',
    'a division says how it is rounded',
    'write floor(a / b), ceiling(a / b) or round half up(a / b, 0)',
    '除法必须写明如何取整',
    '写作 floor(a / b)、ceiling(a / b) 或 round half up(a / b, 0)',
  ],
  [
    'rules/needs-division',
    'rounding takes one division, to whole numbers',
    'write the division as its argument, and 0 as the scale where one is asked',
    '取整函数只作用于一个除法，结果为整数',
    '参数写成除法；要求位数时写 0',
  ],
  [
    'rules/zero-divisor',
    'the divisor may be zero',
    'declare a lower bound of 1, or divide by a constant',
    '除数可能为零',
    '声明下限为 1，或除以常量',
  ],
  [
    'rules/overflow',
    'a result is beyond ±(2^53 - 1), or a date beyond the years 1583 to 9999',
    'bound the values, or count in larger units',
    '结果超出 ±(2^53 - 1)，或日期超出 1583 至 9999 年',
    '限制取值范围，或改用较大的单位',
  ],
  [
    'rules/out-of-gas',
    'the rule takes more steps than are allowed',
    'shorten the lists that it walks over',
    '规则执行的步数超过上限',
    '缩短它遍历的列表',
  ],
] as const

// Tables.
const tableRows = [
  [
    'rules/bad-rule',
    'a rule is an expression under feel, or a table of hit, in, out and rows',
    'give exactly these members',
    '规则应为 feel 表达式，或由 hit、in、out、rows 组成的表',
    '只写这些成员',
  ],
  [
    'rules/bad-hit-policy',
    'there is no such hit policy',
    'use U, A, F, C, C+, C< or C>',
    '没有这种命中策略',
    '使用 U、A、F、C、C+、C< 或 C>',
  ],
  [
    'rules/table-too-large',
    'the table is too large to be checked',
    'split the table',
    '表过大，无法检查',
    '拆分表',
  ],
  [
    'rules/bad-row',
    'a row has not one cell for each input and output',
    'write - where any value will do',
    '某行的单元格数与输入、输出列数不符',
    '任意值处写 -',
  ],
  [
    'rules/bad-column',
    'only yes or no, integers, texts, dates and durations head an input column',
    'head the column with an expression that gives one of these',
    '输入列只能是真假、整数、文字、日期或时长',
    '改用结果为这些类型的表达式',
  ],
  [
    'rules/incomplete',
    'no row matches these values',
    'add a row for them',
    '没有一行适用于这些取值',
    '为它们补一行',
  ],
  [
    'rules/overlap',
    'two rows match the same values',
    'tighten one of them, or use the hit policy F if the order is meant',
    '两行适用于相同的取值',
    '收紧其中一行；若以先后为准，用命中策略 F',
  ],
  [
    'rules/unreachable-row',
    'the row is never used',
    'remove it, or move it up',
    '该行永远用不到',
    '删去，或上移',
  ],
  [
    'rules/no-row',
    'no row matches',
    'nothing may be decided by this rule; a person decides',
    '没有适用的行',
    '不能依此规则作出结果，由人工决定',
  ],
  [
    'rules/many-rows',
    'more than one row matches',
    'nothing may be decided by this rule; a person decides',
    '有多行适用',
    '不能依此规则作出结果，由人工决定',
  ],
] as const

/** Every code of this room. */
export type RuleCode =
  | (typeof wordRows)[number][0]
  | (typeof kindRows)[number][0]
  | (typeof tableRows)[number][0]

/**
 * A no about a rule or its inputs: the code, and the place. A place is a path in the document
 * (`rows.2.1`) and, within a text, an offset in UTF-16 code units behind `@`. The detail helps the
 * author: a name or cells of the published rule, never a value of a case.
 */
export type Fault = { readonly path: string; readonly code: RuleCode; readonly detail?: string }

/** A fault as people read it. */
export type Explained = Fault & { readonly reason: string; readonly remedy: string }

/** All rows, for the page of codes and for tests. */
export const ruleTexts: readonly TextRow[] = [...wordRows, ...kindRows, ...tableRows]

const byCode: ReadonlyMap<string, TextRow> = new Map(ruleTexts.map((row) => [row[0], row]))

/** Makes a fault. */
export function ruleFault(code: RuleCode, path: string, detail?: string): Fault {
  return detail === undefined ? { path, code } : { path, code, detail }
}

/** Tells a fault from every other result of this room; no other has a member `code`. */
export function isFault(result: unknown): result is Fault {
  return typeof result === 'object' && result !== null && 'code' in result
}

/** The fault with reason and remedy in a language. */
export function explainRule(fault: Fault, language: Language): Explained {
  const [, meaning, remedy, reasonZh, remedyZh] = byCode.get(fault.code) as TextRow
  const [reason, help] = language === 'zh' ? [reasonZh, remedyZh] : [meaning, remedy]
  if (fault.detail === undefined) return { ...fault, reason, remedy: help }
  const colon = language === 'zh' ? '：' : ': '
  return { ...fault, reason: `${reason}${colon}${fault.detail}`, remedy: help }
}
