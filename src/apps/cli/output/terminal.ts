// The terminal: results on stdout, everything else on stderr. It promises one JSON value and
// nothing else on stdout under `--json`, no colour where NO_COLOR is set or nobody looks, and no
// word of progress from what takes less than a second.
import process from 'node:process'
import { styleText } from 'node:util'
import type { Text, Language } from './language.ts'

/** Where text goes. */
export type Stream = {
  readonly isTTY?: boolean | undefined
  write(text: string): unknown
}

export type TerminalOptions = {
  readonly language: Language
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly out?: Stream
  readonly err?: Stream
}

/** How a word stands out. */
export type Style = 'good' | 'warn' | 'bad' | 'dim' | 'bold'

const colours = {
  good: 'green',
  warn: 'yellow',
  bad: 'red',
  dim: 'dim',
  bold: 'bold',
} as const satisfies Record<Style, Parameters<typeof styleText>[0]>

/** What a command answers: the same thing for a program and for a person. */
export type Answer = {
  /** Members of the JSON object under `--json`. */
  readonly data: { readonly [name: string]: unknown }
  readonly lines: readonly string[]
  /** 0 when absent. */
  readonly exit?: number
}

/** Progress after this many milliseconds, and then no more often than the second. */
const patienceMs = 1000
const everyMs = 500

export class Terminal {
  readonly language: Language
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly #out: Stream
  readonly #err: Stream

  constructor({ language, json, quiet, verbose, out, err }: TerminalOptions) {
    this.language = language
    this.json = json
    this.quiet = quiet
    this.verbose = verbose
    this.#out = out ?? process.stdout
    this.#err = err ?? process.stderr
  }

  /** The sentence in the language of this terminal. */
  words(zh: string, en: string): string {
    return this.language === 'zh' ? zh : en
  }

  of(text: Text): string {
    return text[this.language]
  }

  /** The text in a colour, where stdout shows colours. */
  paint(style: Style, text: string): string {
    const { isTTY } = this.#out
    if (isTTY !== true || this.json || process.env['NO_COLOR']) return text
    return styleText(colours[style], text, { validateStream: false })
  }

  /** Prints the result of a command. */
  answer({ data, lines }: Answer): void {
    if (this.json) this.#out.write(`${JSON.stringify(data)}\n`)
    else for (const line of lines) this.#out.write(`${line}\n`)
  }

  /** A line of a result that comes piece by piece: as JSON, one object a line. */
  piece(data: { readonly [name: string]: unknown }, line: string): void {
    this.#out.write(this.json ? `${JSON.stringify(data)}\n` : `${line}\n`)
  }

  /** A line beside the result, on stderr; silent under `--quiet`. */
  note(line: string): void {
    if (!this.quiet) this.#err.write(`${line}\n`)
  }

  /** A line that nobody may miss. */
  shout(line: string): void {
    this.#err.write(`${line}\n`)
  }

  /**
   * Something that may take long. Call the result with what is done, and with nothing at its end.
   */
  progress(zh: string, en: string): (done?: number, of?: number) => void {
    const began = performance.now()
    let last = began + patienceMs - everyMs
    let shown = false
    return (done, of) => {
      const now = performance.now()
      const ends = done === undefined
      if (this.quiet || (ends ? !shown : now - last < everyMs)) return
      last = now
      shown = true
      this.#progressLine(`${this.words(zh, en)} ${ends ? doneMark(now - began) : share(done, of)}`)
      if (ends && this.#err.isTTY === true) this.#err.write('\n')
    }
  }

  #progressLine(line: string): void {
    this.#err.write(this.#err.isTTY === true ? `\r\u001b[K${line}` : `${line}\n`)
  }
}

function share(done: number, of: number | undefined): string {
  if (of === undefined || of === 0) return String(done)
  return `${done}/${of} (${Math.floor((100 * done) / of)} %)`
}

function doneMark(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
