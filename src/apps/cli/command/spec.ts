// What a command of the terminal is, as data: its words, its options, what it takes. Help, parsing,
// completion and the refusal of unknown options all read the same description.
import type { Answer, Terminal, Text } from '#apps/cli/output'

/** An option `--name`. */
export type Option = {
  /** `flag` has no value; `text` has one; `list` may stand several times. */
  readonly kind: 'flag' | 'text' | 'list'
  readonly about: Text
  /** What stands for the value in help, such as FILE. */
  readonly value?: string
  /** The variable of the environment that counts where the option is absent. */
  readonly env?: string
  readonly required?: boolean
}

/** A word after the command itself. */
export type Operand = { readonly name: string; readonly optional?: boolean; readonly about: Text }

/** What a running command is given. */
export type Ask = {
  readonly terminal: Terminal
  /** The operands by name. */
  readonly operands: { readonly [name: string]: string }
  readonly values: { readonly [option: string]: string }
  readonly lists: { readonly [option: string]: readonly string[] }
  readonly flags: ReadonlySet<string>
  readonly env: { readonly [name: string]: string | undefined }
}

/** One command: `lianban <noun> <verb>`, or one word. */
export type Verb = {
  readonly words: readonly string[]
  readonly about: Text
  readonly operands?: readonly Operand[]
  readonly options?: { readonly [name: string]: Option }
  /** Runs it. What it needs is loaded only now, so that `--help` is quick. */
  readonly run: (ask: Ask) => Promise<Answer>
}
