// How a command of the terminal ends when it does not end well: a code, a place, a sentence and a
// remedy, and the exit code that scripts go by.
import type { Text } from './language.ts'

/** Exit codes (assurance.md §13.1). They are part of the contract. */
export const exits = {
  ok: 0,
  failure: 1,
  usage: 2,
  unverified: 3,
  unavailable: 4,
  conflict: 5,
} as const

export type Exit = (typeof exits)[keyof typeof exits]

export type StopParts = {
  readonly code: string
  readonly exit: Exit
  /** Where: an option, a file, an entry. Shown as given. */
  readonly at?: string | undefined
  /** What happened, where the code's own meaning does not say enough. */
  readonly text?: Text | undefined
  /** What to do about it. */
  readonly remedy?: Text | undefined
  /** Further members of the answer for programs. */
  readonly more?: { readonly [name: string]: unknown } | undefined
}

/** Ends the command. Thrown anywhere, printed once. */
export class Stop extends Error {
  override readonly name = 'Stop'
  readonly code: string
  readonly exit: Exit
  readonly at: string | undefined
  readonly text: Text | undefined
  readonly remedy: Text | undefined
  readonly more: StopParts['more']

  constructor({ code, exit, at, text, remedy, more }: StopParts) {
    super(at === undefined ? code : `${code} at ${at}`)
    this.code = code
    this.exit = exit
    this.at = at
    this.text = text
    this.remedy = remedy
    this.more = more
  }
}
