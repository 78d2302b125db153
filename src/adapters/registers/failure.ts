// Failures of the registers room: what a department's own system does, or is not. No code and no
// text carries a value of a row; a table or column that is missing is named, with those that exist.

type Line = readonly [code: string, en: string, zh: string]

const failures = [
  ['registers/unavailable', 'the system did not answer, or not in time', '系统没有应答或超时'],
  ['registers/refused', 'the system refused the account or the question', '系统拒绝该账户或该查询'],
  ['registers/unknown-table', 'the system has no table of this name', '系统中没有此表'],
  ['registers/unknown-column', 'the table has no column of this name', '表中没有此列'],
  [
    'registers/bad-question',
    'a question without columns, or for more rows than allowed',
    '查询未指明列，或行数超限',
  ],
  ['registers/bad-answer', 'a value has no form that a row may hold', '应答中有不合规的值或页'],
  ['registers/changed', 'the table changed while it was read', '读取期间表发生了变化'],
  ['registers/other-decision', 'another decision stands under this id', '此编号下已有另一项决定'],
  ['registers/bad-address', 'the address of the system cannot be read', '系统地址无法识别'],
] as const

export type RegisterCode = (typeof failures)[number][0]

/** Every code that this room throws, each with its meaning in English and Chinese. */
export const registersFailures: readonly Line[] = failures

const words: ReadonlyMap<string, { readonly zh: string; readonly en: string }> = new Map(
  registersFailures.map(([code, en, zh]) => [code, { zh, en }]),
)

/** A code of this room in words; undefined for codes of others. */
export function registerWordsOf(
  code: string,
): { readonly zh: string; readonly en: string } | undefined {
  return words.get(code)
}

/** What keeps us from an answer. Never fatal: the department's robot asks again later. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: RegisterCode
  readonly fatal = false

  constructor(code: RegisterCode, detail: string, cause?: unknown) {
    super(`${code}: ${detail}`, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
