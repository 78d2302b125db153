// Failures of the registers room: what a department's own system does, or is not. No code and no
// text carries a value of a row; a table or column that is missing is named, with those that exist.

/** Every code that this room throws, each with its meaning. */
export const registersFailures = [
  ['registers/unavailable', 'the system did not answer, or not in time'],
  ['registers/refused', 'the system refused the account or the question'],
  ['registers/unknown-table', 'the system has no table of this name'],
  ['registers/unknown-column', 'the table has no column of this name'],
  ['registers/bad-question', 'a question without columns, or for more rows than allowed'],
  ['registers/bad-answer', 'a value has no form that a row may hold'],
  ['registers/other-decision', 'another decision stands under this id'],
  ['registers/bad-address', 'the address of the system cannot be read'],
] as const

export type RegisterCode = (typeof registersFailures)[number][0]

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
