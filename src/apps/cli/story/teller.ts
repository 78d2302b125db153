// How a story is told on a terminal: numbered scenes in the language of the terminal, what each of
// them led to, and the practice clock beside it, marked as practice wherever it stands. No line is
// wider than a terminal usually is.
import type { Language, Terminal } from '#apps/cli/output'
import { foldLines } from '#apps/cli/output'

const chinaMs = 28_800_000

/** Cells of a line at most. */
const widthMax = 96

/** The moment of a practice clock in China, `YYYY-MM-DD hh:mm`. */
export function momentOf(ms: number): string {
  return new Date(ms + chinaMs).toISOString().slice(0, 16).replace('T', ' ')
}

/** Tells; silent where a program listens. */
export class Teller {
  readonly #terminal: Terminal
  #scene = 0
  #now: () => number = () => 0

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** From now on scenes show this clock, Unix milliseconds. */
  by(now: () => number): void {
    this.#now = now
  }

  get language(): Language {
    return this.#terminal.language
  }

  /** The sentence in the language of the story. */
  words(zh: string, en: string): string {
    return this.#terminal.words(zh, en)
  }

  /** A scene: what happens. */
  scene(zh: string, en: string): void {
    this.#scene += 1
    const at = this.#now()
    const moment = at === 0 ? '' : this.words('时钟 ', ' clock ') + momentOf(at)
    const clock = ` [${this.words('练习', 'practice')}${moment}]`
    const number = this.#terminal.paint('bold', `${this.#scene}.`)
    this.#say(`\n${number}${this.#terminal.paint('dim', clock)}`)
    for (const line of this.#folded(this.words(zh, en), '   ')) this.#say(line)
  }

  /** Something that follows in a scene. */
  line(zh: string, en: string): void {
    const [first = '', ...others] = this.#folded(this.words(zh, en), '     ')
    this.#say(`   · ${first.trimStart()}`)
    for (const line of others) this.#say(line)
  }

  /** Lines as they were printed or are kept. */
  quote(said: string): void {
    for (const line of said.trimEnd().split('\n')) {
      const own = /^ */.exec(line)?.[0] ?? ''
      for (const part of foldLines(line, widthMax - 5, `${own}    `)) {
        this.#say(this.#terminal.paint('dim', `   | ${part}`))
      }
    }
  }

  /** How long the telling took, as the last line of a story. */
  took(seconds: number): readonly string[] {
    return ['', this.words(`用时 ${seconds} 秒`, `told in ${seconds} s`)]
  }

  #folded(text: string, indent: string): readonly string[] {
    return foldLines(indent + text, widthMax, indent)
  }

  #say(text: string): void {
    if (!this.#terminal.json) this.#terminal.piece({}, text)
  }
}
