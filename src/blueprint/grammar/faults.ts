// What the language says no to: a code for programs, the place, and reason and remedy for people,
// in English and Chinese side by side so that no language can lack a line. Codes are part of the
// contract; sentences may change.

/** Languages in which a fault can be explained. */
export type Language = 'zh' | 'en'

/** Code, reason and remedy in English, reason and remedy in Chinese. */
export type TextRow = readonly [
  code: string,
  meaning: string,
  remedy: string,
  reasonZh: string,
  remedyZh: string,
]

const rows = [
  [
    'grammar/bad-json',
    'the text is not JSON at this line and column',
    'correct the text there; strings and names stand in double quotes',
    '此行此列不是合法的 JSON',
    '在此处改正；字符串和成员名须用双引号',
  ],
  [
    'grammar/duplicate-member',
    'an object has a member twice',
    'keep one of the two',
    '对象中同名成员出现两次',
    '只保留其中一个',
  ],
  [
    'grammar/bad-number',
    'not an integer, or outside ±(2^53 - 1)',
    'write an integer: money in fen, rates in basis points',
    '不是整数，或超出 ±(2^53 - 1)',
    '写整数：金额以分计，税率以万分之一计',
  ],
  [
    'grammar/too-deep',
    'arrays and objects nest too deep',
    'nest at most 16',
    '数组和对象嵌套过深',
    '嵌套不超过 16 层',
  ],
  [
    'grammar/oversized',
    'the text is longer than its limit',
    'split the application, or move texts into the text packs',
    '文本超过长度上限',
    '拆分应用单，或把文字移入文字包',
  ],
  [
    'grammar/missing-member',
    'a member that is always needed is missing',
    'add the member',
    '缺少必须有的成员',
    '补上该成员',
  ],
  [
    'grammar/unknown-member',
    'the language has no such member here',
    'remove it, or correct its spelling',
    '此处没有这个成员',
    '删去，或改正拼写',
  ],
  [
    'grammar/wrong-kind',
    'a value of another kind is expected here',
    'write a value of the expected kind',
    '此处应为另一种值',
    '改写为所要求的值',
  ],
  [
    'grammar/not-in-list',
    'not one of the words that are allowed here',
    'choose one of the listed words',
    '不在允许的词之内',
    '从所列的词中选一个',
  ],
  [
    'grammar/bad-form',
    'the text does not have the form that is required here',
    'write it in the form that is named',
    '文字不符合此处要求的写法',
    '按所写的格式改写',
  ],
  [
    'grammar/bad-name',
    'the name has a form that names here cannot have',
    'begin with a small letter and use letters and digits, at most 32',
    '名称的写法不合要求',
    '以小写字母开头，只用字母和数字，不超过 32 个',
  ],
  [
    'grammar/reserved-name',
    'the name is a word of the rules or of the engine and cannot name anything else',
    'choose another name',
    '该名称是规则或引擎的用语，不能另作他用',
    '另取名称',
  ],
  [
    'grammar/bad-span',
    'not a span of time',
    'write a number and wd, d, m or y: 3wd, 60d, 6m, 2y',
    '不是时间段',
    '写数字加 wd、d、m 或 y，如 3wd、60d、6m、2y',
  ],
  [
    'grammar/bad-day',
    'not a day that exists, written YYYY-MM-DD',
    'write a real day with four, two and two digits',
    '不是真实存在的日期（YYYY-MM-DD）',
    '写真实日期，年四位、月日各两位',
  ],
  [
    'grammar/bad-read',
    'not a read: item, fields, then fresh, least and keep in this order',
    'write for example "title.{area,certNo} fresh 1d least register keep 90d"',
    '不是读取项：应为材料、字段，再依次为 fresh、least、keep',
    '例如 "title.{area,certNo} fresh 1d least register keep 90d"',
  ],
  [
    'grammar/unsorted',
    'names that belong in order stand out of order, or one stands twice',
    'sort them by their letters and keep each once',
    '名称未按字母顺序排列，或有重复',
    '按字母顺序排列，每个只写一次',
  ],
  [
    'grammar/duplicate',
    'the list names the same thing twice',
    'keep one of the two',
    '清单中同一事物出现两次',
    '只保留其中一个',
  ],
  [
    'grammar/too-many',
    'the list or table has more entries than the language allows',
    'split the application',
    '条目数超过上限',
    '拆分应用单',
  ],
  [
    'grammar/too-few',
    'the list or table has fewer entries than are needed',
    'add what is missing, or leave the member out',
    '条目数不足',
    '补足，或删去该成员',
  ],
  [
    'grammar/not-together',
    'members that exclude each other stand together',
    'keep the one that is meant',
    '互相排斥的成员同时出现',
    '只保留所要的一个',
  ],
  [
    'grammar/bad-value',
    'the value does not fit its field',
    'write a value of the kind and within the bounds of the field',
    '值与字段不符',
    '按字段的种类和范围改写',
  ],
  [
    'grammar/incomplete',
    'a member needs another one beside it',
    'add the member that is named',
    '该成员须与另一成员同时出现',
    '补上所指的成员',
  ],
  [
    'grammar/missing-type',
    'nobody has given the type that an item names',
    'add the type to the vocabulary, or name one that exists',
    '材料所指的类型不存在',
    '在词汇中加入该类型，或改用已有类型',
  ],
  [
    'grammar/not-canonical',
    'the text is not the canonical text of its value',
    'encode it again: members sorted, no white space',
    '文本不是其值的规范写法',
    '重新编码：成员排序，不留空白',
  ],
] as const

/** Every code of this room. */
export type GrammarCode = (typeof rows)[number][0]

/**
 * A no about a blueprint, type, scenario or text pack: the code, the path of the part that it
 * speaks of (`acts.sign.reads.2`), and where it helps the name or the words that are meant. A
 * detail is for authors: it quotes a document that is published anyway, never a case.
 */
export type Fault<Code extends string = string> = {
  readonly path: string
  readonly code: Code
  readonly detail?: string
}

/** A fault as people read it. */
export type Explained = Fault & { readonly reason: string; readonly remedy: string }

/** All rows, for the page of codes and for tests. */
export const grammarTexts: readonly TextRow[] = rows

/** Makes a fault. */
export function grammarFault(code: GrammarCode, path: string, detail?: string): Fault<GrammarCode> {
  return detail === undefined ? { path, code } : { path, code, detail }
}

/** The fault with reason and remedy in a language, by the rows of the room that gave it. */
export function explainBy(
  texts: readonly TextRow[],
  fault: Fault,
  language: Language,
): Explained | null {
  const row = texts.find(([code]) => code === fault.code)
  if (row === undefined) return null
  const [, meaning, remedy, reasonZh, remedyZh] = row
  if (language === 'en') {
    const reason = fault.detail === undefined ? meaning : `${meaning}: ${fault.detail}`
    return { ...fault, reason, remedy }
  }
  const reason = fault.detail === undefined ? reasonZh : `${reasonZh}：${fault.detail}`
  return { ...fault, reason, remedy: remedyZh }
}
