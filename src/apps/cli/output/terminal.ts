// The terminal: results on stdout, everything else on stderr. It promises one JSON value and
// nothing else on stdout under `--json`, no colour where NO_COLOR is set or nobody looks, lines
// that fit where somebody looks, and no word of progress from what takes less than a second or
// where nobody looks.
import process from 'node:process'
import { styleText } from 'node:util'
import type { Text, Language } from './language.ts'
import { foldLines, tableLines } from './table.ts'
import type { TableForm } from './table.ts'

/** Where text goes. */
export type Stream = {
  readonly isTTY?: boolean | undefined
  /** Cells of a line, where somebody looks. */
  readonly columns?: number | undefined
  write(text: string): unknown
}

export type TerminalOptions = {
  readonly language: Language
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly out?: Stream
  readonly err?: Stream
  /** Milliseconds; only differences count. */
  readonly clock?: () => number
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

/** Lines are never folded to fewer cells than these. */
const columnsMin = 40

export class Terminal {
  readonly language: Language
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly #out: Stream
  readonly #err: Stream
  readonly #clock: () => number

  constructor({ language, json, quiet, verbose, out, err, clock }: TerminalOptions) {
    this.language = language
    this.json = json
    this.quiet = quiet
    this.verbose = verbose
    this.#out = out ?? process.stdout
    this.#err = err ?? process.stderr
    this.#clock = clock ?? (() => performance.now())
  }

  /** The sentence in the language of this terminal. */
  words(zh: string, en: string): string {
    return this.language === 'zh' ? zh : en
  }

  of(text: Text): string {
    return text[this.language]
  }

  /** Lines of a table, folded to the width of the terminal. Not folded where nobody looks. */
  table(rows: readonly (readonly string[])[], form: TableForm = {}): readonly string[] {
    return tableLines(rows, { width: widthOf(this.#out), ...form })
  }

  /** A sentence as lines that fit the terminal. Not folded where nobody looks. */
  fold(sentence: string): readonly string[] {
    const width = widthOf(this.#out)
    return width === Infinity ? [sentence] : foldLines(sentence, width, '  ')
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
    const width = widthOf(this.#err)
    const lines = width === Infinity ? [line] : foldLines(line, width, '  ')
    for (const each of lines) this.#err.write(`${each}\n`)
  }

  /**
   * Something that may take long: how much is done, at what rate, and what rest there is. Call the
   * result with what is done, and with nothing at its end. Silent where nobody looks.
   */
  progress(zh: string, en: string): (done?: number, of?: number) => void {
    const began = this.#clock()
    let last = began + patienceMs - everyMs
    let shown = false
    return (done, of) => {
      const now = this.#clock()
      const ends = done === undefined
      if (this.quiet || this.#err.isTTY !== true) return
      if (ends ? !shown : now - last < everyMs) return
      last = now
      shown = true
      const so = ends ? doneMark(now - began) : this.#share(done, of, (now - began) / 1000)
      this.#err.write(`\r\u001b[K${this.words(zh, en)} ${so}`)
      if (ends) this.#err.write('\n')
    }
  }

  #share(done: number, of: number | undefined, seconds: number): string {
    const rate = done / seconds
    const rounded = grouped(rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate))
    const pace = this.words(`每秒 ${rounded}`, `${rounded}/s`)
    const separator = this.words('，', ', ')
    if (of === undefined || of < done || of === 0) return `${grouped(done)}${separator}${pace}`
    const rest = Math.ceil((of - done) / Math.max(rate, 0.001))
    const left = this.words(`约余 ${rest} 秒`, `about ${rest} s left`)
    const part = `${grouped(done)}/${grouped(of)} (${Math.floor((100 * done) / of)} %)`
    return [part, pace, left].join(separator)
  }
}

/** Cells of a line where somebody looks; no limit elsewhere. */
function widthOf({ isTTY, columns = 0 }: Stream): number {
  return isTTY === true && columns > 0 ? Math.max(columnsMin, columns) : Infinity
}

/** A number with its thousands apart. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

function doneMark(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
