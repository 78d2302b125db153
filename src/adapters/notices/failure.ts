// Failures of the notices room. No text carries whom a notice was for or what it said.

/** Every code that this room throws, each with its meaning. */
export const noticesFailures = [
  ['notices/unavailable', 'the carrier did not take the notice, or did not answer'],
  ['notices/other-notice', 'another notice stands under this id'],
  ['notices/bad-notice', 'a part of the notice is missing, or longer than it may be'],
  ['notices/bad-answer', 'the carrier says something that has no meaning here'],
] as const

export type NoticeCode = (typeof noticesFailures)[number][0]

/** What keeps a notice from its way. Never fatal: it is sent again under its id. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: NoticeCode
  readonly fatal = false

  constructor(code: NoticeCode, detail: string, cause?: unknown) {
    super(`${code}: ${detail}`, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
